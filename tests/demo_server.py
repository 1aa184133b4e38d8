"""The demo, served in the loop of a test, and people who sit at its tables by python-socketio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import socketio
from aiohttp import web

import bot.app
from bot.demo import open_host
from bot.demo.host import Host
from bot.edge.porch import Porch
from bot.edge.settings import Settings
from bot.embed import Embedded

ROLES = ("member", "listener", "moderator")
PATIENCE = 20.0
"""Seconds; far more than anything here takes."""

Payload = dict[str, Any]

_rules = cache(bot.app.load_rules)
"""Reading the rules takes seconds, and they never change: once for all tests."""


@dataclass(frozen=True)
class Demo:
    """A demo that is being served."""

    url: str
    host: Host
    app: web.Application

    @property
    def porch(self) -> Porch:
        """The assistant in it, with its memories and its store."""
        assert isinstance(self.host.safety, Embedded)
        return self.host.safety.porch

    async def lay_table(self) -> Payload:
        """Ask for a table, as the page does."""
        async with aiohttp.ClientSession() as session, session.post(f"{self.url}/demo/table") as response:
            assert response.status == 200
            card: Payload = await response.json()
            return card


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Demo]:
    """Serve the demo on a port of its own, with its database and key in a folder."""
    written: dict[str, Any] = {"database": str(folder / "porchlight.db"), "key_file": folder / "porchlight.key"}
    host, app = open_host(Settings(**written))
    runner = web.AppRunner(app, shutdown_timeout=0.1, handle_signals=False, access_log=None)
    with patch.object(bot.app, "load_rules", _rules):
        await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield Demo(f"http://127.0.0.1:{runner.addresses[0][1]}", host, app)
    finally:
        await runner.cleanup()
        await end_pings()


async def end_pings() -> None:
    """End what sleeps on in python-engineio until the next ping of a line that is closed: nothing of ours."""
    pings = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == "AsyncSocket._send_ping"]
    for ping in pings:
        ping.cancel()
    await asyncio.gather(*pings, return_exceptions=True)


@dataclass
class Heard:
    """Every packet that one socket got, in order, and a way to wait for one."""

    packets: list[tuple[str, Any]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, event: str, payload: object) -> None:
        """Keep a packet."""
        async with self._news:
            self.packets.append((event, payload))
            self._news.notify_all()

    def all(self, event: str) -> list[Payload]:
        """What came under one event so far."""
        return [payload for name, payload in self.packets if name == event]

    def tokens(self) -> list[str]:
        """What the buttons of every nudge so far carry."""
        return [action["token"] for nudge in self.all("nudge") for action in nudge["actions"] if action.get("token")]

    async def message(self, sent: str) -> Payload:
        """The message of that id, as this socket got it, come or still to come."""
        return await self.wait("message", lambda said: said["id"] == sent)

    async def wait(self, event: str, fits: Callable[[Payload], bool]) -> Payload:
        """The first packet of an event that fits, come or still to come."""

        def found() -> Payload | None:
            return next(filter(fits, self.all(event)), None)

        async with self._news:
            payload = await asyncio.wait_for(self._news.wait_for(found), PATIENCE)
        assert payload is not None
        return payload


class Seat:
    """One person on a line of their own, by python-socketio."""

    def __init__(self, person: Payload) -> None:
        """Take a person of a table's card."""
        self.id: str = person["id"]
        self.name: str = person["name"]
        self.token: str = person["token"]
        self.heard = Heard()
        self.sio = socketio.AsyncClient(reconnection=False)
        self.sio.on("*", self._take)

    async def _take(self, event: str, payload: object = None, *_: object) -> None:
        await self.heard.take(event, payload)

    async def sit(self, url: str) -> None:
        """Connect, and wait for the welcome."""
        await self.sio.connect(url, auth={"token": self.token}, transports=["websocket"])
        await self.heard.wait("welcome", lambda _: True)

    async def ask(self, event: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever the server says
        """Emit with as many arguments as given, and wait for the answer."""
        return await self.sio.call(event, arguments, timeout=PATIENCE)

    async def rise(self) -> None:
        """Disconnect."""
        await self.sio.disconnect()


@dataclass(frozen=True)
class Table:
    """A table of the demo with all its seats taken."""

    card: Payload
    member: Seat
    listener: Seat
    moderator: Seat

    @property
    def direct(self) -> str:
        """The talk between two."""
        return str(self.card["direct"])

    @property
    def room(self) -> str:
        """The room."""
        return str(self.card["room"])

    @property
    def seats(self) -> tuple[Seat, Seat, Seat]:
        """Everybody."""
        return self.member, self.listener, self.moderator


@asynccontextmanager
async def sitting(demo: Demo) -> AsyncIterator[Table]:
    """Lay a table and take all its seats."""
    card = await demo.lay_table()
    table = Table(card, *(Seat(card["people"][role]) for role in ROLES))
    async with AsyncExitStack() as stack:
        for seat in table.seats:
            stack.push_async_callback(seat.rise)
            await seat.sit(demo.url)
        yield table
