"""Phrases: cues made of other cues that stand near each other in one sentence."""

from __future__ import annotations

from time import process_time

import pytest

from bot.model import Cue
from bot.rule.phrases import Phrase, Phrases


def phrase(*groups: str, gap: int = 10, ordered: bool = True, between: str = "", none: str = "", cue: str = "made") -> Phrase:
    """Write a phrase of these groups of cues; several of one group are joined by a bar."""
    named = [frozenset(filter(None, group.split("|"))) for group in (*groups, between, none)]
    return Phrase(cue, tuple(named[:-2]), gap, ordered, named[-2], named[-1])


def at(name: str, start: int, end: int, sentence: int = 0, *, disguised: bool = False) -> Cue:
    """A cue at a place."""
    return Cue(name, start, end, sentence, disguised)


def made(one: Phrase, *cues: Cue) -> list[tuple[int, int]]:
    """Where the phrase stands."""
    return [(cue.start, cue.end) for cue in Phrases([one]).join(cues) if cue.name == "made"]


A, B, C = at("a", 0, 5), at("b", 8, 12), at("c", 20, 25)


@pytest.mark.parametrize(
    ("one", "cues", "places"),
    [
        (phrase("a", "b"), (A, B), [(0, 12)]),
        (phrase("a"), (A, B), [(0, 5)]),
        (phrase("a", "b"), (A,), []),
        (phrase("b", "a"), (A, B), []),
        (phrase("b", "a", ordered=False), (A, B), [(0, 12)]),
        (phrase("a", "c"), (A, C), []),
        (phrase("a", "c", gap=15), (A, C), [(0, 25)]),
        (phrase("a", "b|c"), (A, B, C), [(0, 12)]),
        (phrase("a", "b", "c"), (A, B, C), [(0, 25)]),
        (phrase("a", "b"), (A, at("b", 8, 12, 1)), []),
        (phrase("a", "b"), (at("a", 0, 9), B), [(0, 12)]),
        (phrase("a", "b"), (at("a", 0, 20), B), []),
        (phrase("a", "c", gap=15, between="b"), (A, B, C), []),
        (phrase("a", "b", between="c"), (A, B, C), [(0, 12)]),
        (phrase("a", "b", none="c"), (A, B, C), []),
        (phrase("a", "b", none="c"), (A, B, at("c", 20, 25, 1)), [(0, 12)]),
    ],
)
def test_where_a_phrase_stands(one: Phrase, cues: tuple[Cue, ...], places: list[tuple[int, int]]) -> None:
    """One of each group, in order unless it is free, near enough, in one sentence; they may overlap at the ends."""
    assert made(one, *cues) == places


def test_a_phrase_may_be_made_of_phrases() -> None:
    """What one makes is there for the next, and is disguised if a part is."""
    both = Phrases([phrase("a", "b", cue="ab"), phrase("ab", "c")])
    assert Cue("made", 0, 25, 0, disguised=True) in both.join([A, at("b", 8, 12, disguised=True), C])


def test_what_lies_over_one_another_is_one() -> None:
    """Two beginnings with one end are one place, not two."""
    assert made(phrase("a", "b"), at("a", 0, 2), at("a", 3, 5), B) == [(0, 12)]


def test_ten_thousand_cues_are_joined_in_good_time() -> None:
    """Nobody slows the chat down by saying the same stones over and over."""
    cues = [at(name, place, place + 2) for place in range(0, 10_000, 4) for name in ("a", "b", "c")]
    start = process_time()
    Phrases([phrase("a", "b", "c", between="d", ordered=False) for _ in range(10)]).join(cues)
    assert process_time() - start < 2
