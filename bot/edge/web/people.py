"""Pages for people: reports and their receipts, appeals, help, rules, how reports are handled. No account, no names."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.edge.porch import Porch
from bot.edge.store import ReportStatus, StoredReport
from bot.edge.web.frame import Pages
from bot.edge.web.shown import clock, day
from bot.links import Appeal, Mine, Press, Status
from bot.memory import QUIET_TEXT_SECONDS, TAIL_MESSAGES, TEXT_SECONDS
from bot.model import ActionKind, Age, Person, ReportReason
from bot.policy import DAY, HOUR, MINUTE

WORDS_MAX = 2_000

STATUS_WORDS: dict[ReportStatus, str] = {
    ReportStatus.RECEIVED: "Received, not read yet",
    ReportStatus.READ: "Read by a person",
    ReportStatus.DECIDED: "Decided",
    ReportStatus.WITHDRAWN: "Taken back",
}


class People:
    """What anybody may open who has a link, and what everybody may read."""

    def __init__(self, pages: Pages) -> None:
        """Stand on what all pages share."""
        self._pages = pages

    @property
    def _porch(self) -> Porch:
        return self._pages.porch

    # --- reports -----------------------------------------------------------------------------------------------------

    async def show_report(self, request: web.Request) -> web.Response:
        """What would be sent; nothing is, however often it is looked at."""
        token = request.match_info["token"]
        press = self._press(token)
        if press.act is not ActionKind.REPORT:
            return self._pages.told("This is not a report", "This link was made for something else. Nothing was sent.", 400)
        chat = self._porch.chats.get(press.chat)
        kept = 0 if chat is None else sum(said.text is not None for said in chat.tail)
        reader = None if chat is None else chat.person(press.by)
        reasons = [(reason.value, self._label(reason, reader)) for reason in ReportReason]
        reason = (press.situation or press.reason).value
        return self._pages.page(
            "report.html", token=token, post_to="/report", reasons=reasons, reason=reason, kept=kept, words_max=WORDS_MAX
        )

    async def file_report(self, request: web.Request) -> web.Response:
        """File it; the same link again shows the same receipt."""
        form = await request.post()
        token = str(form.get("token", ""))
        press = self._press(token)
        if press.act is not ActionKind.REPORT:
            return self._pages.told("This is not a report", "This link was made for something else. Nothing was sent.", 400)
        words = str(form.get("words", ""))[:WORDS_MAX]
        payload = {"person_id": press.by, "token": token, "reason": str(form.get("reason", ""))[:50], "words": words}
        ack = await self._porch.hear("press", payload)
        if "receipt" not in ack:
            return self._pages.told("Nothing was sent", str(ack.get("error", "Please try again.")), 409)
        receipt = ack["receipt"]
        return self._pages.page(
            "filed.html",
            number=receipt["number"],
            href=receipt["href"],
            mine_href=self._porch.mine_href(press.by),
            undo_to="/report/undo" if receipt["undo_until"] > self._pages.now else "",
            undo_token=ack["undo"]["token"],
            undo_until=clock(receipt["undo_until"]),
        )

    async def undo_report(self, request: web.Request) -> web.Response:
        """Take a report back."""
        token = str((await request.post()).get("token", ""))
        press = self._press(token)
        if press.act is not ActionKind.UNDO:
            return self._pages.told("It could not be taken back", "This link was made for something else.", 400)
        ack = await self._porch.hear("press", {"person_id": press.by, "token": token})
        if "error" in ack:
            return self._pages.told("It could not be taken back", str(ack["error"]), 409)
        return self._pages.told("Your report was taken back", "It no longer counts. You can report again at any time.", 200)

    async def receipt(self, request: web.Request) -> web.Response:
        """How far a report is; shows nobody's name."""
        status = self._porch.assistant.links.read(request.match_info["token"], Status, self._pages.now)
        found = await self._porch.store.reports.find(status.number)
        if found is None:
            text = "Reports are deleted after some time, as promised. Thank you for telling us."
            return self._pages.told("This report is gone", text, 404)
        return self._pages.page("receipt.html", **_status(found))

    async def reports(self, request: web.Request) -> web.Response:
        """Everything that one person reported, the newest first; their link alone opens it."""
        mine = self._porch.assistant.links.read(request.match_info["token"], Mine, self._pages.now)
        found = await self._porch.store.reports.by(mine.person)
        reports = [
            {
                "number": report.number,
                "reason": self._label(report.reason),
                "received": day(report.at),
                "status": STATUS_WORDS[report.status],
                "href": self._porch.status_href(report.number),
            }
            for report in found
        ]
        return self._pages.page("reports.html", reports=reports)

    # --- an appeal ---------------------------------------------------------------------------------------------------

    async def show_appeal(self, request: web.Request) -> web.Response:
        """What an appeal is; nothing is sent by looking."""
        token = request.match_info["token"]
        self._porch.assistant.links.read(token, Appeal, self._pages.now)
        return self._pages.page("appeal.html", token=token, post_to="/appeal", words_max=WORDS_MAX)

    async def appeal(self, request: web.Request) -> web.Response:
        """Ask that somebody else looks again, once."""
        form = await request.post()
        appeal = self._porch.assistant.links.read(form.get("token"), Appeal, self._pages.now)
        words = str(form.get("words", ""))[:WORDS_MAX]
        if await self._porch.store.casework.appeal(appeal.case, words, self._pages.now):
            text = f"Somebody else looks at it again, usually {self._pages.house.usual_time}. You will be told."
            return self._pages.told("It has arrived", text, 200)
        text = "Either you have asked already, and somebody is looking at it, or there is nothing any more to look at again."
        return self._pages.told("Nothing new was sent", text, 409)

    # --- to read -----------------------------------------------------------------------------------------------------

    async def help(self, _: web.Request) -> web.Response:
        """How to stay safe, and what the assistant reads and keeps."""
        community = self._porch.assistant.community
        return self._pages.page("help.html", helplines=community.helplines, contact=community.contact, **self._kept())

    async def rules(self, _: web.Request) -> web.Response:
        """The rules in plain words."""
        return self._pages.page("rules.html", updated="", own_links=self._porch.assistant.community.place.own_links)

    async def handled(self, _: web.Request) -> web.Response:
        """How reports are handled, for everybody to read; operators fill it in or put their own in its place."""
        contact = self._porch.assistant.community.contact
        return self._pages.page("handled.html", readers=self._pages.house.readers, contact=contact, **self._kept())

    async def privacy(self, _: web.Request) -> web.Response:
        """What is read, kept, for how long, and who sees it: short enough to be read."""
        contact = self._porch.assistant.community.contact
        return self._pages.page("privacy.html", readers=self._pages.house.readers, contact=contact, **self._kept())

    def _kept(self) -> dict[str, int]:
        """How long what is kept."""
        keep = self._porch.store.keep
        return {
            "quiet_minutes": round(QUIET_TEXT_SECONDS / MINUTE),
            "signal_hours": round(TEXT_SECONDS / HOUR),
            "signal_messages": TAIL_MESSAGES,
            "report_days": round(keep.reports / DAY),
            "clipping_days": round(keep.clippings / DAY),
            "trace_days": round(keep.traces / DAY),
        }

    def _label(self, reason: ReportReason, reader: Person | None = None) -> str:
        """A reason as the one says it who reports: in the words of the buttons in the chat, and in plain ones only to a known adult."""
        label = self._porch.assistant.prompts.label
        return label(reason, teen=True) if reader is None else label(reason, reader.locale, teen=reader.age is not Age.ADULT)

    def _press(self, token: str) -> Press:
        return self._porch.assistant.links.read(token, Press, self._pages.now)


def _status(found: StoredReport) -> dict[str, Any]:
    decided = found.status is ReportStatus.DECIDED
    return {
        "number": found.number,
        "received": day(found.at),
        "read": day(found.read_at),
        "decided": day(found.decided_at) if decided else "",
        "undone": day(found.at) if found.status is ReportStatus.WITHDRAWN else "",
    }
