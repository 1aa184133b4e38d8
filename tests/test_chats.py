"""Whole conversations: when a warning counts as in time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import build_assistant
from bot.assistant import Assistant
from bot.cli.chats import judge, read_chats, show, summary
from bot.cli.walk import FileError
from bot.voice import Community

PEOPLE = [{"id": "l", "role": "listener", "age": "adult"}, {"id": "m", "role": "member", "age": "adult"}]
HELLO, PLAIN, MOVE = "hello, how are you?", "work was hard this week", "what's your phone number?"


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """Build the whole street once."""
    return build_assistant("replay", Community())


def written(folder: Path, *texts: str, wrong: tuple[int, ...] = (), by: int | None = None, **more: object) -> Path:
    """Write a file with one conversation, all by the listener, labelled where something is wrong."""
    messages = [{"author": "l", "text": text, "labels": ["contact.request"] if i in wrong else []} for i, text in enumerate(texts)]
    chat = {"id": "c1", "setting": "direct", "participants": PEOPLE, "messages": messages, "expect_nudge_by": by, **more}
    file = folder / "chats.jsonl"
    file.write_text(json.dumps(chat) + "\n")
    return file


def figures(assistant: Assistant, file: Path) -> dict[str, Any]:
    """Judge a file."""
    return summary([judge(assistant, row) for row in read_chats(file)])


@pytest.mark.parametrize(
    ("texts", "wrong", "by", "outcome", "before"),
    [
        ((HELLO, MOVE, PLAIN), (1,), 1, "in_time", False),
        ((HELLO, MOVE, PLAIN), (1,), 2, "in_time", False),
        ((HELLO, PLAIN, MOVE), (0,), 1, "late", False),
        ((HELLO, PLAIN, PLAIN), (1,), 1, "never", False),
        ((MOVE, PLAIN, PLAIN), (1,), 1, "never", True),
        ((MOVE, PLAIN, "call me on 020 7946 0958"), (2,), 2, "in_time", True),
        ((HELLO, PLAIN), (), None, "quiet", False),
        ((HELLO, MOVE), (), None, "harmless_warned", False),
    ],
)
def test_outcomes(
    assistant: Assistant, tmp_path: Path, texts: tuple[str, ...], wrong: tuple[int, ...], by: int | None, outcome: str, *, before: bool
) -> None:
    """The first warning from where something is wrong decides; one before that is counted as well."""
    (result,) = figures(assistant, written(tmp_path, *texts, wrong=wrong, by=by))["results"]

    assert (result["outcome"], result["before"]) == (outcome, before)


def test_tips_are_no_warnings(assistant: Assistant, tmp_path: Path) -> None:
    """The early tip goes to both sides of every chat, and a harmless chat still counts as quiet."""
    totals = figures(assistant, written(tmp_path, HELLO))

    assert (totals["harmless"], totals["harmless_warned"], totals["expected"]) == (1, 0, 0)


def test_totals_add_up(assistant: Assistant, tmp_path: Path) -> None:
    """Every conversation is in exactly one outcome of its own sort."""
    lines = [
        written(tmp_path, HELLO, MOVE, wrong=(1,), by=1).read_text(),
        written(tmp_path, HELLO, PLAIN, wrong=(1,), by=1).read_text(),
        written(tmp_path, HELLO, PLAIN).read_text(),
    ]
    file = tmp_path / "all.jsonl"
    file.write_text("".join(lines))
    totals = figures(assistant, file)
    del totals["results"]

    assert totals == {
        "chats": 3,
        "expected": 2,
        "in_time": 1,
        "late": 0,
        "never": 1,
        "before": 0,
        "harmless": 1,
        "harmless_warned": 0,
    }


def test_people_read_the_same(assistant: Assistant, tmp_path: Path) -> None:
    """The table and the sentence below it say what the figures say."""
    results = [judge(assistant, row) for row in read_chats(written(tmp_path, HELLO, MOVE, wrong=(1,), by=1))]
    console = Console(width=200)
    with console.capture() as printed:
        show(results, summary(results), console)

    assert "in time 1, late 0, never 0; 0 warned before" in printed.get()
    assert "c1" in printed.get()


@pytest.mark.parametrize("more", [{"by": 7}, {"by": -1}, {"participants": PEOPLE[1:]}, {"participants": []}, {"setting": "crowd"}])
def test_what_cannot_be_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    """A message that is not there and an author who is not in the chat are named with their line."""
    with pytest.raises(FileError, match=r"chats\.jsonl, line 1: "):
        read_chats(written(tmp_path, HELLO, **more))
