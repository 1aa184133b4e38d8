"""Tokens: what a button or a link stands for, signed. Each says by itself until when it holds; the clock comes in as an argument."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from bot.model import ActionKind, ReportReason


class LinkError(ValueError):
    """A token is of no use; the message can be shown to the person who has it."""


class Press(msgspec.Struct, frozen=True, array_like=True):
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


class Status(msgspec.Struct, frozen=True, array_like=True):
    """The page that tells what has become of a report."""

    number: str
    until: float


class SignIn(msgspec.Struct, frozen=True, array_like=True):
    """A one-time way to the desk for one person."""

    id: str
    person: str
    role: str
    until: float


_Link = TypeVar("_Link", Press, Status, SignIn)


class Links:
    """Signs links and reads them back. Kinds of links cannot be taken for one another."""

    def __init__(self, secret: str) -> None:
        """Use one secret for all."""
        self._secret = secret

    def sign(self, link: Press | Status | SignIn) -> str:
        """Give the token of a link."""
        return str(self._signer(type(link)).dumps(msgspec.to_builtins(link)))

    def read(self, token: object, kind: type[_Link], now: float) -> _Link:
        """Give back what was signed. Raises ``LinkError`` if the token is forged, of another kind, or too old."""
        if not isinstance(token, str):
            raise LinkError("This link is not complete.")
        try:
            link = msgspec.convert(self._signer(kind).loads(token), kind)
        except (BadData, msgspec.ValidationError, ValueError) as error:
            raise LinkError("This link is not complete, or it was made for something else.") from error
        if now >= link.until:
            raise LinkError("This link is too old to be used.")
        return link

    def _signer(self, kind: type[Any]) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=f"porchlight.{kind.__name__}")
