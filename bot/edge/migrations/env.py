"""Run by alembic for every upgrade, on the connection that the caller brought along."""

from __future__ import annotations

from alembic import context

from bot.edge.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
