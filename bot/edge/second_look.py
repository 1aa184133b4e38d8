"""What is read when the answer is on its way: one message at a time, and what takes milliseconds in a thread of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from bot.edge import wire
from bot.edge.street import Street
from bot.learned import Reading, Seen, Semantic
from bot.model import Insight

LOOK_AGAIN_SECONDS = 0.01
"""So long after the answer the second reader begins: the message is to be there before what is said about it."""
MOST_UNREAD = 1_000
"""So many messages may wait for the second reader; in a flood the oldest are not read a second time."""
MOST_DOUBTFUL = 10
"""So many messages may wait for the third one. Of what comes on top of that the second reader's word stands: nobody waits long."""


class Doubtful(msgspec.Struct, frozen=True):
    """A message that the third reader is to be asked about."""

    chat: str
    message: str
    reading: Reading
    semantic: Semantic


class SecondLook:
    """Reads again what was answered, and says to people what comes of it."""

    def __init__(self, street: Street, failed: Callable[[str, str], None]) -> None:
        """Stand on this street; ``failed`` counts what went wrong: the message has long been delivered."""
        self._street = street
        self._failed = failed
        self._unread: deque[tuple[str, str]] = deque(maxlen=MOST_UNREAD)
        self._doubtful: deque[Doubtful] = deque()
        self._thread: ThreadPoolExecutor | None = None

    def soon(self, chat: str, message: str) -> None:
        """Look at a message in a moment, when those before it have had their turn."""
        self._unread.append((chat, message))
        if len(self._unread) == 1:
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._next)

    def close(self) -> None:
        """Let the thread go, when nothing waits for it any more."""
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    def _next(self) -> None:
        chat, message = self._unread.popleft()
        if self._unread:
            asyncio.get_running_loop().call_soon(self._next)
        try:
            self._look(chat, message)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the next one is looked at
            self._failed("insight", type(error).__name__)

    def _look(self, chat_id: str, message: str) -> None:
        chat, assistant = self._street.chats.get(chat_id), self._street.assistant
        reading = None if chat is None else assistant.reading(chat, message)
        if reading is None or assistant.learned is None:
            return
        semantic = assistant.semantic
        if semantic is None or not semantic.is_doubtful(reading):
            self._say(chat_id, message, assistant.learned.see(reading))
        elif len(self._doubtful) >= MOST_DOUBTFUL:
            self._say(chat_id, message, Seen(semantic.without_encoder(reading)))
        else:
            self._doubtful.append(Doubtful(chat_id, message, reading, semantic))
            if len(self._doubtful) == 1:
                self._street.later(self._ask())

    async def _ask(self) -> None:
        """Ask the third reader about one message after the other, until none is left."""
        self._thread = self._thread or ThreadPoolExecutor(1, "semantic")
        while self._doubtful:
            one = self._doubtful[0]
            try:
                seen = await asyncio.get_running_loop().run_in_executor(self._thread, one.semantic.see, one.reading)
            except Exception as error:  # noqa: BLE001 -- without it the second reader's word stands
                self._failed("semantic", type(error).__name__)
                seen = Seen(one.semantic.without_encoder(one.reading))
            self._doubtful.popleft()
            try:
                self._say(one.chat, one.message, seen)
            except Exception as error:  # noqa: BLE001 -- as above
                self._failed("insight", type(error).__name__)

    def _say(self, chat_id: str, message: str, seen: Seen) -> None:
        chat = self._street.chats.get(chat_id)
        if chat is None:
            return
        answer = self._street.send_down(Insight(chat_id, message, seen.signals, seen.chances), chat)
        self._street.counting.insight(answer, self._street.now)
        for nudge in answer.nudges:
            self._street.tell(chat_id, "nudge", wire.nudge_payload(nudge))
