"""The score: what is found of what people have labelled, and how quiet it stays in talk that is harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from bot.assistant import Assistant
from bot.cli.walk import FileError, Step, Walk, complete, read_rows
from bot.learned import Reading
from bot.model import MOVES, Age, Certainty, ChatKind, Kind, Person, Role, Signal, Verdict

EVASION = "evasion"
LABELS = (*(kind.value for kind in Kind), EVASION)
NONE = "none"
"""What ``--map`` calls a label that stands for ordinary talk."""

ROLES = {
    **{role.value: role for role in Role},
    "seeker": Role.MEMBER,
    "supporter": Role.LISTENER,
    "counsellor": Role.LISTENER,
}
"""What other collections call the two sides. Whoever is called anything else is a member."""


# --- reading ---------------------------------------------------------------------------------------------------------


class TurnRow(msgspec.Struct, frozen=True):
    """An earlier message of a case."""

    role: str
    text: str


class CaseRow(msgspec.Struct, frozen=True):
    """One line: a message to judge, with its labels, or a line of harmless talk."""

    text: str
    id: str = ""
    setting: ChatKind = ChatKind.DIRECT
    role: str = Role.MEMBER.value
    age: Age = Age.UNKNOWN
    context: tuple[TurnRow, ...] = ()
    labels: tuple[str, ...] | None = None
    reasons: tuple[str, ...] = ()
    """Of a pretext: for readers that learn; nothing is judged by it."""
    label: str | None = None
    conv: str | int | None = None
    source: str = ""


def read_cases(file: Path, meanings: Mapping[str, str]) -> list[CaseRow]:
    """The lines of a file, all labelled in our words or none at all. Raises ``FileError``.

    ``meanings`` says what a ``label`` of another scheme stands for. Where only some lines have a ``label``, it is a note
    and no judgement, and the talk is harmless.
    """
    rows = [(i, row if row.id else msgspec.structs.replace(row, id=str(i))) for i, row in read_rows(file, CaseRow)]
    if any(row.labels is not None for _, row in rows):
        return [_checked(file, i, row) for i, row in rows]
    if not meanings and any(row.label is None for _, row in rows):
        return [row for _, row in rows]
    return [_translated(file, i, row, meanings) for i, row in rows]


def _checked(file: Path, line: int, row: CaseRow) -> CaseRow:
    if row.labels is None:
        raise FileError(file, "has no labels, though other lines have", line)
    unknown = sorted(set(row.labels) - set(LABELS))
    if unknown:
        raise FileError(file, f"unknown labels: {', '.join(unknown)}", line)
    return row


def _translated(file: Path, line: int, row: CaseRow, meanings: Mapping[str, str]) -> CaseRow:
    if row.label is None:
        raise FileError(file, "has no label, though --map says what labels mean", line)
    meaning = meanings.get(row.label, row.label)
    if meaning not in (*LABELS, NONE):
        says = f"--map {row.label!r}=KIND, or ={NONE}"
        raise FileError(file, f"the label {row.label!r} belongs to another scheme; say what it means: {says}", line)
    return msgspec.structs.replace(row, labels=() if meaning == NONE else (meaning,))


def read_map(text: str) -> dict[str, str]:
    """Read ``label=kind,...``. Raises ``ValueError`` for anything else."""
    meanings = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        label, equals, kind = (piece.strip() for piece in part.rpartition("="))
        if not equals or kind not in (*LABELS, NONE):
            raise ValueError(f"{part!r} is not label=KIND, where KIND is {NONE} or one of {', '.join(LABELS)}")
        meanings[label] = kind
    return meanings


def read_ids(file: Path) -> frozenset[str]:
    """The first word of every line: ids of messages that are true breaches. Raises ``FileError``."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(file, f"cannot be read: {error}") from None
    return frozenset(line.split()[0] for line in lines if line.strip() and not line.startswith("#"))


# --- judging ---------------------------------------------------------------------------------------------------------


class Judged(msgspec.Struct, frozen=True):
    """One message, what it holds by its labels, and what was seen in it."""

    row: CaseRow
    found: frozenset[str]
    """Kinds seen at least as likely, and ``evasion`` if any of them was disguised."""
    hints: frozenset[str]
    """The same of hints, without what is found anyway."""
    verdict: Verdict

    @property
    def wanted(self) -> frozenset[str]:
        """What it holds by its labels."""
        return frozenset(self.row.labels or ())


def judge(assistant: Assistant, rows: Sequence[CaseRow]) -> list[Judged]:
    """Hear every labelled message as a chat of its own with what was said before, or harmless talk from the beginning of each chat."""
    return [_judged(row, step) for row, step, _ in follow(assistant, rows)]


def follow(assistant: Assistant, rows: Sequence[CaseRow]) -> Iterator[tuple[CaseRow, Step, Reading | None]]:
    """Every message with what followed from it, and as the second reader got it."""
    if any(row.labels is None for row in rows):
        yield from _follow_talk(assistant, rows)
        return
    for row in rows:
        turns = (*row.context, TurnRow(row.role, row.text))
        people = {turn.role: _person(turn.role, row.age) for turn in turns}
        walk = Walk(assistant)
        walk.open(row.id, row.setting, complete(tuple(people.values()), row.setting))
        step = [walk.say(row.id, people[turn.role], turn.text) for turn in turns][-1]
        yield row, step, walk.reading(row.id)


def _follow_talk(assistant: Assistant, rows: Sequence[CaseRow]) -> Iterator[tuple[CaseRow, Step, Reading | None]]:
    chats = [f"{row.source} {row.conv}" if row.conv not in (None, "") else row.id for row in rows]
    speakers: dict[str, dict[str, Person]] = {}
    for chat, row in zip(chats, rows, strict=True):
        speakers.setdefault(chat, {})[row.role] = _person(row.role, row.age)
    walk = Walk(assistant)
    for chat, row in zip(chats, rows, strict=True):
        if not walk.is_open(chat):
            walk.open(chat, row.setting, complete(tuple(speakers[chat].values()), row.setting))
        step = walk.say(chat, speakers[chat][row.role], row.text)
        yield row, step, walk.reading(chat)


def _person(role: str, age: Age) -> Person:
    return Person(role, ROLES.get(role, Role.MEMBER), age)


def _judged(row: CaseRow, step: Step) -> Judged:
    signals = step.answer.signals
    found = _seen(signal for signal in signals if signal.certainty is not Certainty.HINT)
    hints = _seen(signal for signal in signals if signal.certainty is Certainty.HINT)
    return Judged(row, found, hints - found, step.answer.verdict)


def _seen(signals: Iterable[Signal]) -> frozenset[str]:
    return frozenset(name for signal in signals for name in (signal.kind.value, *([EVASION] if signal.disguised else [])))


# --- counting --------------------------------------------------------------------------------------------------------


def report(judged: Sequence[Judged], accepted: frozenset[str]) -> dict[str, Any]:
    """All figures. What is seen in an accepted message is no false alarm."""
    cases = [one for one in judged if one.row.labels is not None]
    talk = [one for one in judged if one.row.labels is None]
    return {
        "cases": len(cases),
        "kinds": {label: _kind(label, cases, accepted) for label in LABELS},
        "moves": _moves(cases),
        "hard_negatives": _hard_negatives(cases, accepted),
        "quiet": _quiet(talk, accepted),
    }


def _kind(label: str, cases: Sequence[Judged], accepted: frozenset[str]) -> dict[str, Any]:
    wanted = sum(label in one.wanted for one in cases)
    found = sum(label in one.found & one.wanted for one in cases)
    false_alarms = sum(label in one.found - one.wanted and one.row.id not in accepted for one in cases)
    return {
        "cases": wanted,
        "found": found,
        "recall": _share(found, wanted),
        "false_alarms": false_alarms,
        "precision": _share(found, found + false_alarms),
        "hints": sum(label in one.hints for one in cases),
    }


def _moves(cases: Sequence[Judged]) -> dict[str, Any]:
    moves = [one for one in cases if one.wanted & MOVES]
    found = [one for one in moves if one.found & MOVES]
    exact = sum(one.found & MOVES == one.wanted & MOVES for one in found)
    return {"cases": len(moves), "found": len(found), "recall": _share(len(found), len(moves)), "exact": _share(exact, len(found))}


def _hard_negatives(cases: Sequence[Judged], accepted: frozenset[str]) -> dict[str, Any]:
    ordinary = [one for one in cases if not one.wanted]
    flagged = [one for one in ordinary if one.found and one.row.id not in accepted]
    return {"cases": len(ordinary), "flagged": len(flagged), "rate": _share(len(flagged), len(ordinary)), **_stopped(flagged)}


def _quiet(talk: Sequence[Judged], accepted: frozenset[str]) -> dict[str, Any]:
    """Crisis is counted apart: in support talk it is often true."""
    seen = [one for one in talk if one.found and one.row.id not in accepted]
    alarms = Counter(kind for one in seen for kind in one.found - {Kind.CRISIS, EVASION})
    flagged = sum(bool(one.found - {Kind.CRISIS, EVASION}) for one in seen)
    return {
        "messages": len(talk),
        "alarms": dict(sorted(alarms.items())),
        "flagged": flagged,
        "per_1000": _share(1000 * flagged, len(talk)),
        "crisis": sum(Kind.CRISIS in one.found for one in seen),
        **_stopped(seen),
    }


def _stopped(judged: Sequence[Judged]) -> dict[str, int]:
    return {"held": sum(one.verdict is Verdict.HOLD for one in judged), "masked": sum(one.verdict is Verdict.MASK for one in judged)}


def _share(part: int, whole: int) -> float | None:
    """A share, or nothing where there is nothing to share."""
    return round(part / whole, 4) if whole else None


def misses(judged: Iterable[Judged], accepted: frozenset[str]) -> list[dict[str, Any]]:
    """Every message of which something was not found, or in which something was found that is not there."""
    wrong = []
    for one in judged:
        false = frozenset() if one.row.id in accepted else one.found - one.wanted
        missed = one.wanted - one.found
        if missed or false:
            row = {"id": one.row.id, "missed": sorted(missed), "false": sorted(false), "hints": sorted(one.hints)}
            wrong.append({**row, "verdict": one.verdict.value, "text": one.row.text})
    return wrong


# --- showing ---------------------------------------------------------------------------------------------------------


def show(figures: dict[str, Any], console: Console) -> None:
    """Print the figures for people."""
    if figures["cases"]:
        table = Table(
            "kind", *(Column(name, justify="right") for name in ("cases", "found", "recall", "false alarms", "precision", "hints"))
        )
        for name, row in figures["kinds"].items():
            table.add_row(name, *(_figure(value) for value in row.values()))
        console.print(table)
        moves, ordinary = figures["moves"], figures["hard_negatives"]
        console.print(
            f"Moves: {moves['found']} of {moves['cases']} found ({_figure(moves['recall'])}), {_figure(moves['exact'])} of them exactly.\n"
            f"Ordinary talk: {ordinary['flagged']} of {ordinary['cases']} flagged ({_figure(ordinary['rate'])}),"
            f" {ordinary['held']} held, {ordinary['masked']} masked.",
            highlight=False,
        )
    quiet = figures["quiet"]
    if quiet["messages"]:
        alarms = ", ".join(f"{kind} {number}" for kind, number in quiet["alarms"].items()) or "none"
        console.print(
            f"Harmless talk: {quiet['flagged']} of {quiet['messages']} messages flagged ({quiet['per_1000']:.2f} in 1000): {alarms}.\n"
            f"Crisis seen in {quiet['crisis']}. {quiet['held']} held, {quiet['masked']} masked.",
            highlight=False,
        )


def show_misses(wrong: Iterable[dict[str, Any]], console: Console) -> None:
    """Print what went wrong for people."""
    table = Table("id", "missed", "false", "hints", "text")
    for row in wrong:
        lists = ("\n".join(row[name]) for name in ("missed", "false", "hints"))
        table.add_row(row["id"], *lists, Text(row["text"]))
    console.print(table)


def _figure(value: float | None) -> str:
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
