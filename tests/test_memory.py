"""What is remembered of a chat: a tail with an end, words that fade before cues do, and little room for what rests."""

from __future__ import annotations

import gc
import sys
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, SAM, cue, direct, person, room, rules, say, signal

from bot.memory import (
    FADED_MESSAGES,
    LONGEST_KEPT,
    QUIET_TEXT_SECONDS,
    TAIL_BYTES,
    TAIL_MESSAGES,
    TEXT_SECONDS,
    fade,
    heard_at,
    new_chat,
    pack,
    shortened,
    unpack,
)
from bot.model import Age, Chat, ChatKind, ChatMemory, Ended, Kind, Person, Role, Said

BATTERY = "this app drains my battery, could we use telegram?"


def test_the_tail_has_an_end() -> None:
    """Only the last messages are kept."""
    chat = direct()
    for _ in range(TAIL_MESSAGES + 3):
        _, chat = say(chat, MAYA, "a long day")
    assert (len(chat.tail), chat.memory.heard, chat.tail[-1].id) == (TAIL_MESSAGES, TAIL_MESSAGES + 3, f"m{TAIL_MESSAGES + 2}")


@pytest.mark.parametrize("word", ["day ", "день ", "🌧️ "])
def test_a_quiet_chat_takes_little_room_whatever_is_written(word: str) -> None:
    """Of many long messages the last are kept, and of a very long one its ends; what is counted is about what it takes."""
    chat = direct()
    for _ in range(TAIL_MESSAGES):
        _, chat = say(chat, MAYA, word * 5_000)
    assert 1 <= len(chat.tail) < TAIL_MESSAGES
    assert chat.memory.kept <= TAIL_BYTES
    texts = [said.text for said in chat.tail if said.text is not None]
    assert sum(text.__sizeof__() for text in texts) <= TAIL_BYTES
    assert all(text.startswith(word) and text.endswith(word) for text in texts)


def test_where_something_was_seen_all_of_the_words_are_kept() -> None:
    """In a chat with signals a report is to have its evidence, however long it is."""
    _, chat = say(direct(), SAM, BATTERY)
    for _ in range(5):
        _, chat = say(chat, MAYA, "a long day " * 500)
    assert [len(said.text or "") for said in chat.tail] == [len(BATTERY), *[5_500] * 5]


@given(st.text(max_size=9_000))
def test_a_long_text_loses_its_middle(text: str) -> None:
    """Short ones stay as they are; of long ones beginning and end stay, and they fit."""
    kept = shortened(text)
    assert kept == text or (kept.__sizeof__() <= LONGEST_KEPT + 100 and text.startswith(kept.split(" [...] ")[0]))


@pytest.mark.parametrize(("text", "keep"), [("my app is broken", QUIET_TEXT_SECONDS), (BATTERY, TEXT_SECONDS)])
def test_words_fade_and_cues_stay(text: str, keep: float) -> None:
    """The words of a quiet chat are dropped sooner than those of one with signals; cues stay."""
    chat = msgspec.structs.replace(direct(), tail=(Said("m", "sam", NOW, text, (cue("obstacle.app"),)),))
    if keep == TEXT_SECONDS:
        chat = msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, signals={"sam pretext": 1}))
    assert fade(chat, NOW + keep - 1) is chat
    faded = fade(chat, NOW + keep)
    assert faded.tail[0].text is None
    assert faded.tail[0].cues == chat.tail[0].cues
    assert fade(faded, NOW + keep) is faded


def test_of_a_quiet_chat_nothing_is_left_that_no_rule_asks_for() -> None:
    """Without cues nothing stays of a message whose words are gone; what stays has not moved nearer to what is said next."""
    tail = tuple(Said(str(number), "sam", NOW, "words", (cue("opening.app"),) if number in {3, 14, 16} else ()) for number in range(20))
    chat = msgspec.structs.replace(direct(), tail=tail)
    assert [said.id for said in fade(chat, NOW + QUIET_TEXT_SECONDS).tail] == ["14", "15", "16", "17", "18", "19"]
    harmless = msgspec.structs.replace(direct(), tail=tuple(Said(str(number), "sam", NOW, "words") for number in range(20)))
    assert fade(harmless, NOW + QUIET_TEXT_SECONDS).tail == ()
    assert max(when.within for rule in rules().rules for when in rule.whens) <= FADED_MESSAGES


# --- at rest ---------------------------------------------------------------------------------------------------------

SOMEBODY = st.builds(
    Person, st.text(max_size=9), st.sampled_from(Role), st.sampled_from(Age), st.sampled_from(("en", "pt-BR")), st.text(max_size=9)
)


@given(
    st.lists(SOMEBODY, min_size=1, max_size=4, unique_by=lambda one: one.id),
    st.sampled_from(ChatKind),
    st.floats(min_value=0, max_value=1e10),
    st.integers(min_value=0, max_value=9_999),
    st.lists(st.builds(cue, st.sampled_from(("opening.app", "refusal")), st.integers(0, 9), st.integers(0, 999)), max_size=3),
)
def test_what_rests_comes_back_as_it_was(people: list[Person], kind: ChatKind, at: float, heard: int, cues: list[object]) -> None:
    """Packing loses nothing but the ids of messages that have no words any more."""
    said = Said("", people[0].id, at, None, tuple(cues), (), True)  # type: ignore[arg-type]  # noqa: FBT003 -- as cues come
    chat = new_chat("c1", kind, tuple(people), 1.5)
    chat = msgspec.structs.replace(chat, tail=(said,), memory=ChatMemory(1.5, at, heard))
    packed = pack(chat)
    assert packed is not None
    assert heard_at(packed) == at
    back = unpack("c1", packed)
    assert msgspec.structs.replace(back, memory=msgspec.structs.replace(back.memory, kept=0)) == chat


def test_what_has_more_to_remember_does_not_rest() -> None:
    """Words, signals, counts and clocks of nudges keep a chat awake."""
    _, quiet = say(direct(), MAYA, "I had a long day")
    _, seen = say(direct(), SAM, BATTERY)
    busy = [quiet, seen, fade(seen, NOW + 9e9)]
    fields = ("put_away", "refused", "reminded", "signals")
    memories = (msgspec.structs.replace(direct().memory, **{field: {"sam": 1}}) for field in fields)
    busy += [msgspec.structs.replace(direct(), memory=memory) for memory in memories]
    busy.append(msgspec.structs.replace(direct(), memory=msgspec.structs.replace(direct().memory, referred=True)))
    busy.append(msgspec.structs.replace(direct(), tail=(Said("", "sam", NOW, None, (), (signal(Kind.FLIRT),)),)))
    busy.append(msgspec.structs.replace(direct(), tail=(Said("", "gone", NOW, None),)))
    assert [pack(chat) for chat in busy] == [None] * len(busy)
    assert pack(direct()) is not None


MOST_AT_REST, MOST_BEFORE = 400, 12_000


def talked(number: int, messages: int = 45) -> Chat:
    """A chat of two who have talked at some length about harmless things; every string is its own, as it comes from a host."""
    people = tuple(
        Person(f"user-{number:08d}-{side}", role, Age.ADULT, f"en-{'GB'}", f"Name {number} {side}")
        for side, role in enumerate((Role.MEMBER, Role.LISTENER))
    )
    chat = new_chat(f"chat-{number:08d}", ChatKind.DIRECT, people, NOW)
    for turn in range(messages):
        text = f"{number} {turn} today was a long day, and I keep thinking about what my sister said to me when I came home"
        _, chat = say(chat, chat.people[turn % 2], text, now=NOW + turn)
    return chat


def test_a_quiet_chat_takes_little_memory() -> None:
    """At most 12 KB while there are words, and at most 400 bytes when it rests, measured and not guessed."""
    talked(0)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        chats = {chat.id: chat for chat in map(talked, range(40))}
        gc.collect()
        words = (tracemalloc.get_traced_memory()[0] - before) / len(chats)
    finally:
        tracemalloc.stop()
    assert words <= MOST_BEFORE
    resting = {name: pack(fade(chat, NOW + 9e9)) for name, chat in chats.items()}
    assert None not in resting.values()
    shelf = sys.getsizeof(resting) + sum(sys.getsizeof(name) + sys.getsizeof(packed) for name, packed in resting.items())
    assert shelf / len(resting) <= MOST_AT_REST
    assert unpack("chat-00000001", resting["chat-00000001"] or b"").memory.heard == 45


def test_a_room_rests_as_well() -> None:
    """Ages and roles come back with everybody."""
    chat = room(MAYA, person(SAM, Age.UNKNOWN), KIT)
    assert unpack("r1", pack(chat) or b"") == chat
    over = msgspec.structs.replace(chat, ended=Ended("sam", "left", NOW))
    assert unpack("r1", pack(over) or b"") == over
