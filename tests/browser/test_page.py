"""The demo's page in a real browser: the walk that a visitor takes, and whether everybody can take it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import pytest
from demo_server import Demo, serving
from playwright.async_api import Browser, Locator, Page, expect
from visit import NARROW, WIDE, Visit, violations, visiting

PRETEXTS = {
    "I can't type properly today, so could we do a video call instead?": "reply slowly|slow typing",
    "This app drains my battery so fast, can we use another app?": "another listener",
    "I can support you better somewhere else, where we can speak freely.": "everything else can be said|details that are hidden",
}
"""What the listener says, and what the member's warning answers to it, in one wording or the other."""


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """Serve a demo."""
    async with serving(tmp_path) as served:
        yield served


BATTERY = "This app drains my battery so fast, can we use another app?"


async def report(visit: Visit) -> Locator:
    """Press the member's report button under what the listener said of the battery, and give the receipt."""
    nudge = visit.side("member").locator(".nudge").filter(has_text="battery").first
    await nudge.locator("[data-action=report]").click()
    receipt = nudge.locator(".receipt")
    await expect(receipt).to_be_visible()
    return receipt


async def open_receipt(visit: Visit, receipt: Locator) -> Page:
    """Follow the link of a receipt, into the page that it opens."""
    async with visit.page.context.expect_page() as opened:
        await receipt.locator("a").click()
    page = await opened.value
    await page.wait_for_load_state()
    return page


async def sign_in(visit: Visit) -> Page:
    """Open the desk from the page and press its button."""
    desk = await visit.page.context.new_page()
    await desk.goto(urljoin(visit.demo.url, await visit.page.locator("#desk").get_attribute("href") or ""))
    await desk.locator("main button").click()
    await desk.wait_for_url("**/desk")
    return desk


async def test_each_side_hears_what_is_for_it(demo: Demo, chromium: Browser) -> None:
    """The member is warned with an answer to each pretext, the listener coached, and neither sees the other's."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        await visit.picture("1-tips")
        titles: dict[str, list[str]] = {"member": [], "listener": []}
        for times, (text, answer) in enumerate(PRETEXTS.items(), 2):
            await visit.say("listener", text)
            for who, tone in (("member", "warning"), ("listener", "tip")):
                nudges = visit.side(who).locator(".nudge")
                await expect(nudges).to_have_count(times)
                await expect(nudges.last).to_have_attribute("data-tone", tone)
                titles[who].append(await nudges.last.locator(".nudge-title").inner_text())
                # It stands right after the message that it is about.
                await expect(visit.side(who).locator(".message", has_text=text).locator("+ .nudge")).to_have_count(1)
            warning = visit.side("member").locator(".nudge").last
            assert re.search(answer, (await warning.inner_text()).lower())
            await warning.locator("summary").click()
            await expect(warning.locator("details")).to_contain_text("as a reason")
            await expect(warning.locator("details a")).to_have_attribute("href", re.compile("/privacy$"))
            await expect(visit.side("listener").locator(".nudge").last.locator("[data-action=report]")).to_have_count(0)
        await visit.picture("2-pretexts")
        assert len({*titles["member"], *titles["listener"]}) == 2 * len(PRETEXTS)
        for who, other in (("member", "listener"), ("listener", "member")):
            shown = await visit.side(who).locator(".nudge-title").all_inner_texts()
            assert not set(shown) & set(titles[other])


async def test_a_number_is_covered_for_the_other_side(demo: Demo, chromium: Browser) -> None:
    """The listener sees their number and what others see of it; the member sees a mask."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        await visit.say("listener", "My number is 07700 900123, text me any time.")
        await expect(visit.side("member").locator(".message .text")).to_contain_text("•••••")
        await expect(visit.side("member")).not_to_contain_text("900123")
        own = visit.side("listener").locator(".message")
        await expect(own.locator(".text")).to_contain_text("07700 900123")
        await expect(own.locator(".remark")).to_contain_text("•••••")
        await visit.picture("3-number")


async def test_from_a_report_to_the_desk(demo: Demo, chromium: Browser) -> None:
    """One click gives a number; its link opens without a name on it; the desk shows the case with what was said."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        await visit.say("listener", BATTERY)
        receipt = await report(visit)
        number = await receipt.locator(".receipt-number").inner_text()
        await visit.picture("4-receipt")

        page = await open_receipt(visit, receipt)
        await expect(page.locator("main .number")).to_have_text(number)
        words = await page.locator("body").inner_text()
        assert not any(name in words for name in ("Sam", "Robin", "listener", "member"))
        await visit.picture("5-followed", page)

        desk = await sign_in(visit)
        await visit.picture("6-desk", desk)
        await desk.locator(".queue h2 a").click()
        await expect(desk.locator("main")).to_contain_text(number)
        await expect(desk.locator(".talk .reported.marked .said")).to_contain_text("drains my battery")
        await visit.picture("7-case", desk)
        await desk.locator("form[data-read] button").click()
        await expect(desk.locator(".toast")).to_contain_text("a person has read it")
        await page.reload()
        await expect(page.locator("main")).not_to_contain_text("not yet, usually")


async def test_the_room(demo: Demo, chromium: Browser) -> None:
    """A reminder by the moderator shows to all, the rules to the one who asked; nobody else may remind, and no command is posted."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        await visit.page.locator("#tab-room").click()
        people = ("member", "listener", "moderator")
        await visit.say("moderator", "/remind contact", "room")
        for who in people:
            await expect(visit.side(who, "room").locator(".nudge")).to_have_count(1)
        await visit.say("listener", "/rules", "room")
        await expect(visit.side("listener", "room").locator(".nudge")).to_have_count(2)
        await visit.say("member", "/remind contact", "room")
        await expect(visit.side("member", "room")).to_contain_text("Only moderators can post a reminder")
        await visit.say("member", "Good evening, all of you.", "room")
        for who in people:
            await expect(visit.side(who, "room").locator(".message")).to_have_count(1)
            await expect(visit.side(who, "room").locator(".nudge")).to_have_count(2 if who == "listener" else 1)
        await visit.picture("8-room")


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_the_safety_panel_is_one_press_away(demo: Demo, chromium: Browser, width: int) -> None:
    """It opens over the page, leaves the way out within reach, reports what happened, and gives the focus back when it is closed."""
    async with visiting(chromium, demo, width=width) as visit:
        await visit.page.goto(demo.url)
        side = visit.side("member")
        await expect(side.locator(".nudge")).to_have_count(1)
        button, panel = side.locator("[data-safety]"), side.locator("dialog")
        await button.click()
        await expect(panel.locator(".nudge-title")).to_have_text("Safety in this chat")
        await visit.picture(f"7-panel-{width}")
        await expect(visit.page.locator("#exit")).to_be_in_viewport()
        await visit.page.locator("#exit").click(trial=True)
        await panel.get_by_role("button", name="They said it isn't serious").click()
        await expect(panel.locator(".receipt")).to_be_visible()
        await visit.page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await expect(button).to_be_focused()
        await side.locator(".nudge [data-action=panel]").first.click()
        await panel.locator("[data-action=dismiss]").first.click()
        await expect(panel).to_be_hidden()


async def test_a_listener_has_a_panel_of_their_own(demo: Demo, chromium: Browser) -> None:
    """It has words to copy, hands the chat over, and has no room for what only members meet."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        side = visit.side("listener")
        await side.locator(".nudge [data-action=panel]").first.click()
        panel = side.locator("dialog")
        assert await panel.locator("blockquote").count() >= 4
        await expect(panel.get_by_role("button", name="They diagnosed me")).to_have_count(0)
        await panel.locator("[data-action=refer]").click()
        await expect(panel.locator(".nudge-title").last).to_have_text(re.compile("Handed over|other hands"))
        await visit.picture("8-panel-listener")


async def test_a_draft_can_be_checked(demo: Demo, chromium: Browser) -> None:
    """Who asks first hears a gentle word before anybody reads it, and can change it or send it all the same."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        side, box = visit.side("member"), visit.side("member").locator("[data-input]")
        await side.locator("[data-check]").click()
        await visit.say("member", "could we talk on whatsapp instead?")
        await expect(side.locator(".nudge").last.locator(".nudge-title")).to_have_text("Going somewhere else?")
        await expect(box).to_have_value("could we talk on whatsapp instead?")
        await expect(visit.side("listener").locator(".message")).to_have_count(0)
        await visit.picture("9-draft")
        await visit.say("member", "could we talk about my week instead?")
        await expect(visit.side("listener").locator(".message")).to_have_count(1)
        await visit.say("member", "could we talk on whatsapp instead?")
        await expect(side.locator(".nudge")).to_have_count(3)
        await box.press("Enter")
        await expect(visit.side("listener").locator(".message")).to_have_count(2)


async def test_a_helpline_is_one_press_away(demo: Demo, chromium: Browser) -> None:
    """Somebody in a crisis sees a helpline that can be called from the page; their words arrive."""
    async with visiting(chromium, demo) as visit:
        await visit.walk_in()
        await visit.say("member", "I don't want to be here any more. I'm going to end my life tonight.")
        nudge = visit.side("member").locator(".nudge[data-tone=urgent]")
        await expect(nudge.locator("a[data-action=helpline]").first).to_have_attribute("href", "tel:116123")
        await expect(visit.side("listener").locator(".message")).to_have_attribute("data-verdict", "deliver")
        await visit.picture("9-helpline")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_everybody_can_use_it(demo: Demo, chromium: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    """The chat, the receipt, the desk and a case hold for axe and fit their screen, narrow or wide, light or dark."""
    async with visiting(chromium, demo, width=width, scheme=scheme) as visit:
        await visit.walk_in()
        if width == NARROW:
            switch = visit.page.locator("#direct .switch button")
            await switch.filter(has_text="Robin").click()
            await visit.say("listener", BATTERY)
            await switch.filter(has_text="Sam").click()
        else:
            await visit.say("listener", BATTERY)
        receipt = await report(visit)
        receipt_page = await open_receipt(visit, receipt)
        desk = await sign_in(visit)
        case = await visit.page.context.new_page()
        await case.goto(urljoin(demo.url, await desk.locator(".queue h2 a").get_attribute("href") or ""))
        found = {}
        for name, page in (("page", visit.page), ("receipt", receipt_page), ("desk", desk), ("case", case)):
            await page.bring_to_front()
            found[name] = await violations(page)
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[name].append("it is wider than the screen")
            await visit.picture(f"axe-{name}-{width}-{scheme}", page)
        assert not any(found.values()), found
