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


def _said(words: str) -> dict[str, str]:
    """Digits by word: ``one=1``."""
    return dict(word.split("=") for word in words.split())


_NUMBERS = _said(
    "zero=0 nought=0 naught=0 null=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 niner=9 ten=10"
    " eleven=11 twelve=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20"
    " thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90"
)
_OTHERWISE_SAID = _said(
    "cero=0 sero=0 uno=1 dos=2 tres=3 cuatro=4 kwatro=4 cinco=5 singko=5 seis=6 sais=6 siete=7 siyete=7 ocho=8 otso=8"
    " nueve=9 nuwebe=9 um=1 dois=2 quatro=4 sete=7 oito=8 nove=9 un=1 deux=2 trois=3 quatre=4 cinq=5 sept=7 huit=8 neuf=9"
    " due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 eins=1 zwei=2 zwo=2 drei=3 vier=4 funf=5 f\u00fcnf=5 sechs=6"
    " sieben=7 acht=8 neun=9 nul=0 een=1 twee=2 drie=3 vijf=5 zes=6 zeven=7 negen=9 shunya=0 sifar=0 ek=1 do=2 teen=3"
    " tin=3 char=4 chaar=4 panch=5 paanch=5 chhe=6 cheh=6 che=6 saat=7 aath=8 nau=9 jero=0 nol=0 kosong=0 satu=1 dua=2"
    " tiga=3 empat=4 lima=5 enam=6 tujuh=7 delapan=8 lapan=8 sembilan=9 jeden=1 dwa=2 trzy=3 cztery=4 piec=5 szesc=6"
    " siedem=7 osiem=8 bir=1 iki=2 uc=3 dort=4 bes=5 alti=6 yedi=7 sekiz=8 dokuz=9 sifir=0 ett=1 tva=2 fyra=4 fem=5 sju=7"
    " atta=8 nio=9 oughts=0 ought=0 aught=0 nil=0 nada=0 zip=0 zilch=0 wun=1 won=1 too=2 to=2 tu=2 tew=2 tree=3 thre=3"
    " free=3 fower=4 fore=4 for=4 fife=5 fiv=5 foive=5 sicks=6 sixx=6 siks=6 sevin=7 sevn=7 ate=8 eate=8 ait=8 eigh=8"
    " nein=9 nien=9 nyne=9 nin=9"
)
"""Number words of other tongues and misspelled ones; most are ordinary words too, and are digits only in a row of others."""
_ZERO_IN_NUMBERS = frozenset({"oh", "o", "ooh", "\u00f8", "owe"})
_TIMES = {"double": 2, "dubble": 2, "triple": 3, "treble": 3}
_TELLING = frozenset(
    "cero sero siete siyete ocho otso nueve nuwebe cinco singko cuatro kwatro sept huit neuf trois quatre acht sieben neun drei zwei sechs"
    " saat aath nau paanch panch shunya sifar nol satu dua empat enam tujuh delapan sembilan sete oito nove quatro sette otto siedem osiem"
    " fower sixx sicks nyne eate wun fife".split()
)
"""Some of these stand in any such row."""
HINTS = frozenset(
    "slash dot d0t curly capital stroke underscore underscored backwards backward reversed reverse mirror vowel vowels"
    " hyphen alphabet lowercase spelled"
    " spelt spelling puzzle riddle rebus cipher rot13 nato morse anagram initials caps capitals emojis upside unscramble"
    " scrambled consonants rhymes decode gee gmale symbol letters alpha alfa bravo charlie delta foxtrot juliet juliett"
    " kilo quebec romeo sierra tango yankee zulu oscar".split()
)
"""Words by which people say how a disguised detail is to be read."""
_GATE_WORDS = _TELLING | HINTS | frozenset(_TIMES) | (frozenset(_NUMBERS) - {"one", "two", "ten", "twelve", "twenty"})
_SPEAKING = _ZERO_IN_NUMBERS.union(_NUMBERS, _TIMES, _TELLING)
_LEAST_SPOKEN = 3
"""Fewer number words are no part of a telephone number that is spelled out."""
_LEAST_IN_A_ROW = 5
"""So many number words that are ordinary words as well must follow each other to be digits."""
_GATE_LETTER_DIGITS = re.compile(
    r"\d[oil\u00f8]+\d|(?<!\w)[o\u00f8]\W{0,2}\d\W{0,3}\d|(?:\d\W?){2}[o\u00f8](?!\w)|\([o\u00f8]\)|(?:\d[a-z]){4}|\d[lbsz]\d{2}"
    r"|\d(?:zero|one|two|three|four|five|six|seven|eight|nine)"
)
_TOKEN = re.compile(r"[^\W_]+")
_MIXED = re.compile(r"(?=[^\d]*\d)[\doil\u00f8]+|(?=\w*\d\w*\d)[\doil\u00f8bsz]{2,}[\doil\u00f8bz]")
_WELDED = re.compile(rf"(?:\d|{'|'.join(sorted(_NUMBERS, reverse=True))})+")
_WELDED_PART = re.compile("|".join(sorted(_NUMBERS, reverse=True)))
_WOVEN = re.compile(r"(?:\d[a-z]){5,}\d?|(?:[a-z]\d){6,}")
_LETTER_DIGITS = str.maketrans("oil\u00f8bsz", "01108" + "52")


def _has_number_words(plain: str, levelled: Levelled, shape: str) -> bool:
    if not _GATE_WORDS.isdisjoint(levelled.words):
        if not HINTS.isdisjoint(levelled.words):
            return True
        spoken = sum(word in _SPEAKING or word.isdigit() for word in levelled.text.split())
        if spoken >= _LEAST_SPOKEN:
            return True
    return "0" in shape and _GATE_LETTER_DIGITS.search(plain) is not None


def _spoken(plain: View) -> View:
    """Digits for number words, "double five" and O for 0; each digit points at the whole word it came from."""
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    done = 0
    for place, digits, end in _digits(list(_tokens(plain.text))):
        out.extend(plain.text[done:place])
        spans.extend((index, index + 1) for index in range(done, place))
        out.extend(digits)
        spans.extend([(place, end)] * len(digits))
        done = end
    out.extend(plain.text[done:])
    spans.extend((index, index + 1) for index in range(done, len(plain.text)))
    origins = [plain.origin(*span) for span in spans]
    return View("".join(out), tuple(start for start, _ in origins), tuple(end for _, end in origins))


class _Token(msgspec.Struct, gc=False):
    """A word that may be a number: its digits if it is one for certain, or if it is one beside others."""

    word: str
    start: int
    end: int
    digits: str = ""
    perhaps: str = ""


def _tokens(text: str) -> Iterator[_Token]:
    found = list(_TOKEN.finditer(text))
    index = 0
    while index < len(found):
        one = found[index]
        if one.end() - one.start() == 1 and (spaced := _spaced_number(found, index)):
            word, index = spaced
            yield _Token(word, one.start(), found[index - 1].end(), _NUMBERS.get(word, ""))
            continue
        word = one.group()
        yield _Token(word, *one.span(), _certain(word), _OTHERWISE_SAID.get(word, "0" if word in _ZERO_IN_NUMBERS else ""))
        index += 1


def _spaced_number(found: list[re.Match[str]], index: int) -> tuple[str, int] | None:
    """A number word written letter by letter, and where what follows it begins."""
    for length in (3, 4, 5, 6):
        word = "".join(one.group() for one in found[index : index + length])
        if len(word) == length and (word in _NUMBERS or word in _TIMES):
            return word, index + length
    return None


def _certain(word: str) -> str:
    """The digits of a number word, or of a mixed group like ``o77oo``; nothing for other words."""
    if word in _NUMBERS or word.isalpha():
        return _NUMBERS.get(word, "")
    if word.isdigit():
        return word
    if _MIXED.fullmatch(word):
        return word.translate(_LETTER_DIGITS)
    if _WOVEN.fullmatch(word):
        return "".join(letter for letter in word if letter.isdigit())
    if _WELDED.fullmatch(word):
        return _WELDED_PART.sub(lambda part: _NUMBERS.get(part.group(), part.group()), word)
    return _NUMBERS.get("".join(_LEET.get(letter, letter) for letter in word), "")


def _digits(tokens: list[_Token]) -> Iterator[tuple[int, str, int]]:
    """Where the digits of number words begin, which they are, and where they end."""
    _settle(tokens)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.word in _TIMES and after is not None and after.digits:
            yield token.start, after.digits * _TIMES[token.word], after.end
            index += 2
        elif not token.digits:
            index += 1
        elif after is not None and after.word == "hundred":
            index, digits = _hundreds(tokens, index)
            yield token.start, digits, tokens[index - 1].end
        elif after is not None and token.word.endswith("ty") and after.word in _NUMBERS and len(after.digits) == 1 and after.digits != "0":
            yield token.start, token.digits[0] + after.digits, after.end
            index += 2
        else:
            yield token.start, token.digits, token.end
            index += 1


def _hundreds(tokens: list[_Token], index: int) -> tuple[int, str]:
    """``nine hundred`` and ``four hundred and nine``: where it ends, and its digits."""
    more = tokens[index + 2 : index + 5]
    if len(more) > 1 and more[0].word == "and" and more[1].digits:
        tens = more[1].word.endswith("ty") and len(more) > 2 and more[2].word in _NUMBERS and len(more[2].digits) == 1  # noqa: PLR2004 -- a third
        return index + 4 + tens, tokens[index].digits + (more[1].digits[0] + more[2].digits if tens else more[1].digits.zfill(2))
    return index + 2, tokens[index].digits + "00"


def _settle(tokens: list[_Token]) -> None:
    """Decide which words that may be digits are: an O beside a number, the others in a row that tells."""
    start = 0
    for index in range(len(tokens) + 1):
        if index < len(tokens) and (tokens[index].digits or tokens[index].perhaps or tokens[index].word in _TIMES):
            continue
        row = tokens[start:index]
        if len(row) >= _LEAST_IN_A_ROW and any(one.word in _TELLING for one in row):
            for one in row:
                one.digits = one.digits or one.perhaps
        start = index + 1
    for index, token in enumerate(tokens):
        if not token.digits and token.word in _ZERO_IN_NUMBERS:
            beside = (*tokens[max(0, index - 1) : index], *tokens[index + 1 : index + 2])
            token.digits = "0" if any(one.digits for one in beside) else ""
