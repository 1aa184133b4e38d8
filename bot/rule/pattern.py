"""One pattern of a cue: what must stand in its matches is found out once, and it is compiled when it is first used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from functools import cached_property
from typing import Any

import msgspec
import regex

from bot.rule.literals import Needs, expand, named, needs
from bot.rule.ordinary import Ordinary

FLAGS = regex.VERBOSE | regex.VERSION0

DETAIL = "detail"
"""A pattern may name the group that is the cue."""


class Pattern:
    """One pattern of a cue, with what must stand in every match. Compiled when it is first used: all together take a second."""

    def __init__(self, cue: str, source: str, words: Mapping[str, tuple[str, ...]], needs: Needs) -> None:
        """Take it with its word lists, analysed."""
        self.cue = cue
        self.needs = needs
        self.group: str | int = DETAIL if f"(?P<{DETAIL}>" in source else 0
        """The group that is the cue."""
        self._source = source
        self._words = words

    def span(self, match: regex.Match[str]) -> tuple[int, int]:
        """Where the cue stands in a match: the whole of it, where the named group has no part in it."""
        start, end = match.span(self.group)
        return match.span() if start < 0 else (start, end)

    @property
    def expanded(self) -> str:
        """The pattern with its word lists written out."""
        return expand(self._source, self._words)

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        """The pattern, ready to search. Raises ``regex.error``."""
        lists: dict[str, Any] = {name: list(listed) for name, listed in self._words.items()}
        return regex.compile(self._source, FLAGS, ignore_unused=True, **lists)


class Analyses:
    """What must stand in the matches of patterns. To find that out takes longer than all else at a start, so it can be kept."""

    def __init__(self, ordinary: Ordinary, known: MutableMapping[bytes, Needs]) -> None:
        """``known`` holds what was found out before with this sample of ordinary talk and this code; what is new is added to it."""
        self._ordinary = ordinary
        self._known = known

    def of(self, source: str, words: Mapping[str, tuple[str, ...]]) -> Needs:
        """Of one pattern with its word lists. Raises ``PatternError``."""
        lists = {name: words[name] for name in named(source, words)}
        key = hashlib.sha256(msgspec.msgpack.encode((source, lists))).digest()
        if key not in self._known:
            self._known[key] = needs(source, lists, self._ordinary)
        return self._known[key]
