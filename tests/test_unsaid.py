"""Drafts, profiles and display names: read like a message, told to nobody but their author."""

from __future__ import annotations

import pytest
from make import BATTERY, KIT, NOW, SAM, direct, hear, only, with_modes

from bot.model import Draft, Kind, People, PersonMemory, Profile, Tone, Verdict
from bot.policy import DAY, HOUR, Mode, Modes
from bot.unsaid import DRAFTS_PER_DAY, DRAFTS_PER_HOUR


def test_a_draft_tells_its_author_alone_and_is_not_kept() -> None:
    """The sender's own check gives a gentle note of the kind, and neither verdict, signals nor a place in the tail."""
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


def test_drafts_are_limited_by_the_day() -> None:
    """Whoever tries a few every hour comes to the end of it as well."""
    day = PersonMemory(drafts=tuple(NOW + HOUR * number for number in range(DRAFTS_PER_DAY)))
    last = NOW + HOUR * (DRAFTS_PER_DAY - 1)
    people: People = {"sam": day}
    recent = sum(last + 1 - at < DAY for at in day.drafts)
    assert recent < DRAFTS_PER_DAY
    assert hear(Draft("c1", "sam", BATTERY), direct(), people, last + 1)[0].nudges
    people = {"sam": PersonMemory(drafts=tuple(NOW + 2_000 * number for number in range(DRAFTS_PER_DAY)))}
    assert not hear(Draft("c1", "sam", BATTERY), direct(), people, NOW + 2_000 * DRAFTS_PER_DAY)[0].nudges


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("call me on 07700 900123", "draft.contact/to-sender"),
        ("what's your phone number?", "draft.contact/to-sender"),
        ("let's move to telegram", "draft.offsite/to-sender"),
        (BATTERY, "draft.pretext/to-sender"),
        ("send me a pic of you", "draft.picture/to-sender"),
        ("don't tell anybody about this, ok?", "draft.secrecy/to-sender"),
        ("would you like to have sex chat with me right now?", "draft.sexual/to-sender"),
        ("you're useless, what use are you", "draft.conduct/to-sender"),
        ("I want to end my life tonight", "crisis/to-sender.member"),
        ("I want to end my life tonight, call me on 07700 900123", "crisis/to-sender.member"),
        ("I had a long day", None),
    ],
)
def test_a_draft_is_answered_for_one_kind(text: str, prompt: str | None) -> None:
    """The gravest kind alone is spoken of; a cry for help is answered as if it had been sent."""
    answer, _, _ = hear(Draft("c1", "maya", text), direct())
    assert [nudge.prompt for nudge in answer.nudges] == ([prompt] if prompt else [])


def test_a_draft_tells_nothing_of_what_would_become_of_it() -> None:
    """No note says that something would be hidden, held or looked at, or which words were seen."""
    for text in ("call me on 07700 900123", "would you like to have sex chat with me right now?"):
        words = only(hear(Draft("c1", "maya", text), direct())[0], "maya")
        assert words.tone is Tone.TIP
        assert not {"hidden", "masked", "delivered", "stopped", "07700", "sex chat with me"} & set(words.text.lower().split())


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_a_kind_that_is_not_on_is_not_spoken_of(mode: Mode) -> None:
    """In shadow and off a draft and a profile are answered with nothing."""
    on = with_modes(Modes(default=mode))
    assert not hear(Draft("c1", "sam", BATTERY), direct(), on=on)[0].nudges
    assert not hear(Profile("sam", "about", "text me on 07700 900123"), direct(), on=on)[0].nudges


def test_a_teen_reads_words_that_are_right_for_them() -> None:
    """A teen's own draft is answered without anything intimate."""
    assert only(hear(Draft("c1", "kit", "can you send me a pic of you"), direct(KIT, SAM))[0], "kit").prompt == "draft.picture/to-sender"


def test_a_profile_is_read_and_only_its_author_hears() -> None:
    """A number in a profile is seen, and the note goes to the one who wrote it."""
    answer, _, _ = hear(Profile("sam", "about", "text me on 07700 900123"), direct())
    assert answer.verdict is Verdict.MASK
    assert {nudge.to for nudge in answer.nudges} == {("sam",)}
    assert [nudge.prompt for nudge in answer.nudges] == ["profile/to-sender"]
    assert {signal.kind for signal in answer.signals} >= {Kind.CONTACT_SHARE}


@pytest.mark.parametrize(("field", "text", "prompt"), [("name", "insta: quiet.fox.22", "profile.name/to-sender"), ("name", "Maya", None)])
def test_a_display_name_has_words_of_its_own(field: str, text: str, prompt: str | None) -> None:
    """Who changes their name to a contact hears about the name."""
    answer, _, _ = hear(Profile("sam", field, text), direct())
    assert [nudge.prompt for nudge in answer.nudges] == ([prompt] if prompt else [])
