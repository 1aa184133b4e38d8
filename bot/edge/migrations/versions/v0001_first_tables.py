"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables and their indices."""
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("forget_at", sa.Double, nullable=False),
        sa.Column("closed_at", sa.Double),
        sa.Column("outcome", sa.Text),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index("cases_one_open", "cases", ["about"], unique=True, sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("cases_forget_at", "cases", ["forget_at"])
    op.create_table(
        "reports",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("forget_at", sa.Double, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name="reports_case")),
        sa.Column("read_at", sa.Double),
        sa.Column("withdrawn_at", sa.Double),
    )
    op.create_index("reports_key", "reports", ["key"], unique=True)
    op.create_index("reports_by", "reports", ["by", "at"])
    op.create_index("reports_case_id", "reports", ["case_id"])
    op.create_index("reports_forget_at", "reports", ["forget_at"])
    op.create_table(
        "referrals",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("referrals_at", "referrals", ["at"])
    op.create_table(
        "person_memories",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "used_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("expires", sa.Double, nullable=False),
    )
    op.create_index("used_tokens_expires", "used_tokens", ["expires"])
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )
