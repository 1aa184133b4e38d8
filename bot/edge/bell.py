"""Notices reach people: in the chat if they are there, else when they come back; told until shown, each with one id."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.edge import wire
from bot.edge.hosts import Hosts
from bot.edge.store.notices import Notice
from bot.edge.street import Ack, Street
from bot.model import Action, ActionKind, Audience, Chat, Outcome, Person

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
        self._here: dict[str, str] = {}
        """Person to the chat that they came to last, while they are in it."""

    async def arrived(self, chat: Chat, people: Iterable[Person]) -> list[Ack]:
        """Somebody came, or came back: what they have not been shown yet, all of it."""
        by_id = {person.id: person for person in people}
        for person in by_id:
            self._told.pop(person, None)
            self._here[person] = chat.id
        said = []
        for notice in await self._street.store.notices.due(by_id, self._street.now):
            said += await self._say(notice, chat, by_id[notice.person])
        return said

    def gone(self, chat: str, people: Iterable[Person]) -> None:
        """Somebody left a chat, or it ended: what they are to hear waits until they come back."""
        for person in people:
            if self._here.get(person.id) == chat:
                del self._here[person.id]
                self._told.pop(person.id, None)

    async def ring(self) -> None:
        """Tell what has become due to those who are there, and to the hosts."""
        waiting = await self._street.store.notices.waiting(self._street.now)
        for notice in await self._street.store.notices.due(waiting & self._here.keys(), self._street.now):
            chat = self._street.chats.get(self._here.get(notice.person, ""))
            person = None if chat is None else chat.person(notice.person)
            if chat is not None and person is not None:
                for nudge in await self._say(notice, chat, person):
                    self._street.tell(chat.id, "nudge", nudge)
        if HOST not in waiting:
            return
        for notice in await self._street.store.notices.due([HOST], self._street.now):
            await self._ask_host(notice)

    async def shown(self, payload: object) -> Ack:
        """Somebody's client has shown a notice: it is not told again."""
        seen = wire.checked(payload, wire.Shown)
        if not await self._street.store.notices.shown(seen.id, seen.person_id, self._street.now):
            return {"error": "There is no such note for this person.", "field": "id"}
        return {}

    async def _say(self, notice: Notice, chat: Chat, person: Person) -> list[Ack]:
        """Put a notice into words for somebody who is there, once for each time they come."""
        told = self._told.setdefault(person.id, set())
        if notice.id in told:
            return []
        told.add(notice.id)
        street = self._street
        nudges = street.assistant.voice.say(notice.topic, Audience.TO_SENDER, (person,), chat, street.now, street.rng)
        await street.store.notices.tried(notice.id)
        if not self._hosts.confirms(chat.id):  # to have handed it over is all that can be known
            await street.store.notices.shown(notice.id, person.id, street.now)
        more = self._appeal(notice, person)
        kept = (msgspec.structs.replace(nudge, id=notice.id, actions=(*more, *nudge.actions)) for nudge in nudges)
        return [{**wire.nudge_payload(nudge), "confirm": True} for nudge in kept]

    def _appeal(self, notice: Notice, person: Person) -> tuple[Action, ...]:
        """The way to a second look, for whoever is told what was decided about them."""
        if notice.case is None:
            return ()
        label = self._street.assistant.prompts.label(ActionKind.APPEAL, person.locale)
        return (Action(label, ActionKind.APPEAL, href=self._street.appeal_href(notice.case)),)

    async def _ask_host(self, notice: Notice) -> None:
        """Ask a host to do what people have decided, until it says that it has heard."""
        about = notice.about or ""
        payload = {"id": notice.id, "case": notice.case, "urgent": False, "about": about, "outcome": notice.outcome}
        if notice.case is not None and notice.outcome is not Outcome.NO_BREACH and not about.startswith(ROOM):
            payload["appeal"] = self._street.appeal_href(notice.case)
        answer = await self._street.ask(about.removeprefix(ROOM), "case", payload)
        if answer is not None:
            await self._street.store.notices.shown(notice.id, HOST, self._street.now)
