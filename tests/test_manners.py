"""Manners under stress: a flood, a slow store, a clock that is set, what comes twice, out of order, or changed."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import MAYA, SAM, assistant
from pydantic import SecretStr

from bot.edge import wire
from bot.edge.clock import FAR_SECONDS, SLEW, SteadyClock
from bot.edge.link import Link
from bot.edge.link.line import Line
from bot.edge.porch import Ack, Porch
from bot.edge.settings import HostSetting
from bot.edge.store import Store

BATTERY = "this app drains my battery, got telegram?"
NUMBER = "call me on 07700 900{:03d}"
PLAIN = "it has been a long week and i am tired of it {}"


@pytest.fixture
async def porch(tmp_path: Path) -> AsyncIterator[Porch]:
    """A porch with everything real, whose host hears nothing."""

    async def nobody(_host: str, _event: str, _payload: Ack) -> None:
        return

    store = await Store.open(str(tmp_path / "porchlight.db"), tmp_path / "porchlight.key")
    made = Porch(assistant(), store, nobody, rng=Random(1))  # noqa: S311 -- chance that is the same each time
    yield made
    await made.close()
    await store.close()


class Standing(Line):
    """A line that stands, without a socket: what comes is given to it by the test."""

    def __init__(self, link: Link) -> None:
        """Agree on a level at once."""
        super().__init__(link, "")
        self.level, self.proven = wire.Level.ACT, True

    async def come(self, event: str, payload: object) -> Ack:
        """Let something come by it."""
        return await self._heard(event, payload, "an offset of connection state recovery")


@pytest.fixture
async def line(porch: Porch) -> AsyncIterator[Standing]:
    """A line of a host called main, with a talk opened by it."""
    link = Link("main", HostSetting(url="http://127.0.0.1:9", token=SecretStr("x"), deadline=0.5), porch)
    standing = Standing(link)
    link.lines = (standing,)
    await standing.come("chat.open", opening("c1"))
    yield standing
    await link.close()


def opening(chat: str) -> Ack:
    """Say that a talk between Maya and Sam began."""
    return {"chat": chat, "kind": "direct", "people": [msgspec.to_builtins(person) for person in (MAYA, SAM)]}


def saying(number: object, text: str, chat: str = "c1", **more: object) -> Ack:
    """Say what Sam says."""
    return {"id": str(number), "chat": chat, "author": SAM.id, "text": text, **more}


# --- a flood ---------------------------------------------------------------------------------------------------------


async def test_a_flood_by_one_person_costs_the_others_nothing(line: Standing) -> None:
    """Each of a thousand messages has its verdict, at no more than a few plain ones' cost; notes stay few, and another chat is answered."""
    await line.come("chat.open", opening("c2"))
    took: dict[str, list[float]] = {"plain": [], "flood": []}
    nudges = 0
    for number in range(1_000):
        for kind, chat, text in (("flood", "c1", NUMBER.format(number)), ("plain", "c2", PLAIN.format(number))):
            begun = time.process_time()
            ack = await line.come("message", saying(number, text, chat))
            took[kind].append(time.process_time() - begun)
            assert (ack["verdict"], "degraded" in ack) == ("mask" if kind == "flood" else "deliver", False)
            nudges += len(ack["nudges"])
    assert nudges <= 4
    assert statistics.median(took["flood"]) < 25 * statistics.median(took["plain"])
    assert statistics.median(took["flood"]) < 0.01


async def test_too_many_at_once_are_let_through_and_counted(line: Standing, porch: Porch, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no longer fits into the line's lanes is delivered unread, and said to be; the others have their verdict, in order."""
    line._link.lanes.most = 50  # noqa: SLF001 -- the bound is the point
    gate, order = asyncio.Event(), []
    hear = porch.hear

    async def slowly(event: str, payload: Any, host: str = "") -> Ack:  # noqa: ANN401 -- as it comes
        await gate.wait()
        order.append(payload["id"])
        return await hear(event, payload, host)

    monkeypatch.setattr(porch, "hear", slowly)
    monkeypatch.setattr(line._link.setting, "deadline", 10.0)  # noqa: SLF001 -- nobody is to wait in vain here
    asked = [asyncio.ensure_future(line.come("message", saying(number, NUMBER.format(number)))) for number in range(80)]
    await asyncio.sleep(0.05)
    gate.set()
    acks = await asyncio.gather(*asked)
    busy = [ack.get("degraded") == "busy" for ack in acks]
    assert (busy.count(True), {ack["verdict"] for ack, one in zip(acks, busy, strict=True) if one}) == (30, {"deliver"})
    assert {ack["verdict"] for ack, one in zip(acks, busy, strict=True) if not one} == {"mask"}
    assert order == sorted(order, key=int)
    assert line._link.count.degraded["busy"] == 30  # noqa: SLF001 -- as the figures read it


async def test_what_takes_too_long_is_said_later(line: Standing, porch: Porch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stands still while a chat is opened holds up no message: delivered at the deadline, then judged, told and covered."""
    gate = asyncio.Event()
    memories = porch.store.people.memories

    async def stuck(ids: Any) -> Any:  # noqa: ANN401 -- as it is asked
        await gate.wait()
        return await memories(ids)

    monkeypatch.setattr(porch.store.people, "memories", stuck)
    people = [{"id": "new", "role": "listener", "age": "adult"}, msgspec.to_builtins(MAYA)]
    opened = await line.come("chat.open", {"chat": "c9", "kind": "direct", "people": people})
    assert (opened["degraded"], opened["retry"]) == ("timeout", True)
    begun = time.monotonic()
    ack = await line.come("message", {**saying(1, NUMBER.format(1), "c9"), "author": "new"})
    assert (ack["verdict"], ack["degraded"]) == ("deliver", "timeout")
    assert time.monotonic() - begun < 5
    other = await line.come("message", saying(2, NUMBER.format(2)))
    assert other["verdict"] == "mask"
    gate.set()
    outbox = line._link.outbox  # noqa: SLF001 -- what waits to be said
    async with asyncio.timeout(20):
        pushes = await outbox.take(10, lambda push: push.event == "mask")
    assert [(push.payload["chat"], push.payload["message"], "900" in push.payload["text"]) for push in pushes] == [("c9", "1", False)]
    notes = await outbox.take(10, lambda push: push.event == "nudge")
    assert {tuple(push.payload["to"]) for push in notes} == {("new",), (MAYA.id,)}
    assert all(push.payload["chat"] == "c9" for push in notes)


# --- twice, out of order, changed ------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 5), min_size=1, max_size=24))
def test_whatever_comes_again_and_in_whatever_order(numbers: list[int]) -> None:
    """A message has one answer, however often and when it comes; no note is made twice; the tail holds it once."""

    async def play() -> None:
        async def nobody(_host: str, _event: str, _payload: Ack) -> None:
            return

        porch = Porch(assistant(), NoStore(), nobody, rng=Random(1))  # type: ignore[arg-type]  # noqa: S311 -- as above
        await porch.hear("chat.open", opening("c1"), "main")
        texts = [BATTERY, NUMBER.format(1), PLAIN, "hello", NUMBER.format(2), "so it goes"]
        answers: dict[int, Ack] = {}
        for number in numbers:
            ack = await porch.hear("message", saying(number, texts[number]), "main")
            assert answers.setdefault(number, ack) == ack
        notes = [nudge["id"] for ack in answers.values() for nudge in ack["nudges"]]
        assert len(notes) == len(set(notes))
        assert [said.id for said in porch.chats["main/c1"].tail] == [str(number) for number in dict.fromkeys(numbers)]

    asyncio.run(play())


class NoStore:
    """A store that knows nobody, for what never comes to it."""

    def __init__(self) -> None:
        """Be its own room of people and notices."""
        self.people = self.notices = self

    async def memories(self, _: object) -> dict[str, Any]:
        """Nobody's."""
        return {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever is asked of it
        async def nothing(*_: object, **__: object) -> tuple[()]:
            return ()

        return nothing


async def test_an_edit_is_judged_under_the_id_of_what_it_changes(line: Standing) -> None:
    """Hosts that keep the id when words are changed do not get the old answer; the same edit again gets its own."""
    assert (await line.come("message", saying(1, "hello there")))["verdict"] == "deliver"
    first = await line.come("message", saying(1, NUMBER.format(7), edit_of="1"))
    again = await line.come("message", saying(1, NUMBER.format(7), edit_of="1"))
    assert (first["verdict"], again) == ("mask", first)
    assert (await line.come("message", saying(1, "hello there", edit_of="1")))["verdict"] == "deliver"
    assert (await line.come("message", saying(2, NUMBER.format(8), edit_of="1")))["verdict"] == "mask"


async def test_before_hello_nothing_is_read_and_messages_pass(line: Standing) -> None:
    """A host that forgot to say hello hears of it with every event; an unknown version is told which are known."""
    line.level = None
    ack = await line.come("message", saying(1, NUMBER.format(1)))
    assert (ack["verdict"], ack["field"]) == ("deliver", "hello")
    refused = await line.come("hello", {"protocol": 2})
    assert (refused["field"], refused["protocols"], line.level) == ("protocol", [1], None)
    assert (await line.come("hello", {"level": "everything"}))["field"] == "level"
    agreed = await line.come("hello", {"level": "whisper", "later": True})
    assert (agreed["level"], agreed["probe"]) == ("whisper", True)
    await line._end_tasks()  # noqa: SLF001 -- the probe has no socket here


ANSWERS: list[tuple[Ack | None, int]] = [(None, 1), ({}, 1), ({"error": "unknown event"}, 1), ({"replayed": 0}, 0), ({"replayed": 3}, 0)]


@pytest.mark.parametrize(("answer", "gaps"), ANSWERS)
async def test_what_was_not_heard_is_counted(line: Standing, monkeypatch: pytest.MonkeyPatch, answer: Ack | None, gaps: int) -> None:
    """After a break the host is asked for what came meanwhile, by the last message that was judged; if it has nothing, that is a gap."""
    asked: list[tuple[str, Ack]] = []

    async def ask(event: str, payload: Ack, _: float = 0) -> Ack | None:
        asked.append((event, payload))
        return answer

    monkeypatch.setattr(line, "ask", ask)
    await line.come("message", saying("the last", "hello"))
    line._forget()  # noqa: SLF001 -- as when the line is lost
    await line._after_hello(speaks=False)  # noqa: SLF001 -- as when it is back
    assert [(event, payload["after"], payload["since"] is not None) for event, payload in asked] == [("resume", "the last", True)]
    await line._after_hello(speaks=False)  # noqa: SLF001 -- a second hello on the same line is no break
    assert line._link.count.gaps == gaps  # noqa: SLF001 -- as the figures read it


@pytest.mark.parametrize("level", wire.Level)
async def test_what_the_assistant_does_at_each_level(line: Standing, level: wire.Level) -> None:
    """Below verdict nothing is covered or held, and nobody is told that it was; at observe nobody is told anything."""
    await line.come("hello", {"level": level.value})
    await line._end_tasks()  # noqa: SLF001 -- as above
    line.proven = True
    ack = await line.come("message", saying(1, NUMBER.format(1)))
    assert ack["verdict"] == ("mask" if level.rank >= wire.Level.VERDICT.rank else "deliver")
    assert bool(ack["nudges"]) == (level is not wire.Level.OBSERVE)
    titles = {nudge["title"] for nudge in ack["nudges"] if tuple(nudge["to"]) == (SAM.id,)}
    assert ("Your details can be seen" in titles) == (level is wire.Level.WHISPER)


async def test_a_note_for_a_great_many_goes_in_pieces(line: Standing) -> None:
    """Ten thousand people in a room are not one packet: the pieces have one id and everybody stands in one of them."""
    everybody = [f"p{number}" for number in range(9_999)]
    people = [{"id": person, "role": "member"} for person in everybody] + [{"id": "mod", "role": "moderator"}]
    await line.come("chat.open", {"chat": "big", "kind": "room", "people": people})
    ack = await line.come("command", {"chat": "big", "author": "mod", "text": "/remind contact"})
    pieces = ack["nudges"]
    assert len({piece["id"] for piece in pieces}) == 1
    assert sorted(person for piece in pieces for person in piece["to"]) == sorted([*everybody, "mod"])
    assert all(len(msgspec.json.encode(piece)) < 500_000 for piece in pieces)


# --- a clock that is set ---------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.floats(0, 600), st.one_of(st.just(0.0), st.floats(-3_600, 3_600))), max_size=40)
"""Seconds that go by, and by how much the machine's clock is then set."""


@given(STEPS)
def test_the_clock_never_jumps(steps: list[tuple[float, float]]) -> None:
    """It never goes back, and however the machine's is set, it goes within a hundredth of how time goes."""
    steady, offset = 0.0, 1_700_000_000.0
    clock = SteadyClock(lambda: steady + offset, lambda: steady)
    before = clock()
    for passed, jump in steps:
        steady += passed
        offset += jump
        now = clock()
        assert now >= before
        assert abs(now - before - passed) <= passed * SLEW + 1e-3
        before = now


def test_the_clock_comes_right_again() -> None:
    """A minute ahead is made good in less than two hours; a clock that was never set is followed at once, one far ahead is not."""
    steady, wall = 0.0, 1_700_000_000.0
    clock = SteadyClock(lambda: wall + steady, lambda: steady)
    wall += 60
    for _ in range(100):
        steady += 60
        now = clock()
    assert now == pytest.approx(wall + steady, abs=0.01)
    wall += 10 * FAR_SECONDS
    assert clock() == pytest.approx(wall + steady, abs=0.01)
    wall -= 10 * FAR_SECONDS
    steady += 10
    assert clock() > wall + steady + 9 * FAR_SECONDS
