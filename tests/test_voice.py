"""The voice: masks that cover whole characters, and names that are nothing but names."""

from __future__ import annotations

import msgspec
import pytest
from make import MAYA, SAM, assistant, direct, say

from bot.assistant import Assistant
from bot.matchers import Place
from bot.model import ActionKind, Certainty, Kind, Signal
from bot.voice import MASK, Community, Helpline, masked


@pytest.mark.parametrize(
    ("text", "spans", "shown"),
    [
        ("call 123 now", [(5, 8)], f"call {MASK} now"),
        ("call 123 now", [(5, 8), (5, 8)], f"call {MASK} now"),
        ("call 123456 now", [(5, 9), (7, 11)], f"call {MASK} now"),
        ("1 and 2", [(6, 7), (0, 1)], f"{MASK} and {MASK}"),
        ("x 👨‍👩‍👧 y", [(3, 4)], f"x {MASK} y"),
        ("all", [(0, 3)], MASK),
    ],
)
def test_masks(text: str, spans: list[tuple[int, int]], shown: str) -> None:
    """Each span is covered once, in order, widened to whole characters as people see them."""
    signals = tuple(Signal(Kind.CONTACT_SHARE, "rules", "x", Certainty.SURE, None, *span) for span in spans)
    assert masked(text, signals) == shown


def test_a_name_that_is_more_than_a_name_is_not_spoken() -> None:
    """Numbers, links and long names become "the other person"."""
    speak = assistant().voice.spoken_name
    names = ("Sam", " Sam B ", "", "call 07700900123", "x" * 25, "me@mail.example", "Sam2024")
    assert [speak(msgspec.structs.replace(SAM, name=name)) for name in names] == ["Sam", "Sam B", *["the other person"] * 5]
    assert speak(None) == "the other person"


LINES = (
    Helpline("Ours", "1", "tel:1", ("GB", "IE")),
    Helpline("Theirs", "2", "tel:2", ("US",)),
    Helpline("Anywhere", "3", "https://three.example"),
)


@pytest.mark.parametrize(
    ("locale", "named"),
    [
        ("en-GB", ["Ours", "Anywhere"]),
        ("en_US.UTF-8", ["Theirs", "Anywhere"]),
        ("ga-ie", ["Ours", "Anywhere"]),
        ("zh-Hans-US", ["Theirs", "Anywhere"]),
        ("de-DE", ["Anywhere"]),
        ("en", ["Theirs", "Anywhere"]),
        ("", ["Theirs", "Anywhere"]),
        ("-GBX", ["Theirs", "Anywhere"]),
    ],
)
def test_helplines_go_by_country(locale: str, named: list[str]) -> None:
    """Nobody is sent to a number that doesn't answer where they live; a line for everywhere comes last.

    Who names no country is taken to live where the community does.
    """
    community = Community(Place(regions=("US", "GB")), helplines=LINES)
    assert [line.name for line in community.helplines_for(locale)] == named


def test_a_helpline_of_elsewhere_is_better_than_none() -> None:
    """Where there is nothing for somebody's country or for everywhere, all lines are named."""
    assert Community(helplines=LINES[:2]).helplines_for("de-DE") == LINES[:2]


@pytest.mark.parametrize("together", ["", "https://porch.example/favourites"])
def test_who_has_grown_close_is_shown_the_way_that_there_is(together: str) -> None:
    """R101: where the host has a way to stay in touch on the site, the answer to a goodbye leads to it; else there is no such button."""
    known = assistant()
    community = msgspec.structs.replace(known.community, together=together)
    own = Assistant(known.scanner, known.composer, known.prompts, known.links, community)
    answer, _ = say(direct(), MAYA, "I'm scared of losing you, can I have your number in case you go?", on=own)
    for nudge in answer.nudges:
        assert [action.href for action in nudge.actions if action.kind is ActionKind.TOGETHER] == ([together] if together else [])
