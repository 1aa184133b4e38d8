"""The figures of the second reader: thresholds that keep what they promise, and a card that says what was measured."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from bot.learned.reader import chance
from bot.model import Kind
from tools.card import card, drawing
from tools.figures import (
    DENIED,
    DISPUTED,
    FLAGGED,
    FLAGGED_TALK,
    IN_STEPS,
    KINDS,
    MOVING,
    Scored,
    bins,
    calibrated,
    conversations,
    figures,
    judged,
    misses,
    most_gathered,
    together,
    undenied,
)

NOTHING: frozenset[Kind] = frozenset()
NO_MOVE = (-50.0,) * len(MOVING)


def told(number: int = 4_000) -> list[Scored]:
    """Messages with scores that are a third noise: moves, look-alikes and ordinary talk by two authors."""
    rng = np.random.default_rng(1)
    found = []
    for n in range(number):
        kind = KINDS[n // 4 % len(KINDS)]
        wanted = frozenset({kind}) if n % 4 == 0 else NOTHING
        scores = rng.normal(-2, 1, len(KINDS)) + np.array([4.0 * (one in wanted) for one in KINDS])
        ruled = wanted if n % 8 == 0 else frozenset({Kind.PRETEXT}) if n % 40 == 1 else NOTHING
        settled = ruled & {Kind.CRISIS, Kind.CONTACT_SHARE}
        quiet = n % 4 == 3
        found.append(
            Scored("AB"[n % 3 % 2], f"{n}", f"words {n}", wanted, quiet, ruled, settled, NOTHING, NOTHING, tuple(scores.tolist()), NO_MOVE)
        )
    return found


TOLD = told()
ABOUT = judged(TOLD)


def test_a_score_becomes_the_share_of_those_that_are_so() -> None:
    """Of scores drawn by a known curve, that curve is found again."""
    rng = np.random.default_rng(2)
    scores = rng.normal(0, 3, 40_000)
    so = rng.random(len(scores)) < 1 / (1 + np.exp(-(1.5 * scores - 1)))
    assert calibrated(scores, so) == pytest.approx((1.5, -1.0), abs=0.1)


def test_thresholds_keep_to_their_shares() -> None:
    """No more look-alikes and ordinary talk is called anything by it than was allowed; a hint comes before what is likely."""
    for allowed, chosen in (
        (FLAGGED, [one for one in TOLD if one.harmless]),
        (FLAGGED_TALK, [one for one in TOLD if one.quiet]),
    ):
        likely = [{kind for kind, score in zip(KINDS, one.scores, strict=True) if score > ABOUT.likely[kind]} for one in chosen]
        assert sum(bool(kinds - {Kind.CRISIS}) for kinds in likely) <= allowed * len(chosen) + 1
    assert all(ABOUT.hint[kind] <= ABOUT.likely[kind] for kind in Kind)
    least = {kind: min(DISPUTED, chance(ABOUT.likely[kind], *ABOUT.slopes[kind])) for kind in Kind}
    assert all(chance(ABOUT.doubted[kind], *ABOUT.slopes[kind]) >= least[kind] - 1e-6 for kind in set(Kind) - {Kind.CRISIS})
    assert chance(ABOUT.denied[Kind.CRISIS], *ABOUT.slopes[Kind.CRISIS]) <= DENIED + 1e-6
    assert ABOUT.doubted[Kind.CRISIS] == ABOUT.likely[Kind.CRISIS]
    assert all(ABOUT.doubted[kind] <= ABOUT.likely[kind] for kind in Kind)


def test_what_is_settled_stays_and_what_is_doubted_goes() -> None:
    """The rules' likely stands until it is improbable, what they agree about until it is disputed, what is sure until it is denied."""

    def left(
        so: float, *, settled: frozenset[Kind] = NOTHING, sure: frozenset[Kind] = NOTHING, agreed: frozenset[Kind] = NOTHING
    ) -> frozenset[Kind]:
        slopes = (ABOUT.slopes[kind] for kind in KINDS)
        scores = tuple((np.log(so / (1 - so)) - offset) / slope for slope, offset in slopes)
        one = Scored("A", "1", "x", NOTHING, False, ruled, settled, sure, agreed, scores, NO_MOVE)  # noqa: FBT003 -- a row
        assert together(one, ABOUT) == together(undenied([one], ABOUT.slopes)[0], ABOUT)
        return together(one, ABOUT)

    ruled = frozenset({Kind.PRETEXT, Kind.CRISIS})
    assert left(0.2) == {Kind.CRISIS}
    assert left(0.01) == NOTHING
    assert left(0.2, sure=ruled) == ruled
    assert left(0.01, sure=ruled) == NOTHING
    assert left(DISPUTED + 0.01, agreed=ruled) == ruled
    assert left(0.2, agreed=ruled) == {Kind.CRISIS}
    assert left(0.01, settled=ruled) == ruled
    assert left(0.999) == frozenset(Kind)


def steps(chat: str, so: float, *, wrong: bool) -> list[Scored]:
    """Ten messages of a chat with one small chance each."""
    slope, offset = ABOUT.slopes[Kind.FLIRT]
    score = (np.log(so / (1 - so)) - offset) / slope
    scores = tuple(float(score) if kind is Kind.FLIRT else -50.0 for kind in KINDS)
    wanted = frozenset({Kind.FLIRT}) if wrong else NOTHING
    return [
        Scored("A", f"{chat}-{n}", "x", wanted, not wrong, NOTHING, NOTHING, NOTHING, NOTHING, scores, NO_MOVE, chat, "member")
        for n in range(10)
    ]


def test_what_gathers_is_too_little_in_almost_every_harmless_chat() -> None:
    """Where it becomes something hangs on harmless conversations alone, and then tells chats apart in which no single message does."""
    quiet = [one for n in range(400) for one in steps(f"quiet {n}", 0.1 + n / 2_000, wrong=False)]
    wrong = [one for n in range(20) for one in steps(f"wrong {n}", 0.4, wrong=True)]
    about = judged([*TOLD, *quiet, *wrong])
    over = [talk for talk in conversations(quiet) if most_gathered(talk, about) > about.gathered]
    assert 0 < len(over) <= IN_STEPS * 400 + 1
    assert all(most_gathered(talk, about) > about.gathered for talk in conversations(wrong))
    line = list(figures([*quiet, *wrong], about))[-1]
    assert line.startswith("Of 20 whole chats")
    assert f"of 400 harmless ones in 0 and {len(over)}." in line


def test_the_misses_are_what_neither_saw_and_of_every_kind_not_many() -> None:
    """The least suspected first."""
    missed = misses(TOLD, ABOUT, 20)
    assert missed
    assert all(one.wanted and not together(one, ABOUT) for one in missed)
    assert all(sum(kind in one.wanted for one in missed) <= 5 for kind in Kind)


def test_chances_are_told_beside_what_was_so() -> None:
    """Every message is in one step, and what is said is near what was so."""
    steps = bins(TOLD, ABOUT, KINDS)
    assert sum(number for _, _, number in steps) == len(TOLD) * len(KINDS)
    assert all(abs(said - so) < 0.15 for said, so, number in steps if number > 200)


def test_the_card_names_kinds_and_authors_and_the_picture_is_one() -> None:
    """Every kind and author has a row, the misses are shown, and the picture is well-formed."""
    text = card(TOLD, ABOUT)
    assert all(f"| {name} |" in text for name in (*Kind, "A", "B"))
    assert "{" not in text
    assert len([line for line in text.splitlines() if line.startswith("- ")]) == len(misses(TOLD, ABOUT, 20))
    assert any("flag" in line for line in figures(TOLD, ABOUT))
    assert ET.fromstring(drawing(TOLD, ABOUT)).tag.endswith("svg")  # noqa: S314 -- our own
