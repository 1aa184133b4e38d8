"""Figures of what is reported and how long people wait, without what the one who looks is part of."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.store.sight import Viewer, part_of
from bot.edge.tables import case_chats, reports
from bot.model import ReportReason


class Weeks(msgspec.Struct, frozen=True):
    """Reports of the last weeks, by week (weeks since 1970, beginning on a Thursday)."""

    reasons: dict[tuple[int, ReportReason], int]
    first_read: dict[tuple[int, int], int]
    """By how long they waited for their first reader: a place in ``WAITS``, or one of the two after it."""


class Figures:
    """Counts reports."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def weeks(self, viewer: Viewer, first: int) -> Weeks:
        """Reports from a week on, by week: of what reason, and how long they waited for their first reader."""
        counted = and_(reports.c.week >= first, reports.c.withdrawn_at.is_(None))
        async with self._database.read() as connection:
            found = Counter(await _figures(connection, FIGURES.where(counted)))
            # To leave these out while counting would mean to look at every report's case.
            found.subtract(await _figures(connection, FIGURES.where(counted, _report_hidden_from(viewer))))
        reasons, first_read = Counter[tuple[int, ReportReason]](), Counter[tuple[int, int]]()
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


_KEY = (reports.c.week, reports.c.reason, reports.c.waited)
FIGURES: Select[Any] = select(*_KEY, func.count()).group_by(*_KEY)
"""Reports by week, reason, and how long they waited; in the order of an index, from which alone it is read."""


async def _figures(connection: AsyncConnection, query: Select[Any]) -> dict[tuple[int, ReportReason, int], int]:
    return {(week, ReportReason(reason), waited): n for week, reason, waited, n in await connection.execute(query)}
