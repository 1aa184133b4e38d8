"""Kill -9 at random points under load, on both databases: what was acknowledged is there, once, and every notice is shown, once.

A short form runs with the tests; ``make faults`` kills 200 times.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
import socketio

from bot.edge.store import Store
from bot.edge.store.notices import TOLD

ROUNDS = int(os.environ.get("PORCHLIGHT_FAULT_ROUNDS", "4"))
PEOPLE = 6
PATIENCE = 20.0
LONGEST_LIFE = 0.6
"""Seconds under load before the process is killed, at most."""
TARGET = Path(__file__).parent / "target.py"


class Target:
    """The process that is killed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wait until it has read the rules."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._tell: IO[str] = process.stdin
        self._hear: IO[str] = process.stdout
        assert self._hear.readline() == "ready\n"

    async def ask(self, word: str) -> str:
        """Tell it something and give its answer."""
        self._tell.write(f"{word}\n")
        self._tell.flush()
        return (await asyncio.to_thread(self._hear.readline)).strip()


@contextlib.contextmanager
def target(database: str, key_file: Path) -> Iterator[Target]:
    """Start what is killed."""
    environment = {**os.environ, "PYTHONPATH": str(TARGET.parent.parent.parent)}
    command = [sys.executable, str(TARGET), database, str(key_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Target(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()  # it ends, and with it what it has begun


class Someone:
    """Somebody with a client that does as the contract says: a note with one id is shown once, and confirmed each time it comes."""

    def __init__(self, name: str) -> None:
        """Begin with nothing seen."""
        self.name = name
        self.clicks: dict[str, str] = {}
        """Token to the number on its receipt; empty while there is none."""
        self.came: Counter[str] = Counter()
        self.answers = 0
        """How often the server has answered."""
        self.on_screen: set[str] = set()
        self.confirmed: set[str] = set()
        self.again_after_confirming: set[str] = set()
        self._settled: frozenset[str] = frozenset()
        self._confirming: set[asyncio.Future[Any]] = set()
        self._sio: socketio.AsyncClient | None = None

    async def come(self, port: str) -> None:
        """Connect, as after a restart: whatever was confirmed by now must not come again."""
        self._settled = frozenset(self.confirmed)
        self._sio = socketio.AsyncClient(reconnection=False, logger=False, engineio_logger=False)
        self._sio.on("nudge", self._nudged)
        await self._sio.connect(f"http://127.0.0.1:{port}", auth={"person": self.name}, transports=["websocket"], wait_timeout=PATIENCE)

    async def go(self) -> None:
        """Hang up; the other side may be dead, and then it answers nothing any more."""
        waiting = list(self._confirming)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if self._sio is not None:
            with contextlib.suppress(Exception):
                await self._sio.disconnect()

    async def ask(self, event: str, *payload: Any) -> Any:  # noqa: ANN401 -- whatever the server answers
        """Say something and give the answer; nothing if the server died over it."""
        assert self._sio is not None
        try:
            answer = await self._sio.call(event, payload if len(payload) > 1 else payload[0], timeout=PATIENCE)
        except (socketio.exceptions.SocketIOError, asyncio.CancelledError):
            return None
        self.answers += 1
        return answer

    async def live(self, chance: random.Random, round_: int) -> None:
        """Open chats and report in them, without a pause; press old buttons again as well."""
        chats = 0
        while True:
            chats += 1
            if self.clicks and chance.random() < 0.3:
                await self._press(chance.choice(list(self.clicks)))
                continue
            chat = f"{self.name} {round_} {chats}"
            if not await self.ask("enter", chat, f"listener {round_} {chats % 4}"):
                return
            panel = await self.ask("safety:panel", {"chat": chat})
            if panel is None:
                return
            token = next(one["token"] for one in panel["panel"]["actions"] if one["kind"] == "report")
            self.clicks.setdefault(token, "")
            await asyncio.gather(*(self._press(token) for _ in range(chance.choice([1, 1, 2]))))

    async def _press(self, token: str) -> None:
        ack = await self.ask("safety:press", {"token": token})
        if ack is None or "receipt" not in ack:
            return
        number = ack["receipt"]["number"]
        assert self.clicks[token] in {"", number}, "one click, two receipts"
        self.clicks[token] = number

    async def _nudged(self, nudge: dict[str, Any]) -> None:
        if not nudge.get("confirm"):
            return
        assert nudge["to"] == [self.name]
        name = nudge["id"]
        self.came[name] += 1
        if name in self._settled:
            self.again_after_confirming.add(name)
        self.on_screen.add(name)
        confirming = asyncio.ensure_future(self.ask("safety:shown", {"id": name}))
        self._confirming.add(confirming)
        try:
            if await confirming == {}:
                self.confirmed.add(name)
        finally:
            self._confirming.discard(confirming)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each sort."""
    return str(tmp_path / "porchlight.db") if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


async def one_life(killed: Target, people: list[Someone], chance: random.Random, round_: int) -> None:
    """From a start to a kill at a moment that nobody chose."""
    port = await killed.ask("begin")
    await asyncio.gather(*(one.come(port) for one in people))
    lives = [asyncio.create_task(one.live(chance, round_)) for one in people]
    before = sum(one.answers for one in people)
    async with asyncio.timeout(PATIENCE * 4):
        while sum(one.answers for one in people) == before:  # noqa: ASYNC110 -- the load begins with the first answer
            await asyncio.sleep(0.005)
    await asyncio.sleep(chance.uniform(0.0, LONGEST_LIFE))
    assert await killed.ask("kill") == "killed"
    for life in lives:
        life.cancel()
    for error in await asyncio.gather(*lives, return_exceptions=True):
        if isinstance(error, Exception):
            raise error
    await asyncio.gather(*(one.go() for one in people))


async def undone(store: Store, people: list[Someone]) -> int:
    """How many cases are to be decided yet, and notices to be shown."""
    return len(await store.cases.all()) + len(await store.notices.due([one.name for one in people], time.time()))


async def all_come_back(killed: Target, people: list[Someone], store: Store) -> None:
    """A last life without a kill: everybody is there until there is nothing more to be told."""
    port = await killed.ask("begin")
    await asyncio.gather(*(one.come(port) for one in people))
    for one in people:
        assert await one.ask("enter", f"{one.name} at last", "listener at last")
    left, since = await undone(store, people), time.monotonic()
    while left:
        await asyncio.sleep(0.1)
        now = await undone(store, people)
        if now != left:
            left, since = now, time.monotonic()
        assert time.monotonic() - since < PATIENCE, f"{left} are left, and nothing is done any more"
    await asyncio.sleep(0.5)
    await asyncio.gather(*(one.go() for one in people))


@pytest.mark.timeout(60 + 15 * ROUNDS)
async def test_nothing_is_lost_and_nothing_comes_twice(database: str, tmp_path: Path) -> None:
    """Killed again and again: every receipt has its report, no click has two, every due notice was shown once, to the right person."""
    chance = random.Random(len(database))  # noqa: S311 -- the same moments each time, as far as the machine allows
    people = [Someone(f"member {number}") for number in range(PEOPLE)]
    key_file = tmp_path / "porchlight.key"
    with target(database, key_file) as killed:
        for round_ in range(ROUNDS):
            await one_life(killed, people, chance, round_)
        store = await Store.open(database, key_file)
        try:
            await all_come_back(killed, people, store)
            figures = await the_truth(store, people)
        finally:
            await store.close()
    print(f"\n{database.split(':', maxsplit=1)[0].rsplit('.', maxsplit=1)[-1]}: killed {ROUNDS} times; {figures}")  # noqa: T201 -- for `make faults`


async def the_truth(store: Store, people: list[Someone]) -> str:
    """Hold what is stored against what people were told."""
    receipts, reports, shown, repeated = 0, 0, 0, 0
    for one in people:
        mine = await store.reports.by(one.name)
        numbers = [report.number for report in mine]
        held = [number for number in one.clicks.values() if number]
        assert set(held) <= set(numbers), "a report whose receipt went out is not there"
        assert len(held) == len(set(held)), "two clicks share a receipt"
        assert len(mine) == len({report.chat for report in mine}) <= len(one.clicks), "a click was filed twice"
        for report in mine:
            assert report.status == "decided"
        exported = await store.life.export(one.name, time.time())
        told = Counter(notice["topic"] for notice in exported["notices"])
        # Whoever decides has read what came in since they looked: of that its reporter hears with the decision, and no more.
        due = len(mine) + sum(report.read_at not in {None, report.decided_at} for report in mine)
        assert sum(told.values()) == due, "every report was decided, and its reporter heard of that, and of the reading"
        assert set(told) <= set(TOLD)
        assert len(one.on_screen) == due, "a notice was not shown, or one was shown that is not there"
        assert one.again_after_confirming == set(), "a notice came again after it had been confirmed"
        receipts, reports, shown = receipts + len(held), reports + len(mine), shown + len(one.on_screen)
        repeated += sum(count - 1 for count in one.came.values())
    assert receipts, "nothing was acknowledged, so nothing was tried"
    return (
        f"{receipts} receipts, {reports} reports, {shown} notices shown once, {repeated} of them had come again before they were confirmed"
    )
