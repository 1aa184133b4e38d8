"""Reports and cases: what adds up, what does not, and how it is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, NOW, ROBIN, SAM, direct, room

from bot.cases import NUMBER_ALPHABET, accused, arithmetic, evidence_of, number, with_report, with_signals, without_report
from bot.model import Case, Evidence, Kind, Report, ReportReason


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


def test_a_case_says_what_it_is_made_of() -> None:
    """The arithmetic names every report and every kind, singular and plural."""
    case = with_signals(with_report(None, report("A"), "k1"), "sam", "c1", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k1")
    assert arithmetic(case) == "1 report + a clear pretext in 1 chat."
    case = with_signals(with_report(case, report("B"), "k1"), "sam", "c2", (Kind.PRETEXT,), urgent=False, now=NOW, case_id="k1")
    assert arithmetic(case) == "2 reports + a clear pretext in 2 chats."
