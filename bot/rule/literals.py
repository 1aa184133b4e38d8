r"""What must stand in any text that a pattern matches: read off the pattern's own syntax tree, so it cannot drift from it.

Literals are words and phrases in a *levelled* text, in which everything between words is one space. So ``\\b wa \\b`` is looked for
as ``" wa "`` and is not met in *was*, and ``hit \\s{1,3} me`` is one literal instead of two common ones.

The tree is the standard library's. A construct that is not understood here is refused, and so is a pattern whose matches may
be of any length: the scan looks only near its literals, and its exactness hangs on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

import msgspec

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 -- the one syntax tree there is
_codes: Any = re._constants  # type: ignore[attr-defined]  # noqa: SLF001

LONGEST = 240
"""No pattern may match more characters than this."""
MOST_STRINGS = 300
MOST_CHARACTERS = 8
SHORTEST = 2
MOST_CHOICES = 4_000
MOST_PARTS = 40
"""More parts of words than this are not worth looking for before a search; of whole words there may be any number."""
MOST_OTHERS = 4

_SIGN = "\u2600-\u27bf\U0001f000-\U0001faff"
"""Emoji and the like: each is a word of its own."""
_BETWEEN = re.compile(rf"[^\w{_SIGN}]+")
_SIGNS = re.compile(f"[{_SIGN}]")
_LEVEL = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}

EDGE = "\0"
"""Stands in a literal where a word must begin or end."""

_NAMED = re.compile(r"\\L<(\w+)>")


class PatternError(ValueError):
    """A pattern cannot be used; the message says why, for the one who wrote it."""


class OneOf(msgspec.Struct, frozen=True):
    """One of these words, or one of these parts of words, stands in every match."""

    words: frozenset[str]
    parts: tuple[str, ...]

    def holds(self, words: frozenset[str], levelled: str) -> bool:
        """Whether a levelled text with these words has one of them."""
        return not self.words.isdisjoint(words) or any(part in levelled for part in self.parts)


class Needs(msgspec.Struct, frozen=True):
    """One of ``literals`` stands in every match, one of each of ``others`` too, and no match is longer than ``width``."""

    literals: frozenset[str]
    others: tuple[OneOf, ...]
    width: int
    chance: float
    """A rough share of messages that hold one of ``literals``."""


class _Part(msgspec.Struct, frozen=True):
    """A piece of a pattern: all it can match, if that is few; and sets of each of which one must be there."""

    exact: frozenset[str] | None
    musts: tuple[frozenset[str], ...] = ()


_EMPTY = _Part(frozenset({""}))
_ANYTHING = _Part(None)
_EDGE = _Part(frozenset({EDGE}))
_SPACE = _Part(frozenset({" "}))
_ONE_WORD_CHARACTER = [(_codes.IN, [(_codes.CATEGORY, _codes.CATEGORY_WORD)])]
r"""What ``(?<!\w)`` and ``(?!\w)`` look for."""


def level(text: str) -> str:
    """The text with one space for all that stands between words, and one at either end."""
    if text.isascii():
        return f" {' '.join(text.translate(_LEVEL).split())} "
    return f" {' '.join(_BETWEEN.sub(' ', _SIGNS.sub(_apart, text)).split())} "


def _apart(sign: re.Match[str]) -> str:
    return f" {sign.group()} "


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
    others = (_one_of_words(one) for one in sets[1 : 1 + MOST_OTHERS])
    return Needs(sets[0], tuple(one for one in others if len(one.parts) <= MOST_PARTS), longest, _chance(sets[0]))


def _one_of_words(literals: frozenset[str]) -> OneOf:
    """A set as it is checked: a phrase by the rarest word that stands whole in it, what has none by its letters."""
    words: set[str] = set()
    parts: list[str] = []
    for literal in literals:
        whole = [f" {word} " for word in literal.split() if f" {word} " in literal]
        if whole:
            words.add(min(whole, key=_rarity).strip())
        else:
            parts.append(literal)
    return OneOf(frozenset(words), tuple(sorted(parts)))


def _sequence(items: Iterable[Any]) -> _Part:
    """Pieces one after the other: exact neighbours grow together into longer literals."""
    whole = True
    grown: frozenset[str] = frozenset({""})
    musts: list[frozenset[str]] = []
    for item in items:
        part = _piece(item)
        if part.exact is None:
            musts += part.musts  # else all that it can match goes into a literal, which says more
        joined = None if part.exact is None else _joined(grown, part.exact)
        if joined is not None:
            grown = joined
            continue
        musts.append(grown)
        whole = False
        grown = part.exact if part.exact is not None else frozenset({""})
    return _Part(grown, tuple(musts)) if whole else _Part(None, (*musts, grown))


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > (MOST_STRINGS if len(left) > 1 and len(right) > 1 else MOST_CHOICES):
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
    if code is _codes.AT:
        return _EDGE if value is _codes.AT_BOUNDARY else _EMPTY
    if code in (_codes.ASSERT, _codes.ASSERT_NOT):
        return _EDGE if code is _codes.ASSERT_NOT and list(value[1]) == _ONE_WORD_CHARACTER else _EMPTY
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
    if all(_is_between(*member) for member in members):
        return _SPACE
    letters: set[str] = set()
    for code, value in members:
        if code is _codes.LITERAL:
            letters.add(chr(value))
        elif code is _codes.RANGE and value[1] - value[0] < MOST_CHARACTERS:
            letters.update(chr(letter) for letter in range(value[0], value[1] + 1))
        else:
            return _ANYTHING
    return _Part(frozenset(letters)) if len(letters) <= MOST_CHARACTERS else _ANYTHING


def _is_between(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is never part of a word."""
    if code is _codes.LITERAL:
        return _BETWEEN.fullmatch(chr(value)) is not None
    return code is _codes.CATEGORY and value in (_codes.CATEGORY_SPACE, _codes.CATEGORY_NOT_WORD)


def _branch(choices: list[Any]) -> _Part:
    parts = [_sequence(choice) for choice in choices]
    exact: frozenset[str] | None = frozenset()
    for part in parts:
        exact = None if exact is None or part.exact is None else exact | part.exact
    if exact is not None and len(exact) <= MOST_CHOICES:
        return _Part(exact)
    best = [next(iter(_usable(part)), None) for part in parts]
    musts = () if any(one is None for one in best) else (frozenset[str]().union(*(one for one in best if one)),)
    return _Part(None, musts)


def _repeat(least: int, most: int, body: Any) -> _Part:  # noqa: ANN401 -- the tree has no types
    part = _sequence(body)
    if part.exact == _SPACE.exact and most > 1:
        return _SPACE if least else _Part(frozenset({"", " "}))
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


@lru_cache(maxsize=100_000)
def _rarity(literal: str) -> float:
    """A rough share of messages that hold this literal, in everyday English."""
    share = 80.0
    for letter in literal.strip():
        share *= _LETTERS.get(letter, 3) / 1000
    whole = literal[0] == literal[-1] == " "
    share *= 0.3 if whole else 1.0
    if " " in literal.strip():
        return share * 0.1
    if whole:
        return share + _COMMON_WORDS.get(literal.strip(), 0.0)
    return share + sum(often for word, often in _COMMON_WORDS.items() if literal in f" {word} ")


def _chance(literals: frozenset[str]) -> float:
    return sum(_rarity(literal) for literal in literals)


def _levelled(literal: str) -> str:
    """A literal as it stands in levelled text: an edge is a space beside a letter, and nothing beside a space."""
    return _SPACES.sub(" ", _BETWEEN.sub(" ", literal if literal.isascii() else _SIGNS.sub(_apart, literal)))


def _can_be_found(literal: str) -> bool:
    """Whether a literal says anything: two letters, a sign, or one letter that is a word."""
    word = literal.strip()
    return len(word) >= SHORTEST or (word != "" and (not word.isascii() or literal == f" {word} "))


_SPACES = re.compile(" {2,}")


def _usable(part: _Part) -> list[frozenset[str]]:
    """The sets of a piece that can be looked for, the one least likely to be met by chance first."""
    sets = set()
    for one in (part.exact, *part.musts):
        levelled = frozenset(_levelled(literal) for literal in one or ())
        if levelled and all(_can_be_found(literal) for literal in levelled):
            sets.add(levelled)
    return sorted(sets, key=lambda one: (_chance(one), sorted(one)))
