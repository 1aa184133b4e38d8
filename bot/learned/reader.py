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
from bot.learned.marks import BITS, MARKS, WORD, Marks, of_rules, of_words
from bot.learned.model import ModelError, unpacked
from bot.learned.reading import Reading
from bot.model import MOVES, Certainty, Doubts, Kind, Reason, Signal

READER = "learned"
TRUSTED = (RULES, READER)
"""Those that everybody has."""
READERS = (*TRUSTED, "semantic")
"""Every reader there is, in the order in which they read."""

REASON_BITS = 15
"""For the reason of a pretext, which is asked for seldom, fewer marks are told apart."""
BESIDE = 0.6
"""From this chance on a message is called another move beside one. Somebody is spoken to anyway, so it only has to be the likelier."""
WORDS_WEIGH, FEWEST_MARKS = 4.0, 200
"""So much all words of a message weigh together, by the root of the number of their marks, where one thing that the rules saw weighs 1.
A very short message is taken to have so many: what is said in two words is little to go by."""

Floats = npt.NDArray[np.float32]
_FEWER = BITS - REASON_BITS
_ASKED_WORDS = 60
"""So many words of a message are left out one by one to see how much each weighs."""


class Seen(msgspec.Struct, frozen=True):
    """What a later reader sees in a message."""

    signals: tuple[Signal, ...] = ()
    chances: dict[Kind, float] = msgspec.field(default_factory=dict)
    """How probable each kind is, as far as that is worth keeping."""


NOTHING = Seen()


class Learned:
    """The reader with its model. Built once; holds no state between messages."""

    def __init__(self, model: bytes) -> None:
        """Take a model file. Raises ``ModelError``."""
        self.about, arrays = unpacked(model)
        self.mark = zlib.crc32(model)
        """Tells this model from another one."""
        kinds, reasons = len(self.about.kinds), len(self.about.reasons)
        wanted = {
            "weights": (MARKS, kinds),
            "scale": (kinds,),
            "offset": (kinds,),
            "reason_weights": (1 << REASON_BITS, reasons),
            "reason_scale": (reasons,),
            "reason_offset": (reasons,),
        }
        if {name: array.shape for name, array in arrays.items()} != wanted:
            raise ModelError("this is a model for another reader: its numbers are not as many as they should be")
        self._weights, self._reason_weights = arrays["weights"], arrays["reason_weights"]
        self._scale, self._offset, self._reason_scale, self._reason_offset = (
            arrays[name].astype(np.float32) for name in ("scale", "offset", "reason_scale", "reason_offset")
        )

    def scores(self, reading: Reading) -> Floats:
        """One score per kind, in the order of ``about.kinds``."""
        words, rules = of_words(reading), of_rules(reading)
        return _weighed(self._weights, words, rules) * self._scale + self._offset

    def read(self, reading: Reading) -> tuple[Signal, ...]:
        """What a message is likely to hold, seen together with what the rules saw in it."""
        return self.see(reading).signals

    def see(self, reading: Reading) -> Seen:
        """The same, with the chances that are too small to be spoken of and yet more than nothing."""
        if not reading.text.strip():
            return NOTHING
        about, scores = self.about, dict(zip(self.about.kinds, self.scores(reading).tolist(), strict=True))
        chances = {kind: chance(score, *about.slopes[kind]) for kind, score in scores.items()}
        likely = {kind for kind, score in scores.items() if score >= about.likely[kind]}
        likely |= moves_beside(likely | reading.called, chances)
        hints = {kind for kind, score in scores.items() if score >= about.hint[kind]}
        return Seen(self.signals(READER, reading, likely, hints), worth_keeping(chances))

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
        return {kind: chance(odds, 1.0, 0.0) for kind, odds in self.log_odds(reading).items()}

    def log_odds(self, reading: Reading) -> dict[Kind, float]:
        """The same as the logarithm of the odds: what other evidence can be added to."""
        odds = {}
        for kind, score in zip(self.about.kinds, self.scores(reading).tolist(), strict=True):
            slope, offset = self.about.slopes[kind]
            odds[kind] = slope * score + offset
        return odds

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
        marks = (part >> np.uint32(_FEWER) for part in (of_words(reading), of_rules(reading)))
        scores = _weighed(self._reason_weights, *marks) * self._reason_scale + self._reason_offset
        return self.about.reasons[int(scores.argmax())]


def chance(score: float, slope: float, offset: float) -> float:
    """A score as a probability."""
    return 1 / (1 + math.exp(-max(-700.0, slope * score + offset)))


def moves_beside(called: Collection[Kind], chances: Mapping[Kind, float]) -> frozenset[Kind]:
    """Where a message is called a move, all moves that it is likelier to be than not, with something to spare."""
    return frozenset(kind for kind in MOVES if chances[kind] >= BESIDE) if MOVES.intersection(called) else frozenset()


def word_weight(marks: int) -> np.float32:
    """How much each mark of the words weighs in a message that has so many."""
    return np.float32(WORDS_WEIGH / max(FEWEST_MARKS, marks) ** 0.5)


def _weighed(weights: npt.NDArray[np.int8], words: Marks, rules: Marks) -> Floats:
    """The weights of all marks together. Added up by a product, which takes a third of the time of a sum."""
    of_message = np.ones(len(words), np.float32) @ weights.take(words, 0).astype(np.float32)
    of_findings = np.ones(len(rules), np.float32) @ weights.take(rules, 0).astype(np.float32)
    total: Floats = of_message * word_weight(len(words)) + of_findings
    return total
