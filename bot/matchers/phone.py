"""Phone numbers in digits, number words or both, and what tells them from dates, prices, lists and the numbers of helplines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import phonenumbers

from bot.matchers.place import Match, Place, shape_of
from bot.text import Folded, View

_DIGITS = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.])(?<![a-z]/)(?:\+\s?)?\(?\d(?:(?:[\s().\-/_*,:;|~]{0,3}|\shundred,?\s)\d){6,14}(?:\shundred\b)?(?!\w)")
_PRICE = re.compile(r"\d{1,3}(?:,\d{3}){2,}")
_DAY = r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|(?:19|20)\d\d/\d+)"
_CLOCK = r"[0-2]?\d[:.h]?[0-5]\d"
_DATES = re.compile(rf"{_DAY}(?:(?:[\s,]{{1,3}}|\s?-\s?)(?:{_DAY}|\d{{1,2}}[/.]\d{{1,2}})|[\s,]{{1,3}}{_CLOCK}(?:\s?-\s?{_CLOCK})?)*")
"""Days, with the time or up to another day, of which the year may be cut off."""
YEARS = re.compile(r"(?:(?:19|20)\d\d\D{0,3}){2,}")
_LIST = re.compile(r"(?:\d{1,2}\D{1,3}){5,}\d{1,2}")
_TIMES = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:\s?[,;]\s?(?:[01]\d|2[0-3])[0-5]\d)+")
"""Times of the day without a colon, as nurses and soldiers write them."""
_SERVICE = re.compile(r"1[38]00[\s\-]\d{3}[\s\-]\d{3}")
"""A service of Australia as it is written there; without its gaps it could be a number elsewhere."""
_NETWORK = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_KEYCAP = "\u20e3"
"""What makes a digit an emoji: nobody draws a number of seven digits but to hide it."""
_LEAST_DIGITS = 7
LOCAL_DIGITS = 9
_PARSED = 20
"""Parsing is slow; past so many candidates in a message the shape of a number alone decides, so that none can hide behind others."""

_PUBLIC = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
    }
)
"""Numbers that belong to helplines and firms, not to a person."""


def phone(folded: Folded, place: Place) -> Iterator[Match]:
    """Phone numbers of the community's regions in digits, number words or both."""
    found: set[tuple[int, int]] = set()
    for view in (folded.plain, folded.spoken):
        if view is None or not has_digits(view.text):
            continue
        for tries, candidate in enumerate(_NUMBER.finditer(view.text)):
            span = view.origin(*candidate.span())
            if span in found or is_in_link(view.text, candidate.start()):
                continue
            drawn = _KEYCAP in folded.original[span[0] : span[1]] and not counts(_digits(candidate.group()))
            if drawn or is_phone(candidate.group(), place, parse=tries < _PARSED):
                found.add(span)
                yield Match(*span, disguised=_is_disguised(folded, view, span))


def has_digits(text: str) -> bool:
    """The gate: whether there are digits enough for any number."""
    return shape_of(text).count(b"0") >= _LEAST_DIGITS


def _is_disguised(folded: Folded, view: View, span: tuple[int, int]) -> bool:
    written = folded.original[span[0] : span[1]]
    return view is folded.spoken or not written.isascii() or "_" in written or "*" in written


def is_in_link(text: str, place: int) -> bool:
    """Whether this digit belongs to a link: shops put long numbers there."""
    word = text[text.rfind(" ", 0, place) + 1 : place]
    return "://" in word or "www." in word


def is_phone(candidate: str, place: Place, *, parse: bool) -> bool:
    """Whether these digits are a person's phone number; without parsing their shape alone decides."""
    digits = _digits(candidate)
    prefixed = candidate.startswith(("+", "0", "(0"))
    if len(digits) < LOCAL_DIGITS or _is_no_number(candidate) or (counts(digits) and not (prefixed and _skips(digits))):
        return False
    if not prefixed and (len(digits) == LOCAL_DIGITS or _LIST.fullmatch(candidate)):
        return False
    if not parse:
        return prefixed
    dialled = ("+" if candidate.startswith("+") else "") + digits
    kinds = _kinds(dialled, place)
    if kinds:
        return _is_private(kinds, prefixed=prefixed)
    return prefixed and digits[:2] != "00" and is_possible(dialled, place)


def _is_no_number(candidate: str) -> bool:
    """Whether these digits have the shape of something else."""
    return any(other.fullmatch(candidate) for other in (_DATES, YEARS, _PRICE, _SERVICE, _NETWORK, _TIMES))


def _skips(digits: str) -> bool:
    """Whether digits that count do not do so from end to end: people who make up a number count in it as well."""
    return any(abs(after - before) not in {1, 9} for before, after in pairwise(map(int, digits)))


def _digits(candidate: str) -> str:
    return "".join(_DIGITS.findall(candidate.replace(" hundred", "00")))


def counts(digits: str) -> bool:
    """Whether somebody only counts, up or down."""
    numbers = [int(digit) for digit in digits if digit != "+"]
    steps = [abs(after - before) for before, after in pairwise(numbers)]
    return steps.count(1) * 3 > len(steps) * 2


def _kinds(digits: str, place: Place) -> list[int]:
    """What kind of number this is wherever it is valid."""
    return [phonenumbers.number_type(number) for number in _parsed(digits, place) if phonenumbers.is_valid_number(number)]


def _is_private(kinds: list[int], *, prefixed: bool) -> bool:
    """Whether it reaches a person: with a prefix where it is valid first, without one anywhere if it is free of charge nowhere."""
    if prefixed:
        return kinds[0] not in _PUBLIC
    return phonenumbers.PhoneNumberType.TOLL_FREE not in kinds and not _PUBLIC.issuperset(kinds)


def is_valid(digits: str, place: Place) -> bool:
    """Whether these digits are a number that is in use, and a person's."""
    kinds = _kinds(digits, place)
    return bool(kinds) and _is_private(kinds, prefixed=digits[0] in "+0")


def is_possible(digits: str, place: Place) -> bool:
    """Whether these digits have the length of a number in any of the regions."""
    return any(phonenumbers.is_possible_number(number) for number in _parsed(digits, place))


def _parsed(digits: str, place: Place) -> Iterator[phonenumbers.PhoneNumber]:
    for region in place.regions:
        try:
            yield phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue


_SHORT = re.compile(r"(?<![\w./-])\d{3}[\s.\-]\d{4}(?![\w/-]|\.\d)|(?<![\w./-])\d{7,9}(?![\w/-]|\.\d)")
_FREE = ("0800", "0808", "0300", "0303", "1800", "1300")
"""How the numbers of helplines and charities begin in several countries."""
_LOCAL = range(8, 13)
"""So many digits has a number as it is dialled somewhere; shorter ones must have one of the shapes above."""


def local_number(folded: Folded, place: Place) -> Iterator[Match]:
    """A number as neighbours dial it, here or in any other country: a phone number only if the words around it say so."""
    text = folded.plain.text
    if not has_digits(text):
        return
    for candidate in _SHORT.finditer(text):
        if not YEARS.fullmatch(candidate.group()):
            yield Match(*folded.plain.origin(*candidate.span()))
    for tries, candidate in enumerate(_NUMBER.finditer(text)):
        written, digits = candidate.group(), _digits(candidate.group())
        if len(digits) not in _LOCAL or digits.startswith(_FREE) or _SHORT.fullmatch(written):
            continue
        if _is_no_number(written) or _LIST.fullmatch(written):
            continue
        if not is_in_link(text, candidate.start()) and not is_phone(written, place, parse=tries < _PARSED):
            yield Match(*folded.plain.origin(*candidate.span()))
