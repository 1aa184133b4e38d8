"""The way from any earlier database to the tables of today: forward only, run by the store itself when it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

RolesIn: TypeAlias = Callable[[bytes], Mapping[str, str]]
"""Who was there in sealed evidence, by role."""


def upgrade(connection: Connection, roles_in: RolesIn) -> None:
    """Bring the database up to date, inside the transaction that the connection is in."""
    config = Config(attributes={"connection": connection, "roles_in": roles_in})
    config.set_main_option("script_location", "bot.edge:migrations")
    command.upgrade(config, "head")
