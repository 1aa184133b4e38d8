"""Phone numbers that hide: with words, signs or stories between their digits, said backwards, or given piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import phonenumbers

from bot.matchers.phone import LOCAL_DIGITS, YEARS, counts, has_digits, is_in_link, is_phone, is_possible, is_valid, phone
from bot.matchers.place import Match, Place, shape_of
from bot.text import Folded

# --- numbers that hide -----------------------------------------------------------------------------------------------

_GROUP = re.compile(r"(?<![^\W_])\+?\d+(?![^\W_])")
_GAP_WORD = re.compile(r"[^\W\d_]+")
_FILLERS = frozenset(
    "a again also an and area at bar begins blank bit bracket brackets break breath by close code comma cough dash dot"
    " done er erm finally first followed gap hash hyphen in is it its last line minus new next now of ok okay open part"
    " pause period plus point rest s sigh skip slash so space spaces star an asterisk starts stop stroke ends that thats"
    " the then uh um under underscore well with ya yes you know number digit digits number all".split()
)
"""Words that people put between the digits of a number."""
_UNITS = frozenset(
    "mg mcg ml g kg lbs stone grams am pm oclock years year yrs yo months month weeks week days day hours hour hrs mins"
    " min minutes seconds times percent people miles km pounds quid dollars euros rupees st nd rd th".split()
)
_LONGEST_GAP = 48
_MOST_GAP_WORDS = 6
_FEWEST_GROUPS = 4
_MOST_GROUPS = 26
_CLOCK = re.compile(r"\d:\d\d|\d/\d\d|out\sof|(?<!\d)(?:19|20)\d\d(?!\d)|%|[\u00a3$\u20ac]")
_BACKWARDS = frozenset({"backwards", "backward", "reverse", "reversed", "mirror"})


def number_hidden(folded: Folded, place: Place) -> Iterator[Match]:
    """Phone numbers with words, signs or stories between their digits, or said backwards."""
    view = folded.spoken or folded.plain
    if not has_digits(view.text):
        return
    groups = [group for group in _GROUP.finditer(view.text) if not is_in_link(view.text, group.start())]
    seen = [(match.start, match.end) for match in phone(folded, place)]
    for run in _runs(view.text, groups):
        span = view.origin(run[0].start(), run[-1].end())
        if any(start < span[1] and span[0] < end for start, end in seen):
            continue
        for part in (run, _without_stray(view.text, run)):
            if found := _hidden(view.text, part, folded, place):
                yield Match(*view.origin(found[0].start(), found[-1].end()), disguised=True)
                break


def _gap(text: str, before: re.Match[str], after: re.Match[str]) -> list[str]:
    return _GAP_WORD.findall(text[before.end() : after.start()])


def _is_wide(words: list[str]) -> bool:
    return any(word not in _FILLERS for word in words)


def _runs(text: str, groups: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """Groups of digits that may be one number: not too far apart, and none of them a measure."""
    run: list[re.Match[str]] = []
    for group in groups[:_MOST_GROUPS]:
        if run:
            words = _gap(text, run[-1], group)
            far = len(words) > _MOST_GAP_WORDS or group.start() - run[-1].end() > _LONGEST_GAP
            if far or (words and words[0] in _UNITS and len(run[-1].group()) > 1):
                yield run
                run = []
        run.append(group)
    if run:
        yield run


def _without_stray(text: str, run: list[re.Match[str]]) -> list[re.Match[str]]:
    """The run without digits that stand alone among words: in "(two bricks)" they belong to the story."""
    wide = [True, *(_is_wide(_gap(text, *pair)) for pair in pairwise(run)), True]
    return [group for index, group in enumerate(run) if not (wide[index] and wide[index + 1] and len(group.group()) == 1)]


def _hidden(text: str, run: list[re.Match[str]], folded: Folded, place: Place) -> list[re.Match[str]]:
    """The part of a run that is a phone number; nothing if none is."""
    backwards = len(text) < _LONGEST_PIECE and not _BACKWARDS.isdisjoint(folded.levelled.words)
    starts = sorted({0, *[index for index, group in enumerate(run) if group.group()[0] in "+0"][:3]})
    for start in starts:
        for end in range(len(run), max(start + 1, len(run) - 4), -1):
            part = run[start:end]
            digits = "".join(group.group() for group in part)
            if not LOCAL_DIGITS <= len(digits.lstrip("+")) <= _MOST_DIGITS or counts(digits) or _is_other(text, part):
                continue
            if (backwards and is_valid(digits[::-1], place)) or _is_told(text, part, folded, place):
                return part
    return _row(text, run, folded) if folded.spoken else []


_MOST_DIGITS = 14


def _is_other(text: str, part: list[re.Match[str]]) -> bool:
    """Whether these digits are times, dates, prices or marks."""
    hours = sum(_HOUR.fullmatch(group.group()) is not None for group in part)
    return hours > 1 or _CLOCK.search(text, part[0].start(), part[-1].end()) is not None


_HOUR = re.compile(r"(?:[01]\d|2[0-3])(?:00|15|30|45)")


def _words_in(folded: Folded, part: list[re.Match[str]]) -> int:
    """How many of these digits are words in the message as it was written."""
    view = folded.spoken or folded.plain
    return sum(len(group.group()) for group in part if not folded.original[slice(*view.origin(*group.span()))].isnumeric())


def _is_told(text: str, part: list[re.Match[str]], folded: Folded, place: Place) -> bool:
    gaps = [_gap(text, *pair) for pair in pairwise(part)]
    digits = "".join(group.group() for group in part)
    prefixed = digits[0] in "+0"
    said = _words_in(folded, part)
    if not prefixed and len(part) == len(digits) > _LONGEST_NATIONAL and is_possible("+" + digits, place):
        return digits.startswith(tuple(str(phonenumbers.country_code_for_region(region)) for region in place.regions))
    if not any(_is_wide(words) for words in gaps):
        far = any(words or after.start() - before.end() > _LEAST_FAR for words, before, after in zip(gaps, part, part[1:], strict=False))
        told = said > 1 or (prefixed and far and len(gaps) > 1)
        return told and is_phone(digits, place, parse=True)
    single = sum(len(group.group()) == 1 for group in part) / len(part)
    if len(part) < _FEWEST_GROUPS or not (prefixed or (said > _MOST_DIGITS / 2 and single == 1)):
        return False
    return is_valid(digits, place) or (prefixed and single == 1 and is_phone(digits, place, parse=True))


_LEAST_FAR = 3
_LONGEST_NATIONAL = 10
_LEAST_IN_A_ROW = 7
_LEAST_SORTS = 3


def _row(text: str, run: list[re.Match[str]], folded: Folded) -> list[re.Match[str]]:
    """Seven or more digits one by one and close together, of which some at least are words: a number, if not one we know."""
    best: list[re.Match[str]] = []
    row: list[re.Match[str]] = []
    for group in run:
        if (row and _is_wide(_gap(text, row[-1], group))) or len(group.group()) > _LEAST_SORTS:
            row = []
        row.append(group)
        digits = "".join(one.group() for one in row)
        if min(len(row), _words_in(folded, row)) >= _LEAST_IN_A_ROW and len(set(digits)) >= _LEAST_SORTS and not counts(digits):
            best = [*row]
    return best


# --- pieces ----------------------------------------------------------------------------------------------------------

_PIECE_SAID = re.compile(
    r"\b(?:first|second|third|last|next|other|final|middle)\s(?:half|bit|part|pt|piece|digits?|numbers?|ones?|two|three"
    r"|four|[2-5])\b|\b(?:pt|part)\s?\d"
    r"|\b(?:starts?|begins?|ends?)\s(?:with|w/|in)\b|\barea\scode|\bput\s(?:them|it)\b|\bthat'?s\s(?:it|all|everything)\b"
    r"|\brest\sof\sit|\bmore\scoming|\bcomplete\b"
)
_MOST_OTHER_WORDS = 6
_NO_PIECE = re.compile(
    r"\d\s?/\s?\d|\bout\sof\b|\d[.:]\d|%|[\u00a3$\u20ac]\s?\d"
    r"|\d\s?(?:am|pm|mg|ml|kg|st|nd|rd|th|h|hrs?|hours?|mins?|years?|yrs?|days?|x)\b|\d\?"
)
_LONGEST_PIECE = 120
_MOST_WORDS = 16
_LEAST_PIECE = 2
_LEAST_START = 3
_MOST_PIECE = 11


def _piece(folded: Folded) -> tuple[str, bool, Match] | None:
    """A message that is little but some digits: these, whether each was a word, and where they stand."""
    view = folded.spoken or folded.plain
    if len(folded.levelled.words) > _MOST_WORDS or len(view.text) > _LONGEST_PIECE or shape_of(view.text).count(b"0") < _LEAST_PIECE:
        return None
    groups = list(_GROUP.finditer(view.text))
    digits = "".join(group.group() for group in groups)
    if not _LEAST_PIECE <= len(digits.lstrip("+")) <= _MOST_PIECE or _NO_PIECE.search(view.text) or YEARS.fullmatch(digits + " "):
        return None
    others = [word for word in _GAP_WORD.findall(view.text) if word not in _FILLERS]
    if len(others) > (_MOST_OTHER_WORDS if _PIECE_SAID.search(view.text) else len(groups) // 3):
        return None
    span = view.origin(groups[0].start(), groups[-1].end())
    words = not any(digit.isdigit() for digit in folded.original)
    return digits, words and all(len(group.group()) <= _LEAST_START for group in groups), Match(*span, disguised=True)


def number_start(folded: Folded, place: Place) -> Iterator[Match]:
    """The first digits of a phone number, in a message that holds little else."""
    del place
    if (found := _piece(folded)) and found[0][0] in "+0" and len(found[0]) >= _LEAST_START and not found[0].startswith("000"):
        yield found[2]


def number_more(folded: Folded, place: Place) -> Iterator[Match]:
    """Further digits, in a message that holds little else."""
    del place
    if (found := _piece(folded)) and found[0][0] not in "+0":
        yield found[2]


def number_words(folded: Folded, place: Place) -> Iterator[Match]:
    """Four digits or more, each in words, and nothing else: so nobody writes but who hides them."""
    del place
    found = _piece(folded) if folded.spoken else None
    if found and found[1] and len(found[0]) > _LEAST_START and len(set(found[0])) > 1 and not counts(found[0]):
        yield found[2]
