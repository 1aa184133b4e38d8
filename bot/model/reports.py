"""What people tell of and decide about: reports with their evidence, receipts, cases."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bot.model.chats import Said
from bot.model.events import Sent


class ReportReason(StrEnum):
    """The closed list a reporter chooses from; words are optional."""

    ASKED_DETAILS = "asked_details"
    WANTS_TO_MOVE = "wants_to_move"
    PICTURES = "pictures"
    SEXUAL = "sexual"
    FLIRTING = "flirting"
    JUDGED = "judged"
    NOT_SERIOUS = "not_serious"
    DIAGNOSED = "diagnosed"
    LEFT = "left"
    THREATENED = "threatened"
    OTHER = "other"


class Evidence(msgspec.Struct, frozen=True):
    """What goes with a report by itself: the last messages, whose they are, and what was seen in them."""

    said: tuple[Said, ...]
    roles: dict[str, str] = {}
    """Person id to role, for a reader at the desk."""
    told: dict[str, float] = {}
    """``"<person> <topic>"`` to when the assistant last spoke to them of it."""
    from_host: tuple[Sent, ...] = ()
    """What the tail no longer held, as the host keeps it."""
    from_reporter: tuple[Sent, ...] = ()
    """The same as the reporter's client sent it along; nobody has checked it."""
    written_by: str = ""
    """Who wrote the report down at the desk, of what somebody told them outside of any chat."""


class Apart(StrEnum):
    """Why a report does not add to the others: it is shown beside them."""

    AFTER_REFUSAL = "after_refusal"
    """The reporter wanted something and was refused minutes before."""
    AFTER_BLOCK = "after_block"
    """The reporter was blocked by the reported person minutes before."""


class Report(msgspec.Struct, frozen=True):
    """One person's click, with evidence."""

    id: str
    """The receipt number: short enough to read out, random enough not to be guessed."""
    key: str
    """The click that made it: the same key twice is one report."""
    chat: str
    by: str
    about: str
    reason: ReportReason
    at: float
    evidence: Evidence
    words: str = ""
    urgent: bool = False
    """By a teen about somebody who is none: people look at it first."""
    apart: Apart | None = None


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What the reporter holds."""

    number: str
    at: float
    href: str
    """The page that tells what has become of it; works without an account."""
    undo_until: float


class Case(msgspec.Struct, frozen=True):
    """Reports and signals about one person, for people to decide. Says by itself what it is made of."""

    id: str
    about: str
    """A person's id, or ``chat:<id>`` for a report about a room as a whole."""
    urgent: bool
    opened_at: float
    reports: tuple[str, ...] = ()
    """Numbers of its reports."""
    signals: dict[str, tuple[str, ...]] = {}
    """Kind to the chats in which that person made a ``sure`` move of it toward somebody."""
    seen_at: dict[str, float] = {}
    """``"<kind> <chat>"`` to when it was first clearly seen there."""
    noticed: dict[str, tuple[str, ...]] = {}
    """Kind to the chats in which people are to look at it, because it went toward a teen: likely, or nothing that counts."""
    urgent_by: tuple[str, ...] = ()
    """What made it urgent: numbers of reports, and ``chat <id>`` where software saw it."""
    raised: dict[str, str] = {}
    """The counts that call for a decision, by reason, each as a sentence; without any the reports wait to be read."""

    @property
    def standing(self) -> Standing:
        """Where it stands in the queue."""
        if self.urgent:
            return Standing.URGENT
        if self.raised:
            return Standing.RAISED
        return Standing.REPORTED if self.reports else Standing.SEEN


class Standing(StrEnum):
    """Whose turn it is among the open cases, those that go first at the top."""

    URGENT = "urgent"
    """An adult and a teen."""
    RAISED = "raised"
    """So many people told of the same, or told of such a thing, that it has to be decided."""
    REPORTED = "reported"
    """There are reports to be read, too few for a decision by their number alone."""
    SEEN = "seen"
    """Something was clearly seen, and nobody has reported it: it waits unseen for more."""

    @property
    def turn(self) -> int:
        """0 urgent, 1 raised, 2 reported, 3 seen."""
        return list(Standing).index(self)


class Outcome(StrEnum):
    """What people decide about a case: what the host is asked to do."""

    NO_BREACH = "no_breach"
    COACH = "coach"
    WARN = "warn"
    RESTRICT = "restrict"
    REMOVE = "remove"
