"""What must stand in any text that a pattern matches: read off the pattern's own syntax tree, so it cannot drift from it.

The tree is the standard library's. A construct that is not understood here is refused, and so is a pattern whose matches may
be of any length: the scan looks only near its literals, and its exactness hangs on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import msgspec

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 -- the one syntax tree there is
_codes: Any = re._constants  # type: ignore[attr-defined]  # noqa: SLF001

LONGEST = 240
"""No pattern may match more characters than this."""
MOST_STRINGS = 300
MOST_CHARACTERS = 8
MOST_CHECKED = 40
"""Larger sets are not worth looking through before a search."""
SHORTEST = 2

_NAMED = re.compile(r"\\L<(\w+)>")


class PatternError(ValueError):
    """A pattern cannot be used; the message says why, for the one who wrote it."""


class Needs(msgspec.Struct, frozen=True):
    """One of ``literals`` stands in every match, one of each of ``others`` too, and no match is longer than ``width``."""

    literals: frozenset[str]
    others: tuple[frozenset[str], ...]
    width: int
    chance: float
    """A rough share of messages that hold one of ``literals``."""


class _Part(msgspec.Struct, frozen=True):
    """A piece of a pattern: all it can match, if that is few; and sets of each of which one must be there."""

    exact: frozenset[str] | None
    musts: tuple[frozenset[str], ...] = ()


_EMPTY = _Part(frozenset({""}))
_ANYTHING = _Part(None)


def expand(pattern: str, words: Mapping[str, tuple[str, ...]]) -> str:
    r"""Write every ``\L<name>`` out as a choice of its words, the longest first."""

    def choice(found: re.Match[str]) -> str:
        if found.group(1) not in words:
            raise PatternError(f"\\L<{found.group(1)}> is not among its [words]")
        listed = sorted(words[found.group(1)], key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(re.escape(word) for word in listed)})"

    return _NAMED.sub(choice, pattern)


def needs(expanded: str) -> Needs:
    """Say what every match of a verbose pattern holds; ``PatternError`` if that cannot be said."""
    try:
        tree = _parser.parse(expanded, re.VERBOSE)
    except re.error as error:
        raise PatternError(str(error)) from error
    shortest, longest = tree.getwidth()
    if shortest == 0:
        raise PatternError("it matches the empty text")
    if longest > LONGEST:
        raise PatternError(f"a match may be longer than {LONGEST} characters; write {{0,30}} instead of * and +")
    sets = _usable(_sequence(tree))
    if not sets:
        raise PatternError(f"no word of {SHORTEST} letters or more stands in every match")
    return Needs(sets[0], tuple(one for one in sets[1:] if len(one) <= MOST_CHECKED), longest, _chance(sets[0]))


def _sequence(items: Iterable[Any]) -> _Part:
    """Pieces one after the other: exact neighbours grow together into longer literals."""
    whole = True
    grown: frozenset[str] = frozenset({""})
    musts: list[frozenset[str]] = []
    for item in items:
        part = _piece(item)
        musts += part.musts
        joined = None if part.exact is None else _joined(grown, part.exact)
        if joined is not None:
            grown = joined
            continue
        musts.append(grown)
        whole = False
        grown = part.exact if part.exact is not None else frozenset({""})
    return _Part(grown, tuple(musts)) if whole else _Part(None, (*musts, grown))


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > MOST_STRINGS:
        return None
    return frozenset(a + b for a, b in product(left, right))


def _piece(item: tuple[Any, Any]) -> _Part:  # noqa: PLR0911 -- one answer for each construct
    code, value = item
    if code is _codes.LITERAL:
        return _Part(frozenset({chr(value)}))
    if code is _codes.IN:
        return _one_of(value)
    if code in (_codes.ANY, _codes.NOT_LITERAL):
        return _ANYTHING
    if code in (_codes.AT, _codes.ASSERT, _codes.ASSERT_NOT):
        return _EMPTY
    if code is _codes.SUBPATTERN:
        return _sequence(value[3])
    if code is _codes.ATOMIC_GROUP:
        return _sequence(value)
    if code is _codes.BRANCH:
        return _branch(value[1])
    if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT):
        return _repeat(*value)
    raise PatternError(f"the construct {str(code).lower()} is not understood")


def _one_of(members: list[tuple[Any, Any]]) -> _Part:
    letters: set[str] = set()
    for code, value in members:
        if code is _codes.LITERAL:
            letters.add(chr(value))
        elif code is _codes.RANGE and value[1] - value[0] < MOST_CHARACTERS:
            letters.update(chr(letter) for letter in range(value[0], value[1] + 1))
        else:
            return _ANYTHING
    return _Part(frozenset(letters)) if len(letters) <= MOST_CHARACTERS else _ANYTHING


def _branch(choices: list[Any]) -> _Part:
    parts = [_sequence(choice) for choice in choices]
    exact: frozenset[str] | None = frozenset()
    for part in parts:
        exact = None if exact is None or part.exact is None else exact | part.exact
    best = [next(iter(_usable(part)), None) for part in parts]
    musts = () if any(one is None for one in best) else (frozenset[str]().union(*(one for one in best if one)),)
    if exact is not None and len(exact) > MOST_STRINGS:
        exact = None
    return _Part(exact, musts)


def _repeat(least: int, most: int, body: Any) -> _Part:  # noqa: ANN401 -- the tree has no types
    part = _sequence(body)
    if least == 0:
        return _Part(part.exact | {""} if part.exact is not None and most == 1 else None)
    if least == most == 1:
        return part
    return _Part(None, tuple(_usable(part)))


# --- which set is seldom there ---------------------------------------------------------------------------------------

_LETTERS = dict(zip("etaoinshrdlcumwfgypbvkjxqz '", (120, 91, 81, 77, 73, 70, 63, 60, 60, 43, 40, 27, 29, 26, 24, 23, 20, 21, 18, 15, 11,
                                                     7, 2, 2, 1, 1, 180, 5), strict=True))  # fmt: skip
_COMMON = (
    "the to and you a it of i that is in have my me be not so this for do but with what on can was just are like we they if"
    " know feel your about all really would get at when think don't there or how out am some no he been from up people"
    " one good want because more as had did has help work time something could go things right well too very yes"
    " talk now then try sure much here maybe she him her them going make see way sorry being even any over will were"
    " lot anything day understand thank friends life hard best find back other than only who still after into take before where"
)
_COMMON_WORDS = {word: 3.0 / (rank + 8) for rank, word in enumerate(_COMMON.split())}


def _rarity(literal: str) -> float:
    """A rough share of messages that hold this literal, in everyday English."""
    by_letters = 80.0
    for letter in literal:
        by_letters *= _LETTERS.get(letter, 3) / 1000
    return by_letters + sum(share for word, share in _COMMON_WORDS.items() if literal in word)


def _chance(literals: frozenset[str]) -> float:
    return sum(_rarity(literal) for literal in literals)


def _usable(part: _Part) -> list[frozenset[str]]:
    """The sets of a piece that can be looked for, the one least likely to be met by chance first."""
    sets = {one for one in (part.exact, *part.musts) if one and all(len(literal) >= SHORTEST for literal in one)}
    return sorted(sets, key=lambda one: (_chance(one), sorted(one)))
