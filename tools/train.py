"""Train the second reader from ``corpus/`` and write it down: ``make train``.

A weight for each mark and kind, learned by going through all messages a few times (Adagrad). What the rules saw is hidden from half
of the messages, for rules do better on lines that people had before them when they wrote the rules than they ever will again.
Scores become probabilities, and thresholds are chosen, on authors that were left out of the training that scored them.
Authors kept for judging are never seen.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.app import build_assistant
from bot.cli.score import CaseRow, follow
from bot.compose import READER as RULES
from bot.learned import About, Learned, Reading, packed
from bot.learned.marks import BITS, MARKS, of_rules, of_words
from bot.learned.reader import FEWER_BITS, word_weight
from bot.model import Certainty, Kind, Reason, Signal
from bot.policy.weigh import agreed, is_arguable
from bot.voice import Community
from tools.card import card, drawing
from tools.corpus import Use, authors, cases, chats, talk, turns
from tools.figures import MOVING, Scored, figures, judged

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "bot" / "learned.model"
CARD = ROOT / "docs" / "second-reader.md"
PICTURE = ROOT / "docs" / "second-reader.svg"
KINDS, REASONS = tuple(Kind), tuple(Reason)
IS_MOVE = np.array([kind in MOVING for kind in KINDS])
EPOCHS, BATCH, RATE, SEED = 10, 32, 0.3, 0
FOLDS = 5
HIDDEN = 0.5
"""From this share of messages what the rules saw is hidden, anew each time."""
HEAVIER = 3.0
"""So much more a message counts for the kinds that it holds."""
OFTEN = 3
"""So many times a message of ordinary talk is gone through each time: life has more of it than the corpus."""

Floats = npt.NDArray[np.float32]


class Example(msgspec.Struct, frozen=True):
    """A message of the corpus as the reader gets it, with what it holds."""

    author: str
    id: str
    text: str
    reading: Reading
    kinds: tuple[bool, ...]
    ruled: frozenset[Kind]
    settled: frozenset[Kind]
    sure: frozenset[Kind]
    agreed: frozenset[Kind]
    """What the rules found likely; what of that no second opinion takes back, what must be denied to fall, and what must be disputed."""
    reasons: tuple[bool, ...]
    """None at all where the author did not tell."""
    quiet: bool
    """Harmless, and from a whole chat: ordinary talk and not a look-alike."""
    chat: str
    """The whole conversation that it stands in; none for a message by itself."""
    fold: int
    """In which training it is left out: with all of its author, or with all of its chat where it is ordinary talk."""


# --- reading the corpus ----------------------------------------------------------------------------------------------


def examples() -> list[Example]:
    """Every message that may be used for training, read by the rules."""
    assistant = build_assistant("train", Community(), readers=(RULES,))
    found = []
    tuning = sorted(letter for letter, author in authors().items() if author.use is Use.TUNING)
    with_cases = [letter for letter in tuning if cases(letter)]
    for letter in tuning:
        for row, step, reading in follow(assistant, cases(letter)):
            found.append(_example(letter, row, step.answer.signals, reading, with_cases.index(letter) % FOLDS))
        # Beside what is wrong in a chat stands much that is half of it: only the talk of a harmless one is ordinary.
        wrong = {chat.id for chat in chats(letter) if chat.expect_nudge_by is not None}
        for rows in (talk(letter), turns(letter)):
            folds = {chat: number % FOLDS for number, chat in enumerate(dict.fromkeys(row.conv for row in rows))}
            for row, step, reading in follow(assistant, rows):
                quiet = not row.labels and row.conv not in wrong
                found.append(_example(letter, row, step.answer.signals, reading, folds[row.conv], quiet=quiet))
    return [one for one in found if one.reading.text.strip()]


def _example(author: str, row: CaseRow, signals: Sequence[Signal], reading: Reading | None, fold: int, *, quiet: bool = False) -> Example:
    if reading is None:
        raise ValueError(f"{row.id} was not remembered")
    labels = row.labels or ()
    reasons = row.reasons if Kind.PRETEXT in labels else ()
    told = tuple(kind in labels for kind in KINDS)
    ruled = [signal for signal in signals if signal.certainty is not Certainty.HINT]
    settled = frozenset(signal.kind for signal in ruled if not is_arguable(signal))
    sure = frozenset(signal.kind for signal in ruled if signal.certainty is Certainty.SURE) - settled
    return Example(
        author,
        row.id,
        row.text,
        reading,
        told,
        frozenset(signal.kind for signal in ruled),
        settled,
        sure,
        agreed(signals) - settled - sure,
        tuple(reason in reasons for reason in REASONS),
        quiet,
        "" if row.conv is None else str(row.conv),
        fold,
    )


def scored_as(one: Example, scores: Sequence[float], among: Sequence[float]) -> Scored:
    """A message with the scores that it was given, of all kinds and among moves."""
    return Scored(
        one.author,
        one.id,
        one.text,
        frozenset(itertools.compress(KINDS, one.kinds)),
        one.quiet,
        one.ruled,
        one.settled,
        one.sure,
        one.agreed,
        tuple(scores),
        tuple(among),
        one.chat,
        one.reading.role,
    )


def amid_talk(told: Sequence[Example]) -> list[Example]:
    """Every third message that nothing stood before, once more in the middle of somebody's ordinary talk.

    In the corpus only ordinary talk has always something before it: that would be learned as a sign of harmlessness.
    """
    chance = np.random.default_rng(SEED)
    talks = [one.reading.turns for one in told if one.quiet and one.reading.turns]
    alone = [one for one in told if not one.reading.turns and not one.quiet][::3]
    chosen = chance.integers(len(talks), size=len(alone)).tolist()
    return [
        msgspec.structs.replace(one, reading=msgspec.structs.replace(one.reading, turns=talks[talk]))
        for one, talk in zip(alone, chosen, strict=True)
    ]


class Seen(msgspec.Struct, frozen=True):
    """All messages as marks: a row for each, a column for each mark, and in it how much it weighs."""

    matrix: sparse.csr_matrix
    by_rules: npt.NDArray[np.bool_]
    """Of each number in the matrix, whether it stands for something that the rules saw."""

    def fewer(self, bits: int) -> Seen:
        """With fewer marks told apart, as for the reasons."""
        columns = self.matrix.indices >> (BITS - bits)
        shape = (self.matrix.shape[0], 1 << bits)
        return Seen(sparse.csr_matrix((self.matrix.data, columns, self.matrix.indptr), shape=shape), self.by_rules)

    def hidden(self, rows: npt.NDArray[np.bool_]) -> sparse.csr_matrix:
        """The matrix without what the rules saw in some rows."""
        gone = self.by_rules & np.repeat(rows, np.diff(self.matrix.indptr))
        return sparse.csr_matrix(
            (np.where(gone, np.float32(0), self.matrix.data), self.matrix.indices, self.matrix.indptr), self.matrix.shape
        )


def seen(told: Sequence[Example]) -> Seen:
    """The marks of all messages."""
    parts = [part for one in told for part in (of_words(one.reading), of_rules(one.reading))]
    weights = [np.float32(1) if n % 2 else word_weight(len(part)) for n, part in enumerate(parts)]
    numbers = np.concatenate([np.full(len(part), weight) for part, weight in zip(parts, weights, strict=True)])
    by_rules = np.concatenate([np.full(len(part), bool(n % 2)) for n, part in enumerate(parts)])
    ends = np.cumsum([0, *map(len, parts)])[::2]
    return Seen(sparse.csr_matrix((numbers, np.concatenate(parts).astype(np.int32), ends), shape=(len(told), MARKS)), by_rules)


# --- learning --------------------------------------------------------------------------------------------------------


class Weights(msgspec.Struct, frozen=True):
    """What is learned: a weight for each mark and output, and where each output begins."""

    weights: Floats
    offset: Floats

    def scores(self, matrix: sparse.csr_matrix) -> Floats:
        """A row of scores for each message."""
        return np.asarray(matrix @ self.weights + self.offset, np.float32)


def learn(marks: Seen, wanted: Floats, rows: npt.NDArray[np.int64], *, heavier: float = HEAVIER, exclusive: bool = False) -> Weights:
    """Learn what is wanted of some rows, each of them so much ``heavier`` where it is wanted. The same rows give the same weights.

    ``exclusive``: exactly one of the outputs holds.
    """
    chance = np.random.default_rng(SEED)
    columns, number = marks.matrix.shape[1], wanted.shape[1]
    weights, steps = np.zeros((columns, number), np.float32), np.full((columns, number), 0.01, np.float32)
    offset, offset_steps = np.full(number, -2.0, np.float32), np.full(number, 0.01, np.float32)
    counts = np.where(wanted > 0, heavier, 1.0).astype(np.float32)
    there, place = np.zeros(columns, bool), np.zeros(columns, np.int32)
    for _ in range(EPOCHS):
        matrix = marks.hidden(chance.random(len(wanted)) < HIDDEN)
        order = chance.permutation(rows)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            part = matrix[batch]
            there[part.indices] = True
            used = np.flatnonzero(there)
            there[used] = False
            place[used] = np.arange(len(used))
            small = sparse.csr_matrix((part.data, place[part.indices], part.indptr), shape=(len(batch), len(used)))
            scores = small @ weights[used] + offset
            wrong = (_shares(scores) if exclusive else _chances(scores)) - wanted[batch]
            wrong *= counts[batch] / len(batch)
            slope = small.T @ wrong
            steps[used] += slope * slope
            weights[used] -= RATE * slope / np.sqrt(steps[used])
            slope = wrong.sum(axis=0)
            offset_steps += slope * slope
            offset -= RATE / 6 * slope / np.sqrt(offset_steps)
    return Weights(weights, offset)


def _chances(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-scores)), np.float32)


def _shares(scores: Floats) -> Floats:
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float32)


def learn_moves(fewer: Seen, wanted: Floats, rows: npt.NDArray[np.int64]) -> Weights:
    """Learn which moves a message holds from those of some rows that hold one."""
    return learn(fewer, wanted[:, IS_MOVE], np.unique(rows[wanted[rows][:, IS_MOVE].any(axis=1)]), heavier=1.0)


def out_of_author(taught: Sequence[Example], marks: Seen, wanted: Floats, workers: int) -> tuple[Floats, Floats]:
    """Scores for every message, of all kinds and among moves, by weights that were learned without its author."""
    scores, among = np.zeros_like(wanted), np.zeros((len(wanted), len(MOVING)), np.float32)
    folds, rows = np.array([one.fold for one in taught]), lessons(taught)
    with ProcessPoolExecutor(workers) as pool:
        for number, parts in enumerate(pool.map(partial(_left_out, marks, wanted, folds, rows), range(FOLDS))):
            scores[folds == number], among[folds == number] = parts
            print(f"  {number + 1} of {FOLDS} trainings with authors left out", flush=True)
    return scores, among


def _left_out(marks: Seen, wanted: Floats, folds: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], number: int) -> tuple[Floats, Floats]:
    others, own, fewer = rows[folds[rows] != number], np.flatnonzero(folds == number), marks.fewer(FEWER_BITS)
    return learn(marks, wanted, others).scores(marks.matrix[own]), learn_moves(fewer, wanted, others).scores(fewer.matrix[own])


def lessons(taught: Sequence[Example]) -> npt.NDArray[np.int64]:
    """The rows to go through."""
    return np.repeat(np.arange(len(taught)), [OFTEN if one.quiet else 1 for one in taught])


# --- writing it down -------------------------------------------------------------------------------------------------


def model_file(kinds: Weights, moves: Weights, reasons: Weights, about: About) -> bytes:
    """What was learned as one compact file: weights in 8 bits, those that hardly matter as nothing."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, learned in (("", kinds), ("move_", moves), ("reason_", reasons)):
        scale = np.abs(learned.weights).max(axis=0) / 127 + 1e-12
        arrays |= {
            f"{name}weights": np.round(learned.weights / scale).astype(np.int8),
            f"{name}scale": scale.astype(np.float32),
            f"{name}offset": learned.offset,
        }
    return packed(about, arrays)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--workers", type=int, default=2, help="trainings at once")
    parser.add_argument("--measure", action="store_true", help="only measure on authors left out, and write nothing")
    chosen = parser.parse_args()
    told = examples()
    print(f"{len(told)} messages by {len({one.author for one in told})} authors", flush=True)
    taught = [*told, *amid_talk(told)]
    marks, wanted = seen(taught), np.array([one.kinds for one in taught], np.float32)
    scores, among = out_of_author(taught, marks, wanted, chosen.workers)
    scored = [scored_as(*one) for one in zip(told, scores[: len(told)].tolist(), among[: len(told)].tolist(), strict=True)]
    about = judged(scored)
    print("\n".join(figures(scored, about)), flush=True)
    if chosen.measure:
        return
    reasons = np.array([one.reasons for one in taught], np.float32)
    with_reasons = np.flatnonzero(reasons.any(axis=1))
    reasons /= np.maximum(1, reasons.sum(axis=1, keepdims=True))
    fewer, rows = marks.fewer(FEWER_BITS), lessons(taught)
    kinds = learn(marks, wanted, rows)
    why = learn(fewer, reasons, with_reasons, heavier=1.0, exclusive=True)
    file = model_file(kinds, learn_moves(fewer, wanted, rows), why, about)
    _check(Learned(file), taught, kinds.scores(marks.matrix))
    chosen.out.write_bytes(file)
    print(f"{chosen.out}: {len(file) / 1e6:.1f} MB")
    CARD.write_text(card(scored, about), "utf-8")
    PICTURE.write_text(drawing(scored, about), "utf-8")


def _check(learned: Learned, told: Sequence[Example], scores: Floats) -> None:
    """Make sure that the reader makes of a message what was learned, but for what rounding costs. Raises ``ValueError``."""
    apart = np.array([learned.scores(one.reading) for one in told[::50]]) - scores[::50]
    print(f"Rounding costs {np.abs(apart).mean():.3f} of a score, {np.abs(apart).max():.3f} at most.")
    if np.abs(apart).max() > 1:
        raise ValueError("the reader does not give the scores that were learned")


if __name__ == "__main__":
    main()
