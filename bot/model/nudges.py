"""What becomes of a message, and what is said about it to whom."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What becomes of a message for everybody but its author."""

    DELIVER = "deliver"
    MASK = "mask"
    HOLD = "hold"

    @property
    def rank(self) -> int:
        """0 deliver, 1 mask, 2 hold: the higher one wins."""
        return _VERDICT_RANK[self]


_VERDICT_RANK = {Verdict.DELIVER: 0, Verdict.MASK: 1, Verdict.HOLD: 2}


class Audience(StrEnum):
    """Whom a prompt is written for."""

    TO_SENDER = "to-sender"
    TO_OTHER = "to-other"
    ROOM = "room"
    MODERATORS = "moderators"


class Tone(StrEnum):
    """How loud a nudge is."""

    TIP = "tip"
    WARNING = "warning"
    URGENT = "urgent"


class ActionKind(StrEnum):
    """What a button of a nudge does."""

    REPORT = "report"
    REFER = "refer"
    LEAVE = "leave"
    BLOCK = "block"
    LEARN = "learn"
    HELPLINE = "helpline"
    DISMISS = "dismiss"
    WRONG = "wrong"
    UNDO = "undo"
    PANEL = "panel"
    """Opens the safety panel."""
    PUT_AWAY = "put_away"
    """The early tip is not needed any more; ``bring_back`` undoes it."""
    BRING_BACK = "bring_back"
    TOGETHER = "together"
    """Leads to a way to stay in touch on the site itself."""
    APPEAL = "appeal"
    """Leads to the page on which somebody asks for a second look at what was decided about them."""


class Action(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One button of a nudge. ``token`` goes back in a ``press``; ``href`` is the same act as a link outside the chat."""

    label: str
    kind: ActionKind
    token: str = ""
    href: str | None = None


class Nudge(msgspec.Struct, frozen=True, gc=False):
    """A prompt, rendered for certain people of a chat."""

    id: str
    chat: str
    to: tuple[str, ...]
    audience: Audience
    prompt: str
    """``topic/file`` of the prompt it was made from: for the desk and the command line, never on the wire."""
    tone: Tone
    title: str
    html: str
    text: str
    why: str
    actions: tuple[Action, ...]
    locale: str
    message: str | None = None
    """The message it is about; it is shown right after it."""
    privacy: str = ""
    """The page that says in short what is read and kept: one click from every nudge."""
    words: dict[str, str] = {}
    """What a client says around it, and when one of its buttons is pressed, by the name in ``labels.toml``."""
    rule: str = ""
    """The rule whose signal it was said for, if there was one: for the figures, never on the wire."""
