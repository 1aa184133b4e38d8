"""The end of a chat: who is told, of what, and when nobody is."""

from __future__ import annotations

import msgspec
import pytest
from make import LIMITS, MAYA, NOW, ROBIN, SAM, assistant, chance, direct, room, say

from bot.model import Chat, ChatKind, Closed, Ending, Person

TALK = ((MAYA, "hi"), (SAM, "hello, I'm here"), (MAYA, "I had a hard day"), (SAM, "tell me"), (MAYA, "my sister again"), (MAYA, "you know"))


def talked(chat: Chat, *more: tuple[Person, str]) -> Chat:
    """The chat after some harmless turns."""
    for author, text in (*TALK, *more):
        _, chat = say(chat, author, text)
    return chat


def told(chat: Chat, by: str = "sam", reason: Ending = Ending.LEFT, now: float = NOW + 5) -> dict[str, str]:
    """Person to topic."""
    answer, after, _ = assistant().hear(Closed(chat.id, by, reason), chat, {}, now, chance())
    assert msgspec.structs.replace(after, ended=None) == chat
    return {nudge.to[0]: nudge.prompt.split("/")[0] for nudge in answer.nudges}


def test_a_talk_that_a_listener_leaves_in_the_middle_is_told() -> None:
    """The other person hears of it, and nobody else."""
    assert told(talked(direct())) == {"maya": "left"}
    assert told(talked(direct()), reason=Ending.LOST) == {"maya": "left.lost"}


@pytest.mark.parametrize(
    ("by", "reason", "now"),
    [
        ("maya", Ending.LEFT, NOW + 5),
        ("zoe", Ending.LEFT, NOW + 5),
        ("", Ending.LEFT, NOW + 5),
        ("sam", Ending.IDLE, NOW + 5),
        ("sam", Ending.BLOCKED, NOW + 5),
        ("sam", Ending.LEFT, NOW + LIMITS.sudden_seconds),
    ],
)
def test_other_ends_are_let_go_in_silence(by: str, reason: Ending, now: float) -> None:
    """A member who goes, a block, an idle chat, a stranger, and a talk that was over long before."""
    assert told(talked(direct()), by, reason, now) == {}


def test_a_talk_that_has_hardly_begun_does_not_end_suddenly() -> None:
    """Nor does a room, nor a chat in which one person alone spoke."""
    chat = direct()
    for author, text in TALK[: LIMITS.sudden_messages - 1]:
        _, chat = say(chat, author, text)
    assert told(chat) == {}
    assert told(talked(msgspec.structs.replace(direct(MAYA, SAM, ROBIN), kind=ChatKind.ROOM))) == {}
    assert told(talked(room())) == {}
    alone = direct()
    for _, text in TALK:
        _, alone = say(alone, MAYA, text)
    assert told(alone) == {}


@pytest.mark.parametrize(
    "last",
    [
        (SAM, "I have to go now, take care"),
        (SAM, "our time is nearly up"),
        (MAYA, "thanks for listening, good night"),
        (MAYA, "ok bye"),
    ],
)
def test_a_goodbye_by_either_is_one(last: tuple[Person, str]) -> None:
    """Who said it does not matter; it was not without a word."""
    assert told(talked(direct(), last)) == {}


def test_words_that_only_sound_like_a_goodbye_are_none() -> None:
    """Taking care of somebody is no farewell."""
    assert told(talked(direct(), (MAYA, "I take care of my mother all day"))) == {"maya": "left"}
