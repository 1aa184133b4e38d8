"""What the desk asks for, and what it gets."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bot.edge.store.rows import StoredReport
from bot.model import Case, ReportReason
from bot.tally import Counted


class Pile(StrEnum):
    """What part of the cases is asked for."""

    OPEN = "open"
    MINE = "mine"
    FREE = "free"
    """Nobody has claimed it."""
    APPEALS = "appeals"
    CLOSED = "closed"


class Wanted(msgspec.Struct, frozen=True):
    """A filter of the queue."""

    pile: Pile = Pile.OPEN
    reason: ReportReason | None = None
    urgent: bool = False


class Line(msgspec.Struct, frozen=True):
    """A case in the queue."""

    case: Case
    turn: int
    reports: int
    unread: int
    last_at: float
    """When something was last reported; when it was opened, if nothing was."""
    reasons: dict[ReportReason, int]
    """The most frequent first."""
    chats: int
    claimed_by: str | None
    claimed_at: float | None
    closed_at: float | None
    outcome: str | None
    appealed: bool
    """An appeal waits for an answer."""


class Queue(msgspec.Struct, frozen=True):
    """One page of the queue, and how many cases there are."""

    lines: tuple[Line, ...]
    more: bool
    """There is another page."""
    piles: dict[Pile, int]
    """How many cases lie in each pile, without those that the viewer is part of."""


class Note(msgspec.Struct, frozen=True):
    """What somebody at the desk wrote down on a case."""

    at: float
    by: str
    text: str


class Act(msgspec.Struct, frozen=True):
    """A line of the record."""

    id: int
    at: float
    actor: str
    act: str
    subject: str


class DeskCase(msgspec.Struct, frozen=True):
    """One case with all that belongs to it."""

    line: Line
    reports: tuple[StoredReport, ...]
    """One page of them, the newest first, with words and evidence."""
    newest: str
    """The number of the newest of them all; empty if there is none."""
    counted: tuple[Counted, ...]
    """All of them as far as they are counted, in the order in which they came."""
    notes: tuple[Note, ...]
    acts: tuple[Act, ...]
    """The newest first."""
    earlier: tuple[Line, ...]
    """Other cases of the same person that the viewer may see, the newest first."""
    chats: dict[str, int]
    """Chats concerned, and how many reports came from each, the most first; of very many, these."""
    appeal: str
    """What the person says who appeals; empty if they did not."""
    decided_by: str
    asked: Asked | None
    """What the host was last asked to do about it; nothing if it was not."""


class Asked(msgspec.Struct, frozen=True):
    """A decision on its way to the host."""

    due_at: float
    taken_at: float | None
    """When the host said that it has it."""
