"""The second reader: knows by likeness to thousands of examples what rules cannot spell out.

A small network, made by ``make train`` from ``corpus/`` and run with numpy alone: pieces of words become vectors, filters look at up to
four of them in a row, and what they see at their strongest decides. It sees the message, who speaks, and the last turns; never ages.
What it says is never more than ``likely``, and policy lets it speak to people, but neither hold nor mask nor count against anybody.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from bot.compose import READER as RULES
from bot.model import Certainty, Kind, Reason, Role, Signal
from bot.text import Folded

READER = "learned"
READERS = (RULES, READER)
"""Every reader there is, in the order in which they read."""
TRUSTED = (RULES,)
"""Those that read if nobody says otherwise. The second one is on trial: in ordinary talk it still speaks too often."""

TURNS = 2
"""So many earlier messages are looked at."""
LONGEST = 72
"""So many pieces of a message are read; of a longer one the beginning and the end."""
LONGEST_TURN = 24
"""So many pieces of each earlier message, from its end."""

Floats = npt.NDArray[np.float32]


class Turn(msgspec.Struct, frozen=True, gc=False):
    """An earlier message: by the one who speaks now or by somebody else."""

    own: bool
    text: str


class ModelError(ValueError):
    """A model file is not one, or of another make."""


class _Array(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]


class About(msgspec.Struct, frozen=True):
    """What a model says of itself."""

    kinds: tuple[Kind, ...]
    reasons: tuple[Reason, ...]
    widths: tuple[int, ...]
    """How many pieces in a row the filters look at, for each group of filters."""
    slopes: dict[str, tuple[float, float]]
    """How a score becomes a probability, per kind: slope and offset."""
    likely: dict[str, float]
    """From which score on a kind is likely."""
    hint: dict[str, float]
    """From which score on a kind is a hint."""
    doubt: float = -1e9
    """Below this score of every kind there is most likely nothing in a message."""
    made: str = ""


class _Head(msgspec.Struct, frozen=True):
    about: About
    vocabulary: list[str]
    arrays: dict[str, _Array]


def packed(about: About, vocabulary: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """A model as one file: what it says of itself in JSON, a newline, and its numbers one after the other, all compressed."""
    shapes = {name: _Array(str(array.dtype), array.shape) for name, array in arrays.items()}
    head = msgspec.json.encode(_Head(about, list(vocabulary), shapes))
    return zlib.compress(b"\n".join((head, b"".join(array.tobytes() for array in arrays.values()))), 9)


def _unpacked(model: bytes) -> tuple[About, list[str], dict[str, npt.NDArray[Any]]]:
    line, _, numbers = zlib.decompress(model).partition(b"\n")
    head = msgspec.json.decode(line, type=_Head)
    arrays: dict[str, npt.NDArray[Any]] = {}
    start = 0
    for name, array in head.arrays.items():
        dtype = np.dtype(array.dtype)
        count = int(np.prod(array.shape))
        arrays[name] = np.frombuffer(numbers, dtype, count, start).reshape(array.shape)
        start += count * dtype.itemsize
    return head.about, head.vocabulary, arrays


# --- pieces of words -------------------------------------------------------------------------------------------------

_SPLIT = re.compile(r"[^\W_]+|[^\w\s]|_")
SPECIAL = ("[PAD]", "[UNK]", "[END]", "[OWN]", "[OTHER]", *(f"[{role.value}]" for role in Role))
"""Marks that stand in no text: nothing, something unknown, the end, whose turn an earlier message was, and who speaks."""
_LONGEST_WORD = 40


class Pieces:
    """Cuts words into the longest pieces that the vocabulary has; what goes on inside a word begins with ``##``."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Number the pieces in their order, the special ones first."""
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        if tuple(vocabulary[: len(SPECIAL)]) != SPECIAL:
            raise ModelError("the vocabulary does not begin with the special pieces")

    def of(self, text: str) -> list[int]:
        """The pieces of a lower-case text, by number."""
        if not text.isascii():
            text = "".join(letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter) != "Mn")
        ids = self._ids
        found: list[int] = []
        for word in _SPLIT.findall(text):
            whole = ids.get(word)
            if whole is not None:
                found.append(whole)
            else:
                found.extend(self._cut(word))
        return found

    def special(self, name: str) -> int:
        """The number of a special piece."""
        return self._ids[name]

    def message(self, text: str, role: Role) -> list[int]:
        """A message as it is read: who speaks, the pieces, the end."""
        pieces = self.of(text)
        if len(pieces) > LONGEST:
            half = LONGEST // 2
            pieces = pieces[:half] + pieces[-half:]
        return [self._ids[f"[{role.value}]"], *pieces, self._ids["[END]"]]

    def turns(self, turns: Sequence[Turn]) -> list[int]:
        """Earlier messages as they are read."""
        found: list[int] = []
        for turn in turns[-TURNS:]:
            found += [self._ids["[OWN]" if turn.own else "[OTHER]"], *self.of(turn.text.lower())[-LONGEST_TURN:]]
        return found

    def _cut(self, word: str) -> Iterator[int]:
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + _LONGEST_WORD), start, -1):
                piece = self._ids.get(word[start:end] if start == 0 else f"##{word[start:end]}")
                if piece is not None:
                    yield piece
                    start = end
                    break
            else:
                yield self._ids["[UNK]"]
                return


# --- the network -----------------------------------------------------------------------------------------------------


class Learned:
    """The reader with its model. Built once; holds no state between messages."""

    def __init__(self, model: bytes) -> None:
        """Take a model file. Raises ``ModelError``."""
        try:
            self.about, vocabulary, arrays = _unpacked(model)
            self._table: npt.NDArray[np.int8] = arrays["table"]
            self._scale, self._filters, self._bias, self._turn_filters, self._turn_bias, self._out, self._offset = (
                arrays[name].astype(np.float32) for name in ("scale", "filters", "bias", "turn_filters", "turn_bias", "out", "offset")
            )
        except (KeyError, ValueError, zlib.error, msgspec.DecodeError) as error:
            raise ModelError(f"this is no model: {error}") from error
        if len(vocabulary) != len(self._table):
            raise ModelError("there is not one row for each piece")
        self.pieces = Pieces(vocabulary)
        self._kinds = len(self.about.kinds)
        self._no_turns = np.maximum(self._turn_bias, 0)

    def scores(self, text: str, role: Role, turns: Sequence[Turn]) -> Floats:
        """One score per kind and then per reason; ``text`` in lower case."""
        vectors = self._vectors(self.pieces.message(text, role))
        strongest = [_strongest(vectors, filters, bias) for filters, bias in self._by_width()]
        pieces = self.pieces.turns(turns)
        before = _strongest(self._vectors(pieces), self._turn_filters, self._turn_bias) if pieces else self._no_turns
        scores: Floats = np.concatenate([*strongest, before, vectors.mean(axis=0)]) @ self._out + self._offset
        return scores

    def read(self, folded: Folded, role: Role, turns: Sequence[Turn]) -> tuple[Signal, ...]:
        """What a message is likely to hold. Where a disguise was taken off, the text without it is read."""
        scores = self._of(folded, role, turns)
        found = []
        if scores is None:
            return ()
        for kind, score in zip(self.about.kinds, scores[: self._kinds].tolist(), strict=True):
            if score >= self.about.hint[kind]:
                certainty = Certainty.LIKELY if score >= self.about.likely[kind] else Certainty.HINT
                reason = self.about.reasons[int(scores[self._kinds :].argmax())] if kind is Kind.PRETEXT else None
                found.append(Signal(kind, READER, f"{READER}/{kind}", certainty, reason))
        return tuple(found)

    def doubts(self, folded: Folded, role: Role, turns: Sequence[Turn]) -> bool:
        """Whether it sees nothing of any kind in a message: a second opinion on what the rules think likely."""
        scores = self._of(folded, role, turns)
        return scores is not None and float(scores[: self._kinds].max()) < self.about.doubt

    def _of(self, folded: Folded, role: Role, turns: Sequence[Turn]) -> Floats | None:
        view = folded.plain if folded.skeleton is None else folded.skeleton
        return self.scores(view.text, role, turns) if view.text.strip() else None

    def chances(self, text: str, role: Role, turns: Sequence[Turn]) -> dict[Kind, float]:
        """How probable each kind is, between 0 and 1, as calibrated on authors that were left out."""
        scores = self.scores(text.lower(), role, turns)[: self._kinds].tolist()
        slopes = (self.about.slopes[kind] for kind in self.about.kinds)
        return {
            kind: float(1 / (1 + np.exp(-(slope * score + offset))))
            for kind, score, (slope, offset) in zip(self.about.kinds, scores, slopes, strict=True)
        }

    def _vectors(self, pieces: list[int]) -> Floats:
        vectors: Floats = self._table[pieces] * self._scale
        return vectors

    def _by_width(self) -> Iterator[tuple[Floats, Floats]]:
        start = 0
        for group, width in enumerate(self.about.widths):
            yield self._filters[start : start + width], self._bias[group]
            start += width


def _strongest(vectors: Floats, filters: Floats, bias: Floats) -> Floats:
    """What each filter sees where it sees the most, before and behind the text being nothing.

    ``filters`` is one matrix for each place that they look at. One product for all places at once is half the cost of one by one.
    """
    width, _, number = filters.shape
    length = len(vectors)
    seen = np.zeros((length + width - 1, number), np.float32)
    for place in range(width):
        seen[width - 1 - place : width - 1 - place + length] += vectors @ filters[place]
    # Filters that look at nothing but what is not there see nothing: their bias alone.
    strongest: Floats = np.maximum(seen.max(axis=0) + bias, np.maximum(bias, 0))
    return strongest
