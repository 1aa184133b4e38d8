"""The skeleton: look-alikes, leet, spaced and stretched letters become the word that was meant, where a gate sees any of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.text.view import View

LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "+": "t"}
_LOOK_ALIKE = dict(zip("аеорсухіјѕһԁԛԝьвкмнтгпɑοαερτυνικωϲγ", "aeopcyxijshdqwbbkmhtrnaoaeptuvikwcy", strict=True))
_SPACERS = r"[ .\-_*|/~]"

_GATE_SPACED = re.compile(rf"(?<!\w)\w{_SPACERS}{{1,2}}\w{_SPACERS}{{1,2}}\w(?!\w)")
_GATE_LEET = re.compile(r"[a-z][0134578@$!|+]+[a-z]|(?<![\w.])[0134578@$]+[a-z]{2}")
_GATE_STRETCHED = re.compile(r"([a-z])\1\1")
_WORD = re.compile(r"[^\s.,;:?()\"']+")
_PAIR = r"(?!(?:a[mnst]|by|do|go|h[ei]|i[fnst]|m[ey]|no|o[fhknr]|so|to|u[ps]|[bw]e)\b)\w\w"
"""Two letters that are no word."""
_SPACED = re.compile(rf"(?<!\w)\w(?:{_SPACERS}{{1,2}}\w){{2,}}(?:{_SPACERS}{{1,2}}{_PAIR}(?:{_SPACERS}{{1,2}}\w)+)*(?!\w)")
"""Letters apart; among them a pair may stand together."""
_UNIT = re.compile(r"\d+(?:st|nd|rd|th|am|pm|mg|ml|kg|ft|cm|km|mm|gb|mb|[hmsxkmp]|hr|hrs|min|mins|yo|yrs?|ish|%)?!*")


_LETTERING = bytes(ord("a") if chr(code).isalnum() else code for code in range(128)).ljust(256)
LEETING = bytes(
    ord("a") if chr(code).isalpha() else ord("0") if chr(code).isdigit() else ord("!") if chr(code) in LEET else ord("#")
    for code in range(128)
).ljust(256)

DIGIT, _SIGN = ord("0"), ord("!")
"""As numbers they are looked for in bytes in a fifth of the time."""


def looks_disguised(plain: str, levelled: str, letters: bytes, shape: bytes) -> bool:
    """The gate: whether a text may read otherwise without disguises. ``letters`` is it in bytes, ``shape`` those by ``LEETING``."""
    # Substring tests cost a fraction of a search, and most messages are done with them.
    return (
        not plain.isascii()
        or (_may_be_stretched(letters) and _GATE_STRETCHED.search(plain) is not None)
        or ((b" a a a" in levelled.encode().translate(_LETTERING) or "_" in plain) and _GATE_SPACED.search(plain) is not None)
        or ((DIGIT in shape or _SIGN in shape) and (b"0a" in shape or b"!a" in shape) and _GATE_LEET.search(plain) is not None)
    )


def _may_be_stretched(letters: bytes) -> bool:
    """Whether some character stands three times in a row: a number less itself moved by one is 0 where neighbours are alike."""
    number = int.from_bytes(letters)
    return b"\0\0" in (number ^ (number >> 8)).to_bytes(len(letters))


def read_skeleton(plain: View) -> View | None:
    """Take the disguises off; ``None`` if there were none."""
    letters = list(plain.text)
    dropped: set[int] = set()
    for word in _WORD.finditer(plain.text):
        for index, letter in zip(range(*word.span()), _undisguise(word.group()), strict=True):
            letters[index] = letter
    joined = "".join(letters)
    for run in _SPACED.finditer(joined):
        apart = range(*run.span())
        dropped.update(index for index in apart if not letters[index].isalnum())
        if 2 * sum(letters[index].isalpha() for index in apart) > sum(letters[index].isalnum() for index in apart):
            for index in apart:
                letters[index] = LEET.get(letters[index], letters[index]) if letters[index].isdigit() else letters[index]
    for index in range(2, len(letters)):
        if letters[index] == letters[index - 1] == letters[index - 2] and letters[index].isalpha():
            dropped.add(index - 1)
            # ... and the first of the run goes as well: "telegraaam" has one a, only "ll" stays double ("calllll").
            if letters[index] != "l":
                dropped.add(index - 2)
    kept = [index for index in range(len(letters)) if index not in dropped]
    text = "".join(letters[index] for index in kept)
    if text == plain.text:
        return None
    return View(text, tuple(kept) if plain.at is None else tuple(plain.at[index] for index in kept))


def _undisguise(word: str) -> Iterable[str]:
    """The word letter by letter as it was meant, in the same length."""
    if not word.isascii():
        stripped = [unicodedata.normalize("NFD", letter)[0] for letter in word]
        mapped = [_LOOK_ALIKE.get(letter, letter) for letter in stripped]
        # A word in another script stays what it is; one that becomes wholly Latin was a disguise or had accents.
        word = "".join(mapped) if all(letter.isascii() for letter in mapped) else word
    if word.isalpha() or not any(letter.isalpha() for letter in word) or _UNIT.fullmatch(word):
        return word
    core = word.rstrip("!")
    letters = [LEET.get(letter, letter) for letter in core]
    for index, letter in enumerate(core):
        if letter == "1" and index and letters[index - 1] in "aeiou":
            letters[index] = "l"
    return [*letters, *word[len(core) :]]
