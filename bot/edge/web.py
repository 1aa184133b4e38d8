"""The assistant's pages: report by link, receipt, help, and the moderators' desk. GET shows, POST acts, sign-in included."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.cases import arithmetic
from bot.edge.porch import Porch
from bot.edge.store import StoredReport
from bot.links import LinkError, Press, SignIn, Status
from bot.memory import QUIET_TEXT_SECONDS, TAIL_MESSAGES, TEXT_SECONDS
from bot.model import ActionKind, Case, Evidence, ReportReason, Role
from bot.policy import DAY, HOUR, MINUTE

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent.parent / "static"
WORDS_MAX = 2_000
SESSION_SECONDS = 12 * 3600.0
COOKIE = "porchlight_desk"
SESSION = "session "
"""How the id of a session begins; no one-time link's does."""
DESK_ROLES = frozenset({"moderator"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

REASON_LABELS: dict[ReportReason, str] = {
    ReportReason.ASKED_DETAILS: "Somebody asked for or gave contact details",
    ReportReason.WANTS_TO_MOVE: "Somebody wants to move the chat elsewhere",
    ReportReason.PICTURES: "Somebody asked for pictures",
    ReportReason.SEXUAL: "It became sexual",
    ReportReason.FLIRTING: "Somebody was flirting",
    ReportReason.JUDGED: "I was judged or shamed",
    ReportReason.NOT_SERIOUS: "I was told that it isn't serious",
    ReportReason.DIAGNOSED: "I was diagnosed",
    ReportReason.LEFT: "The chat was left without a word",
    ReportReason.THREATENED: "I was threatened",
    ReportReason.OTHER: "Something else",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Give a page the strict headers; nothing of ours may be framed, sniffed or kept by a cache."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-cache" if request.path.startswith("/static/") else "no-store")


class Pages:
    """What the pages need: the porch, its templates, and how long a report usually waits."""

    porch: Porch

    def __init__(self, porch: Porch | None, templates: Path, usual_time: str) -> None:
        """Read the templates from a folder."""
        if porch is not None:
            self.porch = porch
        self.usual_time = usual_time
        self._templates = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)

    def page(self, name: str, *, status: int = 200, **values: object) -> web.Response:
        """One page."""
        text = self._templates.get_template(name).render(usual_time=self.usual_time, **values)
        return web.Response(text=text, content_type="text/html", status=status)

    def told(self, title: str, text: str, status: int) -> web.Response:
        """A plain page that says one thing."""
        return self.page("message.html", status=status, title=title, text=text)

    # --- reports -----------------------------------------------------------------------------------------------------

    async def show_report(self, request: web.Request) -> web.Response:
        """What would be sent; nothing is, however often it is looked at."""
        press = self.porch.assistant.links.read(request.match_info["token"], Press, self.now)
        if press.act is not ActionKind.REPORT:
            return self.told("This is not a report", "This link was made for something else. Nothing was sent.", 400)
        chat = self.porch.chats.get(press.chat)
        kept = 0 if chat is None else sum(said.text is not None for said in chat.tail)
        reasons = [(reason.value, label) for reason, label in REASON_LABELS.items()]
        token = request.match_info["token"]
        return self.page(
            "report.html", token=token, post_to="/report", reasons=reasons, reason=press.reason.value, kept=kept, words_max=WORDS_MAX
        )

    async def file_report(self, request: web.Request) -> web.Response:
        """File it; the same link again shows the same receipt."""
        form = await request.post()
        token = str(form.get("token", ""))
        press = self.porch.assistant.links.read(token, Press, self.now)
        if press.act is not ActionKind.REPORT:
            return self.told("This is not a report", "This link was made for something else. Nothing was sent.", 400)
        words = str(form.get("words", ""))[:WORDS_MAX]
        payload = {"person_id": press.by, "token": token, "reason": str(form.get("reason", ""))[:50], "words": words}
        ack = await self.porch.hear("press", payload)
        if "receipt" not in ack:
            return self.told("Nothing was sent", str(ack.get("error", "Please try again.")), 409)
        receipt = ack["receipt"]
        undo_to = "/report/undo" if receipt["undo_until"] > self.now else ""
        return self.page(
            "filed.html",
            number=receipt["number"],
            href=receipt["href"],
            undo_to=undo_to,
            undo_token=ack["undo"]["token"],
            undo_until=_clock(receipt["undo_until"]),
        )

    async def undo_report(self, request: web.Request) -> web.Response:
        """Take a report back."""
        token = str((await request.post()).get("token", ""))
        press = self.porch.assistant.links.read(token, Press, self.now)
        if press.act is not ActionKind.UNDO:
            return self.told("It could not be taken back", "This link was made for something else.", 400)
        ack = await self.porch.hear("press", {"person_id": press.by, "token": token})
        if "error" in ack:
            return self.told("It could not be taken back", str(ack["error"]), 409)
        return self.told("Your report was taken back", "It no longer counts. You can report again at any time.", 200)

    async def receipt(self, request: web.Request) -> web.Response:
        """How far a report is; shows nobody's name."""
        status = self.porch.assistant.links.read(request.match_info["token"], Status, self.now)
        found = await self.porch.store.reports.find(status.number)
        if found is None:
            return self.told("This report is gone", "Reports are deleted after some time, as we promise. Thank you for telling.", 404)
        decided = _day(found.read_at) if found.outcome and found.read_at else ""
        undone = _day(found.at) if found.status.value == "withdrawn" else ""
        return self.page(
            "receipt.html", number=found.number, received=_day(found.at), read=_day(found.read_at), decided=decided, undone=undone
        )

    async def help(self, _: web.Request) -> web.Response:
        """How to stay safe, and what the assistant reads and keeps."""
        return self.page(
            "help.html",
            helplines=self.porch.assistant.community.helplines,
            contact=self.porch.assistant.community.contact,
            quiet_minutes=round(QUIET_TEXT_SECONDS / MINUTE),
            signal_hours=round(TEXT_SECONDS / HOUR),
            signal_messages=TAIL_MESSAGES,
            report_days=round(self.porch.store.keep.reports / DAY),
        )

    async def rules(self, _: web.Request) -> web.Response:
        """The rules in plain words."""
        return self.page("rules.html", updated="", own_links=self.porch.assistant.community.place.own_links)

    # --- the desk ----------------------------------------------------------------------------------------------------

    def sign_in_href(self, person: str, role: str, *, seconds: float = 3600.0) -> str:
        """A one-time link to the desk for one person."""
        token = self.porch.assistant.links.sign(SignIn(secrets.token_urlsafe(16), person, role, self.now + seconds))
        return f"/desk/sign-in/{token}"

    async def show_sign_in(self, request: web.Request) -> web.Response:
        """The button; opening the link signs nobody in."""
        token = request.match_info["token"]
        self.porch.assistant.links.read(token, SignIn, self.now)
        return self.page("signin.html", token=token, post_to="/desk/sign-in")

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Use the link up and begin a session."""
        link = self.porch.assistant.links.read((await request.post()).get("token"), SignIn, self.now)
        if link.id.startswith(SESSION):
            raise LinkError("This link was made for something else.")
        if not await self.porch.store.tokens.once(link.id, link.until):
            return self.told("This link was used already", "A link signs in once. Ask for a new one.", 403)
        session = SignIn(f"{SESSION}{secrets.token_urlsafe(8)}", link.person, link.role, self.now + SESSION_SECONDS)
        response = web.Response(status=303, headers={"Location": "/desk"})
        token = self.porch.assistant.links.sign(session)
        age = int(SESSION_SECONDS)
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=request.secure, max_age=age, path="/desk")
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        self._moderator(request)
        response = web.Response(status=303, headers={"Location": "/help"})
        response.del_cookie(COOKIE, path="/desk")
        return response

    async def desk(self, request: web.Request) -> web.Response:
        """All open cases that this moderator may see, urgent ones first."""
        moderator = self._moderator(request)
        shown = []
        for case in await self.porch.store.cases.all():
            found = await self.porch.store.cases.find(case.id)
            if found is not None and self._may_see(moderator.person, *found):
                shown.append(_row(*found))
        return self.page("desk.html", cases=shown, signout_to="/desk/sign-out", token="")

    async def case(self, request: web.Request) -> web.Response:
        """One case on one page."""
        moderator = self._moderator(request)
        found = await self.porch.store.cases.find(request.match_info["case"])
        if found is None or not self._may_see(moderator.person, *found):
            return self.told("There is no such case", "It may have been closed, or it concerns you or a chat that you are in.", 404)
        case, reports = found
        await self.porch.store.cases.mark_read(case.id, moderator.person, self.now)
        return self.page(
            "case.html",
            desk_href="/desk",
            about=case.about,
            urgent=case.urgent,
            opened=_day(case.opened_at),
            opened_iso=_iso(case.opened_at),
            arithmetic=arithmetic(case),
            reports=[_report(report, case.about) for report in reports],
            messages=[],
        )

    def _may_see(self, person: str, case: Case, reports: tuple[StoredReport, ...]) -> bool:
        """Nobody sees a case about themselves, or one that they or a chat of theirs is part of; moderating a room is no part in it."""
        part = {case.about, *(name for report in reports for name in (report.by, report.about))}
        ids = {report.chat for report in reports}.union(*case.signals.values())
        chats = [chat for chat in map(self.porch.chats.get, ids) if chat is not None]
        part |= {one.id for chat in chats for one in chat.people if one.role is not Role.MODERATOR}
        for evidence in (report.evidence for report in reports if report.evidence is not None):
            there = {*evidence.roles, *(said.author for said in evidence.said)}
            part |= {name for name in there if evidence.roles.get(name) != Role.MODERATOR}
        return person not in part

    def _moderator(self, request: web.Request) -> SignIn:
        session = self.porch.assistant.links.read(request.cookies.get(COOKIE), SignIn, self.now)
        if not session.id.startswith(SESSION) or session.role not in DESK_ROLES:
            raise LinkError("Please sign in with a link of your own.")
        return session

    @property
    def now(self) -> float:
        """The clock of the porch."""
        return self.porch.now

    def answering(self, handler: Handler) -> Handler:
        """A page that says calmly what is wrong with a link."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except LinkError as error:
                text = f"{error} Nothing was sent. You can report from the chat, or ask a moderator."
                return self.told("This link can't be used", text, 403)
            except web.HTTPException:
                raise
            except Exception as error:  # noqa: BLE001 -- a traceback in the server's log may hold what people wrote
                log.error("a page failed: %s", type(error).__name__)  # noqa: TRY400 -- as above
                return self.told("That did not work", "Something went wrong on our side. Please try again in a moment.", 500)

        return answered


def add_pages(app: web.Application, pages: Pages) -> None:
    """Put the pages into an aiohttp application."""
    routes = app.add_routes(
        [
            web.get("/report/{token}", pages.answering(pages.show_report)),
            web.post("/report", pages.answering(pages.file_report)),
            web.post("/report/undo", pages.answering(pages.undo_report)),
            web.get("/receipt/{token}", pages.answering(pages.receipt)),
            web.get("/help", pages.answering(pages.help)),
            web.get("/rules", pages.answering(pages.rules)),
            web.get("/desk", pages.answering(pages.desk)),
            web.get("/desk/sign-in/{token}", pages.answering(pages.show_sign_in)),
            web.post("/desk/sign-in", pages.answering(pages.sign_in)),
            web.post("/desk/sign-out", pages.answering(pages.sign_out)),
            web.get("/desk/case/{case}", pages.answering(pages.case)),
            web.static("/static", STATIC),
        ]
    )
    ours = {route.resource for route in routes}

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if request.match_info.route.resource in ours:  # the operator's own pages are left as they are
            secure(request, response)

    app.on_response_prepare.append(add_headers)


# --- how things are shown --------------------------------------------------------------------------------------------


def _row(case: Case, reports: tuple[StoredReport, ...]) -> dict[str, Any]:
    return {
        "href": f"/desk/case/{case.id}",
        "about": case.about,
        "urgent": case.urgent,
        "reports": len(reports),
        "reasons": list(dict.fromkeys(REASON_LABELS[report.reason] for report in reports)),
        "signals": [(kind, len(chats)) for kind, chats in sorted(case.signals.items())],
        "chats": len({report.chat for report in reports}.union(*case.signals.values())),
        "opened": _day(case.opened_at),
        "opened_iso": _iso(case.opened_at),
    }


def _report(report: StoredReport, about: str) -> dict[str, Any]:
    evidence = report.evidence or Evidence(())
    return {
        "number": report.number,
        "reason": REASON_LABELS[report.reason],
        "words": report.words or report.problem,
        "when": _day(report.at),
        "when_iso": _iso(report.at),
        "chat": report.chat,
        "by_role": evidence.roles.get(report.by, "member"),
        "messages": [
            {
                "role": evidence.roles.get(said.author, "somebody"),
                "who": "reported" if said.author == about else "reporter" if said.author == report.by else "other",
                "text": said.text,
                "when": _clock(said.ts),
                "when_iso": _iso(said.ts),
                "signals": _unique(said.signals),
            }
            for said in evidence.said
        ],
    }


def _unique(signals: tuple[Any, ...]) -> list[dict[str, Any]]:
    shown = {(signal.kind, signal.certainty): signal for signal in signals}
    return [msgspec.to_builtins(signal) for signal in shown.values()]


def _day(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
