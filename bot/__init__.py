"""Porchlight, an in-chat safety assistant. ``attach`` puts it into a python-socketio server, ``settle`` makes memory cheap there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.edge.settled import settle
    from bot.embed import attach

__all__ = ["attach", "settle"]


def __getattr__(name: str) -> object:
    """Give what is asked for only then: the modules of the middle come without a server's libraries."""
    if name == "attach":
        from bot.embed import attach  # noqa: PLC0415 -- as said

        return attach
    if name == "settle":
        from bot.edge.settled import settle  # noqa: PLC0415 -- as said

        return settle
    raise AttributeError(name)
