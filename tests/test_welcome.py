"""Coming and going: tips, display names, and a chat that ends without a word."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from make import MAYA, NOW, ROBIN, SAM, direct, hear, only, person, press, prompts, room, say, with_modes, with_prompts

from bot.model import (
    ActionKind,
    Age,
    Answer,
    ChatKind,
    Command,
    Joined,
    Left,
    Opened,
    People,
    Tone,
)
from bot.policy import Mode, Modes
from bot.prompts import Prompts
from bot.welcome import FULL_AGAIN_SECONDS, FULL_TIPS, NAME_AGAIN_SECONDS

OPENED = Opened("c1", ChatKind.DIRECT, (MAYA, SAM))


def test_each_side_gets_its_own_tip() -> None:
    """When a talk between two opens, member and listener are each told what is for them, before anything is said."""
    answer, _, people = hear(Opened("c1", ChatKind.DIRECT, (MAYA, SAM)), direct())
    assert {nudge.to[0]: nudge.prompt for nudge in answer.nudges} == {"maya": "tip/to-other.member", "sam": "tip/to-other.listener"}
    assert {nudge.tone for nudge in answer.nudges} == {Tone.TIP}
    assert {name: memory.tips for name, memory in people.items()} == {"maya": 1, "sam": 1}


@pytest.mark.parametrize(("age", "prompt"), [(Age.TEEN, "tip/to-other.member.teen"), (Age.UNKNOWN, "tip/to-other.member.teen")])
def test_whoever_may_be_a_teen_gets_the_words_for_teens(age: Age, prompt: str) -> None:
    """Somebody whose age nobody knows reads what is right for a teen too."""
    maya = person(MAYA, age)
    answer, _, _ = hear(Opened("c1", ChatKind.DIRECT, (maya, SAM)), direct(maya, SAM))
    assert only(answer, "maya").prompt == prompt


def heard_tips(times: int, people: People | None = None, now: float = NOW) -> tuple[list[str], People]:
    """Begin so many chats, and say which tips Maya got."""
    people = people or {}
    seen = []
    for _ in range(times):
        answer, _, people = hear(OPENED, direct(), people, now)
        seen += [nudge.prompt.split("/")[0] for nudge in answer.nudges if nudge.to == ("maya",)]
    return seen, people


def test_tips_grow_short_and_come_back_in_full() -> None:
    """After some full tips there are short ones, and once a month a full one again."""
    seen, people = heard_tips(FULL_TIPS + 2)
    assert seen == ["tip"] * FULL_TIPS + ["tip.short"] * 2
    assert heard_tips(1, people, NOW + FULL_AGAIN_SECONDS - 1)[0] == ["tip.short"]
    assert heard_tips(2, people, NOW + FULL_AGAIN_SECONDS)[0] == ["tip", "tip.short"]


def test_no_tip_reads_like_the_one_before() -> None:
    """The wordings of the tips take turns, so that they keep being read."""
    people: People = {}
    said = []
    for _ in range(FULL_TIPS + 4):
        answer, _, people = hear(OPENED, direct(), people)
        said.append(only(answer, "maya").text)
    assert all(one != after for one, after in pairwise(said))
    assert len(set(said[:FULL_TIPS])) == FULL_TIPS


def test_a_change_of_the_text_is_told_in_full() -> None:
    """Who knows the old words gets the new ones once in full, also who has put the tip away."""
    _, people = heard_tips(FULL_TIPS + 1)
    changed = with_prompts(Prompts({**{f"{one.locale}/{one.path}.md": HEAD for one in prompts()}}))
    away = {name: msgspec.structs.replace(memory, put_away=True) for name, memory in people.items()}
    for known in (people, away):
        answer, _, after = hear(OPENED, direct(), known, on=changed)
        assert only(answer, "maya").prompt == "tip/to-other.member"
        assert only(hear(OPENED, direct(), {**after, "maya": people["maya"]})[0], "maya").prompt == "tip.short/to-other.member"


HEAD = '+++\ntitle = "New"\ntone = "tip"\nwhy = "Because."\n[sample]\n+++\nNew words.'


def test_a_listener_can_put_the_tip_away_and_bring_it_back() -> None:
    """Who knows it by now gets none any more; the panel brings it back, and offers only what makes sense."""
    _, people = heard_tips(FULL_TIPS)
    answer, chat, people = hear(OPENED, direct(), people)
    _, _, people = press(only(answer, "sam"), ActionKind.PUT_AWAY, "sam", chat, people)
    answer, _, people = hear(OPENED, direct(), people)
    assert {nudge.to for nudge in answer.nudges} == {("maya",)}
    panel, _, people = press(only(answer, "maya"), ActionKind.PANEL, "maya", chat, people)
    assert only(panel, "maya").prompt == "panel/to-sender.member"
    asked = {kind: hear(Command("k", "c1", "sam", "/safety"), chat, known)[0] for kind, known in (("away", people), ("there", {}))}
    offered = {kind: {action.kind for action in only(answer, "sam").actions} for kind, answer in asked.items()}
    assert ActionKind.BRING_BACK in offered["away"] - offered["there"]
    assert ActionKind.PUT_AWAY in offered["there"] - offered["away"]
    _, _, people = press(only(asked["away"], "sam"), ActionKind.BRING_BACK, "sam", chat, people)
    assert {nudge.to for nudge in hear(OPENED, direct(), people)[0].nudges} == {("maya",), ("sam",)}


def test_the_helpline_of_a_tip_can_be_pressed() -> None:
    """R33: it is a link and not a sentence."""
    helpline = next(one for one in only(hear(OPENED, direct())[0], "maya").actions if one.kind is ActionKind.HELPLINE)
    assert helpline.href == "tel:988"


@pytest.mark.parametrize(("mode", "would"), [(Mode.SHADOW, ("tip", "tip")), (Mode.OFF, ())])
def test_in_shadow_nobody_sees_a_tip(mode: Mode, would: tuple[str, ...]) -> None:
    """What would have been said is counted, and nobody's tips are used up by it."""
    answer, _, people = hear(OPENED, direct(), on=with_modes(Modes(default=mode)))
    assert (answer.nudges, answer.would, people) == ((), would, {})


def test_no_tip_in_a_room_or_in_the_middle_of_a_talk() -> None:
    """Rooms open in silence, and so does a talk that the assistant has heard already."""
    assert hear(Opened("r1", ChatKind.ROOM, (MAYA, SAM)), room())[0] == Answer()
    _, chat = say(direct(), MAYA, "hello")
    assert hear(Opened("c1", ChatKind.DIRECT, (MAYA, SAM)), chat)[0] == Answer()


def test_people_come_and_go() -> None:
    """A newcomer to a talk gets the tip alone; news of somebody known changes them in silence; who left is gone."""
    answer, chat, _ = hear(Joined("c1", SAM), direct(MAYA))
    assert [nudge.to for nudge in answer.nudges] == [("sam",)]
    answer, chat, _ = hear(Joined("c1", person(SAM, Age.TEEN)), chat)
    assert answer == Answer()
    assert chat.person("sam") == person(SAM, Age.TEEN)
    _, chat, _ = hear(Left("c1", "sam"), chat)
    assert chat.people == (MAYA,)


# --- display names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ChatKind)
def test_a_name_that_is_a_contact_is_told_to_who_has_it(kind: ChatKind) -> None:
    """R7: only they hear of it, once a week; a plain name is nothing."""
    maya = msgspec.structs.replace(MAYA, name="text me 07700 900123")
    opened = Opened("c1", kind, (maya, SAM, ROBIN))
    chat = msgspec.structs.replace(direct(maya, SAM, ROBIN), kind=kind)
    answer, _, people = hear(opened, chat)
    told = [nudge.to for nudge in answer.nudges if nudge.prompt == "profile.name/to-sender"]
    assert told == [("maya",)]
    for later, times in ((NOW + NAME_AGAIN_SECONDS - 1, 0), (NOW + NAME_AGAIN_SECONDS, 1)):
        answer, _, _ = hear(opened, chat, people, later)
        assert [nudge.prompt for nudge in answer.nudges].count("profile.name/to-sender") == times
