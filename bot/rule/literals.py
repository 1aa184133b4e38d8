r"""What must stand in any text that a pattern matches: read off the pattern's own syntax tree, so it cannot drift from it.

Literals are words and phrases in a *levelled* text, in which everything between words is one space. So ``\\b wa \\b`` is looked for
as ``" wa "`` and is not met in *was*, and ``hit \\s{1,3} me`` is one literal instead of two common ones.

The tree is the standard library's. A construct that is not understood here is refused, and so is a pattern whose matches may
be of any length: the scan looks only near its literals, and its exactness hangs on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, TypeAlias

import msgspec

from bot.text import BETWEEN, SIGNS, Levelled, stand_apart

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 -- the one syntax tree there is
_codes: Any = re._constants  # type: ignore[attr-defined]  # noqa: SLF001

LONGEST = 240
"""No pattern may match more characters than this."""
MOST_STRINGS = 60
MOST_CHARACTERS = 8
SHORTEST = 2
MOST_CHOICES = 1_000
MOST_PARTS = 40
"""More parts of words than this are not worth looking for before a search; of whole words there may be any number."""
MOST_OTHERS = 6
MOST_WAYS = 24
"""The alternatives of a pattern are told apart up to so many."""

EDGE = "\0"
"""Stands in a literal where a word must begin or end."""

_NAMED = re.compile(r"\\L<(\w+)>")


class PatternError(ValueError):
    """A pattern cannot be used; the message says why, for the one who wrote it."""


class OneOf(msgspec.Struct, frozen=True):
    """One of these words, or one of these parts of words, stands in every match."""

    words: frozenset[str]
    parts: tuple[str, ...]


class Way(msgspec.Struct, frozen=True):
    """One way in which a pattern can match: one of ``literals`` stands in every such match, and one of each of ``others`` too."""

    literals: frozenset[str]
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


class Needs(msgspec.Struct, frozen=True):
    """Every match is made in one of these ways, and none is longer than ``width``."""

    ways: tuple[Way, ...]
    width: int
    chance: float
    """A rough share of messages that hold a literal of one of the ways."""

    @property
    def literals(self) -> frozenset[str]:
        """One of these stands in every match."""
        return frozenset[str]().union(*(way.literals for way in self.ways))


_Musts = tuple[frozenset[str], ...]
"""Sets of each of which one must be there, as it stands in levelled text."""


class _Part(msgspec.Struct, frozen=True):
    """A piece of a pattern: all it can match, if that is few; else the ways in which it can, with what each must hold."""

    exact: frozenset[str] | None
    ways: tuple[_Musts, ...] = ((),)


_NOTHING = frozenset({""})
_EMPTY = _Part(_NOTHING)
_ANYTHING = _Part(None)
_EDGE = _Part(frozenset({EDGE}))
_SPACE = _Part(frozenset({" "}))
_ONE_WORD_CHARACTER = [(_codes.IN, [(_codes.CATEGORY, _codes.CATEGORY_WORD)])]
r"""What ``(?<!\w)`` and ``(?!\w)`` look for."""


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
    whole = _sequence(list(tree), left=False, right=False)
    choices = whole.ways if whole.exact is None else (_must(whole.exact, left=False, right=False),)
    if not all(choices):
        raise PatternError(f"no word of {SHORTEST} letters or more stands in every match")
    ways = {Way(first, _others(rest)): None for first, *rest in (_rarest_first(musts) for musts in choices)}
    return Needs(tuple(ways), longest, sum(_chance(literals) for literals in {way.literals for way in ways}))


def _rarest_first(musts: _Musts) -> list[frozenset[str]]:
    return sorted(set(musts), key=lambda one: (_chance(one), len(one), sorted(one)))


def _others(sets: list[frozenset[str]]) -> tuple[OneOf, ...]:
    others = (_one_of_words(one) for one in sets[:MOST_OTHERS])
    return tuple(one for one in others if len(one.parts) <= MOST_PARTS)


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


def _sequence(items: list[Any], *, left: bool, right: bool) -> _Part:
    """Pieces one after the other: exact neighbours grow together into longer literals.

    ``left`` and ``right`` say whether a word that begins or ends with the sequence is a whole one on that side.
    """
    ways: tuple[_Musts, ...] | None = None
    grown, begun = _NOTHING, left
    for index, item in enumerate(items):
        after = _opens(items[index + 1 :], right)
        part = _piece(item, left, after)
        joined = None if part.exact is None else _joined(grown, part.exact)
        ended, left = left, _closes([item], left)
        if joined is not None:
            grown = joined
            continue
        ways = _crossed(ways or ((),), (_must(grown, left=begun, right=_opens([item], after)),))
        if part.exact is None:
            ways = _crossed(ways, part.ways)
        grown, begun = (_NOTHING, left) if part.exact is None else (part.exact, ended)
    if ways is None:
        return _Part(grown)
    return _Part(None, _crossed(ways, (_must(grown, left=begun, right=right),)))


def _must(strings: frozenset[str], *, left: bool, right: bool) -> _Musts:
    """Strings as a set of which one must be there; no set if one of them says nothing."""
    before, behind = EDGE if left else "", EDGE if right else ""
    levelled = frozenset(_levelled(f"{before}{string}{behind}") for string in strings)
    return (levelled,) if all(_can_be_found(literal) for literal in levelled) else ()


def _crossed(left: tuple[_Musts, ...], right: tuple[_Musts, ...]) -> tuple[_Musts, ...]:
    """Each way of the one with each of the other; where those are too many, one for all of the other."""
    if len(left) * len(right) > MOST_WAYS:
        right = (_in_any(right),)
    return tuple(a + b for a, b in product(left, right))


def _in_any(ways: tuple[_Musts, ...]) -> _Musts:
    """What must be there whichever way it is."""
    return (frozenset[str]().union(*(_rarest_first(musts)[0] for musts in ways)),) if all(ways) else ()


# --- where words end ---


def _opens(items: list[Any], right: bool) -> bool:  # noqa: FBT001 -- handed through
    """Whether all that these can match begins outside a word, so that a word before them ends there."""
    for item in items:
        outside, passed = _rim(item, 1)
        if not (outside and passed):
            return outside
    return right


def _closes(items: list[Any], left: bool) -> bool:  # noqa: FBT001 -- handed through
    """Whether all that these can match ends outside a word, so that a word behind them begins there."""
    for item in reversed(items):
        outside, passed = _rim(item, -1)
        if not (outside and passed):
            return outside
    return left


def _rim(item: tuple[Any, Any], step: int) -> tuple[bool, bool]:  # noqa: C901, PLR0911 -- one answer for each construct
    """Whether a piece begins (or with ``step`` -1 ends) outside a word, and whether it may be nothing."""
    code, value = item
    if code is _codes.LITERAL:
        return _is_outside(code, value), False
    if code is _codes.IN:
        return all(_is_outside(*member) for member in value), False
    if code is _codes.AT:
        return value is not _codes.AT_NON_BOUNDARY, False
    if code in (_codes.ASSERT, _codes.ASSERT_NOT):
        return True, not _is_edge(item)
    if code is _codes.SUBPATTERN:
        return _rims(value[3], step)
    if code is _codes.ATOMIC_GROUP:
        return _rims(value, step)
    if code is _codes.BRANCH:
        passed = False
        for choice in value[1]:
            outside, may_be_nothing = _rims(choice, step)
            if not outside:
                return False, False
            passed = passed or may_be_nothing
        return True, passed
    if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT):
        outside, passed = _rims(value[2], step)
        return outside, passed or value[0] == 0
    return False, False


def _rims(items: Any, step: int) -> tuple[bool, bool]:  # noqa: ANN401 -- the tree has no types
    for item in list(items)[::step]:
        outside, passed = _rim(item, step)
        if not (outside and passed):
            return outside, passed
    return True, True


def _is_outside(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is no letter; a sign is a word of its own, so words end beside it."""
    return _is_between(code, value) or (code is _codes.LITERAL and SIGNS.fullmatch(chr(value)) is not None)


def _is_edge(item: tuple[Any, Any]) -> bool:
    code, value = item
    if code is _codes.AT:
        return value is not _codes.AT_NON_BOUNDARY
    return code is _codes.ASSERT_NOT and list(value[1]) == _ONE_WORD_CHARACTER


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > (MOST_STRINGS if len(left) > 1 and len(right) > 1 else MOST_CHOICES):
        return None
    return frozenset(a + b for a, b in product(left, right))


def _piece(item: tuple[Any, Any], left: bool, right: bool) -> _Part:  # noqa: PLR0911, FBT001 -- one answer for each construct
    code, value = item
    if code is _codes.LITERAL:
        return _Part(frozenset({chr(value)}))
    if code is _codes.IN:
        return _one_of(value)
    if code in (_codes.ANY, _codes.NOT_LITERAL):
        return _ANYTHING
    if code in (_codes.AT, _codes.ASSERT, _codes.ASSERT_NOT):
        return _EDGE if _is_edge(item) else _EMPTY
    if code is _codes.SUBPATTERN:
        return _sequence(list(value[3]), left=left, right=right)
    if code is _codes.ATOMIC_GROUP:
        return _sequence(list(value), left=left, right=right)
    if code is _codes.BRANCH:
        return _branch(value[1], left=left, right=right)
    if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT):
        return _repeat(*value, left=left, right=right)
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
        return BETWEEN.fullmatch(chr(value)) is not None
    return code is _codes.CATEGORY and value in (_codes.CATEGORY_SPACE, _codes.CATEGORY_NOT_WORD)


def _branch(choices: list[Any], *, left: bool, right: bool) -> _Part:
    parts = [_sequence(list(choice), left=left, right=right) for choice in choices]
    exact = frozenset[str]().union(*(part.exact for part in parts if part.exact is not None))
    ways = tuple(way for part in parts if part.exact is None for way in part.ways)
    if not ways and len(exact) <= MOST_CHOICES:
        return _Part(exact)
    if exact:
        ways += (_must(exact, left=left, right=right),)
    return _Part(None, ways if len(ways) <= MOST_WAYS else (_in_any(ways),))


def _repeat(least: int, most: int, body: Any, *, left: bool, right: bool) -> _Part:  # noqa: ANN401 -- the tree has no types
    part = _sequence(list(body), left=left and most == 1, right=right and most == 1)
    if part.exact == _SPACE.exact and most > 1:
        return _SPACE if least else _Part(frozenset({"", " "}))
    if least == 0:
        return _Part(part.exact | _NOTHING) if part.exact is not None and most == 1 else _ANYTHING
    if most == 1 or part.exact is None:
        return part
    return _Part(None, (_must(part.exact, left=False, right=False),))


# --- which set is seldom there ---------------------------------------------------------------------------------------

_LETTERS = dict(zip("etaoinshrdlcumwfgypbvkjxqz '", (120, 91, 81, 77, 73, 70, 63, 60, 60, 43, 40, 27, 29, 26, 24, 23, 20, 21, 18, 15, 11,
                                                     7, 2, 2, 1, 1, 180, 5), strict=True))  # fmt: skip
_COMMON = (
    "the to and you a it of i that is in have my me be not so this for do but with what on can was just are t s m re ll ve d like we they"
    " if know feel your about all really would get at when think don there or how out am some no he been from up people one good want"
    " because more as had did has help work time something could go things right well too very yes talk now then try sure much here"
    " maybe she him her them going make see way sorry being even any over will were lot anything day understand thank friends life hard"
    " best find back other than only who still after into take before where yeah ok okay oh hi hello thanks also someone nothing always"
    " never again down off little long same old new big last next first made said say tell told come came give need keep let look felt"
    " feeling feelings better bad worse great happy sad tired alone home house family mother mum dad friend school job money week month"
    " year years night morning today tomorrow everything everyone nobody anyone myself yourself our us their his its which while since"
    " though through around away until every most many few both each own such why should might must may able stop start started got"
    " getting doing having done mean kind point part place end days times world person problem hope love live says makes thing wrong true"
    " real enough almost ever already soon later sometimes often two three another else hear heard talking thinking saying trying"
)
_COMMON_WORDS = {word: 3.0 / (rank + 6) for rank, word in enumerate(_COMMON.split())}


@lru_cache(maxsize=100_000)
def _rarity(literal: str) -> float:
    """A rough share of messages that hold this literal, in everyday English."""
    share = 80.0
    for letter in literal.strip():
        share *= _LETTERS.get(letter, 3) / 1000
    whole = literal[0] == literal[-1] == " "
    share *= 0.3 if whole else 1.0
    if " " in literal.strip():
        return min(0.3 * min(_rarity(f" {word} ") for word in literal.split()), 0.1)
    if whole:
        return share + _COMMON_WORDS.get(literal.strip(), 0.0)
    return share + sum(often for word, often in _COMMON_WORDS.items() if literal in f" {word} ")


@lru_cache(maxsize=10_000)
def _chance(literals: frozenset[str]) -> float:
    return sum(_rarity(literal) for literal in literals)


def _levelled(literal: str) -> str:
    """A literal as it stands in levelled text: an edge is a space beside a letter, and nothing beside a space."""
    return _SPACES.sub(" ", BETWEEN.sub(" ", literal if literal.isascii() else stand_apart(literal)))


def _can_be_found(literal: str) -> bool:
    """Whether a literal says anything: two letters, a sign, or one letter that is a word."""
    word = literal.strip()
    return len(word) >= SHORTEST or (word != "" and (not word.isascii() or literal == f" {word} "))


_SPACES = re.compile(" {2,}")
