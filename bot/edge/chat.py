"""The assistant inside a python-socketio server: ``attach`` it, tell it what happens, and do as its verdicts say."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
import socketio
from aiohttp import web

from bot.edge.porch import DELIVERED, Ack, Porch
from bot.edge.web import Pages, add_pages
from bot.model import Person, Verdict

log = logging.getLogger(__name__)

WhoIs = Callable[[str], Awaitable[str | None]]
RoomOf = Callable[[str], str]


class Judged(msgspec.Struct, frozen=True):
    """What the host does with a message: deliver it, deliver ``text`` to everybody but its author, or hold it."""

    verdict: Verdict
    text: str | None
    nudges: tuple[Ack, ...] = ()


_DELIVERED = Judged(Verdict.DELIVER, None)
"""What becomes of almost every message, made once."""


class Safety:
    """The host's side of the assistant. None of its methods raises, whatever goes wrong within."""

    def __init__(self, porch: Porch, sio: socketio.AsyncServer, who_is: WhoIs, room_of: RoomOf, namespace: str) -> None:
        """Use ``attach``."""
        self.porch = porch
        self._sio = sio
        self._who_is = who_is
        self._room_of = room_of
        self._namespace = namespace

    async def opened(self, chat: str, kind: str, people: Iterable[Person]) -> None:
        """A chat began: each side gets its early tip."""
        payload = {"chat": chat, "kind": kind, "people": [msgspec.to_builtins(person) for person in people]}
        await self.speak(await self.porch.hear("chat.open", payload))

    async def joined(self, chat: str, person: Person) -> None:
        """Somebody came into a chat."""
        await self.speak(await self.porch.hear("chat.join", {"chat": chat, "person": msgspec.to_builtins(person)}))

    async def left(self, chat: str, person_id: str) -> None:
        """Somebody left a chat."""
        await self.speak(await self.porch.hear("chat.leave", {"chat": chat, "person_id": person_id}))

    async def closed(self, chat: str, by: str, reason: str) -> None:
        """A chat ended; it can still be reported."""
        await self.speak(await self.porch.hear("chat.close", {"chat": chat, "by": by, "reason": reason}))

    async def message(self, message_id: str, chat: str, author: str, text: str) -> Judged:
        """What becomes of a message. Emit it first, then let the assistant ``speak``."""
        ack = await self.porch.hear("message", {"id": message_id, "chat": chat, "author": author, "text": text})
        if ack is DELIVERED:
            return _DELIVERED
        return Judged(Verdict(ack["verdict"]), ack.get("text"), tuple(ack["nudges"]))

    async def command(self, command_id: str, chat: str, author: str, text: str) -> Ack:
        """``/rules`` and its like; the answer is for the one who typed it. A command is never posted."""
        ack = await self.porch.hear("command", {"id": command_id, "chat": chat, "author": author, "text": text})
        await self.speak(ack)
        return ack

    async def speak(self, said: Judged | Ack) -> None:
        """Show the nudges of an answer, each to the people it is for and to nobody else."""
        nudges = said.nudges if isinstance(said, Judged) else said.get("nudges", ())
        for nudge in nudges:
            for person_id in nudge["to"]:
                await self._sio.emit("nudge", nudge, to=self._room_of(person_id), namespace=self._namespace)

    # --- what browsers send ------------------------------------------------------------------------------------------

    async def heard(self, event: str, sid: str, arguments: tuple[Any, ...]) -> Ack:
        """Answer a browser, in the name of whoever it is signed in as."""
        person_id = await self._who_is(sid)
        if person_id is None:
            return {"error": "You are not signed in."}
        payload = arguments[0] if arguments else None
        if not isinstance(payload, dict):
            return {"error": "Expected `object`", "field": "payload"}
        author = "author" if event == "draft" else "person_id"
        return await self.porch.hear(event, {**payload, author: person_id})


BROWSER_EVENTS = {
    "safety:press": "press",
    "safety:shown": "shown",
    "safety:panel": "panel",
    "safety:reports": "reports",
    "safety:draft": "draft",
}
"""What the widget emits, and what it is in the contract."""


def attach(sio: socketio.AsyncServer, app: web.Application, pages: Pages, who_is: WhoIs, room_of: RoomOf, namespace: str = "/") -> Safety:
    """Put the assistant and its pages into a server.

    ``who_is`` gives the id of the person behind a socket, or ``None``; ``room_of`` the Socket.IO room in which a person's sockets are.
    """
    porch = pages.porch
    safety = Safety(porch, sio, who_is, room_of, namespace)
    for browser_event, event in BROWSER_EVENTS.items():
        sio.on(browser_event, _answering(safety, event), namespace=namespace)
    add_pages(app, pages)

    async def begin(_: web.Application) -> None:
        porch.start()

    async def end(_: web.Application) -> None:
        await porch.close()

    app.on_startup.append(begin)
    app.on_cleanup.append(end)
    return safety


def _answering(safety: Safety, event: str) -> Callable[..., Awaitable[Ack]]:
    async def answer(sid: str, *arguments: Any) -> Ack:  # noqa: ANN401 -- whatever a client sends, or more of it than expected
        try:
            return await safety.heard(event, sid, arguments)
        except Exception as error:  # noqa: BLE001 -- python-socketio would answer nothing at all
            log.error("%s failed: %s", event, type(error).__name__)  # noqa: TRY400 -- a traceback may hold what people wrote
            return {"error": "Something went wrong on our side."}

    return answer
