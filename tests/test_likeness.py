"""The same one again: almost the same line is alike, what anybody might say is not, and no word can be read back."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import MAYA, SAM, direct, say

from bot.likeness import SKETCH, Trace, Trait, are_alike, needed, traces_of, traces_of_words

OFFER = "this app drains my battery so badly, I answer faster on telegram, ask for the purple otter there"
TALK = Path(__file__).parent.parent / "corpus" / "talk"


def mark(words: str) -> str:
    """Hash a few words, as the key would."""
    return hashlib.sha256(f"a key {words}".encode()).hexdigest()[:24]


def left_by_sam(*lines: str) -> tuple[Trace, ...]:
    """What Sam leaves by saying these things to Maya."""
    chat = direct(MAYA, SAM)
    for line in lines:
        _, chat = say(chat, SAM, line)
    return traces_of(chat, SAM.id, mark)


def alike(one: tuple[Trace, ...], other: tuple[Trace, ...]) -> set[Trait]:
    """In what two people are alike."""
    return {mine.trait for mine in one for theirs in other if are_alike(mine, theirs)}


def test_the_same_offer_again_is_alike() -> None:
    """With a word changed here and there as well."""
    again = left_by_sam(OFFER.replace("badly", "terribly"))
    assert Trait.OFFER in alike(left_by_sam(OFFER), again)


def test_the_same_detail_is_alike_however_it_is_spaced() -> None:
    """A number is the same number with other dots in it."""
    assert Trait.DETAIL in alike(left_by_sam("my number is 07700 900123"), left_by_sam("ring me on 07700-900-123 tonight"))


def test_the_same_beginning_is_alike() -> None:
    """A line that nobody else begins with."""
    line = "good evening, I collect antique clocks and my landlady hides the hammers from me"
    assert alike(left_by_sam(line), left_by_sam(line)) == {Trait.OPENING}


@pytest.mark.parametrize(
    "line",
    [
        "hi how are you today, can I talk to someone please?",
        "hello, is anyone there? I just need somebody to listen for a few minutes",
        "I feel so alone since my grandmother's funeral in Galway and nobody at the bakery notices",
        "my stepfather hits me with the television cable when he comes home from the shipyard",
        "I have taken thirty paracetamol and a bottle of whisky and I want to die tonight",
        "goodbye everyone, the letters are written and the dog is at my sister's in Leeds",
    ],
)
def test_greetings_and_cries_for_help_leave_nothing(line: str) -> None:
    """People must be free to say them again."""
    assert left_by_sam(line) == ()
    assert traces_of_words(line, mark) == ()


def test_no_ordinary_lines_of_different_people_are_alike() -> None:
    """Over all invented talk a line is alike only to itself, but for one in three thousand that two people may well say."""
    lines = {json.loads(line)["text"] for file in sorted(TALK.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()}
    traces = [trace for line in sorted(lines) for trace in traces_of_words(line, mark)]
    by_mark: dict[str, list[int]] = {}
    for number, trace in enumerate(traces):
        for one in trace.marks:
            by_mark.setdefault(one, []).append(number)
    pairs = {pair for numbers in by_mark.values() for pair in pairwise(numbers)}
    assert len(traces) > 100
    assert sum(are_alike(traces[one], traces[other]) for one, other in pairs) <= len(lines) / 3_000


def test_a_trace_holds_no_words() -> None:
    """Nothing but hashes, and no more than a sketch of them."""
    for trace in left_by_sam(OFFER):
        assert len(trace.marks) <= SKETCH
        assert not any(word in str(trace.marks) for word in ("otter", "telegram", "battery"))


@given(st.integers(1, 100))
def test_more_than_half_must_be_shared(marks: int) -> None:
    """And never more than there are."""
    assert marks / 2 < needed(marks) <= marks


def test_another_key_knows_nobody() -> None:
    """Marks of two communities cannot be compared."""
    assert alike(traces_of_words(OFFER, mark), traces_of_words(OFFER, lambda words: mark(f"other {words}"))) == set()
