"""The desk in a real browser: from a report to its outcome, by hand and by keys, on a phone and on a wide screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import pytest
from demo_server import Demo, serving
from playwright.async_api import Browser, Page, expect
from visit import NARROW, WIDE, Visit, violations, visiting

from bot.edge.store import ReportStatus
from bot.edge.store.counts import Counted, What, day_of
from bot.model import DeskRole, Evidence, Report, ReportReason, Said

DAY = 86_400.0
ASKED = "I can't really help you in here. What is your number? I will text you, and this stays between us."
TALK = (
    ("member", "hi, I had a rough week and I don't know where to start"),
    ("listener", "greetings from rainy Glasgow, my dog Biscuit says woof to every newcomer tonight"),
    ("member", "it is mostly nights. I lie awake and think of everything I did wrong"),
    ("listener", ASKED),
    ("member", "no, I would rather stay here"),
    ("listener", "this app drains my battery so fast, can we use another app? have you got telegram?"),
)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """Serve a demo in which an evening has passed."""
    async with serving(tmp_path) as served:
        await an_evening(served)
        yield served


async def an_evening(demo: Demo) -> None:
    """Three members report one listener, somebody calls a moderator, an adult goes after a teen, and weeks have gone by before."""
    for n in (1, 2, 3):
        await talk(demo, f"talk-{n}", f"member-{n}", "listener-ash", report=n != 2)
        await asyncio.sleep(0)
    await talk(demo, "talk-4", "member-4", "listener-elm", report=True)
    people = [{"id": "teen-7", "role": "member", "age": "teen"}, {"id": "listener-oak", "role": "listener", "age": "adult"}]
    await demo.porch.hear("chat.open", {"chat": "talk-7", "kind": "direct", "people": people})
    words = "you can call me on 07700 900123, nobody has to know"
    await demo.porch.hear("message", {"id": "m1", "chat": "talk-7", "author": "listener-oak", "text": words})
    now, evidence = time.time(), Evidence((Said("m", "listener-yew", 0.0, "you are wasting my time"),), {"listener-yew": "listener"})
    for n in range(40):
        at, reason = now - (n * n % 71) * DAY, list(ReportReason)[n * n % 7]
        about = f"listener-{n % 9}" if n % 3 else "listener-yew"
        report = Report(f"OLD-{n}", f"click {n}", f"chat-{n}", f"member-{n + 50}", about, reason, at, evidence)
        filed = await demo.porch.store.reports.file(report, f"c{n:020x}", {})
        if n % 4 and filed.case is not None:
            await demo.porch.store.cases.mark_read(filed.case.id, "amal", at + n * n * 200)
    day = day_of(now)
    counts = {
        **{
            Counted(day, What.SHOWN, f"pretext/{name}", side): 40 - n * 3
            for n, name in enumerate(("battery", "cant_type", "speak_freely"))
            for side in ("sender", "receiver")
        },
        Counted(day, What.WRONG, "pretext/battery", "sender"): 9,
        Counted(day, What.DISMISSED, "pretext/battery", "receiver"): 22,
        Counted(day, What.WOULD, "flirt/advance"): 14,
        Counted(day, What.WOULD, "secrecy/keep"): 3,
        Counted(day, What.HEARD): 5_120,
    }
    await demo.porch.store.counts.add(counts)


async def talk(demo: Demo, chat: str, member: str, listener: str, *, report: bool) -> None:
    """A talk in which the listener asks for a number and then for another app; the member may report it."""
    who = {"member": member, "listener": listener}
    people = [{"id": person, "role": role, "age": "adult"} for role, person in who.items()]
    await demo.porch.hear("chat.open", {"chat": chat, "kind": "direct", "people": people})
    token = ""
    for n, (role, text) in enumerate(TALK):
        ack = await demo.porch.hear("message", {"id": f"m{n}", "chat": chat, "author": who[role], "text": text})
        tokens = [
            action["token"]
            for nudge in ack["nudges"]
            for action in nudge["actions"]
            if nudge["to"] == (member,) and action["kind"] == "report"
        ]
        token = tokens[0] if tokens else token
    if report:
        words = "I said no and they asked again. I felt cornered." if chat == "talk-1" else ""
        ack = await demo.porch.hear("press", {"person_id": member, "token": token, "words": words})
        assert "receipt" in ack, ack


async def seated(visit: Visit, person: str = "noor", role: DeskRole = DeskRole.MODERATOR) -> Page:
    """Sign in by a link, with its button."""
    await visit.page.goto(urljoin(visit.demo.url, visit.demo.host.safety.pages.sign_in_href(person, role)))  # type: ignore[union-attr]
    await visit.page.locator("main button").click()
    await visit.page.wait_for_url("**/desk")
    return visit.page


async def the_case(visit: Visit, about: str = "listener-ash") -> Page:
    """Open the case about somebody from the list."""
    await visit.page.locator(".queue a", has_text=about).click()
    await expect(visit.page.locator("h1")).to_have_text(about)
    return visit.page


async def test_urgent_and_raised_cases_stand_at_the_top(demo: Demo, chromium: Browser) -> None:
    """An adult and a teen first, then what so many told of."""
    async with visiting(chromium, demo) as visit:
        page = await seated(visit)
        cards = page.locator(".queue > li")
        await expect(cards.nth(0)).to_contain_text("listener-oak")
        await expect(cards.nth(0)).to_contain_text("urgent")
        await expect(page.locator(".piles [aria-current]")).to_contain_text("Open")


async def test_the_whole_way_by_hand(demo: Demo, chromium: Browser) -> None:
    """Take it, read it, note, decide; whoever reported sees that it was read and decided, and the case is closed."""
    async with visiting(chromium, demo, width=NARROW) as visit:
        page = await seated(visit)
        await the_case(visit)
        await expect(page.locator("mark").first).to_be_visible()
        await page.get_by_role("button", name="I'll take it").click()
        await expect(page.locator(".holder")).to_contain_text("You have this case")
        await page.get_by_role("button", name="I have read").click()
        await expect(page.locator(".toast")).to_contain_text("a person has read it")
        await expect(page.locator("form[data-read]")).to_have_count(0)
        await page.get_by_label("A note for the others").fill("Twice in one evening, the same words.")
        await page.get_by_role("button", name="Add the note").click()
        await expect(page.locator(".notes")).to_contain_text("the same words")
        await page.get_by_role("radio", name="Coach").check()
        await page.get_by_role("button", name="Decide").click()
        await expect(page.locator(".toast")).to_contain_text("Decided")
        await expect(page.get_by_role("radio")).to_have_count(0)
        (report,) = await demo.porch.store.reports.by("member-1")
        assert (report.status, report.outcome) == (ReportStatus.DECIDED, "coach")
        await page.goto(urljoin(demo.url, demo.porch.status_href(report.number)))
        await expect(page.locator(".steps .done")).to_have_count(3)


async def test_the_whole_way_by_keys(demo: Demo, chromium: Browser) -> None:
    """The list, the case, taking it, a note, the decision and the help, without a mouse; keys do nothing while somebody writes."""
    async with visiting(chromium, demo) as visit:
        page = await seated(visit)
        for key in ("j", "j", "k"):
            await page.keyboard.press(key)
        await expect(page.locator(".queue > li").nth(0).locator("a")).to_be_focused()
        await page.keyboard.press("j")
        name = await page.locator(".queue > li").nth(1).locator("a").inner_text()
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text(name)
        await page.wait_for_load_state()
        await page.keyboard.press("?")
        await expect(page.locator("dialog#keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog#keys")).to_be_hidden()
        await page.keyboard.press("c")
        await expect(page.locator(".holder")).to_contain_text("You have this case")
        await page.wait_for_load_state()
        await page.keyboard.press("j")
        await expect(page.locator(".report").first).to_be_focused()
        await page.keyboard.press("n")
        await page.keyboard.type("jk? can be said in a note")
        await expect(page.locator("[data-note]")).to_have_value("jk? can be said in a note")
        await page.keyboard.press("Escape")
        await page.keyboard.press("d")
        await expect(page.locator("[data-decide]")).to_be_focused()
        await page.keyboard.press("u")
        await page.wait_for_url("**/desk")
        await page.wait_for_load_state()
        await page.keyboard.press("/")
        await page.keyboard.type("listener-elm")
        await page.keyboard.press("Enter")
        await expect(page.locator(".queue > li")).to_have_count(1)


async def test_reading_to_the_end_is_reading(demo: Demo, chromium: Browser) -> None:
    """Not before somebody has touched the page and come to its end; then without a button."""
    async with visiting(chromium, demo) as visit:
        page = await seated(visit)
        await the_case(visit)
        await page.locator("form[data-read]").scroll_into_view_if_needed()
        await page.wait_for_timeout(3_200)
        (report,) = await demo.porch.store.reports.by("member-1")
        assert report.status is ReportStatus.RECEIVED
        await page.mouse.move(300, 300)
        await page.mouse.wheel(0, 30)
        await expect(page.locator("form[data-read]")).to_contain_text("hears that a person has read it")
        await expect(page.locator(".report .new")).to_have_count(0)
        (report,) = await demo.porch.store.reports.by("member-1")
        assert report.status is ReportStatus.READ


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_everybody_can_use_it(demo: Demo, chromium: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    """Every page of the desk, and of those who report, holds for axe and fits its screen."""
    found: dict[str, list[str]] = {}
    async with visiting(chromium, demo, width=width, scheme=scheme) as visit:

        async def look(name: str) -> None:
            found[name] = await violations(visit.page)
            if await visit.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[name].append("it is wider than the screen")
            await visit.picture(f"desk-{name}-{width}-{scheme}")

        await visit.page.goto(urljoin(demo.url, demo.host.safety.pages.sign_in_href("noor", DeskRole.ADMIN)))  # type: ignore[union-attr]
        await look("sign-in")
        page = await seated(visit, role=DeskRole.ADMIN)
        await look("queue")
        await page.keyboard.press("?")
        await look("keys")
        await page.keyboard.press("Escape")
        await the_case(visit)
        await page.get_by_label("A note for the others").fill("Twice in one evening, the same words.")
        await page.get_by_role("button", name="Add the note").click()
        broken = "[...document.querySelectorAll('mark')].filter((one) => getComputedStyle(one).display !== 'inline').length"
        assert await page.evaluate(broken) == 0, "a mark stands in its line"
        await look("case")
        case = page.url.rsplit("/", 1)[1].partition("?")[0]
        await page.get_by_role("radio", name="Warn").check()
        await page.get_by_role("button", name="Decide").click()
        await look("decided")
        await page.goto(f"{demo.url}/desk")
        await the_case(visit, "listener-oak")
        await look("urgent")
        await page.goto(f"{demo.url}/desk?pile=mine")
        await look("empty")
        for path in ("figures", "record", "sessions", "keys"):
            await page.goto(f"{demo.url}/desk/{path}")
            await look(f"page-{path}")
        await page.goto(f"{demo.url}/desk/report")
        await look("report")
        await page.get_by_label("Whom is it about?").fill("listener-ivy")
        await page.get_by_label("What is it about?").select_option("pictures")
        await page.get_by_label("What was told").fill("Maya's sister wrote to us: he wants photos, again and again.")
        await page.get_by_role("button", name="Write it down").click()
        await look("written")
        await page.goto(f"{demo.url}/desk")
        await the_case(visit, "listener-ivy")
        await look("from-outside")
        appeal = urljoin(demo.url, demo.porch.appeal_href(case))
        for name, href in (
            ("appeal", appeal),
            ("mine", demo.porch.mine_href("member-1")),
            ("handled", "/handled"),
            ("privacy", "/privacy"),
        ):
            await page.goto(urljoin(demo.url, href))
            await look(name)
    assert not any(found.values()), found


async def test_a_likeness_is_a_hint(demo: Demo, chromium: Browser) -> None:
    """Who may be the same is shown with why, and as no proof."""
    async with visiting(chromium, demo) as visit:
        await talk(demo, "talk-9", "member-9", "listener-fir", report=True)
        await seated(visit)
        page = await the_case(visit, "listener-fir")
        await expect(page.locator(".likes")).to_contain_text("no proof")
