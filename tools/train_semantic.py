"""Train the third reader from ``corpus/`` and write its weights into a folder of their own: ``make train-semantic``.

It learns from most authors; some are left out. On these it is seen what the second reader's word and the encoder's weigh together, and from
which chance on a kind is spoken of, by shares as for the second reader, which for that is learned anew without them.
Authors kept for judging are never seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import compress
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from bot.app import WEIGHTS, find
from bot.edge.encoder import MODEL, TOKENS, WEIGHING
from bot.learned import About, Learned, Weighing, Weight
from bot.model import MOVES, Kind
from tools.encoder_net import BATCH, EPOCHS, learn, pieces, read_one_by_one, tokenizer, written
from tools.corpus import cases as read_cases
from tools.figures import CRISIS_FLAGGED, CRISIS_FLAGGED_TALK, HINTED, IN_ALL, IN_ALL_TALK, KINDS, Scored, figures, right_from
from tools.train import MODEL as SECOND
from tools.train import Example, examples, seen
from tools.train import learn as learn_second

LEFT_OUT = frozenset({"AA", "T", "U"})
"""Authors that are left out: the conduct of the chat, plain typing, what is said sideways. Few rules were written with their lines at hand,
so that what the rules see in them is about what they will see in those of others."""
CHATS_LEFT_OUT = 4
"""The fold of whole chats that is left out, a fifth of them."""
TALK_EVERY = 2
"""Of the other ordinary talk every so-manieth message is learned from: it is easy, and most of it is never asked about."""
BEGIN, FIRM = np.array([0.5, 0.5, 0.0]), np.array([5.0, 5.0, 0.1])
"""What the two scores weigh and where they begin before anything is known, and how firmly that stands."""
CERTAIN = 0.95
"""From this chance of the second reader on, what the rules find likely is told at once."""
MISSED = 0.005
"""So much of what all three find may be lost by not asking where the second reader rules it out."""
FLOORS = (0.1, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005, 0.0)
"""Chances below which the second reader may be taken to rule a kind out."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
CRISIS = np.array([kind is Kind.CRISIS for kind in KINDS])
MOVING = np.array([kind in MOVES for kind in KINDS])


cases = cache(read_cases)


# --- what is learned from, and what is left out ----------------------------------------------------------------------


def is_left_out(one: Example) -> bool:
    """Whether it is kept for weighing: with all of its author, or with all of its chat where its author wrote whole chats."""
    return one.author in LEFT_OUT or (not cases(one.author) and one.fold == CHATS_LEFT_OUT)


def targets(told: Sequence[Example]) -> npt.NDArray[np.float32]:
    """The kinds of each message, whether it holds any move, and whether it holds anything: the last two only help with learning."""
    kinds = np.array([one.kinds for one in told], np.float32)
    return np.column_stack([kinds, kinds[:, MOVING].max(axis=1), kinds.max(axis=1)])


# --- weighing --------------------------------------------------------------------------------------------------------


class Left(msgspec.Struct, frozen=True):
    """The messages left out, with what two readers make of them that have not seen their authors."""

    told: tuple[Example, ...]
    second: Floats
    """Log-odds by the second reader."""
    encoder: Floats

    def flags(self, kinds: str) -> Flags:
        """One of the sets of kinds of each message, as a table."""
        return np.array([[kind in getattr(one, kinds) for kind in KINDS] for one in self.told], bool)

    @property
    def wanted(self) -> Flags:
        """What each message holds."""
        return np.array([one.kinds for one in self.told], bool)

    @property
    def quiet(self) -> Flags:
        """Which are ordinary talk."""
        return np.array([one.quiet for one in self.told])

    @property
    def harmless(self) -> Flags:
        """Which hold nothing but were written to look as if."""
        return ~self.wanted.any(axis=1) & ~self.quiet

    @property
    def looked_at(self) -> Flags:
        """In which the rules saw anything, a hint at least: about these the encoder is asked in any case."""
        return np.array([bool(one.reading.kinds) for one in self.told])

    @property
    def anyway(self) -> Flags:
        """What is told at once, whatever the encoder thinks of it."""
        return self.flags("settled") | (self.flags("ruled") & (chance(self.second) >= CERTAIN))


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
    likely = np.array([max(least, right_from(chances[:, n], wanted[:, n], least)) for n, least in enumerate(likely.tolist())])
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
    """The lowest chance at which all readers together, with what is told anyway, flag no larger shares; in ordinary talk but for crises."""
    told = left.anyway[:, ~CRISIS].any(axis=1)
    with_crisis = told | left.anyway[:, CRISIS].any(axis=1) | (chances[:, CRISIS] >= crisis).any(axis=1)
    highest = chances[:, ~CRISIS].max(axis=1)
    look_alikes = _lowest(left.harmless, np.where(with_crisis, 1.0, highest), times * IN_ALL)
    return max(look_alikes, _lowest(left.quiet, np.where(told, 1.0, highest), times * IN_ALL_TALK))


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


def told_of(left: Left, weighing: Weighing, second: Learned) -> Iterator[str]:
    """How it does on authors left out, beside the rules, and beside the two that everybody has."""
    yield "Rules, and rules with the second reader (both), on authors that neither reader has seen:"
    yield ""
    shown = msgspec.structs.replace(second.about, slopes=dict.fromkeys(KINDS, (1.0, 0.0)))
    for name in ("likely", "doubted"):
        of = {kind: slope * getattr(second.about, name)[kind] + offset for kind, (slope, offset) in second.about.slopes.items()}
        shown = msgspec.structs.replace(shown, **{name: of})
    yield from figures(_scored(left, left.second, left.flags("settled")), shown)
    yield ""
    yield "The same with the third reader behind them:"
    yield ""
    weights = np.array([[weight.learned, weight.encoder, weight.offset] for weight in weighing.kinds.values()]).T
    likely = {kind: float(np.log(weight.likely / (1 - weight.likely))) for kind, weight in weighing.kinds.items()}
    about = About(KINDS, (), dict.fromkeys(KINDS, (1.0, 0.0)), likely, likely, likely)
    asked = (chance(left.second).max(axis=1) >= weighing.doubtful) | left.looked_at
    scores = np.where(asked[:, None], _added(left, weights), -50.0)
    yield from figures(_scored(left, scores, left.anyway), about)
    yield ""
    share = 100 * asked[left.quiet].mean(), 100 * asked[~left.quiet].mean()
    yield f"It is asked about {share[0]:.0f}% of ordinary talk and {share[1]:.0f}% of all else."


def _scored(left: Left, scores: Floats, settled: Flags) -> list[Scored]:
    return [
        Scored(
            one.author, one.id, one.text, frozenset(compress(KINDS, one.kinds)), one.quiet, one.ruled, frozenset(compress(KINDS, sure)), row
        )
        for one, row, sure in zip(left.told, map(tuple, scores.tolist()), settled.tolist(), strict=True)
    ]


# --- writing it down -------------------------------------------------------------------------------------------------


def main() -> None:
    """Train, weigh, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=find(WEIGHTS), help="the folder for its weights")
    chosen = parser.parse_args()
    told = examples()
    left_out = np.array([is_left_out(one) for one in told])
    learned_from = np.flatnonzero(~left_out & (~np.array([one.quiet for one in told]) | (np.arange(len(told)) % TALK_EVERY == 0)))
    _say(f"{len(learned_from)} messages to learn from, {left_out.sum()} left out; {EPOCHS} rounds in steps of {BATCH}")
    cut = pieces([one.reading for one in told])
    network = written(learn(cut, targets(told), learned_from, _say), len(KINDS))
    second = Learned(SECOND.read_bytes())
    places = np.flatnonzero(left_out)
    left = Left(
        tuple(told[place] for place in places),
        _second_word(told, ~left_out, second),
        read_one_by_one(network, [cut[place] for place in places], _say),
    )
    authors = len({told[place].author for place in learned_from})
    made = f"learned from {len(learned_from)} messages by {authors} authors, weighed on {len(places)}, {datetime.now(UTC).date()}"
    weighing = weighed(left, second.mark, made)
    card = "\n".join(told_of(left, weighing, second))
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / MODEL).write_bytes(network)
    tokenizer().save(str(chosen.out / TOKENS))
    (chosen.out / "card.md").write_text(f"# The third reader\n\nMade by `make train-semantic`: {made}.\n\n{card}\n", "utf-8")
    (chosen.out / WEIGHING).write_bytes(msgspec.json.format(msgspec.json.encode(weighing)))  # last: with it the reader is there
    _say(f"{card}\n\n{chosen.out}: {len(network) / 1e6:.1f} MB")


def _second_word(told: Sequence[Example], without: Flags, second: Learned) -> Floats:
    """What the second reader, learned without those left out, makes of them, as log-odds."""
    kinds = learn_second(seen(told), np.array([one.kinds for one in told], np.float32), np.flatnonzero(without))
    slopes = np.array([second.about.slopes[kind] for kind in KINDS])
    return np.asarray(kinds.scores(seen(told).matrix[np.flatnonzero(~without)]) * slopes[:, 0] + slopes[:, 1], np.float64)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
