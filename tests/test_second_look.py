"""The second look: when the answer is on its way, one message at a time, and nobody waits for what takes long."""

from __future__ import annotations

import asyncio
import time

import pytest
from make import MAYA, SAM
from oracles import Oracle, StandIn, believing, read_by, shipped
from porches import Host, opened, quiet, say

from bot.edge.porch import Porch
from bot.edge.second_look import LOOK_AGAIN_SECONDS, MOST_DOUBTFUL, MOST_UNREAD
from bot.memory import TAIL_MESSAGES, gather
from bot.model import Certainty, Kind, Signal


async def test_what_is_seen_late_is_told_after_the_answer(porch: Porch, host: Host) -> None:
    """The answer to a message does not wait for the second reader; its nudges come by themselves, each for one person."""
    read_by(porch, Oracle(Signal(Kind.SECRECY, "learned", "learned/secrecy", Certainty.LIKELY)))
    await opened(porch)
    assert await say(porch, SAM, "hello") == {"verdict": "deliver", "nudges": []}
    assert host.told == []
    await asyncio.sleep(2 * LOOK_AGAIN_SECONDS + 0.05)
    nudges = [payload for event, payload in host.told if event == "nudge"]
    assert {(tuple(nudge["to"]), nudge["audience"], nudge["message"]) for nudge in nudges} == {
        ((SAM.id,), "to-sender", "m1"),
        ((MAYA.id,), "to-other", "m1"),
    }


async def test_a_second_reader_that_fails_costs_nobody_a_message(porch: Porch, host: Host) -> None:
    """Its failure is counted; the message had its answer, and so has the next one."""
    read_by(porch, Oracle(fails=True))
    await opened(porch)
    for number in range(3):
        assert (await say(porch, SAM, "hello", f"m{number}"))["verdict"] == "deliver"
    await asyncio.sleep(2 * LOOK_AGAIN_SECONDS + 0.05)
    assert porch.failures["insight RuntimeError"] == 3
    assert host.told == []


async def test_what_has_gathered_goes_when_nothing_more_is_seen(porch: Porch) -> None:
    """Each further message of somebody lets it fade, also one in which there is nothing."""
    read_by(porch, Oracle())
    await opened(porch)
    porch.chats["c1"] = gather(porch.chats["c1"], SAM.id, {Kind.FLIRT: 0.3})
    await say(porch, SAM, "hello")
    await asyncio.sleep(2 * LOOK_AGAIN_SECONDS + 0.05)
    assert 0 < porch.chats["c1"].memory.gathered[SAM.id][Kind.FLIRT] < 0.3


async def test_in_a_flood_the_oldest_wait_in_vain(porch: Porch, host: Host) -> None:
    """More messages than can wait for the second reader cost no memory; the last ones are read."""
    read_by(porch, Oracle(Signal(Kind.SECRECY, "learned", "learned/secrecy", Certainty.LIKELY)))
    await opened(porch)
    for number in range(MOST_UNREAD + 20):
        await say(porch, SAM, "hello", f"m{number}")
    await asyncio.sleep(2 * LOOK_AGAIN_SECONDS + 0.3)
    assert {payload["message"] for event, payload in host.told if event == "nudge"} == {f"m{MOST_UNREAD + 20 - TAIL_MESSAGES}"}
    assert not porch.failures


# --- the third reader ------------------------------------------------------------------------------------------------

KETTLE = "the kettle is on"


async def seen(host: Host, number: int) -> list[str]:
    """The messages that nudges have come for, when there are so many nudges."""
    async with asyncio.timeout(20):
        while len(host.told) < number:  # noqa: ASYNC110 -- nothing tells when it has happened
            await asyncio.sleep(0.005)
    return [payload["message"] for event, payload in host.told if event == "nudge"]


async def test_the_loop_does_not_wait_for_the_encoder(porch: Porch, host: Host) -> None:
    """While it thinks for a second, messages are answered as if there were none."""
    semantic = believing(StandIn("kettle", Kind.OFFSITE_INVITE, seconds=1.0))
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    await say(porch, SAM, KETTLE)
    await asyncio.sleep(5 * LOOK_AGAIN_SECONDS)
    begun = time.monotonic()
    await say(porch, MAYA, "hello", "m2")
    assert time.monotonic() - begun < 0.5
    assert host.told == []
    assert set(await seen(host, 2)) == {"m1"}
    await quiet(porch)


async def test_what_nobody_doubts_costs_no_encoder(porch: Porch) -> None:
    """Ordinary talk never reaches it."""
    encoder = StandIn("kettle", Kind.OFFSITE_INVITE)
    semantic = believing(encoder, doubtful=0.5)
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    await say(porch, SAM, "thanks for listening")
    await asyncio.sleep(2 * LOOK_AGAIN_SECONDS + 0.05)
    assert encoder.asked == []


async def test_an_encoder_that_fails_leaves_the_second_reader_its_word(porch: Porch, host: Host) -> None:
    """The failure is counted, and what the second reader sees is told all the same."""
    semantic = believing(StandIn("", fails=True), certain=1.0)
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    await say(porch, SAM, "so can we maybe do this over the phone, you and me")
    assert set(await seen(host, 2)) == {"m1"}
    assert porch.failures == {"semantic RuntimeError": 1}


async def test_when_too_many_wait_the_second_readers_word_stands(porch: Porch, host: Host) -> None:
    """A flood of doubtful messages keeps no more than a few waiting; the others are read without the encoder, and none is lost."""
    encoder = StandIn("kettle", Kind.OFFSITE_INVITE, seconds=0.01)
    semantic = believing(encoder)
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    for number in range(MOST_DOUBTFUL + 10):
        await say(porch, SAM, f"{KETTLE} {number}", f"m{number}")
    await asyncio.sleep(LOOK_AGAIN_SECONDS + 0.1)
    await quiet(porch)
    assert MOST_DOUBTFUL <= len(encoder.asked) < MOST_DOUBTFUL + 10
    assert not porch.failures
    assert host.told


async def test_readers_may_change_while_a_message_waits(porch: Porch, host: Host) -> None:
    """Settings are read again in the middle of it: what was begun is finished by the reader that began it."""
    semantic = believing(StandIn("kettle", Kind.OFFSITE_INVITE, seconds=0.1))
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    await say(porch, SAM, KETTLE)
    await asyncio.sleep(3 * LOOK_AGAIN_SECONDS)
    read_by(porch, shipped())
    assert set(await seen(host, 2)) == {"m1"}
    await quiet(porch)


@pytest.mark.parametrize("gone", ["closed", "forgotten"])
async def test_what_is_gone_meanwhile_is_not_spoken_of(porch: Porch, host: Host, gone: str) -> None:
    """A chat that is forgotten while the encoder thinks is let be, and one that has only ended breaks nothing."""
    semantic = believing(StandIn("kettle", Kind.OFFSITE_INVITE, seconds=0.1))
    read_by(porch, semantic.learned, semantic)
    await opened(porch)
    await say(porch, SAM, KETTLE)
    await asyncio.sleep(3 * LOOK_AGAIN_SECONDS)
    if gone == "closed":
        await porch.hear("chat.close", {"chat": "c1", "by": "maya", "reason": "left"})
    else:
        del porch.chats["c1"]
    await quiet(porch)
    assert not porch.failures
    assert gone == "closed" or not host.told
