"""Indices from which queue and figures are read without touching the rows, in which much encrypted evidence lies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make them in place of the narrower ones."""
    op.drop_index("reports_at", "reports")
    op.create_index("reports_at", "reports", ["at", "reason", "read_at", "withdrawn_at"])
    op.drop_index("reports_case_id", "reports")
    op.create_index("reports_case_id", "reports", ["case_id", "at"])
    op.create_index("reports_case_reason", "reports", ["case_id", "reason", "read_at", "at"])
    op.drop_index("cases_queue", "cases")
    op.drop_index("cases_appealed_at", "cases")
    for name, columns, which in (
        ("cases_queue", ["turn", "opened_at", "id", "claimed_by"], "closed_at IS NULL"),
        ("cases_claimed_by", ["claimed_by"], "claimed_by IS NOT NULL"),
        ("cases_closed_at", ["closed_at", "id"], "closed_at IS NOT NULL"),
        ("cases_appealed_at", ["appealed_at"], "appealed_at IS NOT NULL AND answered_at IS NULL"),
    ):
        op.create_index(name, "cases", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
