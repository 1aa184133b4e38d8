"""The score: figures that can be worked out by hand, for labelled messages and for harmless talk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.app import build_assistant
from bot.assistant import Assistant
from bot.cli.score import LABELS, CaseRow, Judged, judge, misses, read_cases, read_ids, read_map, report, show, show_misses
from bot.cli.walk import FileError
from bot.compose import READER
from bot.model import Verdict
from bot.voice import Community

ASK, INVITE, PHONE, PLAIN = (
    "what's your phone number?",
    "this app drains my battery, got telegram?",
    "call me on 020 7946 0958",
    "work was hard",
)
NOBODY: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """Build the whole street once."""
    return build_assistant("replay", Community(), readers=(READER,))


def judged(labels: str | None, found: str = "", hints: str = "", *, verdict: Verdict = Verdict.DELIVER, name: str = "x") -> Judged:
    """A message as it was judged; kinds are written with spaces between them."""
    row = CaseRow("words", name, labels=None if labels is None else tuple(labels.split()))
    return Judged(row, frozenset(found.split()), frozenset(hints.split()), verdict)


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    """Write a JSON Lines file."""
    file = folder / "cases.jsonl"
    file.write_text("".join(json.dumps({"text": PLAIN, **line}) + "\n" for line in lines))
    return file


def scored(assistant: Assistant, folder: Path, *lines: dict[str, Any], accepted: frozenset[str] = NOBODY) -> dict[str, Any]:
    """Score a file with these lines."""
    return report(judge(assistant, read_cases(written(folder, *lines), {})), accepted)


# --- counting --------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_kind() -> None:
    """Recall is over the labels, precision over what was found, and hints are neither found nor false."""
    cases = [
        judged("flirt", "flirt"),
        judged("flirt", "flirt"),
        judged("flirt", "", "flirt"),
        judged("flirt secrecy", "secrecy"),
        judged("", "flirt"),
        judged("", "", "flirt"),
    ]

    assert report(cases, NOBODY)["kinds"]["flirt"] == {
        "cases": 4,
        "found": 2,
        "recall": 0.5,
        "false_alarms": 1,
        "precision": 0.6667,
        "hints": 2,
    }


def test_any_move_finds_a_move_and_exact_is_all_of_them() -> None:
    """A move is found by whichever of the four kinds; exact are those whose move labels are just what was found."""
    cases = [
        judged("pretext offsite.invite", "pretext offsite.invite flirt"),
        judged("pretext offsite.invite", "pretext"),
        judged("contact.share evasion", "contact.request"),
        judged("pretext", "flirt"),
        judged("flirt", "pretext"),
    ]

    assert report(cases, NOBODY)["moves"] == {"cases": 4, "found": 3, "recall": 0.75, "exact": 0.3333}


def test_ordinary_talk_that_is_flagged_held_or_masked() -> None:
    """A hard negative is flagged by any kind that is more than a hint."""
    cases = [
        judged("", "flirt"),
        judged("", "contact.share", verdict=Verdict.MASK),
        judged("", "sexual.invite", verdict=Verdict.HOLD),
        judged("", "", "flirt"),
        judged("contact.share", "contact.share", verdict=Verdict.MASK),
    ]

    assert report(cases, NOBODY)["hard_negatives"] == {"cases": 4, "flagged": 3, "rate": 0.75, "held": 1, "masked": 1}


def test_crisis_is_counted_apart_in_harmless_talk() -> None:
    """What is flagged is everything but crisis; a message with both is in both counts."""
    talk = [judged(None, "crisis"), judged(None, "crisis flirt"), judged(None, "flirt evasion"), judged(None, "", "flirt"), judged(None)]

    assert report(talk, NOBODY)["quiet"] == {
        "messages": 5,
        "alarms": {"flirt": 2},
        "flagged": 2,
        "per_1000": 400.0,
        "crisis": 2,
        "held": 0,
        "masked": 0,
    }


def test_what_is_accepted_is_no_false_alarm() -> None:
    """A message named as a true breach stays in the totals and leaves the alarms."""
    cases = [judged("", "flirt", name="a"), judged("", "flirt", name="b")]
    talk = [judged(None, "flirt", name="a", verdict=Verdict.MASK), judged(None, "flirt", name="b")]
    accepted = frozenset({"a"})

    assert report(cases, accepted)["kinds"]["flirt"]["false_alarms"] == 1
    assert report(cases, accepted)["hard_negatives"]["flagged"] == 1
    assert report(talk, accepted)["quiet"]["flagged"] == 1
    assert report(talk, accepted)["quiet"]["masked"] == 0
    assert [row["id"] for row in misses(cases, accepted)] == ["b"]


def test_misses_name_what_was_not_found_and_what_is_not_there() -> None:
    """A message that is judged rightly is not named; the others say what is wrong with them."""
    wrong = misses([judged("flirt", "flirt"), judged("flirt", "secrecy", "flirt", name="b")], NOBODY)

    assert wrong == [{"id": "b", "missed": ["flirt"], "false": ["secrecy"], "hints": ["flirt"], "verdict": "deliver", "text": "words"}]


# --- down the street -------------------------------------------------------------------------------------------------


def test_all_figures_are_always_there(assistant: Assistant, tmp_path: Path) -> None:
    """Labelled messages and harmless talk give the same blocks, and every kind has its row."""
    labelled = scored(assistant, tmp_path, {"labels": ["contact.request"], "text": ASK, "role": "listener"})
    quiet = scored(assistant, tmp_path, {"role": "seeker"})

    assert set(labelled) == set(quiet) == {"cases", "kinds", "moves", "hard_negatives", "quiet"}
    assert set(labelled["kinds"]) == set(LABELS)
    assert (labelled["cases"], labelled["kinds"]["contact.request"]["found"], labelled["quiet"]["messages"]) == (1, 1, 0)
    assert (quiet["cases"], quiet["quiet"]["messages"], quiet["quiet"]["flagged"]) == (0, 1, 0)


def test_what_was_said_before_is_heard(assistant: Assistant, tmp_path: Path) -> None:
    """An excuse in the context makes a pretext of the invitation that is judged, and only of that."""
    line = {"labels": ["pretext", "offsite.invite"], "role": "listener", "text": "got telegram?"}
    context = [{"role": "listener", "text": "this app drains my battery"}, {"role": "member", "text": "oh"}]

    alone = scored(assistant, tmp_path, line)
    after = scored(assistant, tmp_path, {**line, "context": context})

    assert (alone["kinds"]["pretext"]["found"], after["kinds"]["pretext"]["found"]) == (0, 1)


def test_a_disguise_is_an_evasion(assistant: Assistant, tmp_path: Path) -> None:
    """Evasion is found where something was seen only after a disguise was taken off."""
    plain = scored(assistant, tmp_path, {"labels": ["evasion"], "text": "got telegram? add me there"})
    disguised = scored(assistant, tmp_path, {"labels": ["evasion"], "text": "got t e l e g r a m? add me there"})

    assert (plain["kinds"]["evasion"]["found"], disguised["kinds"]["evasion"]["found"]) == (0, 1)


def test_harmless_talk_is_heard_conversation_by_conversation(assistant: Assistant, tmp_path: Path) -> None:
    """Lines of the same conversation are heard in one chat, those of another or of none are not."""
    excuse, invitation = {"role": "supporter", "text": "this app drains my battery"}, {"role": "supporter", "text": "got telegram?"}

    same = scored(assistant, tmp_path, {**excuse, "conv": "1"}, {"role": "seeker", "conv": "1"}, {**invitation, "conv": "1"})
    other = scored(assistant, tmp_path, {**excuse, "conv": "1"}, {**invitation, "conv": "2"})
    elsewhere = scored(assistant, tmp_path, {**excuse, "conv": 1, "source": "a"}, {**invitation, "conv": 1, "source": "b"})
    alone = scored(assistant, tmp_path, {**excuse, "conv": ""}, {**invitation, "conv": ""})

    assert [figures["quiet"]["alarms"].get("pretext", 0) for figures in (same, other, elsewhere, alone)] == [1, 0, 0, 0]


def test_a_mask_in_harmless_talk_is_counted(assistant: Assistant, tmp_path: Path) -> None:
    """A number that is masked is an alarm and a mask, unless it is accepted as true."""
    lines = ({"id": "a", "role": "seeker", "text": PHONE}, {"id": "b", "role": "supporter"})

    strict = scored(assistant, tmp_path, *lines)["quiet"]
    lenient = scored(assistant, tmp_path, *lines, accepted=frozenset({"a"}))["quiet"]

    assert (strict["alarms"]["contact.share"], strict["masked"], strict["per_1000"]) == (1, 1, 500.0)
    assert (lenient["alarms"], lenient["masked"], lenient["messages"]) == ({}, 0, 2)


def test_people_read_the_same_figures(assistant: Assistant, tmp_path: Path) -> None:
    """Tables and sentences hold the figures; square brackets of a message stay what they are."""
    console = Console(width=200)
    cases = judge(assistant, read_cases(written(tmp_path, {"id": "n1", "labels": ["flirt"], "text": "[b]plain[/b]"}), {}))
    talk = judge(assistant, read_cases(written(tmp_path, {"text": INVITE}), {}))
    with console.capture() as printed:
        for one in (cases, talk):
            show(report(one, NOBODY), console)
        show_misses(misses(cases, NOBODY), console)

    words = printed.get()

    assert all(part in words for part in ("recall", "Moves: 0 of 0 found", "1 of 1 messages flagged", "n1", "[b]plain[/b]"))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_labels_of_another_scheme_are_refused_until_they_are_explained(tmp_path: Path) -> None:
    """The error names line and label; with a meaning for each label the file is read."""
    file = written(tmp_path, {"label": "offsite.invite"}, {"label": "meet"}, {"label": "nothing"})

    with pytest.raises(FileError, match=r"cases\.jsonl, line 2: the label 'meet'"):
        read_cases(file, {})
    with pytest.raises(FileError, match=r"line 3: the label 'nothing'"):
        read_cases(file, read_map("meet=offsite.invite"))

    rows = read_cases(file, read_map("meet=offsite.invite, nothing=none"))

    assert [row.labels for row in rows] == [("offsite.invite",), ("offsite.invite",), ()]


def test_notes_on_some_lines_are_no_labels(tmp_path: Path) -> None:
    """Where only some lines have a ``label`` it is a note, and all is harmless talk; a map makes it a label again."""
    file = written(tmp_path, {"label": "sleep"}, {})

    assert [row.labels for row in read_cases(file, {})] == [None, None]
    with pytest.raises(FileError, match="line 2: has no label"):
        read_cases(file, {"sleep": "none"})


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (({"labels": []}, {}), "line 2: has no labels"),
        (({"labels": ["spam"]},), "line 1: unknown labels: spam"),
        (({"labels": "flirt"},), "line 1: "),
        (({"text": None},), "line 1: "),
        (({"age": "old"},), "line 1: "),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: tuple[dict[str, Any], ...], problem: str) -> None:
    """Nothing is guessed: the file, the line and what is wrong with it."""
    with pytest.raises(FileError, match=problem):
        read_cases(written(tmp_path, *lines), {})


@pytest.mark.parametrize("text", ["meet", "=flirt meet", "meet=spam", "meet=flirt=x"])
def test_a_bad_map_is_refused(text: str) -> None:
    """A meaning is one of our kinds, ``evasion`` or ``none``."""
    with pytest.raises(ValueError, match="is not label=KIND"):
        read_map(text)


def test_accepted_ids_are_the_first_words(tmp_path: Path) -> None:
    """A list of ids may say why, and may have remarks and empty lines."""
    file = tmp_path / "ids.txt"
    file.write_text("# read by two people\na-1  gives a number\n\nb-2\n")

    assert read_ids(file) == {"a-1", "b-2"}
    with pytest.raises(FileError, match=r"gone\.txt: cannot be read"):
        read_ids(tmp_path / "gone.txt")
