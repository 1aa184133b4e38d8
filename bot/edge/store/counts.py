"""Counts per day, without anybody's id: what was shown, put away, called wrong, and what would have been done."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from sqlalchemy import func, select

from bot.edge.database import Database
from bot.edge.tables import counts

SECONDS_OF_A_DAY = 86_400


class What(StrEnum):
    """What is counted."""

    HEARD = "heard"
    """Messages that were read at all."""
    SHOWN = "shown"
    DISMISSED = "dismissed"
    WRONG = "wrong"
    WOULD = "would"
    """Messages that shadow mode left alone, and that would have had a note, a mask or a hold."""


class Counted(msgspec.Struct, frozen=True, order=True):
    """What a count is about."""

    day: int
    """Days since 1970, UTC."""
    what: What
    rule: str = ""
    side: str = ""
    """``sender``, ``receiver`` or ``room`` of the message that it is about."""


def day_of(at: float) -> int:
    """The day of a time."""
    return int(at // SECONDS_OF_A_DAY)


class Counts:
    """Adds up; gives sums."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def add(self, seen: Mapping[Counted, int]) -> None:
        """Add to what was counted before."""
        if not seen:
            return
        # In one order everywhere, so that two processes never wait for each other.
        rows = [{**msgspec.to_builtins(one), "n": seen[one]} for one in sorted(seen)]
        added = self._database.insert(counts)
        added = added.on_conflict_do_update(index_elements=["day", "what", "rule", "side"], set_={"n": counts.c.n + added.excluded.n})
        async with self._database.write() as connection:
            await connection.execute(added, rows)

    async def since(self, day: int) -> dict[tuple[What, str, str], int]:
        """Sums from a day on, by what was counted, rule and side."""
        key = (counts.c.what, counts.c.rule, counts.c.side)
        async with self._database.read() as connection:
            query = select(*key, func.sum(counts.c.n).label("n")).where(counts.c.day >= day).group_by(*key)
            return {(What(row.what), row.rule, row.side): int(row.n) for row in await connection.execute(query)}
