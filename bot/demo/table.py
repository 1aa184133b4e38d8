"""Who sits where in the demo: the people of one visitor, their talk and their room, and what each of them may see of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from bot.model import Age, ChatKind, Person, Role

Payload = dict[str, Any]

NAMES = {Role.MEMBER: "Sam", Role.LISTENER: "Robin", Role.MODERATOR: "Noor"}


class Talk:
    """One conversation and what was said in it."""

    def __init__(self, chat_id: str, kind: ChatKind, title: str, people: tuple[Person, ...]) -> None:
        """Begin with nothing said."""
        self.id = chat_id
        self.kind = kind
        self.title = title
        self.people = people
        self.log: dict[str, Payload] = {}
        self.opened = False

    def person(self, person_id: str) -> Person | None:
        """Somebody of this talk."""
        return next((person for person in self.people if person.id == person_id), None)

    def seen_by(self, person_id: str) -> Iterator[Payload]:
        """What was said, as one person sees it."""
        for said in self.log.values():
            shown = shown_to(said, person_id)
            if shown is not None:
                yield shown


class Table:
    """The people who play together, by token, and their talks."""

    def __init__(self) -> None:
        """Lay it with fresh ids."""
        name = secrets.token_hex(4)
        self.people = {role: Person(f"{role}-{name}", role, Age.ADULT, "en", NAMES[role]) for role in NAMES}
        self.tokens = {secrets.token_urlsafe(16): person for person in self.people.values()}
        member, listener = self.people[Role.MEMBER], self.people[Role.LISTENER]
        self.direct = Talk(f"talk-{name}", ChatKind.DIRECT, "A talk between two", (member, listener))
        self.room = Talk(f"room-{name}", ChatKind.ROOM, "The evening room", tuple(self.people.values()))
        self.talks = {self.direct.id: self.direct, self.room.id: self.room}

    def card(self, desk: str) -> Payload:
        """What the page needs to sit down."""
        people = {
            person.role.value: {"id": person.id, "name": person.name, "role": person.role.value, "token": token}
            for token, person in self.tokens.items()
        }
        return {"people": people, "direct": self.direct.id, "room": self.room.id, "desk": desk}

    def welcome(self, person: Person) -> Payload:
        """What somebody finds who sits down: who they are, and their chats with all that was said there."""
        chats = [
            {
                "id": talk.id,
                "kind": talk.kind.value,
                "title": talk.title,
                "people": [_named(someone) for someone in talk.people],
                "log": list(talk.seen_by(person.id)),
            }
            for talk in self.talks.values()
            if talk.person(person.id) is not None
        ]
        return {"you": _named(person), "chats": chats}


def shown_to(message: Payload, person_id: str) -> Payload | None:
    """A message as one person sees it: its author their own words, everybody else what was let through."""
    if message["author"]["id"] == person_id:
        return {**message, "mine": True}
    if message["shown_as"] is None:
        return None
    return {**message, "text": message["shown_as"], "shown_as": message["shown_as"], "mine": False}


def _named(person: Person) -> Payload:
    return {"id": person.id, "name": person.name, "role": person.role.value}
