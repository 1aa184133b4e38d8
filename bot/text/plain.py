"""The plain view: what people wrote in one spelling of case and form, without what cannot be seen."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from bot.text.view import View

_QUOTES = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-"}
_QUOTES |= {"\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"}
_INVISIBLE = frozenset({"Cf", "Cs", "Me", "Co", "Cn"})
_VARIATION = range(0xFE00, 0xFE10)


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    """One character in its plain form; nothing for what cannot be seen."""
    if character in _QUOTES:
        return _QUOTES[character]
    if character.isspace():
        return "\n" if character == "\n" else " "
    category = unicodedata.category(character)
    if category in _INVISIBLE or ord(character) in _VARIATION or category == "Cc":
        return ""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", character).casefold()


def read_plain(text: str) -> View:
    """One spelling for what may be written in many: the view that every message has."""
    out: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        folded = _fold_character(character)
        if not folded:
            continue
        if unicodedata.combining(folded[0]) and out:
            # A mark joins the letter before it where the two have a common form, and is dropped where they have none.
            joined = unicodedata.normalize("NFC", out[-1] + folded)
            if len(joined) == 1:
                out[-1] = joined
            continue
        out.extend(folded)
        at.extend([place] * len(folded))
    same = len(at) == len(text) and all(place == index for index, place in enumerate(at))
    return View("".join(out), None if same else tuple(at))
