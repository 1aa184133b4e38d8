"""What the store promises, the same in SQLite and in PostgreSQL."""

# ruff: noqa: ASYNC240 -- a test may wait for its small files
from __future__ import annotations

import asyncio
import logging
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import Connection, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from bot.edge.database import Database, StoreError
from bot.edge.seal import KeyFileError
from bot.edge.store import DAY, Keep, ReportStatus, Store
from bot.edge.store.counts import Counted, What
from bot.edge.store.sessions import Session
from bot.edge.store.shapes import Wanted
from bot.edge.store.sight import Viewer
from bot.edge.tables import LONGEST, metadata, reports, storable
from bot.likeness import traces_of_words
from bot.model import Case, Cue, DeskRole, Evidence, Kind, Outcome, PersonMemory, Referral, Report, ReportReason, Said

CHANCE = Random(1)  # noqa: S311 -- chance that is the same each time
AUDIT = "SELECT at, coalesce(person_id, actor), act, subject FROM audit LEFT JOIN aliases ON alias = actor ORDER BY audit.id"
SAID = "meet me under the old bridge"
WORDS = "this frightened me"
EVIDENCE = Evidence(
    said=(
        Said("m1", "listener-1", 90.0, SAID, (Cue("opening.app", 0, 4, 0),)),
        Said("m2", "member-1", 95.0, None),
    ),
    roles={"listener-1": "listener", "member-1": "member"},
)


def a_report(number: str, about: str = "listener-1", *, by: str = "member-1", chat: str = "chat-1", at: float = 100.0) -> Report:
    """Make a report with words and evidence; its key follows from its number."""
    return Report(number, f"click {number}", chat, by, about, ReportReason.WANTS_TO_MOVE, at, EVIDENCE, WORDS)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each sort."""
    return str(tmp_path / "porchlight.db") if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Give a place for the key."""
    return tmp_path / "keys" / "porchlight.key"


@pytest.fixture
async def store(database: str, key_file: Path) -> AsyncIterator[Store]:
    """Open a store on an empty database."""
    opened = await Store.open(database, key_file)
    yield opened
    await opened.close()


async def rows_of(database: str, query: str) -> list[tuple[object, ...]]:
    """Ask the database past the store."""
    url = database if "://" in database else f"sqlite+aiosqlite:///{database}"
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]
    finally:
        await engine.dispose()


# --- filing ----------------------------------------------------------------------------------------------------------


async def test_a_report_is_kept_and_opens_a_case(store: Store) -> None:
    """A filed report comes back with its words and evidence, in a case about the reported person."""
    report = a_report("R1")
    filed = await store.reports.file(report, "case-1")
    assert (filed.report, filed.fresh) == (report, True)
    assert filed.case == Case("case-1", "listener-1", urgent=False, opened_at=100.0, reports=("R1",))
    found = await store.cases.find("case-1")
    assert found is not None
    assert found[0] == filed.case
    assert [(each.number, each.by, each.words, each.evidence, each.problem) for each in found[1]] == [
        ("R1", "member-1", WORDS, EVIDENCE, "")
    ]


async def test_a_receipt_shows_no_words(store: Store) -> None:
    """What the reporter can look up holds neither words nor evidence."""
    await store.reports.file(a_report("R1"), "case-1")
    receipt = await store.reports.find("R1")
    assert receipt is not None
    assert (receipt.status, receipt.at, receipt.words, receipt.evidence) == (ReportStatus.RECEIVED, 100.0, "", None)
    assert await store.reports.find("R2") is None


async def test_the_same_click_twice_is_one_report(store: Store) -> None:
    """A second report with the same key gives the first one back, whatever else it says."""
    first = a_report("R1")
    await store.reports.file(first, "case-1")
    second = msgspec.structs.replace(first, id="R2", at=200.0, words="", evidence=Evidence(()))
    filed = await store.reports.file(second, "case-2")
    assert (filed.report, filed.fresh) == (first, False)
    assert filed.case is not None
    assert (filed.case.id, filed.case.reports) == ("case-1", ("R1",))
    assert await store.reports.find("R2") is None


async def test_the_same_click_at_once_is_one_report(store: Store) -> None:
    """Of twenty identical clicks at the same moment one files, and all get the same number."""
    report = a_report("R0")
    filed = await asyncio.gather(*(store.reports.file(msgspec.structs.replace(report, id=f"R{n}"), f"case-{n}") for n in range(20)))
    assert sum(each.fresh for each in filed) == 1
    assert len({each.report.id for each in filed}) == 1
    assert [len(case.reports) for case in await store.cases.all()] == [1]


async def test_the_same_click_through_two_processes_is_one_report(store: Store, database: str, key_file: Path) -> None:
    """Two stores on one database, as two servers have, agree on one report and one case."""
    other = await Store.open(database, key_file)
    report = a_report("R1")
    try:
        filed = await asyncio.gather(
            *(each.reports.file(msgspec.structs.replace(report, id=f"R{n}"), f"case-{n}") for n in range(10) for each in (store, other))
        )
    finally:
        await other.close()
    assert sum(each.fresh for each in filed) == 1
    assert len(await store.cases.all()) == 1


async def test_reports_about_one_person_add_up(store: Store) -> None:
    """Reports filed at once from many chats stand in one case, each once."""
    await asyncio.gather(*(store.reports.file(a_report(f"R{n}", chat=f"chat-{n}", by=f"member-{n}"), f"case-{n}") for n in range(10)))
    (case,) = await store.cases.all()
    assert sorted(case.reports) == sorted(f"R{n}" for n in range(10))


async def test_a_report_about_nobody_in_particular_makes_no_case(store: Store) -> None:
    """A report from a room with an empty ``about`` is kept without a case."""
    filed = await store.reports.file(a_report("R1", about=""), "case-1")
    assert (filed.case, filed.fresh) == (None, True)
    assert await store.cases.all() == ()
    assert await store.reports.find("R1") is not None


async def test_a_persons_reports_are_the_newest_first(store: Store) -> None:
    """Everybody gets their own reports and nobody else's."""
    await store.reports.file(a_report("R1", at=100.0), "case-1")
    await store.reports.file(a_report("R2", at=300.0), "case-2")
    await store.reports.file(a_report("R3", by="member-2", at=200.0), "case-3")
    assert [each.number for each in await store.reports.by("member-1")] == ["R2", "R1"]
    assert await store.reports.by("member-3") == ()


# --- taking back -----------------------------------------------------------------------------------------------------


async def test_only_the_reporter_takes_a_report_back(store: Store) -> None:
    """Somebody else's undo changes nothing; nor does one for a number that never was."""
    await store.reports.file(a_report("R1"), "case-1")
    assert not await store.reports.take_back("R1", "listener-1", 110.0)
    assert not await store.reports.take_back("R2", "member-1", 110.0)
    receipt = await store.reports.find("R1")
    assert receipt is not None
    assert receipt.status is ReportStatus.RECEIVED


async def test_a_report_taken_back_leaves_no_case_and_no_words(store: Store, database: str) -> None:
    """The last report takes its case along, and its words and evidence are gone from the database."""
    await store.reports.file(a_report("R1"), "case-1")
    assert await store.reports.take_back("R1", "member-1", 110.0)
    assert await store.cases.all(open_only=False) == ()
    receipt = await store.reports.find("R1")
    assert receipt is not None
    assert receipt.status is ReportStatus.WITHDRAWN
    assert await rows_of(database, "SELECT sealed FROM reports") == [(None,)]


async def test_taking_back_twice_is_once(store: Store, database: str) -> None:
    """The second press of undo is also a yes, and is not written down again; the reporter is not named."""
    await store.reports.file(a_report("R1"), "case-1")
    assert await asyncio.gather(*(store.reports.take_back("R1", "member-1", 110.0) for _ in range(3))) == [True, True, True]
    assert await rows_of(database, AUDIT) == [(110.0, "reporter", "take back", "R1")]


async def test_a_case_stays_while_something_is_left_in_it(store: Store) -> None:
    """Other reports, or signals, keep a case open when one report is taken back."""
    await store.reports.file(a_report("R1"), "case-1")
    await store.reports.file(a_report("R2", by="member-2", chat="chat-2"), "case-2")
    await store.cases.note_signals("listener-1", "chat-3", [Kind.PRETEXT], urgent=False, now=105.0, case_id="case-3")
    await store.reports.take_back("R1", "member-1", 110.0)
    assert [case.reports for case in await store.cases.all()] == [("R2",)]
    await store.reports.take_back("R2", "member-2", 111.0)
    assert await store.cases.all() == (), "one clear signal alone waits for no decision"
    (case,) = await store.cases.all(open_only=False)
    assert (case.id, case.reports, case.signals) == ("case-1", (), {Kind.PRETEXT: ("chat-3",)})


async def test_what_was_decided_on_is_not_taken_back(store: Store) -> None:
    """A report that people decided about stays what it was."""
    await store.reports.file(a_report("R1"), "case-1")
    await store.cases.decide("case-1", "mod-1", Outcome.COACH, 120.0, CHANCE)
    assert not await store.reports.take_back("R1", "member-1", 130.0)


# --- cases -----------------------------------------------------------------------------------------------------------


async def test_signals_and_reports_share_a_case(store: Store) -> None:
    """Signals open a case, reports join it, and once urgent is always urgent."""
    opened = await store.cases.note_signals("listener-1", "chat-1", [Kind.PRETEXT], urgent=True, now=50.0, case_id="case-1")
    assert opened == Case(
        "case-1",
        "listener-1",
        urgent=True,
        opened_at=50.0,
        signals={"pretext": ("chat-1",)},
        seen_at={"pretext chat-1": 50.0},
        urgent_by=("chat chat-1",),
    )
    await store.reports.file(a_report("R1", chat="chat-2"), "case-2")
    again = await store.cases.note_signals("listener-1", "chat-3", [Kind.PRETEXT], urgent=False, now=150.0, case_id="case-3")
    assert (again.id, again.urgent, again.reports, again.signals) == ("case-1", True, ("R1",), {Kind.PRETEXT: ("chat-1", "chat-3")})
    assert await store.cases.all() == (again,)


async def test_urgent_cases_come_first_then_what_is_to_be_decided_then_the_oldest(store: Store) -> None:
    """The desk's list begins with what should not wait."""
    await store.reports.file(a_report("R1", about="young", at=400.0), "young")
    await store.reports.file(a_report("R2", about="old", at=100.0), "old")
    await store.reports.file(a_report("R3", about="many", at=300.0), "many")
    for n in range(4, 6):
        await store.reports.file(a_report(f"R{n}", about="many", at=300.0 + n, by=f"member-{n}", chat=f"chat-{n}"), "many-2")
    await store.cases.note_signals("urgent", "chat-9", [Kind.SEXUAL_INVITE], urgent=True, now=500.0, case_id="urgent")
    assert [case.id for case in await store.cases.all()] == ["urgent", "many", "old", "young"]


async def test_the_first_look_at_a_case_is_the_one_that_counts(store: Store, database: str) -> None:
    """A report is read when somebody first opens its case; a later report waits for the next look. Every look is written down."""
    await store.reports.file(a_report("R1"), "case-1")
    await store.cases.mark_read("case-1", "mod-1", 200.0)
    await store.reports.file(a_report("R2", at=210.0), "case-2")
    before = await store.reports.find("R2")
    await store.cases.mark_read("case-1", "mod-2", 300.0)
    first, second = await store.reports.find("R1"), await store.reports.find("R2")
    assert before is not None
    assert first is not None
    assert second is not None
    assert before.status is ReportStatus.RECEIVED
    assert [(each.status, each.read_at) for each in (first, second)] == [(ReportStatus.READ, 200.0), (ReportStatus.READ, 300.0)]
    await store.cases.mark_read("no such case", "mod-1", 400.0)
    assert await rows_of(database, AUDIT) == [
        (200.0, "mod-1", "read", "case-1"),
        (300.0, "mod-2", "read", "case-1"),
    ]


async def test_a_case_is_decided_once_and_a_later_report_opens_another(store: Store, database: str) -> None:
    """The outcome reaches the reporters, the closed case leaves the list, and nothing is added to it afterwards."""
    await store.reports.file(a_report("R1"), "case-1")
    assert await store.cases.decide("case-1", "mod-1", Outcome.COACH, 200.0, CHANCE)
    assert not await store.cases.decide("case-1", "mod-2", Outcome.NO_BREACH, 201.0, CHANCE)
    receipt = await store.reports.find("R1")
    assert receipt is not None
    assert (receipt.status, receipt.outcome) == (ReportStatus.DECIDED, Outcome.COACH)
    assert await store.cases.all() == ()
    await store.reports.file(a_report("R2", at=300.0), "case-2")
    assert [case.id for case in await store.cases.all()] == ["case-2"]
    assert {case.id for case in await store.cases.all(open_only=False)} == {"case-1", "case-2"}
    assert await rows_of(database, "SELECT person_id, act, subject FROM audit JOIN aliases ON alias = actor") == [
        ("mod-1", "decide coach", "case-1")
    ]


async def test_there_is_no_case_where_none_was_opened(store: Store) -> None:
    """An unknown case is ``None`` and cannot be decided."""
    assert await store.cases.find("case-1") is None
    assert not await store.cases.decide("case-1", "mod-1", Outcome.COACH, 1.0, CHANCE)


# --- referrals, memories, tokens -------------------------------------------------------------------------------------


async def test_referrals_are_kept_once(store: Store) -> None:
    """The same referral twice is one; the newest comes first."""
    early, late = Referral("f1", "chat-1", "listener-1", 100.0, "sexual"), Referral("f2", "chat-2", "listener-1", 200.0, "other")
    for referral in (early, late, early):
        await store.referrals.keep(referral)
    assert await store.referrals.all() == (late, early)


async def test_people_are_remembered(store: Store) -> None:
    """The last memory of a person replaces the earlier one, and strangers are left out."""
    await store.people.remember({"ann": PersonMemory(tips=1), "bo": PersonMemory(dismissed={"battery": 5.0})}, 1.0)
    await store.people.remember({"ann": PersonMemory(tips=2)}, 1.0)
    await store.people.remember({}, 1.0)
    remembered = await store.people.memories(["ann", "bo", "cleo"])
    assert remembered == {"ann": PersonMemory(tips=2), "bo": PersonMemory(dismissed={"battery": 5.0})}


async def test_a_crowd_is_remembered(store: Store) -> None:
    """More people than one query may name are remembered all the same."""
    crowd = {f"person-{n}": PersonMemory(tips=n) for n in range(2_500)}
    await store.people.remember(crowd, 1.0)
    assert await store.people.memories(crowd) == crowd


async def test_a_one_time_token_works_once(store: Store) -> None:
    """Of many uses at the same moment one is the first; other tokens are not touched by it."""
    assert sorted(await asyncio.gather(*(store.tokens.once("t1", 500.0) for _ in range(10)))) == [False] * 9 + [True]
    assert await store.tokens.once("t2", 500.0)


async def test_the_record_takes_any_line(store: Store, database: str) -> None:
    """Other parts write down what was done through the store."""
    await store.audit.add(1.0, "mod-1", "sign in", "desk")
    assert await rows_of(database, AUDIT) == [(1.0, "mod-1", "sign in", "desk")]


# --- forgetting ------------------------------------------------------------------------------------------------------


async def test_what_was_kept_long_enough_is_forgotten(database: str, key_file: Path) -> None:
    """Reports, cases, referrals and tokens go when their time is over, and not before."""
    store = await Store.open(database, key_file, keep=Keep(reports=10 * DAY, referrals=10 * DAY))
    try:
        await store.reports.file(a_report("R1", about="gone", at=0.0), "gone")
        await store.reports.file(a_report("R2", about="partly", at=0.0), "partly")
        await store.reports.file(a_report("R3", about="partly", at=5 * DAY), "partly-2")
        await store.cases.note_signals("signals", "chat-1", [Kind.PRETEXT], urgent=False, now=0.0, case_id="signals")
        await store.referrals.keep(Referral("f1", "chat-1", "listener-1", 0.0, "other"))
        await store.tokens.once("t1", 10 * DAY)
        await store.life.forget(10 * DAY - 1)
        assert len(await store.cases.all(open_only=False)) == 3
        assert len(await store.referrals.all()) == 1
        assert not await store.tokens.once("t1", 10 * DAY)
        await store.life.forget(10 * DAY)
        assert [(case.id, case.reports) for case in await store.cases.all(open_only=False)] == [("partly", ("R3",))]
        assert [line.reports for line in (await store.desk.queue(Viewer("mod-1"), Wanted())).lines] == [1]
        assert await store.reports.find("R1") is None
        assert await store.referrals.all() == ()
        assert await store.tokens.once("t1", 20 * DAY)
        forgotten = await rows_of(database, "SELECT act, subject FROM audit ORDER BY subject")
        assert forgotten == [("forget", "R1"), ("forget", "R2")]
    finally:
        await store.close()


# --- words at rest ---------------------------------------------------------------------------------------------------


async def test_the_key_is_for_its_owner_alone_and_opens_old_evidence(database: str, key_file: Path) -> None:
    """The key file has mode 0600, and a second start reads what the first one stored."""
    first = await Store.open(database, key_file)
    await first.reports.file(a_report("R1"), "case-1")
    await first.close()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [each.name for each in key_file.parent.iterdir()] == [key_file.name]
    second = await Store.open(database, key_file)
    try:
        found = await second.cases.find("case-1")
        assert found is not None
        assert found[1][0].evidence == EVIDENCE
    finally:
        await second.close()


async def test_the_database_is_for_its_owner_alone(tmp_path: Path, key_file: Path) -> None:
    """Who reported whom stands in it; what SQLite keeps beside it is as private."""
    store = await Store.open(str(tmp_path / "porchlight.db"), key_file)
    await store.reports.file(a_report("R1"), "case-1")
    files = sorted(tmp_path.glob("porchlight.db*"))
    assert len(files) > 1
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await store.close()


async def test_a_key_that_others_can_read_is_said(tmp_path: Path, key_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As after it was copied; it works all the same."""
    for mode, told in ((0o600, False), (0o640, True), (0o604, True)):
        caplog.clear()
        store = await Store.open(str(tmp_path / "porchlight.db"), key_file)
        await store.close()
        key_file.chmod(mode)
        store = await Store.open(str(tmp_path / "porchlight.db"), key_file)
        await store.close()
        assert ("can be read by others" in caplog.text) is told


async def test_no_words_lie_in_clear_on_the_disk(tmp_path: Path, key_file: Path) -> None:
    """Neither the messages nor the reporter's words are found in the bytes of the database or of its log."""
    store = await Store.open(str(tmp_path / "porchlight.db"), key_file)
    await store.reports.file(a_report("R1"), "case-1")
    await store.cases.mark_read("case-1", "mod-1", 150.0)
    files = sorted(tmp_path.glob("porchlight.db*"))
    on_disk = b"".join(each.read_bytes() for each in files)
    await store.close()
    assert [each.name for each in files] == ["porchlight.db", "porchlight.db-shm", "porchlight.db-wal"]
    assert b"wants_to_move" in on_disk
    for words in (SAID, WORDS, SAID[:12], "opening.app"):
        assert words.encode() not in on_disk


async def test_no_column_holds_words_in_clear(store: Store, database: str) -> None:
    """No value of any table holds a message, the reporter's words or a note, nor does any value decode to them."""
    left = {"listener-1": traces_of_words("bring your purple umbrella and whistle twice near the quarry", store.mark)}
    assert left["listener-1"]
    await store.reports.file(a_report("R1"), "case-1", left)
    await store.cases.note_signals("listener-1", "chat-2", [Kind.PRETEXT], urgent=True, now=105.0, case_id="case-2", evidence=EVIDENCE)
    await store.cases.mark_read("case-1", "mod-1", 106.0)
    assert await store.casework.note(Viewer("mod-1"), "case-1", WORDS, 107.0)
    await store.referrals.keep(Referral("f1", "chat-1", "listener-1", 100.0, "other"))
    await store.people.remember({"member-1": PersonMemory(tips=1)}, 100.0)
    await store.tokens.once("t1", 500.0)
    await store.counts.add({Counted(10, What.HEARD): 1})
    await store.sessions.begin(Session("s1", "mod-1", DeskRole.MODERATOR, 100.0, 500.0))
    seen = set()
    for table in metadata.tables:
        for row in await rows_of(database, f"SELECT * FROM {table}"):  # noqa: S608 -- our own table names
            seen.add(table)
            stored = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
            assert SAID.encode() not in stored
            assert WORDS.encode() not in stored
    assert seen == set(metadata.tables) - {"erasures"}


async def test_a_wrong_key_is_named_and_breaks_no_list(database: str, key_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With another key the case still opens, says which file does not fit, and the log says it at the start; new reports are filed."""
    first = await Store.open(database, key_file)
    await first.reports.file(a_report("R1"), "case-1")
    await first.close()
    old_key = key_file.read_text()
    key_file.unlink()
    with caplog.at_level(logging.ERROR):
        second = await Store.open(database, key_file)
    try:
        assert str(key_file) in caplog.text
        assert len(await second.cases.all()) == 1
        assert len(await second.reports.by("member-1")) == 1
        found = await second.cases.find("case-1")
        assert found is not None
        assert found[1][0].evidence is None
        assert str(key_file) in found[1][0].problem
        filed = await second.reports.file(a_report("R1"), "case-1")
        assert (filed.report.id, filed.report.words, filed.fresh) == ("R1", WORDS, False)
        await second.reports.file(a_report("R2"), "case-2")
    finally:
        await second.close()
    key_file.write_text(key_file.read_text() + old_key)
    caplog.clear()
    third = await Store.open(database, key_file)
    try:
        found = await third.cases.find("case-1")
        assert found is not None
        assert [each.problem for each in found[1]] == ["", ""]
        assert caplog.text == ""
    finally:
        await third.close()


async def test_evidence_that_is_none_breaks_no_page(store: Store, key_file: Path) -> None:
    """What decrypts to something else than evidence is a sentence on the page of the case."""
    await store.reports.file(a_report("R1"), "case-1")
    other = Fernet(key_file.read_text().strip()).encrypt(b"\x93\x01")
    async with store._database.write() as connection:  # noqa: SLF001 -- no public way stores such a thing
        await connection.execute(update(reports).values(sealed=other))
    found = await store.cases.find("case-1")
    assert found is not None
    assert (found[1][0].evidence, found[1][0].problem) == (None, f"The evidence cannot be read with the key in {key_file}.")


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"\xff\xfe"])
async def test_a_broken_key_file_is_named_and_left_alone(tmp_path: Path, key_file: Path, content: bytes) -> None:
    """A file without a usable key stops the start, is named, is not quoted, and is not overwritten."""
    key_file.parent.mkdir()
    key_file.write_bytes(content)
    with pytest.raises(KeyFileError, match=str(key_file)) as raised:
        await Store.open(str(tmp_path / "porchlight.db"), key_file)
    assert "not a key" not in str(raised.value)
    assert key_file.read_bytes() == content


# --- the database ----------------------------------------------------------------------------------------------------


async def test_migrations_lead_to_the_tables(store: Store, database: str) -> None:  # noqa: ARG001 -- opening the store migrates
    """A database made by the migrations equals the tables in the code."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [each for each in compare_metadata(context, metadata) if "alembic_version" not in str(each)]

    url = database if "://" in database else f"sqlite+aiosqlite:///{database}"
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


async def test_a_database_that_fails_is_told_in_one_way(store: Store) -> None:
    """Whatever goes wrong below, whoever asks gets a ``StoreError``; when it is right again the same call works."""
    async with store._database.write() as connection:  # noqa: SLF001 -- no public way breaks it
        await connection.execute(text("ALTER TABLE reports RENAME TO elsewhere"))
    with pytest.raises(StoreError) as raised:
        await store.reports.file(a_report("R1"), "case-1")
    assert WORDS not in str(raised.value)
    with pytest.raises(StoreError):
        await store.reports.by("member-1")
    async with store._database.write() as connection:  # noqa: SLF001 -- as above
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO reports"))
    assert (await store.reports.file(a_report("R1"), "case-1")).fresh


async def test_two_processes_may_start_at_once(database: str, key_file: Path) -> None:
    """Stores opened at the same moment on an empty database share one set of tables and one key."""
    stores = await asyncio.gather(*(Store.open(database, key_file) for _ in range(4)))
    await stores[0].reports.file(a_report("R1"), "case-1")
    problems = []
    for each in stores:
        found = await each.cases.find("case-1")
        assert found is not None
        problems.append(found[1][0].problem)
        await each.close()
    assert problems == [""] * 4


async def test_a_newer_database_is_refused_in_words(store: Store, database: str, key_file: Path) -> None:
    """A database from a later version is not touched, and the error says what is wrong."""
    async with store._database.write() as connection:  # noqa: SLF001 -- no public way makes such a database
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="does not fit this version"):
        await Store.open(database, key_file)


@pytest.mark.parametrize("where", [":memory:", "sqlite://", "sqlite+aiosqlite:///:memory:", "mysql://someone:secret@host/db"])
async def test_a_database_that_cannot_keep_reports_is_refused(where: str) -> None:
    """Memory and unknown databases are refused in words that hold no password."""
    with pytest.raises(StoreError) as raised:
        await Database.open(where)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_postgresql_urls_may_be_written_as_usual(postgres: str, key_file: Path, scheme: str) -> None:
    """The common spellings of a PostgreSQL URL all work."""
    store = await Store.open(postgres.replace("postgresql+asyncpg", scheme), key_file)
    assert await store.cases.all() == ()
    await store.close()


async def test_sqlite_is_set_to_survive(tmp_path: Path, key_file: Path) -> None:
    """SQLite writes ahead, waits for the disk at every commit, and keeps its references."""
    store = await Store.open(str(tmp_path / "deep" / "porchlight.db"), key_file)
    async with store._database.read() as connection:  # noqa: SLF001 -- the settings belong to the connection
        settings = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await store.close()
    assert settings == ["wal", 2, 1]


ACKNOWLEDGE = """
import asyncio, sys
from pathlib import Path
from random import Random
from bot.edge.store import Store
from bot.likeness import traces_of_words
from bot.model import Evidence, Report, ReportReason

async def main():
    store = await Store.open(sys.argv[1], Path(sys.argv[2]))
    n = 0
    while True:
        about = f"listener-{n % 3}"
        report = Report(f"R{n}", f"k{n}", f"chat-{n}", f"member-{n}", about, ReportReason.OTHER, float(n), Evidence(()), "words")
        await store.reports.file(report, f"case-{n}")
        print(report.id, flush=True)
        n += 1

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_a_kill(database: str, key_file: Path) -> None:
    """Every report that a process acknowledged before it was killed is there afterwards, whole and in its case."""

    def acknowledged() -> Iterator[str]:
        command = [sys.executable, "-c", ACKNOWLEDGE, database, str(key_file)]
        with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for n, line in enumerate(child.stdout):
                if n == 20:
                    child.send_signal(signal.SIGKILL)
                if line.endswith("\n"):
                    yield line.strip()

    numbers = await asyncio.to_thread(lambda: list(acknowledged()))
    assert len(numbers) >= 20
    store = await Store.open(database, key_file)
    try:
        found = {number for case in await store.cases.all() for number in case.reports}
        assert found >= set(numbers)
        for case in await store.cases.all():
            opened = await store.cases.find(case.id)
            assert opened is not None
            assert {report.words for report in opened[1]} == {"words"}
    finally:
        await store.close()


# --- hostile names ---------------------------------------------------------------------------------------------------

HOSTILE = ["nul\x00inside", "'; DROP TABLE reports; --", 'quote"%s:name', "\U0001f56f" * 3_000, "é" * 100_000, ""]


@pytest.mark.parametrize("name", HOSTILE, ids=["nul", "sql", "quotes", "candles", "long", "empty"])
async def test_hostile_names_do_no_harm(store: Store, name: str) -> None:
    """Whatever a host sends as an id is stored, found again, and changes nothing else."""
    await store.reports.file(a_report("R1"), "case-1")
    clicked = Report(f"N{name}", f"K{name}", f"C{name}", f"P{name}", f"A{name}", ReportReason.OTHER, 1.0, EVIDENCE)
    filed = await store.reports.file(clicked, f"case {name}")
    assert filed.fresh
    assert filed.case is not None
    assert await store.cases.find(f"case {name}") is not None
    assert not (await store.reports.file(clicked, "case-3")).fresh
    assert len(await store.reports.by(f"P{name}")) == 1
    await store.cases.mark_read(f"case {name}", f"M{name}", 2.0)
    receipt = await store.reports.find(f"N{name}")
    assert receipt is not None
    assert receipt.status is ReportStatus.READ
    await store.cases.note_signals(f"A{name}", f"D{name}", [Kind.PRETEXT], urgent=False, now=3.0, case_id="case-4")
    await store.referrals.keep(Referral(f"F{name}", f"C{name}", f"P{name}", 4.0, f"W{name}"))
    assert await store.tokens.once(f"T{name}", 5.0)
    assert not await store.tokens.once(f"T{name}", 5.0)
    await store.people.remember({f"P{name}": PersonMemory(tips=3)}, 1.0)
    assert await store.people.memories([f"P{name}"]) == {f"P{name}": PersonMemory(tips=3)}
    assert await store.reports.take_back(f"N{name}", f"P{name}", 6.0)
    assert len(await store.cases.all(open_only=False)) == 2
    assert len(await store.reports.by("member-1")) == 1


def test_different_names_stay_different() -> None:
    """Cleaning a name never turns it into another person's: nothing is cut out, and long names keep a digest of the whole."""
    assert storable("ann\x00") != storable("ann")
    assert storable("a" * 1_000 + "b") != storable("a" * 1_000 + "c")
    assert len(storable("a" * 1_000)) == LONGEST
    assert storable("a" * LONGEST) == "a" * LONGEST
