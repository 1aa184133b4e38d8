"""A porch for tests: everything real but the clock, a disk that can be full, and a host that remembers what it was told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from random import Random

import msgspec
from make import MAYA, SAM, assistant
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database, StoreError
from bot.edge.porch import Ack, Porch
from bot.edge.seal import Seal
from bot.edge.store import Store
from bot.model import Person

BATTERY = "this app drains my battery, got telegram?"
NUMBER = "call me on 07700 900123"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        """Begin at some time."""
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """What it says."""
        return self.now


class Host:
    """Who is told what the assistant says by itself; remembers it in order."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.told: list[tuple[str, Ack]] = []
        self.answers: dict[str, Ack] = {}
        """What it answers, by event; nothing, where it is not there."""

    async def __call__(self, _: str, event: str, payload: Ack) -> Ack | None:
        """Be told something."""
        self.told.append((event, payload))
        return self.answers.get(event)


class FullDisk(Database):
    """A database that takes nothing more while it is full."""

    full = False

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Write, if there is room."""
        if self.full:
            raise StoreError("no room")
        async with super().write() as connection:
            yield connection


class Failing(Store):
    """A store whose disk is full while it is told so."""

    disk: FullDisk

    @property
    def full(self) -> bool:
        """Whether there is room."""
        return self.disk.full

    @full.setter
    def full(self, full: bool) -> None:
        self.disk.full = full


async def opened(porch: Porch, chat: str = "c1", kind: str = "direct", people: Iterable[Person] = (MAYA, SAM)) -> Ack:
    """Open a chat."""
    return await porch.hear("chat.open", {"chat": chat, "kind": kind, "people": [msgspec.to_builtins(person) for person in people]})


async def say(porch: Porch, author: Person, text: str, message_id: str = "m1", chat: str = "c1") -> Ack:
    """Say something."""
    return await porch.hear("message", {"id": message_id, "chat": chat, "author": author.id, "text": text})


def token(ack: Ack, to: Person, kind: str) -> str:
    """Give the token of a button in a nudge for somebody."""
    (found,) = (
        action["token"] for nudge in ack["nudges"] if list(nudge["to"]) == [to.id] for action in nudge["actions"] if action["kind"] == kind
    )
    return str(found)


async def press(porch: Porch, by: Person, pressed: str, **more: object) -> Ack:
    """Press a button."""
    return await porch.hear("press", {"person_id": by.id, "token": pressed, **more})


async def reported(porch: Porch, by: Person = MAYA, chat: str = "c1", about: Person = SAM, **more: object) -> Ack:
    """Open a chat, have something said in it, and report it; gives the answer with the receipt."""
    await opened(porch, chat, people=(by, about))
    pressed = token(await say(porch, about, BATTERY, f"m {chat}", chat), by, "report")
    ack = await press(porch, by, pressed, **more)
    await quiet(porch)
    return ack


async def quiet(porch: Porch) -> None:
    """Wait until nothing goes on in the background."""
    while porch._tasks:  # noqa: SLF001 -- nobody else has to wait for it
        await asyncio.gather(*porch._tasks)  # noqa: SLF001 -- as above


async def open_store(folder: Path) -> Failing:
    """Open a fresh store in a folder."""
    disk = await FullDisk.open(str(folder / "porchlight.db"))
    opened = Failing(disk, Seal(folder / "porchlight.key"))
    opened.disk = disk
    return opened


def build_porch(store: Store, host: Host, clock: Clock) -> Porch:
    """Build a porch with everything real but the clock."""
    return Porch(assistant(), store, host, clock=clock, rng=Random(1))  # noqa: S311 -- chance that is the same each time
