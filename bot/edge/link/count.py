"""What has happened on a link, in numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Seconds."""


class Spread:
    """How long things took, counted between bounds."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.total = 0.0
        self._counts = [0] * (len(BOUNDS) + 1)

    def add(self, seconds: float) -> None:
        """One more."""
        self.total += seconds
        self._counts[bisect_left(BOUNDS, seconds)] += 1

    def up_to(self) -> Iterator[tuple[float, int]]:
        """For each bound, the last one without end, how many took no longer."""
        return zip((*BOUNDS, float("inf")), accumulate(self._counts), strict=True)


class Count:
    """Counts of one link."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.nudges: Counter[str] = Counter()
        self.degraded: Counter[str] = Counter()
        self.dropped_lines: Counter[str] = Counter()
        self.connections = 0
        self.gaps = 0
        self.withheld = 0
        self.answers = Spread()
