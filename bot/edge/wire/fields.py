"""The fields that payloads are made of: each with its limit and with the words that the documents tell of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

LONGEST_TEXT = 20_000
"""Characters of one message; a longer one is delivered unread and said to be."""
LONGEST_ID = 200
LATEST = 100_000_000_000
"""Seconds since 1970; what is above was written in milliseconds."""

SCOPED: dict[str, Any] = {"scoped": True}
"""Marks a name that is a host's own and nobody else's: within the assistant the host's name stands before it."""


class Level(StrEnum):
    """How much a host lets the assistant do. Each level includes those before it."""

    OBSERVE = "observe"
    WHISPER = "whisper"
    VERDICT = "verdict"
    ACT = "act"

    @property
    def rank(self) -> int:
        """0 observe, 1 whisper, 2 verdict, 3 act."""
        return tuple(Level).index(self)


class Degraded(StrEnum):
    """Why an answer is not what the assistant would have said, had all gone well."""

    TIMEOUT = "timeout"
    ERROR = "error"
    BUSY = "busy"


def _id(words: str, least: int = 1, *, scoped: bool = True) -> Meta:
    return Meta(min_length=least, max_length=LONGEST_ID, description=words, extra=SCOPED if scoped else None)


ChatId = Annotated[str, _id("The chat, as the host calls it.")]
PersonId = Annotated[str, _id("Somebody, by the id they have everywhere on the host and keep.")]
MessageId = Annotated[str, _id("A message, by an id of its own within its chat. The same id again is the same message.", scoped=False)]
AnyChat = Annotated[str, _id("The chat, as the host calls it; empty where there is none.", 0)]
AnyPerson = Annotated[str, _id("Somebody by their id; empty if nobody did it.", 0)]
CommandId = Annotated[
    str, _id("An id of the host's, so that the same command sent twice is one; without it each is a new one.", 0, scoped=False)
]

Name = Annotated[str, Meta(max_length=200, description="What others call somebody; shown to nobody if it could lead to them.")]
Locale = Annotated[str, Meta(max_length=200, description="The language somebody reads, as BCP 47 has it: `en`, `pt-BR`.")]
Short = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT, description="What was written, as it was written.")]
Words = Annotated[str, Meta(max_length=LONGEST_TEXT, description="What the person adds in their own words.")]
Token = Annotated[str, Meta(max_length=4_000, description="What the button carries, unchanged.")]
Time = Annotated[float, Meta(ge=0, le=LATEST, description="Unix seconds, not milliseconds.")]
Verdict = Annotated[str, Meta(description="What becomes of the message for everybody but its author.")]
