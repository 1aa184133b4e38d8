"""Small plots, drawn on the server: plain numbers become the shapes of an inline SVG, with the numbers in words beside them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

BAR, GAP, HIGH = 10, 3, 32


class Bar(msgspec.Struct, frozen=True):
    """One bar, in the units of its plot."""

    x: int
    y: int
    width: int
    height: int


class Bars(msgspec.Struct, frozen=True):
    """A row of upright bars, such as one for each week."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    words: str
    """The numbers, for those who do not see the plot."""


def bars(numbers: Sequence[int], most: int, words: str) -> Bars:
    """Bars for these numbers, where ``most`` is as high as the plot; what is more than nothing is always seen."""
    shapes = []
    for place, n in enumerate(numbers):
        height = max(2, round(HIGH * n / most)) if n and most else 0
        shapes.append(Bar(place * (BAR + GAP), HIGH - height, BAR, height))
    return Bars(len(numbers) * (BAR + GAP) - GAP, HIGH, tuple(shapes), words)


class Part(msgspec.Struct, frozen=True):
    """A part of a whole, as a stretch of a lying bar of a hundred units."""

    x: float
    width: float
    place: int
    """Which of the parts it is: its colour."""


def share(parts: Sequence[int]) -> tuple[Part, ...]:
    """A whole in its parts; nothing of nothing."""
    whole = sum(parts)
    shapes, x = [], 0.0
    for place, n in enumerate(parts):
        if n and whole:
            width = 100 * n / whole
            shapes.append(Part(round(x, 2), round(width, 2), place))
            x += width
    return tuple(shapes)
