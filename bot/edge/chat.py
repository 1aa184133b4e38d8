"""The assistant inside a python-socketio server: tell it what is said, and do as its verdicts say.

Whoever is in a chat's Socket.IO room is in the chat, and what a socket's session says of its person is who they are,
unless the host says otherwise. ``bot.attach`` puts it together.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
import socketio

from bot.edge import wire
from bot.edge.porch import DELIVERED, Ack
from bot.model import ChatKind, Person, Verdict

log = logging.getLogger(__name__)

Told = Person | Mapping[str, Any] | None
Who = Callable[[str], Told | Awaitable[Told]]
RoomOf = Callable[[str], str]

SPEAK_SECONDS = 0.01
"""So long after the answer the nudges go out: the message is to be there before what is said about it."""
LOOK_SECONDS = 5.0
"""How often a room is looked through for people who came and said nothing."""
MOST_SEATED = 100_000
WATCH_SECONDS = 1.0

BROWSER_EVENTS = {
    "safety:press": "press",
    "safety:shown": "shown",
    "safety:panel": "panel",
    "safety:reports": "reports",
    "safety:draft": "draft",
}
"""What the widget emits, and what it is in the contract."""


class Judged(msgspec.Struct, frozen=True):
    """What the host does with a message."""

    id: str
    """To be sent along with it: nudges are shown after the message of that id."""
    verdict: Verdict
    text: str | None
    """What everybody but its author may see; nothing if it is not to be posted at all."""
    ack: Ack = {}
    """The whole answer: a command's has its ``error`` or ``receipt``."""


class _Known(msgspec.Struct):
    """What the assistant was told of a chat."""

    kind: ChatKind
    people: dict[str, Person]
    is_told: bool
    """Whether the host tells by itself who is in it."""
    looked_at: float = 0.0


class Safety(ABC):
    """The host's side of the assistant. A message gets through, whatever goes wrong within."""

    def __init__(self, sio: socketio.AsyncServer, *, who: Who | None = None, room_of: RoomOf | None = None, namespace: str = "/") -> None:
        """Use ``bot.attach``."""
        self._sio = sio
        self._who = who or self._session
        self._room_of = room_of
        self._namespace = namespace
        self._chats: dict[str, _Known] = {}
        self._seated: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        for browser_event, event in BROWSER_EVENTS.items():
            sio.on(browser_event, self._answering(event), namespace=namespace)

    @abstractmethod
    async def hear(self, event: str, payload: object) -> Ack:
        """Answer an event of the contract. Never raises."""

    # --- what the host tells -----------------------------------------------------------------------------------------

    async def message(
        self, sid: str, chat: str, text: str, *, message_id: str = "", kind: ChatKind | None = None, speak: bool = True
    ) -> Judged:
        """What becomes of something that a socket says in a chat.

        What is to be said about it goes out by itself a moment later, or, without ``speak``, when the host calls ``speak(judged.ack)``.

        ``chat`` is the chat's Socket.IO room. Without a ``kind`` it is a talk while two are in it, and a room when there are more.
        """
        message_id = message_id or secrets.token_urlsafe(9)
        try:
            author = await self._person(sid)
            if author is None:
                return Judged(message_id, Verdict.DELIVER, text)
            await self._look(chat, author, kind)
            event = "command" if wire.is_command(text) else "message"
            ack = await self.hear(event, {"id": message_id, "chat": chat, "author": author.id, "text": text})
        except Exception as error:  # noqa: BLE001 -- fail open, whatever it is
            log.error("a message was not read: %s", type(error).__name__)  # noqa: TRY400 -- a traceback may hold what people wrote
            return Judged(message_id, Verdict.DELIVER, text)
        if ack is DELIVERED:
            return Judged(message_id, Verdict.DELIVER, text)
        if ack.get("field") in {"chat", "author"}:
            self._chats.pop(chat, None)  # long forgotten there: it is opened again with the next message
        if event == "command":  # never posted, whatever came of it
            await self.speak(ack)
            return Judged(message_id, Verdict.HOLD, None, ack)
        if speak:
            self._soon(ack)
        verdict = Verdict(ack["verdict"])
        seen = text if verdict is Verdict.DELIVER else ack.get("text") if verdict is Verdict.MASK else None
        return Judged(message_id, verdict, seen, ack)

    async def joined(self, sid: str, chat: str, kind: ChatKind | None = None) -> None:
        """A socket came into a chat's room: each side of a talk has its early tip before anything is said.

        To be called again when somebody comes back, such as after the page was loaded anew: what they missed is said then.
        """
        try:
            person = await self._person(sid)
            if person is None:
                return
            known = self._chats.get(chat)
            if known is not None and known.people.get(person.id) == person:
                ack = await self.hear("chat.join", {"chat": chat, "person": msgspec.to_builtins(person)})
                await self.speak(ack)
                if ack.get("field") == "chat":  # long forgotten there
                    del self._chats[chat]
            await self._look(chat, person, kind)
        except Exception as error:  # noqa: BLE001 -- as above
            log.error("somebody's coming was not noticed: %s", type(error).__name__)  # noqa: TRY400 -- as above

    async def opened(self, chat: str, kind: ChatKind, people: Iterable[Person]) -> None:
        """A chat began, and these are in it, whoever's sockets are in what room."""
        self._chats[chat] = _Known(kind, {person.id: person for person in people}, is_told=True)
        await self._open(chat)

    async def left(self, chat: str, person_id: str) -> None:
        """Somebody left a chat that goes on."""
        if chat in self._chats:
            self._chats[chat].people.pop(person_id, None)
        await self.speak(await self.hear("chat.leave", {"chat": chat, "person_id": person_id}))

    async def closed(self, chat: str, by: str, reason: str) -> None:
        """A chat ended; it can still be reported."""
        self._chats.pop(chat, None)
        await self.speak(await self.hear("chat.close", {"chat": chat, "by": by, "reason": reason}))

    async def speak(self, said: Ack) -> None:
        """Show the nudges of an answer, each to the people it is for and to nobody else."""
        for nudge in said.get("nudges", ()):
            for person_id in nudge["to"]:
                await self._sio.emit("nudge", nudge, to=self._room(person_id), namespace=self._namespace)

    async def close(self) -> None:
        """Say what is still to be said."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what browsers send ------------------------------------------------------------------------------------------

    def _answering(self, event: str) -> Callable[..., Awaitable[Ack]]:
        async def answer(sid: str, *arguments: Any) -> Ack:  # noqa: ANN401 -- whatever a client sends, or more of it than expected
            try:
                return await self._heard(event, sid, arguments)
            except Exception as error:  # noqa: BLE001 -- python-socketio would answer nothing at all
                log.error("%s failed: %s", event, type(error).__name__)  # noqa: TRY400 -- a traceback may hold what people wrote
                return {"error": "Something went wrong on our side."}

        return answer

    async def _heard(self, event: str, sid: str, arguments: tuple[Any, ...]) -> Ack:
        """Answer a browser, in the name of whoever it is signed in as."""
        person = await self._person(sid)
        if person is None:
            return {"error": "You are not signed in."}
        payload = arguments[0] if arguments else None
        if not isinstance(payload, dict):
            return {"error": "Expected `object`", "field": "payload"}
        author = "author" if event == "draft" else "person_id"
        return await self.hear(event, {**payload, author: person.id})

    # --- who is where ------------------------------------------------------------------------------------------------

    async def _session(self, sid: str) -> Told:
        session: dict[str, Any] = await self._sio.get_session(sid, namespace=self._namespace)
        return session if "id" in session else None

    async def _person(self, sid: str) -> Person | None:
        """Who is behind a socket; from now on what is said to them reaches it."""
        told = self._who(sid)
        found = await told if inspect.isawaitable(told) else told
        person = found if found is None or isinstance(found, Person) else wire.checked(dict(found), wire.WirePerson).person()
        if person is not None and self._room_of is None and self._seated.get(sid) != person.id:
            if sid in self._seated:
                await self._sio.leave_room(sid, self._room(self._seated[sid]), namespace=self._namespace)
            await self._sio.enter_room(sid, self._room(person.id), namespace=self._namespace)
            self._seated[sid] = person.id
            if len(self._seated) > MOST_SEATED:
                here = self._sio.manager.is_connected
                self._seated = {one: who for one, who in self._seated.items() if here(one, self._namespace)}
        return person

    def _room(self, person_id: str) -> str:
        """The room of one person's sockets; the prefix keeps it from ever being somebody's socket id, or a chat of the host's."""
        return f"porchlight:{person_id}" if self._room_of is None else self._room_of(person_id)

    async def _look(self, chat: str, author: Person, kind: ChatKind | None) -> None:
        """Let the assistant know who is in a chat, if that is news."""
        known = self._chats.get(chat)
        is_here = known is not None and known.people.get(author.id) == author
        if known is not None and is_here and known.is_told:
            return
        now = time.monotonic()
        if known is not None and is_here and known.kind is ChatKind.ROOM and now - known.looked_at < LOOK_SECONDS:
            return
        before = {} if known is None else known.people
        told = known is not None and known.is_told
        there = await self._people_in(chat)
        people = {**before, **there, author.id: author}
        if not told and author.id in there and len(people) > 2:  # noqa: PLR2004 -- a talk
            # Who stayed away from a talk may come back to it; where somebody else is there instead, they have left.
            people = {**there, author.id: author}
        if known is not None and people == before:
            known.looked_at = now
            return
        kind = kind or (known.kind if known is not None and told else ChatKind.DIRECT if len(people) <= 2 else ChatKind.ROOM)  # noqa: PLR2004 -- a talk
        self._chats[chat] = _Known(kind, people, told, now)
        if known is None or known.kind is not kind:
            await self._open(chat)
            return
        for person_id in before.keys() - people.keys():
            await self.speak(await self.hear("chat.leave", {"chat": chat, "person_id": person_id}))
        for person in people.values():
            if before.get(person.id) != person:
                await self.speak(await self.hear("chat.join", {"chat": chat, "person": msgspec.to_builtins(person)}))

    async def _people_in(self, chat: str) -> dict[str, Person]:
        """Everybody whose sockets are in a chat's room."""
        try:
            sids = [sid for sid, _ in self._sio.manager.get_participants(self._namespace, chat)]
        except KeyError:
            return {}
        people = [await self._person(sid) for sid in sids]
        return {person.id: person for person in people if person is not None}

    async def _open(self, chat: str) -> None:
        known = self._chats[chat]
        people = [msgspec.to_builtins(person) for person in known.people.values()]
        await self.speak(await self.hear("chat.open", {"chat": chat, "kind": known.kind.value, "people": people}))

    def _soon(self, ack: Ack) -> None:
        if not ack.get("nudges"):
            return

        async def speak() -> None:
            await asyncio.sleep(SPEAK_SECONDS)
            await self.speak(ack)

        task = asyncio.get_running_loop().create_task(speak())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def drop_slow(sio: socketio.AsyncServer, most: int) -> None:
    """For ever: cut the line of every client for which more than ``most`` packets wait. It does not read, and they are kept in memory."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        for line in list(sio.eio.sockets.values()):
            if line.queue.qsize() > most:
                log.warning("a client that reads too slowly was cut off")
                await line.close(wait=False, abort=True)
