"""Folding: a message becomes views of itself, each with a map back to where its characters stood.

There is never one cleaned-up text. *plain* keeps what people wrote in one spelling of case and form; *skeleton* takes disguises
off words; *spoken* turns number words into digits. The last two exist only when a cheap gate says that they may differ.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec
import regex

# --- views -----------------------------------------------------------------------------------------------------------


class View(msgspec.Struct, frozen=True, gc=False):
    """One reading of a message. ``at[i]`` is where what is now character ``i`` began in the original, ``to[i]`` where it ended.

    Without ``at`` everything is in the same place; without ``to`` everything was one character long.
    """

    text: str
    at: tuple[int, ...] | None = None
    to: tuple[int, ...] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original behind a non-empty span of this view."""
        if self.at is None:
            return start, end
        return self.at[start], self.at[end - 1] + 1 if self.to is None else self.to[end - 1]


class Levelled(msgspec.Struct, frozen=True, gc=False):
    """A text as nothing but its words."""

    text: str
    """One space between the words, and one at either end."""
    words: frozenset[str]


class Folded(msgspec.Struct, frozen=True, gc=False):
    """A message in all the views that are worth reading."""

    original: str
    plain: View
    levelled: Levelled
    """The plain view, levelled."""
    skeleton: View | None = None
    spoken: View | None = None

    def sentences(self) -> tuple[int, ...]:
        """Where in the original each sentence but the first begins; a ``but`` begins one too."""
        return tuple(self.plain.origin(found.end() - 1, found.end())[0] for found in _SENTENCE.finditer(self.plain.text))


def sentence_at(starts: tuple[int, ...], place: int) -> int:
    """The number of the sentence in which a character of the original stands."""
    return bisect_right(starts, place)


_SENTENCE = re.compile(r"(?:[?!;\n]|\.(?!\d))+[\s)\"']*\S|\bbut\b")


def fold(text: str) -> Folded:
    """Give the views of a message. Never fails, whatever the characters are."""
    plain = View(text.lower()) if text.isascii() and text.isprintable() else _plain(text)
    levelled = level(plain.text)
    shape = _shape(plain.text, _LEETING)
    skeleton = _skeleton(plain) if _looks_disguised(plain.text, levelled.text, shape) else None
    spoken = _spoken(plain) if _has_number_words(plain.text, levelled, shape) else None
    return Folded(text, plain, levelled, skeleton, spoken)


# --- words -----------------------------------------------------------------------------------------------------------

_SIGN = "\u2600-\u27bf\U0001f000-\U0001faff"
SIGNS = re.compile(f"[{_SIGN}]")
"""Emoji and the like: each is a word of its own."""
BETWEEN = re.compile(rf"[^\w{_SIGN}]+")
"""What stands between words."""
_LEVEL = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)).ljust(256)


def level(text: str) -> Levelled:
    """Take away all that stands between words."""
    words = (_shape(text, _LEVEL) if text.isascii() else BETWEEN.sub(" ", stand_apart(text))).split()
    return Levelled(f" {' '.join(words)} ", frozenset(words))


def _shape(text: str, table: bytes) -> str:
    """The text with each of its characters as the table has it; a tenth of the cost of ``str.translate``."""
    return text.encode("ascii", "replace").translate(table).decode("ascii")


def stand_apart(text: str) -> str:
    """The text with a space on either side of each sign."""
    return SIGNS.sub(lambda sign: f" {sign.group()} ", text)


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


# --- plain -----------------------------------------------------------------------------------------------------------

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


def _plain(text: str) -> View:
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


# --- skeleton --------------------------------------------------------------------------------------------------------

_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "+": "t"}
_LOOK_ALIKE = dict(zip("аеорсухіјѕһԁԛԝьвкмнтгпɑοαερτυνικωϲγ", "aeopcyxijshdqwbbkmhtrnaoaeptuvikwcy", strict=True))
_SPACERS = r"[ .\-_*|/~]"

_GATE_SPACED = re.compile(rf"(?<!\w)\w{_SPACERS}{{1,2}}\w{_SPACERS}{{1,2}}\w(?!\w)")
_GATE_LEET = re.compile(r"[a-z][0134578@$!|+]+[a-z]|(?<![\w.])[0134578@$]+[a-z]{2}")
_GATE_STRETCHED = re.compile(r"([a-z])\1\1")
_WORD = re.compile(r"[^\s.,;:?()\"']+")
_SPACED = re.compile(rf"(?<!\w)\w(?:{_SPACERS}{{1,2}}\w){{2,}}(?!\w)")
_UNIT = re.compile(r"\d+(?:st|nd|rd|th|am|pm|mg|ml|kg|ft|cm|km|mm|gb|mb|[hmsxkmp]|hr|hrs|min|mins|yo|yrs?|ish|%)?!*")


_LETTERING = bytes(ord("a") if chr(code).isalnum() else code for code in range(128)).ljust(256)
_LEETING = bytes(
    ord("a") if chr(code).isalpha() else ord("0") if chr(code).isdigit() else ord("!") if chr(code) in _LEET else ord("#")
    for code in range(128)
).ljust(256)


def _looks_disguised(plain: str, levelled: str, shape: str) -> bool:
    # Substring tests cost a fraction of a search, and most messages are done with them.
    return (
        not plain.isascii()
        or (_may_be_stretched(plain) and _GATE_STRETCHED.search(plain) is not None)
        or ((" a a a" in _shape(levelled, _LETTERING) or "_" in plain) and _GATE_SPACED.search(plain) is not None)
        or (("0a" in shape or "!a" in shape) and _GATE_LEET.search(plain) is not None)
    )


def _may_be_stretched(plain: str) -> bool:
    """Whether some character stands three times in a row: a number less itself moved by one is 0 where neighbours are alike."""
    number = int.from_bytes(plain.encode())
    return b"\0\0" in (number ^ (number >> 8)).to_bytes(len(plain))


def _skeleton(plain: View) -> View | None:
    """Take the disguises off; ``None`` if there were none."""
    letters = list(plain.text)
    dropped: set[int] = set()
    for word in _WORD.finditer(plain.text):
        for index, letter in zip(range(*word.span()), _undisguise(word.group()), strict=True):
            letters[index] = letter
    joined = "".join(letters)
    for run in _SPACED.finditer(joined):
        dropped.update(index for index in range(*run.span()) if not letters[index].isalnum())
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
    letters = [_LEET.get(letter, letter) for letter in core]
    for index, letter in enumerate(core):
        if letter == "1" and index and letters[index - 1] in "aeiou":
            letters[index] = "l"
    return [*letters, *word[len(core) :]]


# --- spoken ----------------------------------------------------------------------------------------------------------

_NUMBERS = {"zero": "0", "nought": "0", "naught": "0", "null": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_NUMBERS |= {"six": "6", "seven": "7", "eight": "8", "nine": "9"}
_ZERO_IN_NUMBERS = frozenset({"oh", "o"})
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_GATE_NUMBER_WORDS = frozenset(_NUMBERS) - {"one", "two"}
_SPEAKING = _ZERO_IN_NUMBERS.union(_NUMBERS, _TIMES)
_LEAST_SPOKEN = 3
"""Fewer number words are no part of a telephone number that is spelled out."""
_GATE_LETTER_DIGITS = re.compile(r"\d[oil]+\d|(?<!\w)o\d{3}")
_TOKEN = re.compile(r"[a-z]+|\d[\doil]*|o[\doil]*\d[\doil]*")
_LETTER_DIGITS = str.maketrans("oil", "011")


def _has_number_words(plain: str, levelled: Levelled, shape: str) -> bool:
    if not _GATE_NUMBER_WORDS.isdisjoint(levelled.words):
        spoken = sum(word in _SPEAKING or word.isdigit() for word in levelled.text.split())
        if spoken >= _LEAST_SPOKEN:
            return True
    return "0" in shape and _GATE_LETTER_DIGITS.search(plain) is not None


def _spoken(plain: View) -> View:
    """Digits for number words, "double five" and O for 0; each digit points at the whole word it came from."""
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    done = 0
    for place, digits, end in _digits(list(_TOKEN.finditer(plain.text))):
        out.extend(plain.text[done:place])
        spans.extend((index, index + 1) for index in range(done, place))
        out.extend(digits)
        spans.extend([(place, end)] * len(digits))
        done = end
    out.extend(plain.text[done:])
    spans.extend((index, index + 1) for index in range(done, len(plain.text)))
    origins = [plain.origin(*span) for span in spans]
    return View("".join(out), tuple(start for start, _ in origins), tuple(end for _, end in origins))


def _digits(tokens: list[re.Match[str]]) -> Iterator[tuple[int, str, int]]:
    """Where the digits of number words begin, which they are, and where they end."""
    index = 0
    while index < len(tokens):
        token = tokens[index].group()
        start = tokens[index].start()
        if token in _TIMES and index + 1 < len(tokens) and (digit := _digit(tokens, index + 1)):
            yield start, digit * _TIMES[token], tokens[index + 1].end()
            index += 2
            continue
        if digit := _digit(tokens, index):
            yield start, digit, tokens[index].end()
        index += 1


def _digit(tokens: list[re.Match[str]], index: int) -> str:
    """The digits of a number word or of a mixed group like ``o77oo``; nothing for other words."""
    token = tokens[index].group()
    if token in _NUMBERS:
        return _NUMBERS[token]
    if token in _ZERO_IN_NUMBERS:
        beside = [tokens[i].group() for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
        return "0" if any(word in _NUMBERS or word[0].isdigit() for word in beside) else ""
    return token.translate(_LETTER_DIGITS) if not token.isalpha() else ""
