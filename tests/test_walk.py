"""Transcripts down the street: what is implied where a transcript does not tell, and what a step looks like to other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import build_assistant
from bot.assistant import Assistant
from bot.cli.walk import FileError, TranscriptRow, Walk, complete, read_rows, replay, show
from bot.model import Age, ChatKind, Person, Role
from bot.voice import Community

LISTENER, MEMBER = Person("l", Role.LISTENER), Person("m", Role.MEMBER)
BATTERY = "this app drains my battery, got telegram?"
STEP_FIELDS = {"chat", "i", "author", "role", "signals", "verdict", "nudges", "cases"}


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """Build the whole street once."""
    return build_assistant("replay", Community())


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    """Write a JSON Lines file."""
    file = folder / "transcript.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


def walked(assistant: Assistant, folder: Path, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """Lead a transcript down the street and give the rows for other tools."""
    rows = [row for _, row in read_rows(written(folder, *lines), TranscriptRow)]
    return [step.row() for step in replay(assistant, rows)]


def said(text: str, author: str = "l", **more: object) -> dict[str, Any]:
    """One line of a transcript."""
    return {"chat": "c", "author": author, "text": text, **more}


# --- what is implied -------------------------------------------------------------------------------------------------


def test_a_chat_opens_by_itself_with_all_its_authors(assistant: Assistant, tmp_path: Path) -> None:
    """The opening that is implied greets everybody who speaks later on, each in their role."""
    opening, *rest = walked(assistant, tmp_path, said("hello", role="listener"), said("hi", "m", role="member", age="adult"))

    assert (opening["i"], opening["author"], opening["role"]) == (-1, None, None)
    assert [(nudge["to"], nudge["prompt"]) for nudge in opening["nudges"]] == [
        (("l",), "tip/to-other.listener.teen"),
        (("m",), "tip/to-other.member"),
    ]
    assert [(row["i"], row["author"]) for row in rest] == [(0, "l"), (1, "m")]


@pytest.mark.parametrize(
    ("role", "other"), [("listener", "member"), ("member", "listener"), ("guest", "listener"), ("moderator", "member")]
)
def test_who_never_speaks_is_there_all_the_same(assistant: Assistant, tmp_path: Path, role: str, other: str) -> None:
    """A talk between two of whom only one speaks has the other one in it, and the other one is warned."""
    _, row = walked(assistant, tmp_path, said(BATTERY, role=role))

    assert {"to-sender": ("l",), "to-other": (other,)} == {nudge["audience"]: nudge["to"] for nudge in row["nudges"]}


def test_the_other_one_is_not_taken_for_the_author() -> None:
    """An author who is called as the other would be gets somebody of another name opposite."""
    assert complete((Person("member", Role.LISTENER),), ChatKind.DIRECT)[1] == Person("other", Role.MEMBER)


def test_more_than_two_make_a_room(assistant: Assistant, tmp_path: Path) -> None:
    """Three authors make a room: nobody gets the early tip, and the room does not hear what its author hears."""
    opening, *rest = walked(assistant, tmp_path, said("hello"), said("hi", "m"), said(BATTERY, "g"))

    assert opening["nudges"] == []
    assert [nudge["to"] for nudge in rest[-1]["nudges"]] == [("g",)]


def test_a_kind_that_is_told_later_holds_from_the_beginning(assistant: Assistant, tmp_path: Path) -> None:
    """One line that calls the chat a room is enough."""
    opening, _ = walked(assistant, tmp_path, said("hello"), said("anyone?", kind="room"))[:2]

    assert opening["nudges"] == []


def test_a_role_that_nobody_tells_is_the_opposite(assistant: Assistant, tmp_path: Path) -> None:
    """Opposite a listener sits a member."""
    rows = walked(assistant, tmp_path, said("hello", role="listener"), said("hi", "m"))

    assert [row["role"] for row in rows] == [None, "listener", "member"]


def test_an_opening_is_taken_as_it_stands(assistant: Assistant, tmp_path: Path) -> None:
    """Nobody is added to a chat that tells who is in it, and ages come from there."""
    people = [
        {"id": "l", "role": "listener", "age": "adult"},
        {"id": "m", "role": "member", "age": "teen"},
        {"id": "w", "role": "moderator"},
    ]
    opening, row = walked(assistant, tmp_path, {"chat": "c", "kind": "room", "people": people}, said("my number is 07700 900123"))

    assert opening["i"] == -1
    assert [case["about"] for case in row["cases"]] == ["l"]
    assert {nudge["prompt"].split("/")[0] for nudge in row["nudges"]} == {"teen"}


def test_whose_age_nobody_tells_is_unknown(assistant: Assistant, tmp_path: Path) -> None:
    """Without ages there is no case of an adult toward a teen; with the teen's age alone there is one."""
    without = walked(assistant, tmp_path, said("hi", "m", role="member"), said(BATTERY, role="listener"))
    told = walked(assistant, tmp_path, said("hi", "m", role="member", age="teen"), said(BATTERY, role="listener"))

    assert (without[-1]["cases"], [case["about"] for case in told[-1]["cases"]]) == ([], ["l"])


def test_somebody_new_joins_before_they_speak(assistant: Assistant, tmp_path: Path) -> None:
    """Who is not in the opening is let in, gets the tip, and is heard."""
    opening = {"chat": "c", "kind": "direct", "people": [{"id": "m", "role": "member"}]}
    _, row = walked(assistant, tmp_path, opening, said(BATTERY, role="listener"))

    assert row["role"] == "listener"
    assert row["nudges"][0]["prompt"] == "tip/to-other.listener.teen"
    assert "pretext" in {signal["kind"] for signal in row["signals"]}


def test_messages_are_counted_by_chat(assistant: Assistant, tmp_path: Path) -> None:
    """Chats that are told in turns keep their own counts and their own past."""
    lines = (said("this app drains my battery"), {**said("hello"), "chat": "d"}, said("ok"), {**said("got telegram?"), "chat": "d"})
    rows = [(row["chat"], row["i"], [signal["kind"] for signal in row["signals"]]) for row in walked(assistant, tmp_path, *lines)]

    assert [(chat, i) for chat, i, _ in rows] == [("c", -1), ("c", 0), ("d", -1), ("d", 0), ("c", 1), ("d", 1)]
    assert "pretext" not in rows[-1][2]


@pytest.mark.parametrize(("later", "again"), [({}, True), ({"ts": 30}, True), ({"ts": 3_000}, False)])
def test_the_clock_is_the_transcripts(assistant: Assistant, tmp_path: Path, later: dict[str, Any], *, again: bool) -> None:
    """The same words are said to come again, until enough time has passed by the transcript's own clock."""
    asked = "what's your phone number?"
    *_, row = walked(assistant, tmp_path, said(asked, role="listener"), said(asked, **later))

    assert {nudge["prompt"].split("/")[0] for nudge in row["nudges"]} == {"again" if again else "contact.request"}


# --- a step ----------------------------------------------------------------------------------------------------------


def test_a_step_has_exactly_its_fields(assistant: Assistant, tmp_path: Path) -> None:
    """Other tools find the fields they know: ``reason`` only with a pretext, ``text`` only when masked."""
    rows = walked(assistant, tmp_path, said(BATTERY, role="listener"), said("call me on 020 7946 0958"))
    pretext = next(signal for signal in rows[1]["signals"] if signal["kind"] == "pretext")
    share = next(signal for signal in rows[2]["signals"] if signal["kind"] == "contact.share")

    assert [set(row) for row in rows] == [STEP_FIELDS, STEP_FIELDS, STEP_FIELDS | {"text"}]
    assert set(share) == {"kind", "reader", "rule", "certainty", "start", "end", "disguised"}
    assert (set(pretext) - set(share), pretext["reason"]) == ({"reason"}, "battery")
    assert all(set(nudge) == {"to", "audience", "prompt", "tone", "text"} for row in rows for nudge in row["nudges"])
    assert rows[2]["verdict"] == "mask"
    assert "7946" not in rows[2]["text"]


def test_the_same_walk_gives_the_same_answer(assistant: Assistant) -> None:
    """Nothing in a walk is left to chance, not even the ids of nudges."""
    walks = [Walk(assistant), Walk(assistant)]
    for walk in walks:
        walk.open("c", ChatKind.DIRECT, (LISTENER, MEMBER))

    first, second = (walk.say("c", LISTENER, BATTERY).answer for walk in walks)

    assert first.nudges
    assert first == second


def test_people_read_what_was_seen_and_done(assistant: Assistant) -> None:
    """A step printed for people names who spoke, the signals, the verdict, the notes and the case."""
    console = Console(width=400)
    walk = Walk(assistant)
    adult, teen = Person("l", Role.LISTENER, Age.ADULT), Person("m", Role.MEMBER, Age.TEEN)
    steps = [walk.open("c", ChatKind.DIRECT, (adult, teen)), walk.say("c", adult, "[i]call me[/i] on 020 7946 0958")]
    with console.capture() as printed:
        show(steps, console)

    words = printed.get()

    assert all(part in words for part in ("c opens", "0 l: [i]call me[/i]", "contact.share", "mask: ", "to m (teen/", "a case about l: "))


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '{"chat": "c", "author": "a"}',
        '{"chat": "c", "text": "t"}',
        '{"author": "a", "text": "t"}',
        '{"chat": "c", "author": "a", "text": 5}',
        '{"chat": "c", "author": "a", "text": "t", "role": "boss"}',
        '{"chat": "c", "author": "a", "text": "t", "kind": "crowd"}',
        '{"chat": "c", "people": [{"role": "member"}]}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    """The error says which file and which line, empty ones counted."""
    file = tmp_path / "bad.jsonl"
    file.write_text('{"chat": "c", "author": "a", "text": "fine"}\n\n' + line)

    with pytest.raises(FileError, match=r"bad\.jsonl, line 3: "):
        read_rows(file, TranscriptRow)


def test_a_file_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    """Nothing to read is an error, too."""
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")

    with pytest.raises(FileError, match=r"empty\.jsonl: holds no lines"):
        read_rows(empty, TranscriptRow)
    with pytest.raises(FileError, match=r"gone\.jsonl: cannot be read"):
        read_rows(tmp_path / "gone.jsonl", TranscriptRow)


def test_odd_but_sound_files_are_read(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, unknown fields and separators inside words are no reason to refuse."""
    file = tmp_path / "odd.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + '{"chat": "c", "author": "a", "text": "one\u2028two", "mood": 3}\r\n'.encode())

    assert [(line, row.text) for line, row in read_rows(file, TranscriptRow)] == [(1, "one\u2028two")]
