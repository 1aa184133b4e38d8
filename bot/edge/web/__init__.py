"""The assistant's pages: for people who report, for everybody who asks, and the moderators' desk. GET shows, POST acts, sign-in included.

Each topic has a room; ``frame`` holds what all share, ``shown`` how times and reasons are written.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.edge.web.desk import Desk
from bot.edge.web.door import COOKIE, SESSION_SECONDS, Door
from bot.edge.web.exports import Exports
from bot.edge.web.figures import FiguresPage
from bot.edge.web.frame import CSP, House, Pages, secure
from bot.edge.web.people import WORDS_MAX, People
from bot.edge.web.written import Scribe

__all__ = ["COOKIE", "CSP", "SESSION_SECONDS", "WORDS_MAX", "House", "Pages", "add_pages", "secure"]

STATIC = Path(__file__).parent.parent.parent / "static"


def add_pages(app: web.Application, pages: Pages) -> None:
    """Put the pages into an aiohttp application."""
    people, door = People(pages), Door(pages)
    desk, figures, exports, scribe = Desk(pages, door), FiguresPage(pages, door), Exports(pages, door), Scribe(pages, door)
    shown = {
        "/report/{token}": people.show_report,
        "/receipt/{token}": people.receipt,
        "/reports/{token}": people.reports,
        "/appeal/{token}": people.show_appeal,
        "/help": people.help,
        "/rules": people.rules,
        "/handled": people.handled,
        "/privacy": people.privacy,
        "/desk": desk.queue,
        "/desk/case/{case}": desk.case,
        "/desk/report": scribe.show,
        "/desk/figures": figures.show,
        "/desk/record": desk.record,
        "/desk/sessions": door.sessions,
        "/desk/keys": desk.keys,
        "/desk/sign-in/{token}": door.show_sign_in,
    }
    done = {
        "/report": people.file_report,
        "/report/undo": people.undo_report,
        "/appeal": people.appeal,
        "/desk/sign-in": door.sign_in,
        "/desk/sign-out": door.sign_out,
        "/desk/sessions/end": door.end_session,
        "/desk/search": desk.search,
        "/desk/report": scribe.write_down,
        "/desk/export": exports.export,
        "/desk/case/{case}/{act}": desk.act,
    }
    routes = app.add_routes(
        [
            *(web.get(path, pages.answering(handler)) for path, handler in shown.items()),
            *(web.post(path, pages.answering(handler)) for path, handler in done.items()),
            web.static("/static", STATIC),
        ]
    )
    ours = {route.resource for route in routes}

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        if request.match_info.route.resource in ours:  # the operator's own pages are left as they are
            secure(request, response)

    app.on_response_prepare.append(add_headers)
