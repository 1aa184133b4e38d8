"""Train the third reader from ``corpus/`` and write its weights into a folder of their own: ``make train-semantic``.

It learns from most authors; some are left out. On these it is seen what the second reader's word and the encoder's weigh together, and from
which chance on a kind is spoken of, by shares as for the second reader, which for that is learned anew without them.
Authors kept for judging are never seen. ``make weigh-semantic`` does all but the learning: after a change of rules or of the second reader.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from bot.app import WEIGHTS, find
from bot.edge.encoder import MODEL, TOKENS, WEIGHING
from bot.learned import Learned, Weighing
from bot.learned.reader import FEWER_BITS
from tools.corpus import authors, cases
from tools.encoder_net import BATCH, EPOCHS, learn, pieces, read_one_by_one, tokenizer, written
from tools.figures import KINDS, undenied
from tools.train import IS_MOVE, Example, examples, learn_moves, scored_as, seen
from tools.train import MODEL as SECOND
from tools.train import learn as learn_second
from tools.weighing import Left, told_of, weighed

LEFT_OUT = frozenset({"AA", "CA", "CL", "T", "U"})
"""Authors that are left out: the conduct of the chat, veiled danger, plain typing, what is said sideways. Few rules were written with
their lines at hand, so that what the rules see in them is about what they will see in those of others."""
CHATS_LEFT_OUT = 4
"""The fold of whole chats that is left out, a fifth of them."""
TALK_EVERY = 4
"""Of the other ordinary talk every so-manieth message is learned from: it is easy, and most of it is never asked about."""
Flags = npt.NDArray[np.bool_]


# --- what is learned from, and what is left out ----------------------------------------------------------------------


def kept_for_weighing(told: Sequence[Example]) -> Flags:
    """Which are left out: with all of their author, or with all of their chat where the author wrote whole chats."""
    of_chats = {letter for letter in authors() if not cases(letter)}
    return np.array([one.author in LEFT_OUT or (one.author in of_chats and one.fold == CHATS_LEFT_OUT) for one in told])


def targets(told: Sequence[Example]) -> npt.NDArray[np.float32]:
    """The kinds of each message, whether it holds any move, and whether it holds anything: the last two only help with learning."""
    kinds = np.array([one.kinds for one in told], np.float32)
    return np.column_stack([kinds, kinds[:, IS_MOVE].max(axis=1), kinds.max(axis=1)])


# --- writing it down -------------------------------------------------------------------------------------------------


def main() -> None:
    """Train, weigh, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=find(WEIGHTS), help="the folder for its weights")
    parser.add_argument("--weigh", action="store_true", help="keep the encoder that is there, and weigh it anew beside the second reader")
    chosen = parser.parse_args()
    told = examples()
    left_out = kept_for_weighing(told)
    cut = pieces([one.reading for one in told])
    if chosen.weigh:
        learned = msgspec.json.decode((chosen.out / WEIGHING).read_bytes(), type=Weighing).made.partition(", weighed")[0]
        network = (chosen.out / MODEL).read_bytes()
    else:
        network, learned = _learned(told, cut, left_out)
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / WEIGHING).unlink(missing_ok=True)  # without it the reader is not there, so it goes first and comes last
        (chosen.out / MODEL).write_bytes(network)
        tokenizer().save(str(chosen.out / TOKENS))
    second = Learned(SECOND.read_bytes())
    left = _left(told, left_out, second, read_one_by_one(network, [cut[place] for place in np.flatnonzero(left_out)], _say))
    made = f"{learned}, weighed on {len(left.told)}, {datetime.now(UTC).date()}"
    weighing = weighed(left, second.mark, made)
    card = "\n".join(told_of(left, weighing, second.about))
    (chosen.out / "card.md").write_text(f"# The third reader\n\nMade by `make train-semantic`: {made}.\n\n{card}\n", "utf-8")
    (chosen.out / WEIGHING).write_bytes(msgspec.json.format(msgspec.json.encode(weighing)))
    _say(f"{card}\n\n{chosen.out}: {len(network) / 1e6:.1f} MB")


def _learned(told: Sequence[Example], cut: Sequence[Encoding], left_out: Flags) -> tuple[bytes, str]:
    """The network, and what to say of it."""
    rows = np.flatnonzero(~left_out & (~np.array([one.quiet for one in told]) | (np.arange(len(told)) % TALK_EVERY == 0)))
    _say(f"{len(rows)} messages to learn from, {left_out.sum()} left out; {EPOCHS} rounds in steps of {BATCH}")
    network = written(learn(cut, targets(told), rows, _say), len(KINDS))
    return network, f"learned from {len(rows)} messages by {len({told[row].author for row in rows.tolist()})} authors"


def _left(told: Sequence[Example], left_out: Flags, second: Learned, encoder: npt.NDArray[np.float64]) -> Left:
    """The messages left out, with the word of a second reader that was learned without them."""
    marks, places = seen(told), np.flatnonzero(left_out).tolist()
    wanted, others, fewer = np.array([one.kinds for one in told], np.float32), np.flatnonzero(~left_out), marks.fewer(FEWER_BITS)
    kinds, moves = learn_second(marks, wanted, others), learn_moves(fewer, wanted, others)
    slopes = np.array([second.about.slopes[kind] for kind in KINDS])
    odds = kinds.scores(marks.matrix[places]) * slopes[:, 0] + slopes[:, 1]
    among = moves.scores(fewer.matrix[places])
    rows = [scored_as(*one) for one in zip((told[place] for place in places), odds.tolist(), among.tolist(), strict=True)]
    return Left(
        tuple(undenied(rows, dict.fromkeys(KINDS, (1.0, 0.0)))), encoder, np.array([bool(told[place].reading.kinds) for place in places])
    )


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
