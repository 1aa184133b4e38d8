"""A stronger reading where it pays: what the second reader leaves open is given to an encoder of sentences, and both become one chance.

The encoder is handed in. It takes milliseconds, so it is asked when nobody waits for it: what the rules find likely, and the second reader
not certain, is a hint until then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from bot.learned.gathering import worth_keeping
from bot.learned.marks import LONGEST, LONGEST_TURN
from bot.learned.reader import Learned, Seen, chances_of
from bot.learned.reading import TURNS, Reading
from bot.model import Certainty, Kind, Signal

READER = "semantic"

Encoder = Callable[[Reading], Sequence[float]]
"""Gives one score for each kind, in the order of ``Weighing.kinds``."""


class Weight(msgspec.Struct, frozen=True):
    """How two scores of a kind become one chance, and which chances are spoken of."""

    learned: float
    """What the second reader's score weighs, after its own calibration."""
    encoder: float
    offset: float
    likely: float
    hint: float
    """From which chance on a kind is likely, and a hint."""
    certain: float
    """From which chance of the second reader on, what the rules find likely needs no further word."""


class Weighing(msgspec.Struct, frozen=True):
    """What weights say of themselves beside what the encoder needs."""

    kinds: dict[Kind, Weight]
    doubtful: float
    """From which chance of the second reader on, of any kind, the encoder is asked."""
    beside: int
    """Marks the second reader that it was weighed with."""
    made: str = ""


class Semantic:
    """The third step of the cascade, with what it needs. Holds no state between messages."""

    def __init__(self, learned: Learned, weighing: Weighing, encoder: Encoder) -> None:
        """Stand behind a second reader."""
        self.learned = learned
        self.weighing = weighing
        self._encoder = encoder

    def is_doubtful(self, reading: Reading) -> bool:
        """Whether the encoder has a say: the rules saw something, or the second reader does not rule it out."""
        return bool(reading.text.strip()) and (bool(reading.kinds) or max(self.learned.chances(reading).values()) >= self.weighing.doubtful)

    def held_over(self, reading: Reading) -> frozenset[Kind]:
        """The kinds that stay a hint until the encoder has been asked, where the rules find them likely; danger does not wait."""
        chances = self.learned.chances(reading).items()
        return frozenset(kind for kind, so in chances if kind is not Kind.CRISIS and so < self.weighing.kinds[kind].certain)

    def read(self, reading: Reading) -> tuple[Signal, ...]:
        """What a message is likely to hold, in the eyes of all. Takes some milliseconds."""
        return self.see(reading).signals

    def see(self, reading: Reading) -> Seen:
        """The same, with the chances that are too small to be spoken of and yet more than nothing."""
        odds, weights = self.log_odds(reading), self.weighing.kinds
        chances = chances_of(odds)
        likely = {kind for kind, so in chances.items() if so >= weights[kind].likely}
        likely |= self.learned.beside(reading, likely, odds)
        hints = {kind for kind, so in chances.items() if so >= weights[kind].hint}
        return Seen(self.learned.signals(READER, reading, likely, hints), worth_keeping(chances))

    def chances(self, reading: Reading) -> dict[Kind, float]:
        """How probable each kind is, between 0 and 1."""
        return chances_of(self.log_odds(reading))

    def log_odds(self, reading: Reading) -> dict[Kind, float]:
        """The same as the logarithm of the odds."""
        first = self.learned.log_odds(reading)
        scores = zip(self.weighing.kinds.items(), self._encoder(reading), strict=True)
        return {kind: weight.learned * first[kind] + weight.encoder * score + weight.offset for (kind, weight), score in scores}

    def without_encoder(self, reading: Reading) -> tuple[Signal, ...]:
        """What stands where the encoder cannot be asked: what the second reader sees, and what was held over that it does not doubt."""
        stands = (reading.kinds & self.held_over(reading)) - self.learned.doubts(reading).doubted
        seen = self.learned.read(msgspec.structs.replace(reading, called=reading.called | stands))
        likely = {signal.kind for signal in seen if signal.certainty is Certainty.LIKELY}
        again = self.learned.signals(READER, reading, stands - likely, ())
        return (*(signal for signal in seen if signal.kind not in stands - likely), *again)


def segments(reading: Reading) -> tuple[str, str]:
    """What the encoder reads: who says what, and the last turns, the latest first, for what is too long is cut off at the end."""
    text = reading.text
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    turns = ((turn.own, turn.text) for turn in reversed(reading.turns[-TURNS:]) if turn.text)
    return f"{reading.role} : {text}", " ".join(f"{'same' if own else 'other'} : {said[-LONGEST_TURN:]}" for own, said in turns)
