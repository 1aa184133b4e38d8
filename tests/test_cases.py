"""Reports and cases: what adds up, what does not, and how it is told."""

from __future__ import annotations

import re
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, ROBIN, SAM, arithmetic, direct, room

from bot.cases import BATCH_SECONDS, TELL_AFTER_SECONDS, told_at, with_report, with_signals, without_report
from bot.model import Apart, Case, Evidence, Kind, Report, ReportReason, Said, Sent
from bot.reports import NUMBER_ALPHABET, accused, completed, evidence_of, is_complete, number
from bot.tally import DAY, Counted, Tally, Threshold, tally


def report(number: str, about: str = "sam") -> Report:
    """One report about somebody."""
    return Report(number, f"key {number}", "c1", "maya", about, ReportReason.OTHER, NOW, Evidence(()))


@given(st.integers(0, 2**50 - 1))
def test_a_number_can_be_read_out(bits: int) -> None:
    """Any 50 bits are spelled in ten letters and digits that nobody mixes up."""
    spelled = number(bits)
    assert [len(part) for part in spelled.split("-")] == [4, 4, 2]
    assert set(spelled) <= {*NUMBER_ALPHABET, "-"}


@given(st.sets(st.integers(0, 30**10 - 1), min_size=2, max_size=2))
def test_numbers_differ(two: set[int]) -> None:
    """Different bits, as far as ten places can hold them, give different numbers."""
    assert len({number(bits % len(NUMBER_ALPHABET) ** 10) for bits in two}) == len({bits % len(NUMBER_ALPHABET) ** 10 for bits in two})


def test_fifty_bits_fit_into_a_number() -> None:
    """Two receipts of different chance never have the same number by spelling."""
    assert len(NUMBER_ALPHABET) ** 10 >= 2**49


def test_who_is_meant_by_a_report() -> None:
    """In a talk between two it is the other one, in a room of many the room; a moderator who looks in changes nothing."""
    assert accused(direct(), "maya") == "sam"
    assert accused(direct(MAYA, SAM, ROBIN), "maya") == "sam"
    assert accused(room(MAYA, SAM, KIT, ROBIN), "maya") == "chat:r1"
    assert accused(direct(MAYA), "maya") == "chat:c1"


def test_evidence_is_the_tail_and_everybodys_role() -> None:
    """What goes with a report names the roles, and holds no more than the tail."""
    assert evidence_of(direct()) == Evidence((), {"maya": "member", "sam": "listener"})


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


# --- counting --------------------------------------------------------------------------------------------------------

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


@given(st.floats(0, 4e9), st.randoms(use_true_random=False))
def test_the_other_side_hears_late_and_at_a_full_quarter_of_the_day(now: float, chance: Random) -> None:
    """Never sooner than some hours, never much later than a day, always together with others."""
    due = told_at(now, chance)
    assert now + TELL_AFTER_SECONDS[0] <= due <= now + TELL_AFTER_SECONDS[1] + BATCH_SECONDS
    assert due % BATCH_SECONDS == 0


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


def test_what_the_host_keeps_completes_the_evidence_once() -> None:
    """What the tail still has is not taken twice, and what comes again changes nothing."""
    tail = (Said("m1", "sam", 1.0, None), Said("m2", "sam", 2.0, "there"))
    kept = (Sent("sam", "there", 2.0, "m2"), Sent("sam", "before", 1.0, "m1"))
    evidence = completed(Evidence(tail), kept)
    assert [sent.id for sent in evidence.from_host] == ["m1"]
    assert completed(evidence, kept) == evidence
    assert not is_complete(Evidence(tail))
    assert is_complete(Evidence(tail[1:]))
    assert not is_complete(Evidence(()))
