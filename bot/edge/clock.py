"""A clock that does not jump when the machine's is set: how long words are kept, and when a button is too old, go by it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

log = logging.getLogger(__name__)

FAR_SECONDS = 86_400.0
RIGHT_SECONDS = 0.001
"""So near to the machine's clock it is right."""
SLEW = 0.01
"""The part of each second by which it goes faster or slower until it is right again."""


since_boot: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic
"""Seconds that nobody can set; those in which the machine slept count where the system knows them."""


class SteadyClock:
    """Unix seconds that never go back, and are led gently to where the machine's clock is.

    Only a machine that was more than a day behind is followed at once: then its clock was not set before. One that was more than a
    day ahead is not followed, for what is remembered would lie in the future; that is said in the log, and ends with a restart.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = since_boot) -> None:
        """Begin with what the machine's clock says."""
        self._wall = wall
        self._steady = steady
        self._now = wall()
        self._seen = steady()
        self._has_warned = False

    def __call__(self) -> float:
        """What it says."""
        seen = self._steady()
        passed = max(0.0, seen - self._seen)
        self._seen = seen
        self._now += passed
        off = self._wall() - self._now
        if not -RIGHT_SECONDS < off < RIGHT_SECONDS:
            self._now += self._led(off, passed)
        return self._now

    def _led(self, off: float, passed: float) -> float:
        """By how much it is led to the machine's clock, from which it is this far off."""
        if off < -FAR_SECONDS and not self._has_warned:
            self._has_warned = True
            log.warning("The machine's clock was set back by more than a day; the assistant follows it when it is started again.")
        most = passed * SLEW
        return off if off > FAR_SECONDS else max(-most, min(most, off))
