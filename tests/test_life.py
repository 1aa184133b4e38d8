"""The life of what is kept: it comes up from every earlier version, is handed out, erased, and sealed anew; the record only grows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from cryptography.fernet import Fernet
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.edge.seal import Seal
from bot.edge.store import DAY, ReportStatus, Store
from bot.edge.store.sessions import Session
from bot.edge.store.sight import Viewer
from bot.edge.tables import UNREAD
from bot.likeness import traces_of_words
from bot.model import DeskRole, Evidence, Kind, Outcome, PersonMemory, Referral, Report, ReportReason, Said, Sent

CHANCE = Random(3)  # noqa: S311 -- chance that is the same each time
THEIRS, MINE, WORDS = "we could go on elsewhere", "I would rather stay", "it frightened me"
EVIDENCE = Evidence(
    (Said("m1", "sam", 90.0, THEIRS), Said("m2", "maya", 95.0, MINE)),
    {"sam": "listener", "maya": "member", "robin": "moderator"},
    from_host=(Sent("sam", "hello again", 80.0, "m0"),),
)


def a_report(number: str, about: str = "sam", by: str = "maya", at: float = 100.0) -> Report:
    """One click."""
    return Report(number, f"click {number} {by}", f"chat of {number}", by, about, ReportReason.SEXUAL, at, EVIDENCE, WORDS)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each sort."""
    return str(tmp_path / "porchlight.db") if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on an empty database."""
    opened = await Store.open(database, tmp_path / "porchlight.key")
    yield opened
    await opened.close()


async def everything(database: str) -> str:
    """All that stands in the database, as one text."""
    engine = create_async_engine(database if "://" in database else f"sqlite+aiosqlite:///{database}")
    try:
        async with engine.connect() as connection:
            tables = await connection.run_sync(lambda sync: sync.dialect.get_table_names(sync))
            found = [(table, [tuple(row) for row in await connection.execute(text(f"SELECT * FROM {table}"))]) for table in tables]  # noqa: S608 -- our own tables
    finally:
        await engine.dispose()
    return repr(found)


# --- up from every earlier version -----------------------------------------------------------------------------------


def to_revision(connection: Connection, revision: str) -> None:
    """Bring a database to an earlier version."""
    config = Config(attributes={"connection": connection, "roles_in": lambda _: {}})
    config.set_main_option("script_location", "bot.edge:migrations")
    command.upgrade(config, revision)


OLD = {
    "INSERT INTO cases (id, about, body, forget_at) VALUES ('k1', 'sam', :body, 9e12)": "body",
    "INSERT INTO reports (number, key, chat, by, about, reason, at, forget_at, sealed, case_id)"
    " VALUES ('R1', 'click 1', 'c1', 'maya', 'sam', 'asked_details', 100.0, 9e12, :sealed, 'k1')": "sealed",
    "INSERT INTO reports (number, key, chat, by, about, reason, at, forget_at, withdrawn_at)"
    " VALUES ('R2', 'click 2', 'c2', 'lea', 'sam', 'left', 100.0, 9e12, 110.0)": "",
    "INSERT INTO referrals (id, chat, by, at, reason) VALUES ('f1', 'c1', 'sam', 9e11, 'crisis')": "",
    "INSERT INTO person_memories (person_id, body) VALUES ('maya', :memory)": "memory",
    "INSERT INTO audit (at, actor, act, subject) VALUES (120.0, 'noor', 'read', 'k1')": "",
    "INSERT INTO audit (at, actor, act, subject) VALUES (121.0, 'reporter', 'take back', 'R2')": "",
}


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
async def test_a_database_of_an_earlier_version_comes_up_with_all_that_is_in_it(database: str, tmp_path: Path, revision: str) -> None:
    """Reports, cases, memories, referrals and the record are there as before, and in their new places."""
    seal = Seal(tmp_path / "porchlight.key")
    case = {"id": "k1", "about": "sam", "urgent": False, "opened_at": 100.0, "reports": [], "signals": {"pretext": ["c1", "c9"]}}
    values = {
        "body": msgspec.msgpack.encode(case),
        "sealed": seal.lock(WORDS, EVIDENCE),
        "memory": msgspec.msgpack.encode(PersonMemory(tips=2)),
    }
    engine = create_async_engine(database if "://" in database else f"sqlite+aiosqlite:///{database}")
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, "0001")
        for statement, name in OLD.items():
            await connection.execute(text(statement), {name: values[name]} if name else {})
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, revision)
    await engine.dispose()

    store = await Store.open(database, tmp_path / "porchlight.key")
    try:
        ((found, (report,)),) = [one for case in await store.cases.all() if (one := await store.cases.find(case.id))]
        assert (found.id, found.opened_at, found.signals, list(found.raised)) == ("k1", 100.0, {"pretext": ("c1", "c9")}, ["asked_details"])
        assert (report.number, report.words, report.evidence) == ("R1", WORDS, EVIDENCE)
        withdrawn = await store.reports.find("R2")
        assert withdrawn is not None
        assert withdrawn.status is ReportStatus.WITHDRAWN
        assert (await store.people.memories(["maya"]), len(await store.referrals.all())) == ({"maya": PersonMemory(tips=2)}, 1)
        assert [(act.actor, act.act) for act in await store.desk.acts(Viewer("amal"))] == [("reporter", "take back"), ("noor", "read")]
        for person in ("sam", "maya"):
            assert await store.desk.case(Viewer(person), "k1") is None
        assert await store.desk.case(Viewer("robin"), "k1"), "whoever moderates a room is no part in it"
        assert (await store.reports.file(a_report("R3", by="lea"), "k2")).case == (await store.cases.all())[0]
        assert "'noor'" not in (await everything(database)).split("'audit'")[1].split("]")[0]
        assert (await store.figures.weeks(Viewer("amal"), 0)).first_read == {(0, UNREAD): 2}
    finally:
        await store.close()


# --- the record ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
async def test_the_record_only_grows(store: Store, change: str) -> None:
    """The database itself refuses to change or delete a line, whoever asks it."""
    await store.audit.add(1.0, "noor", "sign in", "desk")
    with pytest.raises((DBAPIError, Exception), match="database failed"):
        async with store._database.write() as connection:  # noqa: SLF001 -- no public way changes a line
            await connection.execute(text(change))
    assert [(act.actor, act.act) for act in await store.desk.acts(Viewer("amal"))] == [("noor", "sign in")]


async def test_the_record_survives_whoever_stands_in_it(store: Store, database: str) -> None:
    """After an erasure every line is there, and none of them leads to the person."""
    await store.sessions.begin(Session("s1", "noor", DeskRole.ADMIN, 100.0, 500.0))
    await store.reports.file(a_report("R1"), "k1")
    await store.casework.claim(Viewer("noor"), "k1", 110.0)
    await store.casework.note(Viewer("noor"), "k1", "seen before", 111.0)
    before = [(act.id, act.act) for act in await store.desk.acts(Viewer("amal"))]
    assert await store.life.erase("noor", 120.0)
    acts = await store.desk.acts(Viewer("amal"))
    assert [(act.id, act.act) for act in acts][-len(before) :] == before
    assert "noor" not in await everything(database)


# --- export ----------------------------------------------------------------------------------------------------------


async def test_an_export_holds_what_is_theirs_and_no_report_by_others(store: Store) -> None:
    """The reporter gets their words and their own messages; the reported person nothing of it."""
    await store.reports.file(a_report("R1"), "k1")
    await store.people.remember({"maya": PersonMemory(tips=2)}, 100.0)
    await store.referrals.keep(Referral("f1", "c7", "sam", 100.0, "crisis"))
    mine, theirs = [json.loads(json.dumps(await store.life.export(person, 200.0))) for person in ("maya", "sam")]
    ((report),) = mine["reports"]
    assert (report["number"], report["words"], [one["text"] for one in report["your_messages"]]) == ("R1", WORDS, [MINE])
    assert mine["memory"]["tips"] == 2
    assert THEIRS not in str(mine)
    assert (theirs["reports"], theirs["decisions"], [one["reason"] for one in theirs["referrals"]]) == ([], [], ["crisis"])
    assert not any(word in str(theirs) for word in ("maya", "R1", WORDS, MINE))


async def test_a_decision_is_exported_when_it_was_to_be_told_and_not_before(store: Store) -> None:
    """An export asked for each hour does not tell when somebody reported."""
    await store.reports.file(a_report("R1"), "k1")
    await store.cases.decide("k1", "noor", Outcome.WARN, 200.0, CHANCE)
    assert (await store.life.export("sam", 200.0))["decisions"] == []
    (decision,) = (await store.life.export("sam", 200.0 + 3 * DAY))["decisions"]
    assert decision == {"closed_at": 200.0, "outcome": "warn"}


# --- erasure ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["sam", "maya"])
async def test_an_erasure_waits_for_open_cases_and_for_what_the_host_is_still_to_do(store: Store, database: str, person: str) -> None:
    """What does not have to wait goes at once; the rest when it is decided and done. Then nothing is left of the person."""
    left = {person: traces_of_words("bring your purple umbrella and whistle twice near the quarry", store.mark)}
    await store.reports.file(a_report("R1"), "k1", left)
    await store.people.remember({person: PersonMemory(tips=2)}, 100.0)
    await store.referrals.keep(Referral("f1", "c7", person, 100.0, "crisis"))
    assert not await store.life.erase(person, 150.0)
    assert (await store.people.memories([person]), await store.referrals.all(), await store.traces.like(Viewer("noor"), person)) == (
        {},
        (),
        (),
    )
    assert (await store.cases.find("k1")) is not None
    assert (await store.life.forget(160.0))["erasures"] == 0
    await store.cases.decide("k1", "noor", Outcome.REMOVE, 170.0, CHANCE)
    asked = 170.0 + 3 * DAY
    if person == "sam":
        assert (await store.life.forget(180.0))["erasures"] == 0, "the host has not heard of the decision"
        for notice in await store.notices.due([""], asked):
            await store.notices.shown(notice.id, "", asked)
    assert (await store.life.forget(asked))["erasures"] == 1
    assert person not in await everything(database), "nor in a key, nor within what is packed"
    found = await store.reports.find("R1")
    assert found is not None
    assert found.status is ReportStatus.DECIDED, "the other side's receipt still tells what became of it"


async def test_whoever_only_was_there_is_taken_out_of_the_evidence(store: Store, database: str) -> None:
    """The report about somebody else keeps the rest of what was said."""
    there = msgspec.structs.replace(
        EVIDENCE, said=(*EVIDENCE.said, Said("m3", "zoe", 99.0, "hi both")), roles={**EVIDENCE.roles, "zoe": "guest"}
    )
    await store.reports.file(msgspec.structs.replace(a_report("R1"), evidence=there), "k1")
    assert not await store.life.erase("zoe", 110.0)
    await store.cases.decide("k1", "noor", Outcome.NO_BREACH, 120.0, CHANCE)
    assert (await store.life.forget(130.0))["erasures"] == 1
    found = await store.cases.find("k1")
    assert found is not None
    assert found[1][0].evidence is not None
    assert [said.text for said in found[1][0].evidence.said] == [THEIRS, MINE, None]
    assert "zoe" not in str(found) + await everything(database)


async def test_whoever_only_was_there_is_taken_out_of_what_software_kept(store: Store) -> None:
    """A teen who asks to be forgotten is not kept in the case about the adult."""
    await store.cases.note_signals(
        "sam", "c1", [], urgent=True, now=100.0, case_id="k1", people=("maya",), evidence=EVIDENCE, noticed=Kind.FLIRT
    )
    assert not await store.life.erase("maya", 110.0)
    await store.cases.decide("k1", "noor", Outcome.WARN, 120.0, CHANCE)
    assert (await store.life.forget(130.0))["erasures"] == 1
    (clipping,) = await store.cases.clippings("k1")
    assert [said.text for said in clipping.evidence.said] == [THEIRS, None]
    assert "maya" not in str(clipping)


async def test_what_the_assistant_said_to_others_stays_in_the_evidence(store: Store) -> None:
    """Only what it said to the one who is erased goes."""
    told = msgspec.structs.replace(EVIDENCE, roles={**EVIDENCE.roles, "zoe": "guest"}, told={"zoe tip": 1.0, "sam pretext": 2.0})
    await store.reports.file(msgspec.structs.replace(a_report("R1"), evidence=told), "k1")
    await store.cases.decide("k1", "noor", Outcome.NO_BREACH, 120.0, CHANCE)
    assert await store.life.erase("zoe", 130.0)
    found = await store.cases.find("k1")
    assert found is not None
    assert found[1][0].evidence is not None
    assert found[1][0].evidence.told == {"sam pretext": 2.0}


async def test_who_wrote_a_report_down_is_taken_off_it(store: Store, database: str) -> None:
    """The report stays; the record keeps its line."""
    written = msgspec.structs.replace(a_report("R1"), evidence=Evidence((), written_by="noor"), key="desk 1")
    await store.reports.file(written, "k1")
    assert await store.life.erase("noor", 110.0)
    found = await store.cases.find("k1")
    assert found is not None
    assert found[1][0].evidence is not None
    assert found[1][0].evidence.written_by.startswith("erased-")
    assert "noor" not in str(found) + await everything(database)
    assert "write down" in [act.act for act in await store.desk.acts(Viewer("amal"))]


async def test_evidence_is_there_until_an_appeal_is_answered(store: Store) -> None:
    """Whoever reported may ask to be forgotten meanwhile: it waits. Who appeals may go at once."""
    for number, about in (("R1", "sam"), ("R2", "ben")):
        await store.reports.file(a_report(number, about), f"k{number}")
        await store.cases.decide(f"k{number}", "noor", Outcome.WARN, 120.0, CHANCE)
        for notice in await store.notices.due([""], 9e5):
            await store.notices.shown(notice.id, "", 9e5)
        assert await store.casework.appeal(f"k{number}", "it was not like that", 130.0)
    assert (await store.life.erase("maya", 140.0), await store.life.erase("ben", 140.0)) == (False, True)
    assert "it was not like that" not in str(await store.desk.case(Viewer("amal"), "kR2"))
    assert await store.casework.answer(Viewer("amal"), "kR1", Outcome.WARN, 150.0)
    assert (await store.life.forget(160.0))["erasures"] == 1


async def test_nobody_is_not_erased(store: Store) -> None:
    """By an empty name goes what the host is still to do."""
    await store.reports.file(a_report("R1"), "k1")
    await store.cases.decide("k1", "noor", Outcome.WARN, 120.0, CHANCE)
    with pytest.raises(ValueError, match="empty"):
        await store.life.erase("", 130.0)
    assert len(await store.notices.due([""], 9e5)) == 1


async def test_erasing_a_stranger_is_done_at_once(store: Store) -> None:
    """Twice as well."""
    assert [await store.life.erase("nobody", at) for at in (1.0, 2.0)] == [True, True]


# --- keys ------------------------------------------------------------------------------------------------------------


async def test_what_an_old_key_locked_is_sealed_anew_so_that_it_can_go(database: str, tmp_path: Path) -> None:
    """A new line on top, ``purge --reseal``, and the old line can be taken out: everything still opens."""
    key_file = tmp_path / "porchlight.key"
    first = await Store.open(database, key_file)
    await first.reports.file(a_report("R1"), "k1")
    await first.casework.note(Viewer("noor"), "k1", "seen before", 110.0)
    await first.cases.note_signals("sam", "c9", [Kind.PRETEXT], urgent=True, now=120.0, case_id="k2", evidence=EVIDENCE)
    await first.cases.decide("k1", "amal", Outcome.WARN, 125.0, CHANCE)
    assert await first.casework.appeal("k1", "please look again", 128.0)
    await first.close()
    old = key_file.read_text()
    key_file.write_text(f"{Fernet.generate_key().decode()}\n{old}")
    second = await Store.open(database, key_file)
    assert (await second.life.reseal(), await second.life.reseal()) == (4, 0)
    await second.close()
    key_file.write_text(key_file.read_text().removesuffix(old))
    third = await Store.open(database, key_file)
    try:
        found, case = await third.cases.find("k1"), await third.desk.case(Viewer("noor"), "k1")
        assert found is not None
        assert case is not None
        assert (found[1][0].problem, found[1][0].words, case.notes[0].text) == ("", WORDS, "seen before")
        assert case.appeal == "please look again"
        assert [clipping.evidence for clipping in await third.cases.clippings("k1")] == [EVIDENCE]
    finally:
        await third.close()
