"""The frame of every page: templates, the strict headers, and a calm page for whatever goes wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.edge.porch import Porch
from bot.links import LinkError, SignIn
from bot.model import DeskRole

log = logging.getLogger(__name__)

SIGN_IN_SECONDS = 3_600.0

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class House(msgspec.Struct, frozen=True):
    """What the operator says about their house, for the pages."""

    usual_time: str = "within a day"
    """How long a report usually waits until a person reads it."""
    readers: str = "Trained volunteers and moderators of this community"
    """Who reads reports, as the beginning of a sentence."""
    desk_key: str = ""
    """What the host signs its moderators in with; empty if it does not."""
    hosts: tuple[str, ...] = ()
    """The chats that are linked, whose names stand before those of their people."""


class Refused(Exception):  # noqa: N818 -- what is refused is no error of ours
    """Somebody asked for what they may not have, or for nothing that is there. The page says why."""

    def __init__(self, title: str, text: str, status: int) -> None:
        """Say it in words for the person who asked."""
        super().__init__(title)
        self.title, self.text, self.status = title, text, status


class Pages:
    """What every page needs: the porch behind it and the templates."""

    porch: Porch

    def __init__(self, porch: Porch | None, templates: Path | Iterable[Path], house: House | None = None) -> None:
        """Read the templates from a folder; of several, what stands in the first goes before what comes along.

        Without a porch: it is given before the first page is asked for.
        """
        if porch is not None:
            self.porch = porch
        self.furnish(templates, house or House())

    def furnish(self, templates: Path | Iterable[Path], house: House) -> None:
        """Use these templates, and say this about the house, from the next page on."""
        self.house = house
        folders = [templates] if isinstance(templates, Path) else list(templates)
        loader = FileSystemLoader(folders)
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False, trim_blocks=True, lstrip_blocks=True
        )

    @property
    def behind_tls(self) -> bool:
        """Whether people reach these pages over https, though a proxy may speak plainly to us."""
        return self.porch.assistant.community.base_url.startswith("https://")

    @property
    def now(self) -> float:
        """The clock of the porch."""
        return self.porch.now

    def page(self, name: str, *, status: int = 200, **values: object) -> web.Response:
        """One page."""
        text = self._templates.get_template(name).render(usual_time=self.house.usual_time, **values)
        return web.Response(text=text, content_type="text/html", status=status)

    def told(self, title: str, text: str, status: int) -> web.Response:
        """A plain page that says one thing."""
        return self.page("message.html", status=status, title=title, text=text)

    def sign_in_href(self, person: str, role: DeskRole, *, seconds: float = SIGN_IN_SECONDS) -> str:
        """A one-time link to the desk for one person."""
        token = self.porch.assistant.links.sign(SignIn(secrets.token_urlsafe(16), person, role, self.now + seconds))
        return f"/desk/sign-in/{token}"

    def answering(self, handler: Handler) -> Handler:
        """A page that says calmly what is wrong."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except LinkError as error:
                text = f"{error} Nothing was sent. You can report from the chat, or ask a moderator."
                return self.told("This link can't be used", text, 403)
            except Refused as refused:
                return self.told(refused.title, refused.text, refused.status)
            except web.HTTPException:
                raise
            except Exception as error:  # noqa: BLE001 -- a traceback in the server's log may hold what people wrote
                log.error("a page failed: %s", type(error).__name__)  # noqa: TRY400 -- as above
                return self.told("That did not work", "Something went wrong on our side. Please try again in a moment.", 500)

        return answered


def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Give a page the strict headers; nothing of ours may be framed, sniffed or kept by a cache."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-cache" if request.path.startswith("/static/") else "no-store")


def seen(location: str) -> web.Response:
    """Send the browser on after an act, so that loading the page again does not repeat it."""
    return web.Response(status=303, headers={"Location": location})
