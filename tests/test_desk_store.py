"""What the desk reads and does, in both databases: the order of the queue, and that nobody meets what they are part of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from bot.edge.store import Store
from bot.edge.store.counts import Counted, What
from bot.edge.store.desk import CHATS_SHOWN, PAGE
from bot.edge.store.figures import FIGURES
from bot.edge.store.sessions import Session
from bot.edge.store.shapes import Pile, Wanted
from bot.edge.store.sight import Viewer
from bot.edge.tables import LATER, UNREAD, WAITS, WEEK, reports
from bot.likeness import Trace, Trait
from bot.model import DeskRole, Evidence, Kind, Outcome, Report, ReportReason, Said

NOOR, AMAL = Viewer("noor"), Viewer("amal")
NOW = 1_700_000_000.0
CHANCE = Random(1)  # noqa: S311 -- chance that is the same each time


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Open an empty store in each database."""
    where = str(tmp_path / "porchlight.db") if request.param == "sqlite" else request.getfixturevalue("postgres")
    opened = await Store.open(where, tmp_path / "porchlight.key")
    yield opened
    await opened.close()


def a_report(number: str, about: str = "sam", by: str = "maya", at: float = NOW, **more: str) -> Report:
    """One click in a chat of two."""
    chat = more.get("chat", f"chat of {number}")
    said = (Said("m1", about, at - 10, "we could talk elsewhere"),)
    roles = {by: "member", about: "listener", "robin": "moderator"}
    return Report(
        number, f"click {number}", chat, by, about, ReportReason(more.get("reason", "wants_to_move")), at, Evidence(said, roles), "my words"
    )


async def filed(store: Store, *clicks: Report) -> None:
    """File them, each in a case named after its number if it opens one."""
    for one in clicks:
        await store.reports.file(one, f"case {one.id}")


async def order(store: Store, viewer: Viewer = NOOR, wanted: Wanted | None = None) -> list[str]:
    """The ids of the queue."""
    return [line.case.id for line in (await store.desk.queue(viewer, wanted or Wanted())).lines]


async def test_urgent_first_then_the_longest_waiting(store: Store) -> None:
    """The queue is sorted by whose turn it is."""
    await filed(store, a_report("R1", "ann", at=NOW + 2), a_report("R2", "ben", at=NOW + 1), a_report("R3", "cem", at=NOW + 3))
    await store.cases.note_signals("cem", "chat 9", [Kind.PRETEXT], urgent=True, now=NOW + 9, case_id="unused")
    assert await order(store) == ["case R3", "case R2", "case R1"]
    assert await order(store, wanted=Wanted(urgent=True)) == ["case R3"]
    assert await order(store, wanted=Wanted(reason=ReportReason.PICTURES)) == []


async def test_pages_are_whole_and_counted(store: Store) -> None:
    """Every case is on one page, and on no other."""
    await filed(store, *(a_report(f"R{n}", f"person {n}", at=NOW + n) for n in range(PAGE + 3)))
    first, second = await store.desk.queue(NOOR, Wanted()), await store.desk.queue(NOOR, Wanted(), page=1)
    assert (first.piles[Pile.OPEN], len(first.lines), len(second.lines)) == (PAGE + 3, PAGE, 3)
    assert (first.more, second.more) == (True, False)
    assert len({line.case.id for line in (*first.lines, *second.lines)}) == PAGE + 3


@pytest.mark.parametrize("person", ["sam", "maya", "kit"])
async def test_who_is_part_of_a_case_meets_it_nowhere(store: Store, person: str) -> None:
    """Not in the queue, its counts, the search, the record or the figures; and nothing can be done to it by them."""
    await filed(store, a_report("R1"), a_report("R2", "ben", "lea"))
    await store.cases.note_signals("sam", "chat 9", [Kind.PRETEXT], urgent=False, now=NOW, case_id="unused", people=("sam", "kit"))
    await store.casework.claim(NOOR, "case R1", NOW)
    await store.reports.take_back("R2", "lea", NOW)
    viewer = Viewer(person)
    queue = await store.desk.queue(viewer, Wanted())
    assert (queue.lines, queue.more, queue.piles) == ((), False, dict.fromkeys(queue.piles, 0))
    assert [await store.desk.search(viewer, words) for words in ("sam", "R1", "chat 9", "case R1")] == [()] * 4
    assert await store.desk.case(viewer, "case R1") is None
    assert [act.subject for act in await store.desk.acts(viewer)] == ["R2"]
    assert (await store.figures.weeks(viewer, 0)).reasons == {}
    assert not await store.casework.claim(viewer, "case R1", NOW, over=True)
    assert not await store.casework.read(viewer, "case R1", ["R1"], NOW)
    assert not await store.casework.note(viewer, "case R1", "hm", NOW)
    found = await store.desk.case(NOOR, "case R1")
    assert found is not None
    assert (found.line.claimed_by, found.line.unread, found.notes) == ("noor", 1, ())


async def test_who_is_in_a_chat_of_a_case_just_now_meets_it_nowhere(store: Store) -> None:
    """Also if they came into the chat after it was reported."""
    await filed(store, a_report("R1", chat="room 1"))
    late = Viewer("ida", ("room 1",))
    assert (await store.desk.queue(late, Wanted())).piles[Pile.OPEN] == 0
    assert (await store.desk.acts(late), (await store.figures.weeks(late, 0)).reasons) == ((), {})
    assert await store.desk.case(late, "case R1") is None
    assert (await store.desk.queue(Viewer("ida"), Wanted())).piles[Pile.OPEN] == 1


async def test_who_moderates_a_room_is_no_part_of_it(store: Store) -> None:
    """They are the ones who look."""
    await filed(store, a_report("R1"))
    assert await order(store, Viewer("robin")) == ["case R1"]


async def test_a_case_brings_all_that_belongs_to_it(store: Store) -> None:
    """Reports with their words, notes, earlier cases, chats, and the record."""
    await filed(store, a_report("R1"))
    await store.cases.decide("case R1", "amal", Outcome.COACH, NOW, CHANCE)
    await filed(store, a_report("R2", by="lea", at=NOW + 5), a_report("R3", by="ida", at=NOW + 6, chat="chat of R2"))
    await store.casework.note(NOOR, "case R2", "I know this one", NOW + 7)
    found = await store.desk.case(NOOR, "case R2")
    assert found is not None
    assert [(report.number, report.words) for report in found.reports] == [("R3", "my words"), ("R2", "my words")]
    assert [(note.by, note.text) for note in found.notes] == [("noor", "I know this one")]
    assert [(line.case.id, line.outcome) for line in found.earlier] == [("case R1", "coach")]
    assert found.chats == {"chat of R2": 2}
    assert [(act.actor, act.act) for act in found.acts] == [("noor", "note")]


async def test_two_do_not_work_on_the_same(store: Store) -> None:
    """Who claims first has it, until it is released or taken over."""
    await filed(store, a_report("R1"))
    work = store.casework
    assert [await work.claim(NOOR, "case R1", NOW), await work.claim(AMAL, "case R1", NOW)] == [True, False]
    assert [await order(store, viewer, Wanted(Pile.MINE)) for viewer in (NOOR, AMAL)] == [["case R1"], []]
    assert [await work.release(AMAL, "case R1", NOW), await work.release(NOOR, "case R1", NOW)] == [False, True]
    assert [await work.claim(AMAL, "case R1", NOW), await work.claim(NOOR, "case R1", NOW, over=True)] == [True, True]
    assert [act.act for act in await store.desk.acts(NOOR)] == ["take over", "claim", "release", "claim"]


async def test_only_what_was_on_the_page_was_read(store: Store) -> None:
    """A report that came meanwhile still waits for its reader; the first reader counts."""
    await filed(store, a_report("R1"), a_report("R2", by="lea"))
    assert await store.casework.read(NOOR, "case R1", ["R1", "R7"], NOW + 60)
    assert await store.casework.read(AMAL, "case R1", ["R1"], NOW + 90)
    found = await store.desk.case(NOOR, "case R1")
    assert found is not None
    assert (found.line.unread, {report.number: report.read_at for report in found.reports}) == (1, {"R1": NOW + 60, "R2": None})
    assert [(act.actor, act.act) for act in found.acts] == [("noor", "read R1")]


async def test_an_appeal_is_answered_by_somebody_else(store: Store) -> None:
    """Once, and only against a decision that asked something of them."""
    await filed(store, a_report("R1"), a_report("R2", "ben"))
    await store.cases.decide("case R2", "noor", Outcome.NO_BREACH, NOW, CHANCE)
    assert not await store.casework.appeal("case R1", "it was not like that", NOW)
    await store.cases.decide("case R1", "noor", Outcome.WARN, NOW, CHANCE)
    assert [await store.casework.appeal(case, "it was not like that", NOW) for case in ("case R1", "case R1", "case R2")] == [
        True,
        False,
        False,
    ]
    assert await order(store, wanted=Wanted(Pile.APPEALS)) == ["case R1"]
    assert [await store.casework.answer(viewer, "case R1", Outcome.NO_BREACH, NOW) for viewer in (NOOR, AMAL, AMAL)] == [False, True, False]
    found = await store.desk.case(AMAL, "case R1")
    assert found is not None
    assert (found.appeal, found.line.outcome, found.line.appealed) == ("it was not like that", "no_breach", False)
    assert await order(store, wanted=Wanted(Pile.APPEALS)) == []


async def test_figures_say_how_long_reports_waited(store: Store) -> None:
    """By week; what was taken back is no report."""
    await filed(store, *(a_report(f"R{n}", f"p{n}") for n in range(4)))
    await store.reports.take_back("R3", "maya", NOW)
    await store.casework.read(NOOR, "case R0", ["R0"], NOW + 60)
    await store.casework.read(NOOR, "case R1", ["R1"], NOW + 9 * 86_400)
    week = int(NOW // WEEK)
    figures = await store.figures.weeks(NOOR, week)
    assert figures.reasons == {(week, ReportReason.WANTS_TO_MOVE): 3}
    assert figures.first_read == {(week, 0): 1, (week, LATER): 1, (week, UNREAD): 1}


async def test_a_week_begins_and_ends_to_the_second(store: Store) -> None:
    """What comes at its first second is in it, what comes at the next one's first second is not."""
    week = int(NOW // WEEK)
    begins = float(week * WEEK)
    await filed(store, *(a_report(f"R{n}", f"p{n}", at=at) for n, at in enumerate((begins - 1, begins, begins + WEEK - 1, begins + WEEK))))
    counted = (await store.figures.weeks(NOOR, week - 1)).first_read
    assert counted == {(week - 1, UNREAD): 1, (week, UNREAD): 2, (week + 1, UNREAD): 1}
    assert set((await store.figures.weeks(NOOR, week)).first_read) == {(week, UNREAD), (week + 1, UNREAD)}


@pytest.mark.parametrize("waited", [0, *WAITS, *(most + 1 for most in WAITS)])
async def test_how_long_a_report_waited_has_its_place(store: Store, waited: int) -> None:
    """The first of the spans that it fits into."""
    await filed(store, a_report("R1"))
    await store.casework.read(NOOR, "case R1", ["R1"], NOW + waited)
    place = next((place for place, most in enumerate(WAITS) if waited <= most), LATER)
    assert list((await store.figures.weeks(NOOR, 0)).first_read) == [(int(NOW // WEEK), place)]


async def test_figures_are_read_off_an_index(tmp_path: Path) -> None:
    """With very many reports it would take too long to sort them each time."""
    opened = await Store.open(str(tmp_path / "porchlight.db"), tmp_path / "porchlight.key")
    asked = FIGURES.where(reports.c.week >= 1, reports.c.withdrawn_at.is_(None)).compile(compile_kwargs={"literal_binds": True})
    async with opened._database.read() as connection:  # noqa: SLF001 -- the plan is nobody else's business
        plan = " ".join(str(row) for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
    await opened.close()
    assert "reports_week" in plan
    assert "TEMP B-TREE" not in plan


async def test_of_very_many_chats_those_with_the_most_reports_are_named(store: Store) -> None:
    """The others are a number."""
    await filed(store, *(a_report(f"R{n:02}", by=f"p{n}") for n in range(CHATS_SHOWN)), a_report("R99", by="lea", chat="chat of R03"))
    await store.cases.note_signals("sam", "a chat of signals", [Kind.PRETEXT], urgent=False, now=NOW, case_id="unused")
    found = await store.desk.case(NOOR, "case R00")
    assert found is not None
    assert (len(found.chats), next(iter(found.chats.items())), found.line.chats) == (CHATS_SHOWN, ("chat of R03", 2), CHATS_SHOWN + 1)


async def test_who_may_be_the_same_leads_to_no_case_that_the_viewer_may_not_see(store: Store) -> None:
    """Nor is anybody told that they themselves look like somebody."""
    script = (Trace(Trait.OPENING, ("m1", "m2", "m3")),)
    for number, person in enumerate(("sam", "ben", "cem", "noor")):
        report = a_report(f"R{number}", person, f"reporter {number}")
        await store.reports.file(report, f"case {report.id}", {person: script})
    await store.cases.note_signals("cem", "chat 9", [Kind.PRETEXT], urgent=False, now=NOW, case_id="unused", people=("noor",))
    assert [(one.person, one.case) for one in await store.traces.like(NOOR, "sam")] == [("ben", "case R1"), ("cem", "")]
    assert [(one.person, one.case) for one in await store.traces.like(AMAL, "sam")] == [
        ("ben", "case R1"),
        ("cem", "case R2"),
        ("noor", "case R3"),
    ]
    assert await store.traces.like(AMAL, "nobody") == ()


async def test_a_session_ends_when_it_is_ended(store: Store) -> None:
    """Wherever its cookie still is."""
    for name, role in (("s1", DeskRole.ADMIN), ("s2", DeskRole.VOLUNTEER)):
        await store.sessions.begin(Session(name, f"person of {name}", role, NOW, NOW + 100))
    assert await store.sessions.find("s1", NOW + 100) is None
    assert [session.id for session in await store.sessions.all(NOW + 1)] == ["s1", "s2"]
    assert [await store.sessions.end("s2", "person of s1", NOW), await store.sessions.end("s2", "person of s1", NOW)] == [True, False]
    assert (await store.sessions.find("s2", NOW), await store.sessions.find("s1", NOW)) == (
        None,
        Session("s1", "person of s1", DeskRole.ADMIN, NOW, NOW + 100),
    )


async def test_counts_add_up(store: Store) -> None:
    """Twice the same is the sum; a day that is too long ago is left out."""
    seen = {Counted(10, What.SHOWN, "pretext/battery", "receiver"): 2, Counted(11, What.HEARD): 5}
    await store.counts.add(seen)
    await store.counts.add({**seen, Counted(3, What.HEARD): 1})
    assert await store.counts.since(10) == {(What.SHOWN, "pretext/battery", "receiver"): 4, (What.HEARD, "", ""): 10}
