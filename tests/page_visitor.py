"""Somebody with a browser in front of the pages of one porch, everything real but the clock."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom

import msgspec
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from make import MAYA, SAM, assistant

from bot.app import find
from bot.edge.porch import Ack, Porch
from bot.edge.store import Store
from bot.edge.web import COOKIE, House, Pages, add_pages
from bot.model import DeskRole, Person

BATTERY = "this app drains my battery, got telegram?"
DESK_KEY = "a key that the host of the tests signs with"


class Clock:
    """A clock that goes when it is told to."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        """What it says."""
        return self.now


class Visitor:
    """Somebody with a browser in front of the pages of one porch."""

    def __init__(
        self, porch: Porch, pages: Pages, clock: Clock, client: TestClient[web.Request, web.Application], sent: list[tuple[str, str, Ack]]
    ) -> None:
        """Sit down."""
        self.porch = porch
        self.pages = pages
        self.clock = clock
        self.client = client
        self.sent = sent

    async def get(self, path: str, **cookies: str) -> tuple[int, str]:
        """Look at a page."""
        response = await self.client.get(path, headers=with_cookies(cookies))
        return response.status, await response.text()

    async def post(self, path: str, cookies: dict[str, str] | None = None, /, **form: str) -> tuple[int, str]:
        """Press the button of a page."""
        response = await self.client.post(path, data=form, headers=with_cookies(cookies or {}), allow_redirects=False)
        return response.status, await response.text()

    async def sign_in(self, person: str = "noor", role: DeskRole = DeskRole.MODERATOR) -> str:
        """Sign in at the desk, and give the cookie of the session."""
        response = await self.client.post("/desk/sign-in", data={"token": self.way_in(person, role)}, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, "/desk")
        return str(response.cookies[COOKIE].value)

    def way_in(self, person: str = "noor", role: DeskRole = DeskRole.MODERATOR) -> str:
        """Give the token of a one-time link."""
        return self.pages.sign_in_href(person, role).rsplit("/", 1)[1]

    async def seat(self, person: str = "noor", role: DeskRole = DeskRole.MODERATOR) -> Seat:
        """Sign in and sit down."""
        cookie = await self.sign_in(person, role)
        _, page = await self.get("/desk", **{COOKIE: cookie})
        return Seat(self, cookie, re.findall(r'name="form" value="([^"]+)"', page)[0])

    async def chat(self, text: str = BATTERY, people: tuple[Person, ...] = (MAYA, SAM), chat: str = "c1") -> Ack:
        """Open a chat in which the second of these people says something."""
        kind = "direct" if len(people) == 2 else "room"
        await self.porch.hear("chat.open", {"chat": chat, "kind": kind, "people": [msgspec.to_builtins(person) for person in people]})
        return await self.porch.hear("message", {"id": "m1", "chat": chat, "author": people[1].id, "text": text})

    async def link(self, text: str = BATTERY, sam: str = SAM.id, chat: str = "c1") -> str:
        """Give the token of the report link that Maya gets when Sam says something."""
        ack = await self.chat(text, (MAYA, msgspec.structs.replace(SAM, id=sam)), chat)
        (href,) = (
            action["href"]
            for nudge in ack["nudges"]
            for action in nudge["actions"]
            if action["kind"] == "report" and nudge["to"] == (MAYA.id,)
        )
        return str(href).removeprefix("https://porch.example/report/")

    async def case(self, **form: str) -> str:
        """File a report, and give the address of its case."""
        status, _ = await self.post("/report", None, token=await self.link(), **form)
        assert status == 200
        (case,) = await self.porch.store.cases.all()
        return f"/desk/case/{case.id}"


class Seat:
    """Somebody who is signed in at the desk."""

    def __init__(self, visitor: Visitor, cookie: str, form: str) -> None:
        """Take a session and what its forms carry."""
        self.visitor = visitor
        self.cookie = {COOKIE: cookie}
        self.form = form

    async def get(self, path: str) -> tuple[int, str]:
        """Look at a page of the desk."""
        return await self.visitor.get(path, **self.cookie)

    async def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form of the desk."""
        return await self.visitor.post(path, self.cookie, form=self.form, **form)

    async def act(self, case: str, act: str, **form: str) -> int:
        """Do something to a case, by the form of its page if it is to decide, and give the status of the answer."""
        if act == "decide" and "newest" not in form:
            _, page = await self.get(case)
            form["newest"] = next(iter(re.findall(r'name="newest" value="([^"]*)"', page)), "")
        return (await self.post(f"{case}/{act}", **form))[0]


def with_cookies(cookies: dict[str, str]) -> dict[str, str]:
    """Only the cookies a test names: what is in the jar of the client must not help it."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


@asynccontextmanager
async def visiting(folder: Path, *own_pages: Path) -> AsyncIterator[Visitor]:
    """The pages on a port of their own, with everything real but the clock."""
    sent: list[tuple[str, str, Ack]] = []

    async def send(host: str, event: str, payload: Ack) -> None:
        sent.append((host, event, payload))

    clock = Clock()
    store = await Store.open(str(folder / "porchlight.db"), folder / "porchlight.key")
    porch = Porch(assistant(), store, send, clock=clock, rng=SystemRandom())
    pages = Pages(porch, [*own_pages, find("templates")], House(desk_key=DESK_KEY))
    app = web.Application()
    add_pages(app, pages)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield Visitor(porch, pages, clock, client, sent)
    await porch.close()
    await store.close()
