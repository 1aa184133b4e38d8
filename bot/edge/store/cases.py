"""Cases: reports and signals about one person, added up for people, who read them and decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

import msgspec
from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cases import at_once, told_at, with_signals
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import write_down
from bot.edge.store.keep import Keep
from bot.edge.store.notices import Topic, leave
from bot.edge.store.rows import (
    REPORTS,
    WAITING,
    StoredReport,
    concerns,
    involve,
    open_case,
    read_case,
    save_case,
    weigh,
    with_numbers,
    with_words,
)
from bot.edge.store.shapes import DeskCase
from bot.edge.store.traces import NOTHING_LEFT, Left, keep_traces
from bot.edge.tables import cases, clippings, reports
from bot.model import Case, Evidence, Kind, Outcome, ReportReason
from bot.tally import Tally, Threshold, tally


class UnseenError(Exception):
    """A report has come, or was taken back, since whoever decides has looked; nothing was decided."""


class Clipping(msgspec.Struct, frozen=True):
    """Words that were kept though nobody reported them: an adult toward a teen."""

    chat: str
    at: float
    evidence: Evidence


class Cases:
    """What people decide about. Whoever a case concerns does not see it, and does not decide on it."""

    def __init__(self, database: Database, seal: Seal, keep: Keep, thresholds: Mapping[ReportReason, Threshold]) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep = keep
        self._thresholds = thresholds

    # --- what is added -----------------------------------------------------------------------------------------------

    async def note_signals(
        self,
        about: str,
        chat: str,
        kinds: Iterable[Kind],
        *,
        urgent: bool,
        now: float,
        case_id: str,
        people: Iterable[str] = (),
        left: Left = NOTHING_LEFT,
        evidence: Evidence | None = None,
        noticed: Kind | None = None,
    ) -> Case:
        """Add signals of one chat to the open case about a person, a new one called ``case_id`` if there is none.

        ``noticed`` is what people are to look at, though it may be no more than likely: it does not count.
        ``people`` took part in that chat: they never see the case. ``left`` are traces; ``evidence`` is kept for a short time.
        """
        async with self._database.write() as connection:
            await self._database.lock(connection, about)
            before = await open_case(connection, about)
            found = with_signals(before, about, chat, kinds, urgent=urgent, now=now, case_id=case_id, noticed=noticed)
            await save_case(self._database, connection, found, now + self._keep.reports)
            found = await weigh(connection, found, now, self._thresholds)
            await save_case(self._database, connection, found, now + self._keep.reports)
            await involve(self._database, connection, found.id, {about, *people}, (chat,))
            for person, traces in left.items():
                await keep_traces(self._database, connection, person, chat, traces, now + self._keep.traces)
            if evidence is not None:
                row = {"at": now, "forget_at": now + self._keep.clippings, "sealed": self._seal.lock("", evidence)}
                kept = self._database.insert(clippings).values(case_id=found.id, chat=chat, **row)
                await connection.execute(kept.on_conflict_do_update(index_elements=["case_id", "chat"], set_=row))
            return found

    # --- what is read ------------------------------------------------------------------------------------------------

    async def all(self, *, open_only: bool = True) -> tuple[Case, ...]:
        """All cases, those that go first at the top. For few: the desk reads the queue by pages."""
        which = WAITING if open_only else cases.c.id.is_not(None)
        async with self._database.read() as connection:
            query = select(cases.c.id, cases.c.body).where(which).order_by(cases.c.turn, cases.c.opened_at, cases.c.id)
            rows = (await connection.execute(query)).all()
            query = select(reports.c.case_id, reports.c.number).join(cases).where(which).order_by(reports.c.at, reports.c.number)
            numbers: dict[str, tuple[str, ...]] = {}
            for case_id, number in await connection.execute(query):
                numbers[case_id] = (*numbers.get(case_id, ()), number)
        return tuple(with_numbers(row.body, numbers.get(row.id, ())) for row in rows)

    async def find(self, case_id: str) -> tuple[Case, tuple[StoredReport, ...]] | None:
        """One case with its reports, their words and evidence."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(cases).where(cases.c.id == case_id))).one_or_none()
            if row is None:
                return None
            query = REPORTS.where(reports.c.case_id == case_id).order_by(reports.c.at, reports.c.number)
            found = tuple(with_words(report, self._seal) for report in await connection.execute(query))
        return with_numbers(row.body, tuple(report.number for report in found)), found

    def tally(self, found: DeskCase, now: float) -> Tally:
        """The arithmetic of a case in sentences: what calls for a decision, what does not yet, what is counted apart."""
        return tally(found.counted, found.line.case, now, self._thresholds)

    async def clippings(self, case_id: str) -> tuple[Clipping, ...]:
        """The words that were kept of an adult toward a teen, as far as the key opens them."""
        query = select(clippings).where(clippings.c.case_id == case_id).order_by(clippings.c.at)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        opened = ((row, self._seal.unlock(row.sealed)) for row in rows)
        return tuple(Clipping(row.chat, row.at, words[1]) for row, words in opened if words is not None)

    # --- what is done ------------------------------------------------------------------------------------------------

    async def mark_read(self, case_id: str, by: str, now: float) -> None:
        """Write down that a person looked at a case: every report in it was read, and each reporter hears of it once."""
        async with self._database.write() as connection:
            if not (await connection.execute(select(exists().where(cases.c.id == case_id)))).scalar_one():
                return
            unread = (reports.c.case_id == case_id) & reports.c.read_at.is_(None)
            await read_first(self._database, connection, unread, now, self._keep)
            await write_down(connection, now, by, "read", case_id)

    async def decide(self, case_id: str, by: str, outcome: Outcome, now: float, rng: Random, *, newest: str | None = None) -> bool:
        """Close a case with an outcome, once, unless it concerns the one who decides; what is reported later opens a new one.

        ``newest`` is the number of the last report that they know of, empty for none. Raises ``UnseenError`` if it is another one by now.
        Whoever decides has read; every reporter hears what kind of outcome it was. The host is asked to act, and the reported person
        hears, at a moment that tells nobody who reported; where a teen is in danger the host is asked at once.
        """
        async with self._database.write() as connection:
            found = await read_case(connection, (cases.c.id == case_id) & cases.c.closed_at.is_(None) & ~concerns(by))
            if found is None:
                return False
            if newest is not None and newest != next(reversed(found.reports), ""):
                raise UnseenError
            closing = {"closed_at": now, "outcome": outcome, "forget_at": now + self._keep.reports}
            await connection.execute(update(cases).where(cases.c.id == case_id).values(closing))
            read = update(reports).where(reports.c.case_id == case_id, reports.c.read_at.is_(None))
            await connection.execute(read.values(read_at=now))
            await self._tell_reporters(connection, case_id, outcome, now)
            if outcome is not Outcome.NO_BREACH:
                await self._tell_the_other_side(connection, found, outcome, now, rng)
            await write_down(connection, now, by, f"decide {outcome}", case_id)
            return True

    async def _tell_reporters(self, connection: AsyncConnection, case_id: str, outcome: Outcome, now: float) -> None:
        topic = Topic.NO_BREACH if outcome is Outcome.NO_BREACH else Topic.ACTED
        query = select(reports.c.number, reports.c.by, reports.c.chat).where(reports.c.case_id == case_id)
        for row in (await connection.execute(query)).all():
            key, forget_at = f"outcome {row.number}", now + self._keep.reports
            await leave(self._database, connection, key, row.by, topic, due_at=now, forget_at=forget_at, chat=row.chat, outcome=outcome)

    async def _tell_the_other_side(self, connection: AsyncConnection, found: Case, outcome: Outcome, now: float, rng: Random) -> None:
        due_at = now if at_once(found, outcome) else told_at(now, rng)
        forget_at = now + self._keep.reports
        told: list[tuple[str, str]] = [("", Topic.ASK)]
        topic = {Outcome.COACH: Topic.COACHED, Outcome.WARN: Topic.WARNED}.get(outcome)
        if topic is not None and not found.about.startswith("chat:"):
            told.append((found.about, topic))
        for person, what in told:
            await leave(
                self._database,
                connection,
                f"{what} {found.id} {now}",
                person,
                what,
                due_at=due_at,
                forget_at=forget_at,
                case=found.id,
                about=found.about,
                outcome=outcome,
            )


async def read_first(database: Database, connection: AsyncConnection, unread: ColumnElement[bool], now: float, keep: Keep) -> list[str]:
    """These reports were read by a person: each reporter hears of it once. Gives their numbers."""
    done = update(reports).where(unread, reports.c.withdrawn_at.is_(None)).values(read_at=now)
    rows = (await connection.execute(done.returning(reports.c.number, reports.c.by, reports.c.chat))).all()
    for row in rows:
        key, forget_at = f"read {row.number}", now + keep.reports
        await leave(database, connection, key, row.by, Topic.READ, due_at=now, forget_at=forget_at, chat=row.chat)
    return sorted(row.number for row in rows)
