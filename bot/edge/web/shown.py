"""How things are written on a page: reasons, signals, roles and times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec

from bot.model import Certainty, DeskRole, Kind, Outcome, ReportReason, Signal
from bot.policy import DAY, HOUR, MINUTE

REASON_NAMES: dict[ReportReason, str] = {
    ReportReason.ASKED_DETAILS: "contact details",
    ReportReason.WANTS_TO_MOVE: "moving elsewhere",
    ReportReason.PICTURES: "pictures",
    ReportReason.SEXUAL: "sexual",
    ReportReason.FLIRTING: "flirting",
    ReportReason.JUDGED: "judging or shaming",
    ReportReason.NOT_SERIOUS: "not taken seriously",
    ReportReason.DIAGNOSED: "diagnosing",
    ReportReason.LEFT: "sudden end",
    ReportReason.THREATENED: "threats",
    ReportReason.OTHER: "something else",
}
"""In short, for the desk. What reporters read stands with the assistant's other words, in ``labels.toml``."""

KIND_NAMES: dict[Kind, str] = {
    Kind.CONTACT_SHARE: "gives contact details",
    Kind.CONTACT_REQUEST: "asks for contact details",
    Kind.OFFSITE_INVITE: "invites elsewhere",
    Kind.PRETEXT: "a pretext for moving",
    Kind.PICTURE_REQUEST: "asks for a picture",
    Kind.PERSONAL_REQUEST: "asks who somebody is",
    Kind.SECRECY: "asks for secrecy",
    Kind.SEXUAL_INVITE: "a sexual invitation",
    Kind.FLIRT: "flirting",
    Kind.CRISIS: "somebody in danger",
    Kind.CONDUCT: "hurtful words",
}

CERTAINTY_NAMES: dict[Certainty, str] = {Certainty.HINT: "a hint", Certainty.LIKELY: "likely", Certainty.SURE: "sure"}

OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.NO_BREACH: ("No breach", "Nothing is asked of anybody."),
    Outcome.COACH: ("Coach", "Somebody talks with them about it, as a help."),
    Outcome.WARN: ("Warn", "They are told that this breaks a rule."),
    Outcome.RESTRICT: ("Restrict", "They can't take or open chats for a while."),
    Outcome.REMOVE: ("Remove", "They can't come back."),
}
"""What can be decided, and what the host is asked to do then."""

ROLE_NAMES: dict[DeskRole, str] = {DeskRole.VOLUNTEER: "volunteer", DeskRole.MODERATOR: "moderator", DeskRole.ADMIN: "admin"}


def day(at: float | None) -> str:
    """Date and time in words; nothing of nothing."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")


def clock(at: float) -> str:
    """The time of day."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def iso(at: float) -> str:
    """For the attribute of a ``time`` element."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def ago(at: float, now: float) -> str:
    """How long ago, roughly."""
    passed = max(0.0, now - at)
    for seconds, name in ((7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if passed >= seconds:
            return f"{many(int(passed // seconds), name)} ago"
    return "just now"


def many(n: int, noun: str, plural: str = "") -> str:
    """``1 report``, ``2 reports``."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a message, and the signals that stand on it."""

    text: str
    signals: tuple[Signal, ...] = ()

    @property
    def surest(self) -> str:
        """The certainty that its mark shows; nothing if there is no signal."""
        return max((signal.certainty for signal in self.signals), key=lambda one: one.rank).value if self.signals else ""


def pieces(text: str, signals: Iterable[Signal]) -> list[Piece]:
    """A message cut where marks begin and end."""
    spans = [(one.start, min(one.end, len(text)), one) for one in signals if one.start is not None and one.end is not None]
    spans = [span for span in spans if 0 <= span[0] < span[1]]
    cuts = sorted({0, len(text), *(cut for start, end, _ in spans for cut in (start, end))})
    return [
        Piece(text[start:end], tuple(signal for first, last, signal in spans if first <= start and end <= last))
        for start, end in pairwise(cuts)
    ]


def named(signals: Iterable[Signal]) -> list[dict[str, Any]]:
    """Signals in words, each once, the surest first."""
    best: dict[Kind, Signal] = {}
    for signal in sorted(signals, key=lambda one: one.certainty.rank):
        best[signal.kind] = signal
    shown = sorted(best.values(), key=lambda one: -one.certainty.rank)
    return [
        {
            "name": KIND_NAMES[one.kind],
            "kind": one.kind.value,
            "certainty": CERTAINTY_NAMES[one.certainty],
            "level": one.certainty.value,
            "rule": one.rule,
            "disguised": one.disguised,
        }
        for one in shown
    ]
