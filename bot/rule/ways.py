"""The ways in which a pattern can match: which of the words that must stand there are looked for, and which are checked before a search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from bot.rule.ordinary import Ordinary
from bot.text import Levelled

MOST_PARTS = 40
"""More parts of words than this are not worth looking for before a search; of whole words there may be any number."""
MOST_OTHERS = 6


class Must(msgspec.Struct, frozen=True):
    """One of these literals stands in every match, no more than ``lead`` characters behind its beginning."""

    literals: frozenset[str]
    lead: int


Musts: TypeAlias = tuple[Must, ...]


class OneOf(msgspec.Struct, frozen=True):
    """One of these words, or one of these parts of words, stands in every match."""

    words: frozenset[str]
    parts: tuple[str, ...]


class Way(msgspec.Struct, frozen=True):
    """One way in which a pattern can match: one literal of ``must`` stands in every such match, and one of each of ``others`` too."""

    must: Must
    others: tuple[OneOf, ...]

    def numbered(self, pattern: int) -> Numbered:
        """The same for the scan."""
        return pattern, tuple((one.words, one.parts) for one in self.others)


Numbered: TypeAlias = tuple[int, tuple[tuple[frozenset[str], tuple[str, ...]], ...]]
"""A way for the scan: the number of its pattern, and the words and parts of its others."""


def holding(ways: Sequence[Numbered], chosen: Iterable[int], levelled: Levelled) -> set[int]:
    """The patterns of those chosen ways of which a text has one of each of the others."""
    # Written out in one loop: an eighth of the time of a plain message is spent here.
    have, text = levelled.words, levelled.text
    patterns: set[int] = set()
    for number in chosen:
        pattern, others = ways[number]
        for words, parts in others:
            if words.isdisjoint(have):
                for part in parts:
                    if part in text:
                        break
                else:
                    break
        else:
            patterns.add(pattern)
    return patterns


def rarest_first(musts: Musts, ordinary: Ordinary) -> list[Must]:
    """The sets in the order in which they are worth looking for."""
    return sorted(set(musts), key=lambda one: (ordinary.chance(one.literals), len(one.literals), one.lead, sorted(one.literals)))


def way(musts: Musts, ordinary: Ordinary) -> Way:
    """What is looked for of all that must be there, and what is checked then."""
    first, *rest = rarest_first(musts, ordinary)
    others = (_one_of_words(one.literals, ordinary) for one in rest[:MOST_OTHERS])
    return Way(first, tuple(one for one in others if len(one.parts) <= MOST_PARTS))


def _one_of_words(literals: frozenset[str], ordinary: Ordinary) -> OneOf:
    """A set as it is checked: a phrase by the rarest word that stands whole in it, what has none by its letters."""
    words: set[str] = set()
    parts: list[str] = []
    for literal in literals:
        whole = [f" {word} " for word in literal.split() if f" {word} " in literal]
        if whole:
            words.add(min(whole, key=ordinary.share).strip())
        else:
            parts.append(literal)
    return OneOf(frozenset(words), tuple(sorted(parts)))
