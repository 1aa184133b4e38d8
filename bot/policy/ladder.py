"""The law: who hears what, what becomes of a message, and what counts against somebody. Tables only; the other rooms read them.

LADDER says who hears what: of the rows that fit, each person hears the first one that is not a repetition for them.
VERDICTS says what becomes of the message, COUNTS_AGAINST what counts against its author. None of them sees a word of what was written.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum

import msgspec

from bot.compose import READER
from bot.model import MOVES, Age, Audience, Certainty, ChatKind, Kind, Verdict
from bot.policy.limits import Limit

SENDER, OTHER, MODERATORS, EVERYBODY = Audience.TO_SENDER, Audience.TO_OTHER, Audience.MODERATORS, Audience.ROOM
DIRECT, ROOM = ChatKind.DIRECT, ChatKind.ROOM

ASKING = frozenset({Kind.PICTURE_REQUEST, Kind.PERSONAL_REQUEST, Kind.SECRECY})
PRESSURE = MOVES | ASKING
"""What somebody can say no to, and be asked again."""
TOWARD_TEENS = PRESSURE | {Kind.SEXUAL_INVITE, Kind.FLIRT}
"""What an adult may not do toward a teen, not even once."""
COUNTS_AGAINST = MOVES | {Kind.SEXUAL_INVITE, Kind.PICTURE_REQUEST}
"""The signals that count against their author: ``sure`` ones of these kinds, toward another person, once per chat.
Reports count as well. Nothing else does: no nudge, no hint, no learned signal, no shadow action, never a crisis."""
CLOSENESS = frozenset({Kind.SEXUAL_INVITE, Kind.FLIRT})
ROOM_MATTERS = PRESSURE | CLOSENESS | {Kind.CONDUCT}
"""What moderators of a room look after."""


CLIMB = "climb"
"""The rule of a signal that no message holds by itself: several small steps in one direction make it."""


class Weight(IntEnum):
    """How serious a row is: a graver one may break a silence that a lighter one has to keep."""

    PRAISE = 0
    TACT = 1
    MOVE = 2
    GRAVE = 3
    WORRY = 4
    URGENT = 5


class Rung(msgspec.Struct, frozen=True):
    """One row of the ladder: if a message holds one of these kinds, this audience hears about this topic."""

    kinds: frozenset[Kind]
    to: Audience
    topic: str
    """Folder of the prompt; ``{reason}`` is the pretext's own, ``{rule}`` the name of the rule."""
    weight: Weight
    least: Certainty = Certainty.LIKELY
    where: ChatKind | None = None
    toward_teen: bool = False
    """Only from somebody who may be an adult to a teen."""
    from_teen: bool = False
    """Only from a teen to somebody who may be an adult."""
    refused: bool = False
    """Only if the other person has said no to such things before, in this chat."""
    times: Limit | None = None
    """Only from the so-manieth message of that kind by the same person in this chat."""
    daily: Limit | None = None
    """Only from the so-manieth message by the same person that broke a rule of any room today."""
    drifters: Limit | None = None
    """Only if so many people of this room do so, and no moderator is there."""
    climb: bool = False
    """Only for what climbs step by step, and nothing else is for that: it may be a real need, so nobody but who listens hears of it."""
    binding: bool | None = None
    """Only for what is said by readers that may do more than speak, or only for what is said by the others."""
    unless: str = ""
    """Not to whom this other topic was spoken of just before."""
    explains: bool = False
    """Tells the author what became of their message: never left out for being too much."""
    case: bool = False
    """Opens an urgent case about the author."""


def _row(kinds: Kind | Collection[Kind], to: Audience, topic: str, weight: Weight, **conditions: object) -> Rung:
    group = [kinds] if isinstance(kinds, Kind) else list(kinds)
    return msgspec.convert({"kinds": group, "to": to, "topic": topic, "weight": weight, **conditions}, Rung)


_URGENT, _WORRY, _GRAVE, _MOVE, _TACT = Weight.URGENT, Weight.WORRY, Weight.GRAVE, Weight.MOVE, Weight.TACT

LADDER: tuple[Rung, ...] = (
    # Danger to life goes before everything.
    _row(Kind.CRISIS, SENDER, "crisis", _URGENT, binding=True),
    _row(Kind.CRISIS, OTHER, "crisis", _URGENT, binding=True, where=DIRECT),
    _row(Kind.CRISIS, MODERATORS, "crisis", _URGENT, binding=True, where=ROOM),
    # Where only likeness speaks for it, or speaks against it, it is asked and not taken for granted.
    _row(Kind.CRISIS, SENDER, "crisis.ask", _WORRY, binding=False, unless="crisis"),
    _row(Kind.CRISIS, OTHER, "crisis.ask", _WORRY, binding=False, unless="crisis", where=DIRECT),
    _row(Kind.CRISIS, MODERATORS, "crisis.ask", _WORRY, binding=False, unless="crisis", where=ROOM),
    # An adult and a teen: told at once, and people look at it. In a room only what is sure: nobody there is meant but those who read it.
    _row(TOWARD_TEENS, SENDER, "teen", _URGENT, where=DIRECT, toward_teen=True),
    _row(TOWARD_TEENS, OTHER, "teen", _URGENT, where=DIRECT, toward_teen=True),
    _row(TOWARD_TEENS, MODERATORS, "teen", _URGENT, where=DIRECT, toward_teen=True, case=True),
    _row(COUNTS_AGAINST, SENDER, "teen", _URGENT, where=ROOM, least=Certainty.SURE, toward_teen=True),
    _row(COUNTS_AGAINST, OTHER, "teen", _URGENT, where=ROOM, least=Certainty.SURE, toward_teen=True),
    _row(COUNTS_AGAINST, MODERATORS, "teen", _URGENT, where=ROOM, least=Certainty.SURE, toward_teen=True, case=True),
    # A teen who begins is helped; the other side hears at once that the strictest rule is theirs to keep.
    _row(TOWARD_TEENS, OTHER, "teen.began", _GRAVE, where=DIRECT, from_teen=True),
    # A message that is changed or held is explained to its author before anything else is said to them.
    _row(Kind.SEXUAL_INVITE, SENDER, "sexual.invite", _GRAVE, least=Certainty.SURE, explains=True),
    _row(Kind.SEXUAL_INVITE, SENDER, "flirt", _GRAVE),
    _row(Kind.SEXUAL_INVITE, OTHER, "sexual.invite", _GRAVE, where=DIRECT),
    _row(Kind.CONTACT_SHARE, SENDER, "contact.share", _GRAVE, explains=True),
    # In a room the moderators who are there hear of it; who breaks its rules again and again on one day hears how often it was.
    _row(ROOM_MATTERS, MODERATORS, "room.often", _GRAVE, where=ROOM, daily=Limit.OFTEN),
    _row(ROOM_MATTERS, SENDER, "room.often", _GRAVE, where=ROOM, daily=Limit.OFTEN),
    _row(CLOSENESS, MODERATORS, "room.closeness", _MOVE, where=ROOM),
    _row(PRESSURE, MODERATORS, "room.moves", _MOVE, where=ROOM),
    _row(Kind.CONDUCT, MODERATORS, "room.conduct", _MOVE, where=ROOM),
    # Where no moderator is there, and several people drift off, the room hears its rule in one line and nobody is named.
    _row(CLOSENESS, EVERYBODY, "drift.closeness", _TACT, where=ROOM, drifters=Limit.DRIFTERS),
    _row(PRESSURE, EVERYBODY, "drift.contact", _TACT, where=ROOM, drifters=Limit.DRIFTERS),
    _row(Kind.CONDUCT, EVERYBODY, "drift.kind", _TACT, where=ROOM, drifters=Limit.DRIFTERS),
    # Again after a "no" weighs more than the first time.
    _row(PRESSURE, OTHER, "pressing", _GRAVE, where=DIRECT, refused=True),
    _row(PRESSURE, SENDER, "pressing", _GRAVE, where=DIRECT, refused=True),
    # A pretext has an answer of its own, which helps the other side more than hearing that something was hidden.
    _row(Kind.PRETEXT, OTHER, "pretext.{reason}", _MOVE, where=DIRECT),
    _row(Kind.PRETEXT, SENDER, "pretext.{reason}", _MOVE),
    _row(Kind.PICTURE_REQUEST, OTHER, "picture.request", _MOVE, where=DIRECT),
    _row(Kind.PICTURE_REQUEST, SENDER, "picture.request", _MOVE),
    _row(Kind.CONTACT_REQUEST, OTHER, "contact.request", _MOVE, where=DIRECT),
    _row(Kind.CONTACT_REQUEST, SENDER, "contact.request", _MOVE),
    _row(Kind.OFFSITE_INVITE, OTHER, "offsite.invite", _MOVE, where=DIRECT),
    _row(Kind.OFFSITE_INVITE, SENDER, "offsite.invite", _MOVE),
    _row(Kind.CONTACT_SHARE, OTHER, "contact.share", _MOVE, where=DIRECT),
    _row(Kind.PERSONAL_REQUEST, OTHER, "personal.request", _MOVE, where=DIRECT),
    _row(Kind.PERSONAL_REQUEST, SENDER, "personal.request", _MOVE),
    _row(Kind.SECRECY, OTHER, "secrecy", _MOVE, where=DIRECT),
    _row(Kind.SECRECY, SENDER, "secrecy", _MOVE),
    # What was just answered and comes again has not been heard: then it is said that it came again.
    _row(PRESSURE, OTHER, "again", _MOVE, where=DIRECT, times=Limit.REPEATS),
    _row(PRESSURE, SENDER, "again", _MOVE, where=DIRECT, times=Limit.REPEATS),
    _row(Kind.CONDUCT, SENDER, "conduct.{rule}", _TACT),
    _row(Kind.CONDUCT, OTHER, "conduct.{rule}", _TACT, where=DIRECT),
    # What climbs step by step may be need or bait: who listens hears how to tell them apart, and nobody is coached or counted.
    _row(Kind.SEXUAL_INVITE, OTHER, "unclear", _TACT, where=DIRECT, climb=True),
    # One kind word is nothing, and a first advance is for its author to hear about; the other side hears of the second.
    _row(Kind.FLIRT, SENDER, "flirt", _TACT),
    _row(Kind.FLIRT, OTHER, "flirt", _TACT, where=DIRECT, times=Limit.FLIRTS),
)

REFUSED = Rung(PRESSURE | CLOSENESS, SENDER, "refused", Weight.PRAISE, where=DIRECT)
"""Who says no to one of these kinds hears once in a chat that it was right."""

VERDICTS: tuple[tuple[Kind, Certainty, Verdict], ...] = (
    (Kind.SEXUAL_INVITE, Certainty.SURE, Verdict.HOLD),
    (Kind.CONTACT_SHARE, Certainty.LIKELY, Verdict.MASK),
)
"""From which certainty on a kind does more than be spoken of. In a crisis nothing is held; details stay masked."""

BINDING = frozenset({READER})
"""The readers whose signals can mask, hold, open a case and count. What the others see is spoken of privately, and no more."""

ARGUABLE = frozenset(Kind) - {Kind.CONTACT_SHARE}
"""Kinds of which the rules' ``likely`` is but a hint when the second reader doubts it, and their ``sure`` when it denies it. Details are
read by the letter. A crisis must be denied even if it is only likely, and is asked about when it is doubted: a helpline too many hurts
less than one too few."""

BEYOND_DOUBT = frozenset({Kind.CRISIS, Kind.CONTACT_REQUEST, Kind.PRETEXT})
"""Kinds of which what is sure stays sure: danger to life, and what few rules are sure of, by the plainest words alone."""

EXCUSES = frozenset({Kind.PRETEXT})
"""Kinds that are no more than likely in the end, however plain their words: that only keeps them from doubt. What an excuse is given for
counts, where it is clear; the excuse does not."""

ARGUED = frozenset({Kind.OFFSITE_INVITE, Kind.CONTACT_REQUEST})
"""Beside a pretext in one message a doubt of these is not enough, both must be disputed: two rules that look for different words agree that
there is a move. What it is excused with is doubted all the same."""

SCOLDING = frozenset(Kind) - {Kind.CRISIS, Kind.CONTACT_SHARE}
"""Kinds that are not spoken of beside a crisis, for the one in need has other worries."""


class Standing(IntEnum):
    """How two people stand to each other by age."""

    EVEN = 0
    TOWARD_TEEN = 1
    """Somebody who may be an adult speaks to a teen."""
    FROM_TEEN = 2
    """A teen speaks to somebody who may be an adult."""


STANDING: dict[tuple[Age, Age], Standing] = {
    (Age.ADULT, Age.ADULT): Standing.EVEN,
    (Age.ADULT, Age.TEEN): Standing.TOWARD_TEEN,
    (Age.ADULT, Age.UNKNOWN): Standing.EVEN,
    (Age.TEEN, Age.ADULT): Standing.FROM_TEEN,
    (Age.TEEN, Age.TEEN): Standing.EVEN,
    (Age.TEEN, Age.UNKNOWN): Standing.FROM_TEEN,
    (Age.UNKNOWN, Age.ADULT): Standing.EVEN,
    (Age.UNKNOWN, Age.TEEN): Standing.TOWARD_TEEN,
    (Age.UNKNOWN, Age.UNKNOWN): Standing.EVEN,
}
"""Who writes and who reads, by age. Who may be an adult counts as one toward a teen. Who may be a teen reads words that are right
for teens (``voice``), but opens no urgent case: where a host tells no ages, every case would be urgent and hence none."""

OPENLY: dict[tuple[Audience, str], str] = {
    (SENDER, "contact.share"): "contact.share.open",
    (OTHER, "contact.share"): "contact.share.open",
    (SENDER, "sexual.invite"): "sexual.invite.open",
}
"""What people hear instead, in a chat that can neither cover nor hold a message: nobody is told that it did."""
