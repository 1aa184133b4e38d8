"""A python-socketio server as an echo host: ``python echo.py [port]`` prints the port it listens on."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import socketio
from aiohttp import web

SPACES = ("/", "/side")
# Whole seconds: python-engineio announces the interval rounded down to them.
server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1, namespaces=list(SPACES))


class Echo(socketio.AsyncNamespace):  # type: ignore[misc]
    """What echo.mjs does, word for word."""

    async def on_connect(self, _sid: str, _environ: dict[str, Any], auth: dict[str, Any] | None = None) -> None:
        """Refuse a bad token and say what to do."""
        if (auth or {}).get("token") != "good":
            raise socketio.exceptions.ConnectionRefusedError("bad token", {"hint": "sign in again"})

    async def trigger_event(self, event: str, *args: object) -> object:
        """Send each event to its method; names with spaces included."""
        return await super().trigger_event(event.replace(" ", "_"), *args)

    async def on_echo(self, _sid: str, *words: object) -> tuple[object, ...]:
        """Answer with what was said."""
        return words

    async def on_count(self, sid: str, message: dict[str, Any]) -> dict[str, Any]:
        """Tell that a message arrived, once for each time."""
        await self.emit("counted", message["id"], to=sid)
        return {"id": message["id"]}

    async def on_ask_me(self, sid: str, question: str) -> object:
        """Ask the client in turn and answer with its answer."""
        return await self.call("question", question, to=sid, timeout=2)

    async def on_tell_all(self, _sid: str, words: str) -> None:
        """Tell everybody of this namespace."""
        await self.emit("told", words)

    async def on_kick_me(self, sid: str) -> None:
        """Send the client away for good."""
        await self.disconnect(sid)

    async def on_hang(self, _sid: str, _payload: object) -> None:
        """Never answer."""
        await asyncio.Event().wait()


async def listen(port: int) -> None:
    """Serve until killed."""
    for space in SPACES:
        server.register_namespace(Echo(space))
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - the port is what this program is asked for
    await asyncio.Event().wait()


asyncio.run(listen(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
