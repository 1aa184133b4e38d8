"""The labelled messages of ``corpus/``: who wrote what, and for what it may be used."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

from bot.cli.score import CaseRow, read_cases

CORPUS = Path(__file__).resolve().parent.parent / "corpus"


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
