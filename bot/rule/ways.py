"""The ways in which a pattern can match: which of the words that must stand there are looked for, and which are checked before a search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from bot.rule.ordinary import Ordinary
from bot.text import Levelled

MOST_PHRASES = 24
"""More phrases and parts of words than this are not worth looking for before a search; of whole words there may be any number."""
MOST_OTHERS = 6


class Must(msgspec.Struct, frozen=True):
    """One of these literals stands in every match, no more than ``lead`` characters behind its beginning."""

    literals: frozenset[str]
    lead: int


Musts: TypeAlias = tuple[Must, ...]


class OneOf(msgspec.Struct, frozen=True):
    """One of these words, or one of these phrases and parts of words, stands in every match."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    among: frozenset[str] | None
    """One of these words stands in every match too: to be looked for first, since that costs less; ``None`` if there are no such words."""


class Way(msgspec.Struct, frozen=True):
    """One way in which a pattern can match: one literal of ``must`` stands in every such match, and one of each of ``others`` too."""

    must: Must
    others: tuple[OneOf, ...]


Needed: TypeAlias = tuple[int, int, tuple[tuple[int, tuple[str, ...]], ...]]
"""A way for the scan: its pattern, the bits that must all be there, and pairs of a bit and phrases of which one must be there."""


class Ways:
    """The ways of many patterns, numbered, with a bit for each set of words that some way asks for: one look tells all of them."""

    def __init__(self) -> None:
        """Begin without any."""
        self._needed: list[Needed] = []
        self._bits: dict[frozenset[str], int] = {}
        self._said_by: dict[str, int] = {}

    def add(self, way: Way, pattern: int) -> int:
        """Take a way of a pattern in, and give its number."""
        bits, phrased = 0, []
        for one in way.others:
            if one.among is not None:
                bits |= self._bit(one.among)
            if one.phrases:
                phrased.append((self._bit(one.words), one.phrases))
        self._needed.append((pattern, bits, tuple(phrased)))
        return len(self._needed) - 1

    def pattern(self, number: int) -> int:
        """The pattern of a way."""
        return self._needed[number][0]

    def holding(self, chosen: Iterable[int], levelled: Levelled) -> set[int]:
        """The patterns of those chosen ways of which a text has one of each of the others."""
        said, said_by = 0, self._said_by
        for word in levelled.words:
            said |= said_by.get(word, 0)
        text, needed = levelled.text, self._needed
        patterns: set[int] = set()
        # Written out in one loop: every message goes through it.
        for number in chosen:
            pattern, bits, phrased = needed[number]
            if bits & said == bits and pattern not in patterns:
                for bit, phrases in phrased:
                    if not bit & said:
                        for phrase in phrases:
                            if phrase in text:
                                break
                        else:
                            break
                else:
                    patterns.add(pattern)
        return patterns

    def _bit(self, words: frozenset[str]) -> int:
        """The bit that is set when one of these words is said; none for no words."""
        if not words:
            return 0
        if (bit := self._bits.get(words)) is None:
            bit = self._bits[words] = 1 << len(self._bits)
            for word in words:
                self._said_by[word] = self._said_by.get(word, 0) | bit
        return bit


def rarest_first(musts: Musts, ordinary: Ordinary) -> list[Must]:
    """The sets in the order in which they are worth looking for."""
    return sorted(set(musts), key=lambda one: (ordinary.chance(one.literals), len(one.literals), one.lead, sorted(one.literals)))


def way(musts: Musts, ordinary: Ordinary) -> Way:
    """What is looked for of all that must be there, and what is checked then."""
    first, *rest = rarest_first(musts, ordinary)
    return Way(first, tuple(_one_of(one.literals, ordinary) for one in rest[:MOST_OTHERS]))


def _one_of(literals: frozenset[str], ordinary: Ordinary) -> OneOf:
    """A set as it is checked: whole words by themselves, phrases first by the rarest word that stands whole in each."""
    words = frozenset(literal.strip() for literal in literals if literal == f" {literal.strip()} " and " " not in literal.strip())
    phrases = tuple(sorted(literal for literal in literals if literal.strip() not in words or literal != f" {literal.strip()} "))
    among: set[str] = set(words)
    for phrase in phrases:
        whole = [word for word in phrase.split() if f" {word} " in phrase]
        if not whole:
            return OneOf(words, phrases, None) if len(phrases) <= MOST_PHRASES else OneOf(frozenset(), (), None)
        among.add(min(whole, key=lambda word: ordinary.share(f" {word} ")))
    return OneOf(words, phrases if len(phrases) <= MOST_PHRASES else (), frozenset(among))
