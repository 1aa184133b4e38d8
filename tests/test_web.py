"""The pages: looking changes nothing, one click files once, and nobody sees what is not for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from random import SystemRandom

import msgspec
import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from make import KIT, MAYA, ROBIN, SAM, assistant

from bot.app import find
from bot.edge.porch import Ack, Porch
from bot.edge.store import ReportStatus, Store
from bot.edge.web import COOKIE, SESSION_SECONDS, WORDS_MAX, Pages, add_pages
from bot.interactions import UNDO_SECONDS
from bot.links import Links, Press, Status
from bot.model import ActionKind, Outcome, Person
from bot.voice import PRESS_SECONDS

BATTERY = "this app drains my battery, got telegram?"
MARKUP = '<script>alert("x")</script>'


class Clock:
    """A clock that goes when it is told to."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        """What it says."""
        return self.now


class Visitor:
    """Somebody with a browser in front of the pages of one porch."""

    def __init__(self, porch: Porch, pages: Pages, clock: Clock, client: TestClient[web.Request, web.Application]) -> None:
        """Sit down."""
        self.porch = porch
        self.pages = pages
        self.clock = clock
        self.client = client

    async def get(self, path: str, **cookies: str) -> tuple[int, str]:
        """Look at a page."""
        response = await self.client.get(path, headers=_with(cookies))
        return response.status, await response.text()

    async def post(self, path: str, cookies: dict[str, str] | None = None, /, **form: str) -> tuple[int, str]:
        """Press the button of a page."""
        response = await self.client.post(path, data=form, headers=_with(cookies or {}), allow_redirects=False)
        return response.status, await response.text()

    async def sign_in(self, person: str = "noor") -> str:
        """Sign in at the desk, and give the session."""
        link = self.pages.sign_in_href(person, "moderator").rsplit("/", 1)[1]
        response = await self.client.post("/desk/sign-in", data={"token": link}, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (303, "/desk")
        return str(response.cookies[COOKIE].value)

    async def chat(self, text: str = BATTERY, people: tuple[Person, ...] = (MAYA, SAM), chat: str = "c1") -> Ack:
        """Open a chat in which the second of these people says something."""
        kind = "direct" if len(people) == 2 else "room"
        await self.porch.hear("chat.open", {"chat": chat, "kind": kind, "people": [msgspec.to_builtins(person) for person in people]})
        return await self.porch.hear("message", {"id": "m1", "chat": chat, "author": people[1].id, "text": text})

    async def link(self, text: str = BATTERY, **more: str) -> str:
        """Give the token of the report link that Maya gets when Sam says something."""
        ack = await self.chat(text, **more)  # type: ignore[arg-type]
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


def _with(cookies: dict[str, str]) -> dict[str, str]:
    """Only the cookies a test names: what is in the jar of the client must not help it."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """The pages on a port of their own, with everything real but the clock."""

    async def nobody(_host: str, _event: str, _payload: Ack) -> None:
        return

    clock = Clock()
    store = await Store.open(str(tmp_path / "porchlight.db"), tmp_path / "porchlight.key")
    porch = Porch(assistant(), store, nobody, clock=clock, rng=SystemRandom())
    pages = Pages(porch, find("templates"), "within a day")
    app = web.Application()
    add_pages(app, pages)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield Visitor(porch, pages, clock, client)
    await porch.close()
    await store.close()


# --- reports ---------------------------------------------------------------------------------------------------------


async def test_looking_files_nothing_however_often(visitor: Visitor) -> None:
    """GET shows what would be sent; link previews and scanners may look as often as they like."""
    link = await visitor.link()
    for _ in range(5):
        status, page = await visitor.get(f"/report/{link}")
        assert (status, "Nothing has been sent yet" in page, "The last 1 message " in page) == (200, True, True)
    assert (await visitor.client.head(f"/report/{link}")).status == 200
    assert await visitor.porch.store.cases.all() == ()
    assert await visitor.porch.store.reports.by("maya") == ()


async def test_the_reason_of_the_note_is_chosen_beforehand(visitor: Visitor) -> None:
    """Nobody has to find out what it was called; every reason is offered."""
    _, page = await visitor.get(f"/report/{await visitor.link()}")
    assert re.findall(r'<option value="(\w+)" selected>', page) == ["wants_to_move"]
    assert page.count("<option value=") == 11


async def test_the_button_files(visitor: Visitor) -> None:
    """POST files with reason, words and evidence, and shows the number."""
    status, page = await visitor.post("/report", token=await visitor.link(), reason="pictures", words="he kept asking")
    ((case, reports),) = [
        found for case in await visitor.porch.store.cases.all() if (found := await visitor.porch.store.cases.find(case.id))
    ]
    assert status == 200
    assert f'class="number">{reports[0].number}<' in page
    assert (case.about, reports[0].reason.value, reports[0].words) == ("sam", "pictures", "he kept asking")
    assert reports[0].evidence is not None
    assert [said.text for said in reports[0].evidence.said] == [BATTERY]


async def test_the_button_twice_is_one_report(visitor: Visitor) -> None:
    """A second press, or the button in the chat after that on the page, shows the same number."""
    link = await visitor.link()
    numbers = [re.findall(r'class="number">([^<]+)<', (await visitor.post("/report", token=link))[1]) for _ in range(3)]
    ack = await visitor.porch.hear("press", {"person_id": "maya", "token": link})
    assert numbers == [[ack["receipt"]["number"]]] * 3
    assert len(await visitor.porch.store.reports.by("maya")) == 1


async def test_long_words_are_cut_and_a_strange_reason_is_that_of_the_note(visitor: Visitor) -> None:
    """A form filled by something else than our page does no harm."""
    link = await visitor.link()
    await visitor.post("/report", token=link, reason="<b>", words="x" * (WORDS_MAX + 10))
    (case,) = await visitor.porch.store.cases.all()
    found = await visitor.porch.store.cases.find(case.id)
    assert found is not None
    assert (found[1][0].reason.value, len(found[1][0].words)) == ("wants_to_move", WORDS_MAX)


async def test_a_report_can_be_taken_back_on_the_page(visitor: Visitor) -> None:
    """The undo button works for a minute, and then says that it is too late; the receipt tells."""
    _, page = await visitor.post("/report", token=await visitor.link())
    href = re.findall(r'href="https://porch.example(/receipt/[^"]+)"', page)[0]
    (undo,) = re.findall(r'name="token" value="([^"]+)"', page)
    visitor.clock.now += UNDO_SECONDS - 1
    assert (await visitor.post("/report/undo", token=undo))[0] == 200
    assert await visitor.porch.store.cases.all() == ()
    assert "You took this report back" in (await visitor.get(href))[1]
    visitor.clock.now += 1
    assert (await visitor.post("/report/undo", token=undo))[0] == 403


async def test_a_report_link_takes_nothing_back(visitor: Visitor) -> None:
    """Each link does what it was made for and nothing else."""
    link = await visitor.link()
    status, _ = await visitor.post("/report/undo", token=link)
    assert (status, await visitor.porch.store.reports.by("maya")) == (400, ())


async def test_a_report_that_cannot_be_kept_is_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a receipt the page never says thank you; the same button works later."""

    async def fail(*_: object) -> None:
        raise OSError

    link = await visitor.link()
    with monkeypatch.context() as broken:
        broken.setattr(visitor.porch.store.reports, "file", fail)
        status, page = await visitor.post("/report", token=link)
    assert (status, "Nothing was sent" in page, "Thank you" in page) == (409, True, False)
    assert (await visitor.post("/report", token=link))[0] == 200


# --- links -----------------------------------------------------------------------------------------------------------


PLACES = [
    ("GET", "/report/{}"),
    ("POST", "/report"),
    ("POST", "/report/undo"),
    ("GET", "/receipt/{}"),
    ("GET", "/desk/sign-in/{}"),
    ("POST", "/desk/sign-in"),
]


async def bad_link(visitor: Visitor, kind: str) -> str:
    """Make a link that must not work anywhere."""
    until = visitor.clock.now + 100
    match kind:
        case "forged":
            return Links("another secret").sign(Press(ActionKind.REPORT, "n1", "c1", "maya", until, "sam"))
        case "changed":
            link = await visitor.link()
            return link[:-3] + ("abc" if not link.endswith("abc") else "abd")
        case "cut":
            return (await visitor.link())[:-10]
        case _:
            return kind


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize("kind", ["forged", "changed", "cut", "nonsense", "%00", "\ud7ff", "x" * 5_000])
async def test_a_forged_link_gets_a_clear_page(visitor: Visitor, method: str, path: str, kind: str) -> None:
    """Whatever is wrong with a link, the page says calmly that nothing was sent, and nothing was."""
    link = await bad_link(visitor, kind)
    status, page = await visitor.get(path.format(link)) if method == "GET" else await visitor.post(path, token=link)
    assert (status, "This link can" in page, "Nothing was sent" in page) == (403, True, True)
    assert await visitor.porch.store.cases.all() == ()


@pytest.mark.parametrize(("method", "path"), PLACES)
async def test_a_link_of_another_kind_gets_a_clear_page(visitor: Visitor, method: str, path: str) -> None:
    """A receipt signs nobody in, and a way to the desk reports nobody."""
    report = await visitor.link()
    status_link = visitor.porch.assistant.links.sign(Status("R1", visitor.clock.now + 100))
    sign_in = visitor.pages.sign_in_href("noor", "moderator").rsplit("/", 1)[1]
    own = "report" if "report" in path else "receipt" if "receipt" in path else "desk"
    for name, link in (("report", report), ("receipt", status_link), ("desk", sign_in)):
        if name != own:
            status, _ = await visitor.get(path.format(link)) if method == "GET" else await visitor.post(path, token=link)
            assert status == 403


async def test_a_button_that_is_no_report_is_none(visitor: Visitor) -> None:
    """The token of another button neither shows nor files a report."""
    ack = await visitor.chat()
    tokens = [
        action["token"] for nudge in ack["nudges"] for action in nudge["actions"] if action.get("token") and action["kind"] != "report"
    ]
    assert tokens
    for token in tokens:
        assert (await visitor.get(f"/report/{token}"))[0] == 400
        assert (await visitor.post("/report", token=token))[0] == 400
    assert await visitor.porch.store.cases.all() == ()


async def test_an_old_link_gets_a_clear_page(visitor: Visitor) -> None:
    """After its time a link says so, and files nothing."""
    link = await visitor.link()
    visitor.clock.now += PRESS_SECONDS
    for status, page in (await visitor.get(f"/report/{link}"), await visitor.post("/report", token=link)):
        assert (status, "too old" in page) == (403, True)
    assert await visitor.porch.store.cases.all() == ()


@pytest.mark.parametrize("path", ["/report", "/report/undo", "/desk/sign-in"])
async def test_a_form_without_its_link_gets_a_clear_page(visitor: Visitor, path: str) -> None:
    """An empty form is answered like any other that does not fit."""
    status, page = await visitor.post(path)
    assert (status, "This link can" in page) == (403, True)


async def test_reports_stand_under_a_link_that_nobody_guesses(visitor: Visitor) -> None:
    """The number alone opens nothing: only the signed link does."""
    _, page = await visitor.post("/report", token=await visitor.link())
    number = re.findall(r'class="number">([^<]+)<', page)[0]
    assert (await visitor.get(f"/receipt/{number}"))[0] == 403
    href = re.findall(r'href="https://porch.example(/receipt/[^"]+)"', page)[0]
    assert (await visitor.get(href))[0] == 200
    # Not the last letter: some of its bits belong to nothing.
    assert (await visitor.get(href[:-5] + ("a" if href[-5] != "a" else "b") + href[-4:]))[0] == 403


async def test_a_receipt_shows_no_ids_and_no_names(visitor: Visitor) -> None:
    """Whoever finds the link on a shared screen learns a number and how far it is, and no more."""
    _, page = await visitor.post("/report", token=await visitor.link(), words="he kept asking")
    href = re.findall(r'href="https://porch.example(/receipt/[^"]+)"', page)[0]
    _, receipt = await visitor.get(href)
    for word in ("maya", "sam", "c1", "battery", "kept asking", "telegram"):
        assert not re.search(rf"\b{word}\b", receipt, re.IGNORECASE), word


async def test_a_receipt_tells_how_far_it_is(visitor: Visitor) -> None:
    """Received, then read when a moderator opened the case, then decided."""
    case = await visitor.case()
    (report,) = await visitor.porch.store.reports.by("maya")
    href = visitor.porch.status_href(report.number).removeprefix("https://porch.example")
    assert (await visitor.get(href))[1].count('class="open"') == 2
    await visitor.get(case, **{COOKIE: await visitor.sign_in()})
    assert (await visitor.get(href))[1].count('class="open"') == 1
    await visitor.porch.store.cases.decide(case.rsplit("/", 1)[1], "noor", Outcome.COACH, visitor.clock.now, SystemRandom())
    page = (await visitor.get(href))[1]
    assert (page.count('class="open"'), "coach" in page) == (0, False)


async def test_a_report_that_is_forgotten_is_told(visitor: Visitor) -> None:
    """A link outlives its report by some time, and then says what became of it."""
    status, page = await visitor.get(visitor.porch.status_href("R1").removeprefix("https://porch.example"))
    assert (status, "This report is gone" in page) == (404, True)


# --- the desk --------------------------------------------------------------------------------------------------------


async def test_the_desk_needs_a_sign_in(visitor: Visitor) -> None:
    """Without a session, with a forged one, or with a one-time link in its place nothing is shown."""
    case = await visitor.case()
    link = visitor.pages.sign_in_href("noor", "moderator").rsplit("/", 1)[1]
    for cookies in ({}, {COOKIE: "forged"}, {COOKIE: link}):
        for path in ("/desk", case):
            status, page = await visitor.get(path, **cookies)
            assert (status, "sam" in page, "battery" in page) == (403, False, False)
        assert (await visitor.post("/desk/sign-out", cookies))[0] == 403


async def test_looking_at_a_sign_in_link_signs_nobody_in(visitor: Visitor) -> None:
    """Link previews look too: only the button uses the link up."""
    href = visitor.pages.sign_in_href("noor", "moderator")
    for _ in range(3):
        response = await visitor.client.get(href)
        assert (response.status, dict(response.cookies)) == (200, {})
    assert (await visitor.post("/desk/sign-in", token=href.rsplit("/", 1)[1]))[0] == 303


async def test_a_sign_in_link_is_used_once(visitor: Visitor) -> None:
    """The second press says so and gives no session."""
    link = visitor.pages.sign_in_href("noor", "moderator").rsplit("/", 1)[1]
    await visitor.post("/desk/sign-in", token=link)
    response = await visitor.client.post("/desk/sign-in", data={"token": link}, allow_redirects=False)
    assert (response.status, dict(response.cookies)) == (403, {})
    assert "used already" in await response.text()


async def test_an_old_sign_in_link_is_of_no_use(visitor: Visitor) -> None:
    """A way to the desk holds for an hour."""
    link = visitor.pages.sign_in_href("noor", "moderator").rsplit("/", 1)[1]
    visitor.clock.now += 3_600
    assert (await visitor.post("/desk/sign-in", token=link))[0] == 403


async def test_a_session_is_no_link(visitor: Visitor) -> None:
    """Whoever has a session cannot make another of it, and so not stay for ever."""
    assert (await visitor.post("/desk/sign-in", token=await visitor.sign_in()))[0] == 403


async def test_the_session_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    """The cookie is for this desk alone."""
    link = visitor.pages.sign_in_href("noor", "moderator").rsplit("/", 1)[1]
    response = await visitor.client.post("/desk/sign-in", data={"token": link}, allow_redirects=False)
    cookie = response.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True,
        "Strict",
        "/desk",
        str(int(SESSION_SECONDS)),
    )


async def test_a_session_ends(visitor: Visitor) -> None:
    """After its hours it opens nothing."""
    session = await visitor.sign_in()
    assert (await visitor.get("/desk", **{COOKIE: session}))[0] == 200
    visitor.clock.now += SESSION_SECONDS
    assert (await visitor.get("/desk", **{COOKIE: session}))[0] == 403


async def test_signing_out_takes_the_cookie_away(visitor: Visitor) -> None:
    """The browser is told to forget the session."""
    session = await visitor.sign_in()
    response = await visitor.client.post("/desk/sign-out", headers=_with({COOKIE: session}), allow_redirects=False)
    assert (response.cookies[COOKIE].value, response.cookies[COOKIE]["max-age"]) == ("", "0")


async def test_a_moderator_sees_the_case(visitor: Visitor) -> None:
    """The list and the page say what it is made of; looking is written down as read."""
    case = await visitor.case(words="he kept asking")
    cookie = {COOKIE: await visitor.sign_in()}
    listed = (await visitor.get("/desk", **cookie))[1]
    page = unescape((await visitor.get(case, **cookie))[1])
    assert (case in listed, "sam" in listed) == (True, True)
    for words in ("1 report", "he kept asking", BATTERY, "pretext"):
        assert words in page
    assert [report.status for report in await visitor.porch.store.reports.by("maya")] == [ReportStatus.READ]


async def test_a_case_that_is_not_there_is_told(visitor: Visitor) -> None:
    """A wrong address is a page like any other."""
    assert (await visitor.get("/desk/case/c0", **{COOKIE: await visitor.sign_in()}))[0] == 404


@pytest.mark.parametrize("person", ["sam", "maya"])
async def test_nobody_sees_a_case_they_are_part_of(visitor: Visitor, person: str) -> None:
    """Neither the one it is about nor the one who reported, whatever their role at the desk; and it is not marked as read."""
    case = await visitor.case()
    cookie = {COOKIE: await visitor.sign_in(person)}
    status, page = await visitor.get(case, **cookie)
    assert (status, "battery" in page) == (404, False)
    assert case not in (await visitor.get("/desk", **cookie))[1]
    assert [report.status for report in await visitor.porch.store.reports.by("maya")] == [ReportStatus.RECEIVED]


async def test_nobody_sees_a_case_of_a_chat_they_took_part_in(visitor: Visitor) -> None:
    """Somebody who was in the room as a member is part of it; who was there as its moderator is not."""
    await visitor.chat("hello", (MAYA, SAM, KIT, ROBIN), "r1")
    await visitor.porch.hear("command", {"chat": "r1", "author": "maya", "text": "/mod please come"})
    (case,) = await visitor.porch.store.cases.all()
    assert [
        (await visitor.get(f"/desk/case/{case.id}", **{COOKIE: await visitor.sign_in(person)}))[0] for person in ("kit", "robin", "noor")
    ] == [
        404,
        200,
        200,
    ]


async def test_nobody_sees_a_case_from_signals_of_a_chat_they_are_in(visitor: Visitor) -> None:
    """A case without any report is kept from those in its chats as well."""
    await visitor.chat("call me on 07700 900123", (KIT, SAM))
    await visitor.porch.close()
    (case,) = await visitor.porch.store.cases.all()
    seen = [(await visitor.get(f"/desk/case/{case.id}", **{COOKIE: await visitor.sign_in(person)}))[0] for person in ("kit", "sam", "noor")]
    assert (case.urgent, seen) == (True, [404, 404, 200])


# --- every page ------------------------------------------------------------------------------------------------------


async def test_every_page_has_the_strict_headers(visitor: Visitor) -> None:
    """Pages of ours, errors too, run no foreign script, are framed nowhere, kept by no cache, and give no address away."""
    case = await visitor.case()
    cookie = {COOKIE: await visitor.sign_in()}
    paths = [
        f"/report/{await visitor.link(chat='c2')}",
        "/report/forged",
        "/help",
        "/rules",
        "/desk",
        case,
        "/desk/case/c0",
        "/receipt/x",
    ]
    for path in paths:
        response = await visitor.client.get(path, headers=_with(cookie))
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        seen = [response.headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cache-Control")]
        assert seen == ["nosniff", "no-referrer", "no-store"], path


async def test_what_people_write_is_shown_as_text(visitor: Visitor) -> None:
    """Markup in messages, in a reporter's words and in ids reaches the desk as what was typed."""
    sam = msgspec.structs.replace(SAM, id=f"sam{MARKUP}", name=MARKUP)
    ack = await visitor.chat(f"{BATTERY} {MARKUP}", (MAYA, sam), f"c{MARKUP}")
    assert MARKUP not in str([nudge["html"] for nudge in ack["nudges"]])
    (href,) = (
        action["href"] for nudge in ack["nudges"] for action in nudge["actions"] if action["kind"] == "report" and nudge["to"] == ("maya",)
    )
    await visitor.post("/report", token=href.rsplit("/", 1)[1], words=MARKUP)
    (case,) = await visitor.porch.store.cases.all()
    cookie = {COOKIE: await visitor.sign_in()}
    listed, page = (await visitor.get("/desk", **cookie))[1], (await visitor.get(f"/desk/case/{case.id}", **cookie))[1]
    for text in (listed, page):
        assert "<script>alert" not in text
    assert unescape(page).count(MARKUP) >= 4


async def test_scripts_are_ours_and_in_files(visitor: Visitor) -> None:
    """No page carries a script, a style or a handler in itself: the policy would forbid it."""
    for path in ("/help", "/rules", f"/report/{await visitor.link()}", "/report/forged"):
        page = (await visitor.get(path))[1]
        assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", page), path


async def test_static_files_are_served(visitor: Visitor) -> None:
    """What the pages ask for is there."""
    page = (await visitor.get("/help"))[1]
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert files
    for file in files:
        response = await visitor.client.get(file)
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")
