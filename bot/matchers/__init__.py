"""What patterns alone cannot judge: phone numbers, e-mail addresses, links and handles. A cue names one by ``with = "phone"``.

Each matcher begins with a gate that costs next to nothing, since almost every message stops there.
"""

from __future__ import annotations

from bot.matchers.email import email, email_hidden, may_be_written_out
from bot.matchers.handle import handle, spelled_letters, spelled_said, username
from bot.matchers.hidden import number_hidden, number_more, number_start, number_words
from bot.matchers.link import contact_link, link, link_spoken
from bot.matchers.names import TWO_NAMES, full_name
from bot.matchers.phone import local_number, phone
from bot.matchers.place import Match, Matcher, Place, shape_of
from bot.matchers.street import street
from bot.text import Folded

__all__ = ["MATCHERS", "Match", "Matcher", "Place", "may_match"]

_NO_SIGNS = bytes(code for code in range(256) if chr(code) not in "0123456789@#_./")
"""All but the characters that only a detail has, and those that it may have."""


def may_match(folded: Folded) -> bool:
    """Whether any matcher can find anything at all: one gate in front of all of theirs, and never narrower than one of them."""
    original = folded.original
    if folded.plain.at is not None or folded.skeleton is not None or folded.spoken is not None or not original.isascii():
        return True
    signs = original.encode().translate(None, _NO_SIGNS)
    if signs.strip(b"./"):
        return True
    if signs and (b".a" in (shape := shape_of(original)) or b".A" in shape or b"://" in shape):
        return True
    if not original.islower() and (b"aA" in (shape := shape_of(original)) or shape.count(b" Aa") >= TWO_NAMES):
        return True
    return ("at" in folded.levelled.words or " a t " in folded.levelled.text) and may_be_written_out(folded.plain.text)


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
