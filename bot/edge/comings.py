"""Who comes and who goes: chats that open and end, people who enter and leave, and what is new of somebody."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from bot.edge import wire
from bot.edge.bell import Bell
from bot.edge.street import Ack, Street
from bot.memory import new_chat
from bot.model import Chat, Joined

LONG_OPEN_SECONDS = 60.0
"""A chat that has gone on for so long when we first hear of it gets no early tip."""
MESSAGE_WAITS = 0.1
"""So many seconds a message waits for its chat to be opened, if that is being done: then it goes out unread, for somebody waits for it."""


class Comings:
    """Takes what a host tells of its chats and of who is in them."""

    def __init__(self, street: Street, bell: Bell) -> None:
        """Stand on this street, with the bell that tells people what is due."""
        self._street = street
        self._bell = bell
        self._closed: set[str] = set()
        self._opening: dict[str, asyncio.Event] = {}
        """Chats that are being opened: the store is asked for their people, and meanwhile more may be told of them."""
        self.began = 0.0
        """When the assistant was started, by its own clock."""

    async def opened(self, payload: object) -> Ack:
        """A chat began, or a host tells again of one: after a line was lost, or because it goes on after its end."""
        asked = wire.checked(payload, wire.ChatOpen)
        await self._until_opened(asked.chat)
        done = self._opening[asked.chat] = asyncio.Event()
        try:
            return await self._open(asked)
        finally:
            del self._opening[asked.chat]
            done.set()

    async def _open(self, asked: wire.ChatOpen) -> Ack:
        street, now = self._street, self._street.now
        opened = asked.event(now)
        await street.recall(person.id for person in opened.people)
        before, was_closed = street.chats.get(opened.chat), opened.chat in self._closed
        self._closed.discard(opened.chat)
        if before is not None:
            nudges = []
            before = street.chats[before.id] = msgspec.structs.replace(before, kind=opened.kind)
            for person in opened.people:
                known = before.person(person.id)
                # Where the chat begins again, newcomers are greeted with all.
                if known != person and not (was_closed and known is None):
                    said = street.send_down(Joined(before.id, person), street.chats[before.id])
                    nudges += wire.answer_payload(said)["nudges"]
            again = street.chats[before.id] = msgspec.structs.replace(street.chats[before.id], people=opened.people, ended=None)
            if was_closed:
                nudges += wire.answer_payload(street.send_down(msgspec.structs.replace(opened, again=True), again))["nudges"]
            return {"nudges": [*nudges, *await self._bell.arrived(again, opened.people)]}
        chat = new_chat(opened.chat, opened.kind, opened.people, now)
        if asked.opened_at is not None and (asked.opened_at < self.began or now - asked.opened_at > LONG_OPEN_SECONDS):
            street.chats[chat.id] = chat  # we have come into the middle of it: this is no moment for a tip
            return {"nudges": await self._bell.arrived(chat, opened.people)}
        said = street.send_down(opened, chat)
        return {"nudges": [*wire.answer_payload(said)["nudges"], *await self._bell.arrived(street.chats[chat.id], opened.people)]}

    async def _until_opened(self, chat: str) -> None:
        """Let an opening that is under way have its turn."""
        while (opening := self._opening.get(chat)) is not None:
            await opening.wait()

    async def there(self, chat: str) -> Chat:
        """The chat of a message, also where it comes while the chat is being opened. Raises ``BadPayloadError``."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._until_opened(chat), MESSAGE_WAITS)
        return self._street.chat(chat)

    async def joined(self, payload: object) -> Ack:
        """Somebody came into a chat."""
        street = self._street
        joined = wire.checked(payload, wire.ChatJoin).event(street.now)
        await self._until_opened(joined.chat)
        await street.recall((joined.person.id,))
        said = wire.answer_payload(street.send_down(joined, street.chat(joined.chat)))
        return {"nudges": [*said["nudges"], *await self._bell.arrived(street.chats[joined.chat], (joined.person,))]}

    async def left(self, payload: object) -> Ack:
        """Somebody left a chat that goes on."""
        street = self._street
        left = wire.checked(payload, wire.ChatLeave).event(street.now)
        await self._until_opened(left.chat)
        chat = street.chat(left.chat)
        self._bell.gone(chat.id, [person for person in chat.people if person.id == left.person])
        return wire.answer_payload(street.send_down(left, chat))

    async def closed(self, payload: object) -> Ack:
        """A chat ended. The tail stays until its time is over: many report only then."""
        street = self._street
        closed = wire.checked(payload, wire.ChatClose).event(street.now)
        await self._until_opened(closed.chat)
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
