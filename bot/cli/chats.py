"""Whole conversations: whether somebody was warned in time, and nobody about nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bot.assistant import Assistant
from bot.cli.walk import FileError, PersonRow, Step, Walk, complete, read_rows
from bot.model import ChatKind, Person, Tone, Verdict


class SaidRow(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    author: str
    text: str
    labels: tuple[str, ...] = ()


class ChatRow(msgspec.Struct, frozen=True):
    """One line of the file: a conversation, and by which message somebody must have been warned."""

    id: str
    participants: tuple[PersonRow, ...]
    messages: tuple[SaidRow, ...]
    setting: ChatKind = ChatKind.DIRECT
    expect_nudge_by: int | None = None

    def __post_init__(self) -> None:
        """Refuse a conversation by people who are not in it."""
        strangers = {said.author for said in self.messages} - {person.id for person in self.participants}
        if strangers or not self.participants:
            raise ValueError("every author is among the participants, and there is at least one")

    @property
    def wrong_at(self) -> int | None:
        """The first message with anything wrong in it; ``None`` for a harmless conversation."""
        if self.expect_nudge_by is None:
            return None
        return min([self.expect_nudge_by, *(i for i, said in enumerate(self.messages) if said.labels)])


class Outcome(StrEnum):
    """How it went."""

    IN_TIME = "in_time"
    LATE = "late"
    NEVER = "never"
    QUIET = "quiet"
    """Harmless, and nobody was warned."""
    WARNED = "harmless_warned"


class Result(msgspec.Struct, frozen=True):
    """What became of one conversation."""

    id: str
    outcome: Outcome
    expect: int | None
    wrong: int | None
    warnings: tuple[int, ...]
    """The messages at which somebody was warned, or which were masked or held."""
    before: bool
    """Warned before anything was wrong."""


def read_chats(file: Path) -> list[ChatRow]:
    """The conversations of a file. Raises ``FileError``."""
    rows = read_rows(file, ChatRow)
    for line, row in rows:
        if row.expect_nudge_by is not None and not 0 <= row.expect_nudge_by < len(row.messages):
            raise FileError(file, f"there is no message {row.expect_nudge_by}", line)
    return [row for _, row in rows]


def judge(assistant: Assistant, row: ChatRow) -> Result:
    """Lead one conversation down the street."""
    people = {one.id: Person(one.id, one.role, one.age, one.locale, one.name) for one in row.participants}
    walk = Walk(assistant)
    walk.open(row.id, row.setting, complete(tuple(people.values()), row.setting))
    steps = [walk.say(row.id, people[said.author], said.text) for said in row.messages]
    warnings = tuple(step.i for step in steps if _warns(step))
    wrong, expect = row.wrong_at, row.expect_nudge_by
    if wrong is None or expect is None:
        return Result(row.id, Outcome.WARNED if warnings else Outcome.QUIET, None, None, warnings, before=False)
    first = next((i for i in warnings if i >= wrong), None)
    outcome = Outcome.NEVER if first is None else Outcome.IN_TIME if first <= expect else Outcome.LATE
    return Result(row.id, outcome, expect, wrong, warnings, before=any(i < wrong for i in warnings))


def _warns(step: Step) -> bool:
    return step.answer.verdict is not Verdict.DELIVER or any(nudge.tone is not Tone.TIP for nudge in step.answer.nudges)


def summary(results: Sequence[Result]) -> dict[str, Any]:
    """All conversations together, as the command line prints them for other tools."""

    def count(*outcomes: Outcome) -> int:
        return sum(result.outcome in outcomes for result in results)

    return {
        "chats": len(results),
        "expected": count(Outcome.IN_TIME, Outcome.LATE, Outcome.NEVER),
        "in_time": count(Outcome.IN_TIME),
        "late": count(Outcome.LATE),
        "never": count(Outcome.NEVER),
        "before": sum(result.before for result in results),
        "harmless": count(Outcome.QUIET, Outcome.WARNED),
        "harmless_warned": count(Outcome.WARNED),
        "results": [msgspec.to_builtins(result) for result in results],
    }


def show(results: Iterable[Result], totals: dict[str, Any], console: Console) -> None:
    """Print the conversations for people."""
    table = Table("chat", "outcome", "wrong from", "warn by", "warned at", "before")
    for result in results:
        warned = ", ".join(map(str, result.warnings))
        expected = (_number(result.wrong), _number(result.expect))
        table.add_row(result.id, result.outcome.replace("_", " "), *expected, warned, "yes" if result.before else "")
    console.print(table)
    console.print(
        f"{totals['expected']} chats went wrong: warned in time {totals['in_time']}, late {totals['late']}, never {totals['never']};"
        f" {totals['before']} warned before anything was wrong. {totals['harmless']} were harmless: {totals['harmless_warned']} warned."
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
