"""What the law looks at beside the signals of a message: who is there, what is remembered of them, and what time it is."""

from __future__ import annotations

import msgspec

from bot.model import Age, Certainty, Chat, ChatKind, Kind, People, Person, PersonMemory, Role, Signal
from bot.policy.ladder import BINDING, PRESSURE, ROOM_MATTERS, STANDING, Standing
from bot.policy.limits import Limits, day_of

NOBODY: People = {}
FRESH = PersonMemory()


class Scene(msgspec.Struct, frozen=True, gc=False):
    """One message of an author in a chat, at one moment."""

    chat: Chat
    author: Person
    now: float
    people: People = NOBODY
    limits: Limits = Limits()
    refuses: Kind | None = None
    """To what this message says no; ``None`` if it does not."""
    before: tuple[Signal, ...] = ()
    """What was seen in this very message before, if it is read a second time."""
    said_at: float | None = None
    """When it was said, if that was not now."""

    def memory(self, person: Person) -> PersonMemory:
        """What is remembered of somebody across chats."""
        return self.people.get(person.id, FRESH)

    @property
    def has_moderator(self) -> bool:
        """Whether a moderator is in the chat."""
        return any(person.role is Role.MODERATOR for person in self.chat.people)

    def standing_to(self, other: Person) -> Standing:
        """How the author stands to somebody by age."""
        return STANDING[self.author.age, other.age]

    def is_toward(self, standing: Standing) -> bool:
        """Whether the author stands so to anybody here."""
        return any(self.standing_to(person) is standing for person in self.chat.others(self.author.id))

    def times(self, kind: Kind) -> int:
        """How many messages of that kind the author has sent in this chat, this one included."""
        counted = self.chat.memory.signals.get(f"{self.author.id} {kind}", 0)
        return counted if kind in plain_kinds(self.before) else counted + 1

    def times_in_rooms(self) -> int:
        """How many messages of the author broke a rule of any room today, this one included."""
        memory = self.memory(self.author)
        counted = memory.room_signals if memory.day == day_of(self.now) else 0
        return counted if plain_kinds(self.before) & ROOM_MATTERS else counted + 1

    def drifters(self, kinds: frozenset[Kind]) -> int:
        """How many people of the chat have lately sent such messages, the author included."""
        since = self.now - self.limits.drift_seconds
        lately = (said for said in self.chat.tail if said.ts >= since)
        return len({self.author.id, *(said.author for said in lately if plain_kinds(said.signals) & kinds)})

    @property
    def was_refused(self) -> bool:
        """Whether anybody else has said no to such things in this chat."""
        return any(person.id in self.chat.memory.refused for person in self.chat.others(self.author.id))


def plain_kinds(signals: tuple[Signal, ...]) -> set[Kind]:
    """The kinds of what is more than a hint."""
    return {signal.kind for signal in signals if signal.certainty is not Certainty.HINT}


def refused_kind(chat: Chat, author: Person, messages: int) -> Kind | None:
    """The last thing among so many messages that somebody else pressed for; ``None`` if there was none."""
    if chat.kind is not ChatKind.DIRECT:
        return None
    for said in reversed(chat.tail[-messages:]):
        if said.author != author.id:
            for signal in said.signals:
                if signal.certainty is not Certainty.HINT and signal.kind in _REFUSABLE:
                    return signal.kind
    return None


_REFUSABLE = PRESSURE | {Kind.SEXUAL_INVITE, Kind.FLIRT}


def is_toward_teen(chat: Chat, author: Person) -> bool:
    """Whether somebody who may be an adult speaks to a teen."""
    return author.age is not Age.TEEN and any(STANDING[author.age, one.age] is Standing.TOWARD_TEEN for one in chat.others(author.id))


def is_binding(signal: Signal) -> bool:
    """Whether a signal may do more than be spoken of."""
    return signal.reader in BINDING
