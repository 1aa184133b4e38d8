"""Putting it together: files are found, an operator's own go over those that come along, and what is wrong is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from make import MAYA, NOW, chance, direct

from bot.app import PACKAGE, build_assistant, files_below, find, load_prompts, load_rules
from bot.model import Audience, Command, Message, Role
from bot.prompts import PromptError
from bot.rule import RuleError
from bot.voice import Community

RULES_PROMPT = '+++\ntitle = "House rules"\ntone = "tip"\nwhy = "You asked."\n[sample]\n+++\nBe kind.'


def test_folders_are_found() -> None:
    """Prompts and rules are where they are looked for, and none is empty."""
    assert files_below(find("prompts"), ".md")
    assert files_below(PACKAGE / "rules", ".toml")


def test_files_are_named_by_their_path_from_the_folder(tmp_path: Path) -> None:
    """Only files of that ending are read, sorted, in UTF-8, with slashes on every system."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.md").write_text("é", "utf-8")
    (tmp_path / "a.md").write_text("1", "utf-8")
    (tmp_path / "a.txt").write_text("2", "utf-8")
    assert list(files_below(tmp_path, ".md").items()) == [("a.md", "1"), ("b/x.md", "é")]


def test_an_operators_prompt_goes_over_ours(tmp_path: Path) -> None:
    """A file of the same path is said instead of ours, and all others stay."""
    (tmp_path / "en" / "rules").mkdir(parents=True)
    (tmp_path / "en" / "rules" / "to-sender.md").write_text(RULES_PROMPT, "utf-8")
    own = load_prompts(tmp_path)
    picked = own.pick("rules", Audience.TO_SENDER, Role.MEMBER, teen=False)
    assert picked is not None
    assert picked.front.title == "House rules"
    assert {prompt.path for prompt in own} == {prompt.path for prompt in load_prompts()}


def test_the_street_is_built_whole(tmp_path: Path) -> None:
    """With rules and prompts of their own an operator gets an assistant that speaks by them."""
    (tmp_path / "cues").mkdir()
    (tmp_path / "cues" / "sesame.toml").write_text("about = 'x'\nany = ['sesame']\n[examples]\nhits = []\nmisses = []\n", "utf-8")
    (tmp_path / "secrecy").mkdir()
    rule = "about = 'x'\nwhy = 'x'\n[[when]]\ncertainty = 'sure'\nall = ['sesame']\n[examples]\n"
    (tmp_path / "secrecy" / "sesame.toml").write_text(f"{rule}hits = {list('abcde')}\nmisses = {list('abcde')}\n", "utf-8")
    (tmp_path / "en" / "rules").mkdir(parents=True)
    (tmp_path / "en" / "rules" / "to-sender.md").write_text(RULES_PROMPT, "utf-8")
    built = build_assistant("secret", Community(), own_rules=tmp_path, own_prompts=tmp_path)
    answer, chat, people = built.hear(Message("m1", "c1", "maya", "open sesame", NOW), direct(), {}, NOW, chance())
    assert [signal.rule for signal in answer.signals] == ["secrecy/sesame"]
    answer, _, _ = built.hear(Command("k1", chat.id, MAYA.id, "/rules"), chat, people, NOW, chance())
    assert [nudge.text for nudge in answer.nudges] == ["Be kind."]


def test_a_wrong_file_of_an_operator_stops_the_start(tmp_path: Path) -> None:
    """Nothing is loaded by half: the error names the operator's file."""
    (tmp_path / "x.toml").write_text("about = 1", "utf-8")
    (tmp_path / "x.md").write_text("words", "utf-8")
    with pytest.raises(RuleError, match=r"^x\.toml: "):
        load_rules(tmp_path)
    with pytest.raises(PromptError, match=r"^x\.md: "):
        load_prompts(tmp_path)
