"""What is said in steps: small chances of one person's messages add up where no single one is enough."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import Kind

BY_DEGREES = frozenset({Kind.PICTURE_REQUEST, Kind.PERSONAL_REQUEST, Kind.SECRECY, Kind.SEXUAL_INVITE, Kind.FLIRT})
"""What is done by degrees. Moves and judging come in one sentence, and long innocent talk of calls and advice adds up to them;
danger to life is asked about and not added up."""
LEAST = 0.05
"""A chance below this is nothing: every message has some."""
STAYS = 0.9
"""With each further message of the same person so much is left of what has gathered."""
FORGOTTEN = 0.02
"""What has come down to this is dropped."""

Chances = Mapping[Kind, float]


def worth_keeping(chances: Chances) -> dict[Kind, float]:
    """Of the chances of one message those that are more than nothing and may become something."""
    return {kind: chance for kind, chance in chances.items() if chance > LEAST and kind in BY_DEGREES}


def gathered(before: Chances, chances: Chances) -> dict[Kind, float]:
    """What has gathered of each kind with one more message by somebody."""
    kinds = before.keys() | chances.keys()
    sums = {kind: before.get(kind, 0.0) * STAYS + max(0.0, chances.get(kind, 0.0) - LEAST) for kind in sorted(kinds)}
    return {kind: so for kind, so in sums.items() if so > FORGOTTEN}
