"""Tokens that work once."""

from __future__ import annotations

from bot.edge.database import Database
from bot.edge.tables import used_tokens


class Tokens:
    """Which one-time tokens were used."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def once(self, token_id: str, expires: float) -> bool:
        """Use a one-time token: true the first time only."""
        used = self._database.insert(used_tokens).values(id=token_id, expires=expires).on_conflict_do_nothing().returning(used_tokens.c.id)
        async with self._database.write() as connection:
            return (await connection.execute(used)).scalar_one_or_none() is not None
