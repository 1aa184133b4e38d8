"""Transcripts down the street: what the assistant would have seen, said and done, message by message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.text import Text

from bot.assistant import Assistant
from bot.learned import Reading
from bot.memory import new_chat
from bot.model import Age, Answer, Chat, ChatKind, Event, Insight, Joined, Message, Nudge, Opened, People, Person, Role, Signal, Verdict

SECONDS_APART = 20.0
"""Between two messages of a chat that do not say when they were written."""
PAIR = 2
"""More people than this make a room."""

OPPOSITE = {Role.MEMBER: Role.LISTENER, Role.GUEST: Role.LISTENER, Role.LISTENER: Role.MEMBER, Role.MODERATOR: Role.MEMBER}
"""Who sits on the other side of a talk between two, if nobody says."""


class FileError(ValueError):
    """A file cannot be used; the message names it and the line."""

    def __init__(self, file: Path, problem: str, line: int | None = None) -> None:
        """Say where the problem is."""
        super().__init__(f"{file}: {problem}" if line is None else f"{file}, line {line}: {problem}")


# --- reading ---------------------------------------------------------------------------------------------------------

_Row = TypeVar("_Row")


def read_rows(file: Path, row: type[_Row]) -> list[tuple[int, _Row]]:
    """Every line of a JSON Lines file with its number, its shape checked; empty lines are passed over. Raises ``FileError``."""
    try:
        lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise FileError(file, f"cannot be read: {error.strerror}") from None
    decoder = msgspec.json.Decoder(row)
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append((number, decoder.decode(line)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FileError(file, str(error), number) from None
    if not rows:
        raise FileError(file, "holds no lines")
    return rows


class PersonRow(msgspec.Struct, frozen=True):
    """Somebody in an opening."""

    id: str
    role: Role = Role.MEMBER
    age: Age = Age.UNKNOWN
    locale: str = "en"
    name: str = ""


class TranscriptRow(msgspec.Struct, frozen=True):
    """One line of a transcript: a message, or an opening if it names people."""

    chat: str
    kind: ChatKind | None = None
    people: tuple[PersonRow, ...] | None = None
    author: str = ""
    role: Role | None = None
    age: Age | None = None
    text: str | None = None
    ts: float | None = None

    def __post_init__(self) -> None:
        """Refuse a line that is neither; msgspec names the line's fault in its own words."""
        if self.people is None and (not self.author or self.text is None):
            raise ValueError("a message has an author and a text, an opening has people")


# --- walking ---------------------------------------------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True):
    """One event of a chat and what followed from it."""

    chat: str
    i: int
    """Counts the messages of a chat from 0; an opening is -1."""
    author: str | None
    role: Role | None
    answer: Answer
    written: str = ""
    """What was said, for the person who brought the transcript; other tools have it already."""

    def row(self) -> dict[str, Any]:
        """The step as the command line prints it for other tools."""
        answer = self.answer
        masked = {} if answer.text is None else {"text": answer.text}
        return {
            "chat": self.chat,
            "i": self.i,
            "author": self.author,
            "role": self.role,
            "signals": [_signal_row(signal) for signal in answer.signals],
            "verdict": answer.verdict,
            **masked,
            "nudges": [_nudge_row(nudge) for nudge in answer.nudges],
            "cases": [{"about": concern.about, "kinds": sorted({concern.kind, *concern.kinds})} for concern in answer.concerns],
        }


def _signal_row(signal: Signal) -> dict[str, Any]:
    reason = {} if signal.reason is None else {"reason": signal.reason}
    return {
        "kind": signal.kind,
        **reason,
        "reader": signal.reader,
        "rule": signal.rule,
        "certainty": signal.certainty,
        "start": signal.start,
        "end": signal.end,
        "disguised": signal.disguised,
    }


def _nudge_row(nudge: Nudge) -> dict[str, Any]:
    return {"to": nudge.to, "audience": nudge.audience, "prompt": nudge.prompt, "tone": nudge.tone, "text": nudge.text}


def show(steps: Iterable[Step], console: Console) -> None:
    """Print steps for people: who said what, what was seen in it, and what followed."""
    for step in steps:
        answer = step.answer
        if step.author is None:
            console.print(Text(f"{step.chat} opens", style="bold"))
        else:
            console.print(Text.assemble((f"{step.i:>3} {step.author}: ", "cyan"), step.written))
        for signal in answer.signals:
            kind = signal.kind if signal.reason is None else f"{signal.kind} ({signal.reason})"
            at = "" if signal.start is None else f" at {signal.start}-{signal.end}"
            disguised = ", disguised" if signal.disguised else ""
            console.print(Text(f"    {signal.certainty:<6} {kind} by {signal.reader}: {signal.rule}{at}{disguised}", style="magenta"))
        if answer.verdict is not Verdict.DELIVER:
            console.print(Text(f"    {answer.verdict}: {answer.text or 'nobody else sees it'}", style="red"))
        for nudge in answer.nudges:
            head = f"    {nudge.tone} to {', '.join(nudge.to)} ({nudge.prompt}): "
            console.print(Text.assemble((head, "green"), nudge.text.replace("\n", " ")))
        for concern in answer.concerns:
            console.print(Text(f"    a case about {concern.about}: {', '.join(sorted({concern.kind, *concern.kinds}))}", style="yellow"))


class Walk:
    """Leads chats down the street one event after the other, as a host would that does all it is told."""

    def __init__(self, assistant: Assistant) -> None:
        """Begin with no chats. Chance is the same at every walk."""
        self._assistant = assistant
        self._rng = Random(0)  # noqa: S311 -- the same walk is to give the same answer
        self._chats: dict[str, Chat] = {}
        self._people: People = {}
        self._next: dict[str, float] = {}

    def open(self, chat: str, kind: ChatKind, people: tuple[Person, ...], ts: float | None = None) -> Step:
        """A chat begins."""
        now = self._tick(chat, ts)
        self._chats[chat] = new_chat(chat, kind, people, now)
        return Step(chat, -1, None, None, self._hear(Opened(chat, kind, people), chat, now))

    def say(self, chat: str, person: Person, text: str, ts: float | None = None) -> Step:
        """Somebody says something in an open chat; whoever is new there, or has changed, joins first."""
        now = self._tick(chat, ts)
        joined = Answer() if self._chats[chat].person(person.id) == person else self._hear(Joined(chat, person), chat, now)
        i = self._chats[chat].memory.heard
        message = Message(f"{chat} {i}", chat, person.id, text, now)
        answer = self._hear(message, chat, now)
        seen = self._assistant.look_again(self._chats[chat], message.id)
        later = self._hear(Insight(chat, message.id, seen.signals, seen.chances), chat, now)
        answer = msgspec.structs.replace(answer, signals=answer.signals + later.signals, nudges=answer.nudges + later.nudges)
        return Step(chat, i, person.id, person.role, msgspec.structs.replace(answer, nudges=joined.nudges + answer.nudges), text)

    def person(self, chat: str, person_id: str) -> Person | None:
        """Somebody as they are known in a chat; ``None`` if the chat is not open or they are not in it."""
        return self._chats[chat].person(person_id) if chat in self._chats else None

    def reading(self, chat: str) -> Reading | None:
        """The last message of an open chat as the second reader gets it; ``None`` if nobody has said anything."""
        tail = self._chats[chat].tail
        return self._assistant.reading(self._chats[chat], tail[-1].id) if tail else None

    def is_open(self, chat: str) -> bool:
        """Whether a chat has begun."""
        return chat in self._chats

    def _tick(self, chat: str, ts: float | None) -> float:
        now = self._next.get(chat, 0.0) if ts is None else ts
        self._next[chat] = now + SECONDS_APART
        return now

    def _hear(self, event: Event, chat: str, now: float) -> Answer:
        answer, self._chats[chat], people = self._assistant.hear(event, self._chats[chat], self._people, now, self._rng)
        self._people = {**self._people, **people}
        return answer


def complete(people: Sequence[Person], kind: ChatKind) -> tuple[Person, ...]:
    """The people of a chat; in a talk between two of whom one never speaks, with the other one."""
    if kind is not ChatKind.DIRECT or len(people) >= PAIR:
        return tuple(people)
    role = OPPOSITE[people[0].role]
    return (*people, Person(role if role != people[0].id else "other", role))


def replay(assistant: Assistant, rows: Sequence[TranscriptRow]) -> Iterator[Step]:
    """Lead a whole transcript down the street. Where it does not tell how a chat began, the chat begins with all its authors."""
    walk = Walk(assistant)
    authors = _authors(rows)
    kinds = {row.chat: row.kind for row in reversed(rows) if row.kind is not None}
    for row in rows:
        if row.people is not None:
            people = tuple(Person(one.id, one.role, one.age, one.locale, one.name) for one in row.people)
            yield walk.open(row.chat, row.kind or _kind(len(people)), people, row.ts)
            continue
        if not walk.is_open(row.chat):
            present = authors[row.chat]
            kind = kinds.get(row.chat, _kind(len(present)))
            yield walk.open(row.chat, kind, complete(present, kind), row.ts)
        known = walk.person(row.chat, row.author) or next(one for one in authors[row.chat] if one.id == row.author)
        person = msgspec.structs.replace(known, role=row.role or known.role, age=row.age or known.age)
        yield walk.say(row.chat, person, row.text or "", row.ts)


def _kind(people: int) -> ChatKind:
    return ChatKind.DIRECT if people <= PAIR else ChatKind.ROOM


def _authors(rows: Iterable[TranscriptRow]) -> dict[str, list[Person]]:
    """Who speaks in each chat, with the first role and age that is told of them."""
    told: dict[str, dict[str, tuple[Role | None, Age | None]]] = {}
    for row in rows:
        if row.people is None:
            chat = told.setdefault(row.chat, {})
            role, age = chat.get(row.author, (None, None))
            chat[row.author] = (role or row.role, age or row.age)
    return {chat: _with_roles(authors) for chat, authors in told.items()}


def _with_roles(authors: dict[str, tuple[Role | None, Age | None]]) -> list[Person]:
    """Whose role nobody tells is a member, or in a talk between two sits opposite the other."""
    roles = [role for role, _ in authors.values() if role is not None]
    unknown = OPPOSITE[roles[0]] if len(authors) == PAIR and roles else Role.MEMBER
    return [Person(name, role or unknown, age or Age.UNKNOWN) for name, (role, age) in authors.items()]
