"""Visits with a real browser: everything that goes wrong in one is noticed, and what is to be seen can be kept for people who look."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from demo_server import Demo
from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request, Response, expect

from bot.edge.web import CSP

WIDE, NARROW = 1280, 360


class Visit:
    """One visitor's browser, and everything that went wrong in it."""

    def __init__(self, page: Page, demo: Demo) -> None:
        """Watch a fresh page."""
        self.page = page
        self.demo = demo
        self.wrong: list[str] = []
        self.pages = 0
        self._watch(page)
        page.context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._page_error)
        page.on("requestfailed", self._request_failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console: {message.text}")

    def _page_error(self, error: Error) -> None:
        self.wrong.append(f"page: {error}")

    def _request_failed(self, request: Request) -> None:
        self.wrong.append(f"request: {request.url.removeprefix(self.demo.url)[:20]} {request.failure}")

    def _response(self, response: Response) -> None:
        if not response.url.startswith(self.demo.url):
            self.wrong.append(f"elsewhere: {response.url}")
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url.removeprefix(self.demo.url)[:20]}")
        if response.headers.get("content-type", "").startswith("text/html"):
            self.pages += 1
            if response.headers.get("content-security-policy") != CSP:
                self.wrong.append(f"policy: {response.url.removeprefix(self.demo.url)[:20]}")

    def side(self, who: str, kind: str = "direct") -> Locator:
        """The column of one person."""
        return self.page.locator(f"#{kind} [data-person={who}]")

    async def say(self, who: str, text: str, kind: str = "direct") -> None:
        """Write in one person's column and send."""
        box = self.side(who, kind).locator("[data-input]")
        await box.fill(text)
        await box.press("Enter")

    async def walk_in(self) -> None:
        """Open the page and wait until both sides have their tip."""
        await self.page.goto(self.demo.url)
        for who in ("member", "listener"):
            await expect(self.side(who).locator(".nudge")).to_have_count(1)

    async def picture(self, name: str, page: Page | None = None) -> None:
        """Keep what is to be seen, for people who look, where ``PORCHLIGHT_SCREENSHOTS`` names a folder."""
        folder = os.environ.get("PORCHLIGHT_SCREENSHOTS")
        if folder:
            await (page or self.page).screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@asynccontextmanager
async def visiting(browser: Browser, demo: Demo, *, width: int = WIDE, scheme: Literal["light", "dark"] = "light") -> AsyncIterator[Visit]:
    """A visit on a screen of that width; nothing may have gone wrong by its end."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    visit = Visit(await context.new_page(), demo)
    yield visit
    await context.close()
    assert visit.pages
    assert visit.wrong == []


async def violations(page: Page) -> list[str]:
    """What axe finds on a page: each rule with the places that break it."""
    found = await Axe().run(page)
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found.response["violations"]]
