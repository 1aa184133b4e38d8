"""The second reader: knows a message by its marks, weighs them, and only ever speaks."""

from __future__ import annotations

import time
import zlib
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, SAM, assistant, chance, direct, person, room, say, signal

from bot.app import PACKAGE
from bot.assistant import Assistant
from bot.learned import READER, About, Learned, ModelError, Reading, Seen, Turn, packed
from bot.learned.marks import LONGEST, MARKS, of_rules, of_words
from bot.learned.reader import FEWER_BITS, likelier, word_weight
from bot.model import MOVES, Age, Audience, Certainty, Chat, Doubts, Insight, Kind, Message, Person, Reason, Role, Signal, Verdict
from bot.text import fold

MODEL = (PACKAGE / "learned.model").read_bytes()
SHIPPED = Learned(MODEL)
PLAIN = "i feel like nobody really listens to me and i don't know what to do"


def read(text: str, role: Role = Role.LISTENER) -> dict[Kind, Certainty]:
    """What the reader that comes along sees after the rules have read a message."""
    chat = say(direct(), SAM if role is Role.LISTENER else MAYA, text)[1]
    return {one.kind: one.certainty for one in with_learned().look_again(chat, "m0").signals}


def with_learned() -> Assistant:
    """The assistant of the tests with the second reader."""
    known = assistant()
    return Assistant(known.scanner, known.composer, known.prompts, known.links, known.community, SHIPPED)


# --- marks -----------------------------------------------------------------------------------------------------------

TURNS = st.lists(st.builds(Turn, st.booleans(), st.none() | st.text(max_size=80)), max_size=4).map(tuple)
READINGS = st.builds(Reading, st.text(max_size=300), st.sampled_from(Role), TURNS)


@given(READINGS)
@settings(max_examples=60, deadline=None)
def test_marks_are_numbers_of_the_table_each_once(reading: Reading) -> None:
    """Whatever is written, every mark has its place in the table, stands once, and is the same each time."""
    for marks in (of_words(reading), of_rules(reading)):
        assert marks.tolist() == sorted(set(marks.tolist()))
        assert all(0 <= mark < MARKS for mark in marks.tolist())
    assert of_words(reading).tolist() == of_words(reading).tolist()


def test_marks_are_the_same_on_every_machine() -> None:
    """A model is worth nothing where the marks get other numbers."""
    reading = Reading("got snap? é", Role.LISTENER, (Turn(own=False, text="Hi"),), ("opening.app",), frozenset({Kind.OFFSITE_INVITE}))
    assert zlib.crc32(of_words(reading).astype("<u4").tobytes()) == 0x658B9E3D
    assert zlib.crc32(of_rules(reading).astype("<u4").tobytes()) == 0xC2F61C83


def test_who_speaks_what_order_and_what_was_said_before_leave_marks() -> None:
    """Another role, another order, another turn before or somebody else's turn: other marks."""
    texts = [
        Reading("call me", Role.LISTENER),
        Reading("call me", Role.MEMBER),
        Reading("me call", Role.LISTENER),
        Reading("call me", Role.LISTENER, (Turn(own=True, text="phone"),)),
        Reading("call me", Role.LISTENER, (Turn(own=False, text="phone"),)),
    ]
    assert len({tuple(of_words(one).tolist()) for one in texts}) == len(texts)


def test_what_the_rules_saw_leaves_marks() -> None:
    """A cue here or before, a kind here or before: each is a mark of its own."""
    moved = frozenset({Kind.PRETEXT})
    readings = [
        Reading("x", Role.MEMBER),
        Reading("x", Role.MEMBER, cues=("obstacle.battery",)),
        Reading("x", Role.MEMBER, kinds=moved),
        Reading("x", Role.MEMBER, (Turn(own=True, text=None, cues=("obstacle.battery",)),)),
        Reading("x", Role.MEMBER, (Turn(own=True, text=None, kinds=moved),)),
        Reading("x", Role.MEMBER, (Turn(own=False, text=None, kinds=moved),)),
    ]
    assert len({tuple(of_rules(one).tolist()) for one in readings}) == len(readings)
    assert len({tuple(of_words(one).tolist()) for one in readings}) == 1


def test_of_a_long_message_both_ends_are_read() -> None:
    """Nothing hides at the end of much text, and what is read is bounded."""
    long = Reading("a " * 5_000 + "whatsapp", Role.MEMBER)
    short = Reading("whatsapp", Role.MEMBER)
    assert len(set(of_words(long).tolist()) & set(of_words(short).tolist())) > len("whatsapp")
    assert len(of_words(Reading("".join(map(chr, range(0x4E00, 0x4E00 + 9_000))), Role.MEMBER))) < 12 * LONGEST


# --- the model -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [b"", b"no model", zlib.compress(b"{}\n"), MODEL[: len(MODEL) // 2]])
def test_what_is_no_model_is_refused(model: bytes) -> None:
    """A file that is damaged, empty or something else gives a clear error."""
    with pytest.raises(ModelError):
        Learned(model)


def made_up(weights: dict[int, dict[Kind, int]], rows: int = MARKS) -> bytes:
    """A model that knows a few marks."""
    likely, hint, doubted, disputed, denied = (dict.fromkeys(Kind, score) for score in (1.0, 0.5, 0.6, 0.3, 0.1))
    about = msgspec.structs.replace(SHIPPED.about, likely=likely, hint=hint, doubted=doubted, disputed=disputed, denied=denied)
    kinds, moves, reasons = list(about.kinds), len(MOVES), len(about.reasons)
    table = np.zeros((rows, len(kinds)), np.int8)
    for mark, by_kind in weights.items():
        for kind, weight in by_kind.items():
            table[mark, kinds.index(kind)] = weight
    arrays: dict[str, npt.NDArray[Any]] = {
        "weights": table,
        "scale": np.full(len(kinds), 0.1, np.float32),
        "offset": np.zeros(len(kinds), np.float32),
        "move_weights": np.zeros((1 << FEWER_BITS, moves), np.int8),
        "move_scale": np.ones(moves, np.float32),
        "move_offset": np.zeros(moves, np.float32),
        "reason_weights": np.zeros((1 << FEWER_BITS, reasons), np.int8),
        "reason_scale": np.ones(reasons, np.float32),
        "reason_offset": np.zeros(reasons, np.float32),
    }
    return packed(about, arrays)


def test_a_model_of_another_make_is_refused() -> None:
    """There is one row of numbers for each mark."""
    with pytest.raises(ModelError, match="another reader"):
        Learned(made_up({}, rows=7))


def test_weights_add_up() -> None:
    """The words weigh by the root of their number, what the rules saw each for itself."""
    reading = Reading("come to my flat", Role.LISTENER, cues=("opening.meet",))
    words, rules = of_words(reading), of_rules(reading)
    weights = {int(words[0]): {Kind.OFFSITE_INVITE: 20}, int(words[3]): {Kind.OFFSITE_INVITE: 10}, int(rules[0]): {Kind.SECRECY: 7}}
    learned = Learned(made_up(weights))
    scores = dict(zip(learned.about.kinds, learned.scores(reading).tolist(), strict=True))
    assert scores[Kind.OFFSITE_INVITE] == pytest.approx(3.0 * float(word_weight(len(words))), rel=1e-5)
    assert scores[Kind.SECRECY] == pytest.approx(0.7, rel=1e-5)
    most = frozenset(Kind) - {Kind.OFFSITE_INVITE, Kind.SECRECY}
    assert learned.doubts(reading) == Doubts(doubted=most, disputed=most, denied=most)
    assert {one.kind: one.certainty for one in learned.read(reading)}[Kind.SECRECY] is Certainty.HINT


def test_of_moves_those_count_that_both_scores_together_find_likelier() -> None:
    """What one of them is certain of outweighs a doubt of the other."""
    odds = dict.fromkeys(Kind, -1.0) | {Kind.PRETEXT: 0.5, Kind.SECRECY: 5.0}
    among = dict.fromkeys(MOVES, -2.0) | {Kind.PRETEXT: 1.6, Kind.CONTACT_REQUEST: 0.9, Kind.OFFSITE_INVITE: 1.1}
    assert likelier(odds, among) == {Kind.PRETEXT, Kind.OFFSITE_INVITE}
    assert likelier(odds, among | {Kind.PRETEXT: 1.4}) == {Kind.OFFSITE_INVITE}


def test_what_the_rules_call_a_move_is_called_its_other_names() -> None:
    """By whoever reads later: the message says what it is called anyway."""
    reading = Reading("come to my flat", Role.LISTENER)
    words = of_words(reading)
    learned = Learned(made_up({int(words[0]): {Kind.PRETEXT: 127}}))
    high = {"likely": dict.fromkeys(Kind, 99.0), "hint": dict.fromkeys(Kind, 98.0), "slopes": dict.fromkeys(Kind, (1.0, -0.5))}
    learned.about = msgspec.structs.replace(learned.about, **high)
    assert learned.chances(reading)[Kind.PRETEXT] > 0.5
    assert learned.read(reading) == ()
    beside = learned.read(msgspec.structs.replace(reading, called=frozenset({Kind.OFFSITE_INVITE})))
    assert [(one.kind, one.certainty) for one in beside] == [(Kind.PRETEXT, Certainty.LIKELY)]


def test_the_weightiest_words_are_those_without_which_it_would_see_least() -> None:
    """For a person who asks why: the words that spoke for a kind, and none that did not."""
    reading = Reading("the kettle is on", Role.LISTENER)
    kettle = set(of_words(Reading("kettle", Role.LISTENER)).tolist()) & set(of_words(reading).tolist())
    learned = Learned(made_up({mark: {Kind.OFFSITE_INVITE: 50} for mark in kettle}))
    assert learned.weightiest(reading, Kind.OFFSITE_INVITE)[0] == "kettle"
    assert learned.weightiest(Reading("", Role.MEMBER), Kind.OFFSITE_INVITE) == ()


def test_the_model_is_compact_and_knows_all_kinds() -> None:
    """It ships in the repository, has thresholds for every kind, and a hint comes before what is likely."""
    about: About = SHIPPED.about
    assert len(MODEL) < 5_000_000
    assert set(about.kinds) == set(Kind)
    assert set(about.reasons) == set(Reason)
    assert all(about.hint[kind] <= about.likely[kind] for kind in Kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("would be so much nicer to hear your voice, can we do this over the phone instead?", Kind.OFFSITE_INVITE),
        ("so what's your insta then", Kind.CONTACT_REQUEST),
        ("send me a selfie so i can see who i'm talking to", Kind.PICTURE_REQUEST),
        ("don't tell the moderators about this ok", Kind.SECRECY),
        ("i don't want to be alive any more", Kind.CRISIS),
    ],
)
def test_plain_cases_are_seen(text: str, kind: Kind) -> None:
    """What anybody would see is likely, never sure."""
    assert read(text)[kind] is Certainty.LIKELY


@pytest.mark.parametrize("text", [PLAIN, "thanks for listening", "my boss wants a video call tomorrow", "", " ", "\u200b"])
def test_ordinary_talk_is_let_be(text: str) -> None:
    """Nothing is likely in ordinary talk, nor in nothing at all."""
    assert Certainty.LIKELY not in read(text, Role.MEMBER).values()


def test_chances_are_chances() -> None:
    """Calibrated scores are probabilities, higher for what is there."""
    there = SHIPPED.chances(Reading("send me a selfie so i can see you", Role.LISTENER))
    assert all(0 <= chance_of <= 1 for chance_of in there.values())
    assert there[Kind.PICTURE_REQUEST] > SHIPPED.chances(Reading(PLAIN, Role.MEMBER))[Kind.PICTURE_REQUEST]


@given(READINGS)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_alike_each_time(reading: Reading) -> None:
    """It never fails, says the same each time, and is never sure."""
    seen = SHIPPED.read(reading)
    assert seen == SHIPPED.read(reading)
    assert {(one.reader, one.certainty is Certainty.SURE) for one in seen} <= {(READER, False)}


@pytest.mark.parametrize("text", ["a" * 10_000, "é" * 10_000, "x y " * 2_500, "\U0001f600" * 5_000])
def test_hostile_text_is_read_in_good_time(text: str) -> None:
    """What is read is bounded, so ten thousand characters take no time that matters."""
    reading = Reading(fold(text).plain.text, Role.MEMBER, (Turn(own=False, text=text),))
    begun = time.process_time()
    SHIPPED.read(reading)
    assert time.process_time() - begun < 1


# --- down the street -------------------------------------------------------------------------------------------------

LIKELY = Certainty.LIKELY


def seen_later(*kinds: Kind) -> tuple[Signal, ...]:
    """Signals by the second reader."""
    return tuple(Signal(kind, READER, f"{READER}/{kind}", LIKELY, Reason.OTHER if kind is Kind.PRETEXT else None) for kind in kinds)


def test_the_second_reader_looks_again_at_what_was_said() -> None:
    """It sees a message of the tail with the turns before it; without it, or without the words, nothing is seen."""
    _, chat = say(direct(), SAM, "send me a selfie so i can see who i'm talking to")
    assert Kind.PICTURE_REQUEST in {one.kind for one in with_learned().look_again(chat, "m0").signals}
    assert assistant().look_again(chat, "m0") == Seen()
    assert with_learned().look_again(chat, "m7") == Seen()
    silent = msgspec.structs.replace(chat, tail=(msgspec.structs.replace(chat.tail[0], text=None),))
    assert with_learned().look_again(silent, "m0") == Seen()


def hear(chat: Chat, *signals: Signal, message: str = "m0") -> tuple[list[tuple[str, str]], Chat]:
    """An insight: who hears of what, and the chat after it."""
    answer, after, _ = assistant().hear(Insight(chat.id, message, signals), chat, {}, NOW, chance())
    assert answer.verdict is Verdict.DELIVER
    assert answer.text is None
    assert not answer.concerns
    return [(nudge.audience.value, nudge.prompt.split("/")[0]) for nudge in answer.nudges], after


def test_an_insight_is_spoken_of_on_both_sides() -> None:
    """A move that no rule saw is told to either side, once."""
    _, chat = say(direct(), SAM, PLAIN)
    told, after = hear(chat, *seen_later(Kind.OFFSITE_INVITE))
    assert sorted(told) == [("to-other", "offsite.invite"), ("to-sender", "offsite.invite")]
    assert hear(after, *seen_later(Kind.OFFSITE_INVITE))[0] == []
    assert after.memory.signals == {"sam offsite.invite": 1}


def test_who_says_no_to_an_excuse_gives_none() -> None:
    """Their words may be about the app and the battery as well; a no is no reason to move, also when it is read a second time."""
    _, chat = say(direct(), SAM, "this app drains my battery, got telegram?")
    _, chat = say(chat, MAYA, "no, I'd rather stay here, my battery is fine with this app", now=NOW + 1)
    told, after = hear(chat, *seen_later(Kind.PRETEXT), message=chat.tail[-1].id)
    assert told == []
    assert "maya pretext" not in after.memory.signals
    _, chat = say(direct(), MAYA, PLAIN)
    assert hear(chat, *seen_later(Kind.PRETEXT))[0] != []


def test_what_the_rules_saw_is_not_told_twice() -> None:
    """A message that was spoken of is not spoken of again for the same reason or a lesser one."""
    answer, chat = say(direct(), SAM, "this app drains my battery, got telegram?")
    assert answer.nudges
    assert hear(chat, *seen_later(Kind.PRETEXT, Kind.OFFSITE_INVITE, Kind.CONTACT_REQUEST))[0] == []


def test_a_crisis_seen_late_is_told_all_the_same() -> None:
    """Danger to life goes before what was said already; where only likeness speaks for it, both hear that it can be asked."""
    _, chat = say(direct(), MAYA, "this app drains my battery, got telegram?")
    assert hear(chat, *seen_later(Kind.CRISIS))[0] == [("to-sender", "crisis.ask"), ("to-other", "crisis.ask")]


def test_toward_a_teen_people_are_told_and_no_case_is_opened() -> None:
    """Likeness alone helps the teen, but puts nobody on the desk."""
    _, chat = say(direct(person(SAM, Age.ADULT), KIT), SAM, PLAIN)
    told, _ = hear(chat, *seen_later(Kind.PICTURE_REQUEST))
    assert {audience for audience, _ in told} == {Audience.TO_SENDER.value, Audience.TO_OTHER.value}


@given(
    st.lists(st.sampled_from(Kind), max_size=5, unique=True),
    st.lists(st.sampled_from(Kind), max_size=3, unique=True),
    st.sampled_from([direct(), room(), direct(SAM, KIT)]),
)
@settings(max_examples=80, deadline=None)
def test_likeness_binds_nobody(later: list[Kind], before: list[Kind], chat: Chat) -> None:
    """Whatever is seen late, and whatever was seen before: nothing is masked, held or counted, and only the people of the chat hear."""
    author: Person = SAM
    _, chat = say(chat, author, PLAIN)
    known = msgspec.structs.replace(chat.tail[0], signals=tuple(signal(kind, Certainty.HINT) for kind in before))
    hear(msgspec.structs.replace(chat, tail=(known,)), *seen_later(*later))


def test_an_insight_about_what_is_gone_says_nothing() -> None:
    """A message that has left the tail, or whose author has left the chat, is not spoken of."""
    _, chat = say(direct(), SAM, PLAIN)
    assert hear(chat, *seen_later(Kind.SECRECY), message="m9")[0] == []
    assert hear(msgspec.structs.replace(chat, people=(MAYA,)), *seen_later(Kind.SECRECY))[0] == []


def test_what_everybody_has_read_is_not_called_covered() -> None:
    """A detail that only a later reader sees is told of in words that are true when nothing can be hidden any more."""
    _, chat = say(direct(), SAM, PLAIN)
    told, _ = hear(chat, *seen_later(Kind.CONTACT_SHARE))
    assert sorted(told) == [("to-other", "contact.share.open"), ("to-sender", "contact.share.open")]


def test_of_an_edited_message_the_last_wording_is_read_again() -> None:
    """An edit may come under the id of what it changes."""
    _, chat = say(direct(), SAM, PLAIN)
    edited = Message("m0", chat.id, SAM.id, "come where it is quieter", NOW + 1, edit_of="m0")
    _, chat, _ = assistant().hear(edited, chat, {}, NOW + 1, chance())
    reading = with_learned().reading(chat, "m0")
    assert reading is not None
    assert reading.text == "come where it is quieter"
    _, after = hear(chat, *seen_later(Kind.OFFSITE_INVITE))
    assert [bool(said.signals) for said in after.tail] == [False, True]
