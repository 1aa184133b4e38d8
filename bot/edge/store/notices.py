"""What is still to be told: to people, each time with one id until it was shown, and to the host."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.tables import notices, storable
from bot.model import Outcome

MOST_TRIES = 20
"""Told so often and never confirmed, it was shown as far as anybody can know. The receipt's page tells it all the same."""
AT_ONCE = 500
MOST_WAITING = 10_000
"""Of so many it is looked whether they are here; who is not hears it when they come."""


class Topic:
    """What a notice says: a topic of the prompts, or the host's own."""

    READ = "notice.read"
    ACTED = "notice.acted"
    NO_BREACH = "notice.no_breach"
    COACHED = "notice.coached"
    WARNED = "notice.warned"
    UPHELD = "notice.upheld"
    REVISED = "notice.revised"
    ASK = "ask"


TOLD = (Topic.READ, Topic.ACTED, Topic.NO_BREACH, Topic.COACHED, Topic.WARNED, Topic.UPHELD, Topic.REVISED)
"""Those that people hear."""


class Notice(msgspec.Struct, frozen=True):
    """Something to be told once."""

    id: str
    person: str
    """Empty: the host."""
    topic: str
    chat: str
    case: str | None = None
    about: str | None = None
    outcome: Outcome | None = None


async def leave(
    database: Database,
    connection: AsyncConnection,
    key: str,
    person: str,
    topic: str,
    *,
    due_at: float,
    forget_at: float,
    chat: str = "",
    case: str | None = None,
    about: str | None = None,
    outcome: Outcome | None = None,
) -> None:
    """Leave a notice in the transaction of what it tells of; the same key twice is one."""
    row = {
        "id": f"n{secrets.token_hex(8)}",
        "key": key,
        "person_id": person,
        "topic": topic,
        "chat": chat,
        "case_id": case,
        "about": about,
        "outcome": outcome,
        "due_at": due_at,
        "tries": 0,
        "forget_at": forget_at,
    }
    await connection.execute(database.insert(notices).values(row).on_conflict_do_nothing(index_elements=["key"]))


class Notices:
    """Hands out what is due and takes note of what was shown."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def due(self, people: Iterable[str], now: float) -> tuple[Notice, ...]:
        """What these people have not been shown yet, the oldest first. An empty name asks for what the host is to be told."""
        asked = {storable(person): person for person in people}
        names = list(asked)
        found: list[Row[Any]] = []
        waiting = (notices.c.due_at <= now) & notices.c.shown_at.is_(None) & (notices.c.tries < MOST_TRIES)
        async with self._database.read() as connection:
            for start in range(0, len(names), AT_ONCE):
                some = notices.c.person_id.in_(names[start : start + AT_ONCE])
                found += (await connection.execute(select(notices).where(some, waiting).order_by(notices.c.due_at, notices.c.id))).all()
        return tuple(
            Notice(
                id=row.id,
                person=asked[row.person_id],
                topic=row.topic,
                chat=row.chat,
                case=row.case_id,
                about=row.about,
                outcome=Outcome(row.outcome) if row.outcome else None,
            )
            for row in found
        )

    async def waiting(self, now: float) -> frozenset[str]:
        """For whom something is due, the latest first if there are very many; an empty name is the host's."""
        due = (notices.c.due_at <= now) & notices.c.shown_at.is_(None) & (notices.c.tries < MOST_TRIES)
        query = select(notices.c.person_id).where(due).order_by(notices.c.due_at.desc()).limit(MOST_WAITING)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def tried(self, notice_id: str) -> None:
        """Take note that it was told, whether or not it was seen."""
        async with self._database.write() as connection:
            await connection.execute(update(notices).where(notices.c.id == notice_id).values(tries=notices.c.tries + 1))

    async def shown(self, notice_id: str, person: str, now: float) -> bool:
        """Take note that somebody was shown a notice of theirs: it is not told again. False if there is no such notice for them."""
        mine = update(notices).where(notices.c.id == notice_id, notices.c.person_id == person)
        async with self._database.write() as connection:
            first = mine.where(notices.c.shown_at.is_(None)).values(shown_at=now).returning(notices.c.id)
            if (await connection.execute(first)).scalar_one_or_none() is not None:
                return True
            known = select(notices.c.id).where(notices.c.id == notice_id, notices.c.person_id == person)
            return (await connection.execute(known)).scalar_one_or_none() is not None
