"""What happens in a chat, as it comes down the street."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from bot.model.people import ChatKind, Person
from bot.model.signals import Kind, Signal


class Message(msgspec.Struct, frozen=True, gc=False):
    """What a person said, where and when."""

    id: str
    chat: str
    author: str
    text: str
    ts: float
    edit_of: str | None = None


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A chat began, or the assistant has just come to it."""

    chat: str
    kind: ChatKind
    people: tuple[Person, ...]
    again: bool = False
    """Whether it had ended before: hosts may use one id for all talks of the same two."""


class Joined(msgspec.Struct, frozen=True, gc=False):
    """Somebody came into a chat, or the host knows something new of them."""

    chat: str
    person: Person


class Left(msgspec.Struct, frozen=True, gc=False):
    """Somebody went."""

    chat: str
    person: str


class Command(msgspec.Struct, frozen=True, gc=False):
    """Somebody typed ``/rules``, ``/remind <topic>``, ``/mod <why>`` or ``/safety``; nobody else sees it."""

    id: str
    chat: str
    author: str
    text: str


class Draft(msgspec.Struct, frozen=True, gc=False):
    """Somebody wants to know, before sending, whether there is anything to say about their words."""

    chat: str
    author: str
    text: str


class Pressed(msgspec.Struct, frozen=True, gc=False):
    """Somebody pressed a button of a nudge."""

    person: str
    token: str
    reason: str = ""
    words: str = ""
    sent: tuple[Sent, ...] = ()
    """What the reporter's client sends along, for what the tail no longer holds."""


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A message as somebody else tells of it: the host, or the reporter's client."""

    author: str
    text: str
    ts: float = 0.0
    id: str = ""


class Insight(msgspec.Struct, frozen=True, gc=False):
    """What a slower reader saw in a message that has long been answered."""

    chat: str
    message: str
    signals: tuple[Signal, ...]
    chances: dict[Kind, float] = msgspec.field(default_factory=dict)
    """How probable each kind is, where it is not spoken of and yet more than nothing."""


class Profile(msgspec.Struct, frozen=True, gc=False):
    """Somebody wrote something that others can read about them."""

    person: str
    field: str
    text: str


class Ending(StrEnum):
    """How a chat came to its end."""

    LEFT = "left"
    BLOCKED = "blocked"
    IDLE = "idle"
    LOST = "lost"
    """The connection broke."""


class Closed(msgspec.Struct, frozen=True, gc=False):
    """A chat has ended."""

    chat: str
    by: str
    """Who ended it; empty if nobody did."""
    reason: Ending


Event: TypeAlias = Opened | Joined | Left | Closed | Message | Insight | Command | Draft | Pressed | Profile
