"""The assistant as a client of remote hosts."""

from __future__ import annotations

from bot.edge.link.link import Link, Links

__all__ = ["Link", "Links"]
