"""Serving: the assistant linked to remote hosts, its pages, and its figures on a port of their own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.app import build_pages, open_porch
from bot.edge.link import Link, Links
from bot.edge.loop import run
from bot.edge.porch import Porch
from bot.edge.settings import FILE, Settings
from bot.edge.settled import settle
from bot.edge.status import add_status
from bot.edge.web import add_pages
from bot.reload import Reload

log = logging.getLogger(__name__)


class Served:
    """What is being served, and where."""

    def __init__(self, porch: Porch, links: Links, pages: str, status: str) -> None:
        """Give the two addresses."""
        self.porch = porch
        self.links = links
        self.pages = pages
        self.status = status


@asynccontextmanager
async def serving(settings: Settings, file: Path = FILE) -> AsyncIterator[Served]:
    """Open everything, and close it again in the reverse order; what changes in ``file`` meanwhile is read again.

    Raises ``OSError`` if a port is taken.
    """
    links = Links()
    async with AsyncExitStack() as stack:
        porch = await open_porch(settings, links.send)
        stack.push_async_callback(porch.store.close)
        stack.push_async_callback(porch.close)
        for name, setting in settings.hosts.items():
            links.add(Link(name, setting, porch))
        pages, status = web.Application(), web.Application()
        shown = build_pages(porch, settings)
        add_pages(pages, shown)
        add_status(status, porch, links)
        where = settings.serve
        pages_at = await stack.enter_async_context(_listening(pages, where.host, where.port))
        status_at = await stack.enter_async_context(_listening(status, where.status_host, where.status_port))
        await asyncio.to_thread(porch.assistant.warm)  # the first message waits no longer than the others
        porch.start()
        links.start()
        stack.push_async_callback(links.close)
        reload = Reload(porch, shown, settings, file)
        reload.start()
        stack.push_async_callback(reload.close)
        yield Served(porch, links, pages_at, status_at)


@asynccontextmanager
async def _listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=2.0, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until_stopped() -> None:
    """Wait for the signal to end."""
    stopped = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # not on every system
            asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    await stopped.wait()


def serve(settings: Settings) -> None:
    """Run until stopped. Raises ``OSError`` if a port is taken."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    async with serving(settings) as served:
        log.info("pages on %s, /healthz, /readyz and /metrics on %s", served.pages, served.status)
        served.porch.later(_settle())
        await until_stopped()


async def _settle() -> None:
    """Nobody waits for it: it takes a good half of a second."""
    await asyncio.to_thread(settle)
