"""Where memories lie: a chat that rests is there for whoever asks, and takes little room."""

from __future__ import annotations

import msgspec
import pytest
from make import KIT, MAYA, NOW, SAM, direct, room, say

from bot.edge.shelf import Chats, PeopleMemories
from bot.memory import fade
from bot.model import PersonMemory


def test_a_chat_that_rests_is_still_there() -> None:
    """It comes back as it was, and is awake again when something new is remembered of it."""
    chats = Chats()
    chat, other = direct(), room()
    chats[chat.id], chats[other.id] = chat, other
    chats.rest(chat)
    assert (chats["c1"], chats.get("c1"), len(chats), set(chats)) == (chat, chat, 2, {"c1", "r1"})
    assert (chats.awake(), chats.resting()) == ([other], [("c1", NOW)])
    chats["c1"] = chat
    assert (len(chats), len(chats.awake()), chats.resting()) == (2, 2, [])


def test_what_cannot_rest_stays_awake() -> None:
    """A chat with words is never packed, and nothing of it is lost."""
    _, chat = say(direct(), MAYA, "I had a long day")
    chats = Chats()
    chats.rest(chat)
    assert (chats.awake(), chats.resting(), chats["c1"]) == ([chat], [], chat)
    chats.rest(fade(chat, NOW + 9e9))
    assert (chats.awake(), [name for name, _ in chats.resting()]) == ([], ["c1"])
    assert chats["c1"].memory.heard == 1


def test_what_is_forgotten_is_gone() -> None:
    """Awake or at rest; twice is an error."""
    chats = Chats()
    for chat in (direct(), room()):
        chats[chat.id] = chat
    chats.rest(direct())
    for name in ("c1", "r1"):
        del chats[name]
        assert chats.get(name) is None
        with pytest.raises(KeyError):
            del chats[name]
    assert len(chats) == 0


def test_somebodys_chats_are_found_awake_and_at_rest() -> None:
    """By their whole id: somebody whose id holds theirs is somebody else."""
    maya2 = msgspec.structs.replace(MAYA, id="maya2")
    chats = Chats()
    chats["a"] = msgspec.structs.replace(direct(), id="a")
    chats["b"] = msgspec.structs.replace(direct(MAYA, KIT), id="b")
    chats["c"] = msgspec.structs.replace(direct(maya2, SAM), id="c")
    for name in ("b", "c"):
        chats.rest(chats[name])
    assert [chat.id for chat in chats.of("maya")] == ["a", "b"]
    assert [chat.id for chat in chats.of("maya2")] == ["c"]


def test_people_are_remembered_packed() -> None:
    """What is remembered comes back equal; of whom nothing is remembered there is nothing."""
    people = PeopleMemories()
    people.update({"maya": PersonMemory(tips=3, dismissed={"secrecy": 1.5}), "sam": PersonMemory()})
    people["maya"] = msgspec.structs.replace(people["maya"], nudged=2)
    assert dict(people) == {"maya": PersonMemory(tips=3, dismissed={"secrecy": 1.5}, nudged=2), "sam": PersonMemory()}
    assert ("maya" in people, "zoe" in people, people.get("zoe"), len(people)) == (True, False, None, 2)
    del people["maya"]
    assert list(people) == ["sam"]
