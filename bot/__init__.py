"""Porchlight, an in-chat safety assistant. ``attach`` puts it into a python-socketio server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.embed import attach

__all__ = ["attach"]


def __getattr__(name: str) -> object:
    """Give ``attach`` to whoever asks for it: its modules of the middle come without a server's libraries."""
    if name == "attach":
        from bot.embed import attach  # noqa: PLC0415 -- as said

        return attach
    raise AttributeError(name)
