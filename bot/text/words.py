"""Words and what stands between them: a text levelled to its words, and the quick look at a text by the shapes of its characters."""

from __future__ import annotations

import re

from bot.text.view import Levelled

_SIGN = "\u2600-\u27bf\U0001f000-\U0001faff"
SIGNS = re.compile(f"[{_SIGN}]")
"""Emoji and the like: each is a word of its own."""
BETWEEN = re.compile(rf"[^\w{_SIGN}]+")
"""What stands between words."""
_LEVEL = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)).ljust(256)


def level(text: str) -> Levelled:
    """Take away all that stands between words."""
    # Bytes are translated in a tenth of the time of ``str.translate``.
    words = (text.encode().translate(_LEVEL).decode() if text.isascii() else BETWEEN.sub(" ", stand_apart(text))).split()
    return Levelled(f" {' '.join(words)} ", frozenset(words))


def stand_apart(text: str) -> str:
    """The text with a space on either side of each sign."""
    return SIGNS.sub(lambda sign: f" {sign.group()} ", text)
