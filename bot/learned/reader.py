"""The second reader itself: marks of a message in, signals out."""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from bot.compose import READER as RULES
from bot.learned.gathering import worth_keeping
from bot.learned.marks import BITS, WORD, Marks, of_rules, of_words
from bot.learned.model import ModelError, unpacked
from bot.learned.reading import Reading
from bot.model import MOVES, Certainty, Doubts, Kind, Reason, Signal

READER = "learned"
TRUSTED = (RULES, READER)
"""Those that everybody has."""
READERS = (*TRUSTED, "semantic")
"""Every reader there is, in the order in which they read."""

FEWER_BITS = 15
"""For what is asked for seldom, which moves a move is and the reason of a pretext, fewer marks are told apart."""
SPARE = {Kind.PRETEXT: 1.0}
"""So much the logarithm of the odds must be above nothing for a move beside another one: the corpus holds more excuses than life."""
WORDS_WEIGH, FEWEST_MARKS = 4.0, 200
"""So much all words of a message weigh together, by the root of the number of their marks, where one thing that the rules saw weighs 1.
A very short message is taken to have so many: what is said in two words is little to go by."""

Floats = npt.NDArray[np.float32]
_ASKED_WORDS = 60
"""So many words of a message are left out one by one to see how much each weighs."""


class Seen(msgspec.Struct, frozen=True):
    """What a later reader sees in a message."""

    signals: tuple[Signal, ...] = ()
    chances: dict[Kind, float] = msgspec.field(default_factory=dict)
    """How probable each kind is, as far as that is worth keeping."""


NOTHING = Seen()


class _Weights(msgspec.Struct, frozen=True):
    """What each mark weighs for some outputs, and where each of them begins."""

    weights: npt.NDArray[np.int8]
    scale: Floats
    offset: Floats
    fewer: int
    """By so many bits fewer marks are told apart."""

    def scores(self, reading: Reading) -> Floats:
        """One score per output."""
        words, rules = (part >> np.uint32(self.fewer) for part in (of_words(reading), of_rules(reading)))
        return _weighed(self.weights, words, rules) * self.scale + self.offset


class Learned:
    """The reader with its model. Built once; holds no state between messages."""

    def __init__(self, model: bytes) -> None:
        """Take a model file. Raises ``ModelError``."""
        self.about, arrays = unpacked(model)
        self.mark = zlib.crc32(model)
        """Tells this model from another one."""
        self.moves = tuple(kind for kind in self.about.kinds if kind in MOVES)
        tables = (
            ("", BITS, len(self.about.kinds)),
            ("move_", FEWER_BITS, len(self.moves)),
            ("reason_", FEWER_BITS, len(self.about.reasons)),
        )
        wanted: dict[str, tuple[int, ...]] = {}
        for name, bits, outputs in tables:
            wanted |= {f"{name}weights": (1 << bits, outputs), f"{name}scale": (outputs,), f"{name}offset": (outputs,)}
        if {name: array.shape for name, array in arrays.items()} != wanted:
            raise ModelError("this is a model for another reader: its numbers are not as many as they should be")
        self._kinds, self._moves, self._reasons = (
            _Weights(
                arrays[f"{name}weights"], arrays[f"{name}scale"].astype(np.float32), arrays[f"{name}offset"].astype(np.float32), BITS - bits
            )
            for name, bits, _ in tables
        )

    def scores(self, reading: Reading) -> Floats:
        """One score per kind, in the order of ``about.kinds``."""
        return self._kinds.scores(reading)

    def read(self, reading: Reading) -> tuple[Signal, ...]:
        """What a message is likely to hold, seen together with what the rules saw in it."""
        return self.see(reading).signals

    def see(self, reading: Reading) -> Seen:
        """The same, with the chances that are too small to be spoken of and yet more than nothing."""
        if not reading.text.strip():
            return NOTHING
        about, scores = self.about, dict(zip(self.about.kinds, self.scores(reading).tolist(), strict=True))
        odds = about.log_odds(scores)
        likely = {kind for kind, score in scores.items() if score >= about.likely[kind]}
        likely |= self.beside(reading, likely, odds)
        hints = {kind for kind, score in scores.items() if score >= about.hint[kind]}
        return Seen(self.signals(READER, reading, likely, hints), worth_keeping(chances_of(odds)))

    def beside(self, reading: Reading, likely: Collection[Kind], odds: Mapping[Kind, float]) -> frozenset[Kind]:
        """Where a message is called a move by anybody, all moves that it is likelier to be than not.

        Somebody is spoken to anyway, and the answer is to fit what was said.
        """
        if not MOVES.intersection(likely) and not MOVES.intersection(reading.called):
            return frozenset()
        return likelier(odds, dict(zip(self.moves, self._moves.scores(reading).tolist(), strict=True)))

    def signals(self, reader: str, reading: Reading, likely: Collection[Kind], hints: Collection[Kind]) -> tuple[Signal, ...]:
        """What a later reader says of a message: what it finds likely, and the hints beside."""
        return tuple(
            Signal(
                kind,
                reader,
                f"{reader}/{kind}",
                Certainty.LIKELY if kind in likely else Certainty.HINT,
                self.reason(reading) if kind is Kind.PRETEXT else None,
            )
            for kind in self.about.kinds
            if kind in likely or kind in hints
        )

    def doubts(self, reading: Reading) -> Doubts:
        """A second opinion on what the rules think."""
        scores, about = tuple(zip(self.about.kinds, self.scores(reading).tolist(), strict=True)), self.about
        return Doubts(
            *(frozenset(kind for kind, score in scores if score < least[kind]) for least in (about.doubted, about.disputed, about.denied))
        )

    def chances(self, reading: Reading) -> dict[Kind, float]:
        """How probable each kind is, between 0 and 1, as calibrated on authors that were left out."""
        return chances_of(self.log_odds(reading))

    def log_odds(self, reading: Reading) -> dict[Kind, float]:
        """The same as the logarithm of the odds: what other evidence can be added to."""
        return self.about.log_odds(dict(zip(self.about.kinds, self.scores(reading).tolist(), strict=True)))

    def weightiest(self, reading: Reading, kind: Kind, number: int = 3) -> tuple[str, ...]:
        """The words without which a kind would be the least likely, the weightiest first. Costs one more reading for each word."""
        place = self.about.kinds.index(kind)
        whole = float(self.scores(reading)[place])
        words = list(WORD.finditer(reading.text))[:_ASKED_WORDS]
        without = [msgspec.structs.replace(reading, text=reading.text[: word.start()] + reading.text[word.end() :]) for word in words]
        lost = {word.group(): whole - float(self.scores(one)[place]) for word, one in zip(words, without, strict=True)}
        return tuple(sorted((word for word, loss in lost.items() if loss > 0), key=lambda word: -lost[word])[:number])

    def reason(self, reading: Reading) -> Reason:
        """The likeliest reason, if a message is a pretext."""
        return self.about.reasons[int(self._reasons.scores(reading).argmax())]


def chance(score: float, slope: float, offset: float) -> float:
    """A score as a probability."""
    return 1 / (1 + math.exp(-max(-700.0, slope * score + offset)))


def chances_of(odds: Mapping[Kind, float]) -> dict[Kind, float]:
    """Logarithms of odds as probabilities."""
    return {kind: chance(so, 1.0, 0.0) for kind, so in odds.items()}


def likelier(odds: Mapping[Kind, float], among: Mapping[Kind, float]) -> frozenset[Kind]:
    """The moves that a message which is one is likelier to be than not.

    ``among`` are log-odds learned from nothing but moves. They tell one from another better, and know fewer ways to say each: the mean
    of both counts.
    """
    return frozenset(kind for kind, so in among.items() if (odds[kind] + so) / 2 >= SPARE.get(kind, 0.0))


def word_weight(marks: int) -> np.float32:
    """How much each mark of the words weighs in a message that has so many."""
    return np.float32(WORDS_WEIGH / max(FEWEST_MARKS, marks) ** 0.5)


def _weighed(weights: npt.NDArray[np.int8], words: Marks, rules: Marks) -> Floats:
    """The weights of all marks together. Added up by a product, which takes a third of the time of a sum."""
    of_message = np.ones(len(words), np.float32) @ weights.take(words, 0).astype(np.float32)
    of_findings = np.ones(len(rules), np.float32) @ weights.take(rules, 0).astype(np.float32)
    total: Floats = of_message * word_weight(len(words)) + of_findings
    return total
