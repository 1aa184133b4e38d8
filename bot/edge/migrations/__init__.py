"""The way from any earlier database to the tables of today: forward only, run by the store itself when it opens."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the database up to date, inside the transaction that the connection is in."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "bot.edge:migrations")
    command.upgrade(config, "head")
