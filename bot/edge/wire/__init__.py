"""What comes over the wire from a host, checked and made into events; and what goes back. Contract version 1."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from bot.edge.wire.contract import (
    COMMANDS,
    EVENTS,
    FROM_BOT,
    FROM_HOST,
    NAMESPACE,
    PROTOCOL,
    PROTOCOLS,
    SOON,
    Event,
    asyncapi,
    is_command,
    written,
)
from bot.edge.wire.fields import LONGEST_TEXT, Degraded, Level
from bot.edge.wire.heard import (
    ChatClose,
    ChatJoin,
    ChatLeave,
    ChatOpen,
    Hello,
    Panel,
    PersonUpdate,
    Press,
    SentLine,
    Shown,
    WireCommand,
    WireDraft,
    WireHelpline,
    WireMessage,
    WirePerson,
    WireProfile,
)
from bot.edge.wire.said import Evidence, EvidenceLine
from bot.edge.wire.scope import in_full, scope_of, scoped, scoped_lines, unscoped
from bot.model import Answer, Nudge

__all__ = [
    "COMMANDS", "EVENTS", "FROM_BOT", "FROM_HOST", "LONGEST_TEXT", "NAMESPACE", "PROTOCOL", "PROTOCOLS", "SOON",
    "BadPayloadError", "ChatClose", "ChatJoin", "ChatLeave", "ChatOpen", "Degraded", "Event", "Hello", "Level", "Panel", "PersonUpdate",
    "Press", "SentLine", "Shown", "WireCommand", "WireDraft", "WireHelpline", "WireMessage", "WirePerson", "WireProfile",
    "asyncapi", "checked", "in_full",
    "is_command", "lines_in", "nudge_payload", "scope_of", "scoped", "scoped_lines", "unscoped", "written",
]  # fmt: skip


class BadPayloadError(ValueError):
    """A payload is wrong: which field, and how. Holds nothing of what was in it."""

    def __init__(self, field: str, problem: str) -> None:
        """Name the field as a path, ``people[0].role``."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


_Payload = TypeVar("_Payload")


def checked(payload: object, kind: type[_Payload]) -> _Payload:
    """A payload of the type asked for; one that has been checked before is given back. Raises ``BadPayloadError``."""
    if type(payload) is kind:
        return payload
    try:
        return msgspec.convert(payload, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        problem, _, place = str(error).partition(" - at `")
        parts = (place.rstrip("`").removeprefix("$").removeprefix("."), _missing(problem))
        field = ".".join(part for part in parts if part) or "payload"
        raise BadPayloadError(field, problem) from None


def _missing(problem: str) -> str:
    """The field's name out of ``Object missing required field `text```; nothing if something else is wrong."""
    before, _, after = problem.partition("missing required field `")
    return after.rstrip("`") if before == "Object " else ""


def nudge_payload(nudge: Nudge) -> dict[str, Any]:
    """A nudge as people's clients get it: without the names of its prompt and its rule, which are for the desk."""
    payload: dict[str, Any] = msgspec.to_builtins(nudge)
    del payload["prompt"], payload["rule"]
    return payload


def answer_payload(answer: Answer) -> dict[str, Any]:
    """What is said to people in an answer of the middle, or why there is none."""
    if answer.error:
        return {"error": answer.error}
    return {"nudges": [nudge_payload(nudge) for nudge in answer.nudges]}


def lines_in(answer: dict[str, Any] | None) -> tuple[EvidenceLine, ...] | None:
    """The messages that a host still has, out of its answer; nothing if it has answered with anything else."""
    try:
        found = msgspec.convert(answer, Evidence)
    except msgspec.ValidationError:
        return None
    return None if found.messages is msgspec.UNSET else found.messages
