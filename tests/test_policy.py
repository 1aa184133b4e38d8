"""Policy, tested by signals without any text: who hears what, what is held or hidden, what people look at, and in which mode."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any, NoReturn

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, ROBIN, SAM, direct, person, prompts, room, rules, signal

from bot.model import (
    MOVES,
    WHOLE_ROOM,
    Age,
    Audience,
    Certainty,
    Chat,
    ChatKind,
    Doubts,
    Kind,
    People,
    Person,
    PersonMemory,
    Reason,
    Role,
    Said,
    Shown,
    Signal,
    Told,
    Verdict,
)
from bot.policy import (
    LADDER,
    NOTHING,
    OPENLY,
    REFUSED,
    STANDING,
    TOWARD_TEENS,
    VERDICTS,
    Decision,
    Limits,
    Mode,
    Modes,
    Rung,
    Scene,
    Weight,
    countable,
    day_of,
    decide,
    is_toward_teen,
    permit,
    temper,
    weigh,
)
from bot.policy.ladder import CLIMB

LIMITS = Limits()
LIKELY, SURE, HINT = Certainty.LIKELY, Certainty.SURE, Certainty.HINT
ADULT, TEEN, UNKNOWN = Age.ADULT, Age.TEEN, Age.UNKNOWN


def judged(signals: Iterable[Signal], chat: Chat, author: Person, **more: Any) -> Decision:  # noqa: ANN401 -- whatever a scene has
    """What follows from a message by the tables, and is left when nobody hears too much."""
    scene = Scene(chat, author, NOW, **more)
    return temper(decide(signals, scene), scene, chat.memory.shown)


def told(decision: Decision) -> dict[str, str]:
    """Audience to topic."""
    return {tell.audience.value: tell.topic for tell in decision.tells}


def after(chat: Chat, **counts: int) -> Chat:
    """The same chat, in which Maya has sent such messages before; ``_`` stands for a dot."""
    memory = msgspec.structs.replace(chat.memory, signals={f"maya {kind.replace('_', '.')}": count for kind, count in counts.items()})
    return msgspec.structs.replace(chat, memory=memory)


BETTER = signal(Kind.PRETEXT, SURE, Reason.CANT_TYPE)


@pytest.mark.parametrize(
    ("signals", "sender", "other", "verdict"),
    [
        ([signal(Kind.PRETEXT, reason=Reason.BATTERY)], "pretext.battery", "pretext.battery", Verdict.DELIVER),
        ([signal(Kind.CONTACT_SHARE)], "contact.share", "contact.share", Verdict.MASK),
        ([signal(Kind.CONTACT_SHARE, LIKELY)], "contact.share", "contact.share", Verdict.MASK),
        ([signal(Kind.CONTACT_REQUEST)], "contact.request", "contact.request", Verdict.DELIVER),
        ([signal(Kind.OFFSITE_INVITE)], "offsite.invite", "offsite.invite", Verdict.DELIVER),
        ([signal(Kind.SEXUAL_INVITE)], "sexual.invite", "sexual.invite", Verdict.HOLD),
        ([signal(Kind.SEXUAL_INVITE, LIKELY)], "flirt", "sexual.invite", Verdict.DELIVER),
        ([signal(Kind.CRISIS)], "crisis", "crisis", Verdict.DELIVER),
        ([signal(Kind.SECRECY)], "secrecy", "secrecy", Verdict.DELIVER),
        ([signal(Kind.PRETEXT), signal(Kind.CONTACT_SHARE)], "contact.share", "pretext.battery", Verdict.MASK),
        ([signal(Kind.CONTACT_SHARE), signal(Kind.SEXUAL_INVITE)], "sexual.invite", "sexual.invite", Verdict.HOLD),
        ([signal(Kind.CRISIS), signal(Kind.SEXUAL_INVITE)], "crisis", "crisis", Verdict.DELIVER),
        ([signal(Kind.CRISIS), signal(Kind.CONTACT_SHARE)], "crisis", "crisis", Verdict.MASK),
        ([signal(Kind.PRETEXT, LIKELY, Reason.PRIVACY), BETTER], "pretext.cant_type", "pretext.cant_type", Verdict.DELIVER),
        ([signal(Kind.FLIRT)], "flirt", None, Verdict.DELIVER),
    ],
    ids=lambda value: "+".join(one.kind for one in value) if isinstance(value, list) else "",
)
def test_who_hears_what_between_two(signals: list[Signal], sender: str, other: str | None, verdict: Verdict) -> None:
    """Each side hears of the first row that fits and of no other, and the message fares as the tables say."""
    decision = judged(signals, direct(), MAYA)
    assert told(decision) == {"to-sender": sender} | ({"to-other": other} if other else {})
    assert decision.verdict is verdict


@given(st.lists(st.sampled_from(Kind), max_size=6), st.sampled_from([direct(), room(), direct(MAYA, KIT)]))
def test_hints_do_nothing(kinds: list[Kind], chat: Chat) -> None:
    """A hint is shown to nobody, holds nothing and opens nothing."""
    assert judged([signal(kind, HINT) for kind in kinds], chat, MAYA) is NOTHING


def test_a_room_is_told_nothing_but_the_author_and_the_moderators() -> None:
    """In a room no bystander hears of anything; moderators hear of a crisis."""
    for kind in Kind:
        audiences = {tell.audience for tell in judged([signal(kind)], room(), MAYA).tells}
        assert Audience.TO_OTHER not in audiences
    (moderators,) = (tell for tell in judged([signal(Kind.CRISIS)], room(), MAYA).tells if tell.audience is Audience.MODERATORS)
    assert moderators.to == (ROBIN,)


ANY_SIGNAL = st.builds(signal, st.sampled_from(Kind), st.sampled_from(Certainty), st.sampled_from(Reason), st.just("a/b"))
ALL_SIGNALS = st.lists(ANY_SIGNAL, max_size=5)
SOMEBODY = st.builds(Person, st.sampled_from("abcd"), st.sampled_from(Role), st.sampled_from(Age))
CHATS = st.builds(
    lambda people, kind: msgspec.structs.replace(direct(*people), kind=kind),
    st.lists(SOMEBODY, min_size=1, max_size=4, unique_by=lambda one: one.id),
    st.sampled_from(ChatKind),
)


@given(ALL_SIGNALS, CHATS)
def test_words_for_one_side_never_reach_the_other(signals: list[Signal], chat: Chat) -> None:
    """The author alone is the sender, never among the others; nobody hears two things about one message; moderators are moderators."""
    author = chat.people[0]
    decision = judged(signals, chat, author)
    private = [tell for tell in decision.tells if tell.audience is not Audience.ROOM]
    heard = [person.id for tell in private for person in tell.to]
    assert len(heard) == len(set(heard))
    for tell in private:
        assert tell.to
        assert (author in tell.to) is (tell.audience is Audience.TO_SENDER)
        assert tell.audience is not Audience.MODERATORS or {one.role for one in tell.to} == {Role.MODERATOR}


@given(ALL_SIGNALS, CHATS)
def test_no_case_is_ever_about_a_teen_or_a_crisis(signals: list[Signal], chat: Chat) -> None:
    """Only an adult, or somebody of unknown age, who wrote to a teen is looked at, and never for a crisis."""
    author = chat.people[0]
    for concern in judged(signals, chat, author).concerns:
        assert concern.about == author.id
        assert author.age is not TEEN
        assert any(one.age is TEEN for one in chat.others(author.id))
        assert Kind.CRISIS not in (concern.kind, *concern.kinds)


@given(ALL_SIGNALS, CHATS)
def test_a_crisis_lifts_the_hold_but_not_the_mask(signals: list[Signal], chat: Chat) -> None:
    """Beside a crisis nothing is held and nobody is scolded; details stay hidden."""
    signals = [*signals, signal(Kind.CRISIS, LIKELY)]
    decision = judged(signals, chat, chat.people[0])
    assert decision.verdict is not Verdict.HOLD
    assert decision.held_for is None
    shared = any(one.kind is Kind.CONTACT_SHARE and one.certainty is not HINT for one in signals)
    assert (decision.verdict is Verdict.MASK) is shared
    assert {tell.kind for tell in decision.tells} <= {Kind.CRISIS, Kind.CONTACT_SHARE}


@pytest.mark.parametrize(
    ("author", "facing", "toward"),
    [
        (ADULT, TEEN, True),
        (UNKNOWN, TEEN, True),
        (TEEN, TEEN, False),
        (TEEN, ADULT, False),
        (TEEN, UNKNOWN, False),
        (ADULT, ADULT, False),
        (UNKNOWN, ADULT, False),
    ],
)
@pytest.mark.parametrize("kind", sorted(MOVES))
def test_age_decides_whom_people_look_at(kind: Kind, author: Age, facing: Age, *, toward: bool) -> None:
    """An adult or unknown writer facing a teen is looked at for any move; a teen who shares is helped and not filed."""
    writer, reader = person(SAM, author), person(MAYA, facing)
    chat = direct(reader, writer)
    decision = judged([signal(kind)], chat, writer)
    assert is_toward_teen(chat, writer) is toward
    assert [(concern.about, concern.kind) for concern in decision.concerns] == ([("sam", kind)] if toward else [])
    assert ("teen" in told(decision).values()) is toward


def test_a_case_tells_its_kinds_in_order() -> None:
    """What it is about is the surest; those that count stand beside it, each once, the same way every time."""
    signals = [signal(Kind.SECRECY), signal(Kind.PRETEXT), signal(Kind.CONTACT_REQUEST), signal(Kind.PRETEXT)]
    (concern,) = judged(signals, direct(KIT, SAM), SAM).concerns
    assert (concern.kind, concern.kinds) == (Kind.SECRECY, (Kind.PRETEXT, Kind.CONTACT_REQUEST))


@pytest.mark.parametrize("kind", sorted(TOWARD_TEENS))
def test_what_is_only_likely_toward_a_teen_is_looked_at_and_counts_for_nothing(kind: Kind) -> None:
    """So is what never counts, such as a wish for secrecy."""
    (concern,) = judged([signal(kind, LIKELY)], direct(KIT, SAM), SAM).concerns
    assert (concern.kind, concern.kinds) == (kind, ())


def test_what_is_in_shadow_counts_for_nothing_beside_what_is_on() -> None:
    """Of one message, too; and what is all in shadow opens no case."""
    decision = judged([signal(Kind.CONTACT_SHARE), signal(Kind.PRETEXT)], direct(KIT, SAM), SAM)
    for shadow, counted in ((Kind.CONTACT_SHARE, Kind.PRETEXT), (Kind.PRETEXT, Kind.CONTACT_SHARE)):
        done, would = permit(decision, Modes(kinds={shadow: Mode.SHADOW}), direct(KIT, SAM), SAM)
        assert [(one.kind, one.kinds) for one in done.concerns] == [(counted, (counted,))]
        assert would.concerns == decision.concerns
    assert permit(decision, Modes(Mode.SHADOW), direct(KIT, SAM), SAM)[0].concerns == ()


@pytest.mark.parametrize("chat", [direct(KIT, SAM), room(KIT, SAM, ROBIN)], ids=["direct", "room"])
def test_a_crisis_does_not_hide_what_an_adult_does(chat: Chat) -> None:
    """Details given to a teen are looked at also when moderators hear of a crisis in the same message first."""
    (concern,) = judged([signal(Kind.CRISIS), signal(Kind.CONTACT_SHARE)], chat, SAM).concerns
    assert (concern.about, concern.kinds) == ("sam", (Kind.CONTACT_SHARE,))


def test_in_a_room_with_a_teen_only_the_teen_hears_the_words_for_teens() -> None:
    """The adult bystander of a room does not get the teen's words."""
    decision = judged([signal(Kind.CONTACT_REQUEST)], room(MAYA, SAM, KIT, ROBIN), MAYA)
    to = {tell.audience: tell.to for tell in decision.tells}
    assert to == {Audience.TO_SENDER: (MAYA,), Audience.TO_OTHER: (KIT,), Audience.MODERATORS: (ROBIN,)}


# --- who has heard enough --------------------------------------------------------------------------------------------


def shown(chat: Chat, heard: Mapping[str, float], weight: Weight = Weight.MOVE, count: int = 1) -> Chat:
    """The same chat, in which people have heard of topics so many seconds ago: ``"maya secrecy"``."""
    people = {name.split(" ")[0]: Told(NOW - ago, weight, NOW - ago, count) for name, ago in heard.items()}
    topics = {name: NOW - ago for name, ago in heard.items()}
    return msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, shown=Shown(topics, people)))


LIKE_DANGER = msgspec.structs.replace(signal(Kind.CRISIS, LIKELY), reader="learned")
"""A crisis that no rule sees."""
LATER = 60.0
"""After the moment in which nobody hears two things, and within the time in which nobody hears the same twice."""


def test_what_only_likeness_takes_for_danger_is_asked() -> None:
    """Both hear that it can be asked, whatever else was said just before; plain danger is told right after it all the same."""
    assert told(judged([LIKE_DANGER], direct(), MAYA)) == {"to-sender": "crisis.ask", "to-other": "crisis.ask"}
    assert told(judged([LIKE_DANGER], shown(direct(), {"maya crisis": LATER, "sam crisis": LATER}, Weight.URGENT), MAYA)) == {}
    explained = shown(direct(), {"maya contact.share": 1.0, "sam contact.share": 1.0}, Weight.GRAVE)
    assert told(judged([LIKE_DANGER], explained, MAYA)) == {"to-sender": "crisis.ask", "to-other": "crisis.ask"}
    plain = shown(direct(), {"maya crisis.ask": 1.0, "sam crisis.ask": 1.0}, Weight.WORRY)
    assert told(judged([signal(Kind.CRISIS, LIKELY)], plain, MAYA)) == {"to-sender": "crisis", "to-other": "crisis"}


@pytest.mark.parametrize(("ago", "heard"), [(LATER, False), (LIMITS.quiet_seconds - 1, False), (LIMITS.quiet_seconds, True)])
def test_nobody_hears_the_same_twice_within_the_quiet_time(ago: float, *, heard: bool) -> None:
    """A topic just shown to somebody is not shown again; the other side, which has not seen it, hears it."""
    chat = shown(direct(), {"maya secrecy": ago})
    assert ("to-sender" in told(judged([signal(Kind.SECRECY)], chat, MAYA))) is heard
    assert "to-other" in told(judged([signal(Kind.SECRECY)], chat, MAYA))


def test_a_new_excuse_is_answered_beside_one_that_just_was() -> None:
    """Of two pretexts the one that has not been answered yet gets its answer."""
    chat = shown(direct(), {"sam pretext.battery": LATER, "maya pretext.battery": LATER})
    signals = [signal(Kind.PRETEXT, SURE, Reason.BATTERY), signal(Kind.PRETEXT, LIKELY, Reason.PRIVACY)]
    assert told(judged(signals, chat, MAYA)) == {"to-sender": "pretext.privacy", "to-other": "pretext.privacy"}


def test_where_an_excuse_was_just_answered_the_invitation_is() -> None:
    """The same excuse with an invitation is not met with silence; the same alone is said to come again, and then it is enough."""
    chat = after(shown(direct(), {"sam pretext.battery": LATER, "maya pretext.battery": LATER}), pretext=1)
    both = [signal(Kind.PRETEXT), signal(Kind.OFFSITE_INVITE)]
    assert told(judged(both, chat, MAYA)) == {"to-sender": "offsite.invite", "to-other": "offsite.invite"}
    assert told(judged([signal(Kind.PRETEXT)], chat, MAYA)) == {"to-sender": "again", "to-other": "again"}
    chat = shown(chat, {f"{who} {topic}": LATER for who in ("sam", "maya") for topic in ("pretext.battery", "again")})
    assert told(judged([signal(Kind.PRETEXT)], chat, MAYA)) == {}


def test_nobody_hears_a_milder_word_after_a_graver_one() -> None:
    """A teen who has just heard the gravest word is not told afterwards that they need not move."""
    chat = shown(direct(KIT, SAM), {"kit teen": LATER, "sam teen": LATER}, Weight.URGENT)
    assert told(judged([signal(Kind.PRETEXT)], chat, SAM)) == {}
    assert told(judged([signal(Kind.CONTACT_SHARE)], chat, SAM)) == {"to-sender": "contact.share"}


@pytest.mark.parametrize(
    ("before", "kind", "heard"),
    [
        (Weight.MOVE, Kind.CONTACT_REQUEST, False),
        (Weight.TACT, Kind.CONTACT_REQUEST, True),
        (Weight.MOVE, Kind.SEXUAL_INVITE, True),
        (Weight.GRAVE, Kind.CRISIS, True),
        (Weight.URGENT, Kind.PRETEXT, False),
    ],
)
@pytest.mark.parametrize("ago", [0.0, LIMITS.moment_seconds - 1])
def test_two_nudges_within_moments_only_if_the_second_is_graver(before: Weight, kind: Kind, ago: float, *, heard: bool) -> None:
    """What follows at once is heard if it weighs more than what was just said."""
    chat = shown(direct(), {"sam something": ago}, before)
    assert ("to-other" in told(judged([signal(kind)], chat, MAYA))) is heard
    chat = shown(direct(), {"sam something": LIMITS.moment_seconds}, before)
    assert "to-other" in told(judged([signal(kind)], chat, MAYA))


def test_what_became_of_a_message_is_said_at_any_time() -> None:
    """Masking is explained within moments of another word, and every message that is held is, however often."""
    assert (
        told(judged([signal(Kind.CONTACT_SHARE)], shown(direct(), {"maya crisis": 0.0}, Weight.URGENT), MAYA))["to-sender"]
        == "contact.share"
    )
    chat = shown(direct(), {"maya sexual.invite": 1.0, "sam sexual.invite": 1.0}, Weight.GRAVE)
    assert told(judged([signal(Kind.SEXUAL_INVITE)], chat, MAYA)) == {"to-sender": "sexual.invite"}


def test_an_insight_says_nothing_more_about_what_was_just_spoken_of() -> None:
    """Whoever was spoken to about a message hears again of it only if what is seen later weighs more."""
    chat = shown(direct(), {"sam pretext.battery": 0.0, "maya pretext.battery": 0.0})
    seen = (signal(Kind.PRETEXT),)
    long_after = {"before": seen, "said_at": NOW - LATER, "limits": LIMITS}
    assert told(judged([signal(Kind.OFFSITE_INVITE)], chat, MAYA, **long_after)) == {}
    assert told(judged([signal(Kind.SEXUAL_INVITE)], chat, MAYA, **long_after)).keys() == {"to-sender", "to-other"}


def test_what_was_put_away_stays_away_for_a_day() -> None:
    """In that chat for whoever put it away; about one's own words in every chat; what is graver comes all the same."""
    chat = direct()
    away = msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, put_away={"sam secrecy": NOW - LATER}))
    assert told(judged([signal(Kind.SECRECY)], away, MAYA)) == {"to-sender": "secrecy"}
    elsewhere: People = {"sam": PersonMemory(dismissed={"secrecy": NOW - LATER}), "maya": PersonMemory(dismissed={"secrecy": NOW - LATER})}
    assert told(judged([signal(Kind.SECRECY)], chat, MAYA, people=elsewhere)) == {"to-other": "secrecy"}
    long_ago: People = {"maya": PersonMemory(dismissed={"secrecy": NOW - LIMITS.put_away_seconds})}
    assert told(judged([signal(Kind.SECRECY)], chat, MAYA, people=long_ago)).keys() == {"to-sender", "to-other"}
    grave: People = {"maya": PersonMemory(dismissed={"crisis": NOW})}
    assert "to-sender" in told(judged([signal(Kind.CRISIS)], chat, MAYA, people=grave))


def test_who_called_a_topic_wrong_twice_hears_of_it_only_when_it_is_sure() -> None:
    """What people say about mistakes is taken seriously, for them."""
    people: People = {"sam": PersonMemory(wrong={"secrecy": LIMITS.wrongs})}
    assert told(judged([signal(Kind.SECRECY, LIKELY)], direct(), MAYA, people=people)) == {"to-sender": "secrecy"}
    assert told(judged([signal(Kind.SECRECY)], direct(), MAYA, people=people)).keys() == {"to-sender", "to-other"}
    once: People = {"sam": PersonMemory(wrong={"secrecy": LIMITS.wrongs - 1})}
    assert "to-other" in told(judged([signal(Kind.SECRECY, LIKELY)], direct(), MAYA, people=once))


def test_there_is_a_budget_for_each_hour_and_day() -> None:
    """Above so many nudges in a chat and hour, or on a day in all chats, only graver ones are said."""
    full = shown(direct(), {"sam something": LATER}, count=LIMITS.nudges_per_hour)
    assert told(judged([signal(Kind.SECRECY)], full, MAYA)) == {"to-sender": "secrecy"}
    assert "to-other" in told(judged([signal(Kind.SEXUAL_INVITE)], full, MAYA))
    people: People = {"sam": PersonMemory(day=day_of(NOW), nudged=LIMITS.nudges_per_day)}
    assert told(judged([signal(Kind.SECRECY)], direct(), MAYA, people=people)) == {"to-sender": "secrecy"}
    yesterday: People = {"sam": PersonMemory(day=day_of(NOW) - 1, nudged=LIMITS.nudges_per_day)}
    assert "to-other" in told(judged([signal(Kind.SECRECY)], direct(), MAYA, people=yesterday))


# --- refusals --------------------------------------------------------------------------------------------------------


def refused_by(chat: Chat, *who: str) -> Chat:
    """The same chat, in which these people have said no."""
    return msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, refused=dict.fromkeys(who, NOW - LATER)))


def test_again_after_a_no_weighs_more() -> None:
    """Both sides hear that there was a no, also within moments of another word; the one who said no presses nobody."""
    chat = refused_by(direct(), "sam")
    assert told(judged([signal(Kind.OFFSITE_INVITE)], chat, MAYA)) == {"to-sender": "pressing", "to-other": "pressing"}
    assert told(judged([signal(Kind.OFFSITE_INVITE)], shown(chat, {"sam secrecy": 0.0}), MAYA))["to-other"] == "pressing"
    assert told(judged([signal(Kind.OFFSITE_INVITE)], chat, SAM)) == {"to-sender": "offsite.invite", "to-other": "offsite.invite"}


def test_who_says_no_is_praised_once() -> None:
    """A no gets a kind word the first time, and nobody else hears of it."""
    decision = judged([], direct(), SAM, refuses=Kind.CONTACT_REQUEST)
    assert [(tell.audience, tell.topic, tell.to) for tell in decision.tells] == [(Audience.TO_SENDER, "refused", (SAM,))]
    assert judged([], shown(direct(), {"sam refused": 9e6}), SAM, refuses=Kind.CONTACT_REQUEST).tells == ()


# --- rooms -----------------------------------------------------------------------------------------------------------


def test_moderators_in_a_room_hear_of_moves_advances_and_insults() -> None:
    """They are told in words of their own; in a talk between two they are not, for there nobody moderates."""
    for kind, topic in ((Kind.CONTACT_REQUEST, "room.moves"), (Kind.FLIRT, "room.closeness"), (Kind.CONDUCT, "room.conduct")):
        assert told(judged([signal(kind)], room(), MAYA))["moderators"] == topic
        assert "moderators" not in told(judged([signal(kind)], direct(MAYA, SAM), MAYA))


@pytest.mark.parametrize("today", [0, LIMITS.often - 2, LIMITS.often - 1])
def test_the_third_message_of_a_day_against_a_rooms_rules_is_told_as_such(today: int) -> None:
    """The count is of one person, over all rooms, for one day."""
    people: People = {"maya": PersonMemory(day=day_of(NOW), room_signals=today)}
    often = today + 1 >= LIMITS.often
    heard = told(judged([signal(Kind.CONDUCT)], room(), MAYA, people=people))
    assert heard == {"to-sender": "room.often" if often else "conduct.rule", "moderators": "room.often" if often else "room.conduct"}
    yesterday: People = {"maya": PersonMemory(day=day_of(NOW) - 1, room_signals=9)}
    assert told(judged([signal(Kind.CONDUCT)], room(), MAYA, people=yesterday))["to-sender"] == "conduct.rule"


def test_a_room_that_drifts_without_a_moderator_is_reminded_by_itself() -> None:
    """Several people, lately, and no moderator: then the whole room hears its rule once, and nobody is named."""
    people = (MAYA, SAM, person(KIT, ADULT))
    tail = tuple(Said(who.id, who.id, NOW - LATER, None, (), (signal(Kind.CONTACT_REQUEST),)) for who in people[:2])
    drifting = msgspec.structs.replace(room(*people), tail=tail)
    (reminder,) = (tell for tell in judged([signal(Kind.OFFSITE_INVITE)], drifting, people[2]).tells if tell.audience is Audience.ROOM)
    assert (reminder.topic, reminder.to) == ("drift.contact", people)

    def reminds(chat: Chat, author: Person = people[2], kind: Kind = Kind.OFFSITE_INVITE) -> bool:
        return "room" in told(judged([signal(kind)], chat, author))

    assert not reminds(drifting, MAYA)
    assert not reminds(drifting, kind=Kind.CONDUCT)
    assert not reminds(msgspec.structs.replace(drifting, people=(*people, ROBIN)))
    assert not reminds(msgspec.structs.replace(drifting, tail=tuple(msgspec.structs.replace(one, ts=NOW - 9_999) for one in tail)))
    assert not reminds(shown(drifting, {f"{WHOLE_ROOM} drift.contact": LATER}))


# --- how often -------------------------------------------------------------------------------------------------------


def test_the_other_side_hears_of_the_second_flirt() -> None:
    """A first advance is for its author to hear about; from the second on the other side hears too."""
    first, second = direct(), after(direct(), flirt=1)
    assert told(judged([signal(Kind.FLIRT)], first, MAYA)) == {"to-sender": "flirt"}
    assert told(judged([signal(Kind.FLIRT)], second, MAYA)) == {"to-sender": "flirt", "to-other": "flirt"}
    assert told(judged([signal(Kind.FLIRT)], second, SAM)) == {"to-sender": "flirt"}


def test_only_sure_moves_count_against_somebody() -> None:
    """Sure signals of the listed kinds count, each once; likely ones, talk of feelings and a crisis never do."""
    signals = [signal(kind, certainty) for kind, certainty in product(Kind, Certainty)]
    assert set(countable(signals)) == MOVES | {Kind.SEXUAL_INVITE, Kind.PICTURE_REQUEST}
    assert countable([signal(kind, LIKELY) for kind in Kind]) == ()


# --- modes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modes", "mode"),
    [
        (Modes(), Mode.ON),
        (Modes(default=Mode.OFF), Mode.OFF),
        (Modes(default=Mode.OFF, kinds={Kind.FLIRT: Mode.ON}), Mode.ON),
        (Modes(kinds={Kind.FLIRT: Mode.SHADOW}), Mode.SHADOW),
        (Modes(kinds={Kind.SECRECY: Mode.OFF}), Mode.ON),
        (Modes(kinds={Kind.FLIRT: Mode.ON}, rooms={"c1": Mode.SHADOW}), Mode.SHADOW),
        (Modes(kinds={Kind.FLIRT: Mode.SHADOW}, roles={Role.MEMBER: Mode.OFF}), Mode.OFF),
        (Modes(rooms={"c2": Mode.OFF}, roles={Role.LISTENER: Mode.OFF}), Mode.ON),
    ],
)
def test_the_most_careful_mode_wins(modes: Modes, mode: Mode) -> None:
    """Off goes before shadow, shadow before on; the default holds where nothing else is said."""
    assert modes.of(Kind.FLIRT, "c1", Role.MEMBER) is mode


@given(ALL_SIGNALS, CHATS, st.dictionaries(st.sampled_from(Kind), st.sampled_from(Mode)))
def test_modes_take_away_and_add_nothing(signals: list[Signal], chat: Chat, kinds: dict[Kind, Mode]) -> None:
    """What is done comes from the kinds that are on, what would be from those in shadow as well; both come from the decision alone."""
    author = chat.people[0]
    decision = decide(signals, Scene(chat, author, NOW))
    done, would = permit(decision, Modes(kinds=kinds), chat, author)
    for part, modes in ((done, {Mode.ON}), (would, {Mode.ON, Mode.SHADOW})):
        assert part.tells == tuple(tell for tell in decision.tells if kinds.get(tell.kind, Mode.ON) in modes)
        assert part.masks == tuple(mask for mask in decision.masks if kinds.get(mask.kind, Mode.ON) in modes)
        kept = [
            concern for concern in decision.concerns if any(kinds.get(kind, Mode.ON) in modes for kind in (concern.kind, *concern.kinds))
        ]
        assert [concern.about for concern in part.concerns] == [concern.about for concern in kept]
        for left, whole in zip(part.concerns, kept, strict=True):
            assert left.kinds == tuple(kind for kind in whole.kinds if kinds.get(kind, Mode.ON) in modes)
            assert left.kind == whole.kind if kinds.get(whole.kind, Mode.ON) in modes else left.kind in left.kinds
        assert part.verdict.rank <= decision.verdict.rank
        assert (part.verdict is Verdict.HOLD) is (part.held_for is not None)


@given(ALL_SIGNALS, CHATS, st.sets(st.sampled_from(Kind)))
def test_a_kind_that_is_off_changes_nothing_for_the_others(signals: list[Signal], chat: Chat, off: set[Kind]) -> None:
    """What is heard is what would be if the signals of that kind were not there; a hold that is off may leave a mask."""
    author = chat.people[0]
    scene = Scene(chat, author, NOW)
    done, _ = permit(decide(signals, scene), Modes(kinds=dict.fromkeys(off, Mode.OFF)), chat, author)
    heard = temper(done, scene, chat.memory.shown)
    if Kind.CRISIS not in off:
        without = judged([one for one in signals if one.kind not in off], chat, author)
        assert (heard.tells, heard.verdict, heard.masks) == (without.tells, without.verdict, without.masks)


@given(ALL_SIGNALS, CHATS)
def test_off_is_silence(signals: list[Signal], chat: Chat) -> None:
    """With everything off nothing is done and nothing would have been."""
    author = chat.people[0]
    done, would = permit(decide(signals, Scene(chat, author, NOW)), Modes(default=Mode.OFF), chat, author)
    assert done == would == Decision()


def test_a_held_message_is_only_masked_when_the_hold_is_off() -> None:
    """Each verdict falls under its own kind's mode."""
    signals = [signal(Kind.SEXUAL_INVITE), signal(Kind.CONTACT_SHARE)]
    decision = decide(signals, Scene(direct(), MAYA, NOW))
    done, would = permit(decision, Modes(kinds={Kind.SEXUAL_INVITE: Mode.SHADOW}), direct(), MAYA)
    assert (done.verdict, would.verdict) == (Verdict.MASK, Verdict.HOLD)


# --- every word that can be asked for is there, and every word that is there can be asked for ------------------------

ANSWERS = ("canary", "rules", "panel", "mod", "mod.later", "report.filed", "report.undone", "refer.done", "wrong.noted")
ASIDE = ("tip.put_away", "tip.bring_back", "profile", "profile.name", *(f"draft.{kind}" for kind in Kind if kind is not Kind.CRISIS))
GREETINGS = ("tip", "tip.short", "left", "left.lost", "left.crisis")
SAYINGS = {
    ("mod", Audience.MODERATORS),
    *((topic, Audience.TO_SENDER) for topic in (*ANSWERS, *ASIDE)),
    *((topic, Audience.TO_OTHER) for topic in GREETINGS),
}
"""What is said beside the ladder: to commands, buttons and drafts, and when people come and go."""

ROLES = (Role.MEMBER, Role.LISTENER)


def asked() -> Iterable[tuple[str, Audience, Role, bool]]:
    """Everything that anybody can hear: topic, audience, role and whether it is a teen."""
    topics = set(SAYINGS) | {(f"remind.{topic}", Audience.ROOM) for topic in prompts().topics("remind")}
    topics |= {(f"{group}.{name}", Audience.TO_SENDER) for group in ("rules", "notice") for name in prompts().topics(group)}
    for rung in (*LADDER, REFUSED):
        reasons = tuple(Reason) if "{reason}" in rung.topic else (Reason.OTHER,)
        names = tuple(rule.name.partition("/")[2] for rule in rules().rules if rule.kind in rung.kinds) if "{rule}" in rung.topic else ("",)
        topics |= {(rung.topic.format(reason=reason, rule=name), rung.to) for reason, name in product(reasons, names)}
    topics |= {(topic, audience) for (audience, _), topic in OPENLY.items()}
    for (topic, audience), role, teen in product(sorted(topics), ROLES, (False, True)):
        if audience is Audience.MODERATORS and role is not Role.LISTENER:
            continue
        yield topic, audience, role, teen


def test_every_topic_has_words_for_everybody_who_can_hear_it() -> None:
    """Ladder, commands, buttons and tips never ask for words that are not there."""
    missing = [ask for ask in asked() if prompts().pick(ask[0], ask[1], ask[2], teen=ask[3]) is None]
    assert missing == []


def test_every_prompt_is_asked_for() -> None:
    """No prompt file lies about that nobody would ever see."""
    found = (prompts().pick(topic, audience, role, teen=teen) for topic, audience, role, teen in asked())
    assert {prompt.path for prompt in prompts()} - {prompt.path for prompt in found if prompt is not None} == set()


def test_every_rung_can_be_reached() -> None:
    """No row of the ladder stands behind another that always speaks first."""
    reached: set[Rung] = set()
    drifting = room(MAYA, SAM, person(KIT, ADULT))
    tail = tuple(Said(who, who, NOW, None, (), tuple(signal(kind) for kind in Kind)) for who in ("sam", "kit"))
    often: People = {"maya": PersonMemory(day=day_of(NOW), room_signals=9)}
    rested = Scene(direct(), MAYA, NOW + LIMITS.moment_seconds)
    chats = [after(chat, flirt=1) for chat in (direct(), direct(MAYA, KIT), room(), room(MAYA, KIT, ROBIN), refused_by(direct(), "sam"))]
    chats += [direct(person(MAYA, TEEN), SAM), msgspec.structs.replace(drifting, tail=tail)]
    for kind, certainty, chat, people in product(Kind, (LIKELY, SURE), chats, ({}, often)):
        author = chat.person("maya")
        assert author is not None
        reached |= _rungs(kind, judged([signal(kind, certainty)], chat, author, people=people))
    for kind in Kind:
        topics = {f"{who} {topic}": LATER for who in ("sam", "maya") for topic in (kind.value, "pretext.battery")}
        chat = after(shown(direct(), topics), **{kind.value.replace(".", "_"): 1})
        reached |= _rungs(kind, judged([signal(kind)], chat, rested.author))
    reached |= _rungs(Kind.SEXUAL_INVITE, judged([signal(Kind.SEXUAL_INVITE, LIKELY, rule=CLIMB)], direct(), MAYA))
    for chat in (direct(), room()):
        reached |= _rungs(Kind.CRISIS, judged([LIKE_DANGER], chat, MAYA))
    assert [rung for rung in LADDER if rung not in reached] == []


def _rungs(kind: Kind, decision: Decision) -> set[Rung]:
    topics = {(tell.topic, tell.audience, tell.weight) for tell in decision.tells}
    return {
        rung
        for rung in LADDER
        if kind in rung.kinds and (rung.topic.format(reason=Reason.BATTERY, rule="rule"), rung.to, rung.weight) in topics
    }


def test_the_tables_agree() -> None:
    """Whatever changes a message is explained to its author, and all that is forbidden toward teens is told to both."""
    explained = {kind for rung in LADDER if rung.explains for kind in rung.kinds}
    assert {kind for kind, _, _ in VERDICTS} == explained
    audiences = {Audience.TO_SENDER, Audience.TO_OTHER, Audience.MODERATORS}
    assert {rung.to for rung in LADDER if rung.kinds == TOWARD_TEENS and rung.toward_teen} == audiences
    assert set(STANDING) == set(product(Age, Age))


DETAILS = (signal(Kind.CONTACT_SHARE, LIKELY), signal(Kind.PRETEXT))


def weighed(
    signals: tuple[Signal, ...],
    scene: Scene,
    *,
    doubted: Collection[Kind] = (),
    disputed: Collection[Kind] = (),
    denied: Collection[Kind] = (),
) -> tuple[Signal, ...]:
    """What is left after a second opinion."""
    return weigh(signals, scene, lambda: Doubts(frozenset(doubted), frozenset(disputed), frozenset(denied)))


def test_a_second_opinion_makes_a_hint_of_what_is_likely() -> None:
    """Where the second reader sees nothing, what the rules think likely is a hint; what is sure and details stay as they are.

    An excuse that is sure stays, and is no more than likely then.
    """
    secret = signal(Kind.SECRECY, LIKELY)
    scene = Scene(direct(), MAYA, NOW)
    kept = tuple(msgspec.structs.replace(one, certainty=LIKELY) if one.kind is Kind.PRETEXT else one for one in DETAILS)
    assert weighed((secret, *DETAILS), scene, doubted=tuple(Kind)) == (msgspec.structs.replace(secret, certainty=HINT), *kept)
    assert weighed((secret, *DETAILS), scene) == (secret, *kept)


def test_a_crisis_falls_like_others_but_who_keeps_the_rules_may_be_in_one() -> None:
    """The second reader must find it most improbable; what it merely doubts is asked about. No office and no refusal makes less of it.

    What the rules are sure of stays.
    """
    danger, clear = signal(Kind.CRISIS, LIKELY), signal(Kind.CRISIS)
    assert weighed((clear,), Scene(direct(), MAYA, NOW), doubted=(Kind.CRISIS,), denied=(Kind.CRISIS,)) == (clear,)
    doubted, denied = (weighed((danger,), Scene(direct(), MAYA, NOW), doubted=(Kind.CRISIS,), denied=no) for no in ((), (Kind.CRISIS,)))
    assert (doubted, denied) == ((LIKE_DANGER,), (msgspec.structs.replace(danger, certainty=HINT),))
    assert weighed((danger,), Scene(room(), ROBIN, NOW)) == (danger,)
    assert weighed((danger,), Scene(direct(), SAM, NOW, refuses=Kind.OFFSITE_INVITE)) == (danger,)


def test_where_two_rules_agree_there_is_no_second_opinion() -> None:
    """What an excuse beside it is for is what it is, unless both are disputed; the excuse itself may be another one, or none."""
    invitation, secret = (signal(kind, LIKELY) for kind in (Kind.OFFSITE_INVITE, Kind.SECRECY))
    excuse = signal(Kind.PRETEXT, LIKELY, Reason.BATTERY)
    scene, doubted = Scene(direct(), SAM, NOW), (Kind.PRETEXT, Kind.OFFSITE_INVITE, Kind.SECRECY)
    assert [one.certainty for one in weighed((excuse, invitation, secret), scene, doubted=doubted)] == [HINT, LIKELY, HINT]
    assert [one.certainty for one in weighed((excuse, invitation), scene)] == [LIKELY, LIKELY]
    assert [one.certainty for one in weighed((excuse, secret), scene, doubted=doubted)] == [HINT, HINT]
    assert [one.certainty for one in weighed((invitation,), scene, doubted=doubted)] == [HINT]
    assert [one.certainty for one in weighed((excuse, invitation), scene, doubted=doubted, disputed=doubted)] == [HINT, HINT]
    assert [one.certainty for one in weighed((excuse, invitation), scene, disputed=(Kind.OFFSITE_INVITE,))] == [LIKELY, LIKELY]
    sure = signal(Kind.OFFSITE_INVITE)
    assert [one.certainty for one in weighed((excuse, sure), scene, doubted=doubted, disputed=doubted)] == [HINT, SURE]
    assert [one.certainty for one in weighed((excuse, sure), scene, doubted=doubted, denied=doubted)] == [HINT, HINT]


def test_what_is_sure_falls_only_when_it_is_denied() -> None:
    """A doubt is not enough. Details stay in any case, and a message that is nothing but a wish for them."""
    scene = Scene(direct(), SAM, NOW)
    invited = signal(Kind.OFFSITE_INVITE)
    assert weighed((invited,), scene, doubted=tuple(Kind), disputed=tuple(Kind)) == (invited,)
    assert [one.certainty for one in weighed((invited,), scene, denied=tuple(Kind))] == [HINT]
    for kept in (signal(Kind.CONTACT_SHARE), signal(Kind.CONTACT_REQUEST)):
        assert weighed((kept,), scene, doubted=tuple(Kind), disputed=tuple(Kind), denied=tuple(Kind)) == (kept,)


def test_a_move_that_is_spoken_of_anyway_keeps_its_other_names() -> None:
    """Where one move stands, the others are called what they are; a reason that is doubted is not answered all the same."""
    scene = Scene(direct(), SAM, NOW)
    invite, asked, excuse = (signal(kind, LIKELY) for kind in (Kind.OFFSITE_INVITE, Kind.CONTACT_REQUEST, Kind.PRETEXT))

    details = signal(Kind.CONTACT_SHARE, LIKELY)

    kept = weighed((invite, asked), scene, doubted=(Kind.CONTACT_REQUEST,))
    gone = weighed((invite, asked), scene, doubted=(Kind.CONTACT_REQUEST, Kind.OFFSITE_INVITE))
    misled = weighed((details, excuse), scene, doubted=(Kind.PRETEXT,))

    assert [one.certainty for one in kept] == [LIKELY, LIKELY]
    assert [one.certainty for one in gone] == [HINT, HINT]
    assert [one.certainty for one in misled] == [LIKELY, HINT]


def test_a_second_opinion_is_asked_for_only_where_it_matters() -> None:
    """It costs time, so nobody asks for it if nothing can come of it."""

    def never() -> NoReturn:
        raise AssertionError("nobody should ask")

    scene = Scene(direct(), MAYA, NOW)
    beyond_doubt = (signal(Kind.CONTACT_SHARE, LIKELY), signal(Kind.CRISIS), signal(Kind.SECRECY, HINT))
    assert weigh(beyond_doubt, scene, never) == beyond_doubt
    assert weigh((), scene, never) == ()


def test_who_keeps_others_from_it_speaks_of_it() -> None:
    """A moderator in a room, or somebody who says no to an excuse, names what the rules look for; what is sure stays sure."""
    excuse, invitation = signal(Kind.PRETEXT, LIKELY), signal(Kind.OFFSITE_INVITE, LIKELY)
    sure = signal(Kind.OFFSITE_INVITE)
    hints = tuple(msgspec.structs.replace(one, certainty=HINT) for one in (excuse, invitation))
    assert weighed((excuse, invitation, sure), Scene(room(), ROBIN, NOW)) == (*hints, sure)
    assert weighed((excuse, invitation), Scene(direct(MAYA, ROBIN), ROBIN, NOW)) == (excuse, invitation)
    assert weighed((excuse, invitation), Scene(direct(), SAM, NOW, refuses=Kind.OFFSITE_INVITE)) == (hints[0], invitation)


@pytest.mark.parametrize(
    ("before", "back", "likely"),
    [
        ([("maya", Kind.PRETEXT, HINT)], 0, True),
        ([("maya", Kind.PRETEXT, LIKELY)], 0, True),
        ([("maya", Kind.OFFSITE_INVITE, HINT)], 0, False),
        ([("sam", Kind.PRETEXT, HINT)], 0, False),
        ([("maya", Kind.FLIRT, LIKELY)], 0, False),
        ([("maya", Kind.CONTACT_SHARE, HINT)], 0, False),
        ([("maya", Kind.PRETEXT, HINT)], LIMITS.gather_messages, False),
    ],
)
def test_two_hints_of_moves_make_a_likely_one(before: list[tuple[str, Kind, Certainty]], back: int, *, likely: bool) -> None:
    """An obstacle hinted at, and then an opening, by the same person and a few messages apart."""
    tail = [Said("x", who, NOW, None, (), (signal(kind, certainty),)) for who, kind, certainty in before]
    tail += [Said("y", "sam", NOW, None)] * back
    scene = Scene(msgspec.structs.replace(direct(), tail=tuple(tail)), MAYA, NOW)
    (seen,) = weighed((signal(Kind.OFFSITE_INVITE, HINT),), scene)
    assert (seen.certainty is LIKELY) is likely
    (details,) = weighed((signal(Kind.CONTACT_SHARE, HINT),), scene)
    assert details.certainty is HINT


def test_hints_do_not_add_up_against_a_second_opinion() -> None:
    """Not where it denies the kind, not by a hint that was likely until it doubted, and not by what it hints at itself."""
    tail = (Said("x", "maya", NOW, None, (), (signal(Kind.PRETEXT, HINT),)),)
    scene = Scene(msgspec.structs.replace(direct(), tail=tail), MAYA, NOW)
    hint, likely = (signal(Kind.OFFSITE_INVITE, certainty) for certainty in (HINT, LIKELY))
    own = msgspec.structs.replace(hint, reader="learned")
    assert [one.certainty for one in weighed((hint,), scene, doubted=tuple(Kind))] == [LIKELY]
    assert [one.certainty for one in weighed((hint,), scene, denied=tuple(Kind))] == [HINT]
    assert [one.certainty for one in weighed((likely,), scene, doubted=tuple(Kind))] == [HINT]
    assert [one.certainty for one in weighed((own,), scene)] == [HINT]


STEPS = ("a/ask", "a/body", "a/with")


def climbing(*steps: str, author: str = "maya") -> Chat:
    """A chat in which somebody has taken steps before."""
    tail = tuple(Said("x", author, NOW, None, (), (signal(Kind.SEXUAL_INVITE, HINT, rule=step),)) for step in steps)
    return msgspec.structs.replace(direct(), tail=tail)


@pytest.mark.parametrize(
    ("before", "step", "climbs"),
    [
        (STEPS[:2], STEPS[2], True),
        (STEPS[1:], STEPS[0], True),
        (STEPS[:1], STEPS[1], False),
        ((STEPS[0], STEPS[0]), STEPS[0], False),
        (STEPS, STEPS[2], False),
    ],
)
def test_a_topic_that_climbs_is_seen_as_a_climb(before: tuple[str, ...], step: str, *, climbs: bool) -> None:
    """Steps of different sorts by one person, and once: then who listens hears of it, and nobody else; nothing is held or counted."""
    for author, seen in (("maya", climbs), ("sam", False)):
        scene = Scene(climbing(*before, author=author), MAYA, NOW)
        signals = weighed((signal(Kind.SEXUAL_INVITE, HINT, rule=step),), scene)
        decision = temper(decide(signals, scene), scene, scene.chat.memory.shown)
        assert told(decision) == ({"to-other": "unclear"} if seen else {})
        assert (decision.verdict, decision.concerns, countable(signals)) == (Verdict.DELIVER, (), ())


@pytest.mark.parametrize("before", range(LIMITS.compliments + 1))
def test_a_kind_word_is_nothing_and_many_are_an_advance(before: int) -> None:
    """From the third on its author is coached, and the other side hears of the one after that; somebody else's words don't add up."""
    tail = tuple(Said("x", "maya", NOW, None, (), (signal(Kind.FLIRT, HINT),)) for _ in range(before))
    chat = msgspec.structs.replace(direct(), tail=tail)
    (seen,) = weighed((signal(Kind.FLIRT, HINT),), Scene(chat, MAYA, NOW))
    assert (seen.certainty is LIKELY) is (before + 1 >= LIMITS.compliments)
    (theirs,) = weighed((signal(Kind.FLIRT, HINT),), Scene(chat, SAM, NOW))
    assert theirs.certainty is HINT
