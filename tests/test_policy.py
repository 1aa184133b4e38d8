"""Policy, tested by signals without any text: who hears what, what is held or hidden, what people look at, and in which mode."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import NoReturn

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, ROBIN, SAM, direct, person, prompts, room, signal

from bot.model import MOVES, Age, Audience, Certainty, Chat, ChatKind, Kind, Person, Reason, Role, Signal, Verdict
from bot.policy import (
    LADDER,
    NOTHING,
    QUIET_SECONDS,
    TOWARD_TEENS,
    VERDICTS,
    Decision,
    Mode,
    Modes,
    Rung,
    countable,
    decide,
    is_toward_teen,
    permit,
    weigh,
)

LIKELY, SURE, HINT = Certainty.LIKELY, Certainty.SURE, Certainty.HINT
ADULT, TEEN, UNKNOWN = Age.ADULT, Age.TEEN, Age.UNKNOWN


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
    decision = decide(signals, direct(), MAYA, NOW)
    assert told(decision) == {"to-sender": sender} | ({"to-other": other} if other else {})
    assert decision.verdict is verdict


@given(st.lists(st.sampled_from(Kind), max_size=6), st.sampled_from([direct(), room(), direct(MAYA, KIT)]))
def test_hints_do_nothing(kinds: list[Kind], chat: Chat) -> None:
    """A hint is shown to nobody, holds nothing and opens nothing."""
    assert decide([signal(kind, HINT) for kind in kinds], chat, MAYA, NOW) is NOTHING


def test_a_room_is_told_nothing_but_the_author_and_the_moderators() -> None:
    """In a room no bystander hears of anything; moderators hear of a crisis."""
    for kind in Kind:
        audiences = {tell.audience for tell in decide([signal(kind)], room(), MAYA, NOW).tells}
        assert Audience.TO_OTHER not in audiences
    (moderators,) = (tell for tell in decide([signal(Kind.CRISIS)], room(), MAYA, NOW).tells if tell.audience is Audience.MODERATORS)
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
    """The author alone is the sender, never among the others; each audience hears of one topic; moderators are moderators."""
    author = chat.people[0]
    decision = decide(signals, chat, author, NOW)
    assert len({tell.audience for tell in decision.tells}) == len(decision.tells)
    for tell in decision.tells:
        assert tell.to
        assert (author in tell.to) is (tell.audience is Audience.TO_SENDER)
        assert tell.audience is not Audience.MODERATORS or {one.role for one in tell.to} == {Role.MODERATOR}


@given(ALL_SIGNALS, CHATS)
def test_no_case_is_ever_about_a_teen_or_a_crisis(signals: list[Signal], chat: Chat) -> None:
    """Only an adult, or somebody of unknown age, who wrote to a teen is looked at, and never for a crisis."""
    author = chat.people[0]
    for concern in decide(signals, chat, author, NOW).concerns:
        assert concern.about == author.id
        assert author.age is not TEEN
        assert any(one.age is TEEN for one in chat.others(author.id))
        assert Kind.CRISIS not in (concern.kind, *concern.kinds)


@given(ALL_SIGNALS, CHATS)
def test_a_crisis_lifts_the_hold_but_not_the_mask(signals: list[Signal], chat: Chat) -> None:
    """Beside a crisis nothing is held and nobody is scolded; details stay hidden."""
    signals = [*signals, signal(Kind.CRISIS, LIKELY)]
    decision = decide(signals, chat, chat.people[0], NOW)
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
    decision = decide([signal(kind)], chat, writer, NOW)
    assert is_toward_teen(chat, writer) is toward
    assert [(concern.about, concern.kind) for concern in decision.concerns] == ([("sam", kind)] if toward else [])
    assert ("teen" in told(decision).values()) is toward


def test_a_case_tells_its_kinds_in_order() -> None:
    """The kind that was surest stands first, then those that count, each once, the same way every time."""
    signals = [signal(Kind.SECRECY), signal(Kind.PRETEXT), signal(Kind.CONTACT_REQUEST), signal(Kind.PRETEXT)]
    (concern,) = decide(signals, direct(KIT, SAM), SAM, NOW).concerns
    assert concern.kinds == (Kind.SECRECY, Kind.PRETEXT, Kind.CONTACT_REQUEST)


@pytest.mark.parametrize("chat", [direct(KIT, SAM), room(KIT, SAM, ROBIN)], ids=["direct", "room"])
def test_a_crisis_does_not_hide_what_an_adult_does(chat: Chat) -> None:
    """Details given to a teen are looked at also when moderators hear of a crisis in the same message first."""
    (concern,) = decide([signal(Kind.CRISIS), signal(Kind.CONTACT_SHARE)], chat, SAM, NOW).concerns
    assert (concern.about, concern.kinds) == ("sam", (Kind.CONTACT_SHARE,))


def test_in_a_room_with_a_teen_only_the_teen_hears_the_words_for_teens() -> None:
    """The adult bystander of a room does not get the teen's words."""
    decision = decide([signal(Kind.CONTACT_REQUEST)], room(MAYA, SAM, KIT, ROBIN), MAYA, NOW)
    to = {tell.audience: tell.to for tell in decision.tells}
    assert to == {Audience.TO_SENDER: (MAYA,), Audience.TO_OTHER: (KIT,), Audience.MODERATORS: (ROBIN,)}


@pytest.mark.parametrize(("ago", "heard"), [(0, False), (QUIET_SECONDS - 1, False), (QUIET_SECONDS, True)])
def test_nobody_hears_the_same_twice_within_the_quiet_time(ago: float, *, heard: bool) -> None:
    """A topic just shown to somebody is not shown again; the other side, which has not seen it, hears it."""
    chat = direct()
    chat = msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, shown={"maya secrecy": NOW - ago}))
    assert ("to-sender" in told(decide([signal(Kind.SECRECY)], chat, MAYA, NOW))) is heard
    assert "to-other" in told(decide([signal(Kind.SECRECY)], chat, MAYA, NOW))


def test_a_new_excuse_is_answered_beside_one_that_just_was() -> None:
    """Of two pretexts the one that has not been answered yet gets its answer."""
    chat = direct()
    shown = {"sam pretext.battery": NOW, "maya pretext.battery": NOW}
    chat = msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, shown=shown))
    signals = [signal(Kind.PRETEXT, SURE, Reason.BATTERY), signal(Kind.PRETEXT, LIKELY, Reason.PRIVACY)]
    assert told(decide(signals, chat, MAYA, NOW)) == {"to-sender": "pretext.privacy", "to-other": "pretext.privacy"}


def test_the_other_side_hears_of_the_second_flirt() -> None:
    """A first advance is for its author to hear about; from the second on the other side hears too."""
    first, second = direct(), after(direct(), flirt=1)
    assert told(decide([signal(Kind.FLIRT)], first, MAYA, NOW)) == {"to-sender": "flirt"}
    assert told(decide([signal(Kind.FLIRT)], second, MAYA, NOW)) == {"to-sender": "flirt", "to-other": "flirt"}
    assert told(decide([signal(Kind.FLIRT)], second, SAM, NOW)) == {"to-sender": "flirt"}


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
        (Modes(default=Mode.OFF, kinds={"flirt": Mode.ON}), Mode.ON),
        (Modes(kinds={"flirt": Mode.SHADOW}), Mode.SHADOW),
        (Modes(kinds={"secrecy": Mode.OFF}), Mode.ON),
        (Modes(kinds={"flirt": Mode.ON}, rooms={"c1": Mode.SHADOW}), Mode.SHADOW),
        (Modes(kinds={"flirt": Mode.SHADOW}, roles={"member": Mode.OFF}), Mode.OFF),
        (Modes(rooms={"c2": Mode.OFF}, roles={"listener": Mode.OFF}), Mode.ON),
    ],
)
def test_the_most_careful_mode_wins(modes: Modes, mode: Mode) -> None:
    """Off goes before shadow, shadow before on; the default holds where nothing else is said."""
    assert modes.of(Kind.FLIRT, "c1", Role.MEMBER) is mode


@given(ALL_SIGNALS, CHATS, st.dictionaries(st.sampled_from(Kind), st.sampled_from(Mode)))
def test_modes_split_and_add_nothing(signals: list[Signal], chat: Chat, kinds: dict[str, Mode]) -> None:
    """What is done and what would have been done never overlap, and both come from the decision alone."""
    author = chat.people[0]
    decision = decide(signals, chat, author, NOW)
    done, would = permit(decision, Modes(kinds=kinds), chat, author)
    for part, mode in ((done, Mode.ON), (would, Mode.SHADOW)):
        assert part.tells == tuple(tell for tell in decision.tells if kinds.get(tell.kind, Mode.ON) is mode)
        assert part.masks == tuple(mask for mask in decision.masks if kinds.get(mask.kind, Mode.ON) is mode)
        assert part.concerns == tuple(concern for concern in decision.concerns if kinds.get(concern.kind, Mode.ON) is mode)
        assert part.verdict.rank <= decision.verdict.rank
        assert (part.verdict is Verdict.HOLD) is (part.held_for is not None)


@given(ALL_SIGNALS, CHATS)
def test_off_is_silence(signals: list[Signal], chat: Chat) -> None:
    """With everything off nothing is done and nothing would have been."""
    author = chat.people[0]
    done, would = permit(decide(signals, chat, author, NOW), Modes(default=Mode.OFF), chat, author)
    assert done == would == Decision()


def test_a_held_message_is_only_masked_when_the_hold_is_off() -> None:
    """Each verdict falls under its own kind's mode."""
    signals = [signal(Kind.SEXUAL_INVITE), signal(Kind.CONTACT_SHARE)]
    done, would = permit(decide(signals, direct(), MAYA, NOW), Modes(kinds={"sexual.invite": Mode.SHADOW}), direct(), MAYA)
    assert (done.verdict, would.verdict) == (Verdict.MASK, Verdict.HOLD)


# --- every word that can be asked for is there, and every word that is there can be asked for ------------------------

SAYINGS = {
    (topic, Audience.TO_SENDER) for topic in ("rules", "panel", "mod", "report.filed", "report.undone", "refer.done", "wrong.noted")
} | {("mod", Audience.MODERATORS), ("tip", Audience.TO_OTHER), ("tip.short", Audience.TO_OTHER)}
"""What commands, buttons and tips say, beside the ladder."""

BY_LISTENERS_ONLY = {"refer.done"}
ROLES = (Role.MEMBER, Role.LISTENER)


def asked() -> Iterable[tuple[str, Audience, Role, bool]]:
    """Everything that anybody can hear: topic, audience, role and whether it is a teen."""
    topics = set(SAYINGS) | {(f"remind.{topic}", Audience.ROOM) for topic in prompts().topics("remind")}
    for rung in LADDER:
        reasons = tuple(Reason) if "{reason}" in rung.topic else (Reason.OTHER,)
        topics |= {(rung.topic.format(reason=reason), rung.to) for reason in reasons}
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
    chats = [after(chat, flirt=1) for chat in (direct(), direct(MAYA, KIT), room(), room(MAYA, KIT, ROBIN))]
    for kind, certainty, chat in product(Kind, (LIKELY, SURE), chats):
        topics = {(tell.topic, tell.audience) for tell in decide([signal(kind, certainty)], chat, MAYA, NOW).tells}
        for rung in LADDER:
            if kind in rung.kinds and (rung.topic.format(reason=Reason.BATTERY), rung.to) in topics:
                reached.add(rung)
    assert [rung for rung in LADDER if rung not in reached] == []


def test_the_tables_agree() -> None:
    """Whatever changes a message is explained to its author, and all that is forbidden toward teens is told to both."""
    explained = {kind for rung in LADDER if rung.to is Audience.TO_SENDER for kind in rung.kinds}
    assert {kind for kind, _, _ in VERDICTS} <= explained
    assert {rung.to for rung in LADDER if rung.kinds == TOWARD_TEENS} == {Audience.TO_SENDER, Audience.TO_OTHER, Audience.MODERATORS}


DETAILS = (signal(Kind.CONTACT_SHARE, LIKELY), signal(Kind.CRISIS, LIKELY), signal(Kind.PRETEXT))


def test_a_second_opinion_makes_a_hint_of_what_is_likely() -> None:
    """Where the second reader sees nothing, what the rules think likely is a hint; what is sure, a crisis or details stay as they are."""
    secret = signal(Kind.SECRECY, LIKELY)
    weighed = weigh((secret, *DETAILS), lambda: True)
    assert weighed == (msgspec.structs.replace(secret, certainty=HINT), *DETAILS)
    assert weigh((secret, *DETAILS), lambda: False) == (secret, *DETAILS)


def test_a_second_opinion_is_asked_for_only_where_it_matters() -> None:
    """It costs time, so nobody asks for it if nothing can come of it."""

    def never() -> NoReturn:
        raise AssertionError("nobody should ask")

    assert weigh(DETAILS, never) == DETAILS
    assert weigh((), never) == ()
