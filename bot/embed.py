"""Putting the assistant into somebody's python-socketio server, with all that belongs to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import socketio
from aiohttp import web

from bot.app import build_pages, open_porch
from bot.edge.chat import RoomOf, Safety, Who, drop_slow
from bot.edge.porch import Ack, Porch
from bot.edge.settings import FILE, Settings, load_settings
from bot.edge.web import Pages, add_pages
from bot.reload import Reload

log = logging.getLogger(__name__)

Listen = Callable[[str, Ack], Awaitable[Ack]]


class Embedded(Safety):
    """The assistant in the same process as its host."""

    porch: Porch
    """There as soon as the application has started."""
    pages: Pages

    async def hear(self, event: str, payload: object) -> Ack:
        """Answer an event of the contract."""
        return await self.porch.hear(event, payload)


def attach(
    sio: socketio.AsyncServer,
    app: web.Application,
    *,
    settings: Settings | None = None,
    who: Who | None = None,
    room_of: RoomOf | None = None,
    namespace: str = "/",
    listen: Listen | None = None,
    most_waiting: int | None = None,
) -> Embedded:
    """Put the assistant and its pages into a server; it opens with the application and closes with it.

    ``settings`` are those of ``porchlight.toml`` if none are given; that file is read again when it changes. Without it, and as long as
    its modes don't say ``on``, the assistant reads and counts, and shows nothing.
    ``who`` tells who is behind a socket id, as a ``Person`` or as
    ``{id, role, age, locale, name}``, or ``None`` for nobody; without it the socket's session is asked, which has such a form.
    ``room_of`` names the Socket.IO room in which all sockets of a person are, if the host has one; otherwise the assistant makes its own.
    ``listen`` takes what the assistant says to the host itself, ``case``, ``referral``, ``evidence``, ``mask``, and gives its answer.
    A client for which more than ``most_waiting`` packets wait is cut off. Raises ``SettingsError``.
    """
    given = settings
    settings = given or load_settings()

    async def send(_: str, event: str, payload: Ack) -> Ack | None:
        if event == "nudge":
            await safety.speak({"nudges": [payload]})
            return {}
        return None if listen is None else await listen(event, payload)

    safety = Embedded(sio, who=who, room_of=room_of, namespace=namespace)
    safety.pages = build_pages(None, settings)
    add_pages(app, safety.pages)
    watching: list[asyncio.Task[None]] = []
    reloading: list[Reload] = []

    async def begin(_: web.Application) -> None:
        safety.porch = safety.pages.porch = await open_porch(settings, send)
        safety.porch.start()
        if given is None and not FILE.exists():
            log.warning("There is no %s here: the assistant reads and counts, and shows nothing. `porchlight init` writes one.", FILE)
        if given is None:  # what stands in a file can be changed there
            reloading.append(Reload(safety.porch, safety.pages, settings, FILE))
            reloading[0].start()
        if most_waiting is not None:
            watching.append(asyncio.get_running_loop().create_task(drop_slow(sio, most_waiting)))

    async def end(_: web.Application) -> None:
        for reload in reloading:
            await reload.close()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await safety.close()
        await safety.porch.close()
        await safety.porch.store.close()

    app.on_startup.append(begin)
    app.on_cleanup.append(end)
    return safety
