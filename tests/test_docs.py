"""What the documents tell people to write works as they tell it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_rules import signals_with

from bot.app import PACKAGE, files_below
from bot.compose import Composer
from bot.model import Certainty
from bot.rule import read
from bot.spot import Scanner

DOCS = Path(__file__).parent.parent / "docs"
LINK = re.compile(r"\]\(([^)#]+)")


def test_the_rule_of_the_lesson_is_a_rule() -> None:
    """The cue and the rule of docs/rules.md load beside ours, catch their hits and leave their misses alone."""
    cue, rule, _ = re.findall(r"```toml\n(.*?)```", (DOCS / "rules.md").read_text("utf-8"), re.DOTALL)
    files = {**files_below(PACKAGE / "rules", ".toml"), "cues/obstacle.closing.toml": cue, "pretext/closing.toml": rule}
    rules = read(files)
    built = next(one for one in rules.rules if one.name == "pretext/closing")
    parts = Scanner(rules), Composer(rules)
    assert [line for line in built.examples.hits if Certainty.LIKELY not in signals_with(*parts, built, line)] == []
    assert [line for line in built.examples.misses if Certainty.LIKELY in signals_with(*parts, built, line)] == []


@pytest.mark.parametrize("page", sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md"), *DOCS.parent.glob("corpus/*.md")]), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link from one document to a file of the repository leads to a file that is there."""
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []
