"""A model as one file: what it says of itself in JSON, a newline, and its numbers one after the other, all compressed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from bot.model import Kind, Reason


class ModelError(ValueError):
    """A model file is not one, or of another make."""


class About(msgspec.Struct, frozen=True):
    """What a model says of itself."""

    kinds: tuple[Kind, ...]
    reasons: tuple[Reason, ...]
    slopes: dict[Kind, tuple[float, float]]
    """How a score becomes a probability, per kind: slope and offset."""
    likely: dict[Kind, float]
    """From which score on a kind is likely."""
    hint: dict[Kind, float]
    """From which score on a kind is a hint."""
    doubted: dict[Kind, float]
    """Below which score not even what the rules think likely is more than a hint; a crisis is asked about."""
    disputed: dict[Kind, float]
    """Below which score not even what they agree about is."""
    denied: dict[Kind, float]
    """Below which score not even what they are sure of is."""
    gathered: float
    """How much must have gathered of a kind, over the messages of one person in a chat, for it to be likely."""
    made: str = ""

    def log_odds(self, scores: Mapping[Kind, float]) -> dict[Kind, float]:
        """Scores as the logarithms of odds, as calibrated."""
        return {kind: self.slopes[kind][0] * score + self.slopes[kind][1] for kind, score in scores.items()}


class _Array(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]


class _Head(msgspec.Struct, frozen=True):
    about: About
    arrays: dict[str, _Array]


Arrays = dict[str, npt.NDArray[Any]]


def packed(about: About, arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """A model as it is kept."""
    shapes = {name: _Array(str(array.dtype), array.shape) for name, array in arrays.items()}
    head = msgspec.json.encode(_Head(about, shapes))
    return zlib.compress(b"\n".join((head, b"".join(array.tobytes() for array in arrays.values()))), 9)


def unpacked(model: bytes) -> tuple[About, Arrays]:
    """What ``packed`` packed. Raises ``ModelError``."""
    try:
        line, _, numbers = zlib.decompress(model).partition(b"\n")
        head = msgspec.json.decode(line, type=_Head)
        arrays: Arrays = {}
        start = 0
        for name, array in head.arrays.items():
            dtype = np.dtype(array.dtype)
            count = int(np.prod(array.shape))
            arrays[name] = np.frombuffer(numbers, dtype, count, start).reshape(array.shape)
            start += count * dtype.itemsize
    except (ValueError, TypeError, zlib.error, msgspec.DecodeError) as error:
        raise ModelError(f"this is no model: {error}") from error
    return head.about, arrays
