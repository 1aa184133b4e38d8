"""Notices reach people: in the chat if they are there, else when they come back; told until shown, each with one id."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.edge import wire
from bot.edge.hosts import Hosts
from bot.edge.store.notices import Notice
from bot.edge.street import Ack, Street
from bot.model import Audience, Chat, Person

HOST = ""
"""For whom a notice is that is for no person."""
ROOM = "chat:"
"""Before the id of a chat, where a case is about a chat as a whole."""


class Bell:
    """Tells what is due, and takes note of what was shown."""

    def __init__(self, street: Street, hosts: Hosts) -> None:
        """Know nobody who was told anything."""
        self._street = street
        self._hosts = hosts
        self._told: dict[str, set[str]] = {}
        """Person to the ids of notices told since they last came."""

    async def arrived(self, chat: Chat, people: Iterable[Person]) -> list[Ack]:
        """Somebody came, or came back: what they have not been shown yet, all of it."""
        for person in people:
            self._told.pop(person.id, None)
        return await self._due(chat, tuple(people))

    async def ring(self) -> None:
        """Tell what has become due to those who are there, and to the hosts."""
        chats: dict[str, list[Chat]] = {}
        # Whose chats all rest is told when they come back, or when one of them goes on.
        for chat in self._street.chats.awake():
            if chat.ended is None:
                for one in chat.people:
                    chats.setdefault(one.id, []).append(chat)
        for notice in await self._street.store.notices.due(chats, self._street.now):
            there = chats[notice.person][-1]
            person = there.person(notice.person)
            if person is not None:
                for nudge in await self._say([notice], there, person):
                    self._street.tell(there.id, "nudge", nudge)
        for notice in await self._street.store.notices.due([HOST], self._street.now):
            await self._ask_host(notice)

    async def shown(self, payload: object) -> Ack:
        """Somebody's client has shown a notice: it is not told again."""
        seen = wire.checked(payload, wire.Shown)
        if not await self._street.store.notices.shown(seen.id, seen.person_id, self._street.now):
            return {"error": "There is no such note for this person.", "field": "id"}
        return {}

    async def _due(self, chat: Chat, people: tuple[Person, ...]) -> list[Ack]:
        by_id = {person.id: person for person in people}
        said = []
        for notice in await self._street.store.notices.due(by_id, self._street.now):
            said += await self._say([notice], chat, by_id[notice.person])
        return said

    async def _say(self, notices: Iterable[Notice], chat: Chat, person: Person) -> list[Ack]:
        """Put notices into words for somebody who is there, once for each time they come."""
        told = self._told.setdefault(person.id, set())
        fresh = [notice for notice in notices if notice.id not in told]
        if not fresh:
            return []
        told.update(notice.id for notice in fresh)
        said = []
        for notice in fresh:
            nudges = self._street.assistant.voice.say(notice.topic, Audience.TO_SENDER, (person,), chat, self._street.now, self._street.rng)
            said += [{**wire.nudge_payload(msgspec.structs.replace(nudge, id=notice.id)), "confirm": True} for nudge in nudges]
        await self._street.store.notices.tried([notice.id for notice in fresh])
        if not self._hosts.confirms(chat.id):  # to have handed it over is all that can be known
            for notice in fresh:
                await self._street.store.notices.shown(notice.id, person.id, self._street.now)
        return said

    async def _ask_host(self, notice: Notice) -> None:
        """Ask a host to do what people have decided, until it says that it has heard."""
        about = notice.about or ""
        payload = {"id": notice.id, "case": notice.case, "urgent": False, "about": about, "outcome": notice.outcome}
        answer = await self._street.ask(about.removeprefix(ROOM), "case", payload)
        if answer is not None:
            await self._street.store.notices.shown(notice.id, HOST, self._street.now)
