"""What every matcher shares: what it must know of the community, what it gives, and the shape of a text that its gate looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from bot.text import Folded


class Place(msgspec.Struct, frozen=True):
    """What a matcher must know of the community."""

    regions: tuple[str, ...] = ("GB", "US", "IE", "CA", "AU", "NZ", "IN", "ZA")
    """Countries (ISO 3166) whose national phone numbers are read."""
    own_links: tuple[str, ...] = ()
    """Domains that are the community's own and may be shared."""


class Match(msgspec.Struct, frozen=True, gc=False):
    """Where something stands in the original message."""

    start: int
    end: int
    disguised: bool = False


Matcher = Callable[[Folded, Place], Iterator[Match]]

_SHAPES = bytes(
    ord("0") if 48 <= code <= 57 else ord("A") if 65 <= code <= 90 else ord("a") if 97 <= code <= 122 else code  # noqa: PLR2004 -- ASCII
    for code in range(256)
)


def shape_of(text: str) -> bytes:
    """The text with ``a`` for each small letter, ``A`` for each capital, ``0`` for each digit: what gates look at, in a moment."""
    return text.encode("ascii", "replace").translate(_SHAPES)


def is_own(address: str, place: Place) -> bool:
    """Whether an address leads to the community's own domain or a part of it."""
    domain = address.split("/", 1)[0].rstrip(".,!?;:")
    return any(domain == own or domain.endswith("." + own) for own in place.own_links)
