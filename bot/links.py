"""Tokens: what a button or a link stands for, signed. Each says by itself until when it holds; the clock comes in as an argument."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Any, TypeAlias, TypeVar

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from bot.model import ActionKind, Audience, DeskRole, ReportReason


class LinkError(ValueError):
    """A token is of no use; the message can be shown to the person who has it."""


class Press(msgspec.Struct, frozen=True):
    """What the button of a nudge does when it is pressed, and for whom it was made."""

    act: ActionKind
    nudge: str
    """The nudge it belongs to: with ``act`` and ``by`` it makes one click out of many presses."""
    chat: str
    by: str
    until: float
    about: str = ""
    topic: str = ""
    reason: ReportReason = ReportReason.OTHER
    message: str = ""
    """The message that the nudge is about, if it is about one."""
    audience: Audience = Audience.TO_SENDER
    """Whom the nudge was written for."""
    situation: ReportReason | None = None
    """The reason that this very button names, where a nudge has a report button for each of several reasons."""
    mark: str = ""
    """The rule behind the nudge, as a keyed mark: nobody who looks into a token learns which it was."""


class Buttons(msgspec.Struct, frozen=True, array_like=True):
    """All buttons of one nudge, signed once: what each of them may do is in here, which of them it is stands before it."""

    acts: tuple[ActionKind, ...]
    nudge: str
    chat: str
    by: str
    until: float
    about: str = ""
    topic: str = ""
    reason: ReportReason = ReportReason.OTHER
    message: str = ""
    audience: Audience = Audience.TO_SENDER
    mark: str = ""

    def press(self, act: ActionKind, situation: ReportReason | None) -> Press:
        """One of them."""
        return Press(act=act, situation=situation, **{field: getattr(self, field) for field in self.__struct_fields__ if field != "acts"})


class Status(msgspec.Struct, frozen=True, array_like=True):
    """The page that tells what has become of a report."""

    number: str
    until: float


class Mine(msgspec.Struct, frozen=True, array_like=True):
    """The page with all reports of one person."""

    person: str
    until: float


class Appeal(msgspec.Struct, frozen=True, array_like=True):
    """The page on which the one whom a decision is about asks that somebody else looks again."""

    case: str
    until: float


class SignIn(msgspec.Struct, frozen=True, array_like=True):
    """A one-time way to the desk for one person."""

    id: str
    person: str
    role: DeskRole
    until: float


class Seat(msgspec.Struct, frozen=True, array_like=True):
    """Somebody's session at the desk, in the cookie of their browser."""

    session: str
    until: float


class Form(msgspec.Struct, frozen=True, array_like=True):
    """What every form of the desk carries, so that no other site can send one in somebody's name."""

    session: str
    until: float


Link: TypeAlias = Press | Status | Mine | Appeal | SignIn | Seat | Form
_Link = TypeVar("_Link", Press, Status, Mine, Appeal, SignIn, Seat, Form)

SEPARATOR = "~"
"""Between what a button is and what was signed for its nudge; it may stand in an address as it is."""


def button(signed: str, act: ActionKind, situation: ReportReason | None = None) -> str:
    """The token of one button, from what ``Links.buttons`` signed."""
    return SEPARATOR.join((act, signed) if situation is None else (act, situation, signed))


class Links:
    """Signs links and reads them back. Kinds of links cannot be taken for one another."""

    def __init__(self, secret: str) -> None:
        """Use one secret for all."""
        kinds: tuple[type[Any], ...] = (Buttons, Status, Mine, Appeal, SignIn, Seat, Form)
        self._mark_key = hashlib.sha256(f"rules {secret}".encode()).digest()
        self._signers = {kind: URLSafeSerializer(secret, salt=f"porchlight.{kind.__name__}") for kind in kinds}

    def sign(self, link: Link) -> str:
        """Give the token of a link."""
        if isinstance(link, Press):
            return button(self.buttons(link, (link.act,)), link.act, link.situation)
        return self._dump(link)

    def buttons(self, press: Press, acts: Iterable[ActionKind]) -> str:
        """Sign all buttons of a nudge at once, for signing is what costs most in rendering. ``button`` makes their tokens of it."""
        shared = {field: getattr(press, field) for field in Buttons.__struct_fields__ if field != "acts"}
        return self._dump(Buttons(acts=tuple(acts), **shared))

    def mark(self, nudge: str, rule: str) -> str:
        """A mark for the rule behind a nudge; nothing for none. It tells the rule to nobody else, and two nudges never share one."""
        if not rule:
            return ""
        digest = hmac.digest(self._mark_key, f"{nudge} {rule}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:6]).decode()

    def marked(self, press: Press, rules: Iterable[str]) -> str:
        """Which of these rules is behind the nudge of a button; nothing if none of them is."""
        return next((rule for rule in rules if self.mark(press.nudge, rule) == press.mark), "") if press.mark else ""

    def read(self, token: object, kind: type[_Link], now: float) -> _Link:
        """Give back what was signed. Raises ``LinkError`` if the token is forged, of another kind, or too old."""
        if not isinstance(token, str):
            raise LinkError("This link is not complete.")
        try:
            link: _Link = self._pressed(token) if kind is Press else self._load(token, kind)
        except (BadData, msgspec.ValidationError, ValueError) as error:
            raise LinkError("This link is not complete, or it was made for something else.") from error
        if now >= link.until:
            raise LinkError("This link is too old to be used.")
        return link

    def _pressed(self, token: str) -> Any:  # noqa: ANN401 -- a Press, which is what was asked for
        """Which button it is, if its nudge has such a one. Raises ``ValueError`` or ``BadData``."""
        act, *situation, signed = token.split(SEPARATOR)
        buttons: Buttons = self._load(signed, Buttons)
        if act not in buttons.acts or len(situation) > 1:
            raise ValueError("There is no such button on this nudge.")
        return buttons.press(ActionKind(act), ReportReason(situation[0]) if situation else None)

    def _dump(self, link: Buttons | Link) -> str:
        return str(self._signers[type(link)].dumps(msgspec.to_builtins(link)))

    def _load(self, signed: str, kind: type[Any]) -> Any:  # noqa: ANN401 -- a link of that kind
        return msgspec.convert(self._signers[kind].loads(signed), kind)
