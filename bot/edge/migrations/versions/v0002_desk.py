"""What the desk needs: an order of cases, who is part of one, notes, sessions, counts per day."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

from bot.edge.tables import storable

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the desk, and give the cases that are there their place in the queue."""
    for column in (
        sa.Column("turn", sa.Integer, nullable=False, server_default="2"),
        sa.Column("opened_at", sa.Double, nullable=False, server_default="0"),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_at", sa.Double),
        sa.Column("appealed_at", sa.Double),
        sa.Column("appeal", sa.LargeBinary),
        sa.Column("answered_at", sa.Double),
    ):
        op.add_column("cases", column)
    still_open = sa.text("closed_at IS NULL")
    op.create_index("cases_queue", "cases", ["turn", "opened_at", "id"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("cases_about", "cases", ["about"])
    op.create_index("cases_appealed_at", "cases", ["appealed_at"])
    op.create_index("reports_at", "reports", ["at", "reason"])
    for name, key in (("involved", "person"), ("case_chats", "chat")):
        op.create_table(
            name,
            sa.Column(key, sa.Text, primary_key=True),
            sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name=f"{name}_case", ondelete="CASCADE"), primary_key=True),
        )
        op.create_index(f"{name}_case_id", name, ["case_id"])
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name="notes_case", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("notes_case_id", "notes", ["case_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("began_at", sa.Double, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )
    op.create_index("sessions_until", "sessions", ["until"])
    op.create_table(
        "counts",
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
    )
    op.create_index("audit_subject", "audit", ["subject", "id"])
    _fill()


def _fill() -> None:
    """Take from each case and its reports what now stands in columns. Who else was in the chats is encrypted, and stays so."""
    connection = op.get_bind()
    cases = sa.table("cases", *map(sa.column, ("id", "about", "body", "turn", "opened_at")))
    reports = sa.table("reports", *map(sa.column, ("case_id", "by", "about", "chat")))
    involved = sa.table("involved", sa.column("person"), sa.column("case_id"))
    case_chats = sa.table("case_chats", sa.column("chat"), sa.column("case_id"))
    people: set[tuple[str, str]] = set()
    chats: set[tuple[str, str]] = set()
    for row in connection.execute(sa.select(cases.c.id, cases.c.about, cases.c.body)).all():
        body = msgspec.msgpack.decode(row.body)
        place = {"turn": 0 if body["urgent"] else 2, "opened_at": body["opened_at"]}
        connection.execute(sa.update(cases).where(cases.c.id == row.id).values(**place))
        people.add((row.about, row.id))
        chats |= {(storable(chat), row.id) for seen in body.get("signals", {}).values() for chat in seen}
    for row in connection.execute(sa.select(reports).where(reports.c.case_id.is_not(None))).all():
        people |= {(row.by, row.case_id), (row.about, row.case_id)}
        chats.add((row.chat, row.case_id))
    if people:
        connection.execute(sa.insert(involved), [{"person": person, "case_id": case} for person, case in sorted(people)])
    if chats:
        connection.execute(sa.insert(case_chats), [{"chat": chat, "case_id": case} for chat, case in sorted(chats)])
