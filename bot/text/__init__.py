"""Folding: a message becomes views of itself, each with a map back to where its characters stood.

There is never one cleaned-up text. *plain* keeps what people wrote in one spelling of case and form; *skeleton* takes disguises
off words; *spoken* turns number words into digits. The last two exist only when a cheap gate says that they may differ.
"""

from __future__ import annotations

import re

import regex

from bot.text.disguise import LEETING, looks_disguised, read_skeleton
from bot.text.plain import read_plain
from bot.text.spoken import has_number_words, read_spoken
from bot.text.view import Folded, Levelled, View, sentence_at
from bot.text.words import BETWEEN, SIGNS, Laid, lay, level, stand_apart

__all__ = ["BETWEEN", "SIGNS", "Folded", "Laid", "Levelled", "View", "clean", "fold", "lay", "level", "sentence_at", "stand_apart", "widen"]


def fold(text: str) -> Folded:
    """Give the views of a message. Never fails, whatever the characters are."""
    plain = View(text.lower()) if text.isascii() and text.isprintable() else read_plain(text)
    levelled = level(plain.text)
    letters = plain.text.encode("ascii", "replace")
    shape = letters.translate(LEETING)
    skeleton = read_skeleton(plain) if looks_disguised(plain.text, levelled.text, letters, shape) else None
    spoken = read_spoken(plain) if has_number_words(plain.text, levelled, shape) else None
    return Folded(text, plain, levelled, skeleton, spoken)


# --- the border ------------------------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Replace lone surrogates, which no database, file or log can hold, by U+FFFD; offsets stay."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def widen(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to whole graphemes, so that a mask leaves no half of an emoji or an accent behind."""
    if text.isascii():
        return start, end
    for found in regex.finditer(r"\X", text):
        if found.end() <= start:
            continue
        if found.start() >= end:
            break
        start, end = min(start, found.start()), max(end, found.end())
    return start, end
