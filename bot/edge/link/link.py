"""The link to one remote host: its lines, their supervisor, and what the assistant says to it by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine, Iterator
from random import Random, SystemRandom
from typing import Any

from bot.edge import wire
from bot.edge.link.client import LineError
from bot.edge.link.count import Count
from bot.edge.link.lanes import Lanes
from bot.edge.link.line import Line
from bot.edge.link.mapped import MappedLine
from bot.edge.link.outbox import Outbox, Push
from bot.edge.porch import Ack, Porch
from bot.edge.settings import HostSetting

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.2, 20.0
"""Seconds between attempts to connect, before jitter."""
STEADY_SECONDS = 10.0
"""A line that stood for so long begins again with short waits."""
PUSH_SECONDS = 5.0
AGAIN_SECONDS = 0.2
AT_ONCE = 16
"""So many things may be on their way to a host that has not acknowledged them."""
MOST_PEOPLE = 1_000
"""A nudge for more people than this goes in pieces: the host's limit for a packet must never cut the line."""
MOST_CHATS = 10_000


class Link:
    """One remote host, by one line for each of its processes."""

    def __init__(self, name: str, setting: HostSetting, porch: Porch, *, rng: Random | None = None) -> None:
        """Connect nothing yet."""
        self.name = name
        self.setting = setting
        self.porch = porch
        self.instance = secrets.token_hex(4)
        self.lanes = Lanes()
        self.outbox = Outbox()
        self.count = Count()
        table = setting.map
        self.lines = tuple(Line(self, url) if table is None else MappedLine(self, url, table) for url in setting.addresses)
        self._rng = rng or SystemRandom()
        self._heard_by: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._late: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether every line stands."""
        return all(line.is_up for line in self.lines)

    def start(self) -> None:
        """Connect, and connect again whenever a line is lost."""
        for work in (*(self._supervise(line) for line in self.lines), self._say_what_waits()):
            self._tasks.add(asyncio.get_running_loop().create_task(work))

    async def close(self) -> None:
        """Hang up, when what was begun is finished."""
        if self._late:
            await asyncio.wait(self._late, timeout=self.setting.deadline * 5)
        for task in (*self._tasks, *self._late):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._late, return_exceptions=True)
        self._tasks.clear()

    async def _supervise(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        waits = backoff(self._rng)
        while True:
            begun = loop.time()
            try:
                self.count.connections += 1
                await line.live()
                log.warning("%s: the line was lost", self.name)
            except LineError as error:
                line.problem = str(error)
                log.warning("%s: %s", self.name, error)
            except Exception as error:  # noqa: BLE001 -- nothing ends the supervisor
                line.problem = type(error).__name__
                log.error("%s: the line failed: %s", self.name, type(error).__name__)  # noqa: TRY400 -- a traceback may hold words
            if loop.time() - begun > STEADY_SECONDS:
                waits = backoff(self._rng)
            await asyncio.sleep(next(waits))

    # --- what is said to the host ------------------------------------------------------------------------------------

    def push(self, event: str, payload: Ack) -> None:
        """Say something when there is a way; the names in it are the host's own."""
        if event == "nudge":
            for nudge in self.small([payload]):
                self.outbox.put(event, nudge)
        else:
            self.outbox.put(event, payload)

    async def ask(self, event: str, payload: Ack) -> Ack | None:
        """The host's answer to something; nothing if there is no way, or if it is more than the host does."""
        push = Push(event, payload)
        line = self._way(push)
        if line is None:
            return None
        if event in ACTING and line.level is not wire.Level.ACT:
            self.count.withheld += 1
            return None
        return await line.ask(event, payload, PUSH_SECONDS)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._late.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.count.degraded[wire.Degraded.ERROR] += 1
            log.error("%s: something said later failed: %s", self.name, type(error).__name__)

    def small(self, nudges: list[Ack]) -> list[Ack]:
        """The same nudges, those for a great many people in pieces."""
        if all(len(nudge["to"]) <= MOST_PEOPLE for nudge in nudges):
            return nudges
        return [
            {**nudge, "to": nudge["to"][start : start + MOST_PEOPLE]}
            for nudge in nudges
            for start in range(0, len(nudge["to"]), MOST_PEOPLE)
        ]

    def heard_by(self, chat: str | None, line: Line) -> None:
        """Remember by which line a chat was last heard."""
        if chat is None or len(self.lines) == 1:
            return
        self._heard_by.pop(chat, None)
        self._heard_by[chat] = line
        if len(self._heard_by) > MOST_CHATS:
            del self._heard_by[next(iter(self._heard_by))]

    def look_again(self) -> None:
        """There is a way now that was not there before."""
        self.outbox.look_again()

    async def _say_what_waits(self) -> None:
        while True:
            pushes = await self.outbox.take(AT_ONCE, lambda push: self._way(push) is not None)
            said = [False] * len(pushes)
            try:
                said = await asyncio.gather(*map(self._say, pushes))
            finally:
                unsaid = [push for push, done in zip(pushes, said, strict=True) if not done]
                self.outbox.put_back(unsaid)
            if unsaid:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _say(self, push: Push) -> bool:
        """Whether the host has it, or will never take it."""
        line = self._way(push)
        if line is None:
            return False
        if (push.event == "nudge" and line.level is wire.Level.OBSERVE) or (push.event in ACTING and line.level is not wire.Level.ACT):
            self.count.withheld += 1
            return True
        answer = await line.ask(push.event, push.payload, PUSH_SECONDS)
        if answer is None:
            return False
        if push.event == "nudge":
            self.count.nudges[push.payload["tone"]] += 1
        return True

    def _way(self, push: Push) -> Line | None:
        """The line by which a chat was last heard, or else any that stands."""
        standing = [line for line in self.lines if line.is_up and (push.event != "nudge" or line.is_settled)]
        heard = self._heard_by.get(f"chat {push.payload.get('chat')}")
        return heard if heard in standing else next(iter(standing), None)


ASKED = frozenset({"evidence"})
ACTING = frozenset({"mask", "evidence"})
"""What only a host can do that acts for the assistant."""


class Links:
    """Every remote host; the porch speaks to the right one by the names in what it says."""

    def __init__(self) -> None:
        """Begin with none: the porch is built with ``send``, and the links with the porch."""
        self.by_name: dict[str, Link] = {}

    def __iter__(self) -> Iterator[Link]:
        return iter(self.by_name.values())

    def add(self, link: Link) -> None:
        """One more."""
        self.by_name[link.name] = link

    async def send(self, host: str, event: str, payload: Ack) -> Ack | None:
        """Say something to a host; what it has to answer for is asked at once, and its answer given, if there is one."""
        link = self.by_name.get(host)
        if link is None:
            return None
        said = wire.unscoped(payload, host)
        if event in ASKED or "outcome" in payload:
            answer = await link.ask(event, said)
            return None if answer is None else wire.scoped_lines(answer, host)
        link.push(event, said)
        return {}

    def start(self) -> None:
        """Connect to all."""
        for link in self:
            link.start()

    async def close(self) -> None:
        """Hang up everywhere."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(link.close() for link in self))


def backoff(rng: Random, first: float = FIRST_WAIT, longest: float = LONGEST_WAIT) -> Iterator[float]:
    """Seconds to wait before each attempt: longer each time, and never at the same moment as everybody else."""
    wait = first
    while True:
        yield wait * (0.5 + rng.random())
        wait = min(longest, wait * 2)
