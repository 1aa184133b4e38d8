"""Who sits at the desk: sessions that last some hours, and that can be ended from here."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, insert, select

from bot.edge.database import Database
from bot.edge.store.audit import alias_of, write_down
from bot.edge.tables import sessions
from bot.model import DeskRole


class Session(msgspec.Struct, frozen=True):
    """One person at the desk, in one browser."""

    id: str
    person: str
    role: DeskRole
    began_at: float
    until: float


class Sessions:
    """Begun by a one-time link, ended by signing out, by an admin, or by time."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def begin(self, session: Session) -> None:
        """Let somebody in."""
        async with self._database.write() as connection:
            await connection.execute(insert(sessions).values(msgspec.to_builtins(session)))
            subject = await alias_of(connection, session.person)
            await write_down(connection, session.began_at, session.person, f"sign in as {session.role}", subject)

    async def find(self, session_id: str, now: float) -> Session | None:
        """The session of that id, if it goes on."""
        async with self._database.read() as connection:
            query = select(sessions).where(sessions.c.id == session_id, sessions.c.until > now)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row, Session, from_attributes=True)

    async def all(self, now: float) -> tuple[Session, ...]:
        """Every session that goes on, the newest first."""
        async with self._database.read() as connection:
            query = select(sessions).where(sessions.c.until > now).order_by(sessions.c.began_at.desc(), sessions.c.id)
            return tuple(msgspec.convert(row, Session, from_attributes=True) for row in await connection.execute(query))

    async def end(self, session_id: str, by: str, now: float) -> bool:
        """End a session at once: whoever has its cookie is asked to sign in."""
        async with self._database.write() as connection:
            ended = await connection.execute(delete(sessions).where(sessions.c.id == session_id).returning(sessions.c.person))
            person = ended.scalar_one_or_none()
            if person is None:
                return False
            act, subject = "sign out" if person == by else "end session", await alias_of(connection, person)
            await write_down(connection, now, by, act, subject)
            return True
