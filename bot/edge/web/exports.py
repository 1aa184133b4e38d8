"""What people take along from the desk, as CSV or JSON: cases and reports without anybody's words. Each time is written down."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp import web

from bot.edge.store import StoredReport
from bot.edge.store.shapes import Line, Pile, Wanted
from bot.edge.store.sight import Viewer
from bot.edge.web.door import Door
from bot.edge.web.frame import Pages, Refused, secure
from bot.edge.web.shown import iso
from bot.model import DeskRole

CASE_FIELDS = ("case", "about", "urgent", "opened", "chats", "signals", "noticed", "claimed_by", "closed", "outcome", "appeal_waits")
REPORT_FIELDS = ("number", "chat", "reason", "at", "status", "read")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is taken for a formula by spreadsheets."""


class Exports:
    """Writes lists out."""

    def __init__(self, pages: Pages, door: Door) -> None:
        """Stand on what all pages share; the door says who is there."""
        self._pages = pages
        self._door = door

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Send the cases of one pile, as far as this person may see them. Who reported is for admins alone."""
        seated, form = await self._door.acting(request, DeskRole.MODERATOR)
        kind = form.get("as", "")
        if kind not in {"csv", "json"}:
            raise Refused("Nothing was written", "Choose CSV or JSON.", 400)
        pile = Pile(form["pile"]) if form.get("pile") in set(Pile) else Pile.OPEN
        reporters = form.get("reporters") == "1" and seated.may(DeskRole.ADMIN)
        act = f"export {pile}{' with reporters' if reporters else ''}"
        await self._pages.porch.store.audit.add(self._pages.now, seated.person, act, "cases")
        response = web.StreamResponse()
        response.content_type = {"csv": "text/csv", "json": "application/json"}[kind]
        response.charset = "utf-8"
        response.headers["Content-Disposition"] = f'attachment; filename="cases.{kind}"'
        secure(request, response)
        await response.prepare(request)
        found = self._found(seated.viewer, Wanted(pile))
        async for chunk in _csv(found, reporters=reporters) if kind == "csv" else _json(found, reporters=reporters):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def _found(self, viewer: Viewer, wanted: Wanted) -> AsyncIterator[tuple[tuple[Line, tuple[StoredReport, ...]], ...]]:
        after = ""
        while some := await self._pages.porch.store.desk.taken_along(viewer, wanted, after):
            yield some
            after = some[-1][0].case.id


Found = AsyncIterator[tuple[tuple[Line, tuple[StoredReport, ...]], ...]]


async def _json(found: Found, *, reporters: bool) -> AsyncIterator[bytes]:
    """A list with one case on each line."""
    between = b"[\n"
    async for some in found:
        for line, reports in some:
            told = [_report(report, reporters=reporters) for report in reports]
            yield between + msgspec.json.encode({**_case(line), "reports": told})
            between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


async def _csv(found: Found, *, reporters: bool) -> AsyncIterator[bytes]:
    """One line for each report, with its case; a case without reports has one line too."""
    fields = (*CASE_FIELDS, *REPORT_FIELDS, *(("by",) if reporters else ()))
    yield _row(fields)
    async for some in found:
        lines = []
        for line, reports in some:
            case = _case(line)
            for field in ("signals", "noticed"):
                case[field] = " ".join(f"{kind}:{n}" for kind, n in case[field].items())
            for told in [_report(report, reporters=reporters) for report in reports] or [{}]:
                lines += [_row([case.get(field, told.get(field)) for field in fields])]
        yield b"".join(lines)


def _row(cells: Any) -> bytes:  # noqa: ANN401 -- whatever a cell can hold
    out = io.StringIO()
    csv.writer(out).writerow([_safe(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _case(line: Line) -> dict[str, Any]:
    case = line.case
    return {
        "case": case.id,
        "about": case.about,
        "urgent": case.urgent,
        "opened": iso(case.opened_at),
        "chats": line.chats,
        "signals": {kind: len(chats) for kind, chats in sorted(case.signals.items())},
        "noticed": {kind: len(chats) for kind, chats in sorted(case.noticed.items())},
        "claimed_by": line.claimed_by,
        "closed": _iso(line.closed_at),
        "outcome": line.outcome,
        "appeal_waits": line.appealed,
    }


def _report(report: StoredReport, *, reporters: bool) -> dict[str, Any]:
    told = {
        "number": report.number,
        "chat": report.chat,
        "reason": report.reason.value,
        "at": iso(report.at),
        "status": report.status.value,
        "read": _iso(report.read_at),
    }
    return {**told, "by": report.by} if reporters else told


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
