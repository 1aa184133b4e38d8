"""What the second reader's word and the encoder's weigh together, from which chance on a kind is spoken of, and what that is worth.

All of it on authors that neither has seen, by shares of look-alikes and of ordinary talk as ``figures`` has them for the second reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import compress

import msgspec
import numpy as np
import numpy.typing as npt

from bot.learned import About, Weighing, Weight
from bot.model import Kind
from tools.figures import (
    CRISIS_FLAGGED,
    CRISIS_FLAGGED_TALK,
    DENIED,
    HINTED,
    IN_ALL,
    KINDS,
    Scored,
    figures,
    right_from,
    right_of,
)

BEGIN, FIRM = np.array([0.5, 0.5, 0.0]), np.array([200.0, 200.0, 0.1])
"""What the two scores weigh and where they begin before anything is known, and how firmly that stands: some authors are left out, a hundred
messages of a kind, and how they write is not how others do."""
CERTAIN = 0.95
"""From this chance of the second reader on, what the rules find likely is told at once."""
IN_ALL_TALK = 0.0006
"""The share of ordinary talk that may be called anything but a crisis by all three."""
LEAST = 0.01
"""The share of look-alikes that it may flag in any case, where what nobody takes back is almost ``IN_ALL`` already."""
MISSED = 0.005
"""So much of what all three find may be lost by not asking where the second reader rules it out."""
FLOORS = (0.1, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005, 0.0)
"""Chances below which the second reader may be taken to rule a kind out."""

NEVER = -50.0
"""Log-odds of what nobody was asked about."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
CRISIS = np.array([kind is Kind.CRISIS for kind in KINDS])


class Left(msgspec.Struct, frozen=True):
    """The messages left out, with what two readers make of them that have not seen their authors."""

    told: tuple[Scored, ...]
    """With the second reader's scores as log-odds."""
    encoder: Floats
    """A row of scores for each message."""
    looked_at: Flags
    """In which messages the rules saw anything, a hint at least: about these the encoder is asked in any case."""

    @property
    def second(self) -> Floats:
        """Log-odds by the second reader."""
        return np.array([one.scores for one in self.told], np.float64)

    def flags(self, kinds: str) -> Flags:
        """One of the sets of kinds of each message, as a table."""
        return np.array([[kind in getattr(one, kinds) for kind in KINDS] for one in self.told], bool)

    @property
    def wanted(self) -> Flags:
        """What each message holds."""
        return self.flags("wanted")

    @property
    def quiet(self) -> Flags:
        """Which are ordinary talk."""
        return np.array([one.quiet for one in self.told])

    @property
    def harmless(self) -> Flags:
        """Which hold nothing but were written to look as if."""
        return np.array([one.harmless for one in self.told])

    @property
    def anyway(self) -> Flags:
        """What is told at once, whatever the encoder thinks of it."""
        return self.flags("settled") | (self.flags("ruled") & (chance(self.second) >= np.where(CRISIS, DENIED, CERTAIN)))


def chance(odds: Floats) -> Floats:
    """Log-odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


def weighed(left: Left, mark: int, made: str) -> Weighing:
    """What two scores weigh together, by kind, and what is to follow from their chance."""
    wanted = left.wanted
    together = np.column_stack([regressed(left.second[:, place], left.encoder[:, place], wanted[:, place]) for place in range(len(KINDS))])
    chances = chance(_added(left, together))
    crisis = _crisis(left, chances, 1.0)
    likely = np.where(CRISIS, crisis, _others(left, chances, crisis, 1.0))
    right = (right_from(chances[:, n], wanted[:, n], least, right_of(KINDS[n])) for n, least in enumerate(likely.tolist()))
    likely = np.maximum(likely, list(right))
    hint = np.minimum(likely, np.where(CRISIS, _crisis(left, chances, HINTED), _others(left, chances, crisis, HINTED)))
    return Weighing(
        {kind: Weight(*(float(number) for number in (*together[:, n], likely[n], hint[n], CERTAIN))) for n, kind in enumerate(KINDS)},
        _doubtful(left, chances >= likely),
        mark,
        made,
    )


def regressed(second: Floats, encoder: Floats, wanted: Flags) -> Floats:
    """Logistic regression on two scores, drawn toward ``BEGIN``, by Newton's method."""
    scores = np.column_stack([second, encoder, np.ones(len(second))])
    weights = BEGIN.copy()
    for _ in range(50):
        so = chance(scores @ weights)
        slope = scores.T @ (so - wanted) + FIRM * (weights - BEGIN)
        curve = (scores.T * (so * (1 - so) + 1e-9)) @ scores + np.diag(FIRM)
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def _added(left: Left, together: Floats) -> Floats:
    return np.asarray(left.second * together[0] + left.encoder * together[1] + together[2], np.float64)


def _others(left: Left, chances: Floats, crisis: float, times: float) -> float:
    """The lowest chance at which all readers together flag no larger shares, if they can; in ordinary talk crises are another matter."""
    highest = np.where(left.anyway[:, ~CRISIS].any(axis=1), 1.0, chances[:, ~CRISIS].max(axis=1))
    settled = left.flags("settled")
    beyond: Flags = np.asarray(settled.any(axis=1) | (chances[:, CRISIS] >= crisis).any(axis=1))
    share = max(LEAST, IN_ALL - float(beyond[left.harmless].mean()))
    look_alikes = _lowest(left.harmless, np.where(beyond, 0.0, highest), times * share)
    return max(look_alikes, _lowest(left.quiet, np.where(settled.any(axis=1), 0.0, highest), times * IN_ALL_TALK))


def _crisis(left: Left, chances: Floats, times: float) -> float:
    """The same for a crisis, beside those that the rules see: of these none is taken back."""
    highest = np.where(left.anyway[:, CRISIS].any(axis=1), 0.0, chances[:, CRISIS].max(axis=1))
    look_alikes = _lowest(left.harmless, highest, times * CRISIS_FLAGGED)
    return max(look_alikes, _lowest(left.quiet, highest, times * CRISIS_FLAGGED_TALK))


def _lowest(chosen: Flags, highest: Floats, share: float) -> float:
    """The chance that no larger share of some messages exceeds."""
    return min(float(np.quantile(highest[chosen], 1 - share)), 1 - 1e-6)


def _doubtful(left: Left, called: Flags) -> float:
    """The highest floor below which hardly anything is lost that all three would find."""
    found = (called & left.wanted & ~left.anyway).any(axis=1)
    most = chance(left.second).max(axis=1)
    return next(floor for floor in FLOORS if (found & ~left.looked_at & (most < floor)).sum() <= MISSED * found.sum())


# --- telling ---------------------------------------------------------------------------------------------------------


def told_of(left: Left, weighing: Weighing, second: About) -> Iterator[str]:
    """How it does on authors left out, beside the rules, and beside the two that everybody has."""
    as_odds = dict.fromkeys(KINDS, (1.0, 0.0))
    yield "Rules, and rules with the second reader (both), on authors that neither reader has seen:"
    yield ""
    likely, doubted, disputed, denied = (_as_odds(of, second) for of in (second.likely, second.doubted, second.disputed, second.denied))
    yield from figures(left.told, About(KINDS, (), as_odds, likely, likely, doubted, disputed, denied, second.gathered))
    yield ""
    yield "The same with the third reader behind them:"
    yield ""
    weights = np.array([[weight.learned, weight.encoder, weight.offset] for weight in weighing.kinds.values()]).T
    likely = {kind: float(np.log(weight.likely / (1 - weight.likely))) for kind, weight in weighing.kinds.items()}
    asked = (chance(left.second).max(axis=1) >= weighing.doubtful) | left.looked_at
    scores = np.where(asked[:, None], _added(left, weights), NEVER)
    yield from figures(_seen_by_all(left, scores), About(KINDS, (), as_odds, likely, likely, likely, likely, likely, second.gathered))
    yield ""
    share = 100 * asked[left.quiet].mean(), 100 * asked[~left.quiet].mean()
    yield f"It is asked about {share[0]:.0f}% of ordinary talk and {share[1]:.0f}% of all else."


def _as_odds(scores: Mapping[Kind, float], second: About) -> dict[Kind, float]:
    return {kind: slope * scores[kind] + offset for kind, (slope, offset) in second.slopes.items()}


def _seen_by_all(left: Left, scores: Floats) -> list[Scored]:
    anyway = (frozenset(compress(KINDS, row)) for row in left.anyway.tolist())
    rows = zip(left.told, anyway, map(tuple, scores.tolist()), strict=True)
    return [msgspec.structs.replace(one, settled=told, scores=row) for one, told, row in rows]
