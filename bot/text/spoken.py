"""The spoken view: number words of many tongues, letters that stand for digits and "double five" become digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from bot.text.disguise import DIGIT, LEET
from bot.text.view import Levelled, View


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


def has_number_words(plain: str, levelled: Levelled, shape: bytes) -> bool:
    """The gate: whether a text may have digits in words, or says how it is to be read."""
    if not _GATE_WORDS.isdisjoint(levelled.words):
        if not HINTS.isdisjoint(levelled.words):
            return True
        spoken = sum(word in _SPEAKING or word.isdigit() for word in levelled.text.split())
        if spoken >= _LEAST_SPOKEN:
            return True
    return DIGIT in shape and _GATE_LETTER_DIGITS.search(plain) is not None


def read_spoken(plain: View) -> View:
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
    return _NUMBERS.get("".join(LEET.get(letter, letter) for letter in word), "")


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
