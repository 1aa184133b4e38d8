"""The desk: the queue, one case on one page, the record of acts, and what people do there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from random import SystemRandom
from urllib.parse import urlencode

from aiohttp import web

from bot.edge.store import Store
from bot.edge.store.cases import UnseenError
from bot.edge.store.desk import PAGE
from bot.edge.store.shapes import DeskCase, Line, Pile, Wanted
from bot.edge.web.case import Known, case_values
from bot.edge.web.door import Door, Seated
from bot.edge.web.frame import Pages, Refused, seen
from bot.edge.web.shown import CERTAINTY_NAMES, KIND_NAMES, OUTCOMES, REASON_NAMES, ago, day, iso, many
from bot.model import Certainty, DeskRole, Kind, Outcome, ReportReason, Standing

LONGEST_NOTE = 4_000
LONGEST_SEARCH = 200
PILES: dict[Pile, str] = {
    Pile.OPEN: "Open",
    Pile.MINE: "Mine",
    Pile.FREE: "Free",
    Pile.APPEALS: "Appeals",
    Pile.CLOSED: "Closed",
}


def not_there() -> Refused:
    """The same for a case that is gone and for one that this person is part of: the page does not tell which."""
    return Refused(
        "There is no such case", "It may be gone by now, or it is about you or a chat that you are in. Nothing was changed.", 404
    )


class Desk:
    """Where people read and decide."""

    def __init__(self, pages: Pages, door: Door) -> None:
        """Stand on what all pages share; the door says who is there."""
        self._pages = pages
        self._door = door
        self._acts: dict[str, tuple[DeskRole, Callable[[Seated, str, dict[str, str]], Awaitable[str]]]] = {
            "claim": (DeskRole.VOLUNTEER, self._claim),
            "take-over": (DeskRole.MODERATOR, self._take_over),
            "release": (DeskRole.VOLUNTEER, self._release),
            "read": (DeskRole.VOLUNTEER, self._read),
            "note": (DeskRole.VOLUNTEER, self._note),
            "decide": (DeskRole.MODERATOR, self._decide),
            "answer": (DeskRole.MODERATOR, self._answer),
        }

    @property
    def _store(self) -> Store:
        return self._pages.porch.store

    # --- looking -----------------------------------------------------------------------------------------------------

    async def queue(self, request: web.Request) -> web.Response:
        """The cases that this person may see, those that go first at the top."""
        seated = await self._door.seated(request)
        wanted, page = _wanted(request), _page(request)
        queue = await self._store.desk.queue(seated.viewer, wanted, page)
        now = self._pages.now
        return self._door.page(
            "desk/queue.html",
            seated,
            request,
            lines=[line_values(line, seated, now) for line in queue.lines],
            total=None if wanted.reason or wanted.urgent else queue.piles.get(wanted.pile),
            pile=wanted.pile.value,
            piles=[(pile.value, name, _href(wanted, pile=pile), queue.piles.get(pile)) for pile, name in PILES.items()],
            reasons=[(reason.value, name) for reason, name in REASON_NAMES.items()],
            reason=wanted.reason.value if wanted.reason else "",
            urgent=wanted.urgent,
            earlier=_href(wanted, page=page - 1) if page else "",
            later=_href(wanted, page=page + 1) if queue.more else "",
            first=page * PAGE + 1,
            last=page * PAGE + len(queue.lines),
        )

    async def search(self, request: web.Request) -> web.Response:
        """Find cases by a person, a chat or a number. A form and not a link: no name stands in an address."""
        seated, form = await self._door.acting(request)
        asked = form.get("words", "")[:LONGEST_SEARCH].strip()
        found = await self._store.desk.search(seated.viewer, asked) if asked else ()
        lines = [line_values(line, seated, self._pages.now) for line in found]
        return self._door.page("desk/found.html", seated, request, lines=lines, asked=asked)

    async def case(self, request: web.Request) -> web.Response:
        """One case on one page. To look is not to have read: that is said with a button, or by reading to the end."""
        seated = await self._door.seated(request)
        page = _page(request)
        found = await self._store.desk.case(seated.viewer, request.match_info["case"], page)
        if found is None:
            raise not_there()
        values = case_values(found, await self._known(seated, found), seated, self._pages.now, page)
        line = line_values(found.line, seated, self._pages.now)
        earlier = [line_values(one, seated, self._pages.now) for one in found.earlier]
        return self._door.page("desk/case.html", seated, request, line=line, earlier=earlier, note_max=LONGEST_NOTE, **values)

    async def _known(self, seated: Seated, found: DeskCase) -> Known:
        """What is known of a case beside its own rows; of others who may be the same, only what this person may see."""
        case = found.line.case
        return Known(
            self._store.cases.tally(found, self._pages.now),
            await self._store.traces.like(seated.viewer, case.about),
            await self._store.cases.clippings(case.id) if case.urgent else (),
        )

    async def record(self, request: web.Request) -> web.Response:
        """Who did what, for admins."""
        seated = await self._door.seated(request, DeskRole.ADMIN)
        acts = await self._store.desk.acts(seated.viewer, _number(request.query.get("before", "")))
        shown = [
            {"when": day(act.at), "when_iso": iso(act.at), "actor": act.actor, "act": act.act, **_subject(act.subject)} for act in acts
        ]
        later = f"/desk/record?before={acts[-1].id}" if acts else ""
        return self._door.page("desk/record.html", seated, request, acts=shown, later=later)

    async def keys(self, request: web.Request) -> web.Response:
        """What the keys do, for those whose browser runs no scripts as well."""
        return self._door.page("desk/keys.html", await self._door.seated(request), request)

    # --- acting ------------------------------------------------------------------------------------------------------

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Do something to a case, and come back to it; a script that stays on its page is answered with nothing."""
        least, act = self._acts.get(request.match_info["act"], (DeskRole.VOLUNTEER, None))
        seated, form = await self._door.acting(request, least)
        if act is None:
            raise not_there()
        case_id = request.match_info["case"]
        done = await act(seated, case_id, form)
        self._pages.porch.later(self._pages.porch.bell.ring())  # whoever is there hears at once that a person has read
        return web.Response(status=204) if form.get("stay") else seen(f"/desk/case/{case_id}?done={done}")

    async def _claim(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        del form
        if not await self._store.casework.claim(seated.viewer, case_id, self._pages.now):
            await self._must_be_there(seated, case_id)
            raise Refused("Somebody was faster", "Somebody else has this case by now. Go back and load the page again.", 409)
        return "claimed"

    async def _take_over(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        del form
        if not await self._store.casework.claim(seated.viewer, case_id, self._pages.now, over=True):
            raise not_there()
        return "taken"

    async def _release(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        del form
        if not await self._store.casework.release(seated.viewer, case_id, self._pages.now):
            raise not_there()
        return "released"

    async def _read(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        if not await self._store.casework.read(seated.viewer, case_id, form.get("numbers", "").split(), self._pages.now):
            raise not_there()
        return "read"

    async def _note(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        text = form.get("text", "").strip()[:LONGEST_NOTE]
        if not text:
            raise Refused("Nothing was noted", "The note was empty. Go back and write something.", 400)
        if not await self._store.casework.note(seated.viewer, case_id, text, self._pages.now):
            raise not_there()
        return "noted"

    async def _decide(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        outcome = _outcome(form)
        await self._must_be_there(seated, case_id)
        newest = form.get("newest", "")
        try:
            done = await self._store.cases.decide(case_id, seated.person, outcome, self._pages.now, SystemRandom(), newest=newest)
        except UnseenError:
            text = "A report has come, or was taken back, since you loaded the page. Go back, load it again, and look at that first."
            raise Refused("Something is new in this case", text, 409) from None
        if not done:
            raise Refused("It was decided already", "Somebody else was faster. Go back and load the page again.", 409)
        await self._note_why(seated, case_id, form)
        return "decided"

    async def _answer(self, seated: Seated, case_id: str, form: dict[str, str]) -> str:
        outcome = _outcome(form)
        await self._must_be_there(seated, case_id)
        if not await self._store.casework.answer(seated.viewer, case_id, outcome, self._pages.now):
            text = "An appeal is answered once, and never by the one who decided first."
            raise Refused("This appeal is not yours to answer", text, 409)
        await self._note_why(seated, case_id, form)
        return "decided"

    async def _note_why(self, seated: Seated, case_id: str, form: dict[str, str]) -> None:
        why = form.get("why", "").strip()[:LONGEST_NOTE]
        if why:
            await self._store.casework.note(seated.viewer, case_id, why, self._pages.now)

    async def _must_be_there(self, seated: Seated, case_id: str) -> None:
        if not await self._store.desk.shows(seated.viewer, case_id):
            raise not_there()


def line_values(line: Line, seated: Seated, now: float) -> dict[str, object]:
    """A case as it stands in the queue."""
    case = line.case
    return {
        "href": f"/desk/case/{case.id}",
        "id": case.id,
        "about": case.about,
        "urgent": case.urgent,
        "raised": case.standing is Standing.RAISED,
        "reports": many(line.reports, "report") if line.reports else "no report, seen in signals",
        "unread": line.unread,
        "chats": many(line.chats, "chat") if line.chats else "no chat",
        "reasons": [f"{REASON_NAMES[reason]} ({n})" if n > 1 else REASON_NAMES[reason] for reason, n in line.reasons.items()],
        "signals": [
            *(f"{KIND_NAMES[Kind(kind)]}, {CERTAINTY_NAMES[Certainty.SURE]}" for kind in sorted(case.signals)),
            *(f"{KIND_NAMES[Kind(kind)]}, toward a teen" for kind in sorted(case.noticed)),
        ],
        "opened": ago(case.opened_at, now),
        "opened_iso": iso(case.opened_at),
        "opened_on": day(case.opened_at),
        "last": ago(line.last_at, now),
        "last_iso": iso(line.last_at),
        "claimed_by": line.claimed_by or "",
        "mine": line.claimed_by == seated.person,
        "open": line.closed_at is None,
        "closed_on": day(line.closed_at),
        "outcome": OUTCOMES[Outcome(line.outcome)][0] if line.outcome in set(Outcome) else line.outcome or "",
        "appealed": line.appealed,
    }


_CASE_ID = re.compile(r"c[0-9a-f]{20}")


def _subject(subject: str) -> dict[str, str]:
    """What an act was about, with the address if it is a case."""
    return {"subject": subject, "href": f"/desk/case/{subject}" if _CASE_ID.fullmatch(subject) else ""}


def _outcome(form: dict[str, str]) -> Outcome:
    try:
        return Outcome(form.get("outcome", ""))
    except ValueError:
        raise Refused("Nothing was decided", "Choose what is to be done. Go back and try again.", 400) from None


def _wanted(request: web.Request) -> Wanted:
    """The filter that an address asks for; what it does not know is passed over."""
    pile, reason = request.query.get("pile", ""), request.query.get("reason", "")
    return Wanted(
        Pile(pile) if pile in set(Pile) else Pile.OPEN,
        ReportReason(reason) if reason in set(ReportReason) else None,
        request.query.get("urgent") == "1",
    )


LONGEST_NUMBER = 15


def _number(asked: str) -> int | None:
    """A number out of an address, if it is one that a database can look for."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER else None


def _page(request: web.Request) -> int:
    """The number of the page asked for, from 0."""
    return max((_number(request.query.get("page", "")) or 1) - 1, 0)


def _href(wanted: Wanted, *, pile: Pile | None = None, page: int = 0) -> str:
    """The address of a page of the queue."""
    query = {
        "pile": (pile or wanted.pile).value,
        **({"reason": wanted.reason.value} if wanted.reason else {}),
        **({"urgent": "1"} if wanted.urgent else {}),
        **({"page": str(page + 1)} if page else {}),
    }
    return f"/desk?{urlencode(query)}"
