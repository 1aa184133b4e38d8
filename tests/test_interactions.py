"""What buttons and commands do."""

from __future__ import annotations

import pytest
from make import BATTERY, MAYA, NOW, ROBIN, SAM, assistant, direct, hear, only, person, press, room, say

from bot.interactions import LONGEST_WORDS, REMIND_SECONDS
from bot.links import Press
from bot.model import ActionKind, Age, Answer, Audience, Chat, Command, PersonMemory, Pressed, ReportReason
from bot.policy import DAY
from bot.voice import PRESS_SECONDS

# --- commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("/rules", "rules/to-sender"),
        ("  /rules please", "rules/to-sender"),
        ("/rules 4", "rules.4/to-sender"),
        ("/safety", "panel/to-sender.member"),
    ],
)
def test_who_asks_is_answered_alone(text: str, prompt: str) -> None:
    """The rules and the panel go to the one who asked."""
    answer, _, _ = hear(Command("k1", "r1", "maya", text), room())
    assert [(nudge.prompt, nudge.to) for nudge in answer.nudges] == [(prompt, ("maya",))]


@pytest.mark.parametrize("number", ["0", "8", "99", "٤"])
def test_a_rule_that_is_not_there_names_those_there_are(number: str) -> None:
    """Whoever asks for the ninety-ninth rule learns which there are."""
    answer, _, _ = hear(Command("k1", "r1", "maya", f"/rules {number}"), room())
    assert answer.error.endswith("1, 2, 3, 4, 5, 6, 7.")
    assert answer.nudges == ()


def test_every_rule_of_the_list_has_a_card_of_its_own() -> None:
    """The short list and the cards go together, number by number."""
    listed = only(hear(Command("k1", "r1", "maya", "/rules"), room())[0], "maya").text.splitlines()
    numbers = assistant().prompts.topics("rules")
    assert len(numbers) == sum(line.startswith("- ") for line in listed)
    for number in numbers:
        card = only(hear(Command("k1", "r1", "maya", f"/rules {number}"), room())[0], "maya")
        assert card.title.startswith(f"{number}. ")


@pytest.mark.parametrize("text", ["", "/", "/nothing", "rules", "/RULES"])
def test_an_unknown_command_names_those_there_are(text: str) -> None:
    """A slip of the fingers gets a list and does nothing."""
    answer, chat, _ = hear(Command("k1", "r1", "maya", text), room())
    assert "/rules" in answer.error
    assert (answer.nudges, chat) == ((), room())


def test_only_moderators_remind() -> None:
    """A moderator's reminder goes to the whole room as one nudge without buttons; anybody else is told about ``/mod``."""
    answer, chat, _ = hear(Command("k1", "r1", "robin", "/remind contact"), room())
    (nudge,) = answer.nudges
    assert (nudge.audience, set(nudge.to), nudge.actions) == (Audience.ROOM, {"maya", "sam", "robin"}, ())
    for somebody in ("maya", "sam"):
        refused, after, _ = hear(Command("k1", "r1", somebody, "/remind contact"), room())
        assert "/mod" in refused.error
        assert (refused.nudges, after) == ((), room())
    assert hear(Command("k2", "r1", "robin", "/remind contact"), chat, now=NOW + REMIND_SECONDS - 1)[0].error
    assert hear(Command("k2", "r1", "robin", "/remind kind"), chat, now=NOW + 1)[0].nudges
    assert hear(Command("k2", "r1", "robin", "/remind contact"), chat, now=NOW + REMIND_SECONDS)[0].nudges


@pytest.mark.parametrize("topic", ["", "weather", "../rules"])
def test_a_reminder_that_is_not_there_names_those_there_are(topic: str) -> None:
    """The moderator learns what can be said."""
    assert "contact, " in hear(Command("k1", "r1", "robin", f"/remind {topic}"), room())[0].error


@pytest.mark.parametrize(
    ("chat", "by", "about", "to"),
    [
        (room(), "maya", "chat:r1", {"maya", "robin"}),
        (direct(), "maya", "sam", {"maya"}),
        (direct(MAYA, SAM, ROBIN), "sam", "maya", {"sam", "robin"}),
    ],
)
def test_a_call_for_a_moderator_waits_at_the_desk_too(chat: Chat, by: str, about: str, to: set[str]) -> None:
    """The caller and the moderators hear of it, nobody else, and it is a report with the words of the call."""
    answer, _, _ = hear(Command("k1", chat.id, by, "/mod somebody is upset"), chat)
    assert {nudge.to[0] for nudge in answer.nudges} == to
    assert answer.report is not None
    assert (answer.report.about, answer.report.by, answer.report.words) == (about, by, "somebody is upset")
    told = only(answer, by).prompt
    assert told == ("mod/to-sender" if "robin" in to else "mod.later/to-sender")
    again, _, _ = hear(Command("k1", chat.id, by, "/mod somebody is upset"), chat)
    assert again.report is not None
    assert again.report.key == answer.report.key


# --- buttons -----------------------------------------------------------------------------------------------------------


def test_a_report_is_one_click() -> None:
    """It says who, about whom, why and with which messages, and the reporter is told."""
    answer, chat = say(direct(), SAM, BATTERY)
    pressed, _, _ = press(only(answer, "maya"), ActionKind.REPORT, "maya", chat)
    report = pressed.report
    assert report is not None
    assert (report.by, report.about, report.reason, report.chat) == ("maya", "sam", ReportReason.WANTS_TO_MOVE, "c1")
    assert [one.text for one in report.evidence.said] == [BATTERY]
    assert [(nudge.prompt, nudge.to) for nudge in pressed.nudges] == [("report.filed/to-sender", ("maya",))]


def test_the_same_button_twice_is_the_same_report() -> None:
    """A button's report has one key, whenever it is pressed and whatever is chosen; another nudge's button has another."""
    answer, chat = say(direct(), SAM, BATTERY)
    nudge = only(answer, "maya")
    first = press(nudge, ActionKind.REPORT, "maya", chat)[0].report
    later = press(nudge, ActionKind.REPORT, "maya", chat, now=NOW + DAY, reason="pictures", words="x" * 9_999)[0].report
    other = press(only(say(chat, SAM, "what is your phone number?", now=NOW + 20)[0], "maya"), ActionKind.REPORT, "maya", chat)[0].report
    assert first is not None
    assert later is not None
    assert other is not None
    assert first.key == later.key != other.key
    assert (later.reason, len(later.words)) == (ReportReason.PICTURES, LONGEST_WORDS)


def test_a_button_is_for_the_one_it_was_made_for() -> None:
    """Pressed by somebody else, or too late, or forged, it does nothing and says so."""
    answer, chat = say(direct(), SAM, BATTERY)
    nudge = only(answer, "maya")
    for refused, _, _ in (
        press(nudge, ActionKind.REPORT, "sam", chat),
        press(nudge, ActionKind.REPORT, "maya", chat, now=NOW + PRESS_SECONDS),
        hear(Pressed("maya", "nonsense"), chat),
    ):
        assert refused.error
        assert (refused.report, refused.nudges) == (None, ())


def test_an_unknown_reason_falls_back_to_the_nudges_own() -> None:
    """Whatever a page sends as a reason, the report has one of the list."""
    answer, chat = say(direct(), SAM, BATTERY)
    report = press(only(answer, "maya"), ActionKind.REPORT, "maya", chat, reason="because")[0].report
    assert report is not None
    assert report.reason is ReportReason.WANTS_TO_MOVE


def test_wrong_and_dismiss_are_remembered_per_topic() -> None:
    """Putting a nudge away or calling it wrong is noted for that topic, without any words."""
    answer, chat = say(direct(), SAM, BATTERY)
    nudge = only(answer, "maya")
    said, _, people = press(nudge, ActionKind.WRONG, "maya", chat)
    assert [one.prompt for one in said.nudges] == ["wrong.noted/to-sender"]
    _, _, people = press(nudge, ActionKind.WRONG, "maya", chat, people)
    silent, _, people = press(nudge, ActionKind.DISMISS, "maya", chat, people, NOW + 9)
    assert silent == Answer()
    assert people["maya"] == PersonMemory(dismissed={"pretext.battery": NOW + 9}, wrong={"pretext.battery": 2})


def test_the_panel_has_a_report_for_each_situation() -> None:
    """R36: each of its buttons is a report of its own, about the other person and for the reason that it names."""
    panel = only(hear(Command("k", "c1", "maya", "/safety"), direct())[0], "maya")
    reports = [action for action in panel.actions if action.kind is ActionKind.REPORT]
    filed = [hear(Pressed("maya", action.token), direct())[0].report for action in reports]
    assert [report and (report.about, report.reason) for report in filed] == [("sam", reason) for reason in ReportReason]
    assert len({report.key for report in filed if report}) == len(ReportReason)
    again = hear(Pressed("maya", reports[0].token), direct())[0].report
    assert again is not None
    assert filed[0] is not None
    assert again.key == filed[0].key


def test_a_teen_reads_the_situations_in_other_words() -> None:
    """What a teen, or somebody who may be one, reads on a button names nothing intimate."""
    for age, there in ((Age.TEEN, False), (Age.UNKNOWN, False), (Age.ADULT, True)):
        maya = person(MAYA, age)
        panel = only(hear(Command("k", "c1", "maya", "/safety"), direct(maya, SAM))[0], "maya")
        assert ("It became sexual" in {action.label for action in panel.actions}) is there


def test_undo_takes_back_the_report_it_was_made_for() -> None:
    """The number in the token is what is taken back."""
    token = assistant().links.sign(Press(ActionKind.UNDO, "7KQ2-M9XA-4T", "c1", "maya", NOW + 60, "sam"))
    answer, _, _ = hear(Pressed("maya", token), direct())
    assert answer.undo == "7KQ2-M9XA-4T"
    assert [nudge.prompt for nudge in answer.nudges] == ["report.undone/to-sender"]


def test_a_listener_can_refer_a_chat() -> None:
    """Refer names the chat and the topic, and the listener is told that it is done."""
    answer, chat = say(direct(), MAYA, "I want to end my life tonight")
    nudge = only(answer, "sam")
    pressed, _, _ = press(nudge, ActionKind.REFER, "sam", chat)
    referral = pressed.referral
    assert referral is not None
    assert (referral.chat, referral.by, referral.reason) == ("c1", "sam", "crisis")
    assert [one.prompt for one in pressed.nudges] == ["refer.done/to-sender"]


def test_buttons_say_what_they_need() -> None:
    """A report is a link as well, a helpline is the community's own, and what only the page does has no token."""
    answer, _ = say(direct(), SAM, BATTERY)
    actions = {action.kind: action for action in only(answer, "maya").actions}
    report = actions[ActionKind.REPORT]
    assert report.href == f"https://porch.example/report/{report.token}"
    assert actions[ActionKind.LEAVE].token == ""
    answer, _ = say(direct(), MAYA, "I want to end my life tonight")
    helpline = next(action for action in only(answer, "maya").actions if action.kind is ActionKind.HELPLINE)
    assert (helpline.label, helpline.href) == ("Crisis line: 988", "tel:988")
