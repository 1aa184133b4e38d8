"""What patterns alone cannot judge: phone numbers, e-mail addresses, links and handles. A cue names one by ``with = "phone"``.

Each matcher begins with a gate that costs next to nothing, since almost every message stops there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

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
    if len(digits) < _LOCAL_DIGITS or _DATE.match(candidate) or _YEARS.fullmatch(candidate) or _PRICE.fullmatch(candidate):
        return False
    if not prefixed and (len(digits) == _LOCAL_DIGITS or _LIST.fullmatch(candidate)):
        return False
    if not parse:
        return prefixed
    dialled = ("+" if candidate.startswith("+") else "") + digits
    for region in place.regions:
        try:
            number = phonenumbers.parse(dialled, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.number_type(number) not in _PUBLIC
        if prefixed and phonenumbers.is_possible_number(number) and digits[:2] != "00":
            return True
    return False


_SHORT = re.compile(r"(?<![\w./-])\d{3}[\s.\-]\d{4}(?![\w/-]|\.\d)|(?<![\w./-])\d{7,9}(?![\w/-]|\.\d)")


def local_number(folded: Folded, place: Place) -> Iterator[Match]:
    """A number as neighbours dial it: a phone number only if the words around it say so."""
    del place
    if not _has_digits(folded.plain.text):
        return
    for candidate in _SHORT.finditer(folded.plain.text):
        if not _YEARS.fullmatch(candidate.group()):
            yield Match(*folded.plain.origin(*candidate.span()))


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
    rf"(?<![\w'])(?P<name>\w(?:\s{{1,2}}(?:(?:[._\-]|\(?dot\)?)\s{{1,2}})?\w(?!\w)){{2,40}}|[\w+\-]{{1,40}})(?:\s{{0,2}}(?:\.|dot|underscore|_|dash|-)\s{{0,2}}[\w+]{{1,30}}){{0,4}}\s{{0,2}}(?<!\w){_AT}\s{{0,2}}"
    rf"(?:(?P<provider>{_PROVIDERS})(?P<rest>\s{{0,2}}{_DOT}\s{{0,2}}{_TLD})?|[\w\-]{{2,40}}\s{{0,2}}(?:dot|\(dot\)|\[dot\])\s{{0,2}}{_TLD})"
    r"(?!\w)"
)
_WRITTEN_GATE = ("mail", "dot", "outlook", "out look", "yahoo", "proton", "icloud", "i cloud", "aol", "gmx", "tuta", "live")
_WORDS_TOO = frozenset({"live", "outlook", "yahoo", "proton", "aol", "icloud", "i cloud"})
"""Providers that are words or firms as well: without their ending they are no address."""
_NO_NAME = frozenset(
    "account address email emails good inbox it job look looked looking mail"
    " me my people staff stare team them thing work worked working works"
    " up away back login out here not got is was be".split()
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


def email(folded: Folded, place: Place) -> Iterator[Match]:
    """E-mail addresses, also written out: ``j dot smith at gee mail``."""
    found: list[Match] = []
    for view in (folded.plain, folded.skeleton):
        if view is None:
            continue
        text = view.text
        if "@" in text and view is folded.plain:
            for candidate in _EMAIL.finditer(text):
                if not _is_own(candidate.group().rsplit("@", 1)[1], place):
                    yield Match(*view.origin(*candidate.span()))
        if "at" in text and _may_be_written_out(text):
            for candidate in _WRITTEN_OUT.finditer(text):
                match = Match(*view.origin(*candidate.span()), disguised=True)
                if _is_written_out(candidate) and not any(match.start < other.end and other.start < match.end for other in found):
                    found.append(match)
                    yield match


# --- links -----------------------------------------------------------------------------------------------------------

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')]{3,200}"
    r"|(?<![\w@.\-])[a-z0-9][a-z0-9\-]{0,62}(?:\.[a-z0-9\-]{1,63}){0,3}"
    r"\.(?:com|net|org|co|uk|io|me|gg|ly|be|tv|app|link|chat|us|ca|de|fr|in|ie|nz|au|info|page|site|online|social|ee|fm)(?![\w\-])"
    r"(?:/[^\s<>\"')]{0,200})?"
)
_CONTACT_DOMAINS = (
    *("wa.me", "whatsapp.com", "t.me", "telegram.me", "discord.gg", "discord.com/invite", "discordapp.com/invite", "instagram.com"),
    *("facebook.com", "fb.com", "fb.me", "m.me", "snapchat.com/add", "tiktok.com/@", "twitter.com", "x.com", "kik.me", "signal.me"),
    *("linkedin.com/in", "linktr.ee", "beacons.ai", "carrd.co", "onlyfans.com", "fansly.com", "paypal.me", "cash.app", "venmo.com"),
    *("ko-fi.com", "buymeacoffee.com", "gofundme.com", "zoom.us", "meet.google.com", "teams.microsoft.com", "join.skype.com"),
    *("calendly.com", "meetup.com", "line.me", "viber.com", "threads.net", "bsky.app", "reddit.com/u", "steamcommunity.com"),
    *("twitch.tv", "tinder.com", "badoo.com", "bumble.com", "groupme.com", "guilded.gg", "spotify.com/user", "patreon.com"),
)


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
    return (host == wanted or host.endswith("." + wanted)) and path.startswith(below)


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
    r"(?<![\w@./:#&+\-])(?:"
    r"[a-z0-9]{1,24}(?:[._\-]{0,2}[a-z0-9]){0,24}_[a-z0-9_.]{0,24}(?<!\.)"  # some_name, name_
    r"|_{1,3}[a-z0-9]{2,24}[a-z0-9_.]{0,12}(?<!\.)"  # _name
    r"|[a-z][a-z0-9]{1,24}(?:\.[a-z0-9]{1,24}){2,4}|[a-z]{2,24}\.[a-z]{1,20}\d{1,6}"  # some.quiet.name, some.name7
    r"|[a-z]{3,24}\d{2,8}[a-z]{0,8}|[a-z]{5,24}\d"  # name88
    r"|[a-z]{2,16}(?:-[a-z]{2,16}){0,3}-\d{1,4}"  # some-name-7
    r")(?![\w@/#]|\.\w)"
)
_CAMEL = re.compile(r"(?<![\w@./:#])(?:[A-Z][a-z]{2,16}|[a-z]{3,16})(?:[A-Z][a-z]{1,16}){1,4}\d{0,6}(?!\w|\.\w)")
_NO_USERNAME = re.compile(
    r"\d+|[a-z.]{1,6}|(?:covid|gcse|level|year|grade|page|step|room|day|part|chapter|version|windows|season|episode|iphone|vitamin|mp|ps|gpt)\W?\d+"
    r"|(?:[a-z]{2,12}\.){1,2}(?:i|im|it|its|he|she|we|you|they|but|and|so|the|that|this|then|my|no|not|yes|ok|just|what|if|is|also|or|to|in|a)"
    r"|(?:[ap]\.m|e\.g|i\.e|u\.k|u\.s)|.*\.(?:com|org|net|co|uk|pdf|jpg|png|docx?|mp[34]|txt|html?|gov|edu)"
)
_BRANDS = frozenset(
    "whatsapp youtube tiktok snapchat paypal linkedin facetime imessage iphone ipad ebay playstation minecraft deviantart soundcloud wechat"
    " groupme bereal onlyfans chatgpt openai wordpress gofundme mcdonalds"
    " justgiving telegramapp fanfic hiphop wifi bandlab letterboxd goodreads"
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


# --- names -----------------------------------------------------------------------------------------------------------

_NAME_PART = r"[A-Z][a-z\u00df-\u00ff]{1,20}(?:['\u2019-][A-Z]?[a-z\u00df-\u00ff]{1,20})?"
_FULL_NAME = re.compile(
    r"(?:\b(?:[Ii]['\u2019]?m|[Ii]\sam|[Mm]y\s(?:full\s|real\s)?name(?:\sis|['\u2019]s|s)?|(?<!\w\s)[Nn]ame(?:\sis|['\u2019]s|:)|[Aa]sk\s(?:for|after)|[Ll]ook\sfor"
    r"|[Ff]ind\sme(?:\sas|\sunder)?|[Mm]e\sup,?|I\sgo\sby|[Ss]earch\s(?:for|mo)|[Tt]ype|[Gg]oogle)[,:]?)\s"
    r"(?:really\s|actually\s|called\s)?(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|Sister|Brother|Father|Rev|Professor)\.?\s)?"
    rf"(?P<name>{_NAME_PART}(?:\s{_NAME_PART}){{1,3}})(?!\w)"
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
        if _CAPITALS_TOO.isdisjoint(candidate["name"].split()):
            yield Match(*candidate.span("name"))


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
    "local_number": local_number,
    "email": email,
    "link": link,
    "contact_link": contact_link,
    "handle": handle,
    "username": username,
    "full_name": full_name,
}
"""Every matcher that a cue may name."""
