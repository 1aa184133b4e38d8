"""Names of accounts: handles, words that look like a username, and names spelled out or told by how they are to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase

from bot.matchers.place import Match, Place, shape_of
from bot.text import Folded

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
    shape = shape_of(folded.original)
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


def _is_alphabet(word: str) -> bool:
    """Whether somebody says the alphabet, forward or backward."""
    return word in ascii_lowercase or word[::-1] in ascii_lowercase


def spelled_letters(folded: Folded, place: Place) -> Iterator[Match]:
    """Words spelled letter by letter, or by an alphabet of names. Whether that hides something, the words around it say."""
    del place
    text = folded.plain.text
    if folded.skeleton is not None:
        for run in _LETTERS.finditer(text):
            word = "".join(letter for letter in run.group() if letter.isalnum())
            if sum(letter.isalpha() for letter in word) >= _LEAST_LETTERS and word not in _NO_SECRET and not _is_alphabet(word):
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
    r"\b(?:read|spell|say|type|write|flip|turn|hold|look\sat)\s(?:(?:it|that|this|them|ur|your|the|my"
    r"|me)\b[^.?!\n]{0,24}\s)?(?:backwards?|in\sreverse|reversed?|upside\sdown|(?:(?:in|with|to|at)\s)?(?:the|a)\smirror"
    r"|from\sthe\s(?:right|end|back)|(?:from\s)?right\sto\sleft|back\sto\sfront)\b"
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
