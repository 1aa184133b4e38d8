"""How long each kind of thing is kept."""

from __future__ import annotations

import msgspec

DAY = 86_400.0


class Keep(msgspec.Struct, frozen=True):
    """Seconds for each kind. The record of acts is kept for good: it holds neither words nor, after an erasure, anybody's name."""

    reports: float = 180 * DAY
    """Reports with their evidence, cases with their notes, notices."""
    clippings: float = 30 * DAY
    """Words of an adult toward a teen that nobody reported."""
    traces: float = 14 * DAY
    """The marks by which somebody who comes back is known again."""
    referrals: float = 90 * DAY
    memories: float = 400 * DAY
    """Counts and clocks of a person who was not seen since."""
    counts: float = 400 * DAY
    """What happened per day, without anybody's id."""
