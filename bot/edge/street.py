"""What the rooms of the edge ask of the porch that they stand on."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from random import Random
from typing import Any, Protocol, TypeAlias

from bot.assistant import Assistant
from bot.edge.counting import Counting
from bot.edge.shelf import Chats
from bot.edge.store import Store
from bot.model import Answer, Chat, Event

Ack: TypeAlias = dict[str, Any]
"""An answer, or what is said to a host, as it goes over the wire."""


class Street(Protocol):
    """What there must be around the clicks: the memories, the store, and a way to the host."""

    assistant: Assistant
    store: Store
    chats: Chats
    counting: Counting
    rng: Random

    @property
    def now(self) -> float:
        """What the clock says."""

    def mine_href(self, person: str) -> str:
        """The page with all reports of one person, for that person alone."""

    def appeal_href(self, case_id: str) -> str:
        """The page on which the one whom a decision is about asks that somebody else looks again."""

    def chat(self, chat: str) -> Chat:
        """A chat that is remembered. Raises ``BadPayloadError``."""

    def send_down(self, event: Event, chat: Chat, *, keep: bool = True) -> Answer:
        """One event down the street."""

    def forget_answers(self) -> None:
        """Let go of what nobody asks for again."""

    async def recall(self, people: Iterable[str]) -> None:
        """Remember of people what the store holds of them, where we don't know them yet."""

    async def ask(self, chat: str, event: str, payload: Ack) -> Ack | None:
        """Say something to the host of a chat and give its answer; nothing if there is none."""

    def tell(self, chat: str, event: str, payload: Ack) -> None:
        """The same, when nobody waits for it."""

    def failed(self, event: str, error: str) -> None:
        """Count something that went wrong, by what was to be done and the name of the error."""

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for."""
