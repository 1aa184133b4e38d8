"""The numbers that the law leans on. An operator may change every one of them; the tables may not be changed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


class Limit(StrEnum):
    """The numbers that a row of the ladder can ask for."""

    REPEATS = "repeats"
    FLIRTS = "flirts"
    OFTEN = "often"
    DRIFTERS = "drifters"


class Limits(msgspec.Struct, frozen=True, gc=False):
    """How much is how often, and how long people are left in peace. Times in seconds."""

    # when something is too much
    repeats: int = 2
    """From the so-manieth move of one kind by one person in a chat on, it is said that it came again."""
    flirts: int = 2
    """From the so-manieth advance by one person in a chat on, the other person hears of it; the first is for its author alone."""
    often: int = 3
    """From the so-manieth message of one person on that broke a rule of a room, on one day, the moderators hear how often it was."""
    drifters: int = 3
    """So many people have to drift off in a room without a moderator before the room is reminded."""
    drift_seconds: float = 10 * MINUTE
    """Within this time they have to."""
    compliments: int = 3
    """From the so-manieth kind word on the other's looks by one person in a chat on, it is an advance."""
    steps: int = 3
    """So many steps of different sorts toward something intimate, by one person, are a climb."""
    gather_messages: int = 6
    """Two different hints of moves by one person within so many messages are likely to be one."""
    refusal_messages: int = 6
    """So many messages back a "no" can answer somebody's move."""
    sudden_messages: int = 6
    """From so many messages on a talk can end suddenly; before that it has hardly begun."""
    sudden_seconds: float = 10 * MINUTE
    """Only a talk in which something was said within this time ends suddenly."""

    # when somebody has heard enough
    moment_seconds: float = 10.0
    """Nobody hears two nudges in a chat within this time, unless the second is more serious."""
    quiet_seconds: float = 10 * MINUTE
    """Nobody hears about the same topic in the same chat twice within this time."""
    put_away_seconds: float = DAY
    """What somebody put away stays away for so long: in that chat, and if it was about their own words, in every chat."""
    wrongs: int = 2
    """Whoever called a topic wrong so often hears of it only when it is sure."""
    nudges_per_hour: int = 8
    """So many nudges one person hears in one chat within an hour; graver ones are not counted."""
    nudges_per_day: int = 40
    """So many nudges one person hears on one day in all chats; graver ones are not counted."""
    reminder_seconds: float = 30 * MINUTE
    """A room is reminded by itself of the same thing once in this time."""

    def of(self, limit: Limit) -> int:
        """The number behind a name in the ladder."""
        return int(getattr(self, limit.value))


def day_of(now: float) -> int:
    """The number of the day, in UTC, for counts per person and day."""
    return int(now // DAY)
