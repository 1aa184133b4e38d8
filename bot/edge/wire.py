"""What comes over the wire from a host, checked and made into events; and what goes back. Contract version 1."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec

from bot.model import Age, ChatKind, Closed, Command, Draft, Ending, Joined, Left, Message, Nudge, Opened, Person, Pressed, Profile, Role
from bot.text import clean

PROTOCOL = 1
LONGEST_TEXT = 20_000
"""Characters of one message; a longer one is delivered unread and said to be."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Token = Annotated[str, msgspec.Meta(max_length=4_000)]


class BadPayloadError(ValueError):
    """A payload is wrong: which field, and how. Holds nothing of what was in it."""

    def __init__(self, field: str, problem: str) -> None:
        """Name the field as a path, ``people[0].role``."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class WirePerson(msgspec.Struct, frozen=True):
    """Somebody, as a host describes them."""

    id: Id
    role: Role
    age: Age = Age.UNKNOWN
    locale: Short = "en"
    name: Short = ""

    def person(self) -> Person:
        """The same as the middle knows it."""
        return Person(clean(self.id), self.role, self.age, clean(self.locale), clean(self.name))


class ChatOpen(msgspec.Struct, frozen=True):
    """``chat.open``."""

    chat: Id
    kind: ChatKind
    people: Annotated[tuple[WirePerson, ...], msgspec.Meta(max_length=10_000)]

    def event(self, now: float) -> Opened:
        """The event for the middle."""
        del now
        return Opened(clean(self.chat), self.kind, tuple(person.person() for person in self.people))


class ChatJoin(msgspec.Struct, frozen=True):
    """``chat.join``, and ``person.update`` for one chat."""

    chat: Id
    person: WirePerson

    def event(self, now: float) -> Joined:
        """The event for the middle."""
        del now
        return Joined(clean(self.chat), self.person.person())


class ChatLeave(msgspec.Struct, frozen=True):
    """``chat.leave``."""

    chat: Id
    person_id: Id

    def event(self, now: float) -> Left:
        """The event for the middle."""
        del now
        return Left(clean(self.chat), clean(self.person_id))


class ChatClose(msgspec.Struct, frozen=True):
    """``chat.close``."""

    chat: Id
    by: Short = ""
    reason: Ending = Ending.IDLE

    def event(self, now: float) -> Closed:
        """The event for the middle."""
        del now
        return Closed(clean(self.chat), clean(self.by), self.reason)


class PersonUpdate(msgspec.Struct, frozen=True):
    """``person.update``."""

    person: WirePerson


class WireMessage(msgspec.Struct, frozen=True):
    """``message``."""

    id: Id
    chat: Id
    author: Id
    text: Text
    ts: float | None = None
    edit_of: Id | None = None

    def event(self, now: float) -> Message:
        """The event for the middle."""
        edit_of = None if self.edit_of is None else clean(self.edit_of)
        return Message(clean(self.id), clean(self.chat), clean(self.author), clean(self.text), now if self.ts is None else self.ts, edit_of)


class WireDraft(msgspec.Struct, frozen=True):
    """``draft``."""

    chat: Id
    author: Id
    text: Text

    def event(self, now: float) -> Draft:
        """The event for the middle."""
        del now
        return Draft(clean(self.chat), clean(self.author), clean(self.text))


class WireCommand(msgspec.Struct, frozen=True):
    """``command``."""

    chat: Id
    author: Id
    text: Text
    id: Short = ""

    def event(self, now: float) -> Command:
        """The event for the middle; without an id each command is a new one."""
        return Command(clean(self.id) or f"{now:.6f}", clean(self.chat), clean(self.author), clean(self.text))


class Press(msgspec.Struct, frozen=True):
    """``press``."""

    person_id: Id
    token: Token
    reason: Short = ""
    words: Text = ""

    def event(self, now: float) -> Pressed:
        """The event for the middle."""
        del now
        return Pressed(clean(self.person_id), clean(self.token), clean(self.reason), clean(self.words))


class Panel(msgspec.Struct, frozen=True):
    """``panel`` and ``reports``."""

    person_id: Id
    chat: Short = ""


class WireProfile(msgspec.Struct, frozen=True):
    """``profile``."""

    person_id: Id
    field: Short
    text: Text

    def event(self, now: float) -> Profile:
        """The event for the middle."""
        del now
        return Profile(clean(self.person_id), clean(self.field), clean(self.text))


class Hello(msgspec.Struct, frozen=True):
    """``hello``."""

    name: Short = ""
    level: Short = "verdict"


_Payload = TypeVar("_Payload")


def checked(payload: object, kind: type[_Payload]) -> _Payload:
    """A payload of the type asked for. Raises ``BadPayloadError``."""
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
    """A nudge as people's clients get it: without the name of its prompt, which is for the desk."""
    payload: dict[str, Any] = msgspec.to_builtins(nudge)
    del payload["prompt"]
    return payload
