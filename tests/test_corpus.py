"""The corpus: every line can be read, belongs to an author, and stands in one place only."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from bot.cli.chats import read_chats
from bot.cli.score import CaseRow
from bot.model import Age, Kind
from tools.corpus import CORPUS, Use, authors, cases, talk, turns

LETTERS = sorted(authors())
SEVERAL = "chats"
"""A file of whole chats by several authors, for figures only."""
A_PHRASE = 7
"""So many words may be said in the same way by anybody: "what happens when you try?"."""
FOR_ADULTS = {Kind.FLIRT, Kind.SEXUAL_INVITE}


def lines(author: str) -> list[CaseRow]:
    """All that an author wrote."""
    return [*cases(author), *talk(author), *turns(author)]


@pytest.mark.parametrize("author", LETTERS)
def test_every_author_wrote_something(author: str) -> None:
    """Who is in the list has lines, each with an id of theirs, and nothing that is only said among adults is said to a teen."""
    rows = lines(author)
    assert rows
    assert {re.split(r"[^A-Z]", row.id)[0] for row in rows} == {author}
    assert not [row.id for row in (*cases(author), *turns(author)) if row.age is Age.TEEN and FOR_ADULTS & set(row.labels or ())]


def test_every_file_has_an_author() -> None:
    """No file stands in the folder that nobody in the list wrote."""
    files = {file.stem for file in CORPUS.rglob("*.jsonl")}
    assert files == {*LETTERS, SEVERAL}


def test_nothing_stands_there_twice() -> None:
    """Ids are unique, and no text of more than a few words is both for tuning and for judging, but for what every listener says."""
    uses = {letter: author.use for letter, author in authors().items()}
    rows = [(uses[letter], row) for letter in LETTERS for row in lines(letter)]
    assert not [one for one, count in Counter(row.id for _, row in rows).items() if count > 1]
    texts = {use: {row.text.lower() for kept, row in rows if kept is use} for use in Use}
    assert not [text for text in texts[Use.TUNING] & texts[Use.JUDGING] if len(text.split()) > A_PHRASE]


def test_about_half_is_harmless() -> None:
    """There are at least as many harmless messages as others, and ordinary talk of its own."""
    rows = [row for letter in LETTERS for row in lines(letter)]
    harmless = sum(not row.labels for row in rows)
    assert len(rows) > 6_000
    assert harmless * 2 >= len(rows)
    assert sum(len(talk(letter)) for letter in LETTERS) >= 1_500


def test_whole_chats_can_be_read() -> None:
    """The files of whole chats are in the format of the command ``chats``."""
    for file in (CORPUS / "chats").glob("*.jsonl"):
        assert read_chats(file)


def test_the_files_are_plain_json_lines() -> None:
    """One object a line, in UTF-8, with nothing else between."""
    for file in CORPUS.rglob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            assert isinstance(json.loads(line), dict)
