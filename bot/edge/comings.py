"""Who comes and who goes: chats that open and end, people who enter and leave, and what is new of somebody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from bot.edge import wire
from bot.edge.bell import Bell
from bot.edge.street import Ack, Street
from bot.memory import new_chat
from bot.model import Joined, Person

LONG_OPEN_SECONDS = 60.0
"""A chat that has gone on for so long when we first hear of it gets no early tip."""

Recall = Callable[[Iterable[Person]], Awaitable[None]]


class Comings:
    """Takes what a host tells of its chats and of who is in them."""

    def __init__(self, street: Street, bell: Bell, recall: Recall) -> None:
        """``recall`` asks the store for what it remembers of people whom we don't know yet."""
        self._street = street
        self._bell = bell
        self._recall = recall
        self._closed: set[str] = set()
        self.began = 0.0
        """When the assistant was started, by its own clock."""

    async def opened(self, payload: object) -> Ack:
        """A chat began, or a host tells again of one: after a line was lost, or because it goes on after its end."""
        street, now = self._street, self._street.now
        asked = wire.checked(payload, wire.ChatOpen)
        opened = asked.event(now)
        await self._recall(opened.people)
        before, was_closed = street.chats.get(opened.chat), opened.chat in self._closed
        self._closed.discard(opened.chat)
        if before is not None:
            for person in opened.people:
                known = before.person(person.id)
                if known is not None and known != person:
                    street.send_down(Joined(before.id, person), street.chats[before.id])
            again = street.chats[before.id] = msgspec.structs.replace(street.chats[before.id], people=opened.people, ended=None)
            said = (
                wire.answer_payload(street.send_down(msgspec.structs.replace(opened, again=True), again)) if was_closed else {"nudges": ()}
            )
            return {"nudges": [*said["nudges"], *await self._bell.arrived(again, opened.people)]}
        chat = new_chat(opened.chat, opened.kind, opened.people, now)
        if asked.opened_at is not None and (asked.opened_at < self.began or now - asked.opened_at > LONG_OPEN_SECONDS):
            street.chats[chat.id] = chat  # we have come into the middle of it: this is no moment for a tip
            return {"nudges": await self._bell.arrived(chat, opened.people)}
        said = wire.answer_payload(street.send_down(opened, chat))
        return {"nudges": [*said["nudges"], *await self._bell.arrived(street.chats[chat.id], opened.people)]}

    async def joined(self, payload: object) -> Ack:
        """Somebody came into a chat."""
        street = self._street
        joined = wire.checked(payload, wire.ChatJoin).event(street.now)
        await self._recall((joined.person,))
        said = wire.answer_payload(street.send_down(joined, street.chat(joined.chat)))
        return {"nudges": [*said["nudges"], *await self._bell.arrived(street.chats[joined.chat], (joined.person,))]}

    async def left(self, payload: object) -> Ack:
        """Somebody left a chat that goes on."""
        street = self._street
        left = wire.checked(payload, wire.ChatLeave).event(street.now)
        chat = street.chat(left.chat)
        self._bell.gone(chat.id, [person for person in chat.people if person.id == left.person])
        return wire.answer_payload(street.send_down(left, chat))

    async def closed(self, payload: object) -> Ack:
        """A chat ended. The tail stays until its time is over: many report only then."""
        street = self._street
        closed = wire.checked(payload, wire.ChatClose).event(street.now)
        chat = street.chat(closed.chat)
        if chat.ended is not None:
            return {"nudges": []}
        self._closed.add(chat.id)
        self._bell.gone(chat.id, chat.people)
        return wire.answer_payload(street.send_down(closed, chat))

    async def updated(self, payload: object) -> Ack:
        """Something is new of somebody: it may change how two people stand to each other in every chat they are in."""
        person = wire.checked(payload, wire.PersonUpdate).person.person()
        for chat in self._street.chats.of(person.id):
            self._street.send_down(Joined(chat.id, person), chat)
        return {"nudges": []}

    def is_closed(self, chat: str) -> bool:
        """Whether a host has said that a chat ended."""
        return chat in self._closed

    def forget(self, chat: str) -> None:
        """A chat is remembered no more."""
        self._closed.discard(chat)
