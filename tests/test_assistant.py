"""The whole street by way of ``hear``: what each side gets, what buttons and commands do, and what is remembered."""

from __future__ import annotations

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import BATTERY, KIT, MAYA, NOW, SAM, assistant, chance, direct, hear, only, say, with_modes

from bot.model import (
    ActionKind,
    Age,
    Answer,
    Audience,
    ChatKind,
    Command,
    Draft,
    Event,
    Joined,
    Left,
    Message,
    Opened,
    People,
    Person,
    Pressed,
    Profile,
    Role,
    Shown,
    Tone,
    Verdict,
)
from bot.policy import Mode, Modes
from bot.voice import MASK


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
