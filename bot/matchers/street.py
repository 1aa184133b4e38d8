"""Streets: a house number and the name of a street, told from other numbers that stand before such words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.matchers.place import Match, Place, shape_of
from bot.text import Folded

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
    if _STREETS.isdisjoint(folded.levelled.words) or "0" not in shape_of(text).decode("ascii"):
        return
    for candidate in _STREET.finditer(text):
        yield Match(*folded.plain.origin(*candidate.span("place" if candidate["place"] else 0)))
