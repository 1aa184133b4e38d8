"""Reports: filed once, taken back by their reporter, told about without their words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, update

from bot.cases import with_report, without_report
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import write_down
from bot.edge.store.rows import REPORTS, StoredReport, involve, open_case, part_of, read_case, save_case, stored
from bot.edge.tables import cases, reports
from bot.model import Case, Report, ReportReason


class Reports:
    """What people reported."""

    def __init__(self, database: Database, seal: Seal, keep_seconds: float) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep_seconds = keep_seconds

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
            "forget_at": report.at + self._keep_seconds,
            "sealed": self._seal.lock(report.words, report.evidence),
        }
        async with self._database.write() as connection:
            await self._database.lock(connection, report.about)
            first = self._database.insert(reports).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(reports.c.number)
            if (await connection.execute(first)).scalar_one_or_none() is None:
                known = (await connection.execute(select(reports).where(reports.c.key == report.key))).one()
                case = await read_case(connection, cases.c.id == known.case_id)
                return self._as_filed(known, report), case, False
            if not report.about:
                return report, None, True
            case = with_report(await open_case(connection, report.about), report, case_id)
            await save_case(self._database, connection, case, report.at + self._keep_seconds)
            await connection.execute(update(reports).where(reports.c.number == report.id).values(case_id=case.id))
            people = {report.by, report.about, *part_of(report.evidence)}
            await involve(self._database, connection, case.id, people, (report.chat,))
            return report, case, True

    async def take_back(self, number: str, by: str, now: float) -> bool:
        """Withdraw a report, for its reporter only and until it was decided on; its words and evidence are gone at once."""
        async with self._database.write() as connection:
            mine = (reports.c.number == number) & (reports.c.by == by)
            about = (await connection.execute(select(reports.c.about).where(mine))).scalar_one_or_none()
            if about is None:
                return False
            await self._database.lock(connection, about)
            case = await read_case(connection, cases.c.id == select(reports.c.case_id).where(mine).scalar_subquery())
            row = (await connection.execute(REPORTS.where(mine))).one()
            if row.withdrawn_at is not None:
                return True  # the second press of the same button
            if row.outcome is not None:
                return False
            await connection.execute(update(reports).where(mine).values(withdrawn_at=now, case_id=None, sealed=None))
            if case is not None:
                await save_case(self._database, connection, without_report(case, row.number), now + self._keep_seconds)
            # Who reported is forgotten with the report: this line stays and does not name them.
            await write_down(connection, now, "reporter", "take back", number)
            return True

    async def find(self, number: str) -> StoredReport | None:
        """Tell what has become of one report, without its words."""
        async with self._database.read() as connection:
            row = (await connection.execute(REPORTS.where(reports.c.number == number))).one_or_none()
        return None if row is None else stored(row)

    async def by(self, person_id: str) -> tuple[StoredReport, ...]:
        """Everything a person reported, the newest first, without the words."""
        async with self._database.read() as connection:
            query = REPORTS.where(reports.c.by == person_id).order_by(reports.c.at.desc(), reports.c.number)
            return tuple(stored(row) for row in await connection.execute(query))

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
