"""What people do with a case: take it up, read it, note, decide, hear an appeal. Nobody does any of it to a case they are part of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import THE_PERSON, known_as, write_down
from bot.edge.store.cases import read_first
from bot.edge.store.keep import Keep
from bot.edge.store.notices import Topic, leave
from bot.edge.store.sight import Viewer, shown_to
from bot.edge.tables import audit, cases, notes, reports
from bot.model import Evidence, Outcome


class Casework:
    """Acts on cases. Each is written down in the record, in the same transaction."""

    def __init__(self, database: Database, seal: Seal, keep: Keep) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep = keep

    async def claim(self, viewer: Viewer, case_id: str, now: float, *, over: bool = False) -> bool:
        """Take a case, so that two do not work on it at once; ``over`` takes it from somebody else."""
        free = or_(cases.c.claimed_by.is_(None), cases.c.claimed_by == viewer.person)
        mine = update(cases).where(_workable(), *(() if over else (free,))).values(claimed_by=viewer.person, claimed_at=now)
        return await self._done(viewer, case_id, mine, now, "take over" if over else "claim")

    async def release(self, viewer: Viewer, case_id: str, now: float) -> bool:
        """Give a case back that one has claimed."""
        freed = update(cases).where(cases.c.claimed_by == viewer.person).values(claimed_by=None, claimed_at=None)
        return await self._done(viewer, case_id, freed, now, "release")

    async def read(self, viewer: Viewer, case_id: str, numbers: Iterable[str] | None, now: float) -> bool:
        """A person has read these reports, or all of the case: each was read when it was read first."""
        async with self._database.write() as connection:
            if not await _is_there(connection, viewer, case_id):
                return False
            unread = and_(reports.c.case_id == case_id, reports.c.read_at.is_(None))
            if numbers is not None:
                unread = and_(unread, reports.c.number.in_(list(numbers)))
            for number in await read_first(self._database, connection, unread, now, self._keep):
                await write_down(connection, now, viewer.person, f"read {number}", case_id)
            return True

    async def note(self, viewer: Viewer, case_id: str, text: str, now: float) -> bool:
        """Write something down for the others at the desk."""
        async with self._database.write() as connection:
            if not await _is_there(connection, viewer, case_id):
                return False
            sealed = self._seal.lock(text, Evidence(()))
            await connection.execute(insert(notes).values(case_id=case_id, at=now, by=viewer.person, sealed=sealed))
            await write_down(connection, now, viewer.person, "note", case_id)
            return True

    async def appeal(self, case_id: str, text: str, now: float) -> bool:
        """The one whom a decision is about asks that somebody else looks again: once."""
        async with self._database.write() as connection:
            decided = and_(cases.c.id == case_id, cases.c.closed_at.is_not(None), cases.c.appealed_at.is_(None))
            sealed = self._seal.lock(text, Evidence(()))
            asked = update(cases).where(decided, cases.c.outcome != Outcome.NO_BREACH)
            asked = asked.values(appealed_at=now, appeal=sealed, claimed_by=None, claimed_at=None).returning(cases.c.id)
            if (await connection.execute(asked)).scalar_one_or_none() is None:
                return False
            # Who appeals is the one the case is about; a record that outlives an erasure does not name them.
            await write_down(connection, now, THE_PERSON, "appeal", case_id)
            return True

    async def answer(self, viewer: Viewer, case_id: str, outcome: Outcome, now: float) -> bool:
        """Decide again after an appeal, never the one who decided first. The person hears of it; the host if it is to act otherwise."""
        decided = exists().where(audit.c.subject == case_id, audit.c.actor == known_as(viewer.person), audit.c.act.like("decide %"))
        waiting = and_(cases.c.id == case_id, shown_to(viewer), cases.c.appealed_at.is_not(None), cases.c.answered_at.is_(None), ~decided)
        async with self._database.write() as connection:
            before = (await connection.execute(select(cases.c.about, cases.c.outcome).where(waiting).with_for_update())).one_or_none()
            if before is None:
                return False
            answered = update(cases).where(cases.c.id == case_id).values(answered_at=now, outcome=outcome.value)
            await connection.execute(answered)
            same, kept = before.outcome == outcome, {"due_at": now, "forget_at": now + self._keep.reports, "about": before.about}
            if not before.about.startswith("chat:"):
                topic = Topic.UPHELD if same else Topic.REVISED
                await leave(self._database, connection, f"answer {case_id}", before.about, topic, **kept)
            if not same:
                await leave(self._database, connection, f"revise {case_id}", "", Topic.ASK, case=case_id, outcome=outcome, **kept)
            await write_down(connection, now, viewer.person, f"answer the appeal {outcome}", case_id)
            return True

    async def _done(self, viewer: Viewer, case_id: str, change: Update, now: float, act: str) -> bool:
        changed: Any = change.where(cases.c.id == case_id, shown_to(viewer)).returning(cases.c.id)
        async with self._database.write() as connection:
            if (await connection.execute(changed)).scalar_one_or_none() is None:
                return False
            await write_down(connection, now, viewer.person, act, case_id)
            return True


def _workable() -> ColumnElement[bool]:
    """Open, or with an appeal to be answered."""
    return or_(cases.c.closed_at.is_(None), and_(cases.c.appealed_at.is_not(None), cases.c.answered_at.is_(None)))


async def _is_there(connection: AsyncConnection, viewer: Viewer, case_id: str) -> bool:
    found = select(cases.c.id).where(cases.c.id == case_id, shown_to(viewer))
    return (await connection.execute(found)).scalar_one_or_none() is not None
