"""What follows from one event: all that the edge is to do, and what is remembered from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from bot.model.chats import Chat, PersonMemory
from bot.model.nudges import Nudge, Verdict
from bot.model.reports import Report
from bot.model.signals import Kind, Signal


class Referral(msgspec.Struct, frozen=True, gc=False):
    """A listener's wish that somebody else takes a chat over."""

    id: str
    chat: str
    by: str
    at: float
    reason: str
    """The topic of the nudge it came from: never anybody's words."""


class Cover(msgspec.Struct, frozen=True, gc=False):
    """A message that was delivered is to be shown otherwise from now on: a later one completed a detail that began there."""

    message: str
    text: str
    """What everybody but its author sees."""


class Concern(msgspec.Struct, frozen=True, gc=False):
    """People are to look at what somebody does, without anybody having reported it."""

    kind: Kind
    """What it is about; no more than likely, perhaps."""
    about: str
    kinds: tuple[Kind, ...]
    """What was clear enough to count."""


class Answer(msgspec.Struct, frozen=True):
    """All that follows from one event. The edge does it: it says, files, refers and asks."""

    verdict: Verdict = Verdict.DELIVER
    text: str | None = None
    """What everybody but the author sees, if that is not what was written; ``None`` otherwise, and when held."""
    signals: tuple[Signal, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    would: tuple[str, ...] = ()
    """What a kind in shadow mode would have done: verdicts and topics, for counting."""
    concerns: tuple[Concern, ...] = ()
    covers: tuple[Cover, ...] = ()
    report: Report | None = None
    undo: str = ""
    """Number of the report to take back."""
    referral: Referral | None = None
    error: str = ""
    """Why nothing was done, for the one who asked; empty if all is well."""


People: TypeAlias = Mapping[str, PersonMemory]
"""Person id to what is remembered of them across chats."""
Heard: TypeAlias = tuple[Answer, Chat, People]
"""The answer to an event, and chat and people as they are remembered from now on; who is left out of the people has not changed."""
