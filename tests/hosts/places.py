"""The hosts that every scene is played on: the assistant inside a Python server, and remote from a Python and a Node.js one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web
from demo_server import Payload, end_pings, serving
from node_host import CARD, NAMES, TOKEN, linked, node_host

from bot.app import find
from bot.demo.host import Host, room_of
from bot.demo.table import Table, Talk
from bot.edge import wire
from bot.edge.chat import Safety
from bot.edge.porch import Ack, Porch
from bot.model import Age, ChatKind, Person, Role

PATIENCE_SECONDS = 0.5


@dataclass(frozen=True)
class Place:
    """A chat with the assistant in it."""

    url: str
    card: Payload
    porch: Porch
    pages: str
    """Where the assistant's pages are."""
    scope: str = ""
    """What stands before the names of its people within the assistant."""

    def name(self, role: str) -> str:
        """How the assistant calls somebody."""
        return self.scope + str(self.card["people"][role]["id"])


class Remote(Safety):
    """The host's side of the contract in Python: what a Python host needs whose assistant runs elsewhere."""

    def __init__(self, sio: socketio.AsyncServer, **more: Any) -> None:  # noqa: ANN401 -- as a host is attached
        """Let the assistant in by its namespace."""
        super().__init__(sio, **more)
        self.bot = ""
        self.open: dict[str, Ack] = {}
        self.cover: Callable[[str, str, str], Awaitable[None]] | None = None
        on = sio.on
        on("connect", self._connect, namespace=wire.NAMESPACE)
        on("disconnect", self._disconnect, namespace=wire.NAMESPACE)
        on("nudge", self._nudge, namespace=wire.NAMESPACE)
        on("mask", self._mask, namespace=wire.NAMESPACE)
        on("*", self._other, namespace=wire.NAMESPACE)

    async def hear(self, event: str, payload: object) -> Ack:
        """Ask the assistant; deliver if it does not answer in time."""
        if event == "chat.open" and isinstance(payload, dict):
            self.open[payload["chat"]] = payload
        away: Ack = {"verdict": "deliver", "nudges": [], "error": "The assistant is away, so this was not sent."}
        if not self.bot:
            return away
        try:
            ack = await self._sio.call(event, payload, to=self.bot, namespace=wire.NAMESPACE, timeout=PATIENCE_SECONDS)
        except socketio.exceptions.SocketIOError:
            return away
        return ack if isinstance(ack, dict) else away

    async def _connect(self, sid: str, _: object, auth: object = None) -> None:
        if not isinstance(auth, dict) or auth.get("token") != TOKEN:
            raise socketio.exceptions.ConnectionRefusedError("this token is not known")
        self._sio.start_background_task(self._greet, sid)

    async def _greet(self, sid: str) -> None:
        await self._sio.call("hello", {"name": "a test", "level": "act", "confirms": True}, to=sid, namespace=wire.NAMESPACE)
        self.bot = sid
        for payload in self.open.values():
            await self.speak(await self.hear("chat.open", payload))

    async def _disconnect(self, *_: object) -> None:
        self.bot = ""

    async def _nudge(self, _: str, nudge: Ack) -> Ack:
        await self.speak({"nudges": [nudge]})
        return {}

    async def _mask(self, _: str, cover: Ack) -> Ack:
        if self.cover is not None:
            await self.cover(cover["chat"], cover["message"], cover["text"])
        return {}

    async def _other(self, event: str, _: str, payload: Ack, *__: object) -> Ack:
        return {"id": payload["id"]} if event == "probe" else {"replayed": 0} if event == "resume" else {}


class FixedTable(Table):
    """The table of the card."""

    def __init__(self) -> None:
        """Lay it with the card's ids."""
        super().__init__()
        ids = {role: person["id"] for role, person in CARD["people"].items()}
        self.people = {role: Person(ids[role.value], role, Age.ADULT, "en", NAMES[role.value]) for role in self.people}
        self.tokens = {CARD["people"][role.value]["token"]: person for role, person in self.people.items()}
        member, listener = self.people[Role.MEMBER], self.people[Role.LISTENER]
        self.direct = Talk(CARD["direct"], ChatKind.DIRECT, "A talk", (member, listener))
        self.room = Talk(CARD["room"], ChatKind.ROOM, "A room", tuple(self.people.values()))
        self.talks = {self.direct.id: self.direct, self.room.id: self.room}


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Place]:
    """The demo: the assistant in the same process as its host."""
    async with serving(folder) as demo:
        yield Place(demo.url, await demo.lay_table(), demo.porch, demo.url)


@asynccontextmanager
async def python_remote(folder: Path) -> AsyncIterator[Place]:
    """The demo's chat without the assistant, which is linked to it from outside."""
    async with AsyncExitStack() as stack:
        host = Host(find("templates"))
        app = web.Application()
        host.sio.attach(app)
        host.safety = remote = Remote(host.sio, who=host.who_is, room_of=room_of)
        remote.cover = host.cover
        host.listen(app)
        host.add(FixedTable())
        runner = web.AppRunner(app, shutdown_timeout=0.1, handle_signals=False, access_log=None)
        await runner.setup()
        stack.push_async_callback(end_pings)
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        served = await stack.enter_async_context(linked(folder, url))
        yield Place(url, CARD, served.porch, served.pages, "main/")


@asynccontextmanager
async def node_remote(folder: Path) -> AsyncIterator[Place]:
    """The example on the official Socket.IO server, linked from outside."""
    async with node_host(folder) as host, linked(folder, host.url) as served:
        yield Place(host.url, CARD, served.porch, served.pages, "main/")


PLACES = {"embedded": embedded, "python": python_remote, "node": node_remote}
