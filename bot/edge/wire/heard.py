"""What a host sends: one type for each event, and the event that it becomes in the middle."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from bot.edge.wire.fields import (
    LONGEST_ID,
    AnyChat,
    AnyPerson,
    ChatId,
    CommandId,
    Level,
    Locale,
    MessageId,
    Name,
    PersonId,
    Short,
    Text,
    Time,
    Token,
    Words,
)
from bot.model import Age, ChatKind, Closed, Command, Draft, Ending, Joined, Left, Message, Opened, Person, Pressed, Profile, Role, Sent
from bot.text import clean

MOST_SENT, LONGEST_SENT = 40, 4_000
"""Messages that a reporter's client may send along, and characters of each."""


class WirePerson(msgspec.Struct, frozen=True):
    """Somebody, as a host describes them."""

    id: PersonId
    role: Role
    age: Age = Age.UNKNOWN
    locale: Locale = "en"
    name: Name = ""

    def person(self) -> Person:
        """The same as the middle knows it."""
        return Person(clean(self.id), self.role, self.age, clean(self.locale), clean(self.name))


class WireHelpline(msgspec.Struct, frozen=True):
    """Somebody trained to talk to people in a crisis."""

    name: Short
    number: Short
    href: Short
    countries: Annotated[tuple[Short, ...], Meta(description="Two letters each, in capitals; none means everywhere.")] = ()


class Hello(msgspec.Struct, frozen=True):
    """The host says who it is and how much the assistant may do. The first event of every connection."""

    name: Short = ""
    level: Level = Level.VERDICT
    protocol: Annotated[int, Meta(ge=1, description="The version that the host speaks, one of those the assistant offered.")] = 1
    regions: Annotated[
        tuple[Short, ...] | None, Meta(description="Countries whose national phone numbers are read, as ISO 3166 has them.")
    ] = None
    own_links: Annotated[tuple[Short, ...] | None, Meta(description="Domains that are the host's own and may be shared.")] = None
    locales: Annotated[tuple[Short, ...], Meta(description="The languages that the host's people read.")] = ()
    helplines: Annotated[tuple[WireHelpline, ...] | None, Meta(description="Whom to call in a crisis, for the people of this host.")] = None
    confirms: Annotated[
        bool, Meta(description="Whether the host sends `shown` for nudges with `confirm`; without it they count as shown.")
    ] = False


class ChatOpen(msgspec.Struct, frozen=True):
    """A chat began; or the assistant has just come, and it is going on. Opening a chat again is harmless."""

    chat: ChatId
    kind: ChatKind
    people: Annotated[tuple[WirePerson, ...], Meta(max_length=10_000)]
    opened_at: Time | None = None

    def event(self, now: float) -> Opened:
        """The event for the middle."""
        del now
        return Opened(clean(self.chat), self.kind, tuple(person.person() for person in self.people))


class ChatJoin(msgspec.Struct, frozen=True):
    """Somebody came into a chat, or came back to it, such as by loading the page anew: then what they missed is said."""

    chat: ChatId
    person: WirePerson

    def event(self, now: float) -> Joined:
        """The event for the middle."""
        del now
        return Joined(clean(self.chat), self.person.person())


class ChatLeave(msgspec.Struct, frozen=True):
    """Somebody left a chat that goes on."""

    chat: ChatId
    person_id: PersonId

    def event(self, now: float) -> Left:
        """The event for the middle."""
        del now
        return Left(clean(self.chat), clean(self.person_id))


class ChatClose(msgspec.Struct, frozen=True):
    """A chat ended. It can still be reported."""

    chat: ChatId
    by: AnyPerson = ""
    reason: Ending = Ending.IDLE

    def event(self, now: float) -> Closed:
        """The event for the middle."""
        del now
        return Closed(clean(self.chat), clean(self.by), self.reason)


class PersonUpdate(msgspec.Struct, frozen=True):
    """Something about somebody changed, in all of their chats: a birthday, a role, a name."""

    person: WirePerson


class WireMessage(msgspec.Struct, frozen=True):
    """Somebody said something, or changed what they had said."""

    id: MessageId
    chat: ChatId
    author: PersonId
    text: Text
    ts: Time | None = None
    edit_of: MessageId | None = None

    def event(self, now: float) -> Message:
        """The event for the middle. A host's clock that goes ahead of ours does not count: words would stay for too long."""
        edit_of = None if self.edit_of is None else clean(self.edit_of)
        ts = now if self.ts is None else min(self.ts, now)
        return Message(clean(self.id), clean(self.chat), clean(self.author), clean(self.text), ts, edit_of)


class WireDraft(msgspec.Struct, frozen=True):
    """Somebody asks, before sending, whether there is anything to say about their words."""

    chat: ChatId
    author: PersonId
    text: Text

    def event(self, now: float) -> Draft:
        """The event for the middle."""
        del now
        return Draft(clean(self.chat), clean(self.author), clean(self.text))


class WireCommand(msgspec.Struct, frozen=True):
    """Somebody typed a command; nobody else sees it."""

    chat: ChatId
    author: PersonId
    text: Text
    id: CommandId = ""

    def event(self, now: float) -> Command:
        """The event for the middle; without an id each command is a new one."""
        return Command(clean(self.id) or f"{now:.6f}", clean(self.chat), clean(self.author), clean(self.text))


class SentLine(msgspec.Struct, frozen=True):
    """A message as the reporter's client has it."""

    author: PersonId
    text: Annotated[str, Meta(max_length=LONGEST_SENT)]
    ts: Time = 0.0
    id: Annotated[str, Meta(max_length=LONGEST_ID)] = ""


class Press(msgspec.Struct, frozen=True):
    """Somebody pressed a button of a nudge."""

    person_id: PersonId
    token: Token
    reason: Short = ""
    words: Words = ""
    sent: Annotated[
        tuple[SentLine, ...],
        Meta(
            max_length=MOST_SENT,
            description="With a report: messages as the reporter's client has them. Shown as such: nobody has checked them.",
        ),
    ] = ()

    def event(self, now: float) -> Pressed:
        """The event for the middle."""
        del now
        sent = tuple(Sent(clean(line.author), clean(line.text), line.ts, clean(line.id)) for line in self.sent)
        return Pressed(clean(self.person_id), clean(self.token), clean(self.reason), clean(self.words), sent)


class Panel(msgspec.Struct, frozen=True):
    """Somebody opened the safety panel of a chat, or the list of their own reports."""

    person_id: PersonId
    chat: AnyChat = ""


class Shown(msgspec.Struct, frozen=True):
    """Somebody's client has shown them a nudge that asks for it with `confirm`. Until then it comes again whenever they come."""

    person_id: PersonId
    id: Annotated[str, Meta(max_length=LONGEST_ID, description="The id of the nudge.")]


class WireProfile(msgspec.Struct, frozen=True):
    """Somebody wrote something that others can read about them."""

    person_id: PersonId
    field: Short
    text: Text

    def event(self, now: float) -> Profile:
        """The event for the middle."""
        del now
        return Profile(clean(self.person_id), clean(self.field), clean(self.text))
