"""The event loop of ``serve``: the fast one where it is installed."""

from __future__ import annotations

import asyncio
import importlib.util

import pytest

from bot.edge import loop


def kind_of_loop() -> str:
    """Run something, and give the name of the package whose loop it ran in."""
    seen = []

    async def look() -> None:
        seen.append(type(asyncio.get_running_loop()).__module__.partition(".")[0])

    loop.run(look())
    return seen[0]


def test_uvloop_is_taken_where_it_is_installed() -> None:
    """Nobody has to switch it on."""
    assert kind_of_loop() == "uvloop"


def test_without_it_the_standard_loop_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but time is lost."""
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)
    assert kind_of_loop() == "asyncio"


def test_what_goes_wrong_is_not_hidden() -> None:
    """An error ends the run with itself, as from ``asyncio.run``."""

    async def fail() -> None:
        raise OSError("the port is taken")

    with pytest.raises(OSError, match="the port is taken"):
        loop.run(fail())
