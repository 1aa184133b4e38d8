"""The count: what adds up, what does not, and that nobody makes a crowd alone."""

from __future__ import annotations

import re
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from make import NOW

from bot.cases import with_signals
from bot.model import Apart, Case, Kind, ReportReason
from bot.tally import DAY, Counted, Tally, Threshold, tally

COUNTED = st.builds(
    Counted,
    number=st.integers(0, 999).map("R{:03}".format),
    chat=st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6"]),
    by=st.sampled_from(["ann", "ben", "cem", "dee", "eve", "fay"]),
    reason=st.sampled_from(ReportReason),
    at=st.floats(NOW - 200 * DAY, NOW),
    apart=st.sampled_from([None, None, None, *Apart]),
)
REPORTS = st.lists(COUNTED, max_size=12, unique_by=lambda one: one.number)
EMPTY = Case("k1", "sam", urgent=False, opened_at=NOW)


@given(REPORTS)
def test_every_report_is_counted_or_said_to_be_apart(reports: list[Counted]) -> None:
    """None is lost: within the window each stands in a count, or in a sentence of its own."""
    everything = {reason: Threshold(1, 1_000.0) for reason in ReportReason}
    counted = tally(reports, EMPTY, NOW, everything)
    reported = re.compile(r": (\d+) report")
    added = sum(int(found[1]) for sentence in counted.raised.values() if (found := reported.search(sentence)))
    assert added + len(counted.apart) == len(reports)
    assert {sentence.split()[0] for sentence in counted.apart} <= {one.number for one in reports}


@given(REPORTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_no_count(reports: list[Counted], chance: Random) -> None:
    """Whichever way the database gives them."""
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert tally(shuffled, EMPTY, NOW) == tally(reports, EMPTY, NOW)


@given(REPORTS)
def test_one_person_alone_never_makes_a_crowd(reports: list[Counted]) -> None:
    """Whatever one reporter tells, it is one report."""
    alone = [msgspec.structs.replace(one, by="ann") for one in reports]
    counted = tally(alone, EMPTY, NOW)
    assert not {"asked_details", "left"} & set(counted.raised)
    assert len(counted.raised) + len(counted.below) <= 1


@given(REPORTS, COUNTED)
def test_one_more_report_never_lowers_what_was_raised(reports: list[Counted], more: Counted) -> None:
    """A later report by somebody new can only add."""
    later = msgspec.structs.replace(more, number="Z999", by="zoe", at=NOW, apart=None)
    assert set(tally(reports, EMPTY, NOW).raised) <= set(tally([*reports, later], EMPTY, NOW).raised)


def test_signals_add_their_chats() -> None:
    """Two reports and one more chat in which it was clearly seen are three."""
    reports = [Counted(f"R{n}", f"c{n}", f"p{n}", ReportReason.ASKED_DETAILS, NOW) for n in range(2)]
    case = with_signals(None, "sam", "c9", (Kind.CONTACT_REQUEST,), urgent=False, now=NOW, case_id="k1")
    assert tally(reports, EMPTY, NOW).raised == {}
    (sentence,) = tally(reports, case, NOW).raised.values()
    assert sentence == (
        "Asking for contact details: 2 reports by 2 people in 2 chats + clearly seen in 1 more chat; 3 within 90 days call for a decision."
    )


def test_what_is_too_long_ago_does_not_count() -> None:
    """The window is part of the count."""
    old = [Counted(f"R{n}", f"c{n}", f"p{n}", ReportReason.LEFT, NOW - 91 * DAY) for n in range(5)]
    assert tally(old, EMPTY, NOW) == Tally()
