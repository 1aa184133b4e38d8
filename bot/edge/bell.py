"""Notices reach people: in the chat if they are there, else when they come back; told until shown, each with one id."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.edge import wire
from bot.edge.database import StoreError
from bot.edge.hosts import Hosts
from bot.edge.store.notices import Notice
from bot.edge.street import Ack, Street
from bot.model import Action, ActionKind, Audience, Chat, Outcome, Person

HOST = ""
"""For whom a notice is that is for no person."""
LONG_AGO = float("-inf")
ROOM = "chat:"
"""Before the id of a chat, where a case is about a chat as a whole."""


class Bell:
    """Tells what is due, and takes note of what was shown."""

    def __init__(self, street: Street, hosts: Hosts) -> None:
        """Know nobody who was told anything."""
        self._street = street
        self._hosts = hosts
        self._told: dict[str, dict[str, float]] = {}
        """Person to the ids of notices told since they last came, each with when they had spoken last."""
        self._here: dict[str, list[str]] = {}
        """Person to the chats that they are in, the one they came to last at the end."""

    async def arrived(self, chat: Chat, people: Iterable[Person]) -> list[Ack]:
        """Somebody came, or came back: what they have not been shown yet, all of it. If the store fails it is rung for later."""
        by_id = {person.id: person for person in people}
        for person in by_id:
            self._told.pop(person, None)
            self._here[person] = [*self._others(person, chat.id), chat.id]
        said: list[Ack] = []
        try:
            for notice in await self._street.store.notices.due(by_id, self._street.now):
                said += await self._say(notice, chat, by_id[notice.person])
        except StoreError:
            self._street.failed("notices", "StoreError")
        return said

    def gone(self, chat: str, people: Iterable[Person]) -> None:
        """Somebody left a chat, or it ended: if they are in no other one, what they are to hear waits until they come back."""
        for person in people:
            left = self._others(person.id, chat)
            if left:
                self._here[person.id] = left
            elif self._here.pop(person.id, None):
                self._told.pop(person.id, None)

    async def ring(self) -> None:
        """Tell what has become due to those who are there, and to the hosts.

        What was told, and not shown, is told again once they have said something since, and there: perhaps nobody was before the screen.
        """
        waiting = await self._street.store.notices.waiting(self._street.now)
        for notice in await self._street.store.notices.due(waiting & self._here.keys(), self._street.now):
            chat, spoke_at = self._where(notice.person)
            person = None if chat is None else chat.person(notice.person)
            if chat is None or person is None:
                continue
            told = self._told.get(person.id, {})
            if told.get(notice.id, spoke_at) < spoke_at:
                del told[notice.id]
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
        street, told = self._street, self._told.setdefault(person.id, {})
        if notice.id in told:
            return []
        _, told[notice.id] = self._where(person.id)
        nudges = street.assistant.voice.say(notice.topic, Audience.TO_SENDER, (person,), chat, street.now, street.rng)
        await street.store.notices.tried(notice.id)
        if not self._hosts.confirms(chat.id):  # to have handed it over is all that can be known
            await street.store.notices.shown(notice.id, person.id, street.now)
        more = self._appeal(notice, person)
        kept = (msgspec.structs.replace(nudge, id=notice.id, actions=(*more, *nudge.actions)) for nudge in nudges)
        return [{**wire.nudge_payload(nudge), "confirm": True} for nudge in kept]

    def _others(self, person: str, chat: str) -> list[str]:
        """The chats that somebody is in, but this one."""
        return [one for one in self._here.get(person, ()) if one != chat]

    def _where(self, person: str) -> tuple[Chat | None, float]:
        """The chat in which somebody spoke last, and when; where they said nothing, the one they came to last."""
        found: tuple[Chat | None, float] = None, LONG_AGO
        for chat in filter(None, map(self._street.chats.get, self._here.get(person, ()))):
            spoke_at = max((said.ts for said in chat.tail if said.author == person), default=LONG_AGO)
            if spoke_at >= found[1]:
                found = chat, spoke_at
        return found

    def _appeal(self, notice: Notice, person: Person) -> tuple[Action, ...]:
        """The way to a second look, for whoever is told what was decided about them."""
        if notice.case is None:
            return ()
        label = self._street.assistant.prompts.label(ActionKind.APPEAL, person.locale)
        return (Action(label, ActionKind.APPEAL, href=self._street.appeal_href(notice.case)),)

    async def _ask_host(self, notice: Notice) -> None:
        """Ask a host to do what people have decided, until it says that it has; an error says that it has not."""
        about = notice.about or ""
        payload = {"id": notice.id, "case": notice.case, "urgent": False, "about": about, "outcome": notice.outcome}
        if notice.case is not None and notice.outcome is not Outcome.NO_BREACH and not about.startswith(ROOM):
            payload["appeal"] = self._street.appeal_href(notice.case)
        answer = await self._street.ask(about.removeprefix(ROOM), "case", payload)
        if answer is not None and "error" not in answer:
            await self._street.store.notices.shown(notice.id, HOST, self._street.now)
