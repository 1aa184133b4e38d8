"""What the assistant has to say to a host by itself, until the host has it: bounded, in order, and what matters least goes first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

MOST_WAITING = 1_000


class Push(msgspec.Struct, frozen=True, eq=False):
    """One thing to say. Said again until it is acknowledged, so it carries an id that makes a second arrival harmless."""

    event: str
    payload: dict[str, Any]

    @property
    def weight(self) -> int:
        """0 for a tip, 1 for any other note, 2 for the rest: the lightest is dropped when there is no room."""
        if self.event != "nudge":
            return 2
        return 0 if self.payload.get("tone") == "tip" else 1


class Outbox:
    """What waits for one host."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        """Hold at most so many."""
        self.dropped: Counter[str] = Counter()
        """By event, what was given up because too much waited."""
        self._most = most
        self._waiting: list[Push] = []
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: str, payload: dict[str, Any]) -> None:
        """Have something said; where there is no room, the oldest of the lightest is not."""
        self._waiting.append(Push(event, payload))
        self._shed()
        self.look_again()

    def put_back(self, pushes: list[Push]) -> None:
        """What could not be said waits on, before what came later."""
        self._waiting[:0] = pushes
        self._shed()

    def look_again(self) -> None:
        """Something may be ready now that was not before."""
        self._news.set()

    async def take(self, most: int, is_ready: Callable[[Push], bool]) -> list[Push]:
        """The next ones that are ready, as soon as there is at least one."""
        while True:
            await self._news.wait()
            taken = [push for push in self._waiting if is_ready(push)][:most]
            if taken:
                self._waiting = [push for push in self._waiting if push not in taken]
                return taken
            self._news.clear()

    def _shed(self) -> None:
        while len(self._waiting) > self._most:
            lightest = min(self._waiting, key=lambda push: push.weight)
            self._waiting.remove(lightest)
            self.dropped[lightest.event] += 1
