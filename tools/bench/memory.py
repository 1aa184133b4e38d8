"""What open chats take in memory: with words in them, and at rest."""

from __future__ import annotations

import gc
import tempfile
import time
import tracemalloc
from pathlib import Path

from bot.app import build_assistant
from bot.edge.porch import Ack, Porch
from bot.edge.store import Store
from bot.memory import QUIET_TEXT_SECONDS
from bot.voice import Community

OPEN_CHATS, ROOMIEST = 200_000, 300


async def bench_memory(lines: list[str], chats: int = 10_000) -> None:
    """What chats take in memory: with words in them, and at rest, in a porch as it is, its memories of people included."""
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"{folder}/bench.db", Path(folder) / "bench.key")
        clock = 1_000.0
        porch = Porch(build_assistant("bench", Community()), store, _tell_nobody, clock=lambda: clock)
        porch.assistant.scanner.warm()
        await _open_chats(porch, 0, 1)
        await _talk(porch, range(1), lines[-500:])
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await _open_chats(porch, 10, ROOMIEST)
        await _talk(porch, range(10, 10 + ROOMIEST), lines[: 45 * ROOMIEST])
        talking = sum(bool(chat.tail) for chat in porch.chats.awake())
        for answers in (porch._answers, porch._older_answers):  # noqa: SLF001 -- they have a limit of their own
            answers.clear()
        gc.collect()
        words = (tracemalloc.get_traced_memory()[0] - before) / talking
        clock += QUIET_TEXT_SECONDS
        porch.upkeep.sweep()
        await _open_chats(porch, 100, chats)
        porch.upkeep.sweep()
        await porch.upkeep.write_down()
        gc.collect()
        rest = (tracemalloc.get_traced_memory()[0] - before) / (chats + ROOMIEST)
        tracemalloc.stop()
        begun = time.perf_counter()
        porch.upkeep.sweep()
        swept = time.perf_counter() - begun
        await porch.close()
        await store.close()
    print(f"a chat while its words are kept: {words / 1e3:.1f} KB; at rest, two people's memories included: {rest:.0f} bytes")
    print(f"{OPEN_CHATS:,} open chats at rest: {rest * OPEN_CHATS / 1e6:.0f} MB, swept in {swept / chats * OPEN_CHATS * 1e3:.0f} ms")


async def _talk(porch: Porch, chats: range, lines: list[str]) -> None:
    for number, text in enumerate(lines):
        chat, turn = chats[number % len(chats)], number // len(chats)
        payload = {"id": f"m-{chat:08d}-{turn}", "chat": f"chat-{chat:08d}", "author": f"user-{chat:08d}-{turn % 2}", "text": f"{text}."}
        await porch.hear("message", payload)


async def _tell_nobody(host: str, event: str, payload: Ack) -> None:
    del host, event, payload


async def _open_chats(porch: Porch, first: int, count: int) -> None:
    for number in range(first, first + count):
        people = [
            {"id": f"user-{number:08d}-{side}", "role": role, "age": "adult", "locale": "en-GB", "name": f"Name {number}"}
            for side, role in enumerate(("member", "listener"))
        ]
        await porch.hear("chat.open", {"chat": f"chat-{number:08d}", "kind": "direct", "people": people})
