"""The life of what is kept: forgotten when its time is over, handed out to the one it is about, erased when they ask for it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Table, delete, exists, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import COMMAND_LINE, SOFTWARE, WRITE_DOWN, alias_of, known_as, write_down
from bot.edge.store.keep import DAY, Keep
from bot.edge.store.notices import MOST_TRIES
from bot.edge.store.rows import REPORTS, WAITING, stored, with_numbers
from bot.edge.tables import (
    aliases,
    audit,
    cases,
    clippings,
    counts,
    erasures,
    involved,
    notes,
    notices,
    person_memories,
    referrals,
    reports,
    sessions,
    traces,
    used_tokens,
)
from bot.model import Evidence, Outcome, Standing

AT_A_TIME = 500


class Life:
    """Forgets, hands out, erases."""

    def __init__(self, database: Database, seal: Seal, keep: Keep) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep = keep

    # --- forgetting --------------------------------------------------------------------------------------------------

    async def forget(self, now: float) -> dict[str, int]:
        """Delete what has been kept long enough, and do the erasures that need not wait any more. Gives how many of each kind."""
        async with self._database.write() as connection:
            done = {"reports": await self._forget_reports(connection, now)}
            old = (cases.c.forget_at <= now) & ~exists().where(reports.c.case_id == cases.c.id)
            kinds: tuple[tuple[Table, Any], ...] = (
                (cases, old),
                (clippings, clippings.c.forget_at <= now),
                (traces, traces.c.forget_at <= now),
                (notices, notices.c.forget_at <= now),
                (referrals, referrals.c.at <= now - self._keep.referrals),
                (person_memories, person_memories.c.kept_at <= now - self._keep.memories),
                (used_tokens, used_tokens.c.expires <= now),
                (sessions, sessions.c.until <= now),
                (counts, counts.c.day < (now - self._keep.counts) // DAY),
            )
            for table, over in kinds:
                done[table.name.replace("_", " ")] = (await connection.execute(delete(table).where(over))).rowcount
            waiting = (await connection.execute(select(erasures.c.person_id))).scalars().all()
            done["erasures"] = sum([await self._erase(connection, person, now) for person in waiting])
            return done

    async def _forget_reports(self, connection: AsyncConnection, now: float) -> int:
        gone = await connection.execute(delete(reports).where(reports.c.forget_at <= now).returning(reports.c.number, reports.c.case_id))
        rows = gone.all()
        numbers, touched = [row.number for row in rows], {row.case_id for row in rows if row.case_id is not None}
        if numbers:
            lines = [{"at": now, "actor": SOFTWARE, "act": "forget", "subject": number} for number in numbers]
            await connection.execute(insert(audit), lines)
        for some in _portions(numbers):
            await connection.execute(delete(traces).where(traces.c.source.in_(some)))
        # An open case whose reports are all forgotten, and that nothing raised, is nothing to be read any more.
        empty = (cases.c.turn == Standing.REPORTED.turn) & ~exists().where(reports.c.case_id == cases.c.id)
        for some in _portions(sorted(touched)):
            await connection.execute(update(cases).where(cases.c.id.in_(some), empty).values(turn=Standing.SEEN.turn))
        return len(numbers)

    async def reseal(self) -> int:
        """Encrypt with the newest key what was encrypted with an older one, so that the old one can go. Gives how much that was."""
        changed = 0
        locked_in = (
            (reports, ("number",), reports.c.sealed),
            (clippings, ("case_id", "chat"), clippings.c.sealed),
            (notes, ("id",), notes.c.sealed),
            (cases, ("id",), cases.c.appeal),
        )
        for table, names, sealed in locked_in:
            keys = [table.c[name] for name in names]
            async with self._database.read() as connection:
                known = (await connection.execute(select(*keys).where(sealed.is_not(None)))).all()
            for some in _portions(known):
                async with self._database.write() as connection:
                    for key in some:
                        this = [column == value for column, value in zip(keys, key, strict=True)]
                        query = select(sealed).where(*this).with_for_update()
                        locked = (await connection.execute(query)).scalar_one_or_none()
                        again = None if locked is None else self._seal.relock(locked)
                        if again is not None:
                            await connection.execute(update(table).where(*this).values({sealed.name: again}))
                            changed += 1
        return changed

    # --- handing out -------------------------------------------------------------------------------------------------

    async def export(self, person: str, now: float) -> dict[str, Any]:
        """All that is kept of a person and theirs to have: no report by anybody else, nothing that an open case holds."""
        async with self._database.write() as connection:
            alias = await alias_of(connection, person)
            await write_down(connection, now, COMMAND_LINE, "export", alias)
        async with self._database.read() as connection:
            memory = (await connection.execute(select(person_memories.c.body).where(person_memories.c.person_id == person))).scalar()
            own = (await connection.execute(REPORTS.where(reports.c.by == person).order_by(reports.c.at, reports.c.number))).all()
            query = select(referrals.c.chat, referrals.c.at, referrals.c.reason).where(referrals.c.by == person)
            referred = (await connection.execute(query.order_by(referrals.c.at))).all()
            query = select(notices.c.topic, notices.c.shown_at).where(notices.c.person_id == person, notices.c.shown_at.is_not(None))
            shown = (await connection.execute(query.order_by(notices.c.shown_at))).all()
            # A decision is theirs to know once they were to hear of it, and not before: the moment would tell who reported.
            told = exists().where(notices.c.case_id == cases.c.id, notices.c.due_at > now)
            query = select(cases.c.closed_at, cases.c.outcome).where(cases.c.about == person, cases.c.closed_at.is_not(None), ~told)
            decided = (await connection.execute(query.where(cases.c.outcome != Outcome.NO_BREACH).order_by(cases.c.closed_at))).all()
            asked = (await connection.execute(select(erasures.c.asked_at).where(erasures.c.person_id == person))).scalar()
        return {
            "person": person,
            "memory": None if memory is None else msgspec.msgpack.decode(memory),
            "reports": [self._own(row, person) for row in own],
            "referrals": [dict(row._mapping) for row in referred],  # noqa: SLF001 -- SQLAlchemy's public name for it
            "notices": [dict(row._mapping) for row in shown],  # noqa: SLF001 -- as above
            "decisions": [dict(row._mapping) for row in decided],  # noqa: SLF001 -- as above
            "erasure_asked_at": asked,
        }

    def _own(self, row: Any, person: str) -> dict[str, Any]:  # noqa: ANN401 -- a row of ``REPORTS``
        """A report as its reporter may have it: their words and their own messages, nobody else's."""
        report = stored(row)
        words, evidence = (None if row.sealed is None else self._seal.unlock(row.sealed)) or ("", Evidence(()))
        said = [{"at": one.ts, "text": one.text} for one in evidence.said if one.author == person and one.text is not None]
        said += [{"at": one.ts, "text": one.text} for one in (*evidence.from_host, *evidence.from_reporter) if one.author == person]
        known = {"number": report.number, "at": report.at, "reason": report.reason.value, "chat": report.chat}
        return {**known, "status": report.status.value, "read_at": report.read_at, "words": words, "your_messages": said}

    async def knows(self, person: str) -> bool:
        """Whether anything is kept of a person, or with their name on it."""
        tables = ((person_memories, "person_id"), (reports, "by"), (reports, "about"), (involved, "person"), (referrals, "by"))
        more = ((notices, "person_id"), (traces, "person_id"), (sessions, "person"), (notes, "by"), (erasures, "person_id"))
        async with self._database.read() as connection:
            kept = or_(*(exists().where(table.c[column] == person) for table, column in (*tables, *more)))
            return bool((await connection.execute(select(kept))).scalar_one())

    # --- erasing -----------------------------------------------------------------------------------------------------

    async def erase(self, person: str, now: float) -> bool:
        """Erase a person, at once or, while they are part of a case that people still decide on, when that is over: then ``False``.

        Raises ``ValueError`` for an empty id: what is for the host goes by that.
        """
        if not person:
            raise ValueError("Nobody has an empty id.")
        async with self._database.write() as connection:
            await self._database.lock(connection, person)
            alias = await alias_of(connection, person)
            await write_down(connection, now, COMMAND_LINE, "erase", alias)
            asked = self._database.insert(erasures).values(person_id=person, asked_at=now)
            await connection.execute(asked.on_conflict_do_nothing())
            for table, column in ((person_memories, "person_id"), (traces, "person_id"), (referrals, "by")):
                await connection.execute(delete(table).where(table.c[column] == person))
            return await self._erase(connection, person, now)

    async def _erase(self, connection: AsyncConnection, person: str, now: float) -> bool:
        """Erase all that is left, if nothing has to wait; the record keeps its lines, which name nobody any more."""
        part = exists().where(involved.c.case_id == cases.c.id, involved.c.person == person)
        undecided = or_(WAITING, cases.c.appealed_at.is_not(None) & cases.c.answered_at.is_(None) & (cases.c.about != person))
        unsent = notices.c.shown_at.is_(None) & (notices.c.tries < MOST_TRIES) & (notices.c.person_id == "") & (notices.c.about == person)
        if (await connection.execute(select(or_(exists().where(undecided, part), exists().where(unsent))))).scalar_one():
            return False
        nobody = f"erased-{secrets.token_hex(8)}"
        await self._out_of_evidence(connection, person, nobody)
        # The key of a click names whoever pressed; each stays one of a kind.
        gone = {"sealed": None, "ask_until": None, "chat": nobody, "key": literal(f"{nobody} ") + reports.c.number}
        await connection.execute(delete(reports).where(reports.c.by == person, reports.c.case_id.is_(None)))
        await connection.execute(update(reports).where(reports.c.by == person).values(**gone, by=nobody))
        await connection.execute(update(reports).where(reports.c.about == person).values(**gone, about=nobody))
        about = select(cases.c.id).where(cases.c.about == person).scalar_subquery()
        for table in (clippings, notes):
            await connection.execute(delete(table).where(table.c.case_id.in_(about)))
        await connection.execute(delete(cases).where(cases.c.about == person, cases.c.closed_at.is_(None)))
        for row in (await connection.execute(select(cases.c.id, cases.c.body).where(cases.c.about == person))).all():
            body = msgspec.msgpack.encode(msgspec.structs.replace(with_numbers(row.body, ()), about=nobody))
            left = {"about": nobody, "body": body, "appeal": None, "appealed_at": None}
            await connection.execute(update(cases).where(cases.c.id == row.id).values(left))
        await connection.execute(update(cases).where(cases.c.claimed_by == person).values(claimed_by=None, claimed_at=None))
        await connection.execute(update(notes).where(notes.c.by == person).values(by=nobody))
        await connection.execute(delete(notices).where(or_(notices.c.person_id == person, notices.c.about == person)))
        tables = ((involved, "person"), (sessions, "person"), (person_memories, "person_id"), (traces, "person_id"), (referrals, "by"))
        for table, column in (*tables, (aliases, "person_id"), (erasures, "person_id")):
            await connection.execute(delete(table).where(table.c[column] == person))
        await write_down(connection, now, SOFTWARE, "erased", nobody)
        return True

    async def _out_of_evidence(self, connection: AsyncConnection, person: str, nobody: str) -> None:
        """Take what a person said out of reports in which they only were there."""
        there = select(involved.c.case_id).where(involved.c.person == person)
        written = select(audit.c.subject).where(audit.c.actor == known_as(person), audit.c.act == WRITE_DOWN)
        query = select(reports.c.number, reports.c.sealed).where(
            or_(reports.c.case_id.in_(there), reports.c.number.in_(written)),
            reports.c.by != person,
            reports.c.about != person,
            reports.c.sealed.is_not(None),
        )
        for row in (await connection.execute(query.with_for_update())).all():
            this = update(reports).where(reports.c.number == row.number)
            await connection.execute(this.values(sealed=self._sealed_without(row.sealed, person, nobody)))
        kept = select(clippings).where(clippings.c.case_id.in_(there)).with_for_update()
        for row in (await connection.execute(kept)).all():
            sealed = self._sealed_without(row.sealed, person, nobody)
            if sealed is None:
                await connection.execute(delete(clippings).where(clippings.c.case_id == row.case_id, clippings.c.chat == row.chat))
            else:
                this = update(clippings).where(clippings.c.case_id == row.case_id, clippings.c.chat == row.chat)
                await connection.execute(this.values(sealed=sealed))

    def _sealed_without(self, locked: bytes, person: str, nobody: str) -> bytes | None:
        """What is locked, without anything by somebody; nothing if no key opens it, so that they are not in there either."""
        opened = self._seal.unlock(locked)
        return None if opened is None else self._seal.lock(opened[0], _without(opened[1], person, nobody))


def _without(evidence: Evidence, person: str, nobody: str) -> Evidence:
    return msgspec.structs.replace(
        evidence,
        said=tuple(msgspec.structs.replace(one, author=nobody, text=None) if one.author == person else one for one in evidence.said),
        roles={nobody if name == person else name: role for name, role in evidence.roles.items()},
        from_host=tuple(one for one in evidence.from_host if one.author != person),
        from_reporter=tuple(one for one in evidence.from_reporter if one.author != person),
        told={key: at for key, at in evidence.told.items() if key.rpartition(" ")[0] != person},
        written_by=nobody if evidence.written_by == person else evidence.written_by,
    )


def _portions(known: Iterable[Any]) -> Iterable[list[Any]]:
    """The same in lists of a size that any database takes at once."""
    everything = list(known)
    return (everything[start : start + AT_A_TIME] for start in range(0, len(everything), AT_A_TIME))
