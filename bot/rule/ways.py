"""The ways in which a pattern can match: which words that must stand there the scan looks for, and which are checked before a search."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from typing import TypeAlias

import ahocorasick_rs
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
    ahead: bool = False
    """It is only looked ahead at: what follows in the pattern need not stand behind it."""


Musts: TypeAlias = tuple[Must, ...]


class Side(StrEnum):
    """Where something stands, seen from the literal that the scan finds."""

    BEFORE = "before"
    BEHIND = "behind"
    ANYWHERE = "anywhere"


class OneOf(msgspec.Struct, frozen=True):
    """One of these words, or one of these phrases and parts of words, stands in every match."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    among: frozenset[str] | None
    """One of these words stands in every match too: to be looked for first, since that costs less; ``None`` if there are no such words."""
    scanned: frozenset[str] = frozenset()
    """Or one of these literals does, too many to be looked for one by one: the scan tells."""
    side: Side = Side.ANYWHERE


class Way(msgspec.Struct, frozen=True):
    """One way in which a pattern can match: one literal of ``must`` stands in every such match, and one of each of ``others`` too."""

    must: Must
    others: tuple[OneOf, ...]


Hit: TypeAlias = tuple[int, int, int]
"""The number of a literal, and where it begins and ends in a levelled text."""
Phrased: TypeAlias = tuple[frozenset[str], tuple[str, ...]]
"""Words and phrases of which one must be there."""


class _Needed(msgspec.Struct, frozen=True, gc=False):
    """A way for the scan: its pattern, how far behind the beginning its literal may be, and what must be there beside its first words."""

    pattern: int
    lead: int
    reach: int
    bits: int
    among: tuple[frozenset[str], ...]
    phrased: tuple[Phrased, ...]
    before: tuple[Phrased, ...]
    behind: tuple[Phrased, ...]


_Asking: TypeAlias = tuple[frozenset[str] | None, _Needed]
"""The words of which one must be there before anything else is looked at, and all else."""


class Ways:
    """The ways of many patterns, numbered, and one automaton that finds the literals of them all."""

    def __init__(self, ways: Iterable[tuple[Way, int, int]]) -> None:
        """Take ways in, each with the number of its pattern and how many characters a match of that may look at."""
        self._sets: dict[frozenset[str], int] = {}
        self._known: dict[frozenset[str], frozenset[str]] = {}
        self._bits: dict[str, int] = {}
        """What the scan looks for beside the literals of the ways, with the bits that are set where it stands."""
        asking: list[_Asking] = []
        numbers: dict[str, list[int]] = {}
        for way, pattern, reach in ways:
            for literal in way.must.literals:
                numbers.setdefault(literal, []).append(len(asking))
            asking.append(self._asking(way, pattern, reach))
        literals = sorted(numbers.keys() | self._bits.keys())
        # Other work empties the caches between two messages, so what counts is how little is touched: most literals share their ways,
        # and the automaton is one block.
        once: dict[tuple[int, ...], tuple[_Asking, ...]] = {}
        for some in map(tuple, numbers.values()):
            once.setdefault(some, tuple(asking[number] for number in some))
        self._ways = [once[tuple(numbers[literal])] if literal in numbers else () for literal in literals]
        """The ways that each literal belongs to."""
        self._set = [self._bits.get(literal, 0) for literal in literals]
        compact = ahocorasick_rs.Implementation.ContiguousNFA
        self._automaton = ahocorasick_rs.AhoCorasick(literals, store_patterns=False, implementation=compact)

    def _asking(self, way: Way, pattern: int, reach: int) -> _Asking:
        bits = 0
        for one in way.others:
            bits |= self._bit(one.scanned)
        among = [self._once(one.among) for one in way.others if one.among is not None]
        phrased = tuple((self._once(one.words), one.phrases) for one in way.others if one.phrases)
        before, behind = (
            tuple(
                (self._once(one.words if one.phrases else one.among or frozenset()), one.phrases) for one in way.others if one.side is side
            )
            for side in (Side.BEFORE, Side.BEHIND)
        )
        needed = _Needed(pattern, way.must.lead, _levelled(reach), bits, tuple(among[1:]), phrased, before, behind)
        return (among[0] if among else None), needed

    def find(self, levelled: str) -> list[Hit]:
        """Every literal in a levelled text, in the order in which they end."""
        return self._automaton.find_matches_as_indexes(levelled, overlapping=True)

    def holding(self, hits: Collection[Hit], levelled: Levelled) -> set[int]:
        """The patterns with a way that one of these hits belongs to and of which a text has one of each of the others at its side."""
        words, ways = levelled.words, self._ways
        patterns: set[int] = set()
        said: int | None = None
        # Every message goes through this loop, and most ways end with their first words.
        for literal, start, end in hits:
            for first, way in ways[literal]:
                if first is not None and first.isdisjoint(words):
                    continue
                if way.pattern in patterns or not _all_there(way, levelled):
                    continue
                if way.bits:
                    said = self._bits_of(hits) if said is None else said
                    if way.bits & said != way.bits:
                        continue
                if _in_order(way, levelled.text, start, end):
                    patterns.add(way.pattern)
        return patterns

    def places(self, hits: Collection[Hit], around: Levelled, beside: Iterable[Hit], text: str) -> Iterator[tuple[int, int, int]]:
        """The same for a part of a long levelled text: each such pattern with where in the text its literal stands, and its lead.

        ``around`` is what stands around these hits, ``beside`` are more hits in there, whose own ways are not asked for.
        """
        said: int | None = None
        known: dict[int, list[_Needed]] = {}
        for literal, start, end in hits:
            if (ways := known.get(literal)) is None:
                said = self._bits_of(chain(hits, beside)) if said is None else said
                ways = known[literal] = [
                    way
                    for first, way in self._ways[literal]
                    if (first is None or not first.isdisjoint(around.words)) and _all_there(way, around) and way.bits & said == way.bits
                ]
            for way in ways:
                if _in_order(way, text, start, end):
                    yield way.pattern, start, way.lead

    def _bits_of(self, hits: Iterable[Hit]) -> int:
        """All bits that hits set."""
        said = 0
        for literal, _, _ in hits:
            said |= self._set[literal]
        return said

    def _once(self, words: frozenset[str]) -> frozenset[str]:
        """A set of words, kept once however many ways ask for it."""
        return self._known.setdefault(words, words)

    def _bit(self, literals: frozenset[str]) -> int:
        """The bit that is set where the scan finds one of these literals; none for nothing."""
        if not literals:
            return 0
        if (bit := self._sets.get(literals)) is None:
            bit = self._sets[literals] = 1 << len(self._sets)
            for literal in literals:
                self._bits[literal] = self._bits.get(literal, 0) | bit
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


def _in_order(way: _Needed, text: str, start: int, end: int) -> bool:
    """Whether what must stand before and behind a literal in a levelled text does, no further away than a match reaches."""
    # The literal shares the space at either of its ends with what stands there.
    return (not way.behind or _has_all(way.behind, text[end - 1 : end + way.reach])) and (
        not way.before or _has_all(way.before, text[max(0, start - way.reach) : start + 1])
    )


def _has_all(needed: tuple[Phrased, ...], text: str) -> bool:
    words = text.split()
    for some, phrases in needed:
        if some.isdisjoint(words):
            for phrase in phrases:
                if phrase in text:
                    break
            else:
                return False
    return True


def _levelled(reach: int) -> int:
    """How long a text may be when it is levelled, with a space at its end: each character may come to stand apart."""
    return 2 * reach + 2


def rarest_first(musts: Musts, ordinary: Ordinary) -> list[Must]:
    """The sets in the order in which they are worth looking for."""
    return sorted(set(musts), key=lambda one: (ordinary.chance(one.literals), len(one.literals), one.lead, sorted(one.literals)))


def way(musts: Musts, ordinary: Ordinary) -> Way:
    """What is looked for of all that must be there, which is told in the order of the pattern, and what is checked then."""
    first, *rest = rarest_first(musts, ordinary)
    others = (one for one in (_one_of(one.literals, ordinary, _side(one, first, musts)) for one in rest) if one is not None)
    return Way(first, tuple(islice(others, MOST_OTHERS)))


def _side(one: Must, first: Must, musts: Musts) -> Side:
    """Where one stands, seen from the first one."""
    earlier, later = (one, first) if musts.index(one) < musts.index(first) else (first, one)
    if earlier.ahead:
        return Side.ANYWHERE
    return Side.BEHIND if later is one else Side.BEFORE


def _one_of(literals: frozenset[str], ordinary: Ordinary, side: Side) -> OneOf | None:
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
                return OneOf(words, phrases, None, side=side)
            return OneOf(frozenset(), (), None, literals) if ordinary.chance(literals) <= MOST_SCANNED_CHANCE else None
        among.add(min(whole, key=lambda word: ordinary.share(f" {word} ")))
    return OneOf(words, phrases if len(phrases) <= MOST_PHRASES else (), frozenset(among), side=side)
