"""Upkeep: words fade, still chats are forgotten, and memories are written down, at the latest with the next round."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from make import MAYA, SAM, assistant
from porches import BATTERY, NUMBER, Clock, Failing, Host, opened, press, say, token

from bot.edge.database import StoreError
from bot.edge.porch import REMEMBERED_SECONDS, Porch
from bot.edge.upkeep import CLOSED_SECONDS
from bot.memory import QUIET_TEXT_SECONDS, TEXT_SECONDS
from bot.welcome import FULL_TIPS


async def test_a_chat_that_is_forgotten_can_be_reported_without_its_words(porch: Porch, clock: Clock) -> None:
    """A report after days counts all the same."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    clock.now += CLOSED_SECONDS + 1
    porch.upkeep.sweep()
    assert porch.chats == {}
    assert (await press(porch, MAYA, report))["receipt"]
    assert [case.about for case in await porch.store.cases.all()] == ["sam"]
    assert porch.chats == {}


@pytest.mark.parametrize(("first", "kept_for"), [("I had a long day", QUIET_TEXT_SECONDS), (BATTERY, TEXT_SECONDS)])
async def test_words_fade(porch: Porch, clock: Clock, first: str, kept_for: float) -> None:
    """Words go after half an hour in a quiet chat, after a day in one with signals; that they were said stays."""
    await opened(porch)
    await say(porch, SAM, first)
    clock.now += kept_for - 1
    porch.upkeep.sweep()
    assert [said.text for said in porch.chats["c1"].tail] == [first]
    clock.now += 1
    porch.upkeep.sweep()
    assert not any(said.text for said in porch.chats["c1"].tail)
    assert porch.chats["c1"].memory.heard == 1


async def test_memories_of_people_survive_a_restart(porch: Porch, store: Failing, host: Host, clock: Clock) -> None:
    """Who has had the full tips before gets the short one, after a restart as well."""
    for number in range(FULL_TIPS):
        await opened(porch, f"c{number}")
    await porch.close()
    later = Porch(assistant(), store, host, clock=clock, rng=Random(2))  # noqa: S311 -- chance that is the same each time
    tips = await opened(later, "c9")
    await later.close()
    titles = {nudge["title"] for nudge in tips["nudges"]}
    short = {said.title for prompt in assistant().prompts if prompt.path.startswith("tip.short/") for said in prompt.wordings}
    assert titles <= short


async def test_memories_that_cannot_be_written_down_are_written_later(porch: Porch, store: Failing) -> None:
    """A full disk costs no memory: the next time it is tried again."""
    await opened(porch)
    store.full = True
    with pytest.raises(StoreError):
        await porch.close()
    assert await store.people.memories(["maya"]) == {}
    store.full = False
    await porch.close()
    assert (await store.people.memories(["maya"]))["maya"].tips == 1


async def test_the_porch_sweeps_by_itself(store: Failing, host: Host, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once started words fade and memories are written down without anybody asking; a full disk does not end it."""
    monkeypatch.setattr("bot.edge.upkeep.SWEEP_SECONDS", 0.01)
    porch = Porch(assistant(), store, host, clock=clock, rng=Random(1))  # noqa: S311 -- chance that is the same each time
    await opened(porch)
    await say(porch, SAM, "hello")
    store.full = True
    porch.start()
    async with asyncio.timeout(20):
        while not porch.failures:  # noqa: ASYNC110 -- nothing tells when it has happened
            await asyncio.sleep(0.01)
        clock.now += QUIET_TEXT_SECONDS
        store.full = False
        while any(said.text for said in porch.chats["c1"].tail) or not await store.people.memories(["maya"]):  # noqa: ASYNC110 -- nothing tells when it has happened
            await asyncio.sleep(0.01)
    await porch.close()
    assert set(porch.failures) == {"sweep StoreError"}


async def test_whatever_fails_in_a_round_the_rest_is_done(porch: Porch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours is counted as well, and keeps no word from fading and no report from being told of."""
    rung = []

    def broken() -> None:
        raise RuntimeError

    async def ring() -> None:
        rung.append(True)

    monkeypatch.setattr(porch.upkeep, "sweep", broken)
    monkeypatch.setattr(porch.bell, "ring", ring)
    await porch.upkeep.round()
    assert (porch.failures["sweep RuntimeError"], rung) == (1, [True])


async def test_what_people_wrote_is_in_no_answer_for_long(porch: Porch, clock: Clock) -> None:
    """A host that repeats a message soon has the same answer; later nothing is left of it, however quiet the community is."""
    await opened(porch)
    first = await say(porch, SAM, NUMBER)
    clock.now += REMEMBERED_SECONDS
    porch.upkeep.sweep()
    assert await say(porch, SAM, NUMBER) is first
    clock.now += REMEMBERED_SECONDS
    porch.upkeep.sweep()
    assert await say(porch, SAM, NUMBER) is not first
