"""Figures of what is reported and how long people wait, without what the one who looks is part of."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.store.desk import Viewer, part_of
from bot.edge.tables import case_chats, reports
from bot.model import ReportReason

WEEK = 7 * 86_400
FIRST_READ = ((3_600, "within 1 hour"), (4 * 3_600, "within 4 hours"), (86_400, "within a day"), (3 * 86_400, "within 3 days"))
"""How long reports waited, as it is shown."""
LATER, WAITING = "later", "not yet read"


class Weeks(msgspec.Struct, frozen=True):
    """Reports of the last weeks, by week (weeks since 1970, beginning on a Thursday)."""

    reasons: dict[tuple[int, ReportReason], int]
    first_read: dict[tuple[int, str], int]


class Figures:
    """Counts reports."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def weeks(self, viewer: Viewer, since: float) -> Weeks:
        """Reports by week: of what reason, and how long they waited for their first reader."""
        counted = and_(reports.c.at >= since, reports.c.withdrawn_at.is_(None))
        async with self._database.read() as connection:
            found = Counter(await _figures(connection, _FIGURES.where(counted)))
            # To leave these out while counting would mean to look at every report's case.
            found.subtract(await _figures(connection, _FIGURES.where(counted, _report_hidden_from(viewer))))
        reasons, first_read = Counter[tuple[int, ReportReason]](), Counter[tuple[int, str]]()
        for (week, reason, how_long), n in found.items():
            reasons[week, reason] += n
            first_read[week, how_long] += n
        return Weeks(dict(+reasons), dict(+first_read))


def _report_hidden_from(viewer: Viewer) -> ColumnElement[bool]:
    part = [
        select(reports.c.number).where(or_(reports.c.by == viewer.person, reports.c.about == viewer.person)),
        select(reports.c.number).where(reports.c.case_id.in_(part_of(viewer))),
    ]
    if viewer.chats:
        there = select(case_chats.c.case_id).where(case_chats.c.chat.in_(viewer.chats))
        part.append(select(reports.c.number).where(reports.c.case_id.in_(there)))
    return reports.c.number.in_(union(*part))


_WEEK = func.floor(reports.c.at / WEEK)
_WAITED = reports.c.read_at - reports.c.at


def _within(seconds: float) -> ColumnElement[bool]:
    return seconds >= _WAITED


_HOW_LONG = case((reports.c.read_at.is_(None), WAITING), *((_within(most), name) for most, name in FIRST_READ), else_=LATER)
_FIGURES: Select[Any] = select(_WEEK, reports.c.reason, _HOW_LONG, func.count()).group_by(_WEEK, reports.c.reason, _HOW_LONG)
"""Reports by week, reason, and how long they waited."""


async def _figures(connection: AsyncConnection, query: Select[Any]) -> dict[tuple[int, ReportReason, str], int]:
    return {(int(week), ReportReason(reason), how_long): n for week, reason, how_long, n in await connection.execute(query)}
