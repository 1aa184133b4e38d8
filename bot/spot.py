"""Spotting: a folded message becomes cues. One pass for all literals, then only the few patterns that can match at all."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick

from bot.matchers import MATCHERS, Matcher, Place, may_match
from bot.model import Cue, Tail
from bot.rule import By, CueSpec, Pattern, Rules, When
from bot.rule.literals import LONGEST, Way, level
from bot.text import Folded, View, sentence_at

SHORT = 300
"""Up to so many characters a message is read in one go, above in parts of so many."""
OVERLAP = LONGEST + 16
"""So much further a part reads than it reaches: the longest match, and what a pattern looks at behind it."""
UNREAD = "unread"
"""The cue of a message in which a search took too long: silence would be a way to hide."""
TIMEOUT = 0.05
"""Seconds for one search in a long text."""


class Scanner:
    """All cues, ready to be spotted. Built once; holds no state between messages.

    A message is looked through for the *leading* cues first, those without which no rule can speak. What only goes along with them
    (exceptions, the commoner halves of a pair, answers to what the other person said) is looked for when there is one, in the message
    or in the tail; so the many messages without any are done soon.
    """

    def __init__(self, rules: Rules, leading: frozenset[str] | None = None) -> None:
        """Sort the cues, and put the literals of their patterns into two automata. Without ``leading`` the rules say which do."""
        self.leading = _leading(rules) if leading is None else leading
        answers = [when for rule in rules.rules for when in rule.whens if when.by is By.OTHER_PERSON]
        self._awaited = frozenset[str]().union(*(group for when in answers for group in when.groups[1:]))
        self._reach = max((when.within for when in answers), default=0) or 1
        self._first = _Half([cue for cue in rules.cues.values() if cue.name in self.leading])
        self._second = _Half([cue for cue in rules.cues.values() if cue.name not in self.leading])

    def warm(self) -> None:
        """Compile every pattern now and not on the first message that needs it. Raises ``regex.error``."""
        for pattern in (*self._first.patterns, *self._second.patterns):
            pattern.compiled  # noqa: B018 -- compiled by being looked at

    def spot(self, folded: Folded, place: Place, tail: Tail = ()) -> tuple[Cue, ...]:
        """Every cue of a message in the order in which they stand; none at all if no leading one is in it or shortly before it."""
        hits = self._first.spot(folded, place)
        if not hits and not any(cue.name in self._awaited for said in tail[-self._reach :] for cue in said.cues):
            return ()
        hits += self._second.spot(folded, place)
        starts = folded.sentences()
        cues = {(name, start): Cue(name, start, end, sentence_at(starts, start), disguised) for name, start, end, disguised in hits}
        return tuple(sorted(cues.values(), key=lambda cue: (cue.start, cue.name)))


def _leading(rules: Rules) -> frozenset[str]:
    """The cues without which no rule can speak: of each condition what stands alone or must be remembered, else the rarest group."""
    leading: set[str] = set()
    together: list[When] = []
    for when in (when for rule in rules.rules for when in rule.whens):
        if when.by is By.OTHER_PERSON:
            leading.update(*when.groups[1:])  # the first group answers these: with them in the tail everything is looked for
        elif when.by is By.SAME_MESSAGE and len(when.groups) > 1:
            together.append(when)
        else:
            leading.update(*when.groups)
    for when in together:
        # The group that adds the least to what is looked for anyway.
        leading |= min(when.groups, key=lambda group: (sum(rules.cues[cue].chance for cue in group - leading), sorted(group)))
    return frozenset(leading)


class _Half:
    """Some of the cues, with one automaton for the literals of all their patterns."""

    def __init__(self, cues: Iterable[CueSpec]) -> None:
        self.patterns: list[Pattern] = []
        self._ways: list[tuple[int, Way]] = []
        self._matchers: list[tuple[str, Matcher]] = []
        literals: dict[str, list[int]] = {}
        for cue in cues:
            if cue.matcher:
                self._matchers.append((cue.name, MATCHERS[cue.matcher]))
            for pattern in cue.patterns:
                for way in pattern.needs.ways:
                    for literal in way.literals:
                        literals.setdefault(literal, []).append(len(self._ways))
                    self._ways.append((len(self.patterns), way))
                self.patterns.append(pattern)
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
        for name, matcher in self._matchers if self._matchers and may_match(folded) else ():
            hits.extend((name, match.start, match.end, match.disguised) for match in matcher(folded, place))
        return hits

    def _in_view(self, view: View) -> list[tuple[str, int, int]]:
        """Cues by pattern in one view, with their spans in the original."""
        text = view.text
        if len(text) <= SHORT:
            return self._in_part(view, 0, len(text), len(text), {}, None)
        # A long text is read in parts that overlap by more than any match is long; a match belongs to the part in which it begins.
        found: list[tuple[str, int, int]] = []
        done: dict[int, int] = {}
        for start in range(0, len(text), SHORT):
            found += self._in_part(view, start, start + SHORT, min(len(text), start + SHORT + OVERLAP), done, TIMEOUT)
        return found

    def _in_part(
        self, view: View, start: int, last: int, stop: int, done: dict[int, int], timeout: float | None
    ) -> list[tuple[str, int, int]]:
        """The cues that begin in one part. ``done`` says how far each pattern has got."""
        levelled = level(view.text[max(0, start - 1) : stop])
        found: list[tuple[str, int, int]] = []
        candidates = {one for _, ids in self._literals.iter(levelled) for one in ids}
        words = frozenset(levelled.split()) if candidates else frozenset[str]()
        likely = {one for one, way in map(self._ways.__getitem__, candidates) if way.holds(words, levelled)}
        for one in sorted(likely):
            pattern = self.patterns[one]
            try:
                for match in pattern.compiled.finditer(view.text, max(start, done.get(one, 0)), stop, timeout=timeout):
                    if match.start() >= last:
                        break
                    done[one] = match.end()
                    found.append((pattern.cue, *view.origin(*match.span(pattern.group))))
            except TimeoutError:
                found.append((UNREAD, *view.origin(start, start + 1)))
        return found


def _seen(name: str, start: int, end: int, found: Iterable[tuple[str, int, int]]) -> bool:
    """Whether this cue was found in the plain view at an overlapping place."""
    return any(name == other and start < stop and begin < end for other, begin, stop in found)
