"""What is remembered: the tail of a chat, and the counts and clocks of chats and people; words only in the tail, and only for a while."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from bot.model.people import ChatKind, Person
from bot.model.signals import Cue, Kind, Signal


class Said(msgspec.Struct, frozen=True, gc=False):
    """One message in the tail of a chat. Its text is dropped when its time is over; its cues stay."""

    id: str
    author: str
    ts: float
    text: str | None
    cues: tuple[Cue, ...] = ()
    signals: tuple[Signal, ...] = ()
    whole: bool = False
    """Whether it was looked through for every cue, or only for those without which no rule can speak."""


Tail: TypeAlias = tuple[Said, ...]


class Spotted(msgspec.Struct, frozen=True, gc=False):
    """The cues of a message, and the tail before it with the cues that matter now."""

    cues: tuple[Cue, ...]
    tail: Tail
    whole: bool
    """Whether all cues were looked for; if not, there are none."""


def _empty() -> dict[str, Any]:
    """One and the same for all who have nothing yet: whoever adds to a memory makes a new one."""
    return _EMPTY


_EMPTY: dict[str, Any] = {}


class Told(msgspec.Struct, frozen=True, gc=False):
    """When and how much somebody was last spoken to in a chat."""

    at: float
    weight: int
    since: float
    """When the hour began in which ``count`` is counted."""
    count: int


WHOLE_ROOM = ""
"""Nobody's id."""


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What was said in a chat."""

    topics: dict[str, float] = msgspec.field(default_factory=_empty)
    """``"<person> <topic>"`` to when they last heard of it; with ``WHOLE_ROOM`` for a person, to when all of a room did."""
    people: dict[str, Told] = msgspec.field(default_factory=_empty)
    """Person to when they were last spoken to, and how often."""


_NOTHING_SHOWN = Shown()


class ChatMemory(msgspec.Struct, frozen=True, gc=False):
    """Counts and clocks of one chat; no words."""

    opened_at: float
    heard_at: float
    heard: int = 0
    """Messages heard so far."""
    signals: dict[str, int] = msgspec.field(default_factory=_empty)
    """``"<author> <kind>"`` to the number of messages with such a signal, hints left out."""
    shown: Shown = _NOTHING_SHOWN
    shadow: Shown = _NOTHING_SHOWN
    """The same for the chat as it would be if all that is in shadow mode were on."""
    put_away: dict[str, float] = msgspec.field(default_factory=_empty)
    """``"<person> <topic>"`` to when they dismissed it or called it wrong."""
    refused: dict[str, float] = msgspec.field(default_factory=_empty)
    """Person to when they last said no to what somebody pressed for."""
    reminded: dict[str, float] = msgspec.field(default_factory=_empty)
    """Room reminders that moderators called up: topic to when it was last posted."""
    gathered: dict[str, dict[Kind, float]] = msgspec.field(default_factory=_empty)
    """Person to what has gathered of each kind in their messages: small chances, added up. Gone when the chat comes to rest."""
    referred: bool = False
    """Whether somebody asked for the chat to be taken over."""
    kept: int = 0
    """About how many bytes the tail takes."""


class PersonMemory(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Counts and clocks of a person across chats; no words."""

    tips: int = 0
    """Early tips seen so far."""
    tip_at: float = 0.0
    """When the last full one was seen."""
    tip_edition: str = ""
    """Which edition of its words that was."""
    put_away: bool = False
    """Whether the person knows the tip and wants no more of it until its words change."""
    name_at: float = 0.0
    """When the person was last told that their display name holds more than a name."""
    dismissed: dict[str, float] = {}
    """Topic to when the person last put it away."""
    wrong: dict[str, int] = {}
    """Topic to how often the person called it wrong."""
    drafts: tuple[float, ...] = ()
    """When the last draft checks were asked for."""
    day: int = 0
    """The day, counted in UTC, to which the two counts below belong."""
    nudged: int = 0
    """Nudges heard that day."""
    room_signals: int = 0
    """Messages that broke a rule of any room that day, hints left out."""


class Ended(msgspec.Struct, frozen=True, gc=False):
    """How a chat ended: by whom, why as far as the host knows, and when."""

    by: str
    reason: str
    at: float


class Chat(msgspec.Struct, frozen=True, gc=False):
    """One conversation: who is in it, its tail and its memory."""

    id: str
    kind: ChatKind
    people: tuple[Person, ...]
    memory: ChatMemory
    tail: Tail = ()
    ended: Ended | None = None
    """Set when it has ended; a message after that means that it goes on."""

    def person(self, person_id: str) -> Person | None:
        """Somebody of this chat by id; ``None`` if they are not in it."""
        for person in self.people:
            if person.id == person_id:
                return person
        return None

    def others(self, person_id: str) -> tuple[Person, ...]:
        """Everybody in the chat but this person."""
        return tuple(person for person in self.people if person.id != person_id)
