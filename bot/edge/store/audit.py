"""The record of who did what: it only grows, and outlives what it tells of.

People stand in it by an alias. Whoever is erased loses the alias, and no line has to be touched: the database itself refuses that.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.tables import aliases, audit

REPORTER = "reporter"
"""Whoever reported: never named in the record."""
THE_PERSON = "the person"
"""Whom a case is about."""
SOFTWARE = "porchlight"
COMMAND_LINE = "command line"
WRITE_DOWN = "write down"
"""A moderator wrote down a report that came from outside of the chats."""
NOBODY = frozenset({REPORTER, THE_PERSON, SOFTWARE, COMMAND_LINE})

_ACTOR, _SUBJECT = aliases.alias("actors"), aliases.alias("subjects")
LINES: Select[Any] = (
    select(
        audit.c.id,
        audit.c.at,
        audit.c.act,
        func.coalesce(_ACTOR.c.person_id, audit.c.actor).label("actor"),
        func.coalesce(_SUBJECT.c.person_id, audit.c.subject).label("subject"),
    )
    .outerjoin(_ACTOR, _ACTOR.c.alias == audit.c.actor)
    .outerjoin(_SUBJECT, _SUBJECT.c.alias == audit.c.subject)
)
"""The record with the people it names; whoever was erased stays an alias."""


async def write_down(connection: AsyncConnection, at: float, actor: str, act: str, subject: str) -> None:
    """Add a line within a transaction, so that it is there exactly if the act is. A person as subject comes by ``alias_of``."""
    name = actor if actor in NOBODY else await alias_of(connection, actor)
    await connection.execute(insert(audit).values(at=at, actor=name, act=act, subject=subject))


async def alias_of(connection: AsyncConnection, person_id: str) -> str:
    """By what name a person stands in the record; a new one if they do not yet."""
    add = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    fresh = add(aliases).values(person_id=person_id, alias=f"p{secrets.token_hex(8)}")
    await connection.execute(fresh.on_conflict_do_nothing(index_elements=["person_id"]))
    return str((await connection.execute(select(aliases.c.alias).where(aliases.c.person_id == person_id))).scalar_one())


def known_as(person_id: str) -> ScalarSelect[Any]:
    """The alias of somebody, within a query."""
    return select(aliases.c.alias).where(aliases.c.person_id == person_id).scalar_subquery()


class Audit:
    """Adds lines; there is no way to change one."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def add(self, at: float, actor: str, act: str, subject: str) -> None:
        """Write down what another part did, such as a sign-in."""
        async with self._database.write() as connection:
            await write_down(connection, at, actor, act, subject)
