"""The second reader: cuts words, runs its network, and only ever speaks."""

from __future__ import annotations

import time
import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from make import KIT, MAYA, NOW, SAM, assistant, chance, direct, person, room, say, signal

from bot.app import PACKAGE
from bot.assistant import Assistant
from bot.learned import LONGEST, LONGEST_TURN, READER, SPECIAL, About, Learned, ModelError, Pieces, Turn, _strongest, packed
from bot.model import Age, Audience, Certainty, Chat, Insight, Kind, Person, Reason, Role, Signal, Verdict
from bot.text import fold

MODEL = (PACKAGE / "learned.model").read_bytes()
SHIPPED = Learned(MODEL)
PLAIN = "i feel like nobody really listens to me and i don't know what to do"


def read(text: str, role: Role = Role.LISTENER, *turns: Turn) -> dict[Kind, Certainty]:
    """What the reader that comes along sees."""
    return {one.kind: one.certainty for one in SHIPPED.read(fold(text), role, turns)}


# --- pieces ----------------------------------------------------------------------------------------------------------

PIECES = Pieces([*SPECIAL, "snap", "##chat", "##s", "chat", "é", "e", "!", "##é"])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("snapchat", ["snap", "##chat"]),
        ("snap chats!", ["snap", "chat", "##s", "!"]),
        ("zebra", ["[UNK]"]),
        ("snapx", ["snap", "[UNK]"]),
        ("é", ["e"]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_pieces(text: str, pieces: list[str]) -> None:
    """A word that the vocabulary has stays whole; of others the longest beginning is taken first; accents fall off."""
    names = [*SPECIAL, "snap", "##chat", "##s", "chat", "é", "e", "!", "##é"]
    assert [names[number] for number in PIECES.of(text)] == pieces


def test_of_a_long_message_both_ends_are_read() -> None:
    """Nothing hides at the end of much text, and what is read is bounded."""
    names = [*SPECIAL, "a", "b", "c"]
    read_as = [names[number] for number in Pieces(names).message(" ".join("a" * 500 + "b" * 500), Role.GUEST)]
    assert len(read_as) == LONGEST + 2
    assert (read_as[0], read_as[1], read_as[-2], read_as[-1]) == ("[guest]", "a", "b", "[END]")


def test_the_last_turns_are_read_with_whose_they_are() -> None:
    """Of what was said before, only the end of the last two messages is read."""
    names = [*SPECIAL, "a", "b"]
    turns = [Turn(own=True, text="b"), Turn(own=True, text="A " * 90), Turn(own=False, text="b")]
    assert [names[number] for number in Pieces(names).turns(turns)] == ["[OWN]", *["a"] * LONGEST_TURN, "[OTHER]", "b"]


# --- the network -----------------------------------------------------------------------------------------------------

NUMBERS = st.floats(-2, 2, width=32)


@given(st.integers(1, 4), st.integers(1, 6), st.data())
@settings(max_examples=50, deadline=None)
def test_filters_see_what_they_would_see_one_by_one(width: int, length: int, data: st.DataObject) -> None:
    """One product for all places gives what looking at each place by itself gives."""
    vectors = data.draw(arrays.arrays(np.float32, (length, 3), elements=NUMBERS))
    filters = data.draw(arrays.arrays(np.float32, (width, 3, 2), elements=NUMBERS))
    bias = data.draw(arrays.arrays(np.float32, (2,), elements=NUMBERS))
    padded = np.concatenate([np.zeros((width, 3)), vectors, np.zeros((width, 3))])
    windows = [np.einsum("pd,pdf->f", padded[at : at + width], filters) + bias for at in range(len(padded) - width + 1)]
    assert _strongest(vectors, filters, bias) == pytest.approx(np.maximum(np.max(windows, axis=0), 0), abs=1e-4)


@pytest.mark.parametrize("model", [b"", b"no model", zlib.compress(b"{}\n"), MODEL[: len(MODEL) // 2]])
def test_what_is_no_model_is_refused(model: bytes) -> None:
    """A file that is damaged, empty or something else gives a clear error."""
    with pytest.raises(ModelError):
        Learned(model)


def test_a_model_whose_vocabulary_does_not_fit_is_refused() -> None:
    """There is one row of numbers for each piece of a word, and the special pieces come first."""
    about = msgspec.structs.replace(SHIPPED.about)
    zeros = {name: np.zeros((1, 1, 1), np.float32) for name in ("scale", "filters", "bias", "turn_filters", "turn_bias", "out", "offset")}
    for vocabulary, rows in (([*SPECIAL, "a"], 3), (["a", *SPECIAL], len(SPECIAL) + 1)):
        with pytest.raises(ModelError):
            Learned(packed(about, vocabulary, {"table": np.zeros((rows, 1), np.int8), **zeros}))


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
    there = SHIPPED.chances("Send me a selfie so I can see you", Role.LISTENER, ())
    assert all(0 <= chance_of <= 1 for chance_of in there.values())
    assert there[Kind.PICTURE_REQUEST] > SHIPPED.chances(PLAIN, Role.MEMBER, ())[Kind.PICTURE_REQUEST]


@given(st.text(max_size=300), st.sampled_from(Role), st.lists(st.builds(Turn, st.booleans(), st.text(max_size=80)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_alike_each_time(text: str, role: Role, turns: list[Turn]) -> None:
    """It never fails, says the same each time, and is never sure."""
    folded = fold(text)
    seen = SHIPPED.read(folded, role, turns)
    assert seen == SHIPPED.read(folded, role, turns)
    assert {(one.reader, one.certainty is Certainty.SURE) for one in seen} <= {(READER, False)}


@pytest.mark.parametrize("text", ["a" * 10_000, "é" * 10_000, "x y " * 2_500, "\U0001f600" * 5_000])
def test_hostile_text_is_read_in_good_time(text: str) -> None:
    """What is read is bounded, so ten thousand characters take no time that matters."""
    folded = fold(text)
    begun = time.process_time()
    SHIPPED.read(folded, Role.MEMBER, [Turn(own=False, text=text)])
    assert time.process_time() - begun < 1


# --- down the street -------------------------------------------------------------------------------------------------

LIKELY = Certainty.LIKELY


def seen_later(*kinds: Kind) -> tuple[Signal, ...]:
    """Signals by the second reader."""
    return tuple(Signal(kind, READER, f"{READER}/{kind}", LIKELY, Reason.OTHER if kind is Kind.PRETEXT else None) for kind in kinds)


def with_learned() -> Assistant:
    """The assistant of the tests with the second reader."""
    known = assistant()
    return Assistant(known.scanner, known.composer, known.prompts, known.links, known.community, SHIPPED)


def test_the_second_reader_looks_again_at_what_was_said() -> None:
    """It sees a message of the tail with the turns before it; without it, or without the words, nothing is seen."""
    _, chat = say(direct(), SAM, "send me a selfie so i can see who i'm talking to")
    assert Kind.PICTURE_REQUEST in {one.kind for one in with_learned().look_again(chat, "m0")}
    assert assistant().look_again(chat, "m0") == ()
    assert with_learned().look_again(chat, "m7") == ()
    silent = msgspec.structs.replace(chat, tail=(msgspec.structs.replace(chat.tail[0], text=None),))
    assert with_learned().look_again(silent, "m0") == ()


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


def test_what_the_rules_saw_is_not_told_twice() -> None:
    """A message that was spoken of is not spoken of again for the same reason or a lesser one."""
    answer, chat = say(direct(), SAM, "this app drains my battery, got telegram?")
    assert answer.nudges
    assert hear(chat, *seen_later(Kind.PRETEXT, Kind.OFFSITE_INVITE, Kind.CONTACT_REQUEST))[0] == []


def test_a_crisis_seen_late_is_told_all_the_same() -> None:
    """Danger to life goes before what was said already."""
    _, chat = say(direct(), MAYA, "this app drains my battery, got telegram?")
    assert ("to-sender", "crisis") in hear(chat, *seen_later(Kind.CRISIS))[0]


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
