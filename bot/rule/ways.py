"""The ways in which a pattern can match: which of the words that must stand there are looked for, and which are checked before a search."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import TypeAlias

import msgspec

from bot.rule.ordinary import Ordinary
from bot.text import Levelled

MOST_PHRASES = 24
"""More phrases and parts of words than this are not looked for one by one before a search; of whole words there may be any number."""
MOST_SCANNED_CHANCE = 0.25
"""They are found by the scan itself, where no more than this share of ordinary messages holds one; else they are not worth it."""
MOST_OTHERS = 3


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
    scanned: frozenset[str] = frozenset()
    """Or one of these literals does, too many to be looked for one by one: the scan tells."""


class Way(msgspec.Struct, frozen=True):
    """One way in which a pattern can match: one literal of ``must`` stands in every such match, and one of each of ``others`` too."""

    must: Must
    others: tuple[OneOf, ...]


Found: TypeAlias = tuple[int, tuple[int, ...], int]
"""What the scan knows of a literal: how long it is, the ways that it belongs to, and the bits that are set where it stands."""
Phrased: TypeAlias = tuple[frozenset[str], tuple[str, ...]]
"""Words and phrases of which one must be there."""
Hits: TypeAlias = Iterable[tuple[int, Found]]
"""Where literals end, and which they are."""


class _Needed(msgspec.Struct, frozen=True, gc=False):
    """A way for the scan: its pattern, and what must be there beside its literal and its first words."""

    pattern: int
    bits: int
    among: tuple[frozenset[str], ...]
    phrased: tuple[Phrased, ...]


class Ways:
    """The ways of many patterns, numbered."""

    def __init__(self) -> None:
        """Begin without any."""
        self._needed: list[tuple[frozenset[str] | None, _Needed]] = []
        self._bits: dict[frozenset[str], int] = {}
        self._known: dict[frozenset[str], frozenset[str]] = {}
        self.scanned: dict[str, int] = {}
        """What the scan is to look for beside the literals of the ways, with the bits that are set where it stands."""

    def add(self, way: Way, pattern: int) -> int:
        """Take a way of a pattern in, and give its number."""
        bits = 0
        for one in way.others:
            bits |= self._bit(one.scanned)
        among = [self._once(one.among) for one in way.others if one.among is not None]
        phrased = tuple((self._once(one.words), one.phrases) for one in way.others if one.phrases)
        self._needed.append((among[0] if among else None, _Needed(pattern, bits, tuple(among[1:]), phrased)))
        return len(self._needed) - 1

    def pattern(self, number: int) -> int:
        """The pattern of a way."""
        return self._needed[number][1].pattern

    def holding(self, hits: Hits, levelled: Levelled, around: Hits = ()) -> set[int]:
        """The patterns with a way that one of these hits belongs to and of which a text has one of each of the others.

        ``around`` are more hits in that text, whose own ways are not asked for.
        """
        words, needed = levelled.words, self._needed
        patterns: set[int] = set()
        said: int | None = None
        # Every message goes through this loop, and most ways end with their first words.
        for _, (_, ways, _) in hits:
            for number in ways:
                first, way = needed[number]
                if first is not None and first.isdisjoint(words):
                    continue
                if way.pattern in patterns or not _all_there(way, levelled):
                    continue
                if way.bits:
                    said = _bits_of(chain(hits, around)) if said is None else said
                    if way.bits & said != way.bits:
                        continue
                patterns.add(way.pattern)
        return patterns

    def _once(self, words: frozenset[str]) -> frozenset[str]:
        """A set of words, kept once however many ways ask for it."""
        return self._known.setdefault(words, words)

    def _bit(self, literals: frozenset[str]) -> int:
        """The bit that is set where the scan finds one of these literals; none for nothing."""
        if not literals:
            return 0
        if (bit := self._bits.get(literals)) is None:
            bit = self._bits[literals] = 1 << len(self._bits)
            for literal in literals:
                self.scanned[literal] = self.scanned.get(literal, 0) | bit
        return bit


def _all_there(way: _Needed, levelled: Levelled) -> bool:
    """Whether a text has one of each of what a way asks for, apart from what the scan tells."""
    for some in way.among:
        if some.isdisjoint(levelled.words):
            return False
    for some, phrases in way.phrased:
        if some.isdisjoint(levelled.words):
            for phrase in phrases:
                if phrase in levelled.text:
                    break
            else:
                return False
    return True


def _bits_of(hits: Iterable[tuple[int, Found]]) -> int:
    """All bits that hits set."""
    said = 0
    for _, (_, _, bits) in hits:
        said |= bits
    return said


def rarest_first(musts: Musts, ordinary: Ordinary) -> list[Must]:
    """The sets in the order in which they are worth looking for."""
    return sorted(set(musts), key=lambda one: (ordinary.chance(one.literals), len(one.literals), one.lead, sorted(one.literals)))


def way(musts: Musts, ordinary: Ordinary) -> Way:
    """What is looked for of all that must be there, and what is checked then."""
    first, *rest = rarest_first(musts, ordinary)
    others = (one for one in (_one_of(one.literals, ordinary) for one in rest) if one is not None)
    return Way(first, tuple(islice(others, MOST_OTHERS)))


def _one_of(literals: frozenset[str], ordinary: Ordinary) -> OneOf | None:
    """A set as it is checked: whole words by themselves, phrases first by the rarest word that stands whole in each.

    None if it says too little for what it costs.
    """
    words = frozenset(literal.strip() for literal in literals if literal == f" {literal.strip()} " and " " not in literal.strip())
    phrases = tuple(sorted(literal for literal in literals if literal.strip() not in words or literal != f" {literal.strip()} "))
    among: set[str] = set(words)
    for phrase in phrases:
        whole = [word for word in phrase.split() if f" {word} " in phrase]
        if not whole:
            if len(phrases) <= MOST_PHRASES:
                return OneOf(words, phrases, None)
            return OneOf(frozenset(), (), None, literals) if ordinary.chance(literals) <= MOST_SCANNED_CHANCE else None
        among.add(min(whole, key=lambda word: ordinary.share(f" {word} ")))
    return OneOf(words, phrases if len(phrases) <= MOST_PHRASES else (), frozenset(among))
