"""The same scenes on every host that the assistant can sit in, by raw Socket.IO clients: python-socketio's, and the official one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Protocol
from urllib.parse import urljoin

import aiohttp
import pytest
from demo_server import PATIENCE, ROLES, Heard, Payload, Seat
from make import prompts
from places import PLACES, Place

from bot.edge.store.sight import Viewer
from bot.model import Audience, Kind, Outcome, Reason, ReportReason, Role

HERE = Path(__file__).parent


class Line(Protocol):
    """One person's line, whichever client it goes by."""

    heard: Heard

    async def ask(self, event: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever the server says
        """Emit, and wait for the answer."""


class NodeLine:
    """One of the sockets of ``table.mjs``."""

    def __init__(self, node: Node, who: str) -> None:
        """Sit down by ``Node.sit``."""
        self.heard = Heard()
        self._node = node
        self._who = who

    async def ask(self, event: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever the server says
        """Emit, and wait for the answer."""
        return await self._node.ask(self._who, event, arguments)


class Node:
    """``table.mjs`` as a child of the test."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take a running child."""
        self._process = process
        self._lines: dict[str, NodeLine] = {}
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()

    async def sit(self, who: str, token: str) -> Line:
        """Connect one more person, and wait for the welcome."""
        line = self._lines[who] = NodeLine(self, who)
        self._write({"sit": who, "token": token})
        await line.heard.wait("welcome", lambda _: True)
        return line

    async def ask(self, who: str, event: str, arguments: tuple[object, ...]) -> object:
        """Emit, and wait for the answer."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._write({"ask": number, "who": who, "event": event, "arguments": arguments})
        return await asyncio.wait_for(answer, PATIENCE)

    async def read(self) -> None:
        """Take in what the child prints, until it ends."""
        assert self._process.stdout is not None
        async for printed in self._process.stdout:
            line = json.loads(printed)
            if "answer" in line:
                self._answers.pop(line["answer"]).set_result(line["payload"])
            elif "event" in line:
                await self._lines[line["who"]].heard.take(line["event"], line["payload"])

    def _write(self, order: Payload) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")


@asynccontextmanager
async def by_python(place: Place) -> AsyncIterator[dict[str, Line]]:
    """Everybody at the table by python-socketio."""
    async with AsyncExitStack() as stack:
        lines: dict[str, Line] = {}
        for role in ROLES:
            seat = Seat(place.card["people"][role])
            stack.push_async_callback(seat.rise)
            await seat.sit(place.url)
            lines[role] = seat
        yield lines


@asynccontextmanager
async def by_node(place: Place) -> AsyncIterator[dict[str, Line]]:
    """Everybody at the table by the official JavaScript client."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("node", "table.mjs", place.url, cwd=HERE, stdin=pipe, stdout=pipe, limit=2**22)
    node = Node(process)
    reading = asyncio.create_task(node.read())
    try:
        yield {role: await node.sit(role, place.card["people"][role]["token"]) for role in ROLES}
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


CLIENTS = {"python": by_python, "javascript": by_node}


class Walk:
    """The scenes, played over the lines of one table; ids are of our own making."""

    def __init__(self, place: Place, lines: dict[str, Line]) -> None:
        """Begin with everybody seated."""
        self.place = place
        self.card = place.card
        self.lines = lines
        self._ids = count()

    async def say(self, who: str, chat: str, text: str) -> Payload:
        """Say something, and give the answer."""
        answer: Payload = await self.lines[who].ask("say", {"chat": self.card[chat], "id": f"m{next(self._ids)}", "text": text})
        return answer

    async def said(self, who: str, chat: str, text: str) -> str:
        """Say something that must arrive, and give the id that it got."""
        answer = await self.say(who, chat, text)
        assert answer["ok"], answer
        return str(answer["id"])

    async def nudge(self, who: str, message: str) -> Payload:
        """What one person is told about a message."""
        nudge = await self.lines[who].heard.wait("nudge", lambda nudge: nudge["message"] == message)
        assert nudge["to"] == [self.card["people"][who]["id"]]
        return nudge


async def everybody_gets_their_tip(walk: Walk) -> None:
    """Before anything is said each side of the talk has its own tip."""
    tips = [await walk.lines[who].heard.wait("nudge", lambda nudge: nudge["tone"] == "tip") for who in ("member", "listener")]
    assert tips[0]["text"] != tips[1]["text"]
    assert walk.lines["moderator"].heard.all("nudge") == []


PRETEXTS = {
    "I can't type properly today, so could we do a video call instead?": Reason.CANT_TYPE,
    "This app drains my battery so fast, can we use another app?": Reason.BATTERY,
    "I can support you better somewhere else, where we can speak freely.": Reason.SPEAK_FREELY,
}
"""What the listener says, and what the member's warning answers."""


def titles(reason: Reason) -> set[str]:
    """What the warning about a pretext may be called, in any of its wordings."""
    prompt = prompts().pick(f"pretext.{reason}", Audience.TO_OTHER, Role.MEMBER, teen=False)
    assert prompt is not None
    return {wording.title for wording in prompt.wordings}


async def each_pretext_has_its_own_answer(walk: Walk) -> None:
    """R17, R18, R19: the member is warned, the listener coached, each in words of its own and for that side alone."""
    heard: list[Payload] = []
    for text, reason in PRETEXTS.items():
        message = await walk.said("listener", "direct", text)
        to_member, to_listener = await walk.nudge("member", message), await walk.nudge("listener", message)
        heard += to_member, to_listener
        assert (to_member["tone"], to_listener["tone"]) == ("warning", "tip")
        assert to_member["title"] in titles(reason)
        assert "report" in {action["kind"] for action in to_member["actions"]}
        assert "report" not in {action["kind"] for action in to_listener["actions"]}
    assert len({nudge["title"] for nudge in heard}) == len({nudge["text"] for nudge in heard}) == len(heard)
    assert len({nudge["why"] for nudge in heard}) == len(heard)
    for who, other in (("member", "listener"), ("listener", "member")):
        assert not {nudge["id"] for nudge in walk.lines[who].heard.all("nudge")} & {
            nudge["id"] for nudge in walk.lines[other].heard.all("nudge")
        }
    assert walk.lines["moderator"].heard.all("nudge") == []


async def a_number_is_covered(walk: Walk) -> None:
    """The member never gets the digits; the listener sees them as written."""
    message = await walk.said("listener", "direct", "My number is 07700 900123, text me any time.")
    shown = await walk.lines["member"].heard.message(message)
    own = await walk.lines["listener"].heard.message(message)
    assert shown["verdict"] == "mask"
    assert not any(digit.isdigit() for digit in shown["text"])
    assert "07700 900123" in own["text"]


async def a_number_in_two_messages_is_covered_in_both(walk: Walk) -> None:
    """The first part was delivered as it was; when the second makes it a number, the host hides the first as well."""
    first = await walk.said("listener", "direct", "0 7 7 0 0")
    assert (await walk.lines["member"].heard.message(first))["verdict"] == "deliver"
    second = await walk.say("listener", "direct", "9 0 0 1 2 3")
    assert second["verdict"] == "mask"
    change = await walk.lines["member"].heard.wait("edited", lambda edited: edited["id"] == first)
    assert (change["chat"], any(digit.isdigit() for digit in change["text"])) == (walk.card["direct"], False)


async def a_report_is_one_click(walk: Walk) -> None:
    """The button files a report with its evidence; the same click again is the same report; the receipt names nobody."""
    member = walk.lines["member"]
    nudge = await member.heard.wait("nudge", lambda nudge: nudge["title"] in titles(Reason.BATTERY))
    token = next(action["token"] for action in nudge["actions"] if action["kind"] == "report")
    first, again = await member.ask("safety:press", {"token": token}), await member.ask("safety:press", {"token": token})
    number = first["receipt"]["number"]
    assert again["receipt"]["number"] == number

    async with aiohttp.ClientSession() as session, session.get(urljoin(walk.place.pages, first["receipt"]["href"])) as response:
        page = await response.text()
    assert response.status == 200
    assert number in page
    people = walk.card["people"].values()
    assert not any(word in page for person in people for word in (person["id"], person["name"]))

    store = walk.place.porch.store
    about = walk.place.name("listener")
    case = next(case for case in await store.cases.all() if case.about == about)
    found = await store.cases.find(case.id)
    assert found is not None
    (report,) = found[1]
    assert (report.number, report.by) == (number, walk.place.name("member"))
    assert report.reason is ReportReason.WANTS_TO_MOVE
    assert report.evidence is not None
    assert set(PRETEXTS) < {said.text for said in report.evidence.said}
    assert (await member.ask("safety:reports", {}))["reports"][0]["number"] == number


async def the_room_hears_what_is_for_the_room(walk: Walk) -> None:
    """A moderator's reminder reaches all, the rules only the one who asked, and nobody else may remind; no command is posted."""
    assert (await walk.say("moderator", "room", "/remind contact"))["ok"]
    for line in walk.lines.values():
        await line.heard.wait("nudge", lambda nudge: nudge["audience"] == "room" and nudge["chat"] == walk.card["room"])
    assert (await walk.say("listener", "room", "/rules"))["ok"]
    rules = await walk.lines["listener"].heard.wait(
        "nudge", lambda nudge: nudge["chat"] == walk.card["room"] and nudge["audience"] != "room"
    )
    refused = await walk.say("member", "room", "/remind contact")
    assert "moderators" in refused["error"]
    last = await walk.said("member", "room", "Good evening, all of you.")
    for who, line in walk.lines.items():
        await line.heard.message(last)
        assert not any(said["text"].startswith("/") for said in line.heard.all("message"))
        heard = [nudge["id"] for nudge in line.heard.all("nudge")]
        assert (rules["id"] in heard) == (who == "listener")


async def a_helpline_is_shown(walk: Walk) -> None:
    """Somebody in a crisis is shown whom to call, and their words arrive."""
    message = await walk.said("member", "direct", "I don't want to be here any more. I'm going to end my life tonight.")
    nudge = await walk.nudge("member", message)
    assert nudge["tone"] == "urgent"
    assert nudge["actions"][0]["kind"] == "helpline"
    assert nudge["actions"][0]["href"].startswith(("tel:", "https://"))
    shown = await walk.lines["listener"].heard.message(message)
    assert shown["verdict"] == "deliver"


SCENES = (
    everybody_gets_their_tip,
    each_pretext_has_its_own_answer,
    a_number_is_covered,
    a_number_in_two_messages_is_covered_in_both,
    a_report_is_one_click,
    the_room_hears_what_is_for_the_room,
    a_helpline_is_shown,
)


async def noticed(seat: Seat, chat: str) -> Payload:
    """What somebody is told in a chat about their report."""
    return await seat.heard.wait("nudge", lambda nudge: nudge.get("confirm", False) and nudge["chat"] == chat)


@pytest.mark.parametrize("host", PLACES)
async def test_a_notice_reaches_whoever_comes_back(host: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """It was said while their page was closed: it comes again, with the same id, each time they come until they were shown it."""
    if host == "node":
        request.getfixturevalue("node")
    async with PLACES[host](tmp_path) as place, by_python(place) as lines:
        walk, store = Walk(place, lines), place.porch.store
        await walk.said("listener", "direct", next(iter(PRETEXTS)))
        away = lines["member"]
        assert isinstance(away, Seat)
        warning = await away.heard.wait("nudge", lambda nudge: any(action["kind"] == "report" for action in nudge["actions"]))
        token = next(action["token"] for action in warning["actions"] if action["kind"] == "report")
        number = (await away.ask("safety:press", {"token": token}))["receipt"]["number"]
        await away.rise()
        (case,) = await store.cases.all()
        assert await store.casework.read(Viewer("noor"), case.id, [number], place.porch.now)
        await place.porch.bell.ring()
        ids: list[str] = []
        for shown in (False, True):
            back = Seat(place.card["people"]["member"])
            await back.sit(place.url)
            for chat in (place.card["direct"], place.card["room"]):  # nobody knows which of them is before their eyes
                notice = await noticed(back, chat)
                assert notice["to"] == [place.card["people"]["member"]["id"]]
                ids.append(notice["id"])
            if shown:
                assert await back.ask("safety:shown", {"id": ids[-1]}) == {}
            await back.rise()
        seen = Seat(place.card["people"]["member"])
        await seen.sit(place.url)
        last = await walk.said("listener", "direct", "good evening to you")
        await seen.heard.message(last)
        assert [nudge for nudge in seen.heard.all("nudge") if nudge.get("confirm")] == []
        await seen.rise()
        assert len(set(ids)) == 1


@pytest.mark.usefixtures("node")
async def test_a_decision_that_no_host_does_is_not_taken(tmp_path: Path) -> None:
    """The example acts on none, and says so: the desk can tell that people have to do it, and the line stands."""
    async with PLACES["node"](tmp_path) as place:
        porch = place.porch
        seen = await porch.store.cases.note_signals(
            "main/listener-1", "main/talk-1", [], urgent=True, now=porch.now, case_id="k1", noticed=Kind.FLIRT
        )
        assert await porch.store.cases.decide(seen.id, "noor", Outcome.REMOVE, porch.now, Random(1))  # noqa: S311 -- any chance will do
        for _ in range(4):
            await porch.bell.ring()
        found = await porch.store.desk.case(Viewer("noor"), "k1")
        assert found is not None
        assert found.asked is not None
        assert found.asked.taken_at is None


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("host", PLACES)
async def test_the_walk(host: str, client: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Every scene plays the same on each host, over either client."""
    if "javascript" in client or host == "node":
        request.getfixturevalue("node")
    async with PLACES[host](tmp_path) as place, CLIENTS[client](place) as lines:
        walk = Walk(place, lines)
        for scene in SCENES:
            await scene(walk)
