"""Reports that come to a moderator outside of any chat, by e-mail or by word of mouth: written down here, and handled as all others."""

from __future__ import annotations

import secrets

from aiohttp import web

from bot.edge.web.door import Door, Seated
from bot.edge.web.frame import Pages, Refused
from bot.edge.web.people import WORDS_MAX
from bot.edge.web.shown import REASON_NAMES, clock
from bot.edge.wire.scope import BETWEEN, WHOLE_CHAT, scope_of
from bot.model import DeskRole, ReportReason
from bot.reports import Written
from bot.text import clean

LONGEST_ID = 200


class Scribe:
    """Where moderators write a report down."""

    def __init__(self, pages: Pages, door: Door) -> None:
        """Stand on what all pages share; the door says who is there."""
        self._pages = pages
        self._door = door

    async def show(self, request: web.Request) -> web.Response:
        """The form; nothing is sent by looking."""
        seated = await self._door.seated(request, DeskRole.MODERATOR)
        reasons = [(reason.value, name) for reason, name in REASON_NAMES.items()]
        once = secrets.token_urlsafe(12)
        return self._door.page("desk/report.html", seated, request, reasons=reasons, once=once, words_max=WORDS_MAX, longest_id=LONGEST_ID)

    async def write_down(self, request: web.Request) -> web.Response:
        """File it; the same form again shows the same receipt."""
        seated, form = await self._door.acting(request, DeskRole.MODERATOR)
        written = _written(seated, form)
        ack = await self._pages.porch.clicks.write_down(written, seated.person)
        if "receipt" not in ack:
            raise Refused("Nothing was written down", str(ack.get("error", "Please try again.")), 409)
        receipt = ack["receipt"]
        return self._door.page(
            "desk/written.html",
            seated,
            request,
            number=receipt["number"],
            href=receipt["href"],
            about=written.about,
            is_known=await self._is_known(written.about),
            saw_it=written.saw_it,
            told_by=written.told_by,
            undo_to="/report/undo" if receipt["undo_until"] > self._pages.now else "",
            undo_token=ack["undo"]["token"],
            undo_until=clock(receipt["undo_until"]),
        )

    async def _is_known(self, person: str) -> bool:
        """Whether anybody of that id has been in a chat: an id is easily misspelled."""
        porch = self._pages.porch
        return bool(porch.chats.of(person)) or person in await porch.store.people.memories([person])


def _written(seated: Seated, form: dict[str, str]) -> Written:
    """What stands in the form. Raises ``Refused`` if something is missing."""
    about, told_by = (clean(form.get(name, "")).strip()[:LONGEST_ID] for name in ("about", "told_by"))
    saw_it = form.get("how") == "saw" or told_by == seated.person
    reason, once = form.get("reason", ""), form.get("once", "")
    if not about:
        raise Refused("Nothing was written down", "It says nobody whom it is about. Go back and fill that in.", 400)
    if reason not in set(ReportReason) or not once:
        raise Refused("Nothing was written down", "Choose what it is about. Go back and try again.", 400)
    if told_by == about:
        raise Refused("Nothing was written down", "It was told by the one whom it is about. Go back and look at the two names.", 400)
    if about == seated.person:
        raise Refused("Nothing was written down", "This is about yourself. Somebody else has to write it down.", 409)
    host = scope_of(about.removeprefix(WHOLE_CHAT))
    return Written(
        once=f"{seated.person} {once[:LONGEST_ID]}",
        about=about,
        reason=ReportReason(reason),
        words=clean(form.get("words", "")).strip()[:WORDS_MAX],
        told_by="" if saw_it else told_by,
        saw_it=saw_it,
        urgent=form.get("teen") == "1",
        host=f"{host}{BETWEEN}" if host else "",
    )
