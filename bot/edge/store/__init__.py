"""The store: reports, cases and what else must outlive the process, in SQLite or PostgreSQL.

It has a room for each topic. Every method of a room is one transaction, and what it did is on the disk when it returns.
The clock comes in as an argument, and so does chance, where a moment must tell nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import Audit
from bot.edge.store.cases import Cases
from bot.edge.store.casework import Casework
from bot.edge.store.counts import Counts
from bot.edge.store.desk import Desk
from bot.edge.store.figures import Figures
from bot.edge.store.keep import DAY, Keep
from bot.edge.store.life import Life
from bot.edge.store.notices import Notices
from bot.edge.store.people import People
from bot.edge.store.referrals import Referrals
from bot.edge.store.reports import Filed, Reports, TooManyReportsError
from bot.edge.store.rows import ReportStatus, StoredReport
from bot.edge.store.sessions import Sessions
from bot.edge.store.tokens import Tokens
from bot.edge.store.traces import Traces
from bot.edge.tables import reports
from bot.likeness import Mark
from bot.model import ReportReason
from bot.tally import THRESHOLDS, Threshold

__all__ = ["DAY", "Filed", "Keep", "ReportStatus", "Store", "StoredReport", "TooManyReportsError"]

log = logging.getLogger(__name__)

KEEP = Keep()


class Store:
    """The one door to the database."""

    def __init__(
        self, database: Database, seal: Seal, keep: Keep = KEEP, thresholds: Mapping[ReportReason, Threshold] | None = None
    ) -> None:
        """Use ``Store.open``: this only puts the rooms together."""
        counts = {**THRESHOLDS, **(thresholds or {})}
        self._database = database
        self._seal = seal
        self.keep = keep
        self.reports = Reports(database, seal, keep, counts)
        self.cases = Cases(database, seal, keep, counts)
        self.notices = Notices(database)
        self.traces = Traces(database)
        self.people = People(database)
        self.referrals = Referrals(database)
        self.tokens = Tokens(database)
        self.audit = Audit(database)
        self.life = Life(database, seal, keep)
        self.desk = Desk(database, seal)
        self.figures = Figures(database)
        self.casework = Casework(database, seal, keep)
        self.sessions = Sessions(database)
        self.counts = Counts(database)

    @classmethod
    async def open(
        cls, database: str, key_file: Path, *, keep: Keep = KEEP, thresholds: Mapping[ReportReason, Threshold] | None = None
    ) -> Store:
        """Open the database, a path or a URL, and bring its tables up to date."""
        seal = Seal(key_file)
        store = cls(await Database.open(database, seal.roles_in), seal, keep, thresholds)
        await store._try_key()
        return store

    @property
    def link_secret(self) -> str:
        """What signs the links; it comes from the key file."""
        return self._seal.link_secret

    @property
    def mark(self) -> Mark:
        """The keyed hash for traces; it comes from the key file, too."""
        return self._seal.mark

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()

    async def _try_key(self) -> None:
        """Say in the log when the key does not fit what was stored last: better today than when somebody must decide."""
        newest = select(reports.c.sealed).where(reports.c.sealed.is_not(None)).order_by(reports.c.at.desc()).limit(1)
        async with self._database.read() as connection:
            locked = (await connection.execute(newest)).scalar_one_or_none()
        if locked is not None and self._seal.unlock(locked) is None:
            log.error("The key in %s does not open the reports in the database; add the line of the old key to it.", self._seal.key_file)
