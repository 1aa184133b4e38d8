"""Cases: reports and signals about one person, read and decided on by people."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select, update

from bot.cases import with_signals
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import write_down
from bot.edge.store.rows import REPORTS, StoredReport, involve, open_case, save_case, with_numbers, with_words
from bot.edge.tables import cases, reports
from bot.model import Case, Kind


class Cases:
    """What people decide about."""

    def __init__(self, database: Database, seal: Seal, keep_seconds: float) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep_seconds = keep_seconds

    async def note_signals(
        self, about: str, chat: str, kinds: Iterable[Kind], *, urgent: bool, now: float, case_id: str, people: Iterable[str] = ()
    ) -> Case:
        """Add signals of one chat to the open case about a person, a new one called ``case_id`` if there is none.

        ``people`` took part in that chat: they never see the case.
        """
        async with self._database.write() as connection:
            await self._database.lock(connection, about)
            before = await open_case(connection, about)
            case = with_signals(before, about, chat, kinds, urgent=urgent, now=now, case_id=case_id)
            await save_case(self._database, connection, case, now + self._keep_seconds)
            await involve(self._database, connection, case.id, people, (chat,))
            return case

    async def all(self, *, open_only: bool = True) -> tuple[Case, ...]:
        """All cases: the urgent first, then those with the most reports, then the oldest."""
        which = cases.c.closed_at.is_(None) if open_only else cases.c.id.is_not(None)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(cases.c.id, cases.c.body).where(which))).all()
            query = select(reports.c.case_id, reports.c.number).join(cases).where(which).order_by(reports.c.at, reports.c.number)
            numbers: dict[str, tuple[str, ...]] = {}
            for case_id, number in await connection.execute(query):
                numbers[case_id] = (*numbers.get(case_id, ()), number)
        found = [with_numbers(row.body, numbers.get(row.id, ())) for row in rows]
        return tuple(sorted(found, key=lambda case: (not case.urgent, -len(case.reports), case.opened_at, case.id)))

    async def find(self, case_id: str) -> tuple[Case, tuple[StoredReport, ...]] | None:
        """One case with its reports, their words and evidence."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(cases).where(cases.c.id == case_id))).one_or_none()
            if row is None:
                return None
            query = REPORTS.where(reports.c.case_id == case_id).order_by(reports.c.at, reports.c.number)
            found = tuple(with_words(report, self._seal) for report in await connection.execute(query))
        return with_numbers(row.body, tuple(report.number for report in found)), found

    async def mark_read(self, case_id: str, by: str, now: float) -> None:
        """Write down that a person looked at a case: every report in it was read, the first time counts."""
        async with self._database.write() as connection:
            if not (await connection.execute(select(exists().where(cases.c.id == case_id)))).scalar_one():
                return
            unread = update(reports).where(reports.c.case_id == case_id, reports.c.read_at.is_(None))
            await connection.execute(unread.values(read_at=now))
            await write_down(connection, now, by, "read", case_id)

    async def decide(self, case_id: str, by: str, outcome: str, now: float) -> bool:
        """Close a case with an outcome, once; what is reported later opens a new one."""
        async with self._database.write() as connection:
            closed = update(cases).where(cases.c.id == case_id, cases.c.closed_at.is_(None))
            closed_id = await connection.execute(closed.values(closed_at=now, outcome=outcome).returning(cases.c.id))
            if closed_id.scalar_one_or_none() is None:
                return False
            await write_down(connection, now, by, f"decide {outcome}", case_id)
            return True
