"""Clicks: what goes into a report by itself, how reports add up, what is shown apart, and that a flood never stops a first one."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import KIT, MAYA, ROBIN, SAM, with_modes
from porches import BATTERY, NUMBER, Clock, Host, build_porch, open_store, opened, press, quiet, reported, say, token

from bot.edge.porch import Porch
from bot.edge.store import ReportStatus, StoredReport
from bot.edge.store.reports import ASK_SECONDS, MOST_PER_DAY, MOST_PER_HOUR
from bot.edge.store.sight import Viewer
from bot.edge.upkeep import CLOSED_SECONDS
from bot.memory import TEXT_SECONDS
from bot.model import Age, Apart, Case, Kind, Person, Role
from bot.policy import Mode, Modes
from bot.voice import PRESS_SECONDS


def member(name: str) -> Person:
    """Somebody else who needs to talk."""
    return Person(name, Role.MEMBER, Age.ADULT, name=name.title())


async def only_case(porch: Porch) -> tuple[Case, tuple[StoredReport, ...]]:
    """The one case that waits."""
    (case,) = await porch.store.cases.all()
    found = await porch.store.cases.find(case.id)
    assert found is not None
    return found


# --- evidence --------------------------------------------------------------------------------------------------------


async def test_what_the_tail_no_longer_holds_is_asked_of_the_host(porch: Porch, host: Host, clock: Clock) -> None:
    """A late report has the words as the host keeps them, marked as such; the reporter did not wait for it."""
    await opened(porch)
    pressed = token(await say(porch, SAM, BATTERY), MAYA, "report")
    clock.now += TEXT_SECONDS + 1
    porch.upkeep.sweep()
    host.answers["evidence"] = {"messages": [{"id": "m1", "author": "sam", "text": BATTERY, "ts": clock.now - TEXT_SECONDS}]}
    assert (await press(porch, MAYA, pressed))["receipt"]
    await quiet(porch)
    assert ("evidence", {"chat": "c1", "around": clock.now}) in host.told
    _, (report,) = await only_case(porch)
    assert report.evidence is not None
    assert [said.text for said in report.evidence.said] == [None]
    assert [(sent.author, sent.text) for sent in report.evidence.from_host] == [("sam", BATTERY)]
    await porch.clicks.complete()
    assert sum(event == "evidence" for event, _ in host.told) == 1, "it is not asked again"


@pytest.mark.parametrize("answer", [None, {}, {"messages": "none"}, {"messages": [{"id": 7}]}, {"error": "unknown event"}])
async def test_a_host_that_cannot_answer_is_asked_again_for_a_day(
    porch: Porch, host: Host, clock: Clock, answer: dict[str, object]
) -> None:
    """Whatever a host says that is no evidence, the report stands; what it says later still comes in, until a day is over."""
    await opened(porch)
    pressed = token(await say(porch, SAM, BATTERY), MAYA, "report")
    clock.now += TEXT_SECONDS + 1
    porch.upkeep.sweep()
    if answer is not None:
        host.answers["evidence"] = answer
    await press(porch, MAYA, pressed)
    await quiet(porch)
    host.answers["evidence"] = {"messages": [{"id": "m1", "author": "sam", "text": BATTERY, "ts": clock.now}]}
    await porch.clicks.complete()
    _, (report,) = await only_case(porch)
    assert report.evidence is not None
    assert [sent.text for sent in report.evidence.from_host] == [BATTERY]
    assert porch.failures == {}


async def test_after_a_day_nobody_asks_any_more(porch: Porch, host: Host, clock: Clock) -> None:
    """What a host has not given by then it does not have."""
    await opened(porch)
    pressed = token(await say(porch, SAM, BATTERY), MAYA, "report")
    clock.now += TEXT_SECONDS + 1
    porch.upkeep.sweep()
    await press(porch, MAYA, pressed)
    await quiet(porch)
    clock.now += ASK_SECONDS
    host.told.clear()
    await porch.clicks.complete()
    assert host.told == []


async def test_a_whole_tail_needs_no_host(porch: Porch, host: Host) -> None:
    """While every word is still there nothing is asked."""
    await reported(porch)
    assert [event for event, _ in host.told] == ["case"]


async def test_what_the_reporters_client_sends_along_is_kept_apart(porch: Porch) -> None:
    """It is there for the people who decide, and never among what was heard."""
    await reported(porch, sent=[{"author": "sam", "text": "a line from before", "ts": 5.0}])
    _, (report,) = await only_case(porch)
    assert report.evidence is not None
    assert [said.text for said in report.evidence.said] == [BATTERY]
    assert [(sent.author, sent.text, sent.ts) for sent in report.evidence.from_reporter] == [("sam", "a line from before", 5.0)]


async def test_a_chat_that_is_forgotten_can_be_reported_and_is_asked_for(porch: Porch, host: Host, clock: Clock) -> None:
    """A report after days counts, and the host is asked for all of it."""
    await opened(porch)
    pressed = token(await say(porch, SAM, BATTERY), MAYA, "report")
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    clock.now += CLOSED_SECONDS + 1
    porch.upkeep.sweep()
    assert porch.chats == {}
    assert (await press(porch, MAYA, pressed))["receipt"]
    await quiet(porch)
    assert "evidence" in [event for event, _ in host.told]


# --- adding up -------------------------------------------------------------------------------------------------------


async def test_three_requests_from_three_chats_call_for_a_decision(porch: Porch) -> None:
    """Two wait to be read; the third raises the case, and the case says why."""
    for number, name in enumerate(("maya", "lea", "ida"), start=1):
        await reported(porch, member(name), f"c{number}", reason="asked_details")
        case, _ = await only_case(porch)
        assert bool(case.raised) is (number == 3)
    assert case.raised["asked_details"].startswith("Asking for contact details: 3 reports by 3 people in 3 chats; 3 within 90 days")


async def test_the_same_reporter_twice_is_shown_apart(porch: Porch, clock: Clock) -> None:
    """Three reports by one person are one, and two beside it."""
    for number in range(3):
        await reported(porch, MAYA, f"c{number}", reason="asked_details")
        clock.now += 3_601
    case, reports = await only_case(porch)
    found = await porch.store.desk.case(Viewer("noor"), case.id)
    assert found is not None
    tally = porch.store.cases.tally(found, clock.now)
    assert (case.raised, len(reports)) == ({}, 3)
    assert [sentence for sentence in tally.apart if "had told of this person before" in sentence] == list(tally.apart)
    assert len(tally.apart) == 2


async def test_a_report_minutes_after_a_block_is_shown_apart(porch: Porch, clock: Clock) -> None:
    """Whoever was blocked and reports at once is heard, and does not add up with others; a day later it is a report like any other."""
    for chat, later, apart in (("c1", 60.0, Apart.AFTER_BLOCK), ("c2", 3_600.0, None)):
        reporter = member(f"member of {chat}")
        await opened(porch, chat, people=(reporter, SAM))
        pressed = token(await say(porch, SAM, BATTERY, "m1", chat), reporter, "report")
        await porch.hear("chat.close", {"chat": chat, "by": "sam", "reason": "blocked"})
        clock.now += later
        await press(porch, reporter, pressed, reason="sexual")
        _, reports = await only_case(porch)
        assert reports[-1].apart is apart


async def test_a_report_minutes_after_a_refusal_is_shown_apart(porch: Porch, clock: Clock) -> None:
    """A listener who says no is not counted against for it."""
    await opened(porch)
    await say(porch, MAYA, "got telegram? what's your number", "m1")
    ack = await say(porch, SAM, "sorry, I can't give you my number, let's stay on here", "m2")
    assert ack["verdict"] == "deliver"
    clock.now += 30
    panel = (await porch.hear("panel", {"chat": "c1", "person_id": "maya"}))["panel"]
    pressed = next(action["token"] for action in panel["actions"] if action["kind"] == "report")
    assert (await press(porch, MAYA, pressed))["receipt"]
    _, (report,) = await only_case(porch)
    assert report.apart is Apart.AFTER_REFUSAL


async def test_a_teens_report_goes_first(porch: Porch) -> None:
    """A teen who reports an adult is seen before everybody else; about a sudden end it waits like any other."""
    await reported(porch, KIT, "c1", reason="sexual")
    zoe = msgspec.structs.replace(SAM, id="zoe")
    await opened(porch, "c2", people=(KIT, zoe))
    panel = (await porch.hear("panel", {"chat": "c2", "person_id": "kit"}))["panel"]
    pressed = next(action["token"] for action in panel["actions"] if action["kind"] == "report")
    await press(porch, KIT, pressed, reason="left")
    assert {case.about: case.urgent for case in await porch.store.cases.all()} == {"sam": True, "zoe": False}


async def test_of_an_adult_and_a_teen_the_case_is_never_about_the_teen(porch: Porch) -> None:
    """An adult's report of a teen is kept, and people look at the chat as a whole."""
    await opened(porch, people=(KIT, SAM))
    panel = (await porch.hear("panel", {"chat": "c1", "person_id": "sam"}))["panel"]
    pressed = next(action["token"] for action in panel["actions"] if action["kind"] == "report")
    assert (await press(porch, SAM, pressed))["receipt"]
    case, _ = await only_case(porch)
    assert (case.about, case.urgent) == ("chat:c1", False)


async def test_what_was_clearly_done_in_three_chats_is_looked_at_without_a_report(porch: Porch) -> None:
    """Each chat counts once, no words are kept, and nobody sees it before the third."""
    for number in range(3):
        assert await porch.store.cases.all() == ()
        await opened(porch, f"c{number}", people=(member(f"m{number}"), SAM))
        for message in range(2):
            await say(porch, SAM, NUMBER, f"m{message}", f"c{number}")
        await quiet(porch)
    case, reports = await only_case(porch)
    assert (case.signals["contact.share"], reports, case.urgent) == (("c0", "c1", "c2"), (), False)
    assert await porch.store.cases.clippings(case.id) == ()


async def test_words_of_an_adult_toward_a_teen_are_kept_for_a_while(porch: Porch, clock: Clock) -> None:
    """It is the one case that software opens with words in it; they go after a month, the case stays."""
    await opened(porch, people=(KIT, SAM))
    await say(porch, SAM, NUMBER)
    await quiet(porch)
    case, _ = await only_case(porch)
    (clipping,) = await porch.store.cases.clippings(case.id)
    assert [said.text for said in clipping.evidence.said] == [NUMBER]
    await porch.store.life.forget(clock.now + 30 * 86_400)
    assert await porch.store.cases.clippings(case.id) == ()
    assert await porch.store.cases.all() == (case,)


async def test_what_is_only_likely_toward_a_teen_is_looked_at_and_not_counted(porch: Porch) -> None:
    """It is urgent, its words are kept for a while, and in no number of chats does it call for a decision."""
    for number in range(4):
        await opened(porch, f"c{number}", people=(msgspec.structs.replace(KIT, id=f"kit {number}"), SAM))
        await say(porch, SAM, "got telegram?", "m1", f"c{number}")
        await quiet(porch)
    case, _ = await only_case(porch)
    assert (case.urgent, case.signals, case.raised, sum(map(len, case.noticed.values()))) == (True, {}, {}, 4)
    assert len(await porch.store.cases.clippings(case.id)) == 4


async def test_the_same_chat_can_be_reported_again_when_something_was_said_since(porch: Porch, clock: Clock) -> None:
    """Hosts may use one id for all talks of two people. Twice from the list as it stands is one report."""

    async def listed() -> str:
        return str((await porch.hear("reports", {"chat": "c1", "person_id": MAYA.id}))["chats"][0]["token"])

    await opened(porch)
    await say(porch, SAM, "hello there", "m1")
    first = await listed()
    numbers = [(await press(porch, MAYA, one))["receipt"]["number"] for one in (first, await listed(), first)]
    assert len(set(numbers)) == 1
    clock.now += 40 * 86_400
    await say(porch, SAM, "we meet again", "m2")
    assert (await press(porch, MAYA, await listed()))["receipt"]["number"] not in numbers


@pytest.mark.parametrize(("mode", "counted"), [(Mode.ON, ("c1",)), (Mode.SHADOW, ()), (Mode.OFF, ())])
async def test_in_shadow_nothing_counts_beside_a_report_either(porch: Porch, mode: Mode, counted: tuple[str, ...]) -> None:
    """The report does; what was seen in its messages stands on the case only where that is switched on."""
    porch.assistant = with_modes(Modes(kinds={Kind.CONTACT_SHARE: mode}))
    await opened(porch)
    await say(porch, SAM, NUMBER)
    panel = (await porch.hear("panel", {"chat": "c1", "person_id": MAYA.id}))["panel"]
    await press(porch, MAYA, next(action["token"] for action in panel["actions"] if action["kind"] == "report"))
    await quiet(porch)
    case, reports = await only_case(porch)
    assert (len(reports), case.signals.get("contact.share", ())) == (1, counted)


async def test_a_teen_who_shares_counts_for_nothing(porch: Porch) -> None:
    """They are helped, and nothing is written down about them."""
    for number in range(4):
        await opened(porch, f"c{number}", people=(KIT, msgspec.structs.replace(KIT, id=f"teen {number}")))
        await say(porch, KIT, NUMBER, "m1", f"c{number}")
    await quiet(porch)
    assert await porch.store.cases.all(open_only=False) == ()


# --- floods ----------------------------------------------------------------------------------------------------------


async def test_a_flood_is_stopped_and_a_first_report_never(porch: Porch, clock: Clock) -> None:
    """After some reports about one person in an hour one more is refused, with the number of the last; about anybody else it is taken."""
    for number in range(MOST_PER_HOUR):
        last = (await reported(porch, MAYA, f"c{number}"))["receipt"]["number"]
    refused = await reported(porch, MAYA, "c8")
    assert ("receipt" in refused, last in refused["error"]) == (False, True)
    assert (await reported(porch, MAYA, "c9", msgspec.structs.replace(SAM, id="zoe")))["receipt"]
    assert (await reported(porch, member("lea"), "c7"))["receipt"]
    clock.now += 3_601
    assert (await reported(porch, MAYA, "c6"))["receipt"]
    assert porch.failures == {}


async def test_what_may_be_new_is_no_flood(porch: Porch) -> None:
    """Words, and another reason, are taken after however many clicks of one kind; many of them on one day are too many all the same."""
    for number in range(MOST_PER_HOUR):
        await reported(porch, MAYA, f"c{number}")
    assert "error" in await reported(porch, MAYA, "c8")
    assert (await reported(porch, MAYA, "c9", words="now they threaten me"))["receipt"]
    assert (await reported(porch, MAYA, "c10", reason="threatened"))["receipt"]
    for number in range(11, 11 + MOST_PER_DAY - MOST_PER_HOUR - 2):
        assert (await reported(porch, MAYA, f"c{number}", words="and again"))["receipt"]
    assert "error" in await reported(porch, MAYA, "c99", words="and again")


async def test_the_same_click_is_never_a_flood(porch: Porch) -> None:
    """However often one presses, it is the one report that it was."""
    await opened(porch)
    pressed = token(await say(porch, SAM, BATTERY), MAYA, "report")
    assert len({(await press(porch, MAYA, pressed))["receipt"]["number"] for _ in range(20)}) == 1


async def test_a_call_for_a_moderator_is_a_report(porch: Porch) -> None:
    """Also by a moderator, about a room."""
    await opened(porch, "r1", "room", (MAYA, SAM, ROBIN))
    ack = await porch.hear("command", {"id": "k1", "chat": "r1", "author": "robin", "text": "/mod come and look"})
    assert ack["receipt"]
    case, _ = await only_case(porch)
    assert case.about == "chat:r1"


async def test_a_chat_can_be_reported_from_ones_own_list(porch: Porch, host: Host, clock: Clock) -> None:
    """After its end, without any note, for 30 days, as one report however often it is asked for; nobody else gets the button."""
    await opened(porch)
    await say(porch, SAM, "hello there")
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    clock.now += 3_600
    first, again = [(await porch.hear("reports", {"person_id": "maya"}))["chats"] for _ in range(2)]
    assert [(chat["chat"], chat["href"].startswith("https://porch.example/report/")) for chat in first] == [("c1", True)]
    assert (await porch.hear("reports", {"person_id": "zoe"}))["chats"] == []
    clock.now += PRESS_SECONDS - 1
    porch.upkeep.sweep()
    receipts = [(await press(porch, MAYA, chat[0]["token"], reason="left"))["receipt"]["number"] for chat in (first, again)]
    await quiet(porch)
    case, reports = await only_case(porch)
    assert ([report.number for report in reports], set(receipts)) == (receipts[:1], set(receipts[:1]))
    assert (case.about, case.raised) == ("sam", {})
    assert host.told


# --- whatever the order ----------------------------------------------------------------------------------------------

CLICKS = st.lists(st.tuples(st.sampled_from(["press", "undo"]), st.integers(0, 1)), min_size=1, max_size=12)


@settings(max_examples=8, deadline=None)
@given(CLICKS)
def test_under_any_interleaving_a_click_is_one_report_or_none(clicks: list[tuple[str, int]]) -> None:
    """Two buttons pressed and undone at once in any order: each has one number at most, and is filed, taken back, or was never pressed."""

    async def play(folder: Path) -> None:
        store, clock = await open_store(folder), Clock()
        porch = build_porch(store, Host(), clock)
        buttons, undo, numbers = [], ["", ""], [set[str](), set[str]()]
        for chat in ("c0", "c1"):
            await opened(porch, chat)
            buttons.append(token(await say(porch, SAM, BATTERY, "m1", chat), MAYA, "report"))

        async def click(act: str, which: int) -> None:
            if act == "undo" and undo[which]:
                await press(porch, MAYA, undo[which])
            elif act == "press":
                ack = await press(porch, MAYA, buttons[which])
                if "receipt" in ack:
                    numbers[which].add(ack["receipt"]["number"])
                    undo[which] = ack["undo"]["token"]

        half = len(clicks) // 2
        for some in (clicks[:half], clicks[half:]):
            await asyncio.gather(*(click(act, which) for act, which in some))
        await quiet(porch)
        mine = {report.number: report.status for report in await store.reports.by("maya")}
        assert [len(one) <= 1 for one in numbers] == [True, True]
        assert set(mine) == numbers[0] | numbers[1]
        counted = {number for case in await store.cases.all(open_only=False) for number in case.reports}
        assert counted == {number for number, status in mine.items() if status is not ReportStatus.WITHDRAWN}
        assert porch.failures == {}
        await porch.close()
        await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


async def test_calls_from_two_chats_are_two_reports(porch: Porch) -> None:
    """A host counts its messages in each chat by itself."""
    filed = []
    for chat in ("r1", "r2"):
        await opened(porch, chat, kind="room")
        filed.append(await porch.hear("command", {"id": "7", "chat": chat, "author": MAYA.id, "text": "/mod come and look"}))
    assert len({ack["receipt"]["number"] for ack in filed}) == 2
