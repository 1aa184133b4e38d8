"""The pages for people: looking changes nothing, one click files once, and a link does what it was made for and nothing else."""

from __future__ import annotations

import re
import string
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import MAYA, SAM
from page_visitor import BATTERY, Visitor, visiting, with_cookies

from bot.edge.web import COOKIE, WORDS_MAX
from bot.interactions import UNDO_SECONDS
from bot.links import Appeal, Links, Mine, Press, Status
from bot.model import ActionKind, Age, DeskRole, Outcome, ReportReason
from bot.voice import PRESS_SECONDS

MARKUP = '<script>alert("x")</script>'


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """The pages on a port of their own."""
    async with visiting(tmp_path) as seated:
        yield seated


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


@pytest.mark.parametrize(
    ("age", "words"), [(Age.ADULT, "They are flirting"), (Age.TEEN, "They come too close"), (None, "They come too close")]
)
async def test_reasons_are_called_as_on_the_buttons(visitor: Visitor, age: Age | None, words: str) -> None:
    """In one place stands what they are called, and a teen, or whoever may be one, reads the words for teens."""
    reader = msgspec.structs.replace(MAYA, age=age or Age.UNKNOWN)
    ack = await visitor.chat(people=(reader, SAM))
    if age is None:
        visitor.porch.chats.clear()
    href = next(action["href"] for nudge in ack["nudges"] for action in nudge["actions"] if action["kind"] == "report")
    _, page = await visitor.get(href.removeprefix("https://porch.example"))
    label = visitor.porch.assistant.prompts.label
    shown = unescape(page)
    assert f">{words}<" in shown
    for reason in set(ReportReason) - {ReportReason.FLIRTING, ReportReason.SEXUAL}:
        assert f">{label(reason)}<" in shown


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
    ("GET", "/reports/{}"),
    ("GET", "/appeal/{}"),
    ("POST", "/appeal"),
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
    until = visitor.clock.now + 100
    made = {
        "report": await visitor.link(),
        "receipt": visitor.porch.assistant.links.sign(Status("R1", until)),
        "reports": visitor.porch.assistant.links.sign(Mine("maya", until)),
        "appeal": visitor.porch.assistant.links.sign(Appeal("c1", until)),
        "desk": visitor.way_in(),
    }
    own = path.split("/")[1]
    for name, link in made.items():
        if name != own:
            status, _ = await visitor.get(path.format(link)) if method == "GET" else await visitor.post(path, token=link)
            assert status == 403, name


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
    """Received, then read when a person has read it and not when they looked, then decided; never what was decided."""
    case = await visitor.case()
    (report,) = await visitor.porch.store.reports.by("maya")
    href = visitor.porch.status_href(report.number).removeprefix("https://porch.example")
    seat = await visitor.seat()
    await seat.get(case)
    assert (await visitor.get(href))[1].count('class="open"') == 2
    assert await seat.act(case, "read", numbers=report.number) == 303
    assert (await visitor.get(href))[1].count('class="open"') == 1
    assert await seat.act(case, "decide", outcome=Outcome.COACH) == 303
    page = (await visitor.get(href))[1]
    assert (page.count('class="open"'), "coach" in page.lower()) == (0, False)


async def test_my_reports_show_no_names(visitor: Visitor) -> None:
    """All of them behind one link of their own, each with its receipt; nobody else's."""
    _, filed = await visitor.post("/report", token=await visitor.link(), words="he kept asking")
    mine = re.findall(r'href="https://porch.example(/reports/[^"]+)"', filed)[0]
    status, page = await visitor.get(mine)
    (report,) = await visitor.porch.store.reports.by("maya")
    assert (status, report.number in page, "Received, not read yet" in page) == (200, True, True)
    assert (await visitor.get(re.findall(r'href="https://porch.example(/receipt/[^"]+)"', page)[0]))[0] == 200
    for word in ("maya", "sam", "c1", "battery", "kept asking"):
        assert not re.search(rf"\b{word}\b", page, re.IGNORECASE), word
    others = visitor.porch.mine_href("sam").removeprefix("https://porch.example")
    assert report.number not in (await visitor.get(others))[1]


async def test_a_report_that_is_forgotten_is_told(visitor: Visitor) -> None:
    """A link outlives its report by some time, and then says what became of it."""
    status, page = await visitor.get(visitor.porch.status_href("R1").removeprefix("https://porch.example"))
    assert (status, "This report is gone" in page) == (404, True)


# --- appeals ---------------------------------------------------------------------------------------------------------


async def decided(visitor: Visitor, outcome: Outcome = Outcome.WARN) -> tuple[str, str]:
    """File a report, decide about it, and give the address of the case and the token of the appeal."""
    case = await visitor.case()
    assert await (await visitor.seat()).act(case, "decide", outcome=outcome) == 303
    return case, visitor.porch.appeal_href(case.rsplit("/", 1)[1]).rsplit("/", 1)[1]


async def test_an_appeal_is_sent_by_the_button_once(visitor: Visitor) -> None:
    """Looking sends nothing; the second press says that it has arrived already; what was said is at the desk."""
    case, token = await decided(visitor)
    for _ in range(3):
        assert (await visitor.get(f"/appeal/{token}"))[0] == 200
    seat = await visitor.seat("amal")
    assert "look again" not in (await seat.get(case))[1]
    assert [(await visitor.post("/appeal", token=token, words=f"no {MARKUP}"))[0] for _ in range(2)] == [200, 409]
    page = (await seat.get(case))[1]
    assert ("They ask you to look again" in page, MARKUP in page, MARKUP in unescape(page)) == (True, False, True)


async def test_there_is_nothing_to_appeal_where_nothing_was_asked_of_them(visitor: Visitor) -> None:
    """A case without a breach stays closed; an old link says that it is old."""
    _, token = await decided(visitor, Outcome.NO_BREACH)
    assert (await visitor.post("/appeal", token=token))[0] == 409
    visitor.clock.now += 31 * 86_400
    assert (await visitor.post("/appeal", token=token))[0] == 403


# --- every page ------------------------------------------------------------------------------------------------------


async def test_every_page_has_the_strict_headers(visitor: Visitor) -> None:
    """Pages of ours, errors too, run no foreign script, are framed nowhere, kept by no cache, and give no address away."""
    case = await visitor.case()
    cookie = {COOKIE: await visitor.sign_in(role=DeskRole.ADMIN)}
    paths = [
        f"/report/{await visitor.link(chat='c2')}",
        "/report/forged",
        visitor.porch.mine_href("maya").removeprefix("https://porch.example"),
        visitor.porch.appeal_href("c1").removeprefix("https://porch.example"),
        "/help",
        "/rules",
        "/handled",
        "/privacy",
        "/desk",
        "/desk/figures",
        "/desk/record",
        "/desk/sessions",
        "/desk/keys",
        case,
        "/desk/case/c0",
        "/receipt/x",
    ]
    for path in paths:
        response = await visitor.client.get(path, headers=with_cookies(cookie))
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
    seat = await visitor.seat(f"noor{MARKUP}", DeskRole.ADMIN)
    await seat.act(f"/desk/case/{case.id}", "note", text=MARKUP)
    await seat.act(f"/desk/case/{case.id}", "claim")
    pages = [(await seat.get(path))[1] for path in ("/desk", f"/desk/case/{case.id}", "/desk/record", "/desk/sessions")]
    pages.append((await seat.post("/desk/search", words=MARKUP))[1])
    for text in pages:
        assert "<script>alert" not in text
        assert MARKUP in unescape(text)
    assert unescape(pages[1]).count(MARKUP) >= 6


async def test_scripts_are_ours_and_in_files(visitor: Visitor) -> None:
    """No page carries a script, a style or a handler in itself: the policy would forbid it."""
    case = await visitor.case()
    seat = await visitor.seat(role=DeskRole.ADMIN)
    paths = ["/help", "/rules", "/handled", "/privacy", f"/report/{await visitor.link(chat='c2')}", "/report/forged"]
    for path in (*paths, "/desk", case, "/desk/figures", "/desk/record", "/desk/sessions", "/desk/keys"):
        page = (await seat.get(path))[1]
        assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", page), path


async def test_static_files_are_served(visitor: Visitor) -> None:
    """What the pages ask for is there."""
    page = (await visitor.get("/help"))[1]
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert files
    for file in files:
        response = await visitor.client.get(file)
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")


async def test_an_operator_says_it_in_their_own_words(tmp_path: Path) -> None:
    """A page in the operator's folder stands in the place of ours."""
    own = tmp_path / "pages"
    own.mkdir()
    (own / "handled.html").write_text('{% extends "base.html" %}{% block main %}<h1>{{ readers }} of ours</h1>{% endblock %}')
    async with visiting(tmp_path, own) as visitor:
        assert "<h1>Trained volunteers" in (await visitor.get("/handled"))[1]
        assert "What is read and kept" in (await visitor.get("/privacy"))[1]


# --- tokens in general -----------------------------------------------------------------------------------------------


WILD = st.one_of(
    st.text(max_size=80),
    st.text(string.ascii_letters + string.digits + "._-~", max_size=200),
    st.binary(max_size=40).map(lambda some: some.decode("latin-1")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=WILD)
async def test_no_token_out_of_the_blue_opens_or_does_anything(visitor: Visitor, token: str) -> None:
    """Whatever stands in the place of a token: a clear page, never an error of ours, and nothing is kept."""
    for path in ("/report", "/report/undo", "/appeal", "/desk/sign-in"):
        status, page = await visitor.post(path, token=token.encode("utf-8", "replace").decode())
        assert (status, "This link can" in page) == (403, True)
    assert await visitor.porch.store.cases.all() == ()
    assert await visitor.porch.store.sessions.all(visitor.clock.now) == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), letter=st.sampled_from(string.ascii_letters + string.digits + "-_~."))
async def test_a_token_with_one_letter_changed_is_none(visitor: Visitor, place: float, letter: str) -> None:
    """Or it says the very same: the last letters of a signature hold bits that belong to nothing."""
    links, now = visitor.porch.assistant.links, visitor.clock.now
    token = links.sign(Mine("maya", now + 100))
    at = int(place * len(token))
    changed = f"{token[:at]}{letter}{token[at + 1 :]}"
    status, _ = await visitor.get(f"/reports/{changed}")
    assert status == 403 or links.read(changed, Mine, now) == Mine("maya", now + 100)
