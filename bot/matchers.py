"""What patterns alone cannot judge: phone numbers, e-mail addresses, links and handles. A cue names one by ``with = "phone"``.

Each matcher begins with a gate that costs next to nothing, since almost every message stops there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec
import phonenumbers

from bot.text import Folded, View

# --- where a message was said ----------------------------------------------------------------------------------------


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

# --- the gate --------------------------------------------------------------------------------------------------------

_SHAPES = bytes(
    ord("0") if 48 <= code <= 57 else ord("A") if 65 <= code <= 90 else ord("a") if 97 <= code <= 122 else code  # noqa: PLR2004 -- ASCII
    for code in range(256)
)


_NO_SIGNS = bytes(code for code in range(256) if chr(code) not in "0123456789@#_./")
"""All but the characters that only a detail has, and those that it may have."""


def _shape(text: str) -> bytes:
    """The text with ``a`` for each small letter, ``A`` for each capital, ``0`` for each digit: what gates look at, in a moment."""
    return text.encode("ascii", "replace").translate(_SHAPES)


# --- phone -----------------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.])(?<![a-z]/)(?:\+\s?)?\(?\d(?:(?:[\s().\-/_*,:;|~]{0,3}|\shundred,?\s)\d){6,14}(?:\shundred\b)?(?!\w)")
_PRICE = re.compile(r"\d{1,3}(?:,\d{3}){2,}")
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|(?:19|20)\d\d/\d+")
_YEARS = re.compile(r"(?:(?:19|20)\d\d\D{0,3}){2,}")
_LIST = re.compile(r"(?:\d{1,2}\D{1,3}){5,}\d{1,2}")
_NETWORK = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_LEAST_DIGITS = 7
_LOCAL_DIGITS = 9
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
        if view is None or not _has_digits(view.text):
            continue
        for tries, candidate in enumerate(_NUMBER.finditer(view.text)):
            span = view.origin(*candidate.span())
            if (
                span not in found
                and not _is_in_link(view.text, candidate.start())
                and _is_phone(candidate.group(), place, parse=tries < _PARSED)
            ):
                found.add(span)
                yield Match(*span, disguised=_is_disguised(folded, view, span))


def _has_digits(text: str) -> bool:
    return _shape(text).count(b"0") >= _LEAST_DIGITS


def _is_disguised(folded: Folded, view: View, span: tuple[int, int]) -> bool:
    written = folded.original[span[0] : span[1]]
    return view is folded.spoken or not written.isascii() or "_" in written or "*" in written


def _is_in_link(text: str, place: int) -> bool:
    """Whether this digit belongs to a link: shops put long numbers there."""
    word = text[text.rfind(" ", 0, place) + 1 : place]
    return "://" in word or "www." in word


def _is_phone(candidate: str, place: Place, *, parse: bool) -> bool:
    digits = "".join(_DIGITS.findall(candidate.replace(" hundred", "00")))
    prefixed = candidate.startswith(("+", "0", "(0"))
    if len(digits) < _LOCAL_DIGITS or _DATE.match(candidate) or _counts(digits):
        return False
    if any(other.fullmatch(candidate) for other in (_YEARS, _PRICE, _NETWORK)):
        return False
    if not prefixed and (len(digits) == _LOCAL_DIGITS or _LIST.fullmatch(candidate)):
        return False
    if not parse:
        return prefixed
    dialled = ("+" if candidate.startswith("+") else "") + digits
    kinds = _kinds(dialled, place)
    if kinds:
        return _is_private(kinds, prefixed=prefixed)
    return prefixed and digits[:2] != "00" and _is_possible(dialled, place)


def _kinds(digits: str, place: Place) -> list[int]:
    """What kind of number this is wherever it is valid."""
    return [phonenumbers.number_type(number) for number in _parsed(digits, place) if phonenumbers.is_valid_number(number)]


def _is_private(kinds: list[int], *, prefixed: bool) -> bool:
    """Whether it reaches a person: with a prefix where it is valid first, without one anywhere if it is free of charge nowhere."""
    if prefixed:
        return kinds[0] not in _PUBLIC
    return phonenumbers.PhoneNumberType.TOLL_FREE not in kinds and not _PUBLIC.issuperset(kinds)


def _is_possible(digits: str, place: Place) -> bool:
    return any(phonenumbers.is_possible_number(number) for number in _parsed(digits, place))


def _parsed(digits: str, place: Place) -> Iterator[phonenumbers.PhoneNumber]:
    for region in place.regions:
        try:
            yield phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue


_SHORT = re.compile(r"(?<![\w./-])\d{3}[\s.\-]\d{4}(?![\w/-]|\.\d)|(?<![\w./-])\d{7,9}(?![\w/-]|\.\d)")


def local_number(folded: Folded, place: Place) -> Iterator[Match]:
    """A number as neighbours dial it: a phone number only if the words around it say so."""
    del place
    if not _has_digits(folded.plain.text):
        return
    for candidate in _SHORT.finditer(folded.plain.text):
        if not _YEARS.fullmatch(candidate.group()):
            yield Match(*folded.plain.origin(*candidate.span()))


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
    if not _has_digits(view.text):
        return
    groups = [group for group in _GROUP.finditer(view.text) if not _is_in_link(view.text, group.start())]
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
            if not _LOCAL_DIGITS <= len(digits.lstrip("+")) <= _MOST_DIGITS or _counts(digits) or _is_other(text, part):
                continue
            if (backwards and _is_valid(digits[::-1], place)) or _is_told(text, part, folded, place):
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
    if not prefixed and len(part) == len(digits) > _LONGEST_NATIONAL and _is_possible("+" + digits, place):
        return digits.startswith(tuple(str(phonenumbers.country_code_for_region(region)) for region in place.regions))
    if not any(_is_wide(words) for words in gaps):
        far = any(words or after.start() - before.end() > _LEAST_FAR for words, before, after in zip(gaps, part, part[1:], strict=False))
        told = said > 1 or (prefixed and far and len(gaps) > 1)
        return told and _is_phone(digits, place, parse=True)
    single = sum(len(group.group()) == 1 for group in part) / len(part)
    if len(part) < _FEWEST_GROUPS or not (prefixed or (said > _MOST_DIGITS / 2 and single == 1)):
        return False
    return _is_valid(digits, place) or (prefixed and single == 1 and _is_phone(digits, place, parse=True))


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
        if min(len(row), _words_in(folded, row)) >= _LEAST_IN_A_ROW and len(set(digits)) >= _LEAST_SORTS and not _counts(digits):
            best = [*row]
    return best


def _counts(digits: str) -> bool:
    """Whether somebody only counts, up or down."""
    numbers = [int(digit) for digit in digits if digit != "+"]
    steps = [abs(after - before) for before, after in pairwise(numbers)]
    return steps.count(1) * 3 > len(steps) * 2


def _is_valid(digits: str, place: Place) -> bool:
    kinds = _kinds(digits, place)
    return bool(kinds) and _is_private(kinds, prefixed=digits[0] in "+0")


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
    if len(folded.levelled.words) > _MOST_WORDS or len(view.text) > _LONGEST_PIECE or _shape(view.text).count(b"0") < _LEAST_PIECE:
        return None
    groups = list(_GROUP.finditer(view.text))
    digits = "".join(group.group() for group in groups)
    if not _LEAST_PIECE <= len(digits.lstrip("+")) <= _MOST_PIECE or _NO_PIECE.search(view.text) or _YEARS.fullmatch(digits + " "):
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
    if found and found[1] and len(found[0]) > _LEAST_START and len(set(found[0])) > 1 and not _counts(found[0]):
        yield found[2]


# --- e-mail ----------------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[\w.+\-]{1,64}@(?:[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4}|(?:ok[a-z]{3,8}|ybl|paytm|upi|ibl|axl)\b)")
"""Mail, and the addresses by which money is sent in India: both end at a person."""
_PROVIDERS = (
    r"(?:(?:the\s)?(?:g|gee|google|hot|y|rocket|fast|tuta)\s?mail|gmial|gmal|gmil|hotmial|out\s?look|yahoo|pro\s?ton(?:\s?mail)?|i\s?cloud"
    r"|aol|gmx|tutanota|tuta|live)"
)
_DOT = r"(?:\.|dot|\(dot\)|\[dot\])"
_AT = r"(?:@|at(?:\sthe\srate(?:\sof)?)?|\(at\)|\[at\]|a\s?t)"
_TLD = r"(?:com|co\s{0,2}(?:\.|dot)\s{0,2}uk|co|net|org|me|io|de|fr|in|uk|info)"
_WRITTEN_OUT = re.compile(
    rf"(?<![\w'])(?P<name>\w(?:\s{{1,2}}(?:(?:[._\-]|\(?dot\)?)\s{{1,2}})?\w(?!\w)){{2,40}}"
    rf"|[\w+\-]{{1,40}})(?:\s{{0,2}}(?:\.|dot|underscore|_|dash|-)\s{{0,2}}[\w+]{{1,30}}){{0,4}}\s{{0,2}}(?<!\w){_AT}\s{{0,2}}"
    rf"(?:(?P<provider>{_PROVIDERS})(?P<rest>\s{{0,2}}{_DOT}\s{{0,2}}{_TLD})?|[\w\-]{{2,40}}\s{{0,2}}(?:dot|\(dot\)"
    rf"|\[dot\])\s{{0,2}}{_TLD})"
    r"(?!\w)"
)
_WRITTEN_GATE = ("mail", "dot", "look", "yahoo", "proton", "cloud", "aol", "gmx", "tuta", "live", "google", "gmal", "gmial")
_WORDS_TOO = frozenset({"live", "outlook", "yahoo", "proton", "aol", "icloud", "i cloud"})
"""Providers that are words or firms as well: without their ending they are no address."""
_NO_NAME = frozenset(
    "account address email emails good inbox it job look looked looking mail me my people staff stare team them thing"
    " work worked working works up away back login out here not got is was be and or but with sign log spam over down"
    " live chat talk stay meet see hate love use using".split()
)
"""Words that stand before ``at gmail`` in ordinary talk."""


def _is_written_out(candidate: re.Match[str]) -> bool:
    if candidate["name"] in _NO_NAME:
        return False
    return candidate["provider"] not in _WORDS_TOO or candidate["rest"] is not None


def _may_be_written_out(text: str) -> bool:
    for word in _WRITTEN_GATE:  # noqa: SIM110 -- any() with a generator takes twice as long, on every message
        if word in text:
            return True
    return False


_PUBLIC_MAIL = frozenset(
    "support info help helpline admin safeguarding enquiries enquiry complaints noreply no-reply privacy press abuse"
    " report reports moderators feedback office appeals reception customerservice customerservices customercare service"
    " services billing sales careers jobs".split()
)
"""Names before an ``@`` at which firms and offices are written to."""
_PUBLIC_HOSTS = (
    *(".gov", ".gov.uk", ".gov.au", ".police.uk", "nhs.uk"),
    *("samaritans.org", "samaritans.ie", "papyrus-uk.org", "mind.org.uk", "nami.org", "sane.org.uk", "lifeline.org.au"),
)


def _is_public_mail(address: str) -> bool:
    name, host = address.rsplit("@", 1)
    return name in _PUBLIC_MAIL or host.endswith(_PUBLIC_HOSTS)


def email(folded: Folded, place: Place) -> Iterator[Match]:
    """E-mail addresses, also written out: ``j dot smith at gee mail``."""
    found: list[Match] = []
    for view in (folded.plain, folded.skeleton):
        if view is None:
            continue
        text = view.text
        if "@" in text and view is folded.plain:
            for candidate in _EMAIL.finditer(text):
                address = candidate.group()
                if not (_is_own(address.rsplit("@", 1)[1], place) or _is_public_mail(address) or _EMAIL_BACKWARDS.fullmatch(address)):
                    yield Match(*view.origin(*candidate.span()))
        if "at" in text and _may_be_written_out(text):
            for candidate in _WRITTEN_OUT.finditer(text):
                match = Match(*view.origin(*candidate.span()), disguised=True)
                if _is_written_out(candidate) and not any(match.start < other.end and other.start < match.end for other in found):
                    found.append(match)
                    yield match


_AND = r"[\s,.;:(\[]{1,4}(?:(?:and|then|an?|the)\s){0,3}"
_JOINT = rf"(?:(?:{_AND}|\s?)(?:dot|under\s?score|dash|hyphen|plus|full\sstop|point)(?:[)\]]?{_AND}|\s?)|[._\-]|\s[._\-]\s)"
_SAID_AT = r"(?:@|at(?:\s(?:the\srate(?:\sof)?|sign|symbol))?|\(at\)|\[at\]|curly\sa|arroba)"
_SAID_PROVIDER = (
    r"(?:(?:the\s)?(?:g|gee|jee|google|hot|hott)[\s-]?m(?:ai|ia|a|i)l+e?|g[\s-]?m[ae]il+"
    r"|why[\s-]?a?[\s-]?hoo|ya\s?(?:who|hu)+|y'?all\swho|out\s?lo?ok|pro\s?ton"
    r"(?:\s?mail)?|yahoo|i\s?cloud|aol|live|the\s(?:google|hot|yahoo|g|outlook|apple|proton)\s(?:mail\s)?(?:one|people"
    r"|thing|place|service))"
)
_EMAIL_HIDDEN = re.compile(
    rf"(?<![\w'])(?P<name>[\w+]{{1,30}}(?:{_JOINT}[\w+]{{1,30}}){{0,4}}){_AND}{_SAID_AT}{_AND}"
    rf"(?:(?P<provider>{_SAID_PROVIDER})(?P<rest>{_JOINT}\w{{2,6}})?(?!\w)"
    rf"|[\w-]{{2,40}}(?:{_AND}|\s)(?:dot|daught|point)(?:{_AND}|\s)(?:com+|co|net|org|me|uk|io|de|in)\b)"
)
_EMAIL_BACKWARDS = re.compile(
    r"\b(?:moc|ten|gro|ku|ni|ed|oi|em)\.[\w.]{2,30}@[\w.\-]{2,40}|\b[\w.]{2,30}liam(?:g|toh|y)\b|\bmoc\.[a-z]{3,12}\b"
)


_PROVIDER_ALONE = re.compile(r"\bgee[\s-]?m(?:ai|a)le?\b|\bgmale\b|\bwhy[\s-]a[\s-]hoo\b")


def email_hidden(folded: Folded, place: Place) -> Iterator[Match]:
    """E-mail addresses that are told piece by piece, misspelled or backwards."""
    del place
    view = folded.plain
    if "@" in view.text or "moc" in folded.levelled.words or folded.spoken:
        for candidate in _EMAIL_BACKWARDS.finditer(view.text):
            yield Match(*view.origin(*candidate.span()), disguised=True)
    for candidate in _PROVIDER_ALONE.finditer(view.text) if folded.spoken else ():
        yield Match(*view.origin(*candidate.span()), disguised=True)
    if folded.spoken is None and not ("at" in view.text and _may_be_written_out(view.text)):
        return
    for candidate in _EMAIL_HIDDEN.finditer(view.text):
        name = candidate["name"]
        told = candidate["provider"] is None or re.search(r"[\W_\d]", name) is not None
        plain = name not in _NO_NAME and (candidate["rest"] is not None or candidate["provider"] not in _WORDS_TOO)
        if told or plain:
            yield Match(*view.origin(*candidate.span()), disguised=True)


# --- links -----------------------------------------------------------------------------------------------------------

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')]{3,200}"
    r"|(?<![\w@.\-])[a-z0-9][a-z0-9\-]{0,62}(?:\.[a-z0-9\-]{1,63}){0,3}"
    r"\.(?:com|net|org|co|uk|io|me|gg|ly|be|tv|app|link|chat|us|ca|de|fr|in|ie|nz|au|info|page|site|online|social|ee|fm)(?![\w\-])"
    r"(?:/[^\s<>\"')]{0,200})?"
    r"|(?<![\w@.\-/])[a-z0-9][a-z0-9\-]{1,40}(?:\.[a-z0-9\-]{2,40}){0,3}\.[a-z]{2,8}/(?!\w{1,5}(?:[\s,.!?]|$))[^\s<>\"')]{3,200}"
)
_CONTACT_DOMAINS = tuple(
    "wa.me whatsapp.com t.me telegram.me telegram.dog discord.gg dsc.gg discord.me discord.com/invite discord.com/users"
    " discordapp.com/invite instagram.com facebook.com fb.com fb.me m.me messenger.com snapchat.com/add snapchat.com/t"
    " tiktok.com/@ twitter.com x.com kik.me signal.me signal.group linkedin.com/in linktr.ee beacons.ai carrd.co"
    " onlyfans.com fansly.com paypal.me paypal.com/paypalme cash.app venmo.com revolut.me monzo.me wise.com/pay ko-fi.com"
    " buymeacoffee.com patreon.com gofundme.com gofund.me justgiving.com/fundraising justgiving.com/page"
    " justgiving.com/crowdfunding givesendgo.com crowdfunder.co.uk spotfund.com zoom.us meet.google.com"
    " teams.microsoft.com teams.live.com meet.jit.si whereby.com webex.com join.skype.com g.co/meet calendly.com cal.com"
    " meetup.com line.me viber.com threads.net threads.com bsky.app reddit.com/u steamcommunity.com s.team twitch.tv"
    " tinder.com badoo.com bumble.com groupme.com guilded.gg spotify.com/user strava.com/athletes etsy.com/shop"
    " soundcloud.com mixcloud.com bandcamp.com flickr.com/photos flickr.com/people pinterest.com pinterest.co.uk"
    " pinterest.ca pinterest.de amzn.eu/wl amazon.co.uk/hz/wishlist amazon.com/hz/wishlist slack.com tumblr.com"
    " wattpad.com/user archiveofourown.org/users deviantart.com youtube.com/@ youtube.com/channel youtube.com/c/"
    " medium.com/@ substack.com github.com letterboxd.com goodreads.com/user vinted.co.uk/member depop.com"
    " poshmark.com/closet matrix.to roblox.com/users roblox.com/share chess.com/member lichess.org/@ last.fm/user vk.com"
    " bigo.tv bere.al ngl.link tellonym.me ask.fm curiouscat.live allmylinks.com bio.link lnk.bio solo.to wordpress.com"
    " blogspot.com wixsite.com weebly.com github.io neocities.org itch.io myshopify.com livejournal.com dreamwidth.org"
    " taplink.cc"
    " heylink.me about.me forms.gle docs.google.com drive.google.com padlet.com redbubble.com/people keybase.io"
    " clubhouse.com/@ vsco.co".split()
)
_OWN_PAGES = frozenset(
    "carrd.co slack.com bandcamp.com tumblr.com substack.com medium.com deviantart.com wordpress.com blogspot.com"
    " wixsite.com weebly.com github.io"
    " neocities.org itch.io myshopify.com livejournal.com dreamwidth.org".split()
)
"""Sites where a part of the domain is somebody's own; at the others something must follow the domain."""


def link(folded: Folded, place: Place) -> Iterator[Match]:
    """Links of any kind but the community's own."""
    for candidate, written in _links(folded):
        if not _is_own(written, place):
            yield candidate


def contact_link(folded: Folded, place: Place) -> Iterator[Match]:
    """Links by which somebody is reached: profiles, invitations, calls, payments."""
    for candidate, written in _links(folded):
        if not _is_own(written, place) and any(_is_under(written, domain) for domain in _CONTACT_DOMAINS):
            yield candidate


def _is_under(written: str, domain: str) -> bool:
    """Whether a link leads to this domain, a part of it, or a path below it."""
    host, _, path = written.partition("/")
    wanted, _, below = domain.partition("/")
    if host != wanted and not host.endswith("." + wanted):
        return False
    return path.startswith(below) and (len(path) > 1 or (wanted in _OWN_PAGES and host != wanted))


def _links(folded: Folded) -> Iterator[tuple[Match, str]]:
    text = folded.plain.text
    if "." not in text or (".a" not in (shape := _shape(text).decode("ascii")) and "://" not in shape):
        return
    for candidate in _LINK.finditer(text):
        written = candidate.group().removeprefix("https://").removeprefix("http://").removeprefix("www.")
        end = candidate.end() - (len(candidate.group()) - len(candidate.group().rstrip(".,!?;:")))
        yield Match(*folded.plain.origin(candidate.start(), end)), written


def _is_own(address: str, place: Place) -> bool:
    domain = address.split("/", 1)[0].rstrip(".,!?;:")
    return any(domain == own or domain.endswith("." + own) for own in place.own_links)


_LINK_SPOKEN = re.compile(
    r"(?<!\w)[\w\-]{1,40}(?:\s{0,2}(?:\(dot\)|\[dot\]|\{dot\})|\s(?:dot|d0t))\s{0,2}(?:com|co|me|gg|net|uk|io|ly|app|link"
    r"|ee|si|eu|tv|chat|be)\b"
    r"(?:\s{0,2}(?:(?:forward\s)?slash|/)\s{0,2}[\w\-]{2,40})?"
    r"|\b(?:t|m|wa|fb)\s(?:dot\s)?me\s{0,2}(?:(?:forward\s|then\s)?slash|/)\s{0,2}\w{2,40}"
    r"|\b[\w\-]{3,30}\s(?:dot\s\w{2,12}\s)(?:then\s|forward\s)?slash\s(?:then\s)?[\w\-]{2,40}"
    r"|\b[\w\-]{3,30}\s(?:then\s|forward\s)?slash\s(?:then\s)?[\w\-]{1,30}\sslash\s(?:then\s)?[\w\-]{2,40}"
    r"|\bw\s?w\s?w\s?\.\s[\w\-]{3,40}\s?\.\s?c\s?o\s?m\b|\b(?:wa|t|m|fb)\.me\s(?:stroke|slash|then)\s[\w\-]{3,40}"
    r"|\b(?:tinyurl|bitly|bit\sly|discord|insta(?:gram)?|facebook|gofundme|linktree|reddit|tiktok|telegram|paypal|youtube|twitch|zoom)"
    r"\s(?:then\s|forward\s)?slash\s(?:then\s)?[\w\-]{2,40}"
)


def link_spoken(folded: Folded, place: Place) -> Iterator[Match]:
    """Links written out in words: ``t dot me slash name``."""
    del place
    if folded.spoken is None and folded.skeleton is None and ".me" not in folded.plain.text:
        return
    for candidate in _LINK_SPOKEN.finditer(folded.plain.text):
        yield Match(*folded.plain.origin(*candidate.span()), disguised=True)


# --- handles ---------------------------------------------------------------------------------------------------------

_HANDLE = re.compile(r"(?<![\w.@])@[a-z0-9_][\w.]{1,29}(?<!\.)(?!\w|@|\.\w)|(?<!\w)[a-z][\w.]{1,29}#\d{4}(?!\d)")


_SPOKEN_TO = re.compile(
    r"(?:^|\b(?:hi|hiya|hey|hello|thanks|thank\syou|thx|ty|cheers|welcome|congrats|agree\swith|well\sdone|love\syou|hugs|morning|night|bye)"
    r"[\s,]{1,2})@?$"
)


def _is_spoken_to(text: str, start: int, end: int) -> bool:
    """Whether this name is somebody being spoken to: it opens a message, or a greeting does."""
    before = _SPOKEN_TO.search(text, max(0, start - 16), start)
    return before is not None and end < len(text) and (start > 1 or text[end] in ",:" or text[start] == "@")


def handle(folded: Folded, place: Place) -> Iterator[Match]:
    """``@name`` and ``name#1234``: whether it is somebody's own account, the words around it say."""
    del place
    text = folded.plain.text
    if "@" not in text and "#" not in text:
        return
    for candidate in _HANDLE.finditer(text):
        if not _is_spoken_to(text, *candidate.span()):
            yield Match(*folded.plain.origin(*candidate.span()))


_USERNAME = re.compile(
    r"(?<![\w./:#&+\-])(?<!\w@)(?:"
    r"[a-z0-9]{1,24}(?:[._\-]{0,2}[a-z0-9]){0,24}_[a-z0-9_.]{0,24}(?<!\.)"  # some_name, name_
    r"|_{1,3}[a-z0-9]{2,24}[a-z0-9_.]{0,12}(?<!\.)"  # _name
    r"|[a-z][a-z0-9]{1,24}(?:\.[a-z0-9]{1,24}){2,4}|[a-z]{2,24}\.[a-z]{1,20}\d{1,6}"  # some.quiet.name, some.name7
    r"|[a-z]{3,24}\d{2,8}[a-z]{0,8}|[a-z]{5,24}\d"  # name88
    r"|[a-z]{2,16}(?:-[a-z]{2,16}){0,3}-\d{1,4}"  # some-name-7
    r")(?![\w@/#]|\.\w)"
)
_CAMEL = re.compile(r"(?<![\w@./:#])(?:[A-Z][a-z]{2,16}|[a-z]{3,16})(?:[A-Z][a-z]{1,16}){1,4}[A-Z]{0,4}\d{0,6}(?!\w|\.\w)")
_NO_USERNAME = re.compile(
    r"\d+|[a-z.]{1,6}|(?:covid|gcse|level|year|grade|page|step|room|day|part|chapter|version|windows|season|episode|iphone"
    r"|vitamin|mp|ps|gpt)\W?\d+"
    r"|(?:[a-z]{2,12}\.){1,2}(?:i|im|it|its|he|she|we|you|they|but|and|so|the|that|this|then|my|no|not|yes|ok|just|what|if"
    r"|is|also|or|to|in|a)"
    r"|(?:[ap]\.m|e\.g|i\.e|u\.k|u\.s)|.*\.(?:com|org|net|co|uk|pdf|jpg|png|docx?|mp[34]|txt|html?|gov|edu)"
)
_BRANDS = frozenset(
    "whatsapp youtube tiktok snapchat paypal linkedin facetime imessage iphone ipad ebay playstation minecraft deviantart soundcloud wechat"
    " groupme bereal onlyfans chatgpt openai wordpress gofundme mcdonalds"
    " justgiving telegramapp fanfic hiphop wifi bandlab letterboxd goodreads"
    " protonmail kakaotalk houseparty googlemeet googlevoice textnow marcopolo rocketchat fosterlink youtuber youtubers"
    " airbnb askreddit fitbit powerpoint onedrive icloud macbook livejournal betterhelp talkspace childline".split()
)
"""Names with a capital inside that are firms, not people."""


def username(folded: Folded, place: Place) -> Iterator[Match]:
    """Words that look like the name of an account: ``some.name_7``, ``SomeName``. Whether they are one, the words around say."""
    del place
    shape = _shape(folded.original)
    inside = b"aA" in shape
    if not (inside or b"a0" in shape or b"_" in shape or b".a" in shape or b"A0" in shape or b"a-0" in shape):
        return
    found: set[int] = set()
    for candidate in _USERNAME.finditer(folded.plain.text):
        if not _NO_USERNAME.fullmatch(candidate.group()) and not _is_spoken_to(folded.plain.text, *candidate.span()):
            match = Match(*folded.plain.origin(*candidate.span()))
            found.update(range(match.start, match.end))
            yield match
    for candidate in _CAMEL.finditer(folded.original) if inside else ():
        if candidate.start() not in found and candidate.group().lower() not in _BRANDS:
            yield Match(*candidate.span())


# --- spelling --------------------------------------------------------------------------------------------------------

_LETTERS = re.compile(r"(?<![\w'])[a-z0-9](?:[ .\-_*|/~,+\"()]{1,4}[a-z0-9](?![\w'])){3,30}")
_LEAST_LETTERS = 4
_NO_SECRET = frozenset(
    "email gmail number numbah phone video videocall call text zoom snap snapchat insta instagram telegram whatsapp discord"
    " facebook skype kik"
    " signal tiktok nought zero triple double seven tired lost driving finally disgusted".split()
)
"""Words whose spelling alone tells nothing about anybody."""
_NATO = (
    r"(?:alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec"
    r"|romeo|sierra|tango|uniform"
    r"|victor|whiske?y|x-?ray|yankee|zulu)"
)
_NATO_ROW = re.compile(
    rf"\b{_NATO}\b(?:\W{{1,3}}(?:(?:then|and|space)\W{{1,3}})?{_NATO}\b){{2,16}}"
    r"|(?:\b[a-z]\s(?:as\sin|for|like)\s\w{2,12}\W{1,3}(?:and\s)?){2}"
)


_MIXED_WRITING = (
    re.compile(r"(?=\w*[a-zA-Z])(?=\w*[\u0370-\u04ff])(?=\w*[_.\d])[\w.]{3,30}"),
    re.compile(r"[\uff21-\uff3a\uff41-\uff5a]{4,30}"),
)
"""Words in letters of two scripts, and full-width letters."""
_IN_SIGNS = re.compile(
    r"(?:[\"'(]?\w{1,12}[\"')]?\s?\+\s?){2,6}[\"'(]?\w{1,12}"
    r"|(?:(?<!\S)[.\-_\u2013\u2014]{2,6}\s+){2,12}[.\-_\u2013\u2014]{2,6}(?!\S)"
)


def spelled_letters(folded: Folded, place: Place) -> Iterator[Match]:
    """Words spelled letter by letter, or by an alphabet of names. Whether that hides something, the words around it say."""
    del place
    text = folded.plain.text
    if folded.skeleton is not None:
        for run in _LETTERS.finditer(text):
            word = "".join(letter for letter in run.group() if letter.isalnum())
            if sum(letter.isalpha() for letter in word) >= _LEAST_LETTERS and word not in _NO_SECRET:
                yield Match(*folded.plain.origin(*run.span()), disguised=True)
    for pattern in _MIXED_WRITING if not folded.original.isascii() else ():
        for run in pattern.finditer(folded.original):
            yield Match(*run.span(), disguised=True)
    if (folded.skeleton or folded.spoken) is not None:
        for run in _IN_SIGNS.finditer(folded.original):
            yield Match(*run.span(), disguised=True)
    if folded.spoken is not None:
        for run in _NATO_ROW.finditer(text):
            yield Match(*folded.plain.origin(*run.span()), disguised=True)


_SPELLED_SAID = re.compile(
    r"\b(?:read|spell|say|type|write|flip|turn|hold)\s(?:it|that|this|them|ur|your|the|my"
    r"|me)\b[^.?!\n]{0,24}\b(?:backwards?|in\sreverse|reversed?|upside\sdown|(?:the|a)\smirror)\b"
    r"|\b(?:it'?s|its|that'?s|thats|is|but|name|handle|user|insta|snap)\s(?:all\s|just\s|in\s)?(?:backwards?|reversed?)\b"
    r"|\b(?:reverse|mirror|decode|unscramble|flip)\s(?:it|this|that|them|the|my)\b"
    r"|\b(?:take\s(?:out|away|off)|remove|drop|delete|lose|cut|swap|minus|without|w/o|ignore|skip)\s(?:(?:out|the|all|every"
    r"|any|its|both)\s){0,2}"
    r"(?:vowels?|consonants?|letters|caps|emojis|hyphens?|underscores?|dots?)\b"
    r"|\b(?:first|last|capital|starting)\sletters?\b[^.?!\n]{0,24}|\b(?:the\s)?(?:capitals|caps|initials)\s(?:are|spell|make|only)\b"
    r"|\b(?:rot\s?13|a1z26|morse|pig\slatin|caesar\scipher|anagram|rebus)\b|\brhymes\swith\b|\bcurly\sa\b|\bat\s(?:sign"
    r"|symbol)\b|\bdollar\ssign\b"
    r"|\b(?:then|and|an?|plus|,|is|the|but|with)\s{0,2}(?:an?\s)?(?:underscore|under\sscore|hyphen)\b|\bunderscore\s\w+"
    r"|\(\s?underscore\s?\)"
    r"|\b(?:spelled|spelt)\s(?:like|with|as|the|w|out|wrong|back|normal\w*)\b|\b(?:all\s)?lowercase\b"
    r"|\b(?:zeros?|ohs?|threes?|fives?|numbers)\s(?:are|r|is|for|instead\sof)\s(?:an?\s|the\s)?(?:letters|ohs?|o's|zeros?"
    r"|e's|es\b|s's|s\b|e\b|o\b)"
)


def spelled_said(folded: Folded, place: Place) -> Iterator[Match]:
    """Words that say how a disguised name is to be read: backwards, without vowels, then an underscore."""
    del place
    for said in _SPELLED_SAID.finditer(folded.plain.text) if folded.spoken is not None else ():
        yield Match(*folded.plain.origin(*said.span()), disguised=True)
    if not folded.original.isascii() and (turned := [sign.start() for sign in _TURNED.finditer(folded.original)])[_LEAST_LETTERS:]:
        yield Match(turned[0], turned[-1] + 1, disguised=True)


_TURNED = re.compile("[\u0250\u01dd\u0254\u025f\u0183\u0265\u1d09\u027e\u029e\u026f\u0279\u0287\u028c\u028d\u028e]")
"""Letters that stand on their heads."""


# --- streets ---------------------------------------------------------------------------------------------------------

_STREETS = frozenset(
    "street st ct pkwy cir cres gdns road rd avenue ave lane ln drive dr close crescent terrace court place way grove"
    " gardens boulevard blvd hill row mews square walk"
    " park view cottages cottage rise green parade quay wharf croft villas estate heights loan wynd".split()
)
_ANY_STREET = "|".join(sorted(_STREETS, reverse=True))
_PLAIN_STREETS = r"(?:street|road|rd|avenue|ave|lane|crescent|terrace|boulevard|blvd|mews|cottages)"
_NO_STREET = (
    r"(?:the|a|an|of|in|on|my|your|ur|and|or|to|from|down|up|at|for|by|is|was|as|it|its|it's|this|that|his|her|our|their|no"
    r"|not|too|so|very|per|each|every|all|other|same"
    r"|different|more|long|dark|busy|main|good|nice|big|small|little|cold|quick|short|gentle|brisk|slow|wrong|right|half"
    r"|full|empty|open|lovely|way|ways|times?|o'clock"
    r"|(?:years?|days?|weeks?|months?|hours?|hrs?|mins?|minutes?|seconds?|secs?|miles?|km|metres?|blocks?|steps?|stars?"
    r"|people|kids|men|women|lads|girls|guys|cars?|dogs?|trees|houses"
    r"|lanes?|person|pm|am|mg|ml|kg|st|nd|rd|th|bed|bedroom|car|man|storey|story|way)\b)"
)
_STREET_PART = rf"(?!{_NO_STREET}\b)[a-z'\u00df-\u00ff][\w'.\-\u00df-\u00ff]{{1,18}}"
_STREET = re.compile(
    rf"(?<![\w.\u00a3$\u20ac:/-])\d{{1,4}}[a-d]?,?\s(?:{_STREET_PART}\s){{1,3}}{_PLAIN_STREETS}\b(?!\s(?:trip|map|rage|test"
    rf"|works|ahead|food|cred|view))"
    rf"|(?:^|(?<=[.,:;!?(\n])\s{{0,2}}|(?<!\w)(?:at|to|is|its|it's|yes|yeah|ok|me|live|address|number|no|by|anyway|lol|here|on)\s)"
    rf"(?P<place>\d{{1,4}}[a-d]?,?\s(?:{_STREET_PART}\s){{1,2}}(?:{_ANY_STREET}))(?=\s{{0,2}}(?:[,.!?)\n]|$)|\s(?:in|near|off|beside|behind|after)\s)"
)


def street(folded: Folded, place: Place) -> Iterator[Match]:
    """House number and street: ``14 Thistle Moss Road``, ``4 quarry close, by the church``."""
    del place
    text = folded.plain.text
    if _STREETS.isdisjoint(folded.levelled.words) or "0" not in _shape(text).decode("ascii"):
        return
    for candidate in _STREET.finditer(text):
        yield Match(*folded.plain.origin(*candidate.span("place" if candidate["place"] else 0)))


# --- names -----------------------------------------------------------------------------------------------------------

_NAME_PART = r"[A-Z\u00c0-\u00de][a-z\u00df-\u024f]{1,20}(?:['\u2019-][A-Z]?[a-z\u00df-\u024f]{1,20})?"
_ON = (
    r"(?:[Ff]b|[Ff]acebook|[Ll]inked\s?[Ii]n|[Ii]nsta(?:gram)?|IG|ig"
    r"|[Ss]nap(?:chat)?|[Ss]kype|[Mm]essenger|[Tt]elegram|[Ss]trava|[Tt]witter|[Tt]ik\s?[Tt]ok|[Ss]oundcloud)"
)
_FULL_NAME = re.compile(
    r"(?:\b(?:[Ii]['\u2019]?m|[Ii]\sam|[Mm]y\s(?:full\s|real\s)?name(?:\sis|['\u2019]s|s)?|(?<!\w\s)[Nn]ame(?:\sis"
    r"|['\u2019]s|:)|[Aa]sk\s(?:for|after)|[Ll]ook\sfor"
    r"|[Ff]ind\sme(?:\sas|\sunder)?|[Mm]e\sup,?|I\sgo\sby|[Ss]earch\s(?:for|mo)|[Tt]ype|[Gg]oogle|[Rr]eal\sme\sis"
    r"|[Bb]yline(?:['\u2019]s|\sis)|[Ii]t['\u2019]?ll\sbe\sfrom|[Tt]he\sonly"
    rf"|[Rr]egistered\sas|(?:[Ll]etters?|[Pp]ost|[Mm]ail)(?:\sto|:)|[Rr]eaches\sme\sas|{_ON}(?:['\u2019]s|\sis|\sname\sis"
    rf"|\s[Ii]['\u2019]?m|\sas|\sunder|,?\s[Ii]['\u2019]?m\sunder)(?:\sunder)?)[,:]?)\s"
    r"(?:really\s|actually\s|called\s)?(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|Sister|Brother|Father|Rev|Professor)\.?\s)?"
    rf"(?P<name>{_NAME_PART}(?:\s(?:[A-Z]\.\s)?{_NAME_PART}){{1,3}})(?!\w)"
    rf"|(?P<before>{_NAME_PART}(?:\s(?:[A-Z]\.\s)?{_NAME_PART}){{1,3}})(?:,\s|\s[-\u2013\u2014]\s"
    rf"|[.]\s)(?:(?:and\s)?[Ii]['\u2019]?m\son\s{_ON}|[Tt]hat['\u2019]?s\s(?:me|my\sname)\b"
    r"|look\sme\sup|you\scan\s(?:find|search|google))"
    rf"|(?:[Ll]ast\sname|[Ss]urname)(?:['\u2019]s|\sis|:)?\s(?P<last>{_NAME_PART})(?!\w)"
)
_TWO_NAMES = 2
_CAPITALS_TOO = frozenset(
    "January February March April May June July August September"
    " October November December Monday Tuesday Wednesday Thursday Friday Saturday"
    " Sunday English Christmas Easter God Jesus Google Facebook Instagram South North East West New Great United Happy Not Just Very So"
    " Really Going Still Feeling Sorry Glad Here In At On The A An My Your And But Trying Doing Having Being From Listener Member"
    " Irish British Scottish Welsh Polish Turkish Spanish Jewish Catholic"
    " Muslim Christian Hindu Sikh Buddhist Black White Asian American African"
    " Indian Pakistani Nigerian Canadian Australian German French Italian Greek Russian Chinese Japanese Korean Filipino Mexican Brazilian"
    " European Latina Latino Hispanic Arab Protestant Orthodox Mormon Bipolar Autistic Type Team Gen Doctor Mum Mom Dad Saint St".split()
)


def full_name(folded: Folded, place: Place) -> Iterator[Match]:
    """A first and a last name with capitals, where somebody says that it is theirs."""
    del place
    if _shape(folded.original).count(b" Aa") < _TWO_NAMES:
        return
    for candidate in _FULL_NAME.finditer(folded.original):
        which = candidate.lastgroup or "name"
        if _CAPITALS_TOO.isdisjoint(candidate[which].split()):
            yield Match(*candidate.span(which))


def may_match(folded: Folded) -> bool:
    """Whether any matcher can find anything at all: one gate in front of all of theirs, and never narrower than one of them."""
    original = folded.original
    if folded.plain.at is not None or folded.skeleton is not None or folded.spoken is not None or not original.isascii():
        return True
    signs = original.encode().translate(None, _NO_SIGNS)
    if signs.strip(b"./"):
        return True
    if signs and (b".a" in (shape := _shape(original)) or b".A" in shape or b"://" in shape):
        return True
    if not original.islower() and (b"aA" in (shape := _shape(original)) or shape.count(b" Aa") >= _TWO_NAMES):
        return True
    return ("at" in folded.levelled.words or " a t " in folded.levelled.text) and _may_be_written_out(folded.plain.text)


MATCHERS: dict[str, Matcher] = {
    "phone": phone,
    "number_hidden": number_hidden,
    "number_start": number_start,
    "number_more": number_more,
    "number_words": number_words,
    "local_number": local_number,
    "email": email,
    "email_hidden": email_hidden,
    "link": link,
    "contact_link": contact_link,
    "link_spoken": link_spoken,
    "handle": handle,
    "username": username,
    "street": street,
    "spelled_letters": spelled_letters,
    "spelled_said": spelled_said,
    "full_name": full_name,
}
"""Every matcher that a cue may name."""
