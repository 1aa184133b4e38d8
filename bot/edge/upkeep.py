"""What is done once a minute: words fade, chats that have long been still are forgotten, memories and counts are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.edge.bell import Bell
from bot.edge.clicks import Clicks
from bot.edge.comings import Comings
from bot.edge.shelf import PeopleMemories
from bot.edge.street import Street
from bot.memory import fade

SWEEP_SECONDS = 60.0
CLOSED_SECONDS = 86_400.0
"""A chat that has ended is forgotten when nothing was heard of it for so long; until then it can be reported with its last words."""
IDLE_SECONDS = 30 * 86_400.0
"""The same for a chat that nobody closed."""


class Upkeep:
    """Keeps the memories of a street in order."""

    def __init__(
        self, street: Street, people: PeopleMemories, comings: Comings, clicks: Clicks, bell: Bell, failed: Callable[[str, str], None]
    ) -> None:
        """``failed`` counts what could not be written down: it is tried again with the next round."""
        self._street = street
        self._people = people
        self._comings = comings
        self._clicks = clicks
        self._bell = bell
        self._failed = failed
        self._rounds: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._rounds = asyncio.get_running_loop().create_task(self._for_ever())

    async def stop(self) -> None:
        """No further round."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)

    async def _for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.round()

    async def round(self) -> None:
        """All of it once. What fails is counted, tried again with the next round, and keeps nothing else from being done."""
        street = self._street

        async def sweep() -> None:
            self.sweep()

        for work in (sweep, self.write_down, lambda: street.store.life.forget(street.now), self._bell.ring, self._clicks.complete):
            try:
                await work()
            except Exception as error:  # noqa: BLE001 -- words must fade and reports be told of, whatever went wrong before
                self._failed("sweep", type(error).__name__)

    def sweep(self) -> None:
        """Let the words fade whose time is over, and forget chats that have long been still."""
        chats, now = self._street.chats, self._street.now
        self._street.forget_answers()
        for chat in chats.awake():
            if now - chat.memory.heard_at > self._longest(chat.id):
                self._forget(chat.id)
            else:
                chats.rest(fade(chat, now))
        for resting, heard_at in chats.resting():
            if now - heard_at > self._longest(resting):
                self._forget(resting)

    def _longest(self, chat: str) -> float:
        return CLOSED_SECONDS if self._comings.is_closed(chat) else IDLE_SECONDS

    def _forget(self, chat: str) -> None:
        del self._street.chats[chat]
        self._comings.forget(chat)
        self._clicks.forget(chat)

    async def write_down(self) -> None:
        """Keep what is remembered of people, and what was counted. Raises ``StoreError``; then nothing is lost."""
        street = self._street
        await street.recall(tuple(self._people.untold))
        counted, changed = street.counting.take(), self._people.take_changed()
        try:
            await street.store.people.remember({person: self._people[person] for person in changed}, street.now)
            changed = frozenset()
            await street.store.counts.add(counted)
        except Exception:
            self._people.changed |= changed
            street.counting.give_back(counted)
            raise
