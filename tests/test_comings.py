"""Who comes and who goes: a chat keeps what it is across openings, endings and what is new of its people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import msgspec
import pytest
from make import MAYA, ROBIN, SAM
from porches import BATTERY, Clock, Failing, Host, build_porch, opened, press, say, token

from bot.edge import comings
from bot.edge.comings import LONG_OPEN_SECONDS
from bot.edge.database import StoreError
from bot.edge.porch import Ack, Porch
from bot.model import Audience, PersonMemory

PEOPLE = [msgspec.to_builtins(SAM), msgspec.to_builtins(MAYA)]
TALK = {"chat": "c1", "kind": "direct", "people": PEOPLE}
BOTH = [("maya",), ("sam",)]


@pytest.fixture
def store_answers(porch: Porch, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Until it is set, the store lets whoever asks for people wait."""
    answers, ask = asyncio.Event(), porch.store.people.memories

    async def slow(ids: Iterable[str]) -> dict[str, PersonMemory]:
        await answers.wait()
        return await ask(ids)

    monkeypatch.setattr(porch.store.people, "memories", slow)
    return answers


def told(*acks: Ack) -> list[tuple[str, ...]]:
    """To whom nudges went."""
    return sorted(tuple(nudge["to"]) for ack in acks for nudge in ack["nudges"])


async def test_a_chat_opened_again_keeps_its_tail(porch: Porch) -> None:
    """A host that comes back opens its chats again: nobody gets a second tip, and nothing is forgotten."""
    assert {nudge["to"] for nudge in (await opened(porch))["nudges"]} == {("maya",), ("sam",)}
    await say(porch, SAM, "hello")
    assert await opened(porch) == {"nudges": []}
    assert len(porch.chats["c1"].tail) == 1


async def test_what_a_host_says_of_somebody_holds_in_all_their_chats(porch: Porch) -> None:
    """A birthday counts everywhere."""
    await opened(porch)
    await opened(porch, "c2")
    await porch.hear("person.update", {"person": {"id": "sam", "role": "listener", "age": "teen"}})
    assert [chat.person("sam").age for chat in porch.chats.values()] == ["teen", "teen"]  # type: ignore[union-attr]


async def test_a_closed_chat_can_still_be_reported(porch: Porch) -> None:
    """Many understand only later what happened: the report works after the end, with what is still kept."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    number = (await press(porch, MAYA, report))["receipt"]["number"]
    (case,) = await porch.store.cases.all()
    found = await porch.store.cases.find(case.id)
    assert found is not None
    assert [(one.number, [said.text for said in one.evidence.said]) for one in found[1] if one.evidence] == [(number, [BATTERY])]


async def test_a_talk_that_begins_again_under_the_same_id_has_its_tips(porch: Porch) -> None:
    """Some hosts keep one id for all talks of the same two: each talk begins with the tips, and its last words can still be reported."""
    people = [{"id": "maya", "role": "member", "age": "adult"}, {"id": "sam", "role": "listener", "age": "adult"}]
    chat = {"chat": "pair", "kind": "direct", "people": people}
    first = await porch.hear("chat.open", chat)
    await porch.hear("message", {"id": "m1", "chat": "pair", "author": "maya", "text": "hello there"})
    while_open = await porch.hear("chat.open", chat)
    await porch.hear("chat.close", {"chat": "pair", "by": "maya", "reason": "left"})
    again = await porch.hear("chat.open", chat)

    assert (len(first["nudges"]), len(while_open["nudges"]), len(again["nudges"])) == (2, 0, 2)
    assert [said.text for said in porch.chats["pair"].tail] == ["hello there"]


async def test_we_come_into_the_middle_of_a_chat_without_a_tip(porch: Porch, clock: Clock) -> None:
    """A chat that has gone on for a while is no place for an early tip; a fresh one is, and both are read."""
    people = [msgspec.to_builtins(SAM), msgspec.to_builtins(MAYA)]
    old = await porch.hear("chat.open", {"chat": "old", "kind": "direct", "people": people, "opened_at": clock.now - LONG_OPEN_SECONDS - 1})
    fresh = await porch.hear("chat.open", {"chat": "fresh", "kind": "direct", "people": people, "opened_at": clock.now - 1})
    assert not old["nudges"]
    assert fresh["nudges"]
    assert (await say(porch, SAM, "hello", chat="old"))["verdict"] == "deliver"


async def test_what_is_told_of_a_chat_that_is_being_opened_waits_for_it(porch: Porch, store_answers: asyncio.Event) -> None:
    """Somebody comes, and says something, while the store is still asked for the two: both have their tip, and the message is read."""
    opening = asyncio.create_task(porch.hear("chat.open", TALK))
    await asyncio.sleep(0)
    joining = asyncio.create_task(porch.hear("chat.join", {"chat": "c1", "person": PEOPLE[0]}))
    speaking = asyncio.create_task(say(porch, SAM, BATTERY))
    again = asyncio.create_task(porch.hear("chat.open", {**TALK, "people": PEOPLE[:1]}))
    await asyncio.sleep(0)
    store_answers.set()
    opened_, joined, said, opened_again = await asyncio.gather(opening, joining, speaking, again)

    assert told(opened_, joined, opened_again) == BOTH
    assert said["nudges"]
    assert "error" not in joined


async def test_a_message_does_not_wait_for_a_store_that_stands_still(
    porch: Porch, store_answers: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes out unread: somebody waits for it."""
    monkeypatch.setattr(comings, "MESSAGE_WAITS", 0.01)
    opening = asyncio.create_task(porch.hear("chat.open", TALK))
    await asyncio.sleep(0)
    said = await say(porch, SAM, BATTERY)
    store_answers.set()

    assert (said["verdict"], said["nudges"], said["field"]) == ("deliver", [], "chat")
    assert told(await opening) == BOTH


async def test_who_came_while_nobody_told_has_their_tip(porch: Porch) -> None:
    """A host tells again of a chat, and now of one more: they are greeted like those who were there first, and nobody else again."""
    assert told(await porch.hear("chat.open", {**TALK, "people": PEOPLE[:1]})) == BOTH[1:]
    assert told(await porch.hear("chat.open", TALK)) == BOTH[:1]
    assert told(await porch.hear("chat.open", TALK)) == []


async def test_a_talk_that_is_told_of_again_as_a_room_is_one(porch: Porch) -> None:
    """A host may know only later that it is a chat of many."""
    await opened(porch)
    await opened(porch, kind="room", people=(MAYA, SAM, ROBIN))
    assert porch.chats["c1"].kind == "room"


async def test_who_comes_while_the_store_fails_is_let_in_and_warned(porch: Porch, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store holds of them counts again as soon as it can be asked, and is not written over meanwhile."""
    kept = {"maya": PersonMemory(tips=9, put_away=True)}
    await porch.store.people.remember(kept, porch.now)
    await opened(porch, people=(SAM,))
    ask = porch.store.people.memories
    monkeypatch.setattr(porch.store.people, "memories", failing)

    joined = await porch.hear("chat.join", {"chat": "c1", "person": msgspec.to_builtins(MAYA)})
    said = await say(porch, SAM, BATTERY)

    assert ("error" in joined, told(joined)) == (False, BOTH[:1])
    assert ("maya",) in told(said)
    with suppress(StoreError):
        await porch.upkeep.write_down()
    monkeypatch.setattr(porch.store.people, "memories", ask)
    assert await ask(["maya"]) == kept
    await porch.upkeep.write_down()
    assert await ask(["maya"]) == kept
    assert porch.failures["recall StoreError"] > 0


async def failing(ids: Iterable[str]) -> dict[str, PersonMemory]:
    """Ask a store that cannot answer."""
    raise StoreError(f"asked in vain for {len(list(ids))}")


async def test_whoever_comes_is_known_by_what_is_remembered_of_them(porch: Porch) -> None:
    """Who has put the tip away has none, in whatever chat they come into, and all that is remembered of them stays."""
    before = PersonMemory(tips=9, put_away=True, tip_edition=porch.assistant.voice.edition("tip", Audience.TO_OTHER, MAYA))
    await porch.store.people.remember({"maya": before}, porch.now)
    await opened(porch, people=(SAM,))
    joined = await porch.hear("chat.join", {"chat": "c1", "person": msgspec.to_builtins(MAYA)})
    await porch.upkeep.write_down()
    assert told(joined) == []
    assert (await porch.store.people.memories(["maya"]))["maya"] == before


async def test_a_button_of_a_forgotten_chat_costs_no_memory(porch: Porch, store: Failing, host: Host, clock: Clock) -> None:
    """After a restart somebody presses what they were shown before: what is remembered of them stays."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    await porch.close()
    before = (await store.people.memories(["maya"]))["maya"]
    later = build_porch(store, host, clock)
    assert (await press(later, MAYA, report))["receipt"]
    await later.close()
    assert (await store.people.memories(["maya"]))["maya"] == before
