"""The demo: a small chat of our own, in which the assistant sits as it would in anybody's."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.app import find
from bot.demo.host import Host
from bot.edge.settings import ModesSetting, Settings
from bot.policy import Mode
from bot.serve import until_stopped

WELCOME = """
Porchlight is open: {address}

Three things to try:
  1. As the listener, press "This app drains my battery ..." and see what each side hears.
  2. As the member, press "Report to a moderator" on the note, and follow the receipt.
  3. Open the moderators' desk from the page, and look at the case.

Reports are kept in {database}. Ctrl+C ends it.
"""


def open_host(settings: Settings) -> tuple[Host, web.Application]:
    """Build the demo with everything in it, ready to be served.

    It shows what the assistant does, so it is switched on, and it answers a visitor who presses one line right after the other.
    """
    limits = settings.limits.model_copy(update={"moment_seconds": 0.0})
    settings = settings.model_copy(update={"modes": ModesSetting(default=Mode.ON), "base_url": "", "limits": limits})
    host = Host(find("templates"))
    return host, host.build(settings)


def serve(host: str, port: int, settings: Settings) -> None:
    """Run the demo until it is stopped. Raises ``OSError`` if the port is taken."""
    asyncio.run(_serve(host, port, settings))


async def _serve(host: str, port: int, settings: Settings) -> None:
    _, app = open_host(settings)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        port = runner.addresses[0][1]  # the one that was free, if any would do
        print(WELCOME.format(address=f"http://{host}:{port}", database=settings.database.split("@")[-1]), flush=True)  # noqa: T201 -- this is for a person
        await until_stopped()
    finally:
        await runner.cleanup()
