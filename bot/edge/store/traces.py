"""Marks of what people do: who may be the same one again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.store.sight import Viewer, shown_to
from bot.edge.tables import cases, reports, traces
from bot.likeness import BECAUSE, Trace, Trait, needed

Left: TypeAlias = Mapping[str, tuple[Trace, ...]]
"""What people left in a chat, by person."""
NOTHING_LEFT: Left = {}


class Likeness(msgspec.Struct, frozen=True):
    """Somebody who may be the same person, and why; never a fact."""

    person: str
    case: str
    """The last case about them that the viewer may see; empty if there is none."""
    because: tuple[str, ...]


async def keep_traces(
    database: Database, connection: AsyncConnection, person: str, source: str, found: Iterable[Trace], forget_at: float
) -> None:
    """Keep what somebody left in a chat that was reported, or where they made a clear move."""
    rows = [
        {
            "trace": f"{source} {person} {number}",
            "mark": mark,
            "trait": trace.trait.value,
            "marks": len(trace.marks),
            "person_id": person,
            "source": source,
            "forget_at": forget_at,
        }
        for number, trace in enumerate(found)
        for mark in trace.marks
    ]
    if rows:
        await connection.execute(database.insert(traces).on_conflict_do_nothing(), rows)


async def forget_traces(connection: AsyncConnection, source: str) -> None:
    """A report that was taken back leaves no marks."""
    await connection.execute(delete(traces).where(traces.c.source == source))


async def alike(connection: AsyncConnection, person: str) -> dict[str, set[Trait]]:
    """Who left almost the same marks as this person, and in what."""
    own, other = traces.alias("own"), traces.alias("other")
    shared = func.count().label("shared")
    least = func.min(other.c.marks).label("theirs")
    query = (
        select(own.c.trace, own.c.marks, own.c.trait, other.c.trace.label("other_trace"), other.c.person_id, shared, least)
        .join(other, (other.c.mark == own.c.mark) & (other.c.trait == own.c.trait))
        .where(own.c.person_id == person, other.c.person_id != person)
        .group_by(own.c.trace, own.c.marks, own.c.trait, other.c.trace, other.c.person_id)
    )
    found: dict[str, set[Trait]] = {}
    for row in await connection.execute(query):
        if row.shared >= needed(min(row.marks, row.theirs)):
            found.setdefault(row.person_id, set()).add(Trait(row.trait))
    return found


async def alike_reporter(connection: AsyncConnection, person: str, case_id: str) -> str:
    """The number of the first report in a case by somebody else who looks like this person; empty if nobody does."""
    people = await alike(connection, person)
    if not people:
        return ""
    # Not asked for by name: they may be more than a statement takes.
    query = select(reports.c.number, reports.c.by).where(reports.c.case_id == case_id).order_by(reports.c.at, reports.c.number)
    return next((str(row.number) for row in await connection.execute(query) if row.by in people), "")


def _who_share(person: str) -> Select[Any]:
    """Everybody who left any of the marks that this person left."""
    marks = select(traces.c.mark).where(traces.c.person_id == person)
    return select(traces.c.person_id).where(traces.c.mark.in_(marks))


class Traces:
    """Tells who may be the same."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def like(self, viewer: Viewer, person: str) -> tuple[Likeness, ...]:
        """Who may be the same as this person, those with the most in common first; the viewer is never among them."""
        async with self._database.read() as connection:
            people = await alike(connection, person)
            if not people:
                return ()
            query = select(cases.c.about, cases.c.id).where(cases.c.about.in_(_who_share(person)), shown_to(viewer))
            last = {row.about: row.id for row in await connection.execute(query.order_by(cases.c.opened_at))}
        people.pop(viewer.person, None)
        ranked = sorted(people, key=lambda one: (-len(people[one]), one not in last, one))
        return tuple(Likeness(one, last.get(one, ""), tuple(BECAUSE[trait] for trait in Trait if trait in people[one])) for one in ranked)
