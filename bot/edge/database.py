"""The database under the store: one that is up to date, and transactions that do not get in each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

from alembic.util import CommandError
from sqlalchemy import Connection, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.edge.migrations import RolesIn, upgrade
from bot.edge.tables import storable

BUSY_SECONDS = 10
"""How long a write to SQLite waits for another process."""
WAL_PAUSE = 0.02
"""Seconds between two attempts to switch a new database to WAL."""


class StoreError(Exception):
    """The database cannot be used, now or as it is; the message says why and never holds a password."""


class Database:
    """SQLite or PostgreSQL: whole transactions, durable when they end."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use ``Database.open``: this only puts the parts together."""
        self._engine = engine
        self._writer = engine.execution_options(writes=True)
        self._on_sqlite = engine.dialect.name == "sqlite"
        self.insert = sqlite.insert if self._on_sqlite else postgresql.insert
        """The insert statement that knows ``on_conflict``."""
        # SQLite has one writer at a time. Waiting here is fair and wakes at once; SQLite's own wait polls, for other processes.
        self._turn: contextlib.AbstractAsyncContextManager[object] = asyncio.Lock() if self._on_sqlite else contextlib.nullcontext()

    @classmethod
    async def open(cls, where: str, roles_in: RolesIn = lambda _: {}) -> Self:
        """Open the database, a path or a URL, and bring its tables up to date. ``roles_in`` tells who was there in sealed evidence."""
        database = cls(_engine(where))
        try:
            async with database.write() as connection:
                await database.lock(connection, "porchlight migrations")
                await connection.run_sync(upgrade, roles_in)
        except CommandError as error:
            await database.close()
            raise StoreError(f"The database does not fit this version of Porchlight: {error}") from None
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Run one transaction that may write."""
        with _told_as_ours():
            async with self._turn, self._writer.begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Run one transaction that only reads."""
        with _told_as_ours():
            async with self._engine.connect() as connection:
                yield connection

    async def lock(self, connection: AsyncConnection, name: str) -> None:
        """Let no other process do what goes by this name until the transaction ends; in SQLite nobody else writes anyway."""
        if not self._on_sqlite:
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(storable(name), 0))))


@contextlib.contextmanager
def _told_as_ours() -> Iterator[None]:
    """Full disks, lost and hung connections and the like all come as a ``StoreError``: nothing was done, and it may be tried again."""
    try:
        yield
    except (DBAPIError, OSError, PoolTimeoutError) as error:
        raise StoreError(f"The database failed: {type(error).__name__}") from error


def _engine(database: str) -> AsyncEngine:
    """Make the engine for a path or a URL, with what each database needs."""
    url = make_url(database) if "://" in database else URL.create("sqlite+aiosqlite", database=database)
    kind = url.get_backend_name()
    if kind in {"postgres", "postgresql"}:
        return create_async_engine(url.set(drivername="postgresql+asyncpg"), hide_parameters=True, pool_pre_ping=True)
    if kind != "sqlite":
        raise StoreError(f"Porchlight keeps its reports in SQLite or PostgreSQL, not in {kind}.")
    if not url.database or url.database == ":memory:":
        raise StoreError("Reports must outlive the process: the database must be a file.")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    Path(url.database).touch(mode=0o600)  # SQLite would make it for everybody to read; what it adds beside it is as this one is
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's connection has no common type
    """Set what SQLite does not keep by itself. FULL: an acknowledged report survives a power cut in WAL mode, too."""
    connection.isolation_level = None  # the driver begins no transactions of its own: `_on_begin` does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _use_wal(cursor: Any) -> None:  # noqa: ANN401 -- as above
    """Switch a new database to WAL. SQLite itself does not wait here when two processes begin at once."""
    for _ in range(int(BUSY_SECONDS / WAL_PAUSE)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(WAL_PAUSE)  # only ever at the very first start of a database
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _on_begin(connection: Connection) -> None:
    """Take SQLite's write lock at the start: a transaction that reads first and writes later would fail, not wait."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
