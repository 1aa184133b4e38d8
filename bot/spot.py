"""Spotting: a folded message becomes cues. One pass for all literals, then only the few patterns that can match at all."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick

from bot.matchers import MATCHERS, Matcher, Place
from bot.model import Cue
from bot.rule import By, CueSpec, Pattern, Rules
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


class Scanner:
    """All cues, ready to be spotted. Built once; holds no state between messages.

    A message is looked through for the *leading* cues first, those without which no rule can speak. What only goes along with them
    (exceptions, and the commoner halves of a pair) is looked for when there is one; so the many messages without any are done soon.
    """

    def __init__(self, rules: Rules) -> None:
        """Sort the cues, and put the literals of their patterns into two automata."""
        self.leading = _leading(rules)
        self._first = _Half([cue for cue in rules.cues.values() if cue.name in self.leading])
        self._second = _Half([cue for cue in rules.cues.values() if cue.name not in self.leading])

    def spot(self, folded: Folded, place: Place) -> tuple[Cue, ...]:
        """Every cue of a message in the order in which they stand; none at all if no leading one is among them."""
        hits = self._first.spot(folded, place)
        if not hits:
            return ()
        hits += self._second.spot(folded, place)
        starts = folded.sentences()
        cues = {(name, start): Cue(name, start, end, sentence_at(starts, start), disguised) for name, start, end, disguised in hits}
        return tuple(sorted(cues.values(), key=lambda cue: (cue.start, cue.name)))


def _leading(rules: Rules) -> frozenset[str]:
    """The cues without which no rule can speak: of each condition all that stand alone or are remembered, else the rarest group."""
    leading: set[str] = set()
    for when in (when for rule in rules.rules for when in rule.whens):
        if when.by is By.SAME_MESSAGE:
            leading |= min(when.groups, key=lambda group: (sum(rules.cues[cue].chance for cue in group), sorted(group)))
        else:
            leading.update(*when.groups)
    return frozenset(leading)


class _Half:
    """Some of the cues, with one automaton for the literals of all their patterns."""

    def __init__(self, cues: Iterable[CueSpec]) -> None:
        self._patterns: list[Pattern] = []
        self._matchers: list[tuple[str, Matcher]] = []
        literals: dict[str, list[int]] = {}
        for cue in cues:
            if cue.matcher:
                self._matchers.append((cue.name, MATCHERS[cue.matcher]))
            for pattern in cue.patterns:
                for literal in pattern.needs.literals:
                    literals.setdefault(literal, []).append(len(self._patterns))
                self._patterns.append(pattern)
        self._literals = ahocorasick.Automaton()
        for literal, ids in literals.items():
            self._literals.add_word(literal, tuple(ids))
        self._has_literals = bool(literals)
        if literals:
            self._literals.make_automaton()

    def spot(self, folded: Folded, place: Place) -> list[tuple[str, int, int, bool]]:
        """Name, start, end and whether it was disguised, of every hit."""
        found = self._in_view(folded.plain) if self._has_literals else []
        hits = [(*hit, False) for hit in found]
        if folded.skeleton is not None and self._has_literals:
            inner = self._in_view(folded.skeleton)
            hits += [(name, start, end, True) for name, start, end in inner if not _seen(name, start, end, found)]
        for name, matcher in self._matchers:
            hits.extend((name, match.start, match.end, match.disguised) for match in matcher(folded, place))
        return hits

    def _in_view(self, view: View) -> list[tuple[str, int, int]]:
        """Cues by pattern in one view, with their spans in the original."""
        text = view.text
        if len(text) <= SHORT:
            candidates = {one for _, ids in self._literals.iter(text) for one in ids}
            return [hit for one in candidates for hit in _search(self._patterns[one], view, 0, len(text), None)] if candidates else []
        return self._in_windows(view)

    def _in_windows(self, view: View) -> list[tuple[str, int, int]]:
        """The same for a long text: each pattern looks as far around its literals as it is wide."""
        windows: dict[int, list[list[int]]] = {}
        for end, ids in self._literals.iter(view.text):
            for one in ids:
                reach = self._patterns[one].needs.width + MARGIN
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
                    found.extend(_search(self._patterns[one], view, start, stop, TIMEOUT))
                except TimeoutError:
                    found.append((UNREAD, *view.origin(start, start + 1)))
        return found


def _search(pattern: Pattern, view: View, start: int, stop: int, timeout: float | None) -> Iterable[tuple[str, int, int]]:
    """The hits of one pattern, if everything is there that each of them needs: a look costs a tenth of a search."""
    text = view.text
    for literals in pattern.needs.others:
        for literal in literals:
            if literal in text:
                break
        else:
            return ()
    hits = []
    for match in pattern.compiled.finditer(text, start, stop, timeout=timeout):
        hits.append((pattern.cue, *view.origin(*match.span(pattern.group))))
        if len(hits) == MOST_HITS:
            break
    return hits


def _seen(name: str, start: int, end: int, found: Iterable[tuple[str, int, int]]) -> bool:
    """Whether this cue was found in the plain view at an overlapping place."""
    return any(name == other and start < stop and begin < end for other, begin, stop in found)


def read_message(scanner: Scanner, text: str, place: Place) -> tuple[Cue, ...]:
    """Fold and spot in one step."""
    return scanner.spot(fold(text), place)
