"""Figures for those who run the desk: what is reported, how long people wait, and what the assistant's notes do."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.edge.store.counts import What, day_of
from bot.edge.store.figures import Weeks
from bot.edge.tables import WEEK
from bot.edge.web.door import Door
from bot.edge.web.frame import Pages
from bot.edge.web.plots import bars, share
from bot.edge.web.shown import REASON_NAMES, many
from bot.model import ReportReason

WEEKS = 12
DAYS = 30
"""So many days of the assistant's own doings."""
SIDES = ("sender", "receiver")
WAITS = ("within 1 hour", "within 4 hours", "within a day", "within 3 days", "later", "not yet read")
"""How long reports waited, in the order in which the store counts it."""


class FiguresPage:
    """Numbers with small plots; without anything about the one who looks."""

    def __init__(self, pages: Pages, door: Door) -> None:
        """Stand on what all pages share; the door says who is there."""
        self._pages = pages
        self._door = door

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        seated = await self._door.seated(request)
        now = self._pages.now
        last = int(now // WEEK)
        weeks = range(last - WEEKS + 1, last + 1)
        figures = await self._pages.porch.store.figures.weeks(seated.viewer, weeks[0])
        counts = await self._pages.porch.store.counts.since(day_of(now) - DAYS + 1)
        return self._door.page(
            "desk/figures.html",
            seated,
            request,
            weeks=WEEKS,
            days=DAYS,
            reasons=_reasons(figures, weeks),
            waits=_waits(figures, weeks),
            wait_names=WAITS,
            rules=_rules(counts),
            shadow=_shadow(counts),
            heard=sum(n for (what, _, _), n in counts.items() if what is What.HEARD),
        )


def _reasons(figures: Weeks, weeks: range) -> list[dict[str, Any]]:
    """Each reason with its weeks, the most frequent first; all on one scale, so that they can be compared."""
    told = {reason: [figures.reasons.get((week, reason), 0) for week in weeks] for reason in ReportReason}
    most = max((n for numbers in told.values() for n in numbers), default=0)
    rows = [
        {
            "name": REASON_NAMES[reason],
            "total": sum(numbers),
            "this_week": numbers[-1],
            "plot": bars(numbers, most, f"{REASON_NAMES[reason]}, by week: {', '.join(map(str, numbers))}"),
        }
        for reason, numbers in told.items()
        if sum(numbers)
    ]
    return sorted(rows, key=lambda row: (-row["total"], row["name"]))


def _waits(figures: Weeks, weeks: range) -> list[dict[str, Any]]:
    """How long the reports of each week waited for their first reader, the newest week first."""
    rows = []
    for week in reversed(weeks):
        parts = [figures.first_read.get((week, place), 0) for place in range(len(WAITS))]
        if not sum(parts):
            continue
        began = datetime.fromtimestamp(week * WEEK, UTC).strftime("%-d %b")
        words = ", ".join(f"{n} {name}" for n, name in zip(parts, WAITS, strict=True) if n)
        rows.append({"week": began, "total": sum(parts), "parts": share(parts), "words": words})
    return rows


def _rules(counts: dict[tuple[What, str, str], int]) -> list[dict[str, Any]]:
    """Each rule with what became of its notes, apart for sender and receiver; those most often called wrong first."""
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (what, rule, side), n in counts.items():
        if what in {What.SHOWN, What.DISMISSED, What.WRONG} and side in SIDES:
            found[rule].setdefault(side, {"shown": 0, "dismissed": 0, "wrong": 0})[what.value] = n
    rows = [{"rule": rule, "sides": {side: _side(by_side.get(side)) for side in SIDES}} for rule, by_side in found.items()]
    return sorted(rows, key=_calm)


def _calm(row: dict[str, Any]) -> tuple[float, str]:
    """What is least often called wrong comes last."""
    return -max((one["part"] for one in row["sides"].values() if one), default=0.0), row["rule"]


def _side(n: dict[str, Any] | None) -> dict[str, Any] | None:
    """What became of the notes of one rule on one side."""
    if n is None:
        return None
    shown = max(n["shown"], n["dismissed"], n["wrong"])
    part = n["wrong"] / shown if shown else 0.0
    neither = max(0, shown - n["wrong"] - n["dismissed"])
    return {**n, "part": part, "parts": share((n["wrong"], n["dismissed"], neither))}


def _shadow(counts: dict[tuple[What, str, str], int]) -> list[dict[str, Any]]:
    """Each rule in shadow mode: what it would have touched of all that was heard."""
    heard = sum(n for (what, _, _), n in counts.items() if what is What.HEARD)
    would = sorted(((n, rule) for (what, rule, _), n in counts.items() if what is What.WOULD), key=lambda one: (-one[0], one[1]))
    most = max((n for n, _ in would), default=0)
    return [
        {"rule": rule, "n": n, "words": f"{n} of {many(heard, 'message')}", "width": round(100 * n / most, 2) if most else 0}
        for n, rule in would
    ]
