"""The third reader's weighing: two scores become one chance that is true, and no more is flagged than is allowed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from oracles import shipped

from bot.learned import READER
from bot.model import Kind
from tools.figures import CRISIS_FLAGGED, IN_ALL, KINDS, MOVING, Scored
from tools.weighing import CERTAIN, IN_ALL_TALK, NEVER, Flags, Left, chance, regressed, told_of, weighed

NOTHING: frozenset[Kind] = frozenset()
NO_MOVE = (NEVER,) * len(MOVING)


def left(number: int = 6_000, ruled: int = 60) -> Left:
    """Messages in which the encoder sees more than the second reader does, by two authors; the rules are wrong in every so-manieth."""
    rng = np.random.default_rng(3)
    told, encoder = [], []
    for n in range(number):
        wanted = frozenset({KINDS[n // 4 % len(KINDS)]}) if n % 4 == 0 else NOTHING
        there = np.array([float(kind in wanted) for kind in KINDS])
        seen = wanted if n % 8 == 0 else frozenset({Kind.PRETEXT}) if n % ruled == 1 else NOTHING
        settled = seen & {Kind.CRISIS, Kind.CONTACT_SHARE}
        odds = rng.normal(-4, 1, len(KINDS)) + 4 * there
        quiet = n % 4 == 3
        told.append(
            Scored("AB"[n // 4 % 2], f"{n}", f"words {n}", wanted, quiet, seen, settled, NOTHING, NOTHING, tuple(odds.tolist()), NO_MOVE)
        )
        encoder.append(rng.normal(-6, 1, len(KINDS)) + 9 * there)
    return Left(tuple(told), np.array(encoder), np.array([bool(one.ruled) for one in told]))


LEFT = left()
WEIGHING = weighed(LEFT, 7, "by the tests")


def called(kept: Left) -> Flags:
    """What all three together call likely."""
    rows = [[weight.learned, weight.encoder, weight.offset] for weight in WEIGHING.kinds.values()]
    weights = np.array(rows).T
    chances = chance(kept.second * weights[0] + kept.encoder * weights[1] + weights[2])
    return np.asarray(kept.anyway | (chances >= np.array([weight.likely for weight in WEIGHING.kinds.values()])))


def test_both_scores_weigh_what_they_are_worth() -> None:
    """Of two scores by a known curve the weights are found again; of one that says nothing hardly anything is made."""
    rng = np.random.default_rng(2)
    one, other = rng.normal(0, 2, 60_000), rng.normal(0, 2, 60_000)
    so = rng.random(len(one)) < chance(0.7 * one + 1.2 * other - 1)
    assert regressed(one, other, so) == pytest.approx([0.7, 1.2, -1.0], abs=0.05)
    assert regressed(one, rng.normal(0, 2, len(one)), rng.random(len(one)) < chance(one))[1] == pytest.approx(0, abs=0.05)


def test_no_more_is_flagged_than_is_allowed() -> None:
    """Look-alikes by all readers together, ordinary talk, and crises by their own share."""
    flagged, crisis = called(LEFT), list(KINDS).index(Kind.CRISIS)
    others = np.asarray(np.delete(flagged, crisis, axis=1).any(axis=1))
    assert flagged[LEFT.harmless].any(axis=1).mean() <= IN_ALL + 0.002
    assert others[LEFT.quiet].mean() <= IN_ALL_TALK + 0.001
    assert flagged[LEFT.harmless][:, crisis].mean() <= CRISIS_FLAGGED + 0.002
    assert all(weight.hint <= weight.likely for weight in WEIGHING.kinds.values())
    assert flagged[LEFT.wanted.any(axis=1)].any(axis=1).mean() > 0.9


def test_where_the_rules_leave_no_room_something_is_found_all_the_same() -> None:
    """If what nobody takes back flags more than is allowed already, the encoder still has a small share of its own."""
    told = [
        msgspec.structs.replace(one, settled=frozenset({Kind.SECRECY})) if one.harmless and n % 12 == 1 else one
        for n, one in enumerate(LEFT.told)
    ]
    tight = weighed(Left(tuple(told), LEFT.encoder, LEFT.looked_at), 7, "")
    assert all(weight.likely < 0.999 for weight in tight.kinds.values())


def test_it_is_not_asked_where_nothing_would_come_of_it() -> None:
    """The floor is as high as it can be while hardly anything is lost."""
    most = chance(LEFT.second).max(axis=1)
    found = (called(LEFT) & LEFT.wanted).any(axis=1)
    assert WEIGHING.doubtful > 0
    assert (found & ~LEFT.looked_at & (most < WEIGHING.doubtful)).sum() <= 0.01 * found.sum()


def test_the_card_tells_what_it_is_worth() -> None:
    """Every kind and author, without and with it, and how often it is asked."""
    text = "\n".join(told_of(LEFT, WEIGHING, shipped().about))
    assert all(text.count(f"| {name} |") == 2 for name in (*Kind, "A", "B"))
    assert "It is asked about" in text
    assert (WEIGHING.beside, WEIGHING.made, READER) == (7, "by the tests", "learned")
    assert 0.5 < CERTAIN < 1
