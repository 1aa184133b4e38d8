"""The third reader: asked where the others are in doubt, heard when nobody waits, and never needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import BATTERY, KIT, MAYA, NOW, SAM, assistant, chance, direct, person, say
from oracles import HIGH, LOW, StandIn, believing, shipped, thinking, with_readers

from bot.assistant import Assistant
from bot.learned import SEMANTIC, Reading, Semantic, Turn, Weighing, Weight, segments
from bot.learned.marks import LONGEST, LONGEST_TURN
from bot.model import Age, Answer, Certainty, Chat, Insight, Kind, Message, Reason, Role, Signal, Verdict

PLAIN = "the kettle is on and the door is open"
LIKELY = "so what's your insta then"
"""What the rules find likely, and the second reader as well."""


def heard(known: Assistant, chat: Chat, text: str, author: str = "sam") -> tuple[Answer, Chat]:
    """Say something to an assistant."""
    answer, chat, _ = known.hear(Message("m0", chat.id, author, text, NOW), chat, {}, NOW, chance())
    return answer, chat


def again(known: Assistant, chat: Chat) -> tuple[Answer, Chat]:
    """Look at it again, as it is done when the answer is on its way."""
    answer, chat, _ = known.hear(Insight(chat.id, "m0", known.look_again(chat, "m0").signals), chat, {}, NOW, chance())
    return answer, chat


def certainties(signals: tuple[Signal, ...]) -> dict[Kind, Certainty]:
    """How certain each kind is."""
    return {signal.kind: signal.certainty for signal in signals}


# --- what it gets ----------------------------------------------------------------------------------------------------


def test_the_encoder_reads_who_says_what_and_what_came_before_the_latest_first() -> None:
    """Roles and sides are words, so that one text holds everything."""
    turns = (Turn(own=True, text="first"), Turn(own=False, text="second"), Turn(own=True, text="third"))
    assert segments(Reading("now", Role.LISTENER, turns)) == ("listener : now", "same : third other : second")
    assert segments(Reading("now", Role.MEMBER, (Turn(own=False, text=None),))) == ("member : now", "")


@given(st.text(max_size=3_000), st.lists(st.builds(Turn, st.booleans(), st.none() | st.text(max_size=900)), max_size=4).map(tuple))
@settings(max_examples=60, deadline=None)
def test_what_it_reads_is_bounded(text: str, turns: tuple[Turn, ...]) -> None:
    """However long a message is, and what came before it."""
    words, before = segments(Reading(text, Role.MEMBER, turns))
    assert len(words) <= LONGEST + len("member :  ")
    assert len(before) <= 2 * (LONGEST_TURN + len(" other : "))


# --- what it makes of it ---------------------------------------------------------------------------------------------


def test_two_scores_become_one_chance() -> None:
    """Each kind weighs the second reader's word, the encoder's, and where it begins; thresholds are chances."""
    learned = shipped()
    reading = Reading("send me a selfie so i can see you", Role.LISTENER)
    first = learned.log_odds(reading)
    weight = Weight(learned=0.5, encoder=2.0, offset=-1.0, likely=0.6, hint=0.3, certain=0.9)
    scores = [0.25 * place - 1 for place in range(len(Kind))]
    seen = Semantic(learned, Weighing(dict.fromkeys(Kind, weight), 0.1, 0), lambda _: scores).chances(reading)
    for kind, score in zip(Kind, scores, strict=True):
        assert seen[kind] == pytest.approx(1 / (1 + 2.718281828 ** -(0.5 * first[kind] + 2 * score - 1)), rel=1e-4)


def test_what_nobody_suspects_is_not_given_to_the_encoder() -> None:
    """It costs time: it is asked where the rules saw something or the second reader does not rule it out."""
    semantic = believing(StandIn("kettle", Kind.OFFSITE_INVITE), doubtful=0.5)
    assert not semantic.is_doubtful(Reading("thanks for listening", Role.MEMBER))
    assert semantic.is_doubtful(Reading("send me a selfie so i can see who i'm talking to", Role.LISTENER))
    assert semantic.is_doubtful(Reading("thanks", Role.MEMBER, kinds=frozenset({Kind.SECRECY})))
    assert not believing(StandIn("x")).is_doubtful(Reading("  ", Role.MEMBER))


def test_it_is_never_sure() -> None:
    """As with all likeness: what it sees is likely at most, and binds nobody."""
    seen = believing(StandIn("kettle", *Kind)).read(Reading(PLAIN, Role.LISTENER))
    assert {one.kind for one in seen} == set(Kind)
    assert {(one.reader, one.certainty) for one in seen} == {(SEMANTIC, Certainty.LIKELY)}
    assert isinstance(next(one for one in seen if one.kind is Kind.PRETEXT).reason, Reason)


# --- down the street -------------------------------------------------------------------------------------------------


def test_what_only_the_encoder_sees_is_told_after_the_answer() -> None:
    """No word of it in the answer, then one for each side."""
    known = thinking(StandIn("kettle", Kind.OFFSITE_INVITE))
    answer, chat = heard(known, direct(), PLAIN)
    assert answer == Answer()
    later, _ = again(known, chat)
    assert sorted(nudge.audience.value for nudge in later.nudges) == ["to-other", "to-sender"]


def test_what_is_only_likely_waits_for_its_word() -> None:
    """The rules' likely is a hint until the encoder has been asked: then it stands under the rule's own name, or falls."""
    for encoder, stands in ((StandIn("insta", Kind.CONTACT_REQUEST), True), (StandIn("insta"), False)):
        known = thinking(encoder, certain=1.0)
        answer, chat = heard(known, direct(), LIKELY)
        assert certainties(answer.signals)[Kind.CONTACT_REQUEST] is Certainty.HINT
        assert not answer.nudges
        later, chat = again(known, chat)
        assert bool(later.nudges) is stands
        if stands:
            (rule,) = {signal.rule for signal in answer.signals if signal.kind is Kind.CONTACT_REQUEST}
            assert {(signal.reader, signal.rule) for signal in later.signals} == {(SEMANTIC, rule)}
            assert chat.memory.signals == {"sam contact.request": 1}


def test_of_what_the_second_reader_is_certain_is_spoken_at_once() -> None:
    """The answer itself has the nudges, as without the third reader."""
    answer, _ = heard(thinking(StandIn("insta"), certain=0.0), direct(), LIKELY)
    assert answer.nudges


def test_verdicts_wait_for_nobody() -> None:
    """A detail is masked, and what is sure stands, whatever the encoder thinks of it."""
    known = thinking(StandIn("nothing"), certain=1.0)
    answer, chat = heard(known, direct(), "call me on 07700 900123")
    assert answer.verdict is Verdict.MASK
    assert answer.nudges
    later, _ = again(known, chat)
    assert later.verdict is Verdict.DELIVER
    assert later.signals == ()


def test_toward_a_teen_nothing_waits() -> None:
    """What the rules find likely may open a case there, as without the third reader."""
    known, without = thinking(StandIn("nothing"), certain=1.0), with_readers(assistant(), shipped())
    chat = direct(person(SAM, Age.ADULT), KIT)
    answer, _ = heard(known, chat, LIKELY)
    assert answer.concerns
    assert answer == heard(without, chat, LIKELY)[0]


def test_a_crisis_does_not_wait() -> None:
    """What the rules think likely is told at once; the encoder may only add to it."""
    known, without = thinking(StandIn("nothing"), certain=1.0), with_readers(assistant(), shipped())
    text = "i don't want to be alive any more"
    answer, chat = heard(known, direct(), text, "maya")
    assert Kind.CRISIS in {nudge.prompt.partition("/")[0] for nudge in answer.nudges}
    assert answer == heard(without, direct(), text, "maya")[0]
    assert not again(known, chat)[0].nudges


def test_where_the_encoder_cannot_be_asked_the_second_readers_word_stands() -> None:
    """What was held over is spoken of if the second reader alone would not have doubted it, and it adds what it sees itself."""
    semantic = believing(StandIn("insta", fails=True), certain=1.0)
    known = with_readers(assistant(), semantic.learned, semantic)
    without = with_readers(assistant(), semantic.learned)
    for text in (LIKELY, BATTERY, "send me a selfie so i can see who i'm talking to", PLAIN, "thanks for listening"):
        answer, chat = heard(known, direct(), text)
        reading = known.reading(chat, "m0")
        assert reading is not None
        later = {one.kind for one in semantic.without_encoder(reading) if one.certainty is Certainty.LIKELY}
        at_once = {kind for kind, how in certainties(answer.signals).items() if how is not Certainty.HINT}
        plain, chat = heard(without, direct(), text)
        alone = {
            kind for kind, how in certainties(plain.signals + without.look_again(chat, "m0").signals).items() if how is not Certainty.HINT
        }
        assert at_once | later >= alone


@given(st.sets(st.sampled_from(Kind)), st.sampled_from([LIKELY, BATTERY, PLAIN, "call me on 07700 900123", "hello"]))
@settings(max_examples=40, deadline=None)
def test_whatever_the_encoder_sees_it_binds_nobody(kinds: set[Kind], text: str) -> None:
    """The verdict is that of the rules, and no case is opened for its sake."""
    known = thinking(StandIn("", *kinds), certain=1.0)
    answer, chat = heard(known, direct(), text)
    _, ruled = say(direct(), SAM, text)
    assert answer.verdict is heard(assistant(), direct(), text)[0].verdict
    later, _ = again(known, chat)
    assert (later.verdict, later.text, later.concerns) == (Verdict.DELIVER, None, ())
    assert ruled.people == (MAYA, SAM)


def test_stand_ins_are_no_oracles_of_chance() -> None:
    """What the tests lean on: one high score, and all others low."""
    scores = StandIn("kettle", Kind.SECRECY)(Reading(PLAIN, Role.MEMBER))
    assert sorted(scores) == [LOW] * (len(Kind) - 1) + [HIGH]
