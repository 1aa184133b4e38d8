"""docs/requirements.md and the stories name each other, and everything that the page leads to is there."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from make import prompts
from test_stories import STORIES

import bot.edge.web
from bot.app import PACKAGE
from bot.edge.settings import Settings
from bot.prompts import DEFAULT_LOCALE

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "requirements.md").read_text("utf-8")
ENTRY = re.compile(r"^- \*\*R(\d+)\*\* (.+)$", re.MULTILINE)
HIGHEST = 109
SORTS = ("story", "prompt", "page", "rule", "setting", "test", "doc")

ENTRIES = {int(found[1]): found[2] for found in ENTRY.finditer(PAGE)}


def named(entry: str) -> dict[str, list[str]]:
    """What stands behind an entry, by sort: ``(story `a`, `b`; prompt `c`)``."""
    behind = re.search(r" \(((?:story|prompt|page|rule|setting|test|doc) `.*?`)\)", entry)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for group in behind[1].split("; ") if behind else ():
        sort, _, names = group.partition(" ")
        found[sort] += re.findall(r"`([^`]+)`", names)
    return found


def shown_by_stories() -> dict[int, set[str]]:
    """Number to the stories whose first line names it."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for story in STORIES:
        first = story.read_text("utf-8").splitlines()[0].partition(":")[0]
        for number in re.findall(r"\bR(\d+)\b", first):
            found[int(number)].add(story.stem)
    return found


def test_every_number_has_its_line_once_and_in_order() -> None:
    """From the first to the last, none left out and none twice."""
    assert [int(found[1]) for found in ENTRY.finditer(PAGE)] == list(range(1, HIGHEST + 1))


@pytest.mark.parametrize("number", ENTRIES)
def test_something_stands_behind_it(number: int) -> None:
    """Each is shown by something that is here, or says why it is left to others."""
    behind = named(ENTRIES[number])
    assert set(behind) <= set(SORTS)
    assert behind or "*Not here:*" in ENTRIES[number]


@pytest.mark.parametrize("number", ENTRIES)
def test_page_and_stories_name_each_other(number: int) -> None:
    """The stories that the page names for a number are exactly those whose first line names it."""
    assert set(named(ENTRIES[number])["story"]) == shown_by_stories()[number]


def test_no_story_shows_a_number_that_nobody_asked_for() -> None:
    """Numbers in the stories are numbers of the page."""
    assert set(shown_by_stories()) <= set(ENTRIES)


WRITTEN = {prompt.path.split("/")[0] for prompt in prompts() if prompt.locale == DEFAULT_LOCALE}
PAGES = set(re.findall(r'"(/[^"]+)": ', Path(bot.edge.web.__file__).read_text("utf-8")))


@pytest.mark.parametrize("number", ENTRIES)
def test_what_is_named_is_there(number: int) -> None:
    """Every prompt, page, rule, setting, test and document that the page leads to."""
    behind = named(ENTRIES[number])
    assert set(behind["prompt"]) <= WRITTEN
    assert set(behind["page"]) <= PAGES
    assert set(behind["setting"]) <= set(Settings.model_fields)
    for rule in behind["rule"]:
        assert (PACKAGE / "rules" / rule).is_dir() or (PACKAGE / "rules" / f"{rule}.toml").is_file(), rule
    for test in behind["test"]:
        assert list(ROOT.glob(f"tests/**/{test}.py")), test
    for document in behind["doc"]:
        assert (ROOT / document).is_file(), document
