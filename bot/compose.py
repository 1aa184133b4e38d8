"""Composing: cues of a message and of the tail before it become signals. What the rules say is all that is known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.model import Certainty, Cue, Kind, Role, Said, Signal, Tail
from bot.rule import By, Rule, Rules, When
from bot.spot import UNREAD

READER = "rules"
"""The first reader: it answers before a message is delivered."""

PIECE = "number."
"""How the cues begin that are a piece of somebody's number: said apart, they are hidden once another message completes them."""
REFUSAL, FAREWELL = "refusal", "farewell"
"""Cues that are asked for by name: a "no", and a goodbye."""


class Composer:
    """All rules, sorted by the cues that can set them off. Built once; holds no state between messages."""

    def __init__(self, rules: Rules) -> None:
        """Index the rules by cue."""
        self.names = tuple(rule.name for rule in rules.rules)
        self._by_cue: dict[str, tuple[int, ...]] = {}
        self._rules = rules.rules
        index: dict[str, set[int]] = {}
        for place, rule in enumerate(rules.rules):
            for when in rule.whens:
                for group in when.groups:
                    for cue in group:
                        index.setdefault(cue, set()).add(place)
        self._by_cue = {cue: tuple(sorted(places)) for cue, places in index.items()}

    def compose(self, cues: Sequence[Cue], tail: Tail, author: str, role: Role) -> tuple[Signal, ...]:
        """The signals of a message whose cues are these, said by ``author`` after ``tail``."""
        if not cues:
            return ()
        names = frozenset(cue.name for cue in cues)
        before = frozenset(cue.name for said in tail for cue in said.cues)
        answered = _answered(tail)
        candidates = sorted({place for name in names for place in self._by_cue.get(name, ())})
        signals: list[Signal] = []
        for rule in (self._rules[place] for place in candidates):
            whens = [when for when in rule.whens if _may_hold(when, names, before) and (not when.roles or role in when.roles)]
            if whens:
                signals += _apply(rule, whens, cues, tail[answered.get(rule.name, 0) :], author)
        if any(cue.name == UNREAD for cue in cues):
            # What could not be read to its end may hide something: a hint is counted and shown to nobody.
            signals.append(Signal(Kind.CONTACT_SHARE, READER, UNREAD, Certainty.HINT))
        return tuple(signals)

    def begun(self, signals: Iterable[Signal], tail: Tail, author: str) -> tuple[tuple[Said, tuple[Cue, ...]], ...]:
        """Where in the tail the details began that a message with these signals has completed."""
        spoke = {signal.rule for signal in signals if signal.kind is Kind.CONTACT_SHARE}
        pieces: dict[int, set[Cue]] = {}
        answered = _answered(tail)
        for rule in (rule for rule in self._rules if rule.name in spoke):
            earlier = answered.get(rule.name, 0)
            for when in rule.whens:
                wanted = {cue for group in when.groups for cue in group if cue.startswith(PIECE)}
                first = max(earlier, len(tail) - when.within) if when.by is not By.SAME_MESSAGE else len(tail)
                for place in range(first, len(tail)):
                    if when.by is By.SAME_PERSON and tail[place].author != author:
                        continue
                    pieces.setdefault(place, set()).update(cue for cue in tail[place].cues if cue.name in wanted)
        found = sorted((place, tuple(sorted(cues, key=lambda cue: cue.start))) for place, cues in pieces.items() if cues)
        return tuple((tail[place], cues) for place, cues in found)


def says_no(cues: Iterable[Cue]) -> bool:
    """Whether somebody refuses something in a message with these cues."""
    return any(cue.name == REFUSAL for cue in cues)


def _apply(rule: Rule, whens: Iterable[When], cues: Sequence[Cue], fresh: Tail, author: str) -> Iterable[Signal]:
    """One signal for each place where the first cue stands, by the first condition that holds."""
    for when in whens:
        places = _hold(when, cues, fresh, author)
        if places:
            return [
                Signal(rule.kind, READER, rule.name, when.certainty, rule.reason, cue.start, cue.end, cue.disguised)
                for cue in _apart(places)
            ]
    return ()


def _answered(tail: Tail) -> dict[str, int]:
    """Rule to the place after the last message on which it spoke: an excuse that was answered once is not counted again."""
    return {
        signal.rule: place for place, said in enumerate(tail, start=1) for signal in said.signals if signal.certainty is not Certainty.HINT
    }


def _may_hold(when: When, names: frozenset[str], before: frozenset[str]) -> bool:
    """Whether there is a cue of every group at all, wherever it stands and whoever it is from: most conditions need no closer look."""
    for place, group in enumerate(when.groups):
        here = not group.isdisjoint(names)
        if when.by is By.SAME_MESSAGE or (when.by is By.OTHER_PERSON and place == 0):
            if not here:
                return False
        elif not here and group.isdisjoint(before):
            return False
    return True


def _hold(when: When, cues: Sequence[Cue], tail: Tail, author: str) -> list[Cue]:
    """The cues of the message on which a condition rests; none if it does not hold."""
    if when.without and any(cue.name in when.without for cue in cues):
        return []
    here = [_standing(cues, group, when.none) for group in when.groups]
    if when.by is By.SAME_MESSAGE:
        return _near(here, when.near) if all(here) else []
    if when.by is By.OTHER_PERSON:
        # The first group is what is said now, the others are what somebody else said before.
        earlier = [said for said in _last(tail, when.within) if said.author != author]
        return here[0] if here[0] and all(_somewhere(earlier, group, when.none) for group in when.groups[1:]) else []
    earlier = [said for said in _last(tail, when.within) if when.by is By.ANYONE or said.author == author]
    if not all(hits or _somewhere(earlier, group, when.none) for hits, group in zip(here, when.groups, strict=True)):
        return []
    return next((hits for hits in here if hits), [])


def _near(groups: list[list[Cue]], most: int | None) -> list[Cue]:
    """The cues of the first group that have one of each other group no more than so many characters away."""
    first, *others = groups
    if most is None:
        return first
    return [cue for cue in first if all(any(max(cue.start - one.end, one.start - cue.end) <= most for one in group) for group in others)]


def _last(tail: Tail, within: int) -> Tail:
    return tail[-within:] if within else ()


def _standing(cues: Iterable[Cue], group: frozenset[str], none: frozenset[str]) -> list[Cue]:
    """The cues of a group in one message that no exception of their own sentence takes away."""
    hits = [cue for cue in cues if cue.name in group]
    if not hits or not none:
        return hits
    silenced = {cue.sentence for cue in cues if cue.name in none}
    return [cue for cue in hits if cue.sentence not in silenced]


def _somewhere(earlier: Iterable[Said], group: frozenset[str], none: frozenset[str]) -> bool:
    return any(_standing(said.cues, group, none) for said in earlier)


def _apart(cues: Iterable[Cue]) -> list[Cue]:
    """Cues that lie over one another count as one place."""
    places: list[Cue] = []
    for cue in cues:
        if places and cue.start < places[-1].end:
            if cue.end > places[-1].end:
                first = places[-1]
                places[-1] = Cue(first.name, first.start, cue.end, first.sentence, first.disguised or cue.disguised)
            continue
        places.append(cue)
    return places
