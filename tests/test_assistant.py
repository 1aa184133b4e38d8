"""The whole street by way of ``hear``: what each side gets, what buttons and commands do, and what is remembered."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, ROBIN, SAM, assistant, chance, direct, person, room, say, with_modes

from bot.assistant import DRAFTS_PER_HOUR
from bot.interactions import LONGEST_WORDS, REMIND_SECONDS
from bot.links import Press
from bot.model import (
    ActionKind,
    Age,
    Answer,
    Audience,
    Chat,
    ChatKind,
    Command,
    Draft,
    Event,
    Heard,
    Joined,
    Left,
    Message,
    Nudge,
    Opened,
    People,
    Person,
    PersonMemory,
    Pressed,
    Profile,
    ReportReason,
    Role,
    Shown,
    Tone,
    Verdict,
)
from bot.policy import DAY, HOUR, Mode, Modes
from bot.voice import MASK, PRESS_SECONDS
from bot.welcome import FULL_TIPS

BATTERY = "this app drains my battery, got telegram?"


def hear(event: Event, chat: Chat, people: People | None = None, now: float = NOW) -> Heard:
    """Send one event down the street."""
    return assistant().hear(event, chat, people or {}, now, chance())


def only(answer: Answer, to: str) -> Nudge:
    """Give the one nudge for somebody."""
    (nudge,) = (nudge for nudge in answer.nudges if nudge.to == (to,))
    return nudge


def press(nudge: Nudge, kind: ActionKind, by: str, chat: Chat, people: People | None = None, now: float = NOW, **more: str) -> Heard:
    """Press a button of a nudge."""
    (action,) = (action for action in nudge.actions if action.kind is kind)
    return hear(Pressed(by, action.token, **more), chat, people, now)


# --- tips ------------------------------------------------------------------------------------------------------------


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


def test_tips_grow_short() -> None:
    """After some full tips there are short ones."""
    people: People = {}
    seen = []
    for _ in range(FULL_TIPS + 2):
        answer, _, people = hear(Opened("c1", ChatKind.DIRECT, (MAYA, SAM)), direct(), people)
        seen.append(only(answer, "maya").prompt.split("/")[0])
    assert seen == ["tip"] * FULL_TIPS + ["tip.short"] * 2


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


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_plain_message_goes_its_way() -> None:
    """Nothing is said, hidden or remembered but that it was heard."""
    answer, chat = say(direct(), MAYA, "I had a long day at work")
    assert answer == Answer()
    assert (chat.memory.heard, len(chat.tail), chat.memory.signals, chat.memory.shown) == (1, 1, {}, Shown())


def test_a_pretext_is_answered_on_both_sides() -> None:
    """The one who made the excuse gets a tip, the other a warning with a report button; both about this message."""
    answer, chat = say(direct(), SAM, BATTERY)
    assert answer.verdict is Verdict.DELIVER
    mine, theirs = only(answer, "sam"), only(answer, "maya")
    assert (mine.prompt, mine.tone) == ("pretext.battery/to-sender.listener", Tone.TIP)
    assert (theirs.prompt, theirs.tone) == ("pretext.battery/to-other.member", Tone.WARNING)
    assert {mine.message, theirs.message} == {"m0"}
    assert ActionKind.REPORT in {action.kind for action in theirs.actions}
    assert "sam pretext" in chat.memory.signals
    again, _ = say(chat, SAM, BATTERY, now=NOW + 5)
    assert again.nudges == ()


def test_details_are_masked_for_everybody_else() -> None:
    """The text that the others see holds nothing of the number, and the rest of the words."""
    answer, _ = say(direct(), MAYA, "sure! call me on 07700 900123, anytime 👍🏽")
    assert answer.verdict is Verdict.MASK
    assert answer.text is not None
    assert MASK in answer.text
    assert not any(letter.isdigit() for letter in answer.text)
    assert answer.text.startswith("sure! ")
    assert answer.text.endswith("anytime 👍🏽")


def test_shadow_counts_and_says_nothing() -> None:
    """In shadow mode what would have been done is named, signals are counted, and nobody sees or misses anything."""
    answer, chat = say(direct(), SAM, BATTERY, on=with_modes(Modes(default=Mode.SHADOW)))
    assert (answer.verdict, answer.nudges, answer.concerns) == (Verdict.DELIVER, (), ())
    assert set(answer.would) == {"pretext.battery"}
    assert chat.memory.signals["sam pretext"] == 1
    assert chat.memory.shown == Shown()
    assert chat.memory.shadow.topics.keys() == {"sam pretext.battery", "maya pretext.battery"}


def test_somebody_from_elsewhere_is_not_heard() -> None:
    """A message or a command by somebody who is not in the chat changes nothing and says so."""
    for event in (Message("m", "c1", "zoe", BATTERY, NOW), Command("k", "c1", "zoe", "/rules"), Draft("c1", "zoe", BATTERY)):
        answer, chat, people = hear(event, direct())
        assert answer.error
        assert (answer.nudges, chat, people) == ((), direct(), {})


# --- drafts and profiles ---------------------------------------------------------------------------------------------


def test_a_draft_tells_its_author_alone_and_is_not_kept() -> None:
    """The sender's own check gives the note they would get, and neither verdict, signals nor a place in the tail."""
    answer, chat, _ = hear(Draft("c1", "sam", BATTERY), direct())
    assert [nudge.to for nudge in answer.nudges] == [("sam",)]
    assert (answer.verdict, answer.text, answer.signals, chat) == (Verdict.DELIVER, None, (), direct())


def test_drafts_are_limited() -> None:
    """After so many checks in an hour there is no answer until the hour has gone by."""
    people: People = {}
    for number in range(DRAFTS_PER_HOUR + 2):
        answer, _, people = hear(Draft("c1", "sam", BATTERY), direct(), people, NOW + number)
        assert bool(answer.nudges) is (number < DRAFTS_PER_HOUR)
    assert not hear(Draft("c1", "sam", BATTERY), direct(), people, NOW + HOUR - 1)[0].nudges
    assert hear(Draft("c1", "sam", BATTERY), direct(), people, NOW + HOUR + DRAFTS_PER_HOUR + 2)[0].nudges


def test_a_profile_is_read_and_only_its_author_hears() -> None:
    """A number in a profile is seen, and the note goes to the one who wrote it."""
    answer, _, _ = hear(Profile("sam", "about", "text me on 07700 900123"), direct())
    assert answer.verdict is Verdict.MASK
    assert {nudge.to for nudge in answer.nudges} == {("sam",)}


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "prompt"), [("/rules", "rules/to-sender"), ("  /rules please", "rules/to-sender"), ("/safety", "panel/to-sender.member")]
)
def test_who_asks_is_answered_alone(text: str, prompt: str) -> None:
    """The rules and the panel go to the one who asked."""
    answer, _, _ = hear(Command("k1", "r1", "maya", text), room())
    assert [(nudge.prompt, nudge.to) for nudge in answer.nudges] == [(prompt, ("maya",))]


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
    again, _, _ = hear(Command("k1", chat.id, by, "/mod somebody is upset"), chat)
    assert again.report is not None
    assert again.report.key == answer.report.key


# --- buttons ---------------------------------------------------------------------------------------------------------


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


# --- whatever comes --------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=()), max_size=60) | st.sampled_from(
    [
        BATTERY,
        "call me on 07700 900123",
        "mail me: sam@mail.example",
        "what is your number?",
        "let's move to telegram",
        "don't tell anybody about this",
        "I want to end my life tonight",
        "/remind contact",
        "/mod help",
        "/rules",
        "/safety",
    ]
)
SOMEBODY = st.builds(Person, st.sampled_from("abc"), st.sampled_from(Role), st.sampled_from(Age), st.sampled_from(["en", "de", ""]), TEXTS)
BY = st.sampled_from("abcd")
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Message, st.sampled_from("xyz"), st.just("c1"), BY, TEXTS, st.just(NOW)),
    st.builds(Command, st.sampled_from("xyz"), st.just("c1"), BY, TEXTS),
    st.builds(Draft, st.just("c1"), BY, TEXTS),
    st.builds(Profile, BY, st.just("about"), TEXTS),
    st.builds(Pressed, BY, TEXTS, TEXTS, TEXTS),
    st.builds(Opened, st.just("c1"), st.sampled_from(ChatKind), st.just(())),
    st.builds(Joined, st.just("c1"), SOMEBODY),
    st.builds(Left, st.just("c1"), BY),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SOMEBODY, max_size=3, unique_by=lambda one: one.id), st.sampled_from(ChatKind), st.lists(EVENTS, max_size=8))
def test_hear_takes_whatever_comes(people: list[Person], kind: ChatKind, events: list[Event]) -> None:
    """Any text by any role in any order is answered; nudges go to one person, room reminders aside, and are for who is meant."""
    chat = msgspec.structs.replace(direct(*people) if people else direct(), kind=kind)
    memories: People = {}
    for number, event in enumerate(events):
        before = chat
        answer, chat, memories = assistant().hear(event, chat, memories, NOW + number, chance(number))
        assert (answer.text is not None) is (answer.verdict is Verdict.MASK and isinstance(event, Message))
        if answer.error:
            assert (answer.nudges, answer.report, chat) == ((), None, before)
        for nudge in answer.nudges:
            assert len(nudge.to) == 1 or nudge.audience is Audience.ROOM
            assert not (isinstance(event, Message) and (nudge.to == (event.author,)) is not (nudge.audience is Audience.TO_SENDER))


def test_a_teen_is_helped_and_the_adult_is_looked_at() -> None:
    """An adult's excuse toward a teen is told to both in words for it and people look at it; the teen's own is not filed."""
    answer, _ = say(direct(KIT, SAM), SAM, BATTERY)
    assert {nudge.prompt for nudge in answer.nudges} == {"teen/to-sender", "teen/to-other"}
    assert [concern.about for concern in answer.concerns] == ["sam"]
    answer, _ = say(direct(KIT, SAM), KIT, BATTERY)
    assert answer.concerns == ()
