"""Links: of any kind but the community's own, those by which somebody is reached, and those written out in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.matchers.place import Match, Place, is_own, shape_of
from bot.text import Folded

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')]{3,200}"
    r"|(?<![\w@.\-])[a-z0-9][a-z0-9\-]{0,62}(?:\.[a-z0-9\-]{1,63}){0,3}"
    r"\.(?:com|net|org|co|uk|io|me|gg|ly|be|tv|app|link|chat|us|ca|de|fr|in|ie|nz|au|info|page|site|online|social|ee|fm|example)(?![\w\-])"
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
        if not is_own(written, place):
            yield candidate


def contact_link(folded: Folded, place: Place) -> Iterator[Match]:
    """Links by which somebody is reached: profiles, invitations, calls, payments."""
    for candidate, written in _links(folded):
        if not is_own(written, place) and any(_is_under(written, domain) for domain in _CONTACT_DOMAINS):
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
    if "." not in text or (".a" not in (shape := shape_of(text).decode("ascii")) and "://" not in shape):
        return
    for candidate in _LINK.finditer(text):
        written = candidate.group().removeprefix("https://").removeprefix("http://").removeprefix("www.")
        end = candidate.end() - (len(candidate.group()) - len(candidate.group().rstrip(".,!?;:")))
        yield Match(*folded.plain.origin(candidate.start(), end)), written


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
