"""Spotting: a folded message becomes cues. One pass for all literals, then only the few patterns that can match at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from bot.matchers import MATCHERS, Matcher, Place, may_match
from bot.model import Cue, Said, Spotted, Tail
from bot.rule import By, CueSpec, Rules
from bot.rule.literals import LONGEST
from bot.rule.pattern import Pattern
from bot.rule.ways import Hit as Literal
from bot.rule.ways import Ways
from bot.text import Folded, Levelled, View, fold, lay, level, sentence_at

SHORT = 300
"""Up to so many characters a message is looked at as a whole, above by blocks."""
BLOCK = 2 * LONGEST
"""What goes with a literal is looked for in the block of levelled text that it stands in and in both beside it."""
SEARCHED = 60
"""So many patterns may be looked for at every place of a long text; ordinary talk asks for half of that."""
TIMEOUT = 0.05
"""Seconds for one search in a long text."""
UNREAD = "unread"
"""The cue of a message that asks for too many searches, or too long ones: silence would be a way to hide."""

Hit: TypeAlias = tuple[str, int, int, bool]
"""The name of a cue, where it starts and ends in the original, and whether it was disguised."""
Stretch: TypeAlias = tuple[int, int]
"""A part of a text, by its first and last place."""


class Scanner:
    """All cues, ready to be spotted. Built once; holds no state between messages.

    A message is looked through for the *leading* cues first, those without which no rule can speak. What only goes along with them
    (obstacles, exceptions, the commoner half of a pair, answers to what the other person said) is looked for when there is one:
    in this message, and in the ones before that a rule may join with it. So the many messages without any are done soon.
    """

    def __init__(self, rules: Rules, leading: frozenset[str] | None = None) -> None:
        """Sort the cues, and put the literals of their patterns into two automata. Without ``leading`` the rules say which do."""
        joining = [when for rule in rules.rules for when in rule.whens if when.by is not By.SAME_MESSAGE and len(when.groups) > 1]
        self.leading = _leading(rules) if leading is None else leading
        self._joined = self.leading & rules.stones(frozenset[str]().union(*(group for when in joining for group in when.groups)))
        self._reach = max((when.within for when in joining), default=0) or 1
        self._first = _Half([cue for cue in rules.cues.values() if cue.name in self.leading])
        self._second = _Half([cue for cue in rules.cues.values() if cue.name not in self.leading])
        self._phrases = rules.phrases()

    def warm(self) -> None:
        """Compile every pattern now and not on the first message that needs it. Raises ``regex.error``."""
        for pattern in (*self._first.patterns, *self._second.patterns):
            pattern.compiled  # noqa: B018 -- compiled by being looked at

    def spot(self, folded: Folded, place: Place, tail: Tail = ()) -> Spotted:
        """Every cue of a message in the order in which they stand; none at all if no leading one is in it or shortly before it."""
        hits = self._first.spot(folded, place)
        join = self._is_joined(tail)
        if not hits and not join:
            return Spotted((), tail, whole=False)
        join = join or any(name in self._joined for name, *_ in hits)
        return Spotted(self._all(folded, place, hits), self._look_back(tail, place) if join else tail, whole=True)

    def holds(self, cue: str, text: str, place: Place) -> bool:
        """Whether a cue is in a text that stands by itself."""
        folded = fold(text)
        return any(one.name == cue for one in self._all(folded, place, self._first.spot(folded, place)))

    def _is_joined(self, tail: Tail) -> bool:
        """Whether something was said shortly before that a rule may join with this message."""
        for said in tail[-self._reach :]:
            for cue in said.cues:
                if cue.name in self._joined:
                    return True
        return False

    def _look_back(self, tail: Tail, place: Place) -> Tail:
        """The tail with all cues of those messages that have come within reach of a rule and whose words are still there."""
        return (*tail[: -self._reach], *(self._read_again(said, place) for said in tail[-self._reach :]))

    def _read_again(self, said: Said, place: Place) -> Said:
        if said.whole or said.text is None:
            return said
        return msgspec.structs.replace(said, cues=self._all(fold(said.text), place, []), whole=True)

    def _all(self, folded: Folded, place: Place, hits: list[Hit]) -> tuple[Cue, ...]:
        """All cues of a message whose leading ones are known."""
        starts = folded.sentences()
        # Of several patterns of a cue that match at one place the longest match counts.
        hits = sorted([*hits, *self._second.spot(folded, place)], key=lambda hit: hit[2])
        cues = {(name, start): Cue(name, start, end, sentence_at(starts, start), disguised) for name, start, end, disguised in hits}
        return self._phrases.join(tuple(cues.values()))


def _leading(rules: Rules) -> frozenset[str]:
    """The cues without which no rule can speak: of each condition the group that adds the least to what is looked for anyway."""
    leading: set[str] = set()
    conditions = sorted((tuple(rules.stones(group) for group in when.groups) for rule in rules.rules for when in rule.whens), key=len)
    for groups in conditions:
        leading |= min(groups, key=lambda group: (sum(rules.cues[cue].chance for cue in group - leading), sorted(group)))
    # What was taken before something else made it needless is put back, the most frequent first.
    for cue in sorted(leading, key=lambda cue: (-rules.cues[cue].chance, cue)):
        if all(any(group <= leading - {cue} for group in groups) for groups in conditions):
            leading.remove(cue)
    return frozenset(leading)


class _Half:
    """Some of the cues, with one automaton for the literals of all their patterns."""

    def __init__(self, cues: Iterable[CueSpec]) -> None:
        self.patterns: list[Pattern] = []
        self._matchers: list[tuple[str, Matcher]] = []
        for cue in cues:
            if cue.matcher:
                self._matchers.append((cue.name, MATCHERS[cue.matcher]))
            self.patterns.extend(cue.patterns)
        self._ways = Ways((way, number, pattern.needs.reach) for number, pattern in enumerate(self.patterns) for way in pattern.needs.ways)

    def spot(self, folded: Folded, place: Place) -> list[Hit]:
        """Every hit in a message."""
        found = self._in_view(folded.plain, folded.levelled)
        hits = [(*hit, False) for hit in found]
        if folded.skeleton is not None:
            inner = self._in_view(folded.skeleton, level(folded.skeleton.text))
            hits += [(name, start, end, True) for name, start, end in inner if not _seen(name, start, end, found)]
        for name, matcher in self._matchers if self._matchers and may_match(folded) else ():
            hits.extend((name, match.start, match.end, match.disguised) for match in matcher(folded, place))
        return hits

    def _in_view(self, view: View, levelled: Levelled) -> list[tuple[str, int, int]]:
        """Cues by pattern in one view, with their spans in the original."""
        literals = self._ways.find(levelled.text)
        if not literals:
            return []
        return self._in_short(view, levelled, literals) if len(view.text) <= SHORT else self._in_long(view, levelled, literals)

    def _in_short(self, view: View, levelled: Levelled, literals: list[Literal]) -> list[tuple[str, int, int]]:
        """A short text is searched from end to end: that takes less than to find out where a match may begin."""
        patterns = self._ways.holding(literals, levelled)
        found: list[tuple[str, int, int]] = []
        for one in sorted(patterns) if len(patterns) > 1 else patterns:
            pattern = self.patterns[one]
            for match in pattern.compiled.finditer(view.text, concurrent=False):
                found.append((pattern.cue, *view.origin(*pattern.span(match))))  # noqa: PERF401 -- almost always there is none
        return found

    def _in_long(self, view: View, levelled: Levelled, literals: list[Literal]) -> list[tuple[str, int, int]]:
        """A long text is searched only where a match may begin, and how much of it is counted: nobody may make the chat wait."""
        stretches = self._stretches(view.text, levelled.text, literals)
        lengths = {one: sum(last - first + self.patterns[one].needs.reach for first, last in some) for one, some in stretches.items()}
        found: list[tuple[str, int, int]] = []
        left = SEARCHED * len(view.text)
        for one in sorted(stretches, key=lambda one: (lengths[one], one)):
            pattern, done = self.patterns[one], 0
            left -= lengths[one]
            if left < 0:
                return [*found, (UNREAD, *view.origin(0, 1))]
            try:
                for first, last in stretches[one]:
                    # What a match that begins here may look at is all that is shown, so what begins behind is not seen whole.
                    begin, end = max(first, done), last + pattern.needs.reach
                    for match in pattern.compiled.finditer(view.text, begin, end, concurrent=False, timeout=TIMEOUT):
                        if match.start() > last:
                            break
                        done = match.end()
                        found.append((pattern.cue, *view.origin(*pattern.span(match))))
            except TimeoutError:
                found.append((UNREAD, *view.origin(0, 1)))
        return found

    def _stretches(self, text: str, levelled: str, literals: list[Literal]) -> dict[int, list[Stretch]]:
        """By pattern, all places where a match may begin: so far before one of its literals as a match of it can reach."""
        laid = lay(text, levelled)
        blocks: dict[int, list[Literal]] = {}
        for literal in literals:
            blocks.setdefault(literal[2] // BLOCK, []).append(literal)
        stretches: dict[int, list[Stretch]] = {}
        for block, some in blocks.items():
            beside = [*blocks.get(block - 1, ()), *blocks.get(block + 1, ())]
            for one, start, lead in self._ways.places(some, _around(levelled, block), beside, levelled):
                at = laid.origin(start)
                stretches.setdefault(one, []).append((max(0, at - lead), at))
        return {one: _joined(some, self.patterns[one].needs.reach) for one, some in stretches.items()}


def _around(levelled: str, block: int) -> Levelled:
    """A block of a levelled text with both beside it, to the ends of their words."""
    begin, end = max(0, (block - 1) * BLOCK), (block + 2) * BLOCK
    text = levelled[max(0, levelled.rfind(" ", 0, begin + 1)) : end if (space := levelled.find(" ", end)) < 0 else space + 1]
    return Levelled(text, frozenset(text.split()))


def _joined(stretches: list[Stretch], near: int) -> list[Stretch]:
    """The same in order, with those made one that lie so near to each other that the search for one would look at the next."""
    stretches.sort()
    joined = [stretches[0]]
    for first, last in stretches[1:]:
        if first <= joined[-1][1] + near:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _seen(name: str, start: int, end: int, found: Iterable[tuple[str, int, int]]) -> bool:
    """Whether this cue was found in the plain view at an overlapping place."""
    return any(name == other and start < stop and begin < end for other, begin, stop in found)
