"""Every rule and cue file proves itself: its own examples are tests. Some of the lines are hurtful; nobody here means them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

from bot.app import load_rules
from bot.compose import FAREWELL, REFUSAL, Composer
from bot.matchers import Place
from bot.model import Certainty, Role, Said
from bot.rule import Chatline, CueSpec, Rule, Rules
from bot.spot import Scanner
from bot.text import fold

MARK = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


@lru_cache(maxsize=1)
def parts() -> tuple[Rules, Scanner, Composer]:
    """The rules that come along, and what is built from them."""
    rules = load_rules()
    return rules, Scanner(rules), Composer(rules)


@lru_cache(maxsize=1)
def every_cue() -> Scanner:
    """A scanner that looks for every cue in every message."""
    rules = parts()[0]
    return Scanner(rules, leading=frozenset(rules.cues))


def as_turns(line: Chatline) -> list[tuple[str, str]]:
    """An example as (author, text); ``other: ...`` is the other person's."""
    lines = [line] if isinstance(line, str) else line
    return [("other", text.removeprefix("other:").strip()) if text.startswith("other:") else ("author", text) for text in lines]


def signals_of(rule: Rule, line: Chatline) -> list[Certainty]:
    """What this rule concludes about the last message of an example."""
    _, scanner, composer = parts()
    return signals_with(scanner, composer, rule, line)


def signals_with(scanner: Scanner, composer: Composer, rule: Rule, line: Chatline) -> list[Certainty]:
    """The same by a scanner and a composer of other rules."""
    role = next((when.roles[0] for when in rule.whens if when.roles), Role.MEMBER)
    tail: tuple[Said, ...] = ()
    *before, (author, last) = as_turns(line)
    for number, (earlier, text) in enumerate(before):
        spotted = scanner.spot(fold(text), Place(), tail)
        tail = (*spotted.tail, Said(str(number), earlier, 0.0, text, spotted.cues, whole=spotted.whole))
    spotted = scanner.spot(fold(last), Place(), tail)
    return [one.certainty for one in composer.compose(spotted.cues, spotted.tail, author, role) if one.rule == rule.name]


def rule_examples(which: str) -> Iterator[Any]:
    """Every example of one sort, named by its rule."""
    for rule in parts()[0].rules:
        for line in getattr(rule.examples, which):
            yield pytest.param(rule, line, id=f"{rule.name}: {line if isinstance(line, str) else ' / '.join(line)}")


def cue_examples(which: str) -> Iterator[Any]:
    """Every example of one sort, named by its cue."""
    for cue in parts()[0].cues.values():
        for line in getattr(cue.examples, which):
            yield pytest.param(cue, line, id=f"{cue.name}: {line}")


@pytest.mark.parametrize(("rule", "line"), list(rule_examples("hits")))
def test_a_hit_is_likely_or_sure(rule: Rule, line: Chatline) -> None:
    """What a rule says it catches, it catches with more than a hint, unless it never gives more than one."""
    expected = {when.certainty for when in rule.whens} - {Certainty.HINT} or {Certainty.HINT}
    assert expected & set(signals_of(rule, line))


@pytest.mark.parametrize(("rule", "line"), list(rule_examples("misses")))
def test_a_miss_is_left_alone(rule: Rule, line: Chatline) -> None:
    """What a rule says it leaves alone, it says nothing of, not even a hint."""
    assert signals_of(rule, line) == []


@pytest.mark.parametrize(("rule", "line"), list(rule_examples("blind_spots")))
def test_a_blind_spot_is_still_one(rule: Rule, line: Chatline) -> None:
    """What is known to slip through does; when it is caught one day, it moves to the hits."""
    assert not {Certainty.LIKELY, Certainty.SURE} & set(signals_of(rule, line))


@pytest.mark.parametrize(("cue", "line"), list(cue_examples("hits")))
def test_a_cue_catches_exactly_the_marked_words(cue: CueSpec, line: str) -> None:
    """The marked words are where the cue stands, to the letter."""
    text = MARK.sub(r"\1", line)
    marked = [found.group(1) for found in MARK.finditer(line)]
    found = [text[seen.start : seen.end] for seen in every_cue().spot(fold(text), Place()).cues if seen.name == cue.name]
    assert marked
    assert found == marked


@pytest.mark.parametrize(("cue", "line"), list(cue_examples("misses")))
def test_a_cue_leaves_its_misses_alone(cue: CueSpec, line: str) -> None:
    """A cue is not seen where its file says that it is not."""
    assert cue.name not in {seen.name for seen in every_cue().spot(fold(line), Place()).cues}


def test_every_cue_is_of_use() -> None:
    """A cue that neither a rule nor the street asks for is dead."""
    rules = parts()[0]
    used = {cue for rule in rules.rules for when in rule.whens for group in (*when.groups, when.none, when.without) for cue in group}
    phrases = [phrase for cue in rules.cues.values() for phrase in cue.phrases]
    used |= {cue for phrase in phrases for group in (*phrase.groups, phrase.between, phrase.none) for cue in group}
    assert sorted(set(rules.cues) - used - {REFUSAL, FAREWELL}) == []


def test_every_cue_has_examples_of_both_sorts() -> None:
    """Nothing is spotted without a proof, and none without a counter-proof."""
    assert [cue.name for cue in parts()[0].cues.values() if not cue.examples.hits or not cue.examples.misses] == []
