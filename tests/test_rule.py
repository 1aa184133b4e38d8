"""Reading rule files: what they become, and that whatever is wrong is named with its file."""

from __future__ import annotations

import pytest

from bot.model import Certainty, Kind, Reason, Role
from bot.rule import By, Rule, RuleError, Rules, read

EXAMPLES = """
[examples]
hits   = ["a", "b", "c", "d", "e"]
misses = ["f", "g", "h", "i", "j"]
"""
CUE = "about = 'A word.'\nany = ['''\\b word \\b''']\n[examples]\nhits = ['word']\nmisses = ['sword']\n"
RULE = f"about = 'x'\nwhy = 'y'\n[[when]]\ncertainty = 'sure'\nall = ['one.a']\n{EXAMPLES}"
SETS = "[sets]\npair = ['one.a', 'two']\nnested = ['pair', 'one.b']\nempty = []\n"
FILES = {"sets.toml": SETS, "cues/one.a.toml": CUE, "cues/one.b.toml": CUE, "cues/two.toml": CUE}


def asking(all_of: str, none: str = "[]") -> Rule:
    """Read one rule that asks for these cues."""
    body = RULE.replace("all = ['one.a']", f"all = {all_of}\nnone = {none}")
    return read({**FILES, "flirt/test.toml": body}).rules[0]


@pytest.mark.parametrize(
    ("all_of", "groups"),
    [
        ("['two']", [{"two"}]),
        ("['one.*']", [{"one.a", "one.b"}]),
        ("['pair']", [{"one.a", "two"}]),
        ("['nested']", [{"one.a", "one.b", "two"}]),
        ("['one.a | two']", [{"one.a", "two"}]),
        ("['one.*|two']", [{"one.a", "one.b", "two"}]),
        ("['one.b', 'pair']", [{"one.b"}, {"one.a", "two"}]),
    ],
)
def test_names_stand_for_cues(all_of: str, groups: list[set[str]]) -> None:
    """A cue, a set, a prefix and several joined by a bar each give a group of cues."""
    assert [set(group) for group in asking(all_of).whens[0].groups] == groups


def test_exceptions_are_one_group() -> None:
    """All exceptions of a condition are put together, sets and prefixes too."""
    assert asking("['two']", "['pair', 'one.*']").whens[0].none == {"one.a", "one.b", "two"}


def test_a_rule_says_what_its_file_says() -> None:
    """Name and kind come from the path, everything else from the file."""
    text = RULE.replace("all = ['one.a']", "all = ['one.a']\nby = 'other person'\nwithin = 3\nroles = ['listener']")
    rule = read({**FILES, "pretext/test.toml": f"reason = 'battery'\n{text}"}).rules[0]
    assert (rule.name, rule.kind, rule.reason, rule.why) == ("pretext/test", Kind.PRETEXT, Reason.BATTERY, "y")
    when = rule.whens[0]
    assert (when.certainty, when.by, when.within, when.roles, when.near) == (Certainty.SURE, By.OTHER_PERSON, 3, (Role.LISTENER,), None)
    assert read({**FILES, "flirt/test.toml": RULE.replace("all =", "near = 40\nall =")}).rules[0].whens[0].near == 40


@pytest.mark.parametrize(
    ("path", "content", "wrong"),
    [
        ("flirt/x.toml", "about = ", "Invalid value"),
        ("flirt/x.toml", RULE.replace("why", "because"), "because"),
        ("flirt/x.toml", RULE.replace("'sure'", "'certain'"), "certain"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['one.c']"), "no cue and no set called 'one.c'"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['one.a | nothing']"), "'nothing'"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['three.*']"), "no cue at all"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['empty']"), "no cue at all"),
        ("flirt/x.toml", RULE.replace("['one.a']", "[]"), "length"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['one.a']\nwithin = 41"), "41|40"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['one.a']\nby = 'somebody'"), "somebody"),
        ("flirt/x.toml", RULE.replace("['one.a']", "['one.a']\nnear = 9\nby = 'anyone'"), "near is for what stands in the same message"),
        ("flirt/x.toml", RULE.replace(', "e"]', "]"), "4 hits"),
        ("flirt/x.toml", RULE.replace(', "j"]', "]"), "4 misses"),
        ("flirt/x.toml", f"reason = 'battery'\n{RULE}", "no other kind has one"),
        ("pretext/x.toml", RULE, "a pretext has a reason"),
        ("pretext/x.toml", f"reason = 'weather'\n{RULE}", "weather"),
        ("romance/x.toml", RULE, "'romance' is no kind"),
        ("x.toml", RULE, "is no kind"),
        ("cues/x.toml", CUE.replace("any", "every"), "every"),
        ("cues/x.toml", f"with = 'phone'\n{CUE}", "either patterns"),
        ("cues/x.toml", "about = 'x'\n[examples]\nhits = []\nmisses = []\n", "either patterns"),
        ("cues/x.toml", "about = 'x'\nwith = 'pigeon'\n[examples]\nhits = []\nmisses = []\n", "no matcher 'pigeon'; there are .*phone"),
        ("cues/x.toml", CUE.replace("\\b word", "( word"), "in \\( word"),
        ("cues/x.toml", CUE.replace("\\b word", "\\w+"), "longer than"),
        ("cues/x.toml", CUE.replace("\\b word \\b", "\\d"), "stands in every match"),
        ("cues/x.toml", CUE.replace("\\b word", "\\L<words>"), "words"),
        ("sets.toml", "[sets]\npair = 'one.a'\n", "array"),
        ("words.toml", "[words]\npair = 'one'\n", "array"),
        ("cues/x.toml", CUE.replace("[examples]", "[[phrase]]\nof = ['one.a', 'three']\n[examples]"), "no cue and no set called 'three'"),
        ("cues/x.toml", CUE.replace("[examples]", "[[phrase]]\nof = []\n[examples]"), "length"),
        ("cues/x.toml", CUE.replace("[examples]", "[[phrase]]\nof = ['one.a', 'x']\n[examples]"), "made of itself"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(path: str, content: str, wrong: str) -> None:
    """Each kind of error names the file and what is wrong in it, and nothing is loaded."""
    with pytest.raises(RuleError, match=wrong) as error:
        read({**FILES, path: content})
    assert str(error.value).startswith(f"{path}: ")


def test_a_set_that_holds_itself_is_refused() -> None:
    """Sets that stand for one another in a circle are an error that names a file, not the end of the program."""
    circle = {**FILES, "sets.toml": "[sets]\nfirst = ['second']\nsecond = ['first']\n"}
    with pytest.raises(RuleError, match=r"flirt/x\.toml: .*first"):
        read({**circle, "flirt/x.toml": RULE.replace("['one.a']", "['first']")})


def test_no_files_are_no_rules() -> None:
    """Nothing in, nothing out."""
    assert read({}) == Rules({}, ())


def test_a_word_list_is_matched_literally() -> None:
    """Words of a list are words, whatever signs they hold; a list that is not there is an error."""
    cue = CUE.replace("word \\b", "\\L<names>").replace("[examples]", "[words]\nnames = ['a.b', 'c d']\n[examples]")
    (pattern,) = read({"cues/x.toml": cue}).cues["x"].patterns
    assert [bool(pattern.compiled.search(text)) for text in ("a.b", "axb", "c d", "cd")] == [True, False, True, False]
    with pytest.raises(RuleError, match=r"cues/x\.toml: .*names"):
        read({"cues/x.toml": cue.replace("names =", "others =")})


PHRASE = "about = 'Both.'\n[[phrase]]\nof = ['one.a', 'pair']\nnone = ['one.b']\n[examples]\nhits = ['word']\nmisses = ['sword']\n"


def test_a_cue_may_be_made_of_cues() -> None:
    """A phrase resolves its names as a rule does, and those it is made of come before it."""
    rules = read({**FILES, "cues/a.toml": PHRASE.replace("one.b", "z"), "cues/z.toml": PHRASE})
    (phrase,) = rules.cues["z"].phrases
    assert phrase.groups == (frozenset({"one.a"}), frozenset({"one.a", "two"}))
    assert phrase.none == {"one.b"}
    assert phrase.ordered
    assert rules.stones(frozenset({"z"})) <= {"one.a", "two"}


def test_word_lists_are_named_once() -> None:
    """A list of ``words.toml`` serves every cue; one of the cue's own goes before."""
    cue = CUE.replace("word \\b", "\\L<names>")
    shared = {"words.toml": "[words]\nnames = ['ann', 'bob']\n", "cues/x.toml": cue}
    (pattern,) = read(shared).cues["x"].patterns
    assert pattern.compiled.search("bob")
    (own,) = read({**shared, "cues/x.toml": cue.replace("[examples]", "[words]\nnames = ['cat']\n[examples]")}).cues["x"].patterns
    assert own.compiled.search("cat")
    assert not own.compiled.search("bob")
