"""The tables of the store, and what may stand in their columns."""

from __future__ import annotations

import hashlib

from sqlalchemy import BigInteger, Column, Computed, Dialect, Double, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.types import TypeDecorator

LONGEST = 500
"""Code points a name keeps as they are. PostgreSQL refuses to index a row of more than about 2,700 bytes."""


def storable(name: str) -> str:
    """Spell a name so that every database takes it, the same way each time.

    PostgreSQL takes no NUL in text. It is replaced, not left out: ``"ann"`` and a NUL must not become ``"ann"``. A very long name keeps
    its beginning and gets a digest of the whole, so that two long names stay two.
    """
    clean = name.replace("\0", "\ufffd")
    if len(clean) <= LONGEST:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()
    return f"{clean[: LONGEST - len(digest)]}{digest}"


class Name(TypeDecorator[str]):
    """An id or another short word, made storable wherever it is written or looked for."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- the signature is SQLAlchemy's
        """Spell the value as the database can take it."""
        return None if value is None else storable(value)


metadata = MetaData()

_OPEN = text("closed_at IS NULL")
_CLAIMED = text("claimed_by IS NOT NULL")
_CLOSED = text("closed_at IS NOT NULL")
_STANDS = text("withdrawn_at IS NULL")
_APPEALED = text("appealed_at IS NOT NULL AND answered_at IS NULL")

cases = Table(
    "cases",
    metadata,
    Column("id", Name, primary_key=True),
    Column("about", Name, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the Case in msgpack, without its reports: those point to it
    Column("forget_at", Double, nullable=False),
    Column("closed_at", Double),
    Column("outcome", Name),
    Column("turn", Integer, nullable=False, server_default="2"),  # 0 goes first; with the next two what the queue is sorted by
    Column("opened_at", Double, nullable=False, server_default="0"),
    Column("claimed_by", Name),
    Column("claimed_at", Double),
    Column("appealed_at", Double),
    Column("appeal", LargeBinary),  # their words, encrypted
    Column("answered_at", Double),
    Index(
        "cases_queue",
        "turn",
        "opened_at",
        "id",
        "claimed_by",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("cases_about", "about"),
    # Each covers a pile of few among many: without the condition a database may read it where it should read the queue.
    Index("cases_claimed_by", "claimed_by", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
    Index("cases_closed_at", "closed_at", "id", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    Index("cases_appealed_at", "appealed_at", sqlite_where=_APPEALED, postgresql_where=_APPEALED),
    Index("cases_one_open", "about", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("cases_forget_at", "forget_at"),
)

WEEK = 7 * 86_400
WAITS = (3_600, 4 * 3_600, 86_400, 3 * 86_400)
"""Seconds that tell how long reports waited for their first reader, as the figures count it."""
LATER, UNREAD = len(WAITS), len(WAITS) + 1
_WAITED = " ".join(f"WHEN read_at - at <= {most} THEN {place}" for place, most in enumerate(WAITS))

reports = Table(
    "reports",
    metadata,
    Column("number", Name, primary_key=True),
    Column("key", Name, nullable=False),
    Column("chat", Name, nullable=False),
    Column("by", Name, nullable=False),
    Column("about", Name, nullable=False),
    Column("reason", Name, nullable=False),
    Column("at", Double, nullable=False),
    Column("forget_at", Double, nullable=False),
    Column("sealed", LargeBinary),  # words and evidence, encrypted; gone once the report is taken back
    Column("case_id", Name, ForeignKey("cases.id", name="reports_case")),
    Column("apart", Name),  # why it does not add to the others
    Column("alike", Name),  # the number of an earlier report whose reporter looks like the same one
    Column("ask_until", Double),  # until then the host is asked for what the tail no longer held
    Column("read_at", Double),
    Column("withdrawn_at", Double),
    # What the figures count by. The database works these out itself, so that they are never other than what they come from.
    Column("week", Integer, Computed(f"CAST(CAST(at AS BIGINT) / {WEEK} AS INTEGER)")),  # since 1970, beginning on a Thursday
    Column("waited", Integer, Computed(f"CASE WHEN read_at IS NULL THEN {UNREAD} {_WAITED} ELSE {LATER} END")),  # a place in WAITS
    Index("reports_key", "key", unique=True),
    Index("reports_at", "at"),
    Index("reports_week", "week", "reason", "waited", sqlite_where=_STANDS, postgresql_where=_STANDS),  # all that the figures ask for
    Index("reports_by", "by", "at"),
    Index("reports_about", "about", "at"),
    Index("reports_ask_until", "ask_until", sqlite_where=text("ask_until IS NOT NULL"), postgresql_where=text("ask_until IS NOT NULL")),
    Index("reports_case_id", "case_id", "at"),
    Index("reports_case_reason", "case_id", "reason", "read_at", "at"),  # all that the queue asks for
    Index("reports_forget_at", "forget_at"),
)

involved = Table(  # whoever stands here never sees the case
    "involved",
    metadata,
    Column("person", Name, primary_key=True),
    Column("case_id", Name, ForeignKey("cases.id", name="involved_case", ondelete="CASCADE"), primary_key=True),
    Index("involved_case_id", "case_id"),
)

case_chats = Table(
    "case_chats",
    metadata,
    Column("chat", Name, primary_key=True),
    Column("case_id", Name, ForeignKey("cases.id", name="case_chats_case", ondelete="CASCADE"), primary_key=True),
    Index("case_chats_case_id", "case_id"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("case_id", Name, ForeignKey("cases.id", name="notes_case", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Column("by", Name, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # what was noted, encrypted
    Index("notes_case_id", "case_id"),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", Name, primary_key=True),
    Column("chat", Name, nullable=False),
    Column("by", Name, nullable=False),
    Column("at", Double, nullable=False),
    Column("reason", Name, nullable=False),
    Index("referrals_at", "at"),
    Index("referrals_by", "by"),
)

person_memories = Table(
    "person_memories",
    metadata,
    Column("person_id", Name, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the PersonMemory in msgpack
    Column("kept_at", Double, nullable=False, server_default="0"),
    Index("person_memories_kept_at", "kept_at"),
)

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("id", Name, primary_key=True),
    Column("expires", Double, nullable=False),
    Index("used_tokens_expires", "expires"),
)

audit = Table(  # the database itself refuses to change or delete a line
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Double, nullable=False),
    Column("actor", Name, nullable=False),
    Column("act", Name, nullable=False),
    Column("subject", Name, nullable=False),
    Index("audit_subject", "subject", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Name, primary_key=True),
    Column("person", Name, nullable=False),
    Column("role", Name, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("until", Double, nullable=False),
    Index("sessions_until", "until"),
)

counts = Table(  # what happened on a day, without ids
    "counts",
    metadata,
    Column("day", Integer, primary_key=True),  # days since 1970, UTC
    Column("what", Name, primary_key=True),
    Column("rule", Name, primary_key=True),
    Column("side", Name, primary_key=True),
    Column("n", BigInteger, nullable=False),
)

clippings = Table(  # the one kind of words that is kept without a report: an adult toward a teen
    "clippings",
    metadata,
    Column("case_id", Name, ForeignKey("cases.id", name="clippings_case", ondelete="CASCADE"), primary_key=True),
    Column("chat", Name, primary_key=True),
    Column("at", Double, nullable=False),
    Column("forget_at", Double, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("clippings_forget_at", "forget_at"),
)

notices = Table(  # what is still to be told, to people and to the host
    "notices",
    metadata,
    Column("id", Name, primary_key=True),
    Column("key", Name, nullable=False),  # what it is about: each is told once
    Column("person_id", Name, nullable=False),  # empty: the host
    Column("topic", Name, nullable=False),
    Column("chat", Name, nullable=False),
    Column("case_id", Name),
    Column("about", Name),
    Column("outcome", Name),
    Column("due_at", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("shown_at", Double),
    Column("forget_at", Double, nullable=False),
    Index("notices_key", "key", unique=True),
    Index("notices_person_id", "person_id", "due_at"),
    Index("notices_due", "due_at", sqlite_where=text("shown_at IS NULL"), postgresql_where=text("shown_at IS NULL")),
    Index("notices_forget_at", "forget_at"),
)

traces = Table(  # keyed marks of what people do, never the words
    "traces",
    metadata,
    Column("trace", Name, primary_key=True),
    Column("mark", Name, primary_key=True),
    Column("trait", Name, nullable=False),
    Column("marks", Integer, nullable=False),  # how many the trace has
    Column("person_id", Name, nullable=False),
    Column("source", Name, nullable=False),  # the number of the report, or the chat of a signal
    Column("forget_at", Double, nullable=False),
    Index("traces_mark", "mark"),
    Index("traces_person_id", "person_id"),
    Index("traces_source", "source"),
    Index("traces_forget_at", "forget_at"),
)

aliases = Table(  # by what name people stand in the record; whoever is erased loses this row, and the record its meaning
    "aliases",
    metadata,
    Column("person_id", Name, primary_key=True),
    Column("alias", Name, nullable=False),
    Index("aliases_alias", "alias", unique=True),
)

erasures = Table(  # what was asked for and waits for an open case
    "erasures",
    metadata,
    Column("person_id", Name, primary_key=True),
    Column("asked_at", Double, nullable=False),
)
