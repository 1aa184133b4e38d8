"""The door of the desk: signing in by a link or by the host's word, sessions that can be ended, and what each role may do."""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from aiohttp import web

from bot.edge import wire
from bot.edge.store import Store
from bot.edge.store.sessions import Session
from bot.edge.store.sight import Viewer
from bot.edge.web.frame import House, Pages, Refused, seen
from bot.edge.web.shown import ROLE_NAMES, ago, day, iso
from bot.links import Form, LinkError, Links, Seat, SignIn
from bot.model import DeskRole

SESSION_SECONDS = 12 * 3_600.0
COOKIE = "porchlight_desk"
AUDIENCE = "porchlight"
"""Whom a host's token must be for."""
HOST_TOKEN_SECONDS = 600.0
"""A host's token may hold so long at most."""

DONE = {
    "claimed": "It is yours now.",
    "taken": "You have taken it over.",
    "released": "You have given it back.",
    "read": "The reporters will hear that a person has read it.",
    "noted": "Your note is there.",
    "decided": "Decided. Everybody who has to know will hear of it.",
    "ended": "The session has ended.",
}
"""What is said after an act, by the word that stands in the address."""


class Seated:
    """Somebody at the desk."""

    def __init__(self, session: Session, viewer: Viewer, form: str) -> None:
        """Put together by the door."""
        self.session = session
        self.viewer = viewer
        self.form = form
        """What every form of theirs carries."""

    @property
    def person(self) -> str:
        """Their id."""
        return self.session.person

    def may(self, least: DeskRole) -> bool:
        """Whether their role allows it."""
        return self.session.role.may(least)


class Door:
    """Lets people in, and shows who is there."""

    def __init__(self, pages: Pages) -> None:
        """Stand on what all pages share."""
        self._pages = pages

    @property
    def _store(self) -> Store:
        return self._pages.porch.store

    @property
    def _links(self) -> Links:
        return self._pages.porch.assistant.links

    # --- who is there ------------------------------------------------------------------------------------------------

    async def seated(self, request: web.Request, least: DeskRole = DeskRole.VOLUNTEER) -> Seated:
        """Who asks for a page of the desk. Raises ``Refused`` if nobody is signed in, or not as that."""
        session = await self._session(request)
        if session is None:
            raise Refused("Please sign in", "The desk opens by a link of your own. Ask whoever runs it for one.", 403)
        if not session.role.may(least):
            raise Refused("This is not for your role", f"You are here as a {ROLE_NAMES[session.role]}. Nothing was changed.", 403)
        viewer = Viewer(session.person, self._pages.porch.chats_of(session.person))
        return Seated(session, viewer, self._links.sign(Form(session.id, session.until)))

    async def acting(self, request: web.Request, least: DeskRole = DeskRole.VOLUNTEER) -> tuple[Seated, dict[str, str]]:
        """Who sends a form of the desk, and the form. Raises ``Refused`` if it was not made for their session."""
        seated = await self.seated(request, least)
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        try:
            made_for = self._links.read(form.get("form"), Form, self._pages.now).session
        except LinkError:
            made_for = ""
        if made_for != seated.session.id:
            raise Refused("Nothing was done", "This page was made before you signed in. Go back, load it again, and press once more.", 403)
        return seated, form

    async def _session(self, request: web.Request) -> Session | None:
        try:
            seat = self._links.read(request.cookies.get(COOKIE), Seat, self._pages.now)
        except LinkError:
            return None
        return await self._store.sessions.find(seat.session, self._pages.now)

    def page(self, name: str, seated: Seated, request: web.Request, *, status: int = 200, **values: Any) -> web.Response:  # noqa: ANN401 -- whatever a template needs
        """A page of the desk, with what stands on all of them."""
        return self._pages.page(
            name,
            status=status,
            me=seated.person,
            role=seated.session.role.value,
            role_name=ROLE_NAMES[seated.session.role],
            moderates=seated.may(DeskRole.MODERATOR),
            administers=seated.may(DeskRole.ADMIN),
            form=seated.form,
            here=request.path,
            done=DONE.get(request.query.get("done", ""), ""),
            **values,
        )

    # --- in and out --------------------------------------------------------------------------------------------------

    async def show_sign_in(self, request: web.Request) -> web.Response:
        """The button; opening the link signs nobody in."""
        token = request.match_info["token"]
        link = self._read(token)
        return self._pages.page("signin.html", token=token, post_to="/desk/sign-in", role=ROLE_NAMES[link.role])

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Use the link up and begin a session."""
        now = self._pages.now
        link = self._read((await request.post()).get("token"))
        if not await self._store.tokens.once(link.id, link.until):
            return self._pages.told("This link was used already", "A link signs in once. Ask for a new one.", 403)
        session = Session(secrets.token_urlsafe(16), link.person, link.role, now, now + SESSION_SECONDS)
        await self._store.sessions.begin(session)
        response = seen("/desk")
        token = self._links.sign(Seat(session.id, session.until))
        age = int(SESSION_SECONDS)
        response.set_cookie(
            COOKIE, token, httponly=True, samesite="Strict", secure=request.secure or self._pages.behind_tls, max_age=age, path="/desk"
        )
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session, wherever its cookie may still be."""
        seated, _ = await self.acting(request)
        await self._store.sessions.end(seated.session.id, seated.person, self._pages.now)
        response = self._pages.told("You are signed out", "Thank you for looking after people. Come back with a new link.", 200)
        response.del_cookie(COOKIE, path="/desk")
        return response

    async def sessions(self, request: web.Request) -> web.Response:
        """Everybody who is signed in, for admins."""
        seated = await self.seated(request, DeskRole.ADMIN)
        now = self._pages.now
        sessions = [
            {
                "id": one.id,
                "person": one.person,
                "role": ROLE_NAMES[one.role],
                "began": ago(one.began_at, now),
                "began_iso": iso(one.began_at),
                "until": day(one.until),
                "own": one.id == seated.session.id,
            }
            for one in await self._store.sessions.all(now)
        ]
        return self.page("desk/sessions.html", seated, request, sessions=sessions)

    async def end_session(self, request: web.Request) -> web.StreamResponse:
        """End somebody's session at once."""
        seated, form = await self.acting(request, DeskRole.ADMIN)
        await self._store.sessions.end(form.get("session", ""), seated.person, self._pages.now)
        return seen("/desk/sessions?done=ended")

    def _read(self, token: object) -> SignIn:
        """A link made on the command line, or the host's own word for one of its people. Raises ``LinkError``."""
        try:
            return self._links.read(token, SignIn, self._pages.now)
        except LinkError:
            if not self._pages.house.desk_key or not isinstance(token, str):
                raise
            return _by_host(token, self._pages.house, self._pages.now)


def _by_host(token: str, house: House, now: float) -> SignIn:
    """Read a JSON Web Token that the host has signed: ``sub``, ``role``, ``jti`` and ``exp``, for us. Raises ``LinkError``."""
    ours = {"require": ["sub", "jti", "exp", "aud"], "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, house.desk_key, algorithms=["HS256"], audience=AUDIENCE, options=ours)  # type: ignore[arg-type]
        person = wire.in_full(str(claims["sub"]), house.hosts)
        link = SignIn(f"host {claims['jti']}", person, DeskRole(str(claims.get("role"))), float(claims["exp"]))
    except (jwt.InvalidTokenError, TypeError, ValueError) as error:
        raise LinkError("This link is not complete, or it was made for something else.") from error
    if not now < link.until:
        raise LinkError("This link is too old to be used.")
    if link.until > now + HOST_TOKEN_SECONDS:
        raise LinkError("This link would hold for too long.")
    return link
