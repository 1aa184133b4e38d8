"""The record of who did what: it only grows, and outlives what it tells of."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.tables import audit


async def write_down(connection: AsyncConnection, at: float, actor: str, act: str, subject: str) -> None:
    """Add a line within a transaction, so that it is there exactly if the act is."""
    await connection.execute(insert(audit).values(at=at, actor=actor, act=act, subject=subject))


class Audit:
    """Adds lines; there is no way to change one."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def add(self, at: float, actor: str, act: str, subject: str) -> None:
        """Write down what another part did, such as a sign-in."""
        async with self._database.write() as connection:
            await write_down(connection, at, actor, act, subject)
