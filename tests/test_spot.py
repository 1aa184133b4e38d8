"""Spotting: exactly what every pattern finds by itself, in good time, whatever the text."""

from __future__ import annotations

import time
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import rules, scanner

from bot.app import PACKAGE, files_below
from bot.matchers import Place
from bot.model import Cue, Said
from bot.rule import ORDINARY, read
from bot.rule.literals import needs
from bot.rule.ordinary import Ordinary
from bot.spot import SHORT, UNREAD, Scanner
from bot.text import View, fold

PLACE = Place()
Hit = tuple[str, int, int]


def read_message(scanner: Scanner, text: str, place: Place) -> tuple[Cue, ...]:
    """Fold and spot in one step, with nothing said before."""
    return scanner.spot(fold(text), place).cues


def one_by_one(view: View) -> set[Hit]:
    """What the patterns find when each is run over the whole text."""
    patterns = [pattern for cue in rules().cues.values() for pattern in cue.patterns]
    return {(one.cue, *view.origin(*one.span(match))) for one in patterns for match in one.compiled.finditer(view.text)}


def check(text: str) -> None:
    """Compare what is spotted with what is found one by one; where no rule could speak, nothing need be spotted."""
    folded = fold(text)
    not_by_pattern = {cue.name for cue in rules().cues.values() if cue.matcher or (cue.phrases and not cue.patterns)}
    made_too = {cue.name for cue in rules().cues.values() if cue.phrases and cue.patterns}
    cues = scanner().spot(folded, PLACE).cues
    seen = {(cue.name, cue.start) for cue in cues if cue.name not in not_by_pattern and cue.name != UNREAD}
    covered = {(cue.name, place) for cue in cues if cue.name in made_too for place in range(cue.start, cue.end)}
    plain = {(name, start) for name, start, _ in one_by_one(folded.plain)}
    skeleton = set() if folded.skeleton is None else {(name, start) for name, start, _ in one_by_one(folded.skeleton)}
    assert {hit for hit in seen if hit[0] not in made_too} <= plain | skeleton, "extra"
    if any(cue.name == UNREAD for cue in cues):
        assert len(text) > SHORT, "only a long text may ask for too much, and then it is said"
    elif cues:
        assert plain <= seen | covered, "missing"
    else:
        assert not scanner().leading & {name for name, _ in plain | skeleton}, "missing altogether"


@lru_cache(maxsize=1)
def examples() -> list[str]:
    """Every line that a rule or cue file tells as an example."""
    lines: list[str] = []
    told = [*(cue.examples for cue in rules().cues.values()), *(rule.examples for rule in rules().rules)]
    for one in told:
        for line in (*one.hits, *one.misses, *one.blind_spots):
            lines += [line] if isinstance(line, str) else line
    return sorted({line.replace("[[", "").replace("]]", "") for line in lines})


@lru_cache(maxsize=1)
def ordinary() -> list[str]:
    """The sample of ordinary talk that lies beside the rules."""
    return files_below(PACKAGE / "rules", ORDINARY)[ORDINARY].splitlines()


WORDS = sorted({word for line in examples() for word in line.split()})

FEW = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ODD = st.sampled_from(["\u200b", "\n", "!!", "0", "é", "t3l3gram", "s n a p", "\ud800"])


def test_many_an_example_is_read_as_one_by_one() -> None:
    """On plain lines nothing is missing and nothing is extra."""
    for line in examples()[::29]:
        check(line)


@FEW
@given(st.lists(st.sampled_from(examples()), min_size=8, max_size=30).map(" ".join))
def test_long_text_is_read_as_one_by_one(text: str) -> None:
    """In a text far above the length that is searched whole, nothing is missing and nothing is extra."""
    check(text if len(text) > SHORT else text.ljust(SHORT + 1, "."))


@FEW
@given(st.lists(st.sampled_from(ordinary()), min_size=10, max_size=30), st.sampled_from(examples()))
def test_ordinary_talk_of_any_length_is_read_to_its_end(lines: list[str], line: str) -> None:
    """Real posts stay far below the budget for long texts, so that nothing in them is missing."""
    text = ". ".join([*lines[:5], line, *lines[5:]])
    assert UNREAD not in {cue.name for cue in read_message(scanner(), text, PLACE)}
    check(text)


@FEW
@given(st.lists(st.sampled_from(WORDS) | ODD, max_size=90).map(" ".join))
def test_shuffled_words_are_read_as_one_by_one(text: str) -> None:
    """Words of the rules in no sensible order, with odd signs between them, are read alike, short and long."""
    check(text)


WHOLE = {"opening.whole"}
"""Cues that are a whole message."""


@pytest.mark.parametrize("line", ["we could move to telegram", "my number is 07700 900123", "t3xt me on t3l3gram"])
@pytest.mark.parametrize("before", [0, 200, 290, 301, 1_000, 5_000])
def test_nothing_hides_in_a_long_text(line: str, before: int) -> None:
    """What is seen in a line is seen at the beginning, in the middle and at the end of much text."""
    alone = {cue.name for cue in read_message(scanner(), line, PLACE)}
    filled = f"{'so, ' * (before // 4)}. {line}. {'and so on ' * 80}"
    assert alone
    assert alone - WHOLE <= {cue.name for cue in read_message(scanner(), filled, PLACE)}


HOSTILE = {
    "one letter": "a" * 10_000,
    "spaces": " " * 10_000,
    "digits": "1" * 10_000,
    "dots": "." * 10_000,
    "at signs": "a@" * 5_000,
    "phone after phone": "07700 900123 " * 770,
    "spaced": "t e l e g r a m " * 625,
    "marks": "e" + "\u0301" * 9_999,
    "number words": "double oh seven " * 625,
    "slashes": "http://" * 1_400,
    "one word": "text " * 2_000,
    "opening": "can you please just " * 500,
    "all the examples": " ".join(examples())[:10_000],
    "all the words": " ".join(WORDS)[:10_000],
    "expanding": "\ufdfa" * 10_000,
    "surrogates": "\ud800" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_done_in_good_time(text: str) -> None:
    """Ten thousand characters made to be slow are read within two seconds, and as many as are searched in one go in a tenth of that."""
    for part, bound in ((text, 2), (text[:SHORT], 0.2)):
        began = time.process_time()
        read_message(scanner(), part, PLACE)
        assert time.process_time() - began < bound


STRANGE = "\0\ud800👍🏽\u200d@.:/+0123 tme"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=400) | st.text(st.sampled_from(STRANGE), max_size=400))
def test_no_text_is_too_much(text: str) -> None:
    """Surrogates, NUL, emoji and anything else raise nothing, and every cue lies inside the message, in order."""
    cues = read_message(scanner(), text, PLACE)
    assert all(0 <= cue.start < cue.end <= len(text) for cue in cues)
    assert [(cue.start, cue.name) for cue in cues] == sorted((cue.start, cue.name) for cue in cues)


# --- a scanner of a few words ----------------------------------------------------------------------------------------

RULE = """
about = 'x'
why = 'x'
[[when]]
certainty = 'likely'
all = ['word']
[examples]
hits = ['a', 'b', 'c', 'd', 'e']
misses = ['f', 'g', 'h', 'i', 'j']
"""


def small(*patterns: str) -> Scanner:
    """Build a scanner with one cue of these patterns."""
    listed = ", ".join(f"'{pattern}'" for pattern in patterns)
    cue = f"about = 'x'\nany = [{listed}]\n[examples]\nhits = []\nmisses = []\n"
    return Scanner(read({"cues/word.toml": cue, "flirt/word.toml": RULE}))


def spans(cues: tuple[Cue, ...]) -> list[tuple[int, int]]:
    """Where cues stand."""
    return [(cue.start, cue.end) for cue in cues]


def test_a_named_group_is_the_cue() -> None:
    """Of a pattern with a ``detail`` only that part is the cue; else the whole match is, also where a choice in it has none."""
    assert spans(read_message(small(r"name \s is \s (?P<detail> [a-z]{1,9} )"), "my name is robin", PLACE)) == [(11, 16)]
    assert spans(read_message(small(r"name \s is"), "my name is robin", PLACE)) == [(3, 10)]
    assert spans(read_message(small(r"call \s me \s (?P<detail> [a-z]{1,9} ) | name \s is"), "my name is robin", PLACE)) == [(3, 10)]


def test_a_disguise_is_told() -> None:
    """What is seen only after a disguise was taken off says so; beside it, the same word written plainly does not."""
    cues = read_message(small("telegram"), "t3l3gram or telegram", PLACE)
    assert [(cue.start, cue.disguised) for cue in cues] == [(0, True), (12, False)]


def test_a_cue_knows_its_sentence() -> None:
    """Each cue carries the number of the sentence it stands in."""
    cues = read_message(small("word"), "word. word, word! word", PLACE)
    assert [cue.sentence for cue in cues] == [0, 1, 1, 2]


def test_every_one_of_many_is_found() -> None:
    """Many of the same are all found, also where the parts of a long text meet, each once."""
    assert [start for start, _ in spans(read_message(small("word"), "word " * 900, PLACE))] == [*range(0, 4_500, 5)]


@pytest.mark.parametrize("before", [0, 240, 470, 960, 2_000])
def test_beginnings_too_many_to_be_looked_for_one_by_one_are_found_by_the_scan(before: int) -> None:
    """In a short text, in a long one and where its parts meet; not where there is none of them."""
    beginnings = [f"{one}{other}" for one in "qxz" for other in "aeiouwyrlm"]
    pattern = rf"zebra \s (?: \w{{1,9}} \s ){{0,3}} \b (?: {' | '.join(beginnings)} ) \w{{1,5}}"
    scanned = [one.scanned for way in needs(pattern, {}, Ordinary([])).ways for one in way.others]
    assert scanned == [{f" {beginning}" for beginning in beginnings}], "else this is a test of something else"
    scanner = small(pattern)
    filling = "and so on " * (before // 10)
    assert spans(read_message(scanner, f"{filling}zebra in the xylo {filling}", PLACE)) == [(len(filling), len(filling) + 17)]
    assert read_message(scanner, f"{filling}zebra in the stable {filling}", PLACE) == ()


def test_without_patterns_nothing_is_spotted() -> None:
    """A scanner without any rule reads every text and finds nothing."""
    assert read_message(Scanner(read({})), "text me", PLACE) == ()


def test_what_no_rule_can_use_is_not_looked_for() -> None:
    """A cue that means something only beside another is spotted when the other is there."""
    files = {f"cues/{name}.toml": f"about = 'x'\nany = ['{name}']\n[examples]\nhits = []\nmisses = []\n" for name in ("the", "zebra")}
    both = Scanner(read({**files, "flirt/x.toml": RULE.replace("['word']", "['the', 'zebra']")}))
    assert both.leading == {"zebra"}
    assert read_message(both, "the horse", PLACE) == ()
    assert [cue.name for cue in read_message(both, "the zebra", PLACE)] == ["the", "zebra"]


def test_an_answer_is_looked_for_when_there_is_something_to_answer() -> None:
    """A cue that only answers what the other person said is spotted after that, and not before."""
    files = {f"cues/{name}.toml": f"about = 'x'\nany = ['{name}']\n[examples]\nhits = []\nmisses = []\n" for name in ("offer", "sure")}
    answering = RULE.replace("['word']", "['sure', 'offer']\nby = 'other person'")
    both = Scanner(read({**files, "flirt/x.toml": answering}))
    offered = Said("1", "other", 0.0, None, read_message(both, "an offer", PLACE))

    assert both.leading == {"offer"}
    assert read_message(both, "sure", PLACE) == ()
    assert [cue.name for cue in both.spot(fold("sure"), PLACE, (offered,)).cues] == ["sure"]


def test_a_search_that_takes_too_long_is_told() -> None:
    """Where a long text is too much to be searched, a cue says that it was not read to its end, and soon."""
    slow = small("word (?: a{0,3} a{0,3} ){1,20} x")
    began = time.process_time()
    cues = read_message(slow, f"word{'a' * 200}{' ' * SHORT}", PLACE)
    assert UNREAD in {cue.name for cue in cues}
    assert time.process_time() - began < 2
