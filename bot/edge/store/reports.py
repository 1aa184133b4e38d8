"""Reports: filed once, taken back by their reporter, told about without their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cases import HOUR, with_report, without_report
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import REPORTER, WRITE_DOWN, write_down
from bot.edge.store.keep import Keep
from bot.edge.store.rows import REPORTS, StoredReport, involve, open_case, part_of, read_case, save_case, stored, weigh, with_words
from bot.edge.store.traces import NOTHING_LEFT, Left, alike_reporter, forget_traces, keep_traces
from bot.edge.tables import cases, notices, reports
from bot.model import Case, Report, ReportReason, Sent
from bot.reports import completed, is_complete
from bot.tally import DAY, Threshold

MOST_PER_HOUR, MOST_PER_DAY = 3, 10
"""So many reports by one person about one other are kept: in an hour of those that say nothing new, in a day of all."""
ASK_SECONDS = 86_400.0
"""So long the host is asked for what the tail no longer held."""


class TooManyReportsError(Exception):
    """Somebody has reported the same person so often just now that one more tells nothing new; nothing was kept."""

    def __init__(self, number: str) -> None:
        """Name the last report that was kept."""
        super().__init__(f"one more after {number}")
        self.number = number


class Filed(msgspec.Struct, frozen=True):
    """What came of a click: the report as it is kept, its case, and whether this click was the first."""

    report: Report
    case: Case | None
    fresh: bool


class Reports:
    """What people reported."""

    def __init__(self, database: Database, seal: Seal, keep: Keep, thresholds: Mapping[ReportReason, Threshold]) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal
        self._keep = keep
        self._thresholds = thresholds

    async def file(self, report: Report, case_id: str, left: Left = NOTHING_LEFT) -> Filed:
        """Keep a report and add it to the open case about that person, a new one called ``case_id`` if there is none.

        The same key again gives what was stored the first time. ``left`` holds the traces of the people in the chat.
        Raises ``TooManyReportsError``.
        """
        row = {
            "number": report.id,
            "key": report.key,
            "chat": report.chat,
            "by": report.by,
            "about": report.about,
            "reason": report.reason.value,
            "at": report.at,
            "forget_at": report.at + self._keep.reports,
            "sealed": self._seal.lock(report.words, report.evidence),
            "apart": report.apart,
            "ask_until": None if is_complete(report.evidence) else report.at + ASK_SECONDS,
        }
        async with self._database.write() as connection:
            await self._database.lock(connection, report.about)
            first = self._database.insert(reports).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(reports.c.number)
            if (await connection.execute(first)).scalar_one_or_none() is None:
                known = (await connection.execute(select(reports).where(reports.c.key == report.key))).one()
                case = await read_case(connection, cases.c.id == known.case_id)
                return Filed(self._as_filed(known, report), case, fresh=False)
            await _stop_floods(connection, report)  # what it raises takes the row back
            if not report.about:
                return Filed(report, None, fresh=True)
            case = with_report(await open_case(connection, report.about), report, case_id)
            await save_case(self._database, connection, case, report.at + self._keep.reports)
            for person, traces in left.items():
                await keep_traces(self._database, connection, person, report.id, traces, report.at + self._keep.traces)
            twin = await alike_reporter(connection, report.by, case.id) if report.by in left else ""
            added = update(reports).where(reports.c.number == report.id)
            await connection.execute(added.values(case_id=case.id, alike=twin or None))
            case = await weigh(connection, case, report.at, self._thresholds)
            await save_case(self._database, connection, case, report.at + self._keep.reports)
            people = {report.by, report.about, *part_of(report.evidence)}
            scribe = report.evidence.written_by
            await involve(self._database, connection, case.id, people, () if scribe else (report.chat,))
            if scribe:
                await write_down(connection, report.at, REPORTER if scribe == report.by else scribe, WRITE_DOWN, report.id)
            return Filed(report, case, fresh=True)

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
            gone = {"withdrawn_at": now, "case_id": None, "sealed": None, "ask_until": None, "alike": None}
            await connection.execute(update(reports).where(mine).values(gone))
            await forget_traces(connection, number)
            await connection.execute(delete(notices).where(notices.c.key == f"read {number}", notices.c.shown_at.is_(None)))
            if case is not None:
                left = msgspec.structs.replace(without_report(case, row.number), raised={})
                left = await weigh(connection, left, now, self._thresholds)
                await save_case(self._database, connection, left, now + self._keep.reports)
            # Who reported is forgotten with the report: this line stays and does not name them.
            await write_down(connection, now, REPORTER, "take back", number)
            return True

    async def to_complete(self, now: float, *, limit: int = 50) -> tuple[StoredReport, ...]:
        """Reports for which the host is still to be asked what the tail no longer held, with their evidence."""
        query = REPORTS.where(reports.c.ask_until > now).order_by(reports.c.ask_until.desc()).limit(limit)
        async with self._database.read() as connection:
            return tuple(with_words(row, self._seal) for row in await connection.execute(query))

    async def complete(self, number: str, kept: Iterable[Sent]) -> None:
        """Add what the host keeps of the chat to the evidence of a report; it is not asked again."""
        async with self._database.write() as connection:
            row = (await connection.execute(REPORTS.where(reports.c.number == number).with_for_update(of=reports))).one_or_none()
            opened = None if row is None or row.sealed is None else self._seal.unlock(row.sealed)
            if opened is None:
                return
            words, evidence = opened
            sealed = self._seal.lock(words, completed(evidence, kept))
            await connection.execute(update(reports).where(reports.c.number == number).values(sealed=sealed, ask_until=None))

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


async def _stop_floods(connection: AsyncConnection, report: Report) -> None:
    """Refuse what comes after too many reports by one person about the same one; the one just added is among them.

    What is told in words, or is urgent, or has another reason, may be new at any time.
    """
    same = select(reports.c.number, reports.c.at, reports.c.reason).where(reports.c.by == report.by, reports.c.about == report.about)
    query = same.where(reports.c.at > report.at - DAY, reports.c.number != report.id).order_by(reports.c.at.desc(), reports.c.number)
    before = (await connection.execute(query)).all()
    alike = [row for row in before if row.at > report.at - HOUR and row.reason == report.reason]
    may_be_new = bool(report.words) or report.urgent
    if len(before) >= MOST_PER_DAY or (len(alike) >= MOST_PER_HOUR and not may_be_new):
        raise TooManyReportsError(before[0].number)
