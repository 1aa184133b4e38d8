"""Chats that a listener wants somebody else to take over."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from bot.edge.database import Database
from bot.edge.tables import referrals
from bot.model import Referral


class Referrals:
    """Wishes to hand a chat over."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def keep(self, referral: Referral) -> bool:
        """Keep a referral; the same id twice is one, and ``False``."""
        kept = self._database.insert(referrals).values(msgspec.structs.asdict(referral)).on_conflict_do_nothing().returning(referrals.c.id)
        async with self._database.write() as connection:
            return (await connection.execute(kept)).scalar_one_or_none() is not None

    async def all(self) -> tuple[Referral, ...]:
        """All referrals, the newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(referrals).order_by(referrals.c.at.desc(), referrals.c.id))
            return tuple(Referral(**row._mapping) for row in rows)  # noqa: SLF001 -- SQLAlchemy's public name for it
