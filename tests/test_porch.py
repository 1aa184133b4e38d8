"""The porch: every event of the contract is answered, nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import msgspec
import pytest
from make import KIT, MAYA, ROBIN, SAM, assistant
from porches import BATTERY, NUMBER, Clock, Failing, Host, opened, press, quiet, say, token

from bot.edge import wire
from bot.edge.porch import Ack, Porch
from bot.edge.store import ReportStatus, Store
from bot.interactions import UNDO_SECONDS
from bot.model import Answer, ChatKind, Kind, Message
from bot.text import clean
from bot.unsaid import DRAFTS_PER_HOUR
from bot.voice import PRESS_SECONDS

# --- everything is answered ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "payload", "answers"),
    [
        ("chat.open", {"chat": "c2", "kind": "direct", "people": [{"id": "a", "role": "member"}]}, {"nudges"}),
        ("chat.join", {"chat": "c1", "person": {"id": "zoe", "role": "member"}}, {"nudges"}),
        ("chat.leave", {"chat": "c1", "person_id": "sam"}, {"nudges"}),
        ("chat.close", {"chat": "c1", "by": "sam", "reason": "left"}, {"nudges"}),
        ("person.update", {"person": {"id": "sam", "role": "listener", "age": "teen"}}, {"nudges"}),
        ("message", {"id": "m1", "chat": "c1", "author": "sam", "text": "hello"}, {"verdict", "nudges"}),
        ("message", {"id": "m2", "chat": "c1", "author": "sam", "text": NUMBER}, {"verdict", "text", "nudges"}),
        ("draft", {"chat": "c1", "author": "sam", "text": BATTERY}, {"nudges"}),
        ("command", {"chat": "c1", "author": "sam", "text": "/rules"}, {"nudges"}),
        ("command", {"chat": "c1", "author": "sam", "text": "/mod help"}, {"receipt", "undo", "nudges"}),
        ("command", {"chat": "c1", "author": "sam", "text": "/dance"}, {"error"}),
        ("press", {"person_id": "sam", "token": "forged"}, {"error"}),
        ("panel", {"chat": "c1", "person_id": "sam"}, {"panel"}),
        ("reports", {"person_id": "sam"}, {"reports", "chats", "href"}),
        ("profile", {"person_id": "sam", "field": "about", "text": NUMBER}, {"verdict", "nudges"}),
        ("dance", {}, {"error"}),
    ],
)
async def test_every_event_answers(porch: Porch, event: str, payload: Ack, answers: set[str]) -> None:
    """Each event of the contract has its answer, in exactly its fields, and what is no event is told so."""
    await opened(porch)
    ack = await porch.hear(event, payload)
    assert set(ack) == answers
    if event in wire.EVENTS:
        msgspec.json.decode(msgspec.json.encode(ack), type=wire.EVENTS[event].ack)
    assert porch.failures == {}


async def test_an_unknown_event_is_told_so(porch: Porch) -> None:
    """A later host may know more events than we do."""
    assert await porch.hear("dance", {}) == {"error": "unknown event"}


EVENTS = ["chat.open", "chat.join", "chat.leave", "chat.close", "person.update", "message", "draft", "command"]
EVENTS += ["press", "panel", "reports", "profile", "shown"]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("payload", [None, 7, "text", [1], b"\x00"], ids=["nothing", "number", "text", "list", "bytes"])
async def test_a_bad_payload_is_told_and_changes_nothing(porch: Porch, event: str, payload: object) -> None:
    """What is no object at all is named, and nothing else is done."""
    await opened(porch)
    before = dict(porch.chats)
    ack = await porch.hear(event, payload)
    assert (bool(ack["error"]), ack["field"]) == (True, "payload")
    assert (dict(porch.chats), porch.failures) == (before, {})


async def test_a_bad_field_is_named(porch: Porch) -> None:
    """The one field that is wrong is named, and a message gets through all the same."""
    await opened(porch)
    ack = await porch.hear("message", {"id": "m1", "chat": "c1", "author": "sam", "text": 7})
    assert (ack["verdict"], ack["nudges"], ack["field"]) == ("deliver", [], "text")
    assert (await porch.hear("draft", {"chat": "c1", "author": "sam"}))["field"] == "text"


async def test_a_huge_message_is_delivered_unread_and_said_to_be(porch: Porch) -> None:
    """A megabyte is no reason to lose it, nor to stand still over it."""
    await opened(porch)
    ack = await say(porch, SAM, "x" * 1_000_000)
    assert (ack["verdict"], ack["field"]) == ("deliver", "text")


@pytest.mark.parametrize(
    "text", ["a\ud83db", "nul\x00inside", "", "\u202e" * 500, "👨‍👩‍👧" * 900], ids=["half", "nul", "empty", "turned", "family"]
)
async def test_strange_text_is_read_like_any_other(porch: Porch, text: str) -> None:
    """No text makes the reading fail."""
    await opened(porch)
    assert await say(porch, SAM, text) == {"verdict": "deliver", "nudges": []}
    assert porch.failures == {}


@pytest.mark.parametrize("event", ["message", "draft", "command", "chat.join", "chat.leave", "chat.close", "panel"])
async def test_a_chat_that_was_never_opened_is_named(porch: Porch, event: str) -> None:
    """A host that forgot to open a chat hears of it; a message is delivered."""
    person = {"id": "sam", "role": "listener"}
    payload = {"id": "m1", "chat": "c9", "author": "sam", "text": "hello", "person": person, "person_id": "sam"}
    ack = await porch.hear(event, payload)
    assert (ack["field"], bool(ack["error"])) == ("chat", True)
    assert ack.get("verdict") == ("deliver" if event == "message" else None)


async def test_an_author_from_elsewhere_is_named(porch: Porch) -> None:
    """A message by somebody who is not in the chat is delivered, unread, and the host hears why."""
    await opened(porch)
    ack = await say(porch, ROBIN, BATTERY)
    assert (ack["verdict"], ack["nudges"], ack["field"]) == ("deliver", [], "author")


async def test_a_message_whose_reading_fails_is_delivered_and_counted(
    porch: Porch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If anything in here fails the message is delivered; the failure is counted and logged without a word of it."""

    def fail(*_: object) -> NoReturn:
        raise ValueError("about " + BATTERY)

    await opened(porch)
    with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
        broken.setattr(porch.assistant.scanner, "spot", fail)
        ack = await say(porch, SAM, BATTERY)
    assert (ack["verdict"], ack["nudges"], ack["degraded"]) == ("deliver", [], "error")
    assert porch.failures == {"message ValueError": 1}
    assert "message failed: ValueError" in caplog.text
    assert "battery" not in caplog.text
    assert (await say(porch, SAM, BATTERY))["nudges"], "the host may ask again"


async def test_a_repeated_message_gets_the_same_answer(porch: Porch) -> None:
    """The same id is the same message: one answer, one nudge, one place in the tail."""
    await opened(porch)
    first = await say(porch, SAM, BATTERY)
    assert first["nudges"]
    assert await say(porch, SAM, BATTERY) == first
    assert (porch.chats["c1"].memory.heard, len(porch.chats["c1"].tail)) == (1, 1)
    assert (await say(porch, SAM, BATTERY, "m2"))["nudges"] == []


async def test_the_same_id_in_another_chat_is_another_message(porch: Porch) -> None:
    """Hosts count messages in each chat."""
    await opened(porch)
    await opened(porch, "c2")
    assert (await say(porch, SAM, BATTERY))["nudges"]
    assert (await say(porch, SAM, "hello", "m1", "c2"))["nudges"] == []


async def test_the_curious_see_what_was_seen(porch: Porch) -> None:
    """Whoever watches gets each message once, with its signals and the time it took."""
    seen: list[tuple[str, set[Kind], bool]] = []

    def watch(message: Message, answer: Answer, seconds: float) -> None:
        seen.append((message.id, {signal.kind for signal in answer.signals}, seconds >= 0))

    porch.watch = watch
    await opened(porch)
    await say(porch, SAM, BATTERY)
    await say(porch, SAM, BATTERY)
    assert seen == [("m1", {Kind.PRETEXT, Kind.OFFSITE_INVITE, Kind.CONTACT_REQUEST} & seen[0][1], True)]
    assert Kind.PRETEXT in seen[0][1]


# --- reports ---------------------------------------------------------------------------------------------------------


async def test_a_report_is_on_the_disk_before_it_is_acknowledged(porch: Porch, store: Failing, tmp_path: Path) -> None:
    """Whoever opens the database after the answer finds the report with reason, words and evidence."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    ack = await press(porch, MAYA, report, reason="pictures", words="he kept asking")
    other = await Store.open(str(tmp_path / "porchlight.db"), tmp_path / "porchlight.key")
    try:
        (case,) = await other.cases.all()
        found = await other.cases.find(case.id)
    finally:
        await other.close()
    assert found is not None
    ((one,)) = found[1]
    assert (one.number, one.by, one.about, one.reason.value, one.words) == (
        ack["receipt"]["number"],
        "maya",
        "sam",
        "pictures",
        "he kept asking",
    )
    assert one.evidence is not None
    assert one.evidence.roles == {"maya": "member", "sam": "listener"}
    assert store.full is False


async def test_the_same_click_twice_is_one_report(porch: Porch, host: Host) -> None:
    """Twice, or ten times at once: one report, one number, one word to the host, one note of thanks."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    acks = await asyncio.gather(*(press(porch, MAYA, report) for _ in range(10)))
    assert len({ack["receipt"]["number"] for ack in acks}) == 1
    assert sum(bool(ack["nudges"]) for ack in acks) == 1
    await quiet(porch)
    assert [event for event, _ in host.told] == ["case"]
    assert [len(case.reports) for case in await porch.store.cases.all()] == [1]


async def test_a_store_that_fails_gives_a_clear_error_and_a_retry_works(porch: Porch, store: Failing, host: Host) -> None:
    """Nobody is thanked for a report that is not kept; the same button works when the disk has room again."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    store.full = True
    ack = await press(porch, MAYA, report)
    assert (ack["retry"], "receipt" in ack, "again" in ack["error"]) == (True, False, True)
    assert (porch.failures, host.told) == ({"press StoreError": 1}, [])
    store.full = False
    assert (await press(porch, MAYA, report))["receipt"]
    await quiet(porch)
    assert [event for event, _ in host.told] == ["case"]


async def test_a_report_can_be_taken_back_within_a_minute(porch: Porch, clock: Clock) -> None:
    """Undo takes report and case away, and the same note files no second one by mistake."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    ack = await press(porch, MAYA, report)
    assert ack["undo"]["until"] == clock.now + UNDO_SECONDS
    clock.now += UNDO_SECONDS - 1
    assert "error" not in await press(porch, MAYA, ack["undo"]["token"])
    assert await porch.store.cases.all() == ()
    again = await press(porch, MAYA, report)
    assert ("receipt" in again, "took this report back" in again["error"]) == (False, True)
    assert await porch.store.cases.all() == ()
    stored = await porch.store.reports.find(ack["receipt"]["number"])
    assert stored is not None
    assert stored.status is ReportStatus.WITHDRAWN


async def test_after_a_minute_a_report_stays(porch: Porch, clock: Clock) -> None:
    """The undo button is then too old, and says so."""
    await opened(porch)
    ack = await press(porch, MAYA, token(await say(porch, SAM, BATTERY), MAYA, "report"))
    clock.now += UNDO_SECONDS
    assert "too old" in (await press(porch, MAYA, ack["undo"]["token"]))["error"]
    assert len(await porch.store.cases.all()) == 1


async def test_nobody_presses_for_somebody_else(porch: Porch) -> None:
    """A button works only for the person it was made for."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    assert "somebody else" in (await press(porch, SAM, report))["error"]
    undo = (await press(porch, MAYA, report))["undo"]["token"]
    assert "somebody else" in (await press(porch, SAM, undo))["error"]
    assert len(await porch.store.cases.all()) == 1


async def test_an_old_button_says_so(porch: Porch, clock: Clock) -> None:
    """After its time a button does nothing."""
    await opened(porch)
    report = token(await say(porch, SAM, BATTERY), MAYA, "report")
    clock.now += PRESS_SECONDS
    assert "too old" in (await press(porch, MAYA, report))["error"]
    assert await porch.store.cases.all() == ()


async def test_everybody_sees_their_own_reports(porch: Porch) -> None:
    """My reports are mine: the number, the reason, how far it is, a link; nobody's name."""
    await opened(porch)
    number = (await press(porch, MAYA, token(await say(porch, SAM, BATTERY), MAYA, "report")))["receipt"]["number"]
    (mine,) = (await porch.hear("reports", {"person_id": "maya"}))["reports"]
    assert (mine["number"], mine["reason"], mine["status"]) == (number, "wants_to_move", "received")
    assert mine["href"].startswith("https://porch.example/receipt/")
    assert "sam" not in str({**mine, "href": ""})
    assert (await porch.hear("reports", {"person_id": "sam"}))["reports"] == []


async def test_a_case_says_what_was_clearly_seen_in_the_evidence(porch: Porch, host: Host, clock: Clock) -> None:
    """A number that was given stands on the case beside the report; the host hears that there is a case, and no more."""
    await opened(porch)
    await say(porch, SAM, NUMBER)
    clock.now += 20
    await press(porch, MAYA, token(await say(porch, SAM, BATTERY, "m2"), MAYA, "report"))
    await quiet(porch)
    (case,) = await porch.store.cases.all()
    assert case.signals == {"contact.share": ("c1",)}
    assert host.told == [("case", {"case": case.id, "urgent": False})]


async def test_a_moderator_who_is_called_finds_it_at_the_desk(porch: Porch) -> None:
    """A call from a room waits as a report about the room; the same command twice is one."""
    await opened(porch, "r1", "room", (MAYA, SAM, ROBIN))
    command = {"id": "k1", "chat": "r1", "author": "maya", "text": "/mod somebody is rude"}
    first, again = await porch.hear("command", command), await porch.hear("command", command)
    assert {nudge["to"] for nudge in first["nudges"]} == {("maya",), ("robin",)}
    assert (again["receipt"]["number"], again["nudges"]) == (first["receipt"]["number"], [])
    assert [(case.about, len(case.reports)) for case in await porch.store.cases.all()] == [("chat:r1", 1)]


async def test_a_referral_is_kept_and_told(porch: Porch, host: Host) -> None:
    """The host hears once that a listener hands a chat over, who and about what topic, never the words."""
    await opened(porch)
    ack = await say(porch, MAYA, "I want to kill myself")
    pressed = token(ack, SAM, "refer")
    for _ in range(2):
        assert (await press(porch, SAM, pressed))["nudges"]
    await quiet(porch)
    assert host.told == [("referral", {"chat": "c1", "by": "sam", "topic": "crisis"})]
    (kept,) = await porch.store.referrals.all()
    assert (kept.chat, kept.by, kept.reason) == ("c1", "sam", "crisis")


# --- adult and teen --------------------------------------------------------------------------------------------------


async def test_an_adult_who_gives_a_teen_a_number_is_looked_at_by_people(porch: Porch, host: Host) -> None:
    """An urgent case opens about the adult in the background, and the answer to the message does not wait for it."""
    await opened(porch, people=(KIT, SAM))
    ack = await say(porch, SAM, NUMBER)
    assert (ack["verdict"], host.told) == ("mask", [])
    await quiet(porch)
    (case,) = await porch.store.cases.all()
    assert (case.about, case.urgent, case.reports, case.signals) == ("sam", True, (), {"contact.share": ("c1",)})
    assert host.told == [("case", {"case": case.id, "urgent": True})]


async def test_a_teen_who_gives_a_number_is_helped_and_not_filed(porch: Porch, host: Host) -> None:
    """Nothing is opened about a teen who shares, and the number is hidden all the same."""
    await opened(porch, people=(KIT, SAM))
    ack = await say(porch, KIT, NUMBER)
    await quiet(porch)
    assert (ack["verdict"], host.told, await porch.store.cases.all()) == ("mask", [], ())


async def test_a_host_that_cannot_be_told_costs_no_case(store: Failing, clock: Clock) -> None:
    """If the host does not listen the case is there all the same, and the failure is counted."""

    async def deaf(_host: str, _event: str, _payload: Ack) -> None:
        raise ConnectionError

    porch = Porch(assistant(), store, deaf, clock=clock, rng=Random(1))  # noqa: S311 -- chance that is the same each time
    await opened(porch, people=(KIT, SAM))
    await say(porch, SAM, NUMBER)
    await porch.close()
    assert porch.failures == {"later ConnectionError": 1}
    assert [case.urgent for case in await store.cases.all()] == [True]


async def test_a_host_that_cannot_be_told_costs_no_receipt(store: Failing, clock: Clock) -> None:
    """A report that is kept is acknowledged, whether or not the host hears of its case."""

    async def deaf(_host: str, _event: str, _payload: Ack) -> None:
        raise ConnectionError

    porch = Porch(assistant(), store, deaf, clock=clock, rng=Random(1))  # noqa: S311 -- chance that is the same each time
    await opened(porch)
    ack = await press(porch, MAYA, token(await say(porch, SAM, BATTERY), MAYA, "report"))
    await porch.close()
    assert (bool(ack["receipt"]), porch.failures) == (True, {"later ConnectionError": 1})


# --- drafts ----------------------------------------------------------------------------------------------------------


async def test_drafts_are_limited(porch: Porch, clock: Clock) -> None:
    """After some checks in an hour there is no answer, so that nobody learns by trying; later there is again."""
    await opened(porch)
    draft = {"chat": "c1", "author": "sam", "text": BATTERY}
    answered = [bool((await porch.hear("draft", draft))["nudges"]) for _ in range(DRAFTS_PER_HOUR + 2)]
    assert answered == [True] * DRAFTS_PER_HOUR + [False] * 2
    clock.now += 3_601
    assert (await porch.hear("draft", draft))["nudges"]


async def test_a_draft_leaves_no_trace(porch: Porch) -> None:
    """What was not sent is in no tail and counts for nothing."""
    await opened(porch)
    ack = await porch.hear("draft", {"chat": "c1", "author": "sam", "text": BATTERY})
    assert {nudge["to"] for nudge in ack["nudges"]} == {("sam",)}
    assert (porch.chats["c1"].tail, porch.chats["c1"].memory.signals) == ((), {})


async def test_no_id_of_a_host_breaks_anything(porch: Porch) -> None:
    """Ids with spaces, quotes, NUL and halves of characters are ids like any other."""
    strange: dict[str, Any] = {"id": "m \ud83d'\x00", "chat": "c \ud83d'\x00", "author": "a \ud83d'\x00", "text": BATTERY}
    people = [{"id": strange["author"], "role": "listener"}, {"id": "maya", "role": "member", "age": "adult"}]
    await porch.hear("chat.open", {"chat": strange["chat"], "kind": "direct", "people": people})
    ack = await porch.hear("message", strange)
    assert (await press(porch, MAYA, token(ack, MAYA, "report")))["receipt"]
    assert [chat.kind for chat in porch.chats.values()] == [ChatKind.DIRECT]
    assert set(porch.chats) == {clean(strange["chat"])}
