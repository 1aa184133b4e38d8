r"""What must stand in any text that a pattern matches: read off the pattern's own syntax tree, so it cannot drift from it.

Literals are words and phrases in a *levelled* text, in which everything between words is one space. So ``\\b wa \\b`` is looked for
as ``" wa "`` and is not met in *was*, and ``hit \\s{1,3} me`` is one literal instead of two common ones.

The tree is the standard library's. A construct that is not understood here is refused, and so is a pattern whose matches may
be of any length: the scan looks only near its literals, and its exactness hangs on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

import msgspec

from bot.rule.ordinary import Ordinary
from bot.rule.ways import Musts, Way, rarest_first, way
from bot.text import BETWEEN, SIGNS, stand_apart

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 -- the one syntax tree there is
_codes: Any = re._constants  # type: ignore[attr-defined]  # noqa: SLF001

LONGEST = 240
"""No pattern may match more characters than this."""
MOST_STRINGS = 150
"""Two choices side by side are one of at most so many phrases; more stay two sets of words."""
MOST_CHARACTERS = 8
SHORTEST = 2
MOST_CHOICES = 1_000
MOST_WAYS = 24
"""The alternatives of a pattern are told apart up to so many."""

EDGE = "\0"
"""Stands in a literal where a word must begin or end."""
RUN = "run"
"""Our own name in a tree for letters that follow each other: nearly all of every pattern, read in one go."""

STAND_INS = range(0xE000, 0xF900)
"""Unicode's private characters: each stands for a word list in a tree."""

_NAMED = re.compile(r"\\L<(\w+)>")
_SPACES = re.compile(" {2,}")


class PatternError(ValueError):
    """A pattern cannot be used; the message says why, for the one who wrote it."""


class Needs(msgspec.Struct, frozen=True):
    """Every match is made in one of these ways, and none is longer than ``width``."""

    ways: tuple[Way, ...]
    width: int
    chance: float
    """A rough share of ordinary messages that hold a literal of one of the ways."""

    @property
    def literals(self) -> frozenset[str]:
        """One of these stands in every match."""
        return frozenset[str]().union(*(one.literals for one in self.ways))


def expand(pattern: str, words: Mapping[str, tuple[str, ...]]) -> str:
    r"""Write every ``\L<name>`` out as a choice of its words, the longest first."""
    _named(pattern, words)

    def choice(found: re.Match[str]) -> str:
        listed = sorted(words[found.group(1)], key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(re.escape(word) for word in listed)})"

    return _NAMED.sub(choice, pattern)


def _named(pattern: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The lists that a pattern names, each once. Raises ``PatternError``."""
    names = list(dict.fromkeys(_NAMED.findall(pattern)))
    for name in names:
        if not words.get(name):
            raise PatternError(f"\\L<{name}> is not among its [words]")
    return names


def _with_stand_ins(pattern: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The pattern with a character that nobody writes for each list, repeated as often as its words are long.

    Written out, the lists would be nine tenths of what there is to parse.
    """
    for number, name in enumerate(_named(pattern, words)):
        lengths = [len(word) for word in words[name]]
        pattern = pattern.replace(f"\\L<{name}>", f"{chr(STAND_INS[number])}{{{min(lengths)},{max(lengths)}}}")
    return pattern


def needs(pattern: str, words: Mapping[str, tuple[str, ...]], ordinary: Ordinary) -> Needs:
    """Say what every match of a verbose pattern with these word lists holds; ``PatternError`` if that cannot be said."""
    lists = [words[name] for name in _named(pattern, words)]
    try:
        tree = _parser.parse(_with_stand_ins(pattern, words), re.VERBOSE)
    except re.error as error:
        raise PatternError(str(error)) from error
    shortest, longest = tree.getwidth()
    if shortest == 0:
        raise PatternError("it matches the empty text")
    if longest > LONGEST:
        raise PatternError(f"a match may be longer than {LONGEST} characters; write {{0,30}} instead of * and +")
    whole = _Reading(lists, ordinary).sequence(tree, left=False, right=False)
    choices = whole.ways if whole.exact is None else (_must(whole.exact, left=False, right=False),)
    if not all(choices):
        raise PatternError(f"no word of {SHORTEST} letters or more stands in every match")
    ways = tuple({way(musts, ordinary): None for musts in choices})
    return Needs(ways, longest, sum(ordinary.chance(literals) for literals in {one.literals for one in ways}))


# --- reading a tree --------------------------------------------------------------------------------------------------


class _Part(msgspec.Struct, frozen=True):
    """A piece of a pattern: all it can match, if that is few; else the ways in which it can, with what each must hold."""

    exact: frozenset[str] | None
    ways: tuple[Musts, ...] = ((),)


_NOTHING = frozenset({""})
_EMPTY = _Part(_NOTHING)
_ANYTHING = _Part(None)
_EDGE = _Part(frozenset({EDGE}))
_SPACE = _Part(frozenset({" "}))
_ONE_WORD_CHARACTER = [(_codes.IN, [(_codes.CATEGORY, _codes.CATEGORY_WORD)])]
r"""What ``(?<!\w)`` and ``(?!\w)`` look for."""


class _Reading:
    """Reads trees with these word lists; ``ordinary`` decides where only one of several sets can be kept."""

    def __init__(self, lists: list[tuple[str, ...]], ordinary: Ordinary) -> None:
        self._lists = [frozenset(listed) for listed in lists]
        self._ordinary = ordinary

    def sequence(self, tree: Iterable[Any], *, left: bool, right: bool) -> _Part:
        """Pieces one after the other: exact neighbours grow together into longer literals.

        ``left`` and ``right`` say whether a word that begins or ends with the sequence is a whole one on that side.
        """
        items = list(_runs(tree))
        ways: tuple[Musts, ...] | None = None
        grown, begun = _NOTHING, left
        for index, item in enumerate(items):
            after = _opens(items[index + 1 :], right)
            part = self._piece(item, left, after)
            joined = None if part.exact is None else _joined(grown, part.exact)
            ended, left = left, _closes([item], left)
            if joined is not None:
                grown = joined
                continue
            ways = self._crossed(ways or ((),), (_must(grown, left=begun, right=_opens([item], after)),))
            if part.exact is None:
                ways = self._crossed(ways, part.ways)
            grown, begun = (_NOTHING, left) if part.exact is None else (part.exact, ended)
        if ways is None:
            return _Part(grown)
        return _Part(None, self._crossed(ways, (_must(grown, left=begun, right=right),)))

    def _crossed(self, left: tuple[Musts, ...], right: tuple[Musts, ...]) -> tuple[Musts, ...]:
        """Each way of the one with each of the other; where those are too many, one for all of the other."""
        if len(left) * len(right) > MOST_WAYS:
            right = (self._in_any(right),)
        return tuple(a + b for a, b in product(left, right))

    def _in_any(self, ways: tuple[Musts, ...]) -> Musts:
        """What must be there whichever way it is."""
        return (frozenset[str]().union(*(rarest_first(musts, self._ordinary)[0] for musts in ways)),) if all(ways) else ()

    def _piece(self, item: tuple[Any, Any], left: bool, right: bool) -> _Part:  # noqa: PLR0911, FBT001 -- one answer for each construct
        code, value = item
        if code is RUN:
            return _Part(frozenset({value}))
        if code is _codes.IN:
            return _one_of(value)
        if code in (_codes.ANY, _codes.NOT_LITERAL):
            return _ANYTHING
        if code in (_codes.AT, _codes.ASSERT, _codes.ASSERT_NOT):
            return _EDGE if _is_edge(item) else _EMPTY
        if code is _codes.SUBPATTERN:
            return self.sequence(value[3], left=left, right=right)
        if code is _codes.ATOMIC_GROUP:
            return self.sequence(value, left=left, right=right)
        if code is _codes.BRANCH:
            return self._branch(value[1], left=left, right=right)
        if (number := _stand_in(item)) is not None:
            listed = self._lists[number]
            return _Part(listed) if len(listed) <= MOST_CHOICES else _Part(None, (_must(listed, left=left, right=right),))
        if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT, _codes.POSSESSIVE_REPEAT):
            return self._repeat(*value, left=left, right=right)
        raise PatternError(f"the construct {str(code).lower()} is not understood")

    def _branch(self, choices: list[Any], *, left: bool, right: bool) -> _Part:
        parts = [self.sequence(choice, left=left, right=right) for choice in choices]
        exact = frozenset[str]().union(*(part.exact for part in parts if part.exact is not None))
        ways = tuple(one for part in parts if part.exact is None for one in part.ways)
        if not ways and len(exact) <= MOST_CHOICES:
            return _Part(exact)
        if exact:
            ways += (_must(exact, left=left, right=right),)
        return _Part(None, ways if len(ways) <= MOST_WAYS else (self._in_any(ways),))

    def _repeat(self, least: int, most: int, body: Any, *, left: bool, right: bool) -> _Part:  # noqa: ANN401 -- the tree has no types
        part = self.sequence(body, left=left and most == 1, right=right and most == 1)
        if part.exact == _SPACE.exact and most > 1:
            return _SPACE if least else _Part(frozenset({"", " "}))
        if least == 0:
            return _Part(part.exact | _NOTHING) if part.exact is not None and most == 1 else _ANYTHING
        if most == 1 or part.exact is None:
            return part
        return _Part(None, (_must(part.exact, left=False, right=False),))


def _runs(tree: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The pieces of a sequence, with the letters that follow each other as one."""
    letters: list[str] = []
    for item in tree:
        if item[0] is _codes.LITERAL:
            letters.append(chr(item[1]))
            continue
        if letters:
            yield RUN, "".join(letters)
            letters = []
        yield item
    if letters:
        yield RUN, "".join(letters)


def _stand_in(item: tuple[Any, Any]) -> int | None:
    """The number of the word list that a piece stands for; ``None`` if it is no stand-in."""
    code, value = item
    if code is not _codes.MAX_REPEAT or len(value[2]) != 1 or value[2][0][0] is not _codes.LITERAL or value[2][0][1] not in STAND_INS:
        return None
    return STAND_INS.index(value[2][0][1])


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > (MOST_STRINGS if len(left) > 1 and len(right) > 1 else MOST_CHOICES):
        return None
    return frozenset([a + b for a, b in product(left, right)])


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


def _must(strings: frozenset[str], *, left: bool, right: bool) -> Musts:
    """Strings as a set of which one must be there; no set if one of them says nothing."""
    before, behind = EDGE if left else "", EDGE if right else ""
    levelled = frozenset([_levelled(f"{before}{string}{behind}") for string in strings])
    return (levelled,) if all(map(_can_be_found, levelled)) else ()


def _levelled(literal: str) -> str:
    """A literal as it stands in levelled text: an edge is a space beside a letter, and nothing beside a space."""
    return _SPACES.sub(" ", BETWEEN.sub(" ", literal if literal.isascii() else stand_apart(literal)))


def _can_be_found(literal: str) -> bool:
    """Whether a literal says anything: two letters, a sign, or one letter that is a word."""
    word = literal.strip()
    return len(word) >= SHORTEST or (word != "" and (not word.isascii() or literal == f" {word} "))


# --- where words end -------------------------------------------------------------------------------------------------


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
    if code is RUN:
        return _is_outside_letter(value[0 if step == 1 else -1]), False
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
        return outside and _stand_in(item) is None, passed or value[0] == 0
    return False, False


def _rims(items: Any, step: int) -> tuple[bool, bool]:  # noqa: ANN401 -- the tree has no types
    for item in list(items)[::step]:
        outside, passed = _rim(item, step)
        if not (outside and passed):
            return outside, passed
    return True, True


def _is_outside(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is no letter; a sign is a word of its own, so words end beside it."""
    return _is_outside_letter(chr(value)) if code is _codes.LITERAL else _is_between(code, value)


@lru_cache(maxsize=10_000)
def _is_outside_letter(letter: str) -> bool:
    return BETWEEN.fullmatch(letter) is not None or SIGNS.fullmatch(letter) is not None


def _is_between(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is never part of a word."""
    if code is _codes.LITERAL:
        return BETWEEN.fullmatch(chr(value)) is not None
    return code is _codes.CATEGORY and value in (_codes.CATEGORY_SPACE, _codes.CATEGORY_NOT_WORD)


def _is_edge(item: tuple[Any, Any]) -> bool:
    code, value = item
    if code is _codes.AT:
        return value is not _codes.AT_NON_BOUNDARY
    return code is _codes.ASSERT_NOT and list(value[1]) == _ONE_WORD_CHARACTER
