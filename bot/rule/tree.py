"""The syntax tree of a pattern, as the standard library makes it: what can be told of a piece without knowing what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from bot.text import BETWEEN, SIGNS

_parser: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 -- the one syntax tree there is
codes: Any = re._constants  # type: ignore[attr-defined]  # noqa: SLF001

RUN = "run"
"""Our own name in a tree for letters that follow each other: nearly all of every pattern, read in one go."""
STAND_INS = range(0xE000, 0xF900)
"""Unicode's private characters: each stands for a word list in a tree."""

_ONE_WORD_CHARACTER = [(codes.IN, [(codes.CATEGORY, codes.CATEGORY_WORD)])]
r"""What ``(?<!\w)`` and ``(?!\w)`` look for."""
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def parse(pattern: str) -> Any:  # noqa: ANN401 -- the tree has no types
    """The tree of a verbose pattern. Raises ``re.error``."""
    return _parser.parse(pattern, re.VERBOSE)


def runs(tree: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The pieces of a sequence, with the letters that follow each other as one."""
    letters: list[str] = []
    for item in tree:
        if item[0] is codes.LITERAL:
            letters.append(chr(item[1]))
            continue
        if letters:
            yield RUN, "".join(letters)
            letters = []
        yield item
    if letters:
        yield RUN, "".join(letters)


def stand_in(item: tuple[Any, Any]) -> int | None:
    """The number of the word list that a piece stands for; ``None`` if it is no stand-in."""
    code, value = item
    if code is not codes.MAX_REPEAT or len(value[2]) != 1 or value[2][0][0] is not codes.LITERAL or value[2][0][1] not in STAND_INS:
        return None
    return STAND_INS.index(value[2][0][1])


def width(item: tuple[Any, Any], *, ahead: bool = False) -> int:  # noqa: PLR0911 -- one answer for each construct
    """How many characters a piece can match at the most; with ``ahead``, how many it can look at from where it begins."""
    code, value = item
    if code is RUN:
        return len(value)
    if code is codes.AT:
        return int(ahead)
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return widths(value[1], ahead=ahead) if ahead and value[0] > 0 else 0
    if code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
        return widths(_inside(item), ahead=ahead)
    if code is codes.BRANCH:
        return max(widths(choice, ahead=ahead) for choice in value[1])
    if code in _REPEATS:
        return int(value[1]) * widths(value[2], ahead=ahead)
    return 1


def widths(tree: Iterable[Any], *, ahead: bool = False) -> int:
    """The same for a sequence."""
    return sum(width(item, ahead=ahead) for item in tree)


def _inside(item: tuple[Any, Any]) -> Any:  # noqa: ANN401 -- the tree has no types
    """What a group holds."""
    return item[1][3] if item[0] is codes.SUBPATTERN else item[1]


# --- where words end -------------------------------------------------------------------------------------------------


def opens(items: list[Any], right: bool) -> bool:  # noqa: FBT001 -- handed through
    """Whether all that these can match begins outside a word, so that a word before them ends there."""
    for item in items:
        outside, passed = _rim(item, 1)
        if not (outside and passed):
            return outside
    return right


def closes(items: list[Any], left: bool) -> bool:  # noqa: FBT001 -- handed through
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
    if code is codes.LITERAL:
        return _is_outside(code, value), False
    if code is codes.IN:
        return all(_is_outside(*member) for member in value), False
    if code is codes.AT:
        return value is not codes.AT_NON_BOUNDARY, False
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return True, not is_edge(item)
    if code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
        return _rims(_inside(item), step)
    if code is codes.BRANCH:
        passed = False
        for choice in value[1]:
            outside, may_be_nothing = _rims(choice, step)
            if not outside:
                return False, False
            passed = passed or may_be_nothing
        return True, passed
    if code in _REPEATS:
        outside, passed = _rims(value[2], step)
        return outside and stand_in(item) is None, passed or value[0] == 0
    return False, False


def _rims(items: Any, step: int) -> tuple[bool, bool]:  # noqa: ANN401 -- the tree has no types
    for item in list(items)[::step]:
        outside, passed = _rim(item, step)
        if not (outside and passed):
            return outside, passed
    return True, True


def _is_outside(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is no letter; a sign is a word of its own, so words end beside it."""
    return _is_outside_letter(chr(value)) if code is codes.LITERAL else is_between(code, value)


@lru_cache(maxsize=10_000)
def _is_outside_letter(letter: str) -> bool:
    return BETWEEN.fullmatch(letter) is not None or SIGNS.fullmatch(letter) is not None


def is_between(code: Any, value: Any) -> bool:  # noqa: ANN401 -- the tree has no types
    """Whether a member of a class is never part of a word."""
    if code is codes.LITERAL:
        return BETWEEN.fullmatch(chr(value)) is not None
    return code is codes.CATEGORY and value is codes.CATEGORY_SPACE


def is_edge(item: tuple[Any, Any]) -> bool:
    """Whether a piece says that a word begins or ends here."""
    code, value = item
    if code is codes.AT:
        return value is not codes.AT_NON_BOUNDARY
    return code is codes.ASSERT_NOT and list(value[1]) == _ONE_WORD_CHARACTER
