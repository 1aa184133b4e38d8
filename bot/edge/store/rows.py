"""What the rows of reports and cases become, for the rooms that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cases import weighed
from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.tables import case_chats, cases, involved, reports
from bot.model import Apart, Case, Evidence, ReportReason, Role, Standing
from bot.tally import Counted, Threshold, tally

_REASON = {reason.value: reason for reason in ReportReason}
_CASE = msgspec.msgpack.Decoder(Case)

REPORTS: Select[Any] = select(reports, cases.c.outcome, cases.c.closed_at).outerjoin(cases)
"""A report with what was decided about it."""
WAITING = cases.c.closed_at.is_(None) & (cases.c.turn < Standing.SEEN.turn)
"""What stands in the queue; what was seen and not reported waits for more."""


class ReportStatus(StrEnum):
    """What has become of a report."""

    RECEIVED = "received"
    READ = "read"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class StoredReport(msgspec.Struct, frozen=True):
    """A report as the store holds it. Words and evidence come only with a case, for those who decide."""

    number: str
    chat: str
    by: str
    about: str
    reason: ReportReason
    at: float
    status: ReportStatus
    read_at: float | None = None
    outcome: str | None = None
    decided_at: float | None = None
    apart: Apart | None = None
    """Why it does not add to the others."""
    alike: str = ""
    """An earlier report whose reporter looks like the same one."""
    words: str = ""
    evidence: Evidence | None = None
    problem: str = ""
    """Why the evidence cannot be shown; empty if it can."""


def stored(row: Row[Any], words: str = "", evidence: Evidence | None = None, problem: str = "") -> StoredReport:
    """Give a row of ``REPORTS`` as a value."""
    if row.withdrawn_at is not None:
        status = ReportStatus.WITHDRAWN
    elif row.outcome is not None:
        status = ReportStatus.DECIDED
    elif row.read_at is not None:
        status = ReportStatus.READ
    else:
        status = ReportStatus.RECEIVED
    return StoredReport(
        number=row.number,
        chat=row.chat,
        by=row.by,
        about=row.about,
        reason=ReportReason(row.reason),
        at=row.at,
        status=status,
        read_at=row.read_at,
        outcome=row.outcome,
        apart=Apart(row.apart) if row.apart else None,
        alike=row.alike or "",
        decided_at=row.closed_at,
        words=words,
        evidence=evidence,
        problem=problem,
    )


def with_words(row: Row[Any], seal: Seal) -> StoredReport:
    """Give a row of ``REPORTS`` with what was encrypted, or why it cannot be shown."""
    if row.sealed is None:
        return stored(row, problem="The evidence was erased, as somebody in it asked for.")
    sealed = seal.unlock(row.sealed)
    if sealed is None:
        return stored(row, problem=f"The evidence cannot be read with the key in {seal.key_file}.")
    words, evidence = sealed
    return stored(row, words, evidence)


def with_numbers(body: bytes, numbers: tuple[str, ...]) -> Case:
    """Give a case out of its row, with the numbers of its reports, which point to it."""
    return msgspec.structs.replace(_CASE.decode(body), reports=numbers)


async def read_case(connection: AsyncConnection, which: ColumnElement[bool]) -> Case | None:
    """Read the one case of which this holds, and keep it from being forgotten meanwhile."""
    row = (await connection.execute(select(cases).where(which).with_for_update())).one_or_none()
    if row is None:
        return None
    query = select(reports.c.number).where(reports.c.case_id == row.id).order_by(reports.c.at, reports.c.number)
    return with_numbers(row.body, tuple((await connection.execute(query)).scalars()))


async def open_case(connection: AsyncConnection, about: str) -> Case | None:
    """Read the open case about a person."""
    return await read_case(connection, (cases.c.about == about) & cases.c.closed_at.is_(None))


async def save_case(database: Database, connection: AsyncConnection, case: Case, forget_at: float) -> None:
    """Write a case back; one with nothing left in it goes."""
    if not case.reports and not case.signals and not case.noticed:
        await connection.execute(delete(cases).where(cases.c.id == case.id))
        return
    body = msgspec.msgpack.encode(msgspec.structs.replace(case, reports=()))
    place = {"body": body, "forget_at": forget_at, "turn": case.standing.turn}
    row = database.insert(cases).values(id=case.id, about=case.about, opened_at=case.opened_at, **place)
    await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=place))
    await involve(database, connection, case.id, (case.about,), ())


async def involve(database: Database, connection: AsyncConnection, case_id: str, people: Iterable[str], chats: Iterable[str]) -> None:
    """Write down who is part of a case, and in which chats it came about: they never see it."""
    for table, key, names in ((involved, "person", people), (case_chats, "chat", chats)):
        rows = [{key: name, "case_id": case_id} for name in sorted(set(names))]
        if rows:
            await connection.execute(database.insert(table).on_conflict_do_nothing(), rows)


def part_of(evidence: Evidence) -> set[str]:
    """Who took part in a chat, by the evidence from it; to moderate a room is no part in it."""
    there = {*evidence.roles, *(said.author for said in evidence.said)}
    return {person for person in there if evidence.roles.get(person) != Role.MODERATOR}


# --- what is counted -------------------------------------------------------------------------------------------------


async def counted_in(connection: AsyncConnection, case_id: str) -> tuple[Counted, ...]:
    """The reports of a case as far as they are counted."""
    columns = (reports.c.number, reports.c.chat, reports.c.by, reports.c.reason, reports.c.at, reports.c.apart, reports.c.alike)
    query = select(*columns).where(reports.c.case_id == case_id).order_by(reports.c.at, reports.c.number)
    rows = (await connection.execute(query)).all()
    return tuple(
        Counted(number, chat, by, _REASON[reason], at, Apart(apart) if apart else None, alike or "")
        for number, chat, by, reason, at, apart, alike in rows
    )


async def weigh(connection: AsyncConnection, case: Case, now: float, thresholds: Mapping[ReportReason, Threshold]) -> Case:
    """Count what is in a case and say which counts call for a decision."""
    return weighed(case, tally(await counted_in(connection, case.id), case, now, thresholds))


def concerns(person: str) -> ColumnElement[bool]:
    """Whether a case concerns somebody."""
    return exists().where(involved.c.case_id == cases.c.id, involved.c.person == person)
