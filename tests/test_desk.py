"""The desk: who gets in, what each role may do, what nobody meets, and that looking is not reading."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import jwt
import msgspec
import pytest
from make import KIT, MAYA, ROBIN, SAM
from page_visitor import BATTERY, DESK_KEY, Seat, Visitor, visiting

from bot.edge.store import ReportStatus
from bot.edge.store.desk import PAGE
from bot.edge.store.notices import Topic
from bot.edge.store.sight import Viewer
from bot.edge.web import COOKIE, SESSION_SECONDS
from bot.model import DeskRole, Evidence, Outcome, Report, ReportReason

VOLUNTEER, MODERATOR, ADMIN = DeskRole
OPENED = {"chat": "c1", "kind": "direct", "people": [msgspec.to_builtins(person) for person in (MAYA, SAM)]}


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    """The pages on a port of their own."""
    async with visiting(tmp_path) as seated:
        yield seated


# --- the door --------------------------------------------------------------------------------------------------------


async def test_the_desk_needs_a_sign_in(visitor: Visitor) -> None:
    """Without a session, with a forged one, or with a one-time link in its place nothing is shown and nothing done."""
    case = await visitor.case()
    for cookies in ({}, {COOKIE: "forged"}, {COOKIE: visitor.way_in()}):
        for path in ("/desk", case, "/desk/figures", "/desk/record", "/desk/sessions", "/desk/keys"):
            status, page = await visitor.get(path, **cookies)
            assert (status, "sam" in page, "battery" in page) == (403, False, False)
        for path in ("/desk/sign-out", "/desk/search", "/desk/export", "/desk/sessions/end", f"{case}/claim", f"{case}/decide"):
            assert (await visitor.post(path, cookies, outcome="remove", words="sam"))[0] == 403
    assert [line.subject for line in await visitor.porch.store.desk.acts(Viewer("noor"))] == []


async def test_looking_at_a_sign_in_link_signs_nobody_in(visitor: Visitor) -> None:
    """Link previews look too: only the button uses the link up."""
    token = visitor.way_in()
    for _ in range(3):
        response = await visitor.client.get(f"/desk/sign-in/{token}")
        assert (response.status, dict(response.cookies)) == (200, {})
    assert (await visitor.post("/desk/sign-in", token=token))[0] == 303


async def test_a_sign_in_link_is_used_once(visitor: Visitor) -> None:
    """The second press says so and gives no session."""
    token = visitor.way_in()
    await visitor.post("/desk/sign-in", token=token)
    response = await visitor.client.post("/desk/sign-in", data={"token": token}, allow_redirects=False)
    assert (response.status, dict(response.cookies)) == (403, {})
    assert "used already" in await response.text()


async def test_an_old_sign_in_link_is_of_no_use(visitor: Visitor) -> None:
    """A way to the desk holds for an hour."""
    token = visitor.way_in()
    visitor.clock.now += 3_600
    assert (await visitor.post("/desk/sign-in", token=token))[0] == 403


async def test_a_session_is_no_link(visitor: Visitor) -> None:
    """Whoever has a session, or a form of it, cannot make another of it, and so not stay for ever."""
    seat = await visitor.seat()
    for token in (seat.cookie[COOKIE], seat.form):
        assert (await visitor.post("/desk/sign-in", token=token))[0] == 403


async def test_the_session_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    """The cookie is for this desk alone."""
    response = await visitor.client.post("/desk/sign-in", data={"token": visitor.way_in()}, allow_redirects=False)
    cookie = response.cookies[COOKIE]
    seen = (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"])
    assert seen == (True, "Strict", "/desk", str(int(SESSION_SECONDS)))


async def test_a_session_ends(visitor: Visitor) -> None:
    """After its hours it opens nothing."""
    seat = await visitor.seat()
    visitor.clock.now += SESSION_SECONDS - 1
    assert (await seat.get("/desk"))[0] == 200
    visitor.clock.now += 1
    assert (await seat.get("/desk"))[0] == 403


async def test_signing_out_ends_it_for_whoever_has_the_cookie(visitor: Visitor) -> None:
    """The browser is told to forget the session, and a copy of the cookie opens nothing."""
    seat = await visitor.seat()
    response = await visitor.client.post(
        "/desk/sign-out", data={"form": seat.form}, headers={"Cookie": f"{COOKIE}={seat.cookie[COOKIE]}"}, allow_redirects=False
    )
    assert (response.status, response.cookies[COOKIE].value, response.cookies[COOKIE]["max-age"]) == (200, "", "0")
    assert (await seat.get("/desk"))[0] == 403


async def test_an_admin_ends_a_session(visitor: Visitor) -> None:
    """Whoever it was of is out with the next click; only admins see who is there."""
    seat, admin = await visitor.seat("mo"), await visitor.seat("ada", ADMIN)
    assert ((await seat.get("/desk/sessions"))[0], (await seat.post("/desk/sessions/end", session="x"))[0]) == (403, 403)
    page = (await admin.get("/desk/sessions"))[1]
    (session,) = re.findall(r'name="session" value="([^"]+)"', page)
    assert (await admin.post("/desk/sessions/end", session=session))[0] == 303
    assert ((await seat.get("/desk"))[0], (await admin.get("/desk"))[0]) == (403, 200)


async def test_no_other_site_sends_a_form_in_somebodys_name(visitor: Visitor) -> None:
    """A form that was made for another session, or none, does nothing."""
    case = await visitor.case()
    seat, other = await visitor.seat("noor"), await visitor.seat("amal")
    for form in ("", "forged", other.form, seat.cookie[COOKIE]):
        for path in (f"{case}/claim", f"{case}/note", f"{case}/read", f"{case}/decide", "/desk/search", "/desk/export", "/desk/sign-out"):
            assert (await visitor.post(path, seat.cookie, form=form, text="hm", outcome="warn", words="sam"))[0] == 403
    assert (await seat.get("/desk"))[0] == 200
    found = await visitor.porch.store.desk.case(Viewer("noor"), case.rsplit("/", 1)[1])
    assert found is not None
    assert (found.acts, found.notes, found.line.claimed_by, found.line.closed_at) == ((), (), None, None)


def by_host(visitor: Visitor, key: str = DESK_KEY, **claims: object) -> str:
    """What the host signs for one of its people."""
    whole = {"sub": "mo", "role": "moderator", "jti": "1", "aud": "porchlight", "exp": visitor.clock.now + 60, **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, key)


async def test_the_host_signs_its_people_in(visitor: Visitor) -> None:
    """By a token of its own, once, and by the button too."""
    token = by_host(visitor, role="admin")
    assert "an <strong>admin" in (await visitor.get(f"/desk/sign-in/{token}"))[1]
    assert [(await visitor.post("/desk/sign-in", token=token))[0] for _ in range(2)] == [303, 403]
    assert [(one.person, one.role) for one in await visitor.porch.store.sessions.all(visitor.clock.now)] == [("mo", ADMIN)]


async def test_the_people_of_a_linked_chat_are_known_by_their_own_ids(visitor: Visitor) -> None:
    """A host signs in whoever it knows; within the assistant its name stands before theirs."""
    visitor.pages.house = msgspec.structs.replace(visitor.pages.house, hosts=("main",))
    await visitor.post("/desk/sign-in", token=by_host(visitor))
    assert [one.person for one in await visitor.porch.store.sessions.all(visitor.clock.now)] == ["main/mo"]


BAD_CLAIMS: list[dict[str, object]] = [
    {"sub": None},
    {"jti": None},
    {"exp": None},
    {"aud": None},
    {"aud": "somebody else"},
    {"role": "member"},
    {"role": None},
    {"exp": 1_699_999_999},
    {"exp": 1_700_100_000},
    {"exp": float("nan")},
    {"key": "another key that is as long as the right one"},
]


@pytest.mark.parametrize("claims", BAD_CLAIMS, ids=str)
async def test_a_hosts_token_that_is_wrong_lets_nobody_in(visitor: Visitor, claims: dict[str, str]) -> None:
    """Forged, for somebody else, too old, for too long, or for no role of the desk."""
    token = by_host(visitor, **claims)
    assert ((await visitor.get(f"/desk/sign-in/{token}"))[0], (await visitor.post("/desk/sign-in", token=token))[0]) == (403, 403)


async def test_a_token_without_a_signature_is_none(visitor: Visitor) -> None:
    """Whatever it says of how it was signed."""
    claims = {"sub": "mo", "role": "admin", "jti": "1", "aud": "porchlight", "exp": visitor.clock.now + 60}
    assert (await visitor.post("/desk/sign-in", token=jwt.encode(claims, "", algorithm="none")))[0] == 403


# --- looking ---------------------------------------------------------------------------------------------------------


async def test_who_fetches_every_link_twice_changes_nothing(visitor: Visitor) -> None:
    """A prefetching client that is signed in as an admin: nothing is read, claimed, filed, signed out or written down."""
    case = await visitor.case()
    seat = await visitor.seat(role=ADMIN)
    before = await visitor.porch.store.desk.case(Viewer("noor"), case.rsplit("/", 1)[1])
    acts = await visitor.porch.store.desk.acts(Viewer("noor"))
    (report,) = await visitor.porch.store.reports.by("maya")
    own = (visitor.porch.status_href(report.number), visitor.porch.mine_href("maya"), visitor.porch.appeal_href(case.rsplit("/", 1)[1]))
    todo = ["/desk", "/help", f"/report/{await visitor.link(chat='c2')}", f"/desk/sign-in/{visitor.way_in()}"]
    todo += [href.removeprefix("https://porch.example") for href in own]
    done: set[str] = set()
    while todo:
        path = todo.pop()
        if path in done or path.startswith("/static/"):
            continue
        done.add(path)
        for _ in range(2):
            status, page = await seat.get(path)
            assert status == 200, path
        links = (unescape(link) for link in re.findall(r'href="([^"]+)"', page))
        todo += [link.removeprefix("https://porch.example").partition("#")[0] for link in links if link.startswith(("/", "https://porch"))]
    assert {"/desk/figures", "/desk/record", "/desk/sessions", "/desk/keys", "/privacy", "/handled", case} <= done
    assert await visitor.porch.store.desk.case(Viewer("noor"), case.rsplit("/", 1)[1]) == before
    assert await visitor.porch.store.desk.acts(Viewer("noor")) == acts
    assert [one.status for one in await visitor.porch.store.reports.by("maya")] == [ReportStatus.RECEIVED]
    assert len(await visitor.porch.store.sessions.all(visitor.clock.now)) == 1


async def test_a_case_on_one_page(visitor: Visitor) -> None:
    """What was said, with the signals where they stand, who said it, the arithmetic, the chat, and what the assistant said to whom."""
    case = await visitor.case(words="he kept asking")
    seat = await visitor.seat()
    assert case in (await seat.get("/desk"))[1]
    page = unescape((await seat.get(case))[1])
    for words in ("1 report by 1 person in 1 chat", "he kept asking", "a pretext for moving", "c1", "pretext.battery", "Reported"):
        assert words in page, words
    assert re.search(r'<mark data-level="\w+">[^<]*telegram', page)
    assert re.sub(r"<[^>]+>", "", re.findall(r'<p class="said" dir="auto">(.*?)</p>', page)[0]) == BATTERY


async def test_reading_is_an_act(visitor: Visitor) -> None:
    """Only what stood on the page was read, and whoever reported can see it; it is written down."""
    case = await visitor.case()
    seat = await visitor.seat("vi", VOLUNTEER)
    numbers = re.findall(r'name="numbers" value="([^"]+)"', (await seat.get(case))[1])
    assert [one.status for one in await visitor.porch.store.reports.by("maya")] == [ReportStatus.RECEIVED]
    assert await seat.act(case, "read", numbers=numbers[0]) == 303
    assert [one.status for one in await visitor.porch.store.reports.by("maya")] == [ReportStatus.READ]
    page = (await seat.get(case))[1]
    assert (f"read {numbers[0]}" in page, "data-read" in page) == (True, False)


async def test_volunteers_do_not_learn_who_reported(visitor: Visitor) -> None:
    """Moderators do: they may have to speak with them."""
    case = await visitor.case()
    seen = [bool(re.search(r"\bmaya\b", (await (await visitor.seat(role.value, role)).get(case))[1])) for role in DeskRole]
    assert seen == [False, True, True]


async def test_pages_and_filters(visitor: Visitor) -> None:
    """Every case stands on one page; what does not fit a filter is left out; a wrong address shows the first page."""
    for n in range(PAGE + 2):
        await visitor.post("/report", token=await visitor.link(sam=f"sam-{n}", chat=f"c{n}"))
    seat = await visitor.seat()
    first, second = (await seat.get("/desk"))[1], (await seat.get("/desk?page=2"))[1]
    found = [re.findall(r'href="(/desk/case/[^"]+)"', page) for page in (first, second)]
    assert ([len(one) for one in found], len({*found[0], *found[1]})) == ([PAGE, 2], PAGE + 2)
    assert f"1 to {PAGE} of {PAGE + 2}" in first
    for query, n in (("reason=pictures", 0), ("reason=wants_to_move", PAGE), ("urgent=1", 0), ("pile=mine", 0), ("page=x&pile=y", PAGE)):
        assert len(re.findall(r'href="/desk/case/', (await seat.get(f"/desk?{query}"))[1])) == n, query
    await seat.act(found[1][0], "claim")
    assert re.findall(r'href="(/desk/case/[^"]+)"', (await seat.get("/desk?pile=mine"))[1]) == [found[1][0]]


@pytest.mark.parametrize("number", ["-1", "0", "9" * 15, "9" * 40, "1e9", "\u0661", "%00", "x"])
async def test_a_number_in_an_address_may_be_any(visitor: Visitor, number: str) -> None:
    """What is none, or is beyond all that there is, gives a page."""
    case = await visitor.case()
    seat = await visitor.seat("ada", ADMIN)
    for path in (f"/desk?page={number}", f"/desk/record?before={number}", f"{case}?page={number}"):
        assert (await seat.get(path))[0] == 200


@pytest.mark.parametrize("asked", ["sam", " sam ", "c1", "number"])
async def test_a_case_is_found_without_a_name_in_an_address(visitor: Visitor, asked: str) -> None:
    """By a person, a chat or a number, by a form that is posted."""
    case = await visitor.case()
    (report,) = await visitor.porch.store.reports.by("maya")
    seat = await visitor.seat()
    status, page = await seat.post("/desk/search", words=report.number.lower() if asked == "number" else asked)
    assert (status, case in page) == (200, True)
    assert case not in (await seat.post("/desk/search", words="sa"))[1]
    assert (await seat.get("/desk/search?words=sam"))[0] == 405


async def test_no_address_names_anybody(visitor: Visitor) -> None:
    """Addresses stand in histories and logs: ids in them are random."""
    await visitor.case()
    seat = await visitor.seat("noor", ADMIN)
    for path in ("/desk", "/desk/figures", "/desk/record", "/desk/sessions"):
        for link in re.findall(r'(?:href|action)="([^"]+)"', (await seat.get(path))[1]):
            assert not re.search(r"sam|maya|noor|c1\b", link), link


# --- what nobody meets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["sam", "maya"])
async def test_nobody_meets_a_case_they_are_part_of(visitor: Visitor, person: str) -> None:
    """Neither the one it is about nor the one who reported, as whatever they sit at the desk, wherever they look, and nothing is done."""
    case = await visitor.case()
    await (await visitor.seat()).act(case, "claim")
    seat = await visitor.seat(person, ADMIN)
    status, page = await seat.get(case)
    assert (status, "battery" in page) == (404, False)
    for act in ("claim", "take-over", "release", "read", "note", "decide", "answer"):
        assert await seat.act(case, act, text="hm", outcome="no_breach") == 404
    case_id = case.rsplit("/", 1)[1]
    others = "maya" if person == "sam" else "sam"
    for path in ("/desk", "/desk?pile=closed", "/desk/figures", "/desk/record"):
        page = (await seat.get(path))[1]
        assert (case_id in page, bool(re.search(rf"\b{others}\b", page))) == (False, False), path
    assert "No open cases" in (await seat.get("/desk"))[1]
    assert "Nothing was reported" in (await seat.get("/desk/figures"))[1]
    for words in (others, person, "c1", case_id):
        assert case not in (await seat.post("/desk/search", words=words))[1]
    for kind in ("csv", "json"):
        assert case_id not in (await seat.post("/desk/export", **{"as": kind, "pile": "open"}))[1]
    assert [report.status for report in await visitor.porch.store.reports.by("maya")] == [ReportStatus.RECEIVED]


async def test_nobody_sees_a_case_of_a_chat_they_took_part_in(visitor: Visitor) -> None:
    """Somebody who was in the room as a member is part of it; who was there as its moderator is not."""
    await visitor.chat("hello", (MAYA, SAM, KIT, ROBIN), "r1")
    await visitor.porch.hear("command", {"chat": "r1", "author": "maya", "text": "/mod please come"})
    (case,) = await visitor.porch.store.cases.all()
    seen = [(await (await visitor.seat(person)).get(f"/desk/case/{case.id}"))[0] for person in ("kit", "robin", "noor")]
    assert seen == [404, 200, 200]


async def test_who_comes_into_a_chat_later_is_part_of_it(visitor: Visitor) -> None:
    """From then on they meet none of its cases."""
    case = await visitor.case()
    ida = await visitor.seat("ida")
    assert (await ida.get(case))[0] == 200
    await visitor.porch.hear("chat.join", {"chat": "c1", "person": {"id": "ida", "role": "member"}})
    assert ((await ida.get(case))[0], case in (await ida.get("/desk"))[1], await ida.act(case, "claim")) == (404, False, 404)


async def test_nobody_sees_a_case_from_signals_of_a_chat_they_are_in(visitor: Visitor) -> None:
    """A case without any report is kept from those in its chats as well, also when the chat is long forgotten."""
    await visitor.chat("call me on 07700 900123", (KIT, SAM))
    await visitor.porch.close()
    visitor.porch.chats.clear()
    (case,) = await visitor.porch.store.cases.all()
    seen = [(await (await visitor.seat(person)).get(f"/desk/case/{case.id}"))[0] for person in ("kit", "sam", "noor")]
    assert (case.urgent, seen) == (True, [404, 404, 200])


async def test_a_case_that_is_not_there_is_told(visitor: Visitor) -> None:
    """A wrong address is a page like any other, and nothing can be done there."""
    seat = await visitor.seat()
    assert ((await seat.get("/desk/case/c0"))[0], await seat.act("/desk/case/c0", "claim"), await seat.act("/desk/case/c0", "fly")) == (
        404,
    ) * 3


# --- acting ----------------------------------------------------------------------------------------------------------


async def test_what_each_role_may_do(visitor: Visitor) -> None:
    """Volunteers claim and note, moderators decide, admins see the record."""
    case = await visitor.case()
    volunteer, moderator, admin = [await visitor.seat(role.value, role) for role in DeskRole]
    assert [await volunteer.act(case, act, text="I think so") for act in ("claim", "note")] == [303, 303]
    assert [await volunteer.act(case, act, outcome="warn") for act in ("decide", "answer", "take-over")] == [403] * 3
    assert [(await seat.get("/desk/record"))[0] for seat in (volunteer, moderator, admin)] == [403, 403, 200]
    assert (await volunteer.post("/desk/export", **{"as": "csv"}))[0] == 403
    assert [await moderator.act(case, act, outcome="warn") for act in ("take-over", "decide")] == [303, 303]
    page = unescape((await admin.get("/desk/record"))[1])
    for act in ("claim", "note", "take over", "decide warn", "sign in as volunteer"):
        assert f"</strong> {act}<" in page


async def test_two_do_not_take_the_same(visitor: Visitor) -> None:
    """The second is told; each sees who has it."""
    case = await visitor.case()
    noor, amal = await visitor.seat("noor", VOLUNTEER), await visitor.seat("amal", VOLUNTEER)
    assert [await noor.act(case, "claim"), await amal.act(case, "claim")] == [303, 409]
    assert ("You have this case" in (await noor.get(case))[1], "noor has this case" in (await amal.get(case))[1]) == (True, True)
    assert "with noor" in (await amal.get("/desk"))[1]


async def test_a_decision_is_made_once(visitor: Visitor) -> None:
    """Without an outcome nothing is decided; the second decision is told that it comes too late; why stays as a note."""
    case = await visitor.case()
    seat = await visitor.seat()
    assert [await seat.act(case, "decide", outcome=outcome) for outcome in ("", "hang", "coach", "warn")] == [400, 400, 303, 409]
    page = (await seat.get(case))[1]
    assert ("<strong>Coach</strong>, by noor" in page, 'name="outcome"' in page, "data-read" in page) == (True, False, False)
    assert [bool(one.read_at) for one in await visitor.porch.store.reports.by("maya")] == [True]
    assert case in (await seat.get("/desk?pile=closed"))[1]


async def test_the_desk_says_whether_the_chat_has_taken_a_decision(visitor: Visitor) -> None:
    """It is asked late; and if it never answers, people have to do it by hand and should know."""
    case = await visitor.case()
    noor = await visitor.seat()
    assert await noor.act(case, "decide", outcome="restrict") == 303
    assert "The chat is asked to act on it at" in (await noor.get(case))[1]
    visitor.clock.now += 3 * 86_400
    noor = await visitor.seat()
    await visitor.porch.bell.ring()
    assert "The chat has not taken it yet" in (await noor.get(case))[1]
    (asked,) = await visitor.porch.store.notices.due([""], visitor.clock.now)
    await visitor.porch.store.notices.shown(asked.id, "", visitor.clock.now)
    assert "and has taken it, on" in (await noor.get(case))[1]


async def test_nothing_is_decided_over_a_report_that_nobody_has_seen(visitor: Visitor) -> None:
    """It came while somebody had the page open: they are told, it stays unread, and its reporter hears nothing that is not true."""
    case = await visitor.case()
    noor = await visitor.seat()
    newest = re.findall(r'name="newest" value="([^"]+)"', (await noor.get(case))[1])[0]
    await visitor.porch.store.reports.file(_late_report(visitor), "unused")
    status, page = await noor.post(f"{case}/decide", outcome="warn", newest=newest, why="it is clear")
    assert (status, "Something is new in this case" in page) == (409, True)
    (found,) = await visitor.porch.store.cases.all()
    assert len(found.reports) == 2
    assert [one.status for one in await visitor.porch.store.reports.by("lea")] == [ReportStatus.RECEIVED]
    assert "it is clear" not in (await noor.get(case))[1], "nothing of it was done"
    assert await noor.act(case, "decide", outcome="warn") == 303
    assert [one.status for one in await visitor.porch.store.reports.by("lea")] == [ReportStatus.DECIDED]
    await visitor.porch.hear("chat.open", {"chat": "c9", "kind": "direct", "people": [{"id": "lea", "role": "member"}]})
    assert [one.topic for one in await visitor.porch.store.notices.due(["lea"], visitor.porch.now)] == [Topic.ACTED], "one word is enough"


def _late_report(visitor: Visitor) -> Report:
    """One more, from another chat, by somebody else."""
    return Report("R9", "click 9", "c9", "lea", "sam", ReportReason.PICTURES, visitor.porch.now + 1, Evidence(()))


async def test_an_appeal_is_answered_by_somebody_else(visitor: Visitor) -> None:
    """Who decided sees that it is not theirs to answer."""
    case = await visitor.case()
    noor, amal = await visitor.seat("noor"), await visitor.seat("amal")
    await noor.act(case, "decide", outcome=Outcome.RESTRICT, why="again and again")
    await visitor.post("/appeal", token=visitor.porch.appeal_href(case.rsplit("/", 1)[1]).rsplit("/", 1)[1], words="it was a joke")
    assert case in (await amal.get("/desk?pile=appeals"))[1]
    assert "somebody else answers" in (await noor.get(case))[1]
    assert [await seat.act(case, "answer", outcome=Outcome.WARN) for seat in (noor, amal, amal)] == [409, 303, 409]
    page = unescape((await amal.get(case))[1])
    assert ("again and again" in page, "it was a joke" in page, "<strong>Warn</strong>" in page) == (True, True, True)


async def test_an_empty_note_is_none(visitor: Visitor) -> None:
    """Nothing is written down."""
    case = await visitor.case()
    assert await (await visitor.seat()).act(case, "note", text="  ") == 400


# --- what reaches moderators outside of the chats ---------------------------------------------------------------------


async def written(seat: Seat, **form: str) -> tuple[int, str]:
    """Fill in the form for a report that came by e-mail, and send it."""
    once = re.findall(r'name="once" value="([^"]+)"', (await seat.get("/desk/report"))[1])[0]
    return await seat.post("/desk/report", **{"once": once, "about": "sam", "reason": "pictures", "how": "told", **form})


async def test_what_somebody_tells_by_email_is_a_report_like_any_other(visitor: Visitor) -> None:
    """It has a number, a receipt, a case with who wrote it down, a line in the record; whoever told it hears of it in the chat."""
    noor, volunteer, admin = [await visitor.seat(role.value, role) for role in (MODERATOR, VOLUNTEER, ADMIN)]
    status, page = await written(noor, told_by="maya", words="he asked for photos on the phone")
    assert status == 200
    (case,) = await visitor.porch.store.cases.all()
    (number,) = case.reports
    assert number in page
    (receipt,) = re.findall(r'href="https://porch.example(/receipt/[^"]+)"', page)
    assert "Received" in (await visitor.get(receipt))[1]
    shown = unescape((await noor.get(f"/desk/case/{case.id}"))[1])
    for words in (
        "he asked for photos on the phone",
        "Asking for pictures: 1 report by 1 person outside of any chat; one report calls",
        "maya",
    ):
        assert words in shown
    shown = unescape((await volunteer.get(f"/desk/case/{case.id}"))[1])
    assert ("Written down at the desk by moderator" in shown, "maya" in shown) == (True, False)
    assert await noor.act(f"/desk/case/{case.id}", "read", numbers=number) == 303
    nudges = (await visitor.chat("hello"))["nudges"], await visitor.porch.hear("chat.open", OPENED)
    assert any("read" in nudge["text"] for nudge in nudges[1]["nudges"] if nudge["to"] == ("maya",))
    assert "</strong> write down<" in (await admin.get("/desk/record"))[1]
    assert ("case", {"case": case.id, "urgent": False}) in [(event, payload) for _, event, payload in visitor.sent]
    assert not any(event == "evidence" for _, event, _ in visitor.sent), "there is no chat of which anybody could be asked"


async def test_three_who_tell_it_by_email_are_three(visitor: Visitor) -> None:
    """Nobody knows who they are, and each of them counts; the same form twice is one."""
    noor = await visitor.seat()
    for _ in range(3):
        once = re.findall(r'name="once" value="([^"]+)"', (await noor.get("/desk/report"))[1])[0]
        pages = [await noor.post("/desk/report", once=once, about="sam", reason="asked_details") for _ in range(2)]
        assert pages[0][0] == pages[1][0] == 200
        assert re.findall(r'class="number">([^<]+)<', pages[0][1]) == re.findall(r'class="number">([^<]+)<', pages[1][1])
    (case,) = await visitor.porch.store.cases.all()
    assert (len(case.reports), list(case.raised)) == (3, ["asked_details"])
    page = unescape((await noor.get(f"/desk/case/{case.id}"))[1])
    assert "3 reports by 3 people outside of any chat" in page
    assert page.count("by somebody who told it ·") == 3
    await visitor.post("/report", None, token=await visitor.link(), reason="asked_details")
    assert "4 reports by 4 people in 1 chat and 3 outside of them" in unescape((await noor.get(f"/desk/case/{case.id}"))[1])


async def test_what_a_moderator_saw_is_decided_by_somebody_else(visitor: Visitor) -> None:
    """They are the reporter: they meet the case no more, and neither volunteers nor the record learn that it was them."""
    noor, amal, volunteer, admin = [
        await visitor.seat(*seat) for seat in (("noor", MODERATOR), ("amal", MODERATOR), ("vera", VOLUNTEER), ("ada", ADMIN))
    ]
    status, page = await written(noor, how="saw")
    assert (status, "Somebody else decides" in page) == (200, True)
    (case,) = await visitor.porch.store.cases.all()
    href = f"/desk/case/{case.id}"
    assert [(await seat.get(href))[0] for seat in (noor, amal, volunteer)] == [404, 200, 200]
    page = (await volunteer.get(href))[1]
    assert ("noor" in page, "by a moderator" in page, "by somebody who told it" in page) == (False, False, True)
    assert "by a moderator" in (await amal.get(href))[1]
    record = (await admin.get("/desk/record"))[1]
    assert "<strong>reporter</strong> write down<" in record
    assert "<strong>noor</strong> write down<" not in record


async def test_an_adult_and_a_teen_go_first_by_a_moderators_word(visitor: Visitor) -> None:
    """Nobody else knows it here."""
    await written(await visitor.seat(), teen="1")
    assert [case.urgent for case in await visitor.porch.store.cases.all()] == [True]


async def test_a_slip_of_the_pen_is_pointed_out_and_taken_back(visitor: Visitor) -> None:
    """An id that was never in a chat is said to be one; within a minute it can be undone."""
    noor = await visitor.seat()
    _, page = await written(noor, about="smm")
    assert "Nobody called" in page
    (token,) = re.findall(r'name="token" value="([^"]+)"', page)
    assert (await visitor.post("/report/undo", None, token=token))[0] == 200
    assert await visitor.porch.store.cases.all(open_only=False) == ()
    await visitor.chat("hello")
    assert "Nobody called" not in (await written(noor))[1]


@pytest.mark.parametrize(
    ("form", "status"),
    [({"about": " "}, 400), ({"reason": ""}, 400), ({"once": ""}, 400), ({"told_by": "sam"}, 400), ({"about": "noor"}, 409)],
)
async def test_a_form_that_lacks_something_writes_nothing_down(visitor: Visitor, form: dict[str, str], status: int) -> None:
    """Nor does one about oneself."""
    assert (await written(await visitor.seat(), **form))[0] == status
    assert await visitor.porch.store.cases.all(open_only=False) == ()


async def test_volunteers_write_no_reports_down(visitor: Visitor) -> None:
    """Who reported is not theirs to know."""
    vera = await visitor.seat("vera", VOLUNTEER)
    assert ((await vera.get("/desk/report"))[0], (await vera.post("/desk/report", once="1", about="sam", reason="pictures"))[0]) == (
        403,
        403,
    )


# --- taking along ----------------------------------------------------------------------------------------------------


async def exported(seat: Seat, kind: str, **form: str) -> str:
    """What is exported of the open cases."""
    status, text = await seat.post("/desk/export", **{"as": kind, "pile": "open", **form})
    assert status == 200
    return text


async def test_exports_hold_no_words_and_no_reporters_but_for_admins(visitor: Visitor) -> None:
    """As CSV and as JSON; who asks for more than they may have gets what they may have."""
    case = await visitor.case(words="he kept asking")
    case_id = case.rsplit("/", 1)[1]
    moderator, admin = await visitor.seat("mo"), await visitor.seat("ada", ADMIN)
    for seat, by in ((moderator, None), (admin, "maya")):
        text = await exported(seat, "json", reporters="1")
        ((row,), told) = msgspec.json.decode(text), msgspec.json.decode(text)[0]["reports"]
        assert (row["case"], row["about"], told[0].get("by"), told[0]["reason"]) == (case_id, "sam", by, "wants_to_move")
        (line,) = csv.DictReader((await exported(seat, "csv", reporters="1")).splitlines())
        assert (line["case"], line["about"], line.get("by"), line["chat"]) == (case_id, "sam", by, "c1")
        assert "kept asking" not in text
    assert "maya" not in await exported(admin, "json")
    acts = [act.act for act in await visitor.porch.store.desk.acts(Viewer("noor"))]
    assert (acts.count("export open"), acts.count("export open with reporters")) == (3, 2)


async def test_an_export_is_whole(visitor: Visitor) -> None:
    """However many cases there are; a case without reports is there as well, and formulas are none."""
    await visitor.chat("call me on 07700 900123", (KIT, msgspec.structs.replace(SAM, id="=1+1")))
    await visitor.porch.close()
    for n in range(105):
        report = Report(f"R{n}", f"click {n}", f"chat {n}", "maya", f"sam-{n}", ReportReason.OTHER, visitor.clock.now, Evidence(()))
        await visitor.porch.store.reports.file(report, f"case{n}")
    seat = await visitor.seat()
    rows = msgspec.json.decode(await exported(seat, "json"))
    lines = list(csv.DictReader((await exported(seat, "csv")).splitlines()))
    assert (len(rows), len({row["case"] for row in rows}), len(lines)) == (106, 106, 106)
    assert [line["number"] for line in lines if line["about"] == "'=1+1"] == [""]
    assert (await seat.post("/desk/export", **{"as": "pdf"}))[0] == 400


async def test_an_empty_export_is_an_empty_list(visitor: Visitor) -> None:
    """And still readable."""
    seat = await visitor.seat()
    assert (msgspec.json.decode(await exported(seat, "json")), len((await exported(seat, "csv")).splitlines())) == ([], 1)


# --- figures ---------------------------------------------------------------------------------------------------------


async def test_figures_show_what_happened(visitor: Visitor) -> None:
    """Reports by reason and week, how long they waited, what became of notes, each with its numbers in words."""
    case = await visitor.case()
    seat = await visitor.seat()
    (report,) = await visitor.porch.store.reports.by("maya")
    await seat.act(case, "read", numbers=report.number)
    await visitor.porch.upkeep.write_down()
    page = unescape((await seat.get("/desk/figures"))[1])
    for words in ("moving elsewhere, by week: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1", "1 within 1 hour", "pretext/battery", "1 shown"):
        assert words in page, words
