"""Notices: told in the chat or when somebody comes back, until they were shown, once; and at no moment that tells who reported."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from make import MAYA, SAM
from porches import Clock, Failing, Host, build_porch, opened, quiet, reported, say

from bot.cases import BATCH_SECONDS, TELL_AFTER_SECONDS
from bot.edge.porch import Ack, Porch
from bot.edge.store.sight import Viewer
from bot.links import Appeal
from bot.model import Outcome

CHANCE = Random(7)  # noqa: S311 -- chance that is the same each time
READ, ACTED, NO_BREACH = "A person has read your report", "Something was done about your report", "Your report was looked at"


def notices(nudges: list[Ack]) -> list[tuple[str, str, str]]:
    """Whom the notices among these nudges are for, and what they are called, and their ids."""
    return [(nudge["to"][0], nudge["title"], nudge["id"]) for nudge in nudges if nudge.get("confirm")]


def pushed(host: Host) -> list[tuple[str, str, str]]:
    """The notices that the host was told by itself."""
    return notices([payload for event, payload in host.told if event == "nudge"])


async def read_by_a_person(porch: Porch) -> str:
    """Have a moderator read the case about Sam; gives its id."""
    (case,) = await porch.store.cases.all()
    assert await porch.store.casework.read(Viewer("noor"), case.id, case.reports, porch.now)
    return case.id


async def test_a_reporter_who_is_there_hears_it_in_the_chat(porch: Porch, host: Host) -> None:
    """They alone, once, as soon as a person has read the report."""
    await reported(porch)
    await read_by_a_person(porch)
    for _ in range(3):
        await porch.bell.ring()
        await quiet(porch)
    ((to, title, _),) = pushed(host)
    assert (to, title) == ("maya", READ)


async def test_a_reporter_who_was_away_hears_it_when_they_come_back(porch: Porch, host: Host) -> None:
    """In whatever chat they come to first, until their client has shown it; then never again."""
    await reported(porch)
    await porch.hear("chat.close", {"chat": "c1", "by": "maya", "reason": "left"})
    await read_by_a_person(porch)
    await porch.bell.ring()
    await quiet(porch)
    assert pushed(host) == []
    first, again = notices((await opened(porch, "c2"))["nudges"]), notices((await opened(porch, "c2"))["nudges"])
    assert [(to, title) for to, title, _ in first] == [("maya", READ)]
    assert again == first, "the same id, as long as nobody has said that it was seen"
    assert await porch.hear("shown", {"person_id": "maya", "id": first[0][2]}) == {}
    assert await porch.hear("shown", {"person_id": "maya", "id": first[0][2]}) == {}, "twice is once"
    assert notices((await opened(porch, "c3"))["nudges"]) == []


async def test_a_notice_finds_a_reporter_whose_chat_has_long_been_asleep(porch: Porch, host: Host, clock: Clock) -> None:
    """Nobody has said a word there for a long time, and it rests; they are in it all the same."""
    await reported(porch)
    await opened(porch, "c2")
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    clock.now += 3_600
    porch.upkeep.sweep()
    assert [name for name, _ in porch.chats.resting()] == ["c2"]
    await read_by_a_person(porch)
    await porch.bell.ring()
    await quiet(porch)
    assert [(to, title) for to, title, _ in pushed(host)] == [("maya", READ)]


async def test_a_reporter_who_left_one_chat_hears_it_in_the_other(porch: Porch, host: Host) -> None:
    """Wherever they still are."""
    await opened(porch, "c2")
    await reported(porch)
    await porch.hear("chat.close", {"chat": "c1", "by": "sam", "reason": "left"})
    await read_by_a_person(porch)
    await porch.bell.ring()
    await quiet(porch)
    assert [(payload["chat"], payload["to"]) for event, payload in host.told if event == "nudge" and payload.get("confirm")] == [
        ("c2", ("maya",))
    ]


async def test_what_nobody_saw_is_told_again_where_they_speak_next(porch: Porch, host: Host, clock: Clock) -> None:
    """It went to a page that was closed, or to another chat; each word of theirs is a new chance, until it was seen."""
    await opened(porch, "c2")
    await reported(porch)
    await read_by_a_person(porch)
    for _ in range(2):
        await porch.bell.ring()
    await quiet(porch)
    assert len(pushed(host)) == 1, "they came to it last, and have said nothing since"
    clock.now += 60
    await say(porch, SAM, "are you still there?", "m8", "c2")
    await porch.bell.ring()
    await quiet(porch)
    assert len(pushed(host)) == 1, "somebody else's word tells nothing"
    await say(porch, MAYA, "back again, sorry", "m9", "c2")
    for _ in range(2):
        await porch.bell.ring()
    await quiet(porch)
    first, again = pushed(host)
    assert again == first, "once more, with the same id"
    assert host.told[-1][1]["chat"] == "c2"
    await porch.hear("shown", {"person_id": "maya", "id": first[2]})
    clock.now += 60
    await say(porch, MAYA, "where were we", "m10", "c2")
    await porch.bell.ring()
    await quiet(porch)
    assert len(pushed(host)) == 2, "what was seen is told no more"


async def test_who_leaves_while_it_is_told_ends_nothing(porch: Porch, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are told all the same."""
    for name in ("maya", "lea"):
        await reported(porch, msgspec.structs.replace(MAYA, id=name), f"chat of {name}")
    await read_by_a_person(porch)
    tried = porch.store.notices.tried

    async def and_all_leave(notice: str) -> None:
        await tried(notice)
        for name in ("maya", "lea"):
            await porch.hear("chat.leave", {"chat": f"chat of {name}", "person_id": name})

    monkeypatch.setattr(porch.store.notices, "tried", and_all_leave)
    await porch.bell.ring()
    await quiet(porch)
    assert len(pushed(host)) == 1
    for name in ("maya", "lea"):
        person = msgspec.structs.replace(MAYA, id=name)
        assert len(notices((await opened(porch, f"again {name}", people=(person, SAM)))["nudges"])) == 1


async def test_a_notice_survives_a_restart(porch: Porch, store: Failing, host: Host, clock: Clock) -> None:
    """What was not shown before the end of a process comes from the next one, with the id it had."""
    await reported(porch)
    await read_by_a_person(porch)
    await porch.bell.ring()
    await porch.close()
    later = build_porch(store, host, clock)
    assert notices((await opened(later))["nudges"]) == pushed(host)
    await later.close()


async def test_nobody_confirms_for_somebody_else(porch: Porch) -> None:
    """Nor a notice that never was."""
    await reported(porch)
    await read_by_a_person(porch)
    ((_, _, notice),) = notices((await opened(porch, "c2"))["nudges"])
    for person, name in (("sam", notice), ("maya", "n0000")):
        assert (await porch.hear("shown", {"person_id": person, "id": name}))["field"] == "id"
    assert notices((await opened(porch, "c3"))["nudges"])


@pytest.mark.parametrize(("outcome", "title"), [(Outcome.NO_BREACH, NO_BREACH), (Outcome.WARN, ACTED), (Outcome.REMOVE, ACTED)])
async def test_the_outcome_is_told_once_and_without_detail(porch: Porch, clock: Clock, outcome: Outcome, title: str) -> None:
    """What kind it was, to every reporter; not what was done."""
    await reported(porch)
    case = await read_by_a_person(porch)
    assert await porch.store.cases.decide(case, "noor", outcome, clock.now, CHANCE)
    told = notices((await opened(porch, "c2"))["nudges"])
    assert {(to, name) for to, name, _ in told} == {("maya", READ), ("maya", title)}
    words = str((await opened(porch, "c2"))["nudges"])
    assert not any(word in words for word in ("warn ", "remove", "restrict", "sam "))


async def test_the_other_side_hears_late_and_in_a_batch(porch: Porch, host: Host, clock: Clock) -> None:
    """Nothing that the reported person sees, nor what the host is asked, comes at a moment that tells of a click."""
    host.answers["case"] = {}
    await reported(porch)
    case = await read_by_a_person(porch)
    decided = clock.now
    await porch.store.cases.decide(case, "noor", Outcome.WARN, clock.now, CHANCE)
    for _ in range(200):
        await porch.bell.ring()
        await quiet(porch)
        heard = [at for at in pushed(host) if at[0] == SAM.id]
        if heard:
            break
        assert not [payload for event, payload in host.told if event == "case" and "outcome" in payload]
        clock.now += 900
    assert decided + TELL_AFTER_SECONDS[0] <= clock.now
    assert clock.now <= decided + TELL_AFTER_SECONDS[1] + BATCH_SECONDS + 900
    assert clock.now % BATCH_SECONDS < 900
    (asked,) = [payload for event, payload in host.told if event == "case" and "outcome" in payload]
    assert (asked["about"], asked["outcome"]) == ("sam", "warn")
    assert "maya" not in str(asked)


async def test_whoever_is_told_of_a_decision_can_ask_for_a_second_look(porch: Porch, host: Host, clock: Clock) -> None:
    """By a button of the notice, or by the link that the host gets; and hears what came of it."""
    host.answers["case"] = {}
    await reported(porch)
    case = await read_by_a_person(porch)
    await porch.store.cases.decide(case, "noor", Outcome.WARN, clock.now, CHANCE)
    clock.now += TELL_AFTER_SECONDS[1] + BATCH_SECONDS
    await porch.bell.ring()
    await quiet(porch)
    (told,) = [one for event, one in host.told if event == "nudge" and one.get("confirm") and one["to"] == (SAM.id,)]
    (asked,) = [payload for event, payload in host.told if event == "case" and "outcome" in payload]
    (button,) = [action for action in told["actions"] if action["kind"] == "appeal"]
    for href in (button["href"], asked["appeal"]):
        assert porch.assistant.links.read(href.rsplit("/", 1)[1], Appeal, clock.now).case == case
    assert await porch.store.casework.appeal(case, "it was a joke", clock.now)
    assert await porch.store.casework.answer(Viewer("amal"), case, Outcome.NO_BREACH, clock.now)
    await porch.bell.ring()
    await quiet(porch)
    assert [title for to, title, _ in pushed(host) if to == SAM.id][-1] == "Somebody looked again"
    last = [payload for event, payload in host.told if event == "case" and "outcome" in payload][-1]
    assert (last["outcome"], last["about"], "appeal" in last) == ("no_breach", "sam", False)


async def test_a_host_is_asked_until_it_answers(porch: Porch, host: Host, clock: Clock) -> None:
    """With one id; where a teen is in danger, at once."""
    await reported(porch, MAYA)
    case = await read_by_a_person(porch)
    await porch.store.cases.note_signals("sam", "c9", [], urgent=True, now=clock.now, case_id="unused")
    await porch.store.cases.decide(case, "noor", Outcome.REMOVE, clock.now, CHANCE)
    for is_there in (False, False, True, True):
        host.answers = {"case": {}} if is_there else {}
        await porch.bell.ring()
    asked = [payload for event, payload in host.told if event == "case" and "outcome" in payload]
    assert [payload["outcome"] for payload in asked] == ["remove"] * 3
    assert len({payload["id"] for payload in asked}) == 1


async def test_a_host_that_answers_with_an_error_is_asked_again(porch: Porch, host: Host, clock: Clock) -> None:
    """It has not done it; the next time it may."""
    await reported(porch)
    case = await read_by_a_person(porch)
    assert await porch.store.cases.decide(case, "noor", Outcome.REMOVE, porch.now, CHANCE)
    clock.now += 3 * 86_400
    host.answers["case"] = {"error": "not here"}
    for _ in range(2):
        await porch.bell.ring()
    host.answers["case"] = {}
    for _ in range(2):
        await porch.bell.ring()
    asked = [payload["id"] for event, payload in host.told if event == "case" and "outcome" in payload]
    assert (len(asked), len(set(asked))) == (3, 1)


async def test_a_report_taken_back_is_told_of_no_more(porch: Porch) -> None:
    """Whoever undoes a report that was read already does not hear of it."""
    ack = await reported(porch)
    await read_by_a_person(porch)
    await porch.hear("press", {"person_id": "maya", "token": ack["undo"]["token"]})
    assert notices((await opened(porch, "c2"))["nudges"]) == []
