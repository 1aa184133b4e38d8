"""Counts, notices, traces, retention; a record that only grows and names people by aliases."""

from __future__ import annotations

import secrets

import msgspec
import sqlalchemy as sa
from alembic import context, op

from bot.edge.tables import storable

revision = "0003"
down_revision = "0002"

NO_PERSON = ("reporter", "porchlight", "the person")
"""Actors of the record who are nobody."""


def upgrade() -> None:
    """Move what is there into the new columns, and make the new tables."""
    _new_columns()
    _new_tables()
    _count_anew()
    _new_indices()
    _name_by_alias()
    _only_grow()


def _new_columns() -> None:
    op.add_column("reports", sa.Column("apart", sa.Text))
    op.add_column("reports", sa.Column("alike", sa.Text))
    op.add_column("reports", sa.Column("ask_until", sa.Double))
    op.add_column("person_memories", sa.Column("kept_at", sa.Double, nullable=False, server_default="0"))
    now = "extract(epoch from now())" if op.get_bind().dialect.name == "postgresql" else "CAST(strftime('%s', 'now') AS REAL)"
    op.execute(f"UPDATE person_memories SET kept_at = {now}")  # noqa: S608 -- one of the two above


def _new_tables() -> None:
    op.create_table(
        "clippings",
        sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name="clippings_case", ondelete="CASCADE"), primary_key=True),
        sa.Column("chat", sa.Text, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("forget_at", sa.Double, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text),
        sa.Column("about", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("shown_at", sa.Double),
        sa.Column("forget_at", sa.Double, nullable=False),
    )
    op.create_table(
        "traces",
        sa.Column("trace", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, primary_key=True),
        sa.Column("trait", sa.Text, nullable=False),
        sa.Column("marks", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("forget_at", sa.Double, nullable=False),
    )
    op.create_table("aliases", sa.Column("person_id", sa.Text, primary_key=True), sa.Column("alias", sa.Text, nullable=False))
    op.create_table("erasures", sa.Column("person_id", sa.Text, primary_key=True), sa.Column("asked_at", sa.Double, nullable=False))


def _count_anew() -> None:
    """Before, every report called for a decision, and goes on doing so. Who else was there stands in sealed evidence."""
    bind = op.get_bind()
    cases = sa.table("cases", *map(sa.column, ("id", "body", "turn")))
    reports = sa.table("reports", *map(sa.column, ("number", "case_id", "sealed", "reason")))
    involved = sa.table("involved", sa.column("person"), sa.column("case_id"))
    roles_in = context.config.attributes.get("roles_in", lambda _sealed: {})
    known = {(row.person, row.case_id) for row in bind.execute(sa.select(involved)).all()}
    for row in bind.execute(sa.select(cases)).all():
        body = msgspec.msgpack.decode(row.body)
        filed = bind.execute(sa.select(reports).where(reports.c.case_id == row.id)).all()
        body["raised"] = {one.reason: "Reported before counting began: each report calls for a decision." for one in filed}
        body["seen_at"] = {f"{kind} {chat}": body["opened_at"] for kind, chats in body.get("signals", {}).items() for chat in chats}
        place = {"body": msgspec.msgpack.encode(body), "turn": 0 if body["urgent"] else 1 if filed else 3}
        bind.execute(sa.update(cases).where(cases.c.id == row.id).values(place))
        there = {who for one in filed if one.sealed for who, role in roles_in(one.sealed).items() if role != "moderator"}
        rows = [{"person": who, "case_id": row.id} for who in sorted(map(storable, there)) if (who, row.id) not in known]
        if rows:
            bind.execute(sa.insert(involved), rows)


def _new_indices() -> None:
    op.create_index("clippings_forget_at", "clippings", ["forget_at"])
    op.create_index("reports_about", "reports", ["about", "at"])
    asked = sa.text("ask_until IS NOT NULL")
    op.create_index("reports_ask_until", "reports", ["ask_until"], sqlite_where=asked, postgresql_where=asked)
    op.create_index("notices_key", "notices", ["key"], unique=True)
    op.create_index("notices_person_id", "notices", ["person_id", "due_at"])
    unshown = sa.text("shown_at IS NULL")
    op.create_index("notices_due", "notices", ["due_at"], sqlite_where=unshown, postgresql_where=unshown)
    op.create_index("notices_forget_at", "notices", ["forget_at"])
    op.create_index("traces_mark", "traces", ["mark"])
    op.create_index("traces_person_id", "traces", ["person_id"])
    op.create_index("traces_source", "traces", ["source"])
    op.create_index("traces_forget_at", "traces", ["forget_at"])
    op.create_index("referrals_by", "referrals", ["by"])
    op.create_index("person_memories_kept_at", "person_memories", ["kept_at"])
    op.create_index("aliases_alias", "aliases", ["alias"], unique=True)


def _name_by_alias() -> None:
    """Nobody stands in the record by the id they have in the chat."""
    bind = op.get_bind()
    audit = sa.table("audit", *map(sa.column, ("actor", "act", "subject")))
    aliases = sa.table("aliases", sa.column("person_id"), sa.column("alias"))
    of_people = audit.c.act.like("sign %") | (audit.c.act == "end session")
    known = set(bind.execute(sa.select(audit.c.actor).where(audit.c.actor.not_in(NO_PERSON))).scalars())
    for person in sorted(known | set(bind.execute(sa.select(audit.c.subject).where(of_people)).scalars())):
        alias = f"p{secrets.token_hex(8)}"
        bind.execute(sa.insert(aliases).values(person_id=person, alias=alias))
        bind.execute(sa.update(audit).where(audit.c.subject == person, of_people).values(subject=alias))
        bind.execute(sa.update(audit).where(audit.c.actor == person).values(actor=alias))


def _only_grow() -> None:
    """From now on the database itself refuses to change the record."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the record only grows'; END $$"
        )
        op.execute("CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows()")
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, 'the record only grows'); END")
