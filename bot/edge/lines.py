"""Where in a TOML file something is set: the standard library tells what a file says, but not in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_TABLE = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def line_of(written: str, place: Sequence[str | int]) -> int | None:
    """The number of the line that sets what stands at ``place``, or else of the nearest table or list around it; ``None`` if none does."""
    wanted = tuple(place)
    best: tuple[int, int] | None = None
    for number, path in _paths(written):
        if wanted[: len(path)] == path and (best is None or len(path) > best[0]):
            best = len(path), number
    return None if best is None else best[1]


def _paths(written: str) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Every line that sets something, with the path of what it sets."""
    table: tuple[str | int, ...] = ()
    lists: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(written.splitlines(), 1):
        if header := _TABLE.match(line):
            names = _parts(header[2])
            if header[1] == "[[":
                lists[names] = lists.get(names, -1) + 1
            table = _numbered(names, lists)
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(next(part for part in found.groups() if part is not None) for found in _PART.finditer(dotted))


def _numbered(names: tuple[str, ...], lists: dict[tuple[str, ...], int]) -> tuple[str | int, ...]:
    """The path of a table, with the number of the element behind the name of a list."""
    path: list[str | int] = []
    for length, name in enumerate(names, 1):
        path.append(name)
        if names[:length] in lists:
            path.append(lists[names[:length]])
    return tuple(path)
