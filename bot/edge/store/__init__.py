"""The store: reports, cases and what else must outlive the process, in SQLite or PostgreSQL.

It has a room for each topic. Every method of a room is one transaction, and what it did is on the disk when it returns.
The clock comes in as an argument.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import delete, exists, select

from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import Audit, write_down
from bot.edge.store.cases import Cases
from bot.edge.store.casework import Casework
from bot.edge.store.counts import Counts
from bot.edge.store.desk import Desk
from bot.edge.store.people import People
from bot.edge.store.referrals import Referrals
from bot.edge.store.reports import Reports
from bot.edge.store.rows import ReportStatus, StoredReport
from bot.edge.store.sessions import Sessions
from bot.edge.store.tokens import Tokens
from bot.edge.tables import cases, referrals, reports, sessions, used_tokens

__all__ = ["DAY", "KEEP_SECONDS", "ReportStatus", "Store", "StoredReport"]

log = logging.getLogger(__name__)

DAY = 86_400.0
KEEP_SECONDS = 180 * DAY


class Store:
    """The one door to the database."""

    def __init__(self, database: Database, seal: Seal, keep_seconds: float) -> None:
        """Use ``Store.open``: this only puts the rooms together."""
        self._database = database
        self._seal = seal
        self.keep_seconds = keep_seconds
        """How long reports are kept."""
        self.reports = Reports(database, seal, keep_seconds)
        self.cases = Cases(database, seal, keep_seconds)
        self.people = People(database)
        self.referrals = Referrals(database)
        self.tokens = Tokens(database)
        self.audit = Audit(database)
        self.desk = Desk(database, seal)
        self.casework = Casework(database, seal)
        self.sessions = Sessions(database)
        self.counts = Counts(database)

    @classmethod
    async def open(cls, database: str, key_file: Path, *, keep_seconds: float = KEEP_SECONDS) -> Store:
        """Open the database, a path or a URL, and bring its tables up to date."""
        seal = Seal(key_file)
        store = cls(await Database.open(database), seal, keep_seconds)
        await store._try_key()
        return store

    @property
    def link_secret(self) -> str:
        """What signs the links; it comes from the key file."""
        return self._seal.link_secret

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()

    async def forget(self, now: float) -> None:
        """Delete what has been kept long enough: reports, cases without any, referrals, one-time tokens."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(reports).where(reports.c.forget_at <= now).returning(reports.c.number))
            for number in gone.scalars().all():
                await write_down(connection, now, "porchlight", "forget", number)
            empty = ~exists().where(reports.c.case_id == cases.c.id)
            await connection.execute(delete(cases).where(cases.c.forget_at <= now, empty))
            await connection.execute(delete(referrals).where(referrals.c.at <= now - self.keep_seconds))
            await connection.execute(delete(sessions).where(sessions.c.until <= now))
            await connection.execute(delete(used_tokens).where(used_tokens.c.expires <= now))

    async def _try_key(self) -> None:
        """Say in the log when the key does not fit what was stored last: better today than when somebody must decide."""
        newest = select(reports.c.sealed).where(reports.c.sealed.is_not(None)).order_by(reports.c.at.desc()).limit(1)
        async with self._database.read() as connection:
            locked = (await connection.execute(newest)).scalar_one_or_none()
        if locked is not None and self._seal.unlock(locked) is None:
            log.error("The key in %s does not open the reports in the database; add the line of the old key to it.", self._seal.key_file)
