"""Spotting: a folded message becomes cues. One pass for all literals, then only the few patterns that can match at all."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick

from bot.matchers import MATCHERS, Matcher, Place
from bot.model import Cue
from bot.rule import Rules, compiled
from bot.rule.literals import expand, needs
from bot.text import Folded, View, fold, sentence_at

SHORT = 300
"""Up to so many characters a pattern searches the whole message, above only around its literals."""
MARGIN = 8
"""Characters around a window, for what a pattern looks at beyond its match."""
MOST_HITS = 8
"""Of one pattern in one message; more of the same tell nothing new, and matchers are not limited."""
BUDGET = 400_000
"""Characters that all patterns together may search in one message."""
UNREAD = "unread"
"""The cue of a message on which the budget was spent: silence would be a way to hide."""
TIMEOUT = 0.05
"""Seconds for one search of a long text."""

DETAIL = "detail"
"""A pattern may name the group that is the cue; else its whole match is."""


class Pattern:
    """One pattern of a cue, compiled."""

    __slots__ = ("compiled", "cue", "group", "width")

    def __init__(self, cue: str, source: str, words: dict[str, tuple[str, ...]], width: int) -> None:
        """Compile it with its word lists."""
        self.cue = cue
        self.width = width
        self.compiled = compiled(source, words)
        self.group: str | int = DETAIL if DETAIL in self.compiled.groupindex else 0


class Scanner:
    """All cues, ready to be spotted. Built once; holds no state between messages."""

    def __init__(self, rules: Rules) -> None:
        """Derive the literals of every pattern and put them into one automaton."""
        self.patterns: list[Pattern] = []
        self.matchers: list[tuple[str, Matcher]] = []
        literals: dict[str, list[int]] = {}
        for cue in rules.cues.values():
            if cue.matcher:
                self.matchers.append((cue.name, MATCHERS[cue.matcher]))
            for source in cue.patterns:
                needed = needs(expand(source, cue.words))
                for literal in needed.literals:
                    literals.setdefault(literal, []).append(len(self.patterns))
                self.patterns.append(Pattern(cue.name, source, cue.words, needed.width))
        self._literals = ahocorasick.Automaton()
        for literal, ids in literals.items():
            self._literals.add_word(literal, tuple(ids))
        if literals:
            self._literals.make_automaton()
        self._has_literals = bool(literals)

    def spot(self, folded: Folded, place: Place) -> tuple[Cue, ...]:
        """Every cue of a message, in the order in which they stand."""
        found = self._in_view(folded.plain) if self._has_literals else []
        if folded.skeleton is not None and self._has_literals:
            known = {(name, start) for name, start, _ in found}
            inner = [(name, start, end) for name, start, end in self._in_view(folded.skeleton) if not _seen(name, start, end, found)]
            hits = [(*hit, False) for hit in found] + [(*hit, True) for hit in inner if hit[:2] not in known]
        else:
            hits = [(*hit, False) for hit in found]
        for name, matcher in self.matchers:
            hits.extend((name, match.start, match.end, match.disguised) for match in matcher(folded, place))
        if not hits:
            return ()
        starts = folded.sentences()
        cues = {(name, start): Cue(name, start, end, sentence_at(starts, start), disguised) for name, start, end, disguised in hits}
        return tuple(sorted(cues.values(), key=lambda cue: (cue.start, cue.name)))

    def _in_view(self, view: View) -> list[tuple[str, int, int]]:
        """Cues by pattern in one view, with their spans in the original."""
        text = view.text
        if len(text) <= SHORT:
            candidates = {one for _, ids in self._literals.iter(text) for one in ids}
            return [hit for one in candidates for hit in self._search(self.patterns[one], view, 0, len(text), None)] if candidates else []
        return self._in_windows(view)

    def _in_windows(self, view: View) -> list[tuple[str, int, int]]:
        """The same for a long text: each pattern looks as far around its literals as it is wide."""
        windows: dict[int, list[list[int]]] = {}
        for end, ids in self._literals.iter(view.text):
            for one in ids:
                reach = self.patterns[one].width + MARGIN
                start, stop = max(0, end - reach), min(len(view.text), end + reach)
                merged = windows.setdefault(one, [])
                if merged and start <= merged[-1][1]:
                    merged[-1][1] = stop
                else:
                    merged.append([start, stop])
        left = BUDGET
        found: list[tuple[str, int, int]] = []
        for one, ranges in windows.items():
            for start, stop in ranges:
                left -= stop - start
                if left < 0:
                    return [*found, (UNREAD, 0, 1)]
                try:
                    found.extend(self._search(self.patterns[one], view, start, stop, TIMEOUT))
                except TimeoutError:
                    found.append((UNREAD, *view.origin(start, start + 1)))
        return found

    def _search(self, pattern: Pattern, view: View, start: int, stop: int, timeout: float | None) -> Iterable[tuple[str, int, int]]:
        hits = []
        for match in pattern.compiled.finditer(view.text, start, stop, timeout=timeout):
            span = match.span(pattern.group)
            hits.append((pattern.cue, *view.origin(*span)))
            if len(hits) == MOST_HITS:
                break
        return hits


def _seen(name: str, start: int, end: int, found: Iterable[tuple[str, int, int]]) -> bool:
    """Whether this cue was found in the plain view at an overlapping place."""
    return any(name == other and start < stop and begin < end for other, begin, stop in found)


def read_message(scanner: Scanner, text: str, place: Place) -> tuple[Cue, ...]:
    """Fold and spot in one step."""
    return scanner.spot(fold(text), place)
