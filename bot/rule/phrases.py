"""Phrases: a cue may be made of other cues that stand near each other in one sentence, so that building stones are named once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

import msgspec

from bot.model import Cue

FEW = 4
"""So many cues are looked at for one that neither holds the other nor is held by it."""


class Phrase(msgspec.Struct, frozen=True):
    """One cue of each group, near each other in one sentence, and none of the exceptions."""

    cue: str
    """What it makes."""
    groups: tuple[frozenset[str], ...]
    gap: int
    """At most so many characters stand between neighbours."""
    ordered: bool
    """Whether the groups stand in this order."""
    between: frozenset[str]
    """None of these stands between the parts."""
    none: frozenset[str]
    """None of these stands in the sentence."""


class Phrases:
    """All phrases, sorted by the cues that they begin with. Built once; holds no state between messages."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Take them in an order in which each stands behind those that make its parts."""
        self._phrases = tuple(phrases)
        self._begun_by: dict[str, list[int]] = {}
        for number, phrase in enumerate(self._phrases):
            for cue in phrase.groups[0]:
                self._begun_by.setdefault(cue, []).append(number)

    def join(self, cues: Iterable[Cue]) -> tuple[Cue, ...]:
        """The cues of a message with those that are made of them, in the order in which they stand."""
        sentences: dict[int, list[Cue]] = {}
        for cue in sorted(cues, key=_place):
            sentences.setdefault(cue.sentence, []).append(cue)
        joined = [cue for number, sentence in sentences.items() for cue in self._in_sentence(number, sentence)]
        return tuple(sorted(joined, key=_place))

    def _in_sentence(self, number: int, cues: list[Cue]) -> Iterable[Cue]:
        by_name: dict[str, list[Cue]] = {}
        for cue in cues:
            by_name.setdefault(cue.name, []).append(cue)
        waiting = list({phrase for name in by_name for phrase in self._begun_by.get(name, ())})
        heapify(waiting)
        last = -1
        while waiting:
            now = heappop(waiting)
            phrase = self._phrases[now]
            if now == last or not phrase.none.isdisjoint(by_name) or any(group.isdisjoint(by_name) for group in phrase.groups):
                continue
            last = now
            made = [*_made(phrase, number, by_name)]
            if made:
                by_name[phrase.cue] = _merged((*made, *by_name.get(phrase.cue, ())))
                for behind in self._begun_by.get(phrase.cue, ()):
                    heappush(waiting, behind)
        return [cue for named in by_name.values() for cue in named]


def _merged(cues: Iterable[Cue]) -> list[Cue]:
    """Cues of one name: those that lie over one another are one."""
    merged: list[Cue] = []
    for cue in sorted(cues, key=_place):
        if merged and cue.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Cue(cue.name, last.start, max(last.end, cue.end), cue.sentence, last.disguised or cue.disguised)
        else:
            merged.append(cue)
    return merged


def _place(cue: Cue) -> tuple[int, str]:
    return cue.start, cue.name


def _made(phrase: Phrase, number: int, by_name: dict[str, list[Cue]]) -> Iterator[Cue]:
    """What a phrase makes in one sentence: for each of its beginnings the nearest of every other part."""
    firsts, *others = (sorted((cue for name in group for cue in by_name.get(name, ())), key=_place) for group in phrase.groups)
    starts = [[cue.start for cue in group] for group in others]
    barred = sorted(cue.start for name in phrase.between for cue in by_name.get(name, ()))
    for first in firsts:
        parts = [first]
        for group, begins in zip(others, starts, strict=True):
            near = _nearest(parts[-1], group, begins, phrase)
            if near is None:
                break
            parts.append(near)
        else:
            parts.sort(key=_place)
            gaps = ((before.end, behind.start) for before, behind in pairwise(parts))
            if not any(bisect_left(barred, left) < bisect_left(barred, right) for left, right in gaps):
                yield Cue(phrase.cue, parts[0].start, max(cue.end for cue in parts), number, any(cue.disguised for cue in parts))


def _nearest(before: Cue, group: Sequence[Cue], begins: Sequence[int], phrase: Phrase) -> Cue | None:
    """The nearest of a group beside a cue, behind it or (if the order is free) before it, that is not too far away.

    Cues may overlap at their ends ("hop on", "on discord"), but none may hold the other.
    """
    place = bisect_left(begins, before.start + 1)
    behind = next((cue for cue in group[place : place + FEW] if cue.end > before.end), None)
    if behind is not None and behind.start - before.end > phrase.gap:
        behind = None
    if phrase.ordered:
        return behind
    place = bisect_left(begins, before.start)
    ahead = next((cue for cue in reversed(group[max(0, place - FEW) : place]) if cue.end < before.end), None)
    if ahead is None or before.start - ahead.end > phrase.gap:
        return behind
    return ahead if behind is None or before.start - ahead.end < behind.start - before.end else behind
