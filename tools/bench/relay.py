"""The share of the embedded chat's throughput that is left with the assistant on: switched on and off within one process."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.demo import open_host
from bot.demo.host import Host
from bot.edge.chat import Judged, Safety
from bot.edge.porch import DELIVERED, Ack
from bot.edge.settings import Settings
from bot.edge.settled import settle
from bot.embed import Embedded
from bot.model import ChatKind, Verdict
from tools.bench.lines import lines_of

SLICE = 0.2
PAIRS = 12
WARM = 3_000
"""So many messages are relayed before anything is measured."""


class Empty(Safety):
    """A hook that does nothing: what switching costs by itself."""

    async def hear(self, event: str, payload: object) -> Ack:
        """Say nothing."""
        del event, payload
        return DELIVERED

    async def message(
        self, sid: str, chat: str, text: str, *, message_id: str = "", kind: ChatKind | None = None, speak: bool = True
    ) -> Judged:
        """Deliver."""
        del sid, chat, kind, speak
        return Judged(message_id, Verdict.DELIVER, text)


async def bench_relay(seconds: float, file: Path | None) -> None:
    """Switch the assistant on and off every 0.2 s and compare the processor time per message of neighbouring slices."""
    with tempfile.TemporaryDirectory() as folder:
        # The second reader reads when the answer is out: slices would pay for one another. What it costs is told with the steps.
        settings = Settings(database=f"{folder}/bench.db", key_file=Path(folder) / "bench.key", readers=("rules",))
        host, app = open_host(settings)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        safety = host.safety
        assert isinstance(safety, Embedded)  # noqa: S101 -- open_host attaches it
        safety.porch.watch = None  # the inspector is for the page, not for life
        safety.porch.assistant.scanner.warm()
        settle()  # as ``serve`` does
        arguments = [sys.executable, "-m", "tools.bench.relay", "--talk", str(port), "--seconds", str(seconds * 2 + 60)]
        talk = subprocess.Popen([*arguments, *(["--lines", str(file)] if file else [])])  # noqa: ASYNC220 -- ourselves
        try:
            while host.relayed < WARM:  # noqa: ASYNC110 -- a host knows no event for this; with the assistant on, so that every chat is opened
                await asyncio.sleep(SLICE)
            control = await _ratio(host, Empty.__new__(Empty), seconds)
            ratio = await _ratio(host, safety, seconds)
        finally:
            talk.kill()
            talk.wait()
            await runner.cleanup()
    print(f"relay with an empty hook / without: {control:.3f} (should be 0.97 to 1.03)")
    print(f"relay with the assistant / without: {ratio:.3f}")


async def _ratio(host: Host, hook: Safety, seconds: float) -> float:
    """The median over neighbouring slices of throughput by processor time, with the hook / without."""
    ratios = []
    for _ in range(int(seconds / SLICE / 2)):
        costs = {}
        order = (True, False) if random.random() < 0.5 else (False, True)  # noqa: PLR2004, S311 -- a coin
        for on in order:
            host.safety = hook if on else None
            said, begun = host.relayed, time.process_time()
            await asyncio.sleep(SLICE)
            costs[on] = (time.process_time() - begun) / max(1, host.relayed - said)
        ratios.append(costs[False] / costs[True])
    return statistics.median(ratios)


async def talk_for_ever(port: int, seconds: float, lines: list[str]) -> None:
    """Be all the people of some tables: each says a line when the last one was answered."""
    source = iter(lines)
    async with aiohttp.ClientSession() as session:
        await asyncio.wait_for(asyncio.gather(*(_pair(session, port, source) for _ in range(PAIRS))), seconds)


async def _pair(session: aiohttp.ClientSession, port: int, lines: Iterator[str]) -> None:
    async with session.post(f"http://127.0.0.1:{port}/demo/table") as answer:
        card = await answer.json()
    await asyncio.gather(*(_person(session, port, card, role, lines) for role in ("member", "listener")))


async def _person(session: aiohttp.ClientSession, port: int, card: dict[str, Any], role: str, lines: Iterator[str]) -> None:
    url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    async with session.ws_connect(url) as socket:
        await socket.receive()
        await socket.send_str("40" + json.dumps({"token": card["people"][role]["token"]}))
        number = 0
        async for packet in socket:
            data = str(packet.data)
            if data.startswith("2"):
                await socket.send_str("3")
            if data.startswith(("40", "43")):
                number += 1
                text = next(lines)
                await socket.send_str(f"42{number}" + json.dumps(["say", {"chat": card["direct"], "id": f"b{number}", "text": text}]))


def main() -> None:
    """Be the people who talk, in a process of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talk", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--lines", type=Path)
    chosen = parser.parse_args()
    # A line may come again only when all others were said.
    lines = [line + " " * n for n in range(40) for line in lines_of(chosen.lines)]
    with suppress(TimeoutError):
        asyncio.run(talk_for_ever(chosen.talk, chosen.seconds, lines))


if __name__ == "__main__":
    main()
