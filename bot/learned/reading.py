"""A message as the second reader gets it: its words, and what was said and seen around it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.compose import READER as RULES
from bot.model import Certainty, Cue, Kind, Person, Role, Said, Signal, Tail
from bot.text import Folded

TURNS = 2
"""The words of so many earlier messages are looked at."""
LATELY = 3
"""What the rules saw is looked at in so many earlier messages."""


class Turn(msgspec.Struct, frozen=True, gc=False):
    """An earlier message: by the one who speaks now or by somebody else."""

    own: bool
    text: str | None
    cues: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    """What the rules saw in it."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A message as the second reader gets it: the words with any disguise taken off, and what the rules saw."""

    text: str
    """In lower case."""
    role: Role
    turns: tuple[Turn, ...] = ()
    cues: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    called: frozenset[Kind] = frozenset()
    """Of those kinds the ones that are more than a hint: what the message is called anyway."""


def reading_of(folded: Folded, author: Person, cues: Iterable[Cue], signals: Iterable[Signal], tail: Tail) -> Reading:
    """What is to be read of a message by ``author`` after ``tail``, in which the rules saw these cues and signals."""
    view = folded.plain if folded.skeleton is None else folded.skeleton
    turns = tuple(_turn(said, author) for said in tail[-LATELY:])
    signals = tuple(signals)
    called = _kinds(signal for signal in signals if signal.certainty is not Certainty.HINT)
    return Reading(view.text, author.role, turns, _names(cues), _kinds(signals), called)


def _turn(said: Said, author: Person) -> Turn:
    return Turn(said.author == author.id, said.text, _names(said.cues), _kinds(said.signals))


def _names(cues: Iterable[Cue]) -> tuple[str, ...]:
    return tuple(cue.name for cue in cues)


def _kinds(signals: Iterable[Signal]) -> frozenset[Kind]:
    return frozenset(signal.kind for signal in signals if signal.reader == RULES)
