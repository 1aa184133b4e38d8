"""The voice: masks that cover whole characters, and names that are nothing but names."""

from __future__ import annotations

import msgspec
import pytest
from make import SAM, assistant

from bot.model import Certainty, Kind, Signal
from bot.voice import MASK, masked


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
