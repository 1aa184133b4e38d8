"""The labelled messages of ``corpus/``: who wrote what, and for what it may be used."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

from bot.cli.chats import ChatRow, read_chats
from bot.cli.score import CaseRow, TurnRow, read_cases

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
BEFORE = 4
"""So many earlier messages go with each message of a whole chat."""


class Use(StrEnum):
    """What an author's lines are for."""

    TUNING = "tuning"
    """Rules are written and readers are trained with these."""
    JUDGING = "judging"
    """Kept apart from all of that, so that figures on them are honest."""


class Author(msgspec.Struct, frozen=True):
    """One hand that wrote lines of the corpus."""

    voice: str
    use: Use


def authors() -> dict[str, Author]:
    """Every author by letter. Raises ``msgspec.ValidationError`` if the list is wrong."""
    return msgspec.convert(tomllib.loads((CORPUS / "authors.toml").read_text("utf-8")), dict[str, Author])


def cases(author: str) -> list[CaseRow]:
    """The labelled messages of an author; none if there are none. Raises ``FileError``."""
    file = CORPUS / f"{author}.jsonl"
    return read_cases(file, {}) if file.exists() else []


def talk(author: str) -> list[CaseRow]:
    """The ordinary talk of an author, chat after chat; none if there is none. Raises ``FileError``."""
    file = CORPUS / "talk" / f"{author}.jsonl"
    return read_cases(file, {}) if file.exists() else []


def chats(author: str) -> list[ChatRow]:
    """The whole chats of an author; none if there are none. Raises ``FileError``."""
    file = CORPUS / "chats" / f"{author}.jsonl"
    return read_chats(file) if file.exists() else []


def turns(author: str) -> list[CaseRow]:
    """Every message of an author's whole chats, with what was said before it."""
    rows = []
    for chat in chats(author):
        people = {person.id: person for person in chat.participants}
        told = [TurnRow(people[said.author].role, said.text) for said in chat.messages]
        for place, said in enumerate(chat.messages):
            who, before = people[said.author], tuple(told[max(0, place - BEFORE) : place])
            rows.append(CaseRow(said.text, f"{chat.id}-{place}", chat.setting, who.role, who.age, before, said.labels, conv=chat.id))
    return rows
