"""A chat that does not speak the contract: where in its own events stands what was said, by whom and where. Settings, and how they read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from pydantic import BaseModel, Field, model_validator

from bot.model import Age, ChatKind, Role

HOLE = re.compile(r"\{(\w+)\}")
BETWEEN = " & "
"""Stands between the two people after whom a talk is called that has no name of its own."""


class MessageMap(BaseModel, extra="forbid"):
    """One event that carries something said. Where something stands is a path, its parts parted by dots; ``""`` is the whole of it."""

    event: str
    text: str
    author: str
    id: str | None = None
    """Without one each arrival is a message of its own."""
    chat: str | tuple[str, str] | None = None
    """Where the chat's name stands, or, in a talk between two, where theirs do."""
    room: str = "room"
    """What the one room is called, if the chat is nowhere named."""
    kind: ChatKind | None = None


class WhisperMap(BaseModel, extra="forbid"):
    """How to say something to one person and nobody else: an event whose payload holds ``{to}`` and ``{text}``."""

    event: str
    payload: dict[str, Any] | str
    heard_as: str = ""
    """The event by which it arrives, if it is another one."""


class ProbeMap(BaseModel, extra="forbid"):
    """Two accounts by which it is proven that a whisper arrives with the one and not with the other."""

    receiver: dict[str, Any]
    bystander: dict[str, Any]
    """What each hands over when it connects, as ``auth`` does for the assistant itself."""


class Mapping(BaseModel, extra="forbid"):
    """The whole table."""

    auth: dict[str, Any] = {}
    """What the assistant's account hands over when it connects; a token is added as ``token``."""
    hello: tuple[tuple[Any, ...], ...] = ()
    """Events to emit then, each with its arguments."""
    me: str = ""
    """Where the assistant's own id stands, in the event ``me_event``; or the id itself, if there is no such event."""
    me_event: str = ""
    messages: tuple[MessageMap, ...] = Field(min_length=1)
    whisper: WhisperMap | None = None
    probe: ProbeMap | None = None
    roles: dict[Role, tuple[str, ...]] = {}
    """Who is what, by id; everybody else is a member."""
    age: Age = Age.UNKNOWN
    """Of everybody. An unknown age is treated with the greatest care on both sides, which suits few hosts that have adults only."""

    @model_validator(mode="after")
    def _can_prove_what_it_whispers(self) -> Mapping:
        if self.whisper is not None and self.probe is None:
            raise ValueError("a whisper needs a probe: two accounts that prove where it arrives")
        return self

    def role(self, person: str) -> Role:
        """What somebody is."""
        return next((role for role, people in self.roles.items() if person in people), Role.MEMBER)


class Observed(msgspec.Struct, frozen=True):
    """Something that was said, as far as it could be read."""

    chat: str
    kind: ChatKind
    people: tuple[str, ...]
    author: str
    text: str
    id: str = ""


def read(table: MessageMap, arguments: tuple[Any, ...]) -> Observed | None:
    """What an event tells; nothing if it has not the form that the table says."""
    payload = arguments[0] if len(arguments) == 1 else list(arguments)
    text, author = at(payload, table.text), name_at(payload, table.author)
    if not isinstance(text, str) or author is None:
        return None
    number = "" if table.id is None else name_at(payload, table.id) or ""
    if isinstance(table.chat, tuple):
        two = [name_at(payload, path) for path in table.chat]
        known = [one for one in two if one is not None]
        if len(known) != len(two):
            return None
        return Observed(BETWEEN.join(sorted(known)), table.kind or ChatKind.DIRECT, tuple(known), author, text, number)
    chat = table.room if table.chat is None else name_at(payload, table.chat)
    return None if chat is None else Observed(chat, table.kind or ChatKind.ROOM, (author,), author, text, number)


def at(payload: object, path: str) -> object:
    """What stands at a path: names of fields and places in lists; nothing if it leads nowhere."""
    for part in filter(None, path.split(".")):
        if isinstance(payload, dict):
            payload = payload.get(part)
        elif isinstance(payload, list) and part.isdecimal() and int(part) < len(payload):
            payload = payload[int(part)]
        else:
            return None
    return payload


def name_at(payload: object, path: str) -> str | None:
    """A name, which may be written as a number."""
    found = at(payload, path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found) or None


def filled(template: object, **values: str) -> Any:  # noqa: ANN401 -- as the template is
    """A payload with its ``{names}`` replaced, however deep they stand."""
    if isinstance(template, str):  # in one pass: what people write may look like a name as well
        return HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)
    if isinstance(template, dict):
        return {key: filled(value, **values) for key, value in template.items()}
    if isinstance(template, Iterable):
        return [filled(value, **values) for value in template]
    return template
