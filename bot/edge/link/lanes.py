"""Lanes: in order within each chat, side by side over chats, and never more at once, or waiting, than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_Result = TypeVar("_Result")


class BusyError(Exception):
    """So much is waiting already that one more would only wait in vain."""


class Lanes:
    """Lets work begin in the order in which it came, lane by lane."""

    def __init__(self, wide: int = 64, most: int = 2_000) -> None:
        """At most ``wide`` lanes move at once, and at most ``most`` pieces of work are in them."""
        self.most = most
        self.taken = 0
        """Pieces of work that have come and are not done."""
        self._room = asyncio.Semaphore(wide)
        self._last: dict[str, asyncio.Future[None]] = {}
        self._alone: asyncio.Future[None] | None = None

    def is_free(self, lane: str) -> bool:
        """Whether work in this lane would begin at once."""
        return lane not in self._last and self._alone is None and not self._room.locked()

    async def run(self, lane: str | None, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do it when its turn has come. Without a lane it concerns them all: it waits for what came before, and what comes later for it.

        Raises ``BusyError`` instead of letting too much wait.
        """
        if self.taken >= self.most:
            raise BusyError
        before = [*self._last.values()] if lane is None else [self._last[lane]] if lane in self._last else []
        if self._alone is not None:
            before.append(self._alone)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if lane is None:
            self._alone = mine
        else:
            self._last[lane] = mine
        self.taken += 1
        try:
            for one in before:
                await asyncio.shield(one)  # whoever gives up waiting does not end what others wait for
            async with self._room:
                return await work()
        finally:
            self.taken -= 1
            mine.set_result(None)
            if self._alone is mine:
                self._alone = None
            if lane is not None and self._last[lane] is mine:
                del self._last[lane]
