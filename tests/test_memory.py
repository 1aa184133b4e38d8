"""What is remembered of a chat: a tail with an end, and words that fade before cues do."""

from __future__ import annotations

import pytest
from make import MAYA, NOW, SAM, direct, say

from bot.memory import QUIET_TEXT_SECONDS, TAIL_MESSAGES, TEXT_SECONDS, fade

BATTERY = "this app drains my battery, could we use telegram?"


def test_the_tail_has_an_end() -> None:
    """Only the last messages are kept."""
    chat = direct()
    for number in range(TAIL_MESSAGES + 3):
        _, chat = say(chat, MAYA, f"line {number}")
    assert (len(chat.tail), chat.memory.heard, chat.tail[-1].id) == (TAIL_MESSAGES, TAIL_MESSAGES + 3, f"m{TAIL_MESSAGES + 2}")


@pytest.mark.parametrize(("text", "keep"), [("I had a long day", QUIET_TEXT_SECONDS), (BATTERY, TEXT_SECONDS)])
def test_words_fade_and_cues_stay(text: str, keep: float) -> None:
    """The words of a quiet chat are dropped sooner than those of one with signals; cues stay."""
    _, chat = say(direct(), SAM, text)
    assert fade(chat, NOW + keep - 1) is chat
    faded = fade(chat, NOW + keep)
    assert faded.tail[0].text is None
    assert faded.tail[0].cues == chat.tail[0].cues
    assert fade(faded, NOW + keep) is faded
