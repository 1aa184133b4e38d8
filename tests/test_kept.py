"""What is kept of patterns between two starts: it saves time and changes nothing, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import PACKAGE, files_below
from bot.edge.kept import MOST, VERSIONS, keeping, stamp
from bot.rule import ORDINARY, Rules, read
from bot.rule.literals import Needs, needs
from bot.rule.ordinary import Ordinary
from bot.rule.pattern import Analyses

FILES = files_below(PACKAGE / "rules", ".toml") | files_below(PACKAGE / "rules", ORDINARY)
WORDS = {"app": ("telegram", "signal")}
PATTERN = r"\b (?: add | find ) \s me \s on \s \L<app> \b"


def needed(rules: Rules) -> list[Needs]:
    """What was found out of every pattern, in order."""
    return [pattern.needs for cue in rules.cues.values() for pattern in cue.patterns]


def ask(folder: Path, name: str = "now") -> Needs:
    """Find out what one pattern needs, with what is kept in a folder."""
    with keeping(folder, name) as known:
        return Analyses(Ordinary(["hello there"]), known).of(PATTERN, WORDS)


def test_what_is_kept_is_what_was_found_out(tmp_path: Path) -> None:
    """All rules read with what an earlier reading has kept are the same rules, and nothing is found out twice."""
    with keeping(tmp_path, "now") as known:
        first = needed(read(FILES, known))
    with keeping(tmp_path, "now") as known:
        before = len(known)
        assert needed(read(FILES, known)) == first
        assert len(known) == before


def test_a_list_of_words_belongs_to_its_pattern(tmp_path: Path) -> None:
    """The same pattern with other words is another one."""
    with keeping(tmp_path, "now") as known:
        asked = Analyses(Ordinary([]), known)
        assert asked.of(PATTERN, WORDS) != asked.of(PATTERN, {"app": ("kik",)})
        assert asked.of(PATTERN, {**WORDS, "other": ("word",)}) == asked.of(PATTERN, WORDS)
        assert len(known) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\x00 no such thing", b"\x81\xa3abc\x01"])
def test_what_cannot_be_read_is_found_out_again(tmp_path: Path, content: bytes) -> None:
    """Half a file, or one that something else has written, costs time and nothing else, and is written anew."""
    right = ask(tmp_path)
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    file.write_bytes(content)
    assert ask(tmp_path) == right == needs(PATTERN, WORDS, Ordinary(["hello there"]))
    assert file.read_bytes() == good


def test_where_nothing_can_be_kept_nothing_is_missed(tmp_path: Path) -> None:
    """A folder that cannot be made: a file stands in its place."""
    (tmp_path / "taken").write_text("")
    assert ask(tmp_path / "taken") == ask(tmp_path)


def test_too_many_are_begun_anew(tmp_path: Path) -> None:
    """A folder of rules that changes all the time does not make the file grow for ever."""
    one = ask(tmp_path)
    with keeping(tmp_path, "now") as known:
        known.update((str(number).encode(), one) for number in range(MOST))
    with keeping(tmp_path, "now") as known:
        assert not known


def test_old_versions_go(tmp_path: Path) -> None:
    """Some versions may be in use side by side; of many the newest stay."""
    for version in range(VERSIONS + 2):
        ask(tmp_path, str(version))
    assert len(list(tmp_path.iterdir())) == VERSIONS
    assert (tmp_path / f"patterns-{VERSIONS + 1}.msgpack").exists()


def test_a_change_of_the_code_or_of_the_sample_is_another_name(tmp_path: Path) -> None:
    """What an older reading found out may be wrong for this one."""
    code = tmp_path / "code.py"
    code.write_text("one = 1")
    name = stamp([code], "hello")
    assert stamp([code], "hello") == name
    assert stamp([code], "goodbye") != name
    code.write_text("one = 2")
    assert stamp([code], "hello") != name
