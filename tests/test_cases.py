"""Cases: what is in them once, what makes them urgent, and when people hear of a decision."""

from __future__ import annotations

from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from make import NOW, arithmetic

from bot.cases import BATCH_SECONDS, TELL_AFTER_SECONDS, told_at, with_report, with_signals, without_report
from bot.model import Case, Evidence, Kind, Report, ReportReason
from bot.tally import Tally, tally


def report(number: str, about: str = "sam") -> Report:
    """One report about somebody."""
    return Report(number, f"key {number}", "c1", "maya", about, ReportReason.OTHER, NOW, Evidence(()))


def test_a_report_is_in_a_case_once() -> None:
    """The first report opens a case that is not urgent, the next joins it, the same one again changes nothing."""
    case = with_report(None, report("A"), "k1")
    assert case == Case("k1", "sam", urgent=False, opened_at=NOW, reports=("A",))
    both = with_report(case, report("B"), "k2")
    assert (both.id, both.reports) == ("k1", ("A", "B"))
    assert with_report(both, report("A"), "k3") == both
    assert without_report(both, "A").reports == ("B",)
    assert without_report(both, "Z") == both


def test_a_kind_counts_once_per_chat() -> None:
    """The same kind in the same chat is one, in two chats two."""
    case = with_signals(None, "sam", "c1", (Kind.PRETEXT, Kind.CONTACT_SHARE), urgent=False, now=NOW, case_id="k1")
    case = with_signals(case, "sam", "c1", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k2")
    case = with_signals(case, "sam", "c2", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k2")
    assert case.id == "k1"
    assert case.signals == {"pretext": ("c1", "c2"), "contact.share": ("c1",)}


def test_urgent_stays_urgent() -> None:
    """What was urgent once does not stop being so by what comes after."""
    case = with_signals(None, "sam", "c1", (Kind.SECRECY,), urgent=True, now=NOW, case_id="k1")
    assert with_signals(case, "sam", "c2", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k1").urgent
    assert with_report(case, report("A"), "k1").urgent


def test_what_was_urgent_by_one_report_alone_is_so_no_more_when_that_is_taken_back() -> None:
    """A slip of the finger leaves nothing behind; what another report or software says of a teen stays."""
    calm, hasty = report("A"), msgspec.structs.replace(report("B"), urgent=True)
    case = with_report(with_report(None, calm, "k1"), hasty, "k1")
    assert (case.urgent, without_report(case, "B").urgent) == (True, False)
    again = with_report(case, msgspec.structs.replace(report("C"), urgent=True), "k1")
    assert (without_report(again, "B").urgent, without_report(without_report(again, "B"), "C").urgent) == (True, False)
    seen = with_signals(case, "sam", "c9", (), urgent=True, now=NOW, case_id="k1", noticed=Kind.FLIRT)
    assert without_report(seen, "B").urgent
    assert without_report(Case("k1", "sam", urgent=True, opened_at=NOW, reports=("A",)), "A").urgent, "of an earlier version"


def test_a_case_says_what_it_is_made_of() -> None:
    """The arithmetic names every report and every kind, singular and plural."""
    case = with_signals(with_report(None, report("A"), "k1"), "sam", "c1", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k1")
    assert arithmetic(case) == "1 report + pretext clearly seen in 1 chat."
    case = with_signals(with_report(case, report("B"), "k1"), "sam", "c2", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k1")
    assert arithmetic(case) == "2 reports + pretext clearly seen in 2 chats."


def test_what_is_only_noticed_is_shown_and_never_counted() -> None:
    """In no number of chats; what is clear in the same chat is not noticed beside it."""
    case = None
    for chat in range(9):
        case = with_signals(case, "sam", f"c{chat}", (), urgent=True, now=NOW, case_id="k1", noticed=Kind.PICTURE_REQUEST)
    assert case is not None
    assert (tally((), case, NOW), arithmetic(case)) == (Tally(), "picture.request noticed in 9 chats.")
    case = with_signals(None, "sam", "c1", (Kind.PRETEXT,), urgent=True, now=NOW, case_id="k1", noticed=Kind.PRETEXT)
    assert (case.signals, case.noticed) == ({"pretext": ("c1",)}, {})


@given(st.floats(0, 4e9), st.randoms(use_true_random=False))
def test_the_other_side_hears_late_and_at_a_full_quarter_of_the_day(now: float, chance: Random) -> None:
    """Never sooner than some hours, never much later than a day, always together with others."""
    due = told_at(now, chance)
    assert now + TELL_AFTER_SECONDS[0] <= due <= now + TELL_AFTER_SECONDS[1] + BATCH_SECONDS
    assert due % BATCH_SECONDS == 0
