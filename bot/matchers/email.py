"""E-mail addresses: as they are, written out in words, misspelled, backwards or told piece by piece; those of offices are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.matchers.place import Match, Place, is_own
from bot.text import Folded

_EMAIL = re.compile(
    r"[\w.+\-]{1,64}@(?:[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4}|(?:ok[a-z]{3,8}|ybl|paytm|upi|ibl|axl"
    r"|(?:g|hot|google|rocket|proton|y)mail|outlook|yahoo|icloud|proton|gmx|aol|live)\b)"
)
"""Mail, also at a known provider without its ending, and the addresses by which money is sent in India: all end at a person."""
_PROVIDERS = (
    r"(?:(?:the\s)?(?:g|gee|google|hot|y|rocket|fast|tuta)\s?mail|gmial|gmal|gmil|hotmial|out\s?look|yahoo|pro\s?ton(?:\s?mail)?|i\s?cloud"
    r"|aol|gmx|tutanota|tuta|live)"
)
_DOT = r"(?:\.|dot|\(dot\)|\[dot\])"
_AT = r"(?:@|at(?:\sthe\srate(?:\sof)?)?|\(at\)|\[at\]|a\s?t)"
_TLD = r"(?:com|co\s{0,2}(?:\.|dot)\s{0,2}uk|co|net|org|me|io|de|fr|in|uk|info|example)"
_WRITTEN_OUT = re.compile(
    rf"(?<![\w'])(?P<name>\w(?:\s{{1,2}}(?:(?:[._\-]|\(?dot\)?)\s{{1,2}})?\w(?!\w)){{2,40}}"
    rf"|[\w+\-]{{1,40}})(?:\s{{0,2}}(?:\.|dot|underscore|_|dash|-)\s{{0,2}}[\w+]{{1,30}}){{0,4}}\s{{0,2}}(?<!\w)(?P<at>{_AT})\s{{0,2}}"
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
    return candidate["provider"] not in _WORDS_TOO or candidate["rest"] is not None or not candidate["at"][0].isalpha()


def may_be_written_out(text: str) -> bool:
    """Whether a text has any of the words without which no address is written out."""
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
                if not (is_own(address.rsplit("@", 1)[1], place) or _is_public_mail(address) or _EMAIL_BACKWARDS.fullmatch(address)):
                    yield Match(*view.origin(*candidate.span()))
        if "at" in text and may_be_written_out(text):
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
    if folded.spoken is None and not ("at" in view.text and may_be_written_out(view.text)):
        return
    for candidate in _EMAIL_HIDDEN.finditer(view.text):
        name = candidate["name"]
        told = candidate["provider"] is None or re.search(r"[\W_\d]", name) is not None
        plain = name not in _NO_NAME and (candidate["rest"] is not None or candidate["provider"] not in _WORDS_TOO)
        if told or plain:
            yield Match(*view.origin(*candidate.span()), disguised=True)
