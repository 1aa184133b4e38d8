"""The prefilter is exact: what a pattern matches always holds one of the literals read off its syntax tree."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from make import rules

from bot.rule import CueSpec
from bot.rule.literals import LONGEST, Needs, PatternError, expand, needs
from bot.rule.ordinary import Ordinary
from bot.rule.pattern import FLAGS
from bot.rule.ways import Ways
from bot.text import level

AHEAD = 64
"""So far behind its end a match may depend on what is said."""
ORDINARY = Ordinary(["the cat sat on the mat", "what the cat saw", "the mat"])
WRITTEN = [cue for cue in rules().cues.values() if cue.patterns]


def without_looking_back(expanded: str) -> str:
    """Drop what must not stand before: the standard library, which makes the texts, wants it of one length."""
    while (start := max(expanded.rfind("(?<!"), expanded.rfind("(?<="))) >= 0:
        depth = 0
        for sign in re.finditer(r"\\.|\[(?:\\.|[^\]\\])*\]|[()]", expanded[start:], re.DOTALL):
            depth += {"(": 1, ")": -1}.get(sign.group(), 0)
            if not depth:
                expanded = expanded[:start] + expanded[start + sign.end() :]
                break
    return expanded


def check(expanded: str, search: regex.Pattern[str], needed: Needs, examples: int) -> int:
    """Make texts from a pattern's own syntax tree and see what must stand in them; gives how many matched."""
    matched = 0
    ways = Ways((one, 0, needed.reach) for one in needed.ways)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.from_regex(re.compile(without_looking_back(expanded), re.VERBOSE), alphabet=alphabet(expanded)))
    def look(text: str) -> None:
        nonlocal matched
        for found in search.finditer(text):
            matched += 1
            around = level(text[max(0, found.start() - 1) : found.end() + AHEAD])
            assert ways.holding(ways.find(around.text), around), f"{expanded} matches {found.group()!r}"
            shown = search.match(text, found.start(), found.start() + needed.reach)
            assert shown is not None, f"{expanded} looks further ahead than {needed.reach} characters"
            assert shown.span() == found.span()

    look()
    return matched


def alphabet(expanded: str) -> st.SearchStrategy[str]:
    """Everyday characters and those of the pattern: what has no case and no form, so that folding is out of the picture."""
    return st.characters(max_codepoint=127, include_characters=expanded)


@pytest.mark.parametrize("cue", WRITTEN, ids=lambda cue: cue.name)
def test_every_match_holds_a_literal(cue: CueSpec) -> None:
    """For every pattern that comes along, texts made from its syntax tree that match it hold what it needs."""
    matched = [check(pattern.expanded, pattern.compiled, pattern.needs, 2) for pattern in cue.patterns]
    assert any(matched), "no text was made that any of these patterns matches"


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b (?: kill | drain )\w{0,3} \b [^.]{0,9} \b \L<things> \b",
        r"(?: ab | c[de] ){1,9}? fg? (?=hi) .",
        r"(?P<detail> abc ) (?: de | ) \d [fg]{2}",
        r"[a-c]{2} (?: xy ){2,3} (?<! q )",
        r"(?> ab | abc ) d",
        r"(?: on | off )(?: line )?",
    ],
)
def test_the_analysis_is_right_about_what_it_understands(pattern: str) -> None:
    """Choices, repeats, groups and look-arounds are read right, over many texts."""
    words = {"things": ("battery", "phone battery", "a.c")}
    expanded = expand(pattern, words)
    assert check(expanded, regex.compile(expanded, FLAGS), needs(pattern, words, ORDINARY), 60)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("abc", {"abc"}),
        ("(?: ab | cd ) e", {"abe", "cde"}),
        ("ab \\d cde", {"cde"}),
        ("ab (?: zzz )? cd", {"abzzzcd", "abcd"}),
        ("[xy] ou", {"xou", "you"}),
        ("(?: the | zebra ) \\d vortex", {"vortex"}),
    ],
)
def test_the_rarest_set_is_chosen(pattern: str, literals: set[str]) -> None:
    """Of all sets of which one must be there, the one least met by chance is looked for."""
    assert needs(pattern, {}, ORDINARY).literals == literals


@pytest.mark.parametrize(
    ("pattern", "leads"),
    [
        ("(?: on | in ) \\s vortex", {0}),
        ("\\w{2,9} \\s vortex", {10}),
        ("[^.]{0,20} \\b vortex", {20}),
        (", \\s vortex", {2}),
        ("(?: quiet \\d | \\w \\w zebra ) x", {0, 2}),
        ("\\d{3} \\L<things>", {3}),
    ],
)
def test_it_is_known_how_far_behind_the_beginning_a_literal_stands(pattern: str, leads: set[int]) -> None:
    """So many characters at the most stand before a literal: no match has to be tried further back."""
    needed = needs(pattern, {"things": ("vortex", "zebra")}, ORDINARY)
    assert {way.must.lead for way in needed.ways} == leads


@pytest.mark.parametrize(
    ("pattern", "reach"),
    [
        ("vortex", 6),
        ("\\b vortex \\b", 8),
        ("\\L<things> \\s? x", 8),
        ("vortex (?! \\s{1,3} (?: a | bcd ) )", 12),
        ("(?<! not \\s ) vortex (?= [.,] )", 7),
        ("(?: vortex | zebra \\s{0,4} ){1,2} x", 19),
    ],
)
def test_it_is_known_how_much_a_match_looks_at(pattern: str, reach: int) -> None:
    """From where it begins; what it looks ahead at is counted in, what it looks back at is not."""
    assert needs(pattern, {"things": ("vortex", "zebra")}, ORDINARY).reach == reach


@pytest.mark.parametrize(
    ("pattern", "text", "worth"),
    [
        (r"\b the \b \d \b zoo \b", "the 1 zoo", True),
        (r"\b the \b \d \b zoo \b", "a zoo 1 the", False),
        (r"\b zoo \b \d \b the \b", "the zoo 1", False),
        (r"\b zoo \b [^.]{0,9} \b (?: the \s cat | th\w ) \b", "they like a zoo 1 day", False),
        (r"\b zoo \b [^.]{0,9} \b the \b", f"zoo {'x ' * 30} the", False),
        (r"(?= [^.]{0,9} \b zoo \b ) \b the \b", "the zoo", True),
        (r"(?= [^.]{0,9} \b the \b ) \b a \s zoo \b", "a zoo the", True),
    ],
)
def test_what_must_stand_behind_a_word_is_not_looked_for_before_it(pattern: str, text: str, worth: bool) -> None:  # noqa: FBT001
    """Nor further away than a match reaches; what is only looked ahead at may stand anywhere behind where that happens."""
    needed = needs(pattern, {}, ORDINARY)
    ways = Ways((way, 7, needed.reach) for way in needed.ways)
    assert ways.holding(ways.find(level(text).text), level(text)) == ({7} if worth else set())


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("(ab) \\1", "not understood"),
        ("(?P<x> ab )? (?(x) cd | ef )", "not understood"),
        ("ab .*", "longer than"),
        ("ab \\w+", "longer than"),
        ("ab (?! \\s* cd )", "look ahead"),
        (f"ab .{{0,{LONGEST}}}", "longer than"),
        ("(?: ab )?", "empty"),
        ("\\d{3}", "no word"),
        ("a \\d", "no word"),
        ("(?: word | \\d\\d )", "no word"),
        ("( ab", "unterminated"),
        ("\\p{L} ab", "bad escape"),
    ],
)
def test_what_is_not_understood_is_refused(pattern: str, wrong: str) -> None:
    """A construct or a length the analysis cannot vouch for is an error that says why."""
    with pytest.raises(PatternError, match=wrong):
        needs(pattern, {}, ORDINARY)


def test_words_are_written_out_longest_first() -> None:
    """A list becomes a choice in which no word hides a longer one, and its signs are only signs."""
    assert expand(r"\L<w>!", {"w": ("a", "a.b", "ab")}) == r"(?:a\.b|ab|a)!"


def test_a_list_that_is_not_there_is_named() -> None:
    """The error for a missing list says which one."""
    with pytest.raises(PatternError, match=r"L<pets> is not among"):
        expand(r"\L<pets>", {"things": ("a",)})
    with pytest.raises(PatternError, match=r"L<pets> is not among"):
        needs(r"\L<pets>", {"things": ("a",)}, ORDINARY)


def test_a_list_needs_the_same_written_out_or_not() -> None:
    """What stands in for a word list while a pattern is read changes nothing of what it needs."""
    words = {"app": ("signal", "snap chat", "u.k"), "verb": ("use", "try")}
    pattern = r"\b \L<verb> \s (?: my \s )? \L<app> \b [^.]{0,9} \L<verb>"
    listed, written = needs(pattern, words, ORDINARY), needs(expand(pattern, words), {}, ORDINARY)
    assert (listed.literals, listed.reach) == (written.literals, written.reach)


def test_what_is_often_said_is_not_looked_for() -> None:
    """Of two words that must be there the scan looks for the one that ordinary talk seldom holds, whatever its letters."""
    assert needs(r"\b the \b \d \b zoo \b", {}, ORDINARY).literals == {" zoo "}
    assert needs(r"\b mat \b \d \b tie \b", {}, ORDINARY).literals == {" tie "}


@pytest.mark.parametrize("often", [" cat ", " ca", "at ", " the cat ", "e cat s", " cat sat ", "at"])
@pytest.mark.parametrize("seldom", [" dog ", " do", "og ", " cat the ", "e cat d", " sat cat ", "og"])
def test_a_sample_is_counted(often: str, seldom: str) -> None:
    """Whole words, beginnings, ends, parts and phrases: what a sample holds is known to be said, whatever its letters."""
    sample = Ordinary(["the cat sat"] * 1_000)
    assert sample.share(often) > 0.9
    assert sample.share(seldom) < 0.1
