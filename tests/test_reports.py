"""Reports: their numbers, whom they are about, and their evidence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from make import KIT, MAYA, ROBIN, SAM, direct, room

from bot.model import Evidence, Said, Sent
from bot.reports import NUMBER_ALPHABET, accused, completed, evidence_of, is_complete, number


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
