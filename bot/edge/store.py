"""The store: reports, cases and what else must outlive the process, in SQLite or PostgreSQL.

Every method is one transaction, and what it did is on the disk when it returns. The clock comes in as an argument.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cases import with_report, with_signals, without_report
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.tables import audit, cases, person_memories, referrals, reports, storable, used_tokens
from bot.model import Case, Evidence, Kind, PersonMemory, Referral, Report, ReportReason

log = logging.getLogger(__name__)

DAY = 86_400.0
KEEP_SECONDS = 180 * DAY
AT_ONCE = 1_000
"""How many ids one query asks for; databases limit the number of parameters."""

_CASE = msgspec.msgpack.Decoder(Case)
_PERSON_MEMORY = msgspec.msgpack.Decoder(PersonMemory)


class ReportStatus(StrEnum):
    """What has become of a report."""

    RECEIVED = "received"
    READ = "read"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class StoredReport(msgspec.Struct, frozen=True):
    """A report as the store holds it. Words and evidence come only with a case, for those who decide."""

    number: str
    chat: str
    by: str
    about: str
    reason: ReportReason
    at: float
    status: ReportStatus
    read_at: float | None = None
    outcome: str | None = None
    words: str = ""
    evidence: Evidence | None = None
    problem: str = ""
    """Why the evidence cannot be shown; empty if it can."""


class Store:
    """The one door to the database."""

    def __init__(self, database: Database, seal: Seal, keep_seconds: float) -> None:
        """Use ``Store.open``: this only puts the parts together."""
        self._database = database
        self._seal = seal
        self.keep_seconds = keep_seconds
        """How long reports are kept."""

    @classmethod
    async def open(cls, database: str, key_file: Path, *, keep_seconds: float = KEEP_SECONDS) -> Store:
        """Open the database, a path or a URL, and bring its tables up to date."""
        seal = Seal(key_file)
        store = cls(await Database.open(database), seal, keep_seconds)
        await store._try_key()
        return store

    @property
    def link_secret(self) -> str:
        """What signs the links; it comes from the key file."""
        return self._seal.link_secret

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()

    # --- reports -----------------------------------------------------------------------------------------------------

    async def file(self, report: Report, case_id: str) -> tuple[Report, Case | None, bool]:
        """Keep a report and add it to the open case about that person, a new one called ``case_id`` if there is none.

        The same key again gives what was stored the first time, and ``False``.
        """
        row = {
            "number": report.id,
            "key": report.key,
            "chat": report.chat,
            "by": report.by,
            "about": report.about,
            "reason": report.reason.value,
            "at": report.at,
            "forget_at": report.at + self.keep_seconds,
            "sealed": self._seal.lock(report.words, report.evidence),
        }
        async with self._database.write() as connection:
            await self._database.lock(connection, report.about)
            first = self._database.insert(reports).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(reports.c.number)
            if (await connection.execute(first)).scalar_one_or_none() is None:
                stored = (await connection.execute(select(reports).where(reports.c.key == report.key))).one()
                case = await self._case(connection, cases.c.id == stored.case_id)
                return self._as_filed(stored, report), case, False
            if not report.about:
                return report, None, True
            case = with_report(await self._open_case(connection, report.about), report, case_id)
            await self._save(connection, case, report.at)
            await connection.execute(update(reports).where(reports.c.number == report.id).values(case_id=case.id))
            return report, case, True

    async def take_back(self, number: str, by: str, now: float) -> bool:
        """Withdraw a report, for its reporter only and until it was decided on; its words and evidence are gone at once."""
        async with self._database.write() as connection:
            mine = (reports.c.number == number) & (reports.c.by == by)
            about = (await connection.execute(select(reports.c.about).where(mine))).scalar_one_or_none()
            if about is None:
                return False
            await self._database.lock(connection, about)
            case = await self._case(connection, cases.c.id == select(reports.c.case_id).where(mine).scalar_subquery())
            row = (await connection.execute(_REPORTS.where(mine))).one()
            if row.withdrawn_at is not None:
                return True  # the second press of the same button
            if row.outcome is not None:
                return False
            await connection.execute(update(reports).where(mine).values(withdrawn_at=now, case_id=None, sealed=None))
            if case is not None:
                await self._save(connection, without_report(case, row.number), now)
            # Who reported is forgotten with the report: this line stays and does not name them.
            await _write_down(connection, now, "reporter", "take back", number)
            return True

    async def report(self, number: str) -> StoredReport | None:
        """Tell what has become of one report, without its words."""
        async with self._database.read() as connection:
            row = (await connection.execute(_REPORTS.where(reports.c.number == number))).one_or_none()
        return None if row is None else _stored(row)

    async def reports_by(self, person_id: str) -> tuple[StoredReport, ...]:
        """Everything a person reported, the newest first, without the words."""
        async with self._database.read() as connection:
            query = _REPORTS.where(reports.c.by == person_id).order_by(reports.c.at.desc(), reports.c.number)
            return tuple(_stored(row) for row in await connection.execute(query))

    # --- cases -------------------------------------------------------------------------------------------------------

    async def note_signals(self, about: str, chat: str, kinds: Iterable[Kind], *, urgent: bool, now: float, case_id: str) -> Case:
        """Add signals of one chat to the open case about a person, a new one called ``case_id`` if there is none."""
        async with self._database.write() as connection:
            await self._database.lock(connection, about)
            before = await self._open_case(connection, about)
            case = with_signals(before, about, chat, kinds, urgent=urgent, now=now, case_id=case_id)
            await self._save(connection, case, now)
            return case

    async def cases(self, *, open_only: bool = True) -> tuple[Case, ...]:
        """All cases: the urgent first, then those with the most reports, then the oldest."""
        which = cases.c.closed_at.is_(None) if open_only else cases.c.id.is_not(None)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(cases.c.id, cases.c.body).where(which))).all()
            query = select(reports.c.case_id, reports.c.number).join(cases).where(which).order_by(reports.c.at, reports.c.number)
            numbers: dict[str, tuple[str, ...]] = {}
            for case_id, number in await connection.execute(query):
                numbers[case_id] = (*numbers.get(case_id, ()), number)
        found = [_with_numbers(row.body, numbers.get(row.id, ())) for row in rows]
        return tuple(sorted(found, key=lambda case: (not case.urgent, -len(case.reports), case.opened_at, case.id)))

    async def case(self, case_id: str) -> tuple[Case, tuple[StoredReport, ...]] | None:
        """One case with its reports, their words and evidence."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(cases).where(cases.c.id == case_id))).one_or_none()
            if row is None:
                return None
            query = _REPORTS.where(reports.c.case_id == case_id).order_by(reports.c.at, reports.c.number)
            found = tuple(self._with_words(report) for report in await connection.execute(query))
        return _with_numbers(row.body, tuple(report.number for report in found)), found

    async def mark_read(self, case_id: str, by: str, now: float) -> None:
        """Write down that a person looked at a case: every report in it was read, the first time counts."""
        async with self._database.write() as connection:
            if not await _is_there(connection, cases.c.id == case_id):
                return
            unread = update(reports).where(reports.c.case_id == case_id, reports.c.read_at.is_(None))
            await connection.execute(unread.values(read_at=now))
            await _write_down(connection, now, by, "read", case_id)

    async def decide(self, case_id: str, by: str, outcome: str, now: float) -> bool:
        """Close a case with an outcome, once; what is reported later opens a new one."""
        async with self._database.write() as connection:
            closed = update(cases).where(cases.c.id == case_id, cases.c.closed_at.is_(None))
            closed_id = await connection.execute(closed.values(closed_at=now, outcome=outcome).returning(cases.c.id))
            if closed_id.scalar_one_or_none() is None:
                return False
            await _write_down(connection, now, by, f"decide {outcome}", case_id)
            return True

    # --- referrals ---------------------------------------------------------------------------------------------------

    async def refer(self, referral: Referral) -> bool:
        """Keep a referral; the same id twice is one, and ``False``."""
        kept = self._database.insert(referrals).values(msgspec.structs.asdict(referral)).on_conflict_do_nothing().returning(referrals.c.id)
        async with self._database.write() as connection:
            return (await connection.execute(kept)).scalar_one_or_none() is not None

    async def referrals(self) -> tuple[Referral, ...]:
        """All referrals, the newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(referrals).order_by(referrals.c.at.desc(), referrals.c.id))
            return tuple(Referral(**row._mapping) for row in rows)  # noqa: SLF001 -- SQLAlchemy's public name for it

    # --- people and tokens -------------------------------------------------------------------------------------------

    async def person_memories(self, ids: Iterable[str]) -> dict[str, PersonMemory]:
        """Recall what is remembered of these people; those of whom nothing is are left out."""
        asked = {storable(person_id): person_id for person_id in ids}
        names = list(asked)
        found: dict[str, PersonMemory] = {}
        async with self._database.read() as connection:
            for start in range(0, len(names), AT_ONCE):
                some = person_memories.c.person_id.in_(names[start : start + AT_ONCE])
                for row in await connection.execute(select(person_memories).where(some)):
                    found[asked[row.person_id]] = _PERSON_MEMORY.decode(row.body)
        return found

    async def remember(self, memories: dict[str, PersonMemory]) -> None:
        """Keep what is remembered of people, in place of what was before."""
        if not memories:
            return
        # In one order everywhere, so that two processes never wait for each other.
        rows = [{"person_id": person_id, "body": msgspec.msgpack.encode(memories[person_id])} for person_id in sorted(memories)]
        kept = self._database.insert(person_memories)
        kept = kept.on_conflict_do_update(index_elements=["person_id"], set_={"body": kept.excluded.body})
        async with self._database.write() as connection:
            await connection.execute(kept, rows)

    async def once(self, token_id: str, expires: float) -> bool:
        """Use a one-time token: true the first time only."""
        used = self._database.insert(used_tokens).values(id=token_id, expires=expires).on_conflict_do_nothing().returning(used_tokens.c.id)
        async with self._database.write() as connection:
            return (await connection.execute(used)).scalar_one_or_none() is not None

    # --- forgetting --------------------------------------------------------------------------------------------------

    async def audit(self, at: float, actor: str, act: str, subject: str) -> None:
        """Add a line to the record of who did what; there is no way to change one."""
        async with self._database.write() as connection:
            await _write_down(connection, at, actor, act, subject)

    async def forget(self, now: float) -> None:
        """Delete what has been kept long enough: reports, cases without any, referrals, one-time tokens."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(reports).where(reports.c.forget_at <= now).returning(reports.c.number))
            for number in gone.scalars().all():
                await _write_down(connection, now, "porchlight", "forget", number)
            empty = ~exists().where(reports.c.case_id == cases.c.id)
            await connection.execute(delete(cases).where(cases.c.forget_at <= now, empty))
            await connection.execute(delete(referrals).where(referrals.c.at <= now - self.keep_seconds))
            await connection.execute(delete(used_tokens).where(used_tokens.c.expires <= now))

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _case(self, connection: AsyncConnection, which: ColumnElement[bool]) -> Case | None:
        """Read the one case of which this holds, and keep it from being forgotten meanwhile."""
        row = (await connection.execute(select(cases).where(which).with_for_update())).one_or_none()
        if row is None:
            return None
        query = select(reports.c.number).where(reports.c.case_id == row.id).order_by(reports.c.at, reports.c.number)
        return _with_numbers(row.body, tuple((await connection.execute(query)).scalars()))

    async def _open_case(self, connection: AsyncConnection, about: str) -> Case | None:
        """Read the open case about a person."""
        return await self._case(connection, (cases.c.about == about) & cases.c.closed_at.is_(None))

    async def _save(self, connection: AsyncConnection, case: Case, now: float) -> None:
        """Write a case back; one with nothing left in it goes."""
        if not case.reports and not case.signals:
            await connection.execute(delete(cases).where(cases.c.id == case.id))
            return
        body = msgspec.msgpack.encode(msgspec.structs.replace(case, reports=()))
        forget_at = now + self.keep_seconds
        row = self._database.insert(cases).values(id=case.id, about=case.about, body=body, forget_at=forget_at)
        await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"body": body, "forget_at": forget_at}))

    async def _try_key(self) -> None:
        """Say in the log when the key does not fit what was stored last: better today than when somebody must decide."""
        newest = select(reports.c.sealed).where(reports.c.sealed.is_not(None)).order_by(reports.c.at.desc()).limit(1)
        async with self._database.read() as connection:
            locked = (await connection.execute(newest)).scalar_one_or_none()
        if locked is not None and self._seal.unlock(locked) is None:
            log.error("The key in %s does not open the reports in the database; add the line of the old key to it.", self._seal.key_file)

    def _with_words(self, row: Row[Any]) -> StoredReport:
        """Add what was encrypted, or why it cannot be shown."""
        sealed = self._seal.unlock(row.sealed)
        if sealed is None:
            return _stored(row, problem=f"The evidence cannot be read with the key in {self._seal.key_file}.")
        words, evidence = sealed
        return _stored(row, words, evidence)

    def _as_filed(self, row: Row[Any], again: Report) -> Report:
        """Give the report that was stored first; what cannot be read of it comes from the second click."""
        sealed = None if row.sealed is None else self._seal.unlock(row.sealed)
        words, evidence = sealed or (again.words, again.evidence)
        return Report(
            id=row.number,
            key=row.key,
            chat=row.chat,
            by=row.by,
            about=row.about,
            reason=ReportReason(row.reason),
            at=row.at,
            evidence=evidence,
            words=words,
        )


_REPORTS: Select[Any] = select(reports, cases.c.outcome).outerjoin(cases)


def _stored(row: Row[Any], words: str = "", evidence: Evidence | None = None, problem: str = "") -> StoredReport:
    if row.withdrawn_at is not None:
        status = ReportStatus.WITHDRAWN
    elif row.outcome is not None:
        status = ReportStatus.DECIDED
    elif row.read_at is not None:
        status = ReportStatus.READ
    else:
        status = ReportStatus.RECEIVED
    return StoredReport(
        number=row.number,
        chat=row.chat,
        by=row.by,
        about=row.about,
        reason=ReportReason(row.reason),
        at=row.at,
        status=status,
        read_at=row.read_at,
        outcome=row.outcome,
        words=words,
        evidence=evidence,
        problem=problem,
    )


def _with_numbers(body: bytes, numbers: tuple[str, ...]) -> Case:
    return msgspec.structs.replace(_CASE.decode(body), reports=numbers)


async def _is_there(connection: AsyncConnection, which: ColumnElement[bool]) -> bool:
    return bool((await connection.execute(select(exists().where(which)))).scalar_one())


async def _write_down(connection: AsyncConnection, at: float, actor: str, act: str, subject: str) -> None:
    await connection.execute(insert(audit).values(at=at, actor=actor, act=act, subject=subject))
