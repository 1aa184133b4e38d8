"""Composing: who must have said what, how long ago, and what takes it back."""

from __future__ import annotations

import msgspec
import pytest
from make import cue, said

from bot.compose import READER, Composer
from bot.model import Certainty, Cue, Kind, Role, Said, Signal
from bot.rule import By, Examples, Rule, Rules, When
from bot.spot import UNREAD

A, B, NO = cue("a"), cue("b"), cue("no")


def composer(*whens: When) -> Composer:
    """Give a composer with one rule."""
    return Composer(Rules({}, (Rule("flirt/test", Kind.FLIRT, None, "", whens, Examples((), ())),)))


def when(
    *groups: str, by: By = By.SAME_MESSAGE, within: int = 6, certainty: Certainty = Certainty.LIKELY, roles: tuple[Role, ...] = ()
) -> When:
    """Write a condition; ``no`` is its exception."""
    return When(certainty, tuple(frozenset(group.split("|")) for group in groups), by, within, frozenset({"no"}), roles)


def holds(condition: When, now: tuple[Cue, ...], *tail: Said) -> bool:
    """Whether a rule with this condition speaks on a message of ``me`` with these cues."""
    return bool(composer(condition).compose(now, tail, "me", Role.MEMBER))


MINE, THEIRS = said("me", A), said("you", A)


@pytest.mark.parametrize(
    ("by", "alone", "mine", "theirs", "without_the_first"),
    [
        (By.SAME_MESSAGE, True, False, False, False),
        (By.SAME_PERSON, True, True, False, True),
        (By.OTHER_PERSON, False, False, False, False),
        (By.ANYONE, True, True, True, True),
    ],
)
def test_who_must_have_said_it(by: By, *, alone: bool, mine: bool, theirs: bool, without_the_first: bool) -> None:
    """Both cues in one message, the first by the same person before, the first by the other before: each way counts where it should."""
    condition = when("a", "b", by=by)
    assert holds(condition, (A, B)) is alone
    assert holds(condition, (B,), MINE) is mine
    assert holds(condition, (B,), THEIRS) is theirs
    assert holds(condition, (A,), said("me", B)) is without_the_first
    assert not holds(condition, (B,))


def test_the_other_person_must_have_begun() -> None:
    """With ``other person`` the first cue is said now and the rest by somebody else before, and not the other way round."""
    condition = when("b", "a", by=By.OTHER_PERSON)
    assert holds(condition, (B,), THEIRS)
    assert not holds(condition, (B,), MINE)
    assert not holds(condition, (A,), said("you", B))
    assert not holds(condition, (B, A))


@pytest.mark.parametrize(("within", "between", "speaks"), [(0, 0, False), (1, 0, True), (1, 1, False), (3, 2, True), (3, 3, False)])
@pytest.mark.parametrize("by", [By.SAME_PERSON, By.ANYONE])
def test_within_counts_messages_back(by: By, within: int, between: int, *, speaks: bool) -> None:
    """A cue counts from as many messages back as the rule says, everybody's messages counted."""
    tail = (MINE, *(said("you") for _ in range(between)))
    assert holds(when("a", "b", by=by, within=within), (B,), *tail) is speaks


def test_an_exception_reaches_only_its_own_sentence() -> None:
    """Telling or refusing in one sentence takes nothing away from another, in the message and in the tail."""
    condition = when("a", by=By.SAME_MESSAGE)
    assert not holds(condition, (NO, A))
    assert holds(condition, (cue("no", 0), cue("a", 1)))
    assert holds(condition, (NO, A, cue("a", 1, 9)))
    before = when("a", "b", by=By.SAME_PERSON)
    assert not holds(before, (B,), said("me", NO, A))
    assert holds(before, (B,), said("me", NO, cue("a", 1)))
    assert holds(before, (B, cue("no", 1)), said("me", A))


def test_what_stands_anywhere_in_the_message_can_forbid() -> None:
    """``without`` reaches over the sentences of the message, and not into earlier ones."""
    bare = when("a")
    condition = When(bare.certainty, bare.groups, bare.by, bare.within, bare.none, bare.roles, frozenset({"b"}))
    assert holds(condition, (A,))
    assert not holds(condition, (A, cue("b", 1)))
    assert holds(condition, (A,), said("me", B))


@pytest.mark.parametrize(("apart", "speaks"), [(0, True), (20, True), (21, False)])
@pytest.mark.parametrize("turned", [False, True])
def test_in_a_long_message_it_may_have_to_stand_near(apart: int, *, speaks: bool, turned: bool) -> None:
    """With ``near`` the parts stand no further apart than that, in whatever order."""
    condition = msgspec.structs.replace(when("b", "a") if turned else when("a", "b"), near=20)
    assert holds(condition, (Cue("a", 0, 5, 0), Cue("b", 5 + apart, 9 + apart, 1))) is speaks


def test_what_stands_near_is_the_signal() -> None:
    """Of several places of the first cue those count that have the other one near them."""
    condition = msgspec.structs.replace(when("a", "b"), near=20)
    cues = (Cue("a", 0, 5, 0), Cue("a", 300, 305, 1), Cue("b", 310, 315, 1))
    assert [signal.start for signal in composer(condition).compose(cues, (), "me", Role.MEMBER)] == [300]


def test_the_first_condition_that_holds_decides() -> None:
    """Conditions are tried in order, and the certainty is that of the first to hold."""
    both = composer(when("a", "b", certainty=Certainty.SURE), when("a"))
    assert [signal.certainty for signal in both.compose((A, B), (), "me", Role.MEMBER)] == [Certainty.SURE]
    assert [signal.certainty for signal in both.compose((A,), (), "me", Role.MEMBER)] == [Certainty.LIKELY]


def test_a_condition_may_be_about_a_role() -> None:
    """What only a listener may not do is nothing when a member does it."""
    listeners = composer(when("a", roles=(Role.LISTENER,)))
    assert listeners.compose((A,), (), "me", Role.LISTENER)
    assert not listeners.compose((A,), (), "me", Role.MEMBER)


def spoke(certainty: Certainty) -> tuple[Signal, ...]:
    """The test's rule, as it spoke on an earlier message."""
    return (Signal(Kind.FLIRT, READER, "flirt/test", certainty),)


def test_an_excuse_answered_once_is_not_counted_again() -> None:
    """After a rule has spoken, the cues it rested on set it off no more; the same excuse made again does."""
    condition = when("a", "b", by=By.SAME_PERSON)
    answered = said("me", B, signals=spoke(Certainty.LIKELY))
    assert holds(condition, (B,), MINE)
    assert not holds(condition, (B,), MINE, answered)
    assert not holds(condition, (A,), MINE, answered)
    assert holds(condition, (B,), MINE, answered, MINE)


def test_a_hint_answers_nothing() -> None:
    """A hint is shown to nobody, so the excuse it saw still counts when the rest of it comes."""
    whens = (when("a", "b", by=By.SAME_PERSON), when("a", certainty=Certainty.HINT))
    signals = composer(*whens).compose((B,), (said("me", A, signals=spoke(Certainty.HINT)),), "me", Role.MEMBER)
    assert [signal.certainty for signal in signals] == [Certainty.LIKELY]


def test_each_place_is_a_signal_of_its_own() -> None:
    """Two details are two signals; cues over one another are one that covers both."""
    cues = (Cue("a", 0, 5, 0), Cue("b", 3, 9, 0, disguised=True), Cue("a", 20, 25, 0))
    signals = composer(when("a|b")).compose(cues, (), "me", Role.MEMBER)
    assert [(signal.start, signal.end, signal.disguised) for signal in signals] == [(0, 9, True), (20, 25, False)]


def test_a_signal_says_where_it_comes_from() -> None:
    """Reader, rule and kind stand in the signal."""
    (signal,) = composer(when("a")).compose((A,), (), "me", Role.MEMBER)
    assert (signal.reader, signal.rule, signal.kind, signal.reason) == (READER, "flirt/test", Kind.FLIRT, None)


def test_without_cues_there_are_no_signals() -> None:
    """A plain message concludes nothing, whatever was said before."""
    assert composer(when("a", by=By.ANYONE)).compose((), (MINE,), "me", Role.MEMBER) == ()


def test_a_message_that_could_not_be_read_to_its_end_is_a_hint() -> None:
    """A search that took too long is no way to hide: it is counted, and shown to nobody."""
    unread = Cue(UNREAD, 0, 1, 0)

    signals = Composer(Rules({}, ())).compose([unread], (), "sam", Role.MEMBER)

    assert [(signal.kind, signal.certainty) for signal in signals] == [(Kind.CONTACT_SHARE, Certainty.HINT)]


def test_where_a_detail_began_is_found_in_the_tail() -> None:
    """The pieces before the message that completes them, as far back as the rule reaches; nothing of what it was not about."""
    rule = Rule(
        "contact.share/test", Kind.CONTACT_SHARE, None, "", (when("number.more", "number.start", by=By.ANYONE, within=2),), Examples((), ())
    )
    compose = Composer(Rules({}, (rule,)))
    start, other, more = cue("number.start"), cue("opening.app"), cue("number.more")
    tail = (said("me", start), said("you", start, other), said("me", more, cue("number.start", 0, 7)))
    signals = compose.compose((more,), tail, "me", Role.MEMBER)
    assert [(one.author, [(found.name, found.start) for found in cues]) for one, cues in compose.begun(signals, tail, "me")] == [
        ("you", [("number.start", 0)]),
        ("me", [("number.more", 0), ("number.start", 7)]),
    ]
    assert compose.begun((), tail, "me") == ()
    assert compose.begun(signals, (), "me") == ()
