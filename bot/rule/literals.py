r"""What must stand in any text that a pattern matches: read off the pattern's own syntax tree, so it cannot drift from it.

Literals are words and phrases in a *levelled* text, in which everything between words is one space. So ``\\b wa \\b`` is looked for
as ``" wa "`` and is not met in *was*, and ``hit \\s{1,3} me`` is one literal instead of two common ones.

The tree is the standard library's. A construct that is not understood here is refused, and so is a pattern whose matches may
be of any length: the scan looks only near its literals, and its exactness hangs on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import msgspec

from bot.rule.ordinary import Ordinary
from bot.rule.tree import RUN, STAND_INS, closes, codes, is_between, is_edge, opens, parse, runs, stand_in, width, widths
from bot.rule.ways import Must, Musts, Way, rarest_first, way
from bot.text import BETWEEN, SIGNS, stand_apart

LONGEST = 240
"""No pattern may match more characters than this."""
FURTHEST = 600
"""Nor look at more, ahead of what it matches counted in."""
MOST_STRINGS = 150
"""Two choices side by side are one of at most so many phrases; more stay two sets of words."""
MOST_CHARACTERS = 8
SHORTEST = 2
MOST_CHOICES = 1_000
MOST_WAYS = 24
"""The alternatives of a pattern are told apart up to so many."""

EDGE = "\0"
"""Stands in a literal where a word must begin or end."""
_NAMED = re.compile(r"\\L<(\w+)>")
_SPACES = re.compile(" {2,}")
_OUTSIDE = re.compile(rf"^{BETWEEN.pattern}")
"""What a string begins with before its first word."""


class PatternError(ValueError):
    """A pattern cannot be used; the message says why, for the one who wrote it."""


class Needs(msgspec.Struct, frozen=True):
    """Every match is made in one of these ways."""

    ways: tuple[Way, ...]
    reach: int
    """No match looks at more characters than this from where it begins, what it only looks ahead at counted in."""
    chance: float
    """A rough share of ordinary messages that hold a literal of one of the ways."""

    @property
    def literals(self) -> frozenset[str]:
        """One of these stands in every match."""
        return frozenset[str]().union(*(one.must.literals for one in self.ways))


def expand(pattern: str, words: Mapping[str, tuple[str, ...]]) -> str:
    r"""Write every ``\L<name>`` out as a choice of its words, the longest first."""
    named(pattern, words)

    def choice(found: re.Match[str]) -> str:
        listed = sorted(words[found.group(1)], key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(re.escape(word) for word in listed)})"

    return _NAMED.sub(choice, pattern)


def named(pattern: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
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
    for number, name in enumerate(named(pattern, words)):
        lengths = [len(word) for word in words[name]]
        pattern = pattern.replace(f"\\L<{name}>", f"{chr(STAND_INS[number])}{{{min(lengths)},{max(lengths)}}}")
    return pattern


def needs(pattern: str, words: Mapping[str, tuple[str, ...]], ordinary: Ordinary) -> Needs:
    """Say what every match of a verbose pattern with these word lists holds; ``PatternError`` if that cannot be said."""
    lists = [words[name] for name in named(pattern, words)]
    try:
        tree = parse(_with_stand_ins(pattern, words))
    except re.error as error:
        raise PatternError(str(error)) from error
    shortest, longest = tree.getwidth()
    if shortest == 0:
        raise PatternError("it matches the empty text")
    if longest > LONGEST:
        raise PatternError(f"a match may be longer than {LONGEST} characters; write {{0,30}} instead of * and +")
    whole = _Reading(lists, ordinary).sequence(tree, left=False, right=False)
    choices = whole.ways if whole.exact is None else (_must(whole.exact, 0, left=False, right=False),)
    if not all(choices):
        raise PatternError(f"no word of {SHORTEST} letters or more stands in every match")
    ways = tuple({way(musts, ordinary): None for musts in choices})
    reach = widths(tree, ahead=True)
    if reach > FURTHEST:
        raise PatternError(f"a match may look ahead at more than {FURTHEST} characters; write {{0,30}} instead of * and + in what is ahead")
    chance = sum(ordinary.chance(literals) for literals in {one.must.literals for one in ways})
    return Needs(ways, reach, chance)


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


class _Reading:
    """Reads trees with these word lists; ``ordinary`` decides where only one of several sets can be kept."""

    def __init__(self, lists: list[tuple[str, ...]], ordinary: Ordinary) -> None:
        self._lists = [frozenset(listed) for listed in lists]
        self._ordinary = ordinary

    def sequence(self, tree: Iterable[Any], *, left: bool, right: bool) -> _Part:
        """Pieces one after the other: exact neighbours grow together into longer literals.

        ``left`` and ``right`` say whether a word that begins or ends with the sequence is a whole one on that side.
        """
        items = list(runs(tree))
        ways: tuple[Musts, ...] | None = None
        grown, begun, lead = _NOTHING, left, 0
        passed = 0
        for index, item in enumerate(items):
            after = opens(items[index + 1 :], right)
            part = self._piece(item, left, after)
            joined = None if part.exact is None else _joined(grown, part.exact)
            ended, left = left, closes([item], left)
            before, passed = passed, passed + width(item)
            if joined is not None:
                grown = joined
                continue
            ways = self._crossed(ways or ((),), (_must(grown, lead, left=begun, right=opens([item], after)),))
            if part.exact is None:
                ways = self._crossed(ways, tuple(_further(musts, before) for musts in part.ways))
            grown, begun, lead = (_NOTHING, left, passed) if part.exact is None else (part.exact, ended, before)
        if ways is None:
            return _Part(grown)
        return _Part(None, self._crossed(ways, (_must(grown, lead, left=begun, right=right),)))

    def _crossed(self, left: tuple[Musts, ...], right: tuple[Musts, ...]) -> tuple[Musts, ...]:
        """Each way of the one with each of the other; where those are too many, one for all of the other."""
        if len(left) * len(right) > MOST_WAYS:
            right = (self._in_any(right),)
        return tuple(a + b for a, b in product(left, right))

    def _in_any(self, ways: tuple[Musts, ...]) -> Musts:
        """What must be there whichever way it is."""
        if not all(ways):
            return ()
        rarest = [rarest_first(musts, self._ordinary)[0] for musts in ways]
        literals = frozenset[str]().union(*(one.literals for one in rarest))
        return (Must(literals, max(one.lead for one in rarest), any(one.ahead for one in rarest)),)

    def _piece(self, item: tuple[Any, Any], left: bool, right: bool) -> _Part:  # noqa: PLR0911, FBT001 -- one answer for each construct
        code, value = item
        if code is RUN:
            return _Part(frozenset({value}))
        if code is codes.IN:
            return _one_of(value)
        if code in (codes.ANY, codes.NOT_LITERAL):
            return _ANYTHING
        if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
            return _EDGE if is_edge(item) else self._ahead(*value, left=left) if code is codes.ASSERT else _EMPTY
        if code is codes.SUBPATTERN:
            return self.sequence(value[3], left=left, right=right)
        if code is codes.ATOMIC_GROUP:
            return self.sequence(value, left=left, right=right)
        if code is codes.BRANCH:
            return self._branch(value[1], left=left, right=right)
        if (number := stand_in(item)) is not None:
            listed = self._lists[number]
            return _Part(listed) if len(listed) <= MOST_CHOICES else _Part(None, (_must(listed, 0, left=left, right=right),))
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            return self._repeat(*value, left=left, right=right)
        raise PatternError(f"the construct {str(code).lower()} is not understood")

    def _ahead(self, direction: int, tree: Any, *, left: bool) -> _Part:  # noqa: ANN401 -- the tree has no types
        """What must stand ahead stands in the text as well; what must stand behind does not say where a match begins."""
        if direction < 0:
            return _EMPTY
        part = self.sequence(tree, left=left, right=False)
        ways = part.ways if part.exact is None else (_must(part.exact, 0, left=left, right=False),)
        return _Part(None, tuple(_looked_at(musts) for musts in ways)) if all(ways) else _EMPTY

    def _branch(self, choices: list[Any], *, left: bool, right: bool) -> _Part:
        parts = [self.sequence(choice, left=left, right=right) for choice in choices]
        exact = frozenset[str]().union(*(part.exact for part in parts if part.exact is not None))
        ways = tuple(one for part in parts if part.exact is None for one in part.ways)
        if not ways and len(exact) <= MOST_CHOICES:
            return _Part(exact)
        if exact:
            ways += (_must(exact, 0, left=left, right=right),)
        return _Part(None, ways if len(ways) <= MOST_WAYS else (self._in_any(ways),))

    def _repeat(self, least: int, most: int, body: Any, *, left: bool, right: bool) -> _Part:  # noqa: ANN401 -- the tree has no types
        part = self.sequence(body, left=left and most == 1, right=right and most == 1)
        if part.exact == _SPACE.exact and most > 1:
            return _SPACE if least else _Part(frozenset({"", " "}))
        if least == 0:
            return _Part(part.exact | _NOTHING) if part.exact is not None and most == 1 else _ANYTHING
        if most == 1 or part.exact is None:
            return part
        return _Part(None, (_must(part.exact, 0, left=False, right=False),))


def _joined(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > (MOST_STRINGS if len(left) > 1 and len(right) > 1 else MOST_CHOICES):
        return None
    return frozenset([a + b for a, b in product(left, right)])


def _one_of(members: list[tuple[Any, Any]]) -> _Part:
    if all(is_between(*member) for member in members):
        return _SPACE
    letters: set[str] = set()
    for code, value in members:
        if code is codes.LITERAL:
            letters.add(chr(value))
        elif code is codes.RANGE and value[1] - value[0] < MOST_CHARACTERS:
            letters.update(chr(letter) for letter in range(value[0], value[1] + 1))
        else:
            return _ANYTHING
    return _Part(frozenset(letters)) if len(letters) <= MOST_CHARACTERS else _ANYTHING


def _must(strings: frozenset[str], lead: int, *, left: bool, right: bool) -> Musts:
    """Strings as a set of which one must be there, ``lead`` characters behind the beginning; no set if one of them says nothing."""
    before, behind = EDGE if left else "", EDGE if right else ""
    levelled = frozenset([_levelled(f"{before}{string}{behind}") for string in strings])
    if not all(map(_can_be_found, levelled)):
        return ()
    return (Must(_shortest(levelled), lead + max(map(_before_first_word, strings))),)


def _shortest(literals: Iterable[str]) -> frozenset[str]:
    """Those that begin with no other one: where the longer one stands the shorter one stands as well."""
    kept: list[str] = []
    for literal in sorted(literals):
        if not kept or not literal.startswith(kept[-1]):
            kept.append(literal)
    return frozenset(kept)


def _before_first_word(string: str) -> int:
    return len(string.replace(EDGE, "")) - len(_OUTSIDE.sub("", string.replace(EDGE, "")))


def _further(musts: Musts, by: int) -> Musts:
    """The same with so many characters before them."""
    return tuple(Must(one.literals, one.lead + by, one.ahead) for one in musts) if by else musts


def _looked_at(musts: Musts) -> Musts:
    """The same where it is only looked ahead at."""
    return tuple(Must(one.literals, one.lead, ahead=True) for one in musts)


def _levelled(literal: str) -> str:
    """A literal as it stands in levelled text: an edge is a space beside a letter, and nothing beside a space."""
    return _SPACES.sub(" ", BETWEEN.sub(" ", stand_apart(literal)))


def _can_be_found(literal: str) -> bool:
    """Whether a literal says anything: two letters, a sign, or one letter that is a word."""
    word = literal.strip()
    return len(word) >= SHORTEST or SIGNS.match(word) is not None or (word != "" and literal == f" {word} ")
