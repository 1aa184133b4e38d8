"""What is seen in a message: cues, which are harmless alone, and signals, which are what a reader concludes from them."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a signal is about. The first four together are the *moves*: ways off the site."""

    CONTACT_SHARE = "contact.share"
    CONTACT_REQUEST = "contact.request"
    OFFSITE_INVITE = "offsite.invite"
    PRETEXT = "pretext"
    PICTURE_REQUEST = "picture.request"
    PERSONAL_REQUEST = "personal.request"
    SECRECY = "secrecy"
    SEXUAL_INVITE = "sexual.invite"
    FLIRT = "flirt"
    CRISIS = "crisis"
    CONDUCT = "conduct"


MOVES = frozenset({Kind.CONTACT_SHARE, Kind.CONTACT_REQUEST, Kind.OFFSITE_INVITE, Kind.PRETEXT})


class Reason(StrEnum):
    """The excuse a pretext gives; each has its own answer."""

    CANT_TYPE = "cant_type"
    BATTERY = "battery"
    APP_TROUBLE = "app_trouble"
    SPEAK_FREELY = "speak_freely"
    BETTER_HELP = "better_help"
    LOSE_TOUCH = "lose_touch"
    PROVE_REAL = "prove_real"
    PRACTICE = "practice"
    COST_TIME = "cost_time"
    RULES_SILLY = "rules_silly"
    PRIVACY = "privacy"
    OPPORTUNITY = "opportunity"
    OTHER = "other"


class Certainty(StrEnum):
    """How sure a reader is. A hint is counted and shown to nobody."""

    HINT = "hint"
    LIKELY = "likely"
    SURE = "sure"

    @property
    def rank(self) -> int:
        """0 for a hint, 1 for likely, 2 for sure."""
        return _CERTAINTY_RANK[self]


_CERTAINTY_RANK = {Certainty.HINT: 0, Certainty.LIKELY: 1, Certainty.SURE: 2}


class Cue(msgspec.Struct, frozen=True, gc=False):
    """A building block seen at one place of a message: harmless alone, never shown, never counted."""

    name: str
    start: int
    end: int
    sentence: int
    """Which sentence of the message it stands in; exceptions reach only their own sentence."""
    disguised: bool = False
    """Seen only after a disguise was taken off (spaced letters, look-alikes, number words ...)."""


class Doubts(msgspec.Struct, frozen=True, gc=False):
    """A second opinion on a message."""

    doubted: frozenset[Kind] = frozenset()
    """Kinds that are improbable: what the rules find likely is a hint, and a crisis is asked about."""
    disputed: frozenset[Kind] = frozenset()
    """Kinds that are more so: what the rules agree about is a hint, if it is all disputed."""
    denied: frozenset[Kind] = frozenset()
    """Kinds that are most improbable: a hint is also what the rules are sure of, and a likely crisis."""


class Signal(msgspec.Struct, frozen=True, gc=False):
    """What a reader concludes about one message."""

    kind: Kind
    reader: str
    rule: str
    certainty: Certainty
    reason: Reason | None = None
    start: int | None = None
    end: int | None = None
    disguised: bool = False
