"""What a message costs: each step of the street by itself, and the share of a chat server's throughput that is left with the assistant on.

Every line is seen once, as in life: repeated lines flatter every cache. Absolute figures belong to one machine and one moment;
the ratio is taken within one process by switching the assistant on and off, and holds only if the same with an empty hook gives about 1.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import build_assistant
from bot.assistant import Assistant
from bot.demo import open_host
from bot.demo.host import Host
from bot.edge.chat import Judged, Safety
from bot.edge.porch import DELIVERED, Ack, Porch
from bot.edge.settings import Settings
from bot.edge.store import Store
from bot.embed import Embedded
from bot.learned import READERS, TURNS, Turn
from bot.memory import QUIET_TEXT_SECONDS, new_chat, remember, remember_seen
from bot.model import Age, ChatKind, Message, Person, Role, Verdict
from bot.policy import Scene, decide
from bot.text import fold
from bot.voice import Community

MEMBER, LISTENER = Person("sam", Role.MEMBER, Age.ADULT), Person("robin", Role.LISTENER, Age.ADULT)
NUDGED = (
    "this app drains my battery, could we use {} instead?",
    "i can't type well today, shall we have a {} call?",
    "my number is 07700 9{:05d}, text me",
)

BEGIN = """\
hi
hello there
hey
so
well
to be honest
i guess
yeah
i know
thanks for asking
sorry for rambling
it's been a long week
not sure where to begin
my sister called yesterday and
since we moved house
after the exams
at work lately
when i wake up
most evenings
my partner says that
the doctor told me that
i keep thinking that
on sundays
before all of this
you are right,""".splitlines()
MIDDLE = """\
i feel like nobody really listens to me
the days just run into each other
i can't sleep more than four hours
my boss keeps changing the plan
i miss how things were before
we argue about small things every day
i don't see my friends any more
everything takes so much effort
i cry for no reason at all
the house is too quiet now
my anxiety gets worse when i'm alone
i'm worried about money and the rent
i try to be strong for the kids
it feels like a weight on my chest
people tell me to cheer up
i lost my job in march
my dad is in hospital again
i don't recognise myself
i can't concentrate on anything
school is getting on top of me
i'm scared that it will never change
i haven't told anybody about it
the medication makes me tired
i wish i could go back and do it differently
my dog is the only one who is happy to see me""".splitlines()
END = """\
and i don't know what to do
what do you think?
does that make sense?
so i just stay in bed
but i'm still here
and then i feel guilty
how do other people manage?
it helps a bit to write it down
and i'm tired of pretending
i hope that's okay to say
and it has been like this for months
maybe i should talk to her
i'll try again tomorrow
and nobody noticed
which is silly, i know
anyway, how are you?
it was better last year
i went for a walk at least
and the weather doesn't help
so here i am
i can't stop thinking about it
thank you for reading all this
and i feel a bit lighter now
do you ever feel like that?
that's all i wanted to say""".splitlines()


def plain_lines(seed: int = 1) -> list[str]:
    """Ordinary talk, each line once: 15,625 of them."""
    lines = [f"{begin} {middle} {end}" for begin, middle, end in itertools.product(BEGIN, MIDDLE, END)]
    random.Random(seed).shuffle(lines)  # noqa: S311 -- an order, not a secret
    return lines


def lines_of(file: Path | None) -> list[str]:
    """The lines of a JSONL file of messages, or our own."""
    if file is None:
        return plain_lines()
    return list(dict.fromkeys(json.loads(line)["text"] for line in file.read_text("utf-8").splitlines() if line.strip()))


# --- the steps -------------------------------------------------------------------------------------------------------


def bench_steps(lines: list[str]) -> None:
    """Time each step on lines seen once; rendering on the few that are nudged."""
    assistant = build_assistant("bench", Community())
    assistant.scanner.warm()
    warm, lines = lines[:500], lines[500:]
    steps: dict[str, list[float]] = {"fold": [], "spot": [], "compose": [], "decide": [], "remember": [], "all": []}
    chat = new_chat("bench", ChatKind.DIRECT, (MEMBER, LISTENER), 0.0)
    place = assistant.community.place
    gc.collect()
    for number, text in enumerate([*warm, *lines]):
        t = [time.perf_counter()]
        folded = fold(text)
        t.append(time.perf_counter())
        spotted = assistant.scanner.spot(folded, place, chat.tail)
        t.append(time.perf_counter())
        signals = assistant.composer.compose(spotted.cues, spotted.tail, "sam", Role.MEMBER)
        t.append(time.perf_counter())
        scene = Scene(chat, MEMBER, float(number))
        decision = decide(signals, scene)
        t.append(time.perf_counter())
        message = Message(str(number), "bench", "sam", text, 0.0)
        if signals:
            chat, _ = remember_seen(scene, message, spotted, signals, decision, decision)
        else:
            chat = remember(chat, MEMBER, message, spotted, float(number))
        t.append(time.perf_counter())
        if number >= len(warm):
            for name, (begun, ended) in zip(steps, itertools.pairwise(t), strict=False):
                steps[name].append(ended - begun)
            steps["all"].append(t[-1] - t[0])
    steps["hear + render"] = list(_nudged(assistant))
    steps["second reader"] = list(_read_again(build_assistant("bench", Community(), readers=READERS), lines))
    print(f"{len(lines)} lines, each once; microseconds")
    print(f"{'':14}{'median':>9}{'p99':>9}")
    for name, took in steps.items():
        took.sort()
        print(f"{name:14}{took[len(took) // 2] * 1e6:9.1f}{took[int(len(took) * 0.99)] * 1e6:9.1f}")


def _read_again(assistant: Assistant, lines: list[str]) -> Iterator[float]:
    """What happens after the answer: folded once more, and read with the turns before."""
    assert assistant.learned is not None  # noqa: S101 -- it is built with all readers
    for number, text in enumerate(lines[:5_000]):
        turns = [Turn(own=False, text=before) for before in lines[max(0, number - TURNS) : number]]
        begun = time.perf_counter()
        assistant.learned.read(fold(text), Role.MEMBER, turns)
        yield time.perf_counter() - begun


def _nudged(assistant: Assistant) -> Iterator[float]:
    """The whole of a message that makes nudges: two of them, rendered and signed."""
    rng = random.Random(1)  # noqa: S311 -- repeatable
    for number in range(600):
        chat = new_chat(f"bench{number}", ChatKind.DIRECT, (MEMBER, LISTENER), 0.0)
        message = Message(str(number), chat.id, "robin", NUDGED[number % 3].format(number), 0.0)
        begun = time.perf_counter()
        answer, _, _ = assistant.hear(message, chat, {}, 0.0, rng)
        took = time.perf_counter() - begun
        if answer.nudges:
            yield took


# --- what is remembered --------------------------------------------------------------------------------------------------

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
        porch.sweep()
        await _open_chats(porch, 100, chats)
        porch.sweep()
        await porch._write_down()  # noqa: SLF001 -- as it does by itself each minute
        gc.collect()
        rest = (tracemalloc.get_traced_memory()[0] - before) / (chats + ROOMIEST)
        tracemalloc.stop()
        begun = time.perf_counter()
        porch.sweep()
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


# --- the relay -------------------------------------------------------------------------------------------------------

SLICE = 0.2
PAIRS = 12


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
        settings = Settings(database=f"{folder}/bench.db", key_file=Path(folder) / "bench.key")
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
        arguments = [sys.executable, __file__, "--talk", str(port), "--seconds", str(seconds * 2 + 6)]
        talk = subprocess.Popen([*arguments, *(["--lines", str(file)] if file else [])])  # noqa: ASYNC220, S603 -- ourselves
        try:
            await asyncio.sleep(3.0)  # with the assistant on, so that every chat is opened
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
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=Path, help="a JSONL file of messages to use instead of our own lines")
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each relay measurement takes")
    parser.add_argument("--talk", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    lines = lines_of(chosen.lines)
    if chosen.talk:
        # A line may come again only when all others were said.
        asyncio.run(talk_for_ever(chosen.talk, chosen.seconds, [line + " " * n for n in range(40) for line in lines]))
        return
    bench_steps(lines)
    asyncio.run(bench_memory(lines))
    asyncio.run(bench_relay(chosen.seconds, chosen.lines))


if __name__ == "__main__":
    main()
