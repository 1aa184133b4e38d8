"""Names of people: a first and a last name with capitals, where somebody says that it is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.matchers.place import Match, Place, shape_of
from bot.text import Folded

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
TWO_NAMES = 2
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
    if shape_of(folded.original).count(b" Aa") < TWO_NAMES:
        return
    for candidate in _FULL_NAME.finditer(folded.original):
        which = candidate.lastgroup or "name"
        is_somebodys = candidate[which].endswith(("'s", "\u2019s"))  # I'm Daniel Smith's son
        if not is_somebodys and _CAPITALS_TOO.isdisjoint(candidate[which].split()):
            yield Match(*candidate.span(which))
