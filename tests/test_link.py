"""The link's parts: order within each chat, what is dropped when too much waits, and how long to wait before the next attempt."""

from __future__ import annotations

import asyncio
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edge.link.lanes import BusyError, Lanes
from bot.edge.link.link import FIRST_WAIT, LONGEST_WAIT, backoff
from bot.edge.link.outbox import Outbox

# --- lanes -----------------------------------------------------------------------------------------------------------

Piece = tuple[str | None, int]
PIECES = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 3)), max_size=30)
"""A lane and how often the work in it lets others go first."""


async def ran(pieces: list[Piece], wide: int) -> tuple[list[tuple[str, int]], int]:
    """Run all at once, and give when each began and ended, and how many went on together at most."""
    lanes = Lanes(wide=wide)
    story: list[tuple[str, int]] = []
    together = most = 0

    async def work(number: int, pauses: int) -> int:
        nonlocal together, most
        together += 1
        most = max(most, together)
        story.append(("begin", number))
        for _ in range(pauses):
            await asyncio.sleep(0)
        story.append(("end", number))
        together -= 1
        return number

    def task(number: int, lane: str | None, pauses: int) -> asyncio.Task[int]:
        return asyncio.ensure_future(lanes.run(lane, lambda: work(number, pauses)))

    done = await asyncio.gather(*(task(number, lane, pauses) for number, (lane, pauses) in enumerate(pieces)))
    assert done == list(range(len(pieces)))
    assert (lanes.taken, lanes.is_free("a")) == (0, True)
    return story, most


@given(PIECES, st.integers(1, 4))
def test_each_lane_keeps_its_order_and_what_concerns_all_stands_alone(pieces: list[Piece], wide: int) -> None:
    """Whatever comes: in a lane one after the other in the order of coming, over lanes at most so many, and alone what has no lane."""
    story, most = asyncio.run(ran(pieces, wide))
    assert most <= wide
    place = {what: where for where, what in enumerate(story)}
    for later, (lane, _) in enumerate(pieces):
        for earlier, (other, _) in enumerate(pieces[:later]):
            if lane == other or lane is None or other is None:
                assert place["end", earlier] < place["begin", later]


async def test_too_much_is_refused_and_what_waits_goes_on() -> None:
    """Beyond the bound nothing more is taken in; what was taken is done."""
    lanes, gate = Lanes(most=2), asyncio.Event()
    waiting = [asyncio.ensure_future(lanes.run("a", gate.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await lanes.run("b", gate.wait)
    gate.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await lanes.run("b", gate.wait)


async def test_work_that_fails_or_is_given_up_blocks_nobody() -> None:
    """An error is for the one who asked; those behind have their turn."""
    lanes = Lanes()

    async def fail() -> None:
        raise ZeroDivisionError

    failing = asyncio.ensure_future(lanes.run("a", fail))
    given_up = asyncio.ensure_future(lanes.run("a", asyncio.Event().wait))
    behind = asyncio.ensure_future(lanes.run("a", lambda: asyncio.sleep(0, "done")))
    everybody = asyncio.ensure_future(lanes.run(None, lambda: asyncio.sleep(0, "all done")))
    with pytest.raises(ZeroDivisionError):
        await failing
    given_up.cancel()
    done = await asyncio.wait_for(asyncio.gather(behind, everybody), 1)
    assert list(done) == ["done", "all done"]
    assert lanes.taken == 0


# --- what waits to be said -------------------------------------------------------------------------------------------


def nudge(tone: str, number: int) -> dict[str, object]:
    """Make something to say."""
    return {"id": number, "tone": tone}


async def test_where_there_is_no_room_the_lightest_goes() -> None:
    """Old tips are dropped before warnings, and a case never for a tip; what is dropped is counted."""
    outbox = Outbox(most=3)
    for number, tone in enumerate(("tip", "warning", "tip", "tip")):
        outbox.put("nudge", nudge(tone, number))
    outbox.put("case", {"id": 4})
    outbox.put("case", {"id": 5})
    taken = await outbox.take(10, lambda _: True)
    assert [push.payload["id"] for push in taken] == [1, 4, 5]
    assert outbox.dropped == {"nudge": 3}


async def test_what_is_not_ready_waits_and_keeps_its_place() -> None:
    """Cases go while nudges have no way yet; what could not be said comes before what came later."""
    outbox = Outbox()
    outbox.put("nudge", nudge("tip", 1))
    outbox.put("case", {"id": 2})
    (case,) = await outbox.take(10, lambda push: push.event == "case")
    waiting = asyncio.ensure_future(outbox.take(10, lambda push: push.event == "case"))
    await asyncio.sleep(0)
    outbox.put("case", {"id": 3})
    later = await asyncio.wait_for(waiting, 1)
    outbox.put_back([case, *later])
    assert [push.payload["id"] for push in await outbox.take(10, lambda _: True)] == [2, 3, 1]
    assert len(outbox) == 0


# --- the next attempt ------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**32))
def test_attempts_come_ever_more_slowly_and_never_in_step(seed: int) -> None:
    """Each wait is twice the last up to the longest, give or take half of it."""
    waits = list(islice(backoff(Random(seed)), 12))  # noqa: S311 -- jitter is no secret
    wanted = [min(LONGEST_WAIT, FIRST_WAIT * 2**number) for number in range(12)]
    assert all(0.5 * want <= wait <= 1.5 * want for wait, want in zip(waits, wanted, strict=True))
    assert len(set(waits)) == len(waits)
