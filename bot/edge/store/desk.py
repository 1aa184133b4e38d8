"""What the desk reads: the queue, one case, the record of acts, figures. Nobody is shown, or counted, what they are part of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.edge.database import Database
from bot.edge.seal import Seal
from bot.edge.store.audit import LINES
from bot.edge.store.rows import REPORTS, StoredReport, counted_in, stored, with_numbers, with_words
from bot.edge.store.rows import WAITING as IN_QUEUE
from bot.edge.store.shapes import Act, Asked, DeskCase, Line, Note, Pile, Queue, Wanted
from bot.edge.store.sight import Viewer, hidden_from, shown_to
from bot.edge.tables import audit, case_chats, cases, involved, notes, notices, reports
from bot.model import ReportReason, Standing
from bot.tally import Counted

PAGE = 25
"""Cases on one page of the queue."""
REPORTS_SHOWN = 5
"""Reports on one page of a case; each brings up to forty messages."""
CHATS_SHOWN = 25
"""Chats that are named on the page of a case."""
TAKEN_AT_ONCE = 100
"""Cases that are exported in one go, so that chats wait for none of it."""
ACTS = 50
"""Lines on one page of the record."""


class Desk:
    """Reads for the desk."""

    def __init__(self, database: Database, seal: Seal) -> None:
        """Use the database and the keys of the store."""
        self._database = database
        self._seal = seal

    async def queue(self, viewer: Viewer, wanted: Wanted, page: int = 0) -> Queue:
        """One page of cases, those that go first at the top."""
        fits = and_(shown_to(viewer), _in_pile(wanted.pile, viewer.person), *_filters(wanted))
        query = select(cases).where(fits).order_by(*_order(wanted.pile)).limit(PAGE + 1).offset(page * PAGE)
        async with self._database.read() as connection:
            lines = await _lines(connection, query)
            piles = await self._piles(connection, viewer)
        return Queue(lines[:PAGE], len(lines) > PAGE, piles)

    async def search(self, viewer: Viewer, words: str) -> tuple[Line, ...]:
        """Cases about a person, from a chat, or with a report of that number; the id as it is spelled."""
        asked, number = words.strip(), words.strip().upper()
        found = union(
            select(cases.c.id).where(or_(cases.c.id == asked, cases.c.about == asked)),
            select(reports.c.case_id).where(reports.c.number == number, reports.c.case_id.is_not(None)),
            select(case_chats.c.case_id).where(case_chats.c.chat == asked),
        )
        query = select(cases).where(shown_to(viewer), cases.c.id.in_(found)).order_by(cases.c.opened_at.desc(), cases.c.id).limit(PAGE)
        async with self._database.read() as connection:
            return await _lines(connection, query)

    async def case(self, viewer: Viewer, case_id: str, page: int = 0) -> DeskCase | None:
        """One case; ``None`` if there is none or if the viewer is part of it."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(cases).where(cases.c.id == case_id, shown_to(viewer)))).one_or_none()
            if row is None:
                return None
            (line,) = await _lines(connection, select(cases).where(cases.c.id == case_id))
            others = select(cases).where(cases.c.about == row.about, cases.c.id != case_id, shown_to(viewer))
            earlier = await _lines(connection, others.order_by(cases.c.opened_at.desc()).limit(PAGE))
            shown = REPORTS.where(reports.c.case_id == case_id).order_by(reports.c.at.desc(), reports.c.number)
            found = (await connection.execute(shown.limit(REPORTS_SHOWN).offset(page * REPORTS_SHOWN))).all()
            counted = await counted_in(connection, case_id)
            told = select(notes).where(notes.c.case_id == case_id).order_by(notes.c.at, notes.c.id)
            noted = (await connection.execute(told)).all()
            acts = await _acts(connection, audit.c.subject == case_id)
            chats = await _chats(connection, case_id, counted)
            for_host = select(notices.c.due_at, notices.c.shown_at).where(notices.c.person_id == "", notices.c.case_id == case_id)
            asked = (await connection.execute(for_host.order_by(notices.c.due_at.desc()).limit(1))).one_or_none()
        return DeskCase(
            line=line,
            newest=counted[-1].number if counted else "",
            counted=counted,
            reports=tuple(with_words(report, self._seal) for report in found),
            notes=tuple(Note(note.at, note.by, _opened(self._seal, note.sealed)) for note in noted),
            acts=acts,
            earlier=earlier,
            chats=chats,
            appeal="" if row.appeal is None else _opened(self._seal, row.appeal),
            decided_by=next((act.actor for act in acts if act.act.startswith("decide ")), ""),
            asked=None if asked is None else Asked(asked.due_at, asked.shown_at),
        )

    async def shows(self, viewer: Viewer, case_id: str) -> bool:
        """Whether there is such a case for the viewer."""
        async with self._database.read() as connection:
            found = select(cases.c.id).where(cases.c.id == case_id, shown_to(viewer))
            return (await connection.execute(found)).scalar_one_or_none() is not None

    async def acts(self, viewer: Viewer, before: int | None = None) -> tuple[Act, ...]:
        """The record of acts, the newest first; without those on what the viewer is part of."""
        mine = select(involved.c.case_id).where(involved.c.person == viewer.person)
        of_mine = or_(reports.c.by == viewer.person, reports.c.about == viewer.person, reports.c.case_id.in_(mine))
        hidden = or_(audit.c.subject.in_(mine), audit.c.subject.in_(select(reports.c.number).where(of_mine)))
        if viewer.chats:
            there = select(case_chats.c.case_id).where(case_chats.c.chat.in_(viewer.chats))
            hidden = or_(hidden, audit.c.subject.in_(there))
        earlier = [] if before is None else [audit.c.id < before]
        async with self._database.read() as connection:
            return await _acts(connection, and_(~hidden, *earlier))

    async def taken_along(self, viewer: Viewer, wanted: Wanted, after: str = "") -> tuple[tuple[Line, tuple[StoredReport, ...]], ...]:
        """Cases by id, some at a time, each with its reports without their words; ``after`` is the last id of those before."""
        fits = and_(shown_to(viewer), _in_pile(wanted.pile, viewer.person), *_filters(wanted), cases.c.id > after)
        async with self._database.read() as connection:
            lines = await _lines(connection, select(cases).where(fits).order_by(cases.c.id).limit(TAKEN_AT_ONCE))
            of_these = REPORTS.where(reports.c.case_id.in_([line.case.id for line in lines])).order_by(reports.c.at, reports.c.number)
            by_case: defaultdict[str, list[StoredReport]] = defaultdict(list)
            for row in await connection.execute(of_these):
                by_case[row.case_id].append(stored(row))
        return tuple((line, tuple(by_case[line.case.id])) for line in lines)

    async def _piles(self, connection: AsyncConnection, viewer: Viewer) -> dict[Pile, int]:
        """All, read from indices alone, without the few that the viewer is part of."""
        counted = select(func.count(), func.count(cases.c.claimed_by)).select_from(cases).where(IN_QUEUE)
        everything, claimed = (await connection.execute(counted)).one()
        few = {pile: await _many(connection, _in_pile(pile, viewer.person)) for pile in (Pile.MINE, Pile.APPEALS)}
        found = {Pile.OPEN: int(everything), **few}
        hidden = (await connection.execute(select(cases).where(hidden_from(viewer)))).all()
        for row in hidden:
            waits, appealed = row.closed_at is None, row.appealed_at is not None and row.answered_at is None
            queued = waits and row.turn < Standing.SEEN.turn
            found[Pile.OPEN] -= queued
            found[Pile.APPEALS] -= appealed
            found[Pile.MINE] -= (waits or appealed) and row.claimed_by == viewer.person
            claimed -= queued and row.claimed_by is not None
        return {**found, Pile.FREE: found[Pile.OPEN] - claimed}


async def _many(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    return int((await connection.execute(select(func.count()).select_from(cases).where(which))).scalar_one())


def _in_pile(pile: Pile, person: str) -> ColumnElement[bool]:
    still_open = cases.c.closed_at.is_(None)
    appealed = and_(cases.c.appealed_at.is_not(None), cases.c.answered_at.is_(None))
    match pile:
        case Pile.OPEN:
            return IN_QUEUE
        case Pile.FREE:
            return and_(IN_QUEUE, cases.c.claimed_by.is_(None))
        case Pile.MINE:
            return and_(or_(still_open, appealed), cases.c.claimed_by == person)
        case Pile.APPEALS:
            return appealed
        case Pile.CLOSED:
            return and_(~still_open, ~appealed)


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    urgent = [cases.c.turn == 0] if wanted.urgent else []
    if wanted.reason is None:
        return urgent
    return [*urgent, exists().where(reports.c.case_id == cases.c.id, reports.c.reason == wanted.reason.value)]


def _order(pile: Pile) -> tuple[ColumnElement[Any], ...]:
    match pile:
        case Pile.CLOSED:
            return cases.c.closed_at.desc(), cases.c.id.asc()
        case Pile.APPEALS:
            return cases.c.appealed_at.asc(), cases.c.id.asc()
        case _:
            return cases.c.turn.asc(), cases.c.opened_at.asc(), cases.c.id.asc()


async def _lines(connection: AsyncConnection, query: Select[Any]) -> tuple[Line, ...]:
    """Cases as lines, with what their reports add up to; two more queries, however many they are."""
    rows = (await connection.execute(query)).all()
    ids = [row.id for row in rows]
    if not ids:
        return ()
    unread = func.sum(case((reports.c.read_at.is_(None), 1), else_=0))
    told = select(reports.c.case_id, reports.c.reason, func.count().label("n"), unread.label("unread"), func.max(reports.c.at).label("at"))
    told = told.where(reports.c.case_id.in_(ids)).group_by(reports.c.case_id, reports.c.reason)
    by_case: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(told):
        by_case[row.case_id].append(row)
    concerned = select(case_chats.c.case_id, func.count()).where(case_chats.c.case_id.in_(ids)).group_by(case_chats.c.case_id)
    chats = {row[0]: row[1] for row in await connection.execute(concerned)}
    return tuple(_line(row, by_case[row.id], chats.get(row.id, 0)) for row in rows)


def _line(row: Row[Any], told: list[Row[Any]], chats: int) -> Line:
    told = sorted(told, key=lambda one: (-one.n, one.reason))
    return Line(
        case=with_numbers(row.body, ()),
        turn=row.turn,
        reports=sum(one.n for one in told),
        unread=sum(int(one.unread) for one in told),
        last_at=max((one.at for one in told), default=row.opened_at),
        reasons={ReportReason(one.reason): one.n for one in told},
        chats=chats,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        appealed=row.appealed_at is not None and row.answered_at is None,
    )


async def _chats(connection: AsyncConnection, case_id: str, counted: Iterable[Counted]) -> dict[str, int]:
    """Chats of a case, those with the most reports first, then those from which only signals came."""
    told = Counter(one.chat for one in counted)
    most = nsmallest(2 * CHATS_SHOWN, told, key=lambda chat: (-told[chat], chat))
    of_case = select(case_chats.c.chat).where(case_chats.c.case_id == case_id)
    known = set((await connection.execute(of_case.where(case_chats.c.chat.in_(most)))).scalars())  # what was told elsewhere came from none
    found = [chat for chat in most if chat in known][:CHATS_SHOWN]
    rest = of_case.where(case_chats.c.chat.not_in(found)).order_by(case_chats.c.chat).limit(CHATS_SHOWN - len(found))
    return {chat: told[chat] for chat in (*found, *(await connection.execute(rest)).scalars())}


async def _acts(connection: AsyncConnection, which: ColumnElement[bool]) -> tuple[Act, ...]:
    rows = await connection.execute(LINES.where(which).order_by(audit.c.id.desc()).limit(ACTS))
    return tuple(Act(row.id, row.at, row.actor, row.act, row.subject) for row in rows)


def _opened(seal: Seal, sealed: bytes) -> str:
    words = seal.unlock(sealed)
    return f"This cannot be read with the key in {seal.key_file}." if words is None else words[0]
