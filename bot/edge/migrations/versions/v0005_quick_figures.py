"""What the figures count by is worked out when a report is stored, and not for each of them when somebody looks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the two columns, and an index from which the figures are read without touching the rows."""
    stored = True if op.get_bind().dialect.name == "postgresql" else None  # an index needs that there; SQLite adds no stored column later
    waited = "CASE WHEN read_at IS NULL THEN 5 WHEN read_at - at <= 3600 THEN 0 WHEN read_at - at <= 14400 THEN 1"
    waited += " WHEN read_at - at <= 86400 THEN 2 WHEN read_at - at <= 259200 THEN 3 ELSE 4 END"
    week = "CAST(CAST(at AS BIGINT) / 604800 AS INTEGER)"
    op.add_column("reports", sa.Column("week", sa.Integer, sa.Computed(week, persisted=stored)))
    op.add_column("reports", sa.Column("waited", sa.Integer, sa.Computed(waited, persisted=stored)))
    op.drop_index("reports_at", "reports")
    op.create_index("reports_at", "reports", ["at"])
    which = sa.text("withdrawn_at IS NULL")
    op.create_index("reports_week", "reports", ["week", "reason", "waited"], sqlite_where=which, postgresql_where=which)
