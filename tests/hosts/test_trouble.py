"""The matrix of trouble: what happens to people's messages and notes when a host, the assistant or the line between them fails."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from demo_server import Payload, Seat
from node_host import CARD, TOKEN, bot_of, linked, node_host, serving_to, until
from pydantic import SecretStr

from bot.edge.link.line import Line
from bot.edge.settings import HostSetting
from bot.serve import Served

pytestmark = pytest.mark.usefixtures("node")
PATIENCE = 0.8
"""Seconds that the host waits for an answer, where a test counts how often it waits."""

SOON = PATIENCE / 2
"""Seconds that tell a message that waited from one that did not; a hundred times what is usual, for busy machines."""

BATTERY = "This app drains my battery so fast, can we use another app?"
NUMBER = "My number is 07700 900123, text me any time."


@asynccontextmanager
async def seated(url: str) -> AsyncIterator[dict[str, Seat]]:
    """Everybody at the example's chat, by a line each."""
    async with AsyncExitStack() as stack:
        seats = {role: Seat(person) for role, person in CARD["people"].items()}
        for seat in seats.values():
            stack.push_async_callback(seat.rise)
            await seat.sit(url)
        yield seats


def saying(number: object, text: str) -> Payload:
    """What a client sends to say something in the talk."""
    return {"chat": CARD["direct"], "id": str(number), "text": text}


async def test_a_line_that_stands_carries_everything(tmp_path: Path) -> None:
    """Verdict, note and figures over the official server, with nothing wrong; no figure holds a name or a word."""
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        member, listener = seats["member"], seats["listener"]
        await member.heard.wait("nudge", lambda nudge: nudge["tone"] == "tip")
        asked = await listener.ask("say", saying(1, BATTERY))
        warned = await member.heard.wait("nudge", lambda nudge: nudge["message"] == asked["id"])
        assert (warned["to"], warned["chat"], warned["tone"]) == ([member.id], CARD["direct"], "warning")
        given = await listener.ask("say", saying(2, NUMBER))
        assert given["verdict"] == "mask"
        shown = await member.heard.message(given["id"])
        assert "900123" not in shown["text"]
        async with aiohttp.ClientSession() as session:
            pages = {}
            for page in ("healthz", "readyz", "metrics"):
                async with session.get(f"{served.status}/{page}") as response:
                    assert response.status == 200
                    pages[page] = await response.text()
        assert json.loads(pages["readyz"]) == {"ready": True, "lacking": {}}
        assert 'porchlight_verdicts_total{host="main",verdict="mask"} 1.0' in pages["metrics"]
        assert not [word for word in (member.id, CARD["direct"], "Sam", "battery", "07700") if word in pages["metrics"]]


async def test_logs_hold_no_words_tokens_or_names(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the finest level of logging, with lines that come and go, nothing of what people write, hold or are called is written down."""
    caplog.set_level(logging.DEBUG)
    for name in ("socketio", "engineio", "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        note = await warned(seats, 1)
        assert await is_covered(seats, 2)
        await host.do("ask", event="message", payload={"id": BATTERY, "chat": 7, "author": seats["listener"].id, "text": [NUMBER]})
        monkeypatch.setattr(served.porch, "hear", None)  # so that everything fails
        await seats["listener"].ask("say", saying(3, NUMBER))
        await host.do("kick")
        await until(lambda: not line_of(served).is_up)
    ours = [record for record in caplog.records if record.name.startswith("bot")]
    assert ours
    secrets = [
        BATTERY,
        "07700",
        TOKEN,
        "Sam",
        seats["listener"].id,
        *(action["token"] for action in note["actions"] if action.get("token")),
    ]
    written = "\n".join(record.getMessage() + (record.exc_text or "") for record in ours)
    assert not [secret for secret in secrets if secret in written]


async def warned(seats: dict[str, Seat], number: object) -> Payload:
    """Let the listener try to move, and give the member's warning."""
    asked = await seats["listener"].ask("say", saying(number, BATTERY))
    return await seats["member"].heard.wait("nudge", lambda nudge: nudge["message"] == asked["id"])


async def is_covered(seats: dict[str, Seat], number: object) -> bool:
    """Whether a number is covered now."""
    answer = await seats["listener"].ask("say", saying(number, NUMBER))
    return bool(answer["verdict"] == "mask")


def line_of(served: Served) -> Line:
    """The one line there is."""
    (link,) = served.links
    (line,) = link.lines
    return line


# --- the host fails --------------------------------------------------------------------------------------------------


async def test_a_host_is_killed_and_started_again(tmp_path: Path) -> None:
    """The line comes back by itself, everything is judged again, and nobody gets an early tip a second time."""
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served:
        async with seated(host.url) as seats:
            assert await is_covered(seats, 1)
            await host.kill()
            await until(lambda: not line_of(served).is_up)
            assert line_of(served).problem
        await host.start()
        await until(lambda: line_of(served).proven)
        async with seated(host.url) as seats:
            assert await is_covered(seats, 2)
            assert await warned(seats, 3)
            assert seats["member"].heard.all("nudge")[0]["tone"] != "tip"
        (link,) = served.links
        assert link.count.connections >= 2


async def test_the_namespace_is_kicked(tmp_path: Path) -> None:
    """After a disconnect by the server, which ends python-socketio's client for good, there is a new line."""
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        for number in range(3):
            before = next(iter(served.links)).count.connections
            await host.do("kick")
            await until(lambda before=before: next(iter(served.links)).count.connections > before and line_of(served).proven)
            assert await is_covered(seats, number)


async def test_a_frozen_host_is_let_go_and_hears_everything_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it does not acknowledge ends the line; what is to be said waits, within its bound, and comes when it is back."""
    monkeypatch.setattr("bot.edge.link.link.PUSH_SECONDS", 0.2)
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        (link,) = served.links
        note = {**await warned(seats, 1), "id": "a note of its own"}
        host.freeze()
        link.push("nudge", note)
        await until(lambda: link.count.dropped_lines and not line_of(served).is_up)
        await until(lambda: len(link.outbox) == 1)
        host.thaw()
        await seats["member"].heard.wait("nudge", lambda nudge: nudge["id"] == note["id"])
        await until(lambda: len(link.outbox) == 0)
        assert await is_covered(seats, 2)


# --- the token -------------------------------------------------------------------------------------------------------


async def test_a_wrong_token_is_named_and_a_right_one_is_read_at_once(tmp_path: Path) -> None:
    """Refused, the line says why without the token; the file is read at each attempt, so nothing has to be started again."""
    file = tmp_path / "token"
    file.write_text("a wrong one\n")
    async with node_host(tmp_path) as host, linked(tmp_path, host.url, ready=False, token="", token_file=file) as served:
        line = line_of(served)
        await until(lambda: "token" in line.problem)
        async with aiohttp.ClientSession() as session, session.get(f"{served.status}/readyz") as response:
            lacking = await response.text()
            assert (response.status, "token" in lacking, "a wrong one" in lacking) == (503, True, False)
        file.unlink()
        await until(lambda: "cannot be read" in line.problem)
        file.write_text(TOKEN)
        await until(lambda: line.proven)


async def test_a_token_is_rotated_on_running_systems(tmp_path: Path) -> None:
    """First both sides change their file, then the line is cut, and it comes back by the new one; the old one is refused."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for file in (theirs, ours):
        file.write_text("the old one")
    async with node_host(tmp_path, tokenFile=str(theirs)) as host, linked(tmp_path, host.url, token="", token_file=ours) as served:
        theirs.write_text("the new one")
        await host.do("kick")
        await until(lambda: "token" in line_of(served).problem)
        ours.write_text("the new one")
        await until(lambda: line_of(served).proven)


# --- the assistant fails ---------------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
async def test_the_assistant_is_killed_and_started_again_in_mid_chat(tmp_path: Path) -> None:
    """Meanwhile messages arrive as written and at once, commands do not; later what was missed is read, and nobody is greeted twice."""
    async with node_host(tmp_path) as host, bot_of(tmp_path, host.url) as bot, seated(host.url) as seats:
        member, listener = seats["member"], seats["listener"]
        tip = await member.heard.wait("nudge", lambda nudge: nudge["tone"] == "tip")
        assert await is_covered(seats, 1)
        await bot.kill()
        begun = time.perf_counter()
        missed = await listener.ask("say", saying(2, BATTERY))
        assert (missed["verdict"], time.perf_counter() - begun < SOON) == ("deliver", True)
        assert (await member.heard.message(missed["id"]))["text"] == BATTERY
        away = await member.ask("say", {**saying(3, "/mod he wants to move"), "chat": CARD["room"]})
        assert "not sent" in away["error"]
        await bot.start()
        await member.heard.wait("nudge", lambda nudge: nudge["message"] == missed["id"])
        assert await is_covered(seats, 4)
        tips = [nudge for nudge in member.heard.all("nudge") if nudge["message"] is None and nudge["chat"] == CARD["direct"]]
        assert tips == [tip]
        assert not any(said["text"].startswith("/") for seat in seats.values() for said in seat.heard.all("message"))


@pytest.mark.timeout(300)
async def test_the_assistant_freezes_for_seconds(tmp_path: Path) -> None:
    """The host waits three times at most, then no more; when it asks again all is as before, and a late warning is still shown."""
    manners = {"patience": 1_000 * PATIENCE, "rest": 2_000}
    async with node_host(tmp_path, manners=manners) as host, bot_of(tmp_path, host.url) as bot, seated(host.url) as seats:
        assert await is_covered(seats, 0)
        bot.freeze()
        frozen_at = time.perf_counter()
        took = []
        late = ""
        for number in range(1, 9):
            begun = time.perf_counter()
            answer = await seats["listener"].ask("say", saying(number, BATTERY if number == 1 else "hello"))
            took.append(time.perf_counter() - begun)
            assert answer["verdict"] == "deliver"
            late = late or str(answer["id"])
        waited = [one for one in took if one >= SOON]
        assert 1 <= len(waited) <= 3, took
        assert all(PATIENCE * 0.9 <= one < 2 * PATIENCE for one in waited), took
        assert took[: len(waited)] == waited
        await asyncio.sleep(max(0, 2 - (time.perf_counter() - frozen_at)))
        bot.thaw()
        await seats["member"].heard.wait("nudge", lambda nudge: nudge["message"] == late)
        async with asyncio.timeout(20):
            number = 10
            while not await is_covered(seats, number):
                number += 1
                await asyncio.sleep(0.1)


# --- what comes over the line ----------------------------------------------------------------------------------------


async def test_a_message_of_six_megabytes(tmp_path: Path) -> None:
    """It is delivered unread, the answer says so, and the line stands; what is above the operator's limit ends it, and it comes back."""
    async with node_host(tmp_path) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        huge = {"id": "huge", "chat": CARD["direct"], "author": seats["listener"].id, "text": 6_000_000}
        answer = await host.do("ask", event="message", payload=huge, fill="text")
        assert (answer["verdict"], answer["field"]) == ("deliver", "text")
        (link,) = served.links
        assert (link.count.connections, await is_covered(seats, 1)) == (1, True)
        answer = await host.do("ask", event="message", payload={**huge, "text": 9_000_000}, fill="text")
        assert "failed" in answer
        await until(lambda: link.count.connections > 1 and line_of(served).proven)
        assert await is_covered(seats, 2)


async def test_a_host_with_connection_state_recovery(tmp_path: Path) -> None:
    """Broadcasts then carry an offset as one argument more; they are heard all the same."""
    async with node_host(tmp_path, recovery=True) as host, linked(tmp_path, host.url) as served, seated(host.url) as seats:
        assert await is_covered(seats, 1)
        teen = {"id": seats["member"].id, "role": "member", "age": "teen"}
        await host.do("tell", event="person.update", payload={"person": teen})
        known = served.porch.chats[f"main/{CARD['direct']}"]

        def is_teen() -> bool:
            person = served.porch.chats[known.id].person(f"main/{seats['member'].id}")
            return person is not None and person.age == "teen"

        await until(is_teen)


async def test_a_host_that_packs_its_packets(tmp_path: Path) -> None:
    """With the parser named in the settings a msgpack host is a host like any other; without, the line says what may be wrong."""
    async with node_host(tmp_path, msgpack=True) as host, linked(tmp_path, host.url, serializer="msgpack") as served:
        opened = {"chat": "c1", "kind": "direct", "people": [{"id": "a", "role": "listener"}, {"id": "b", "role": "member"}]}
        assert "nudges" in await host.do("ask", event="chat.open", payload=opened)
        said = {"id": "1", "chat": "c1", "author": "a", "text": NUMBER}
        assert (await host.do("ask", event="message", payload=said))["verdict"] == "mask"
        assert line_of(served).is_up


async def test_two_hosts_with_the_same_names(tmp_path: Path) -> None:
    """What is said at one host reaches nobody at the other, whatever they call their people and chats, and no button works there."""
    async with node_host(tmp_path) as one, node_host(tmp_path) as other:
        hosts = {"one": HostSetting(url=one.url, token=SecretStr(TOKEN)), "other": HostSetting(url=other.url, token=SecretStr(TOKEN))}
        async with serving_to(tmp_path, **hosts), seated(one.url) as seats, seated(other.url) as others:
            note = await warned(seats, 1)
            answer = await others["listener"].ask("say", saying(1, "How has your week been?"))
            await others["member"].heard.message(answer["id"])
            assert [nudge["tone"] for nudge in others["member"].heard.all("nudge")] == ["tip"]
            token = next(action["token"] for action in note["actions"] if action["kind"] == "report")
            assert "somebody else" in (await others["member"].ask("safety:press", {"token": token}))["error"]
            assert (await seats["member"].ask("safety:press", {"token": token}))["receipt"]


# --- several processes -----------------------------------------------------------------------------------------------


async def test_two_processes_over_redis(tmp_path: Path, redis: str) -> None:
    """With a line to each process every message is judged once, wherever it comes to, and every note shown once, wherever people are."""
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(node_host(tmp_path, redis=redis)) for _ in range(2)]
        async with linked(tmp_path, one.url, other.url) as served:
            judged: Counter[str] = Counter()
            served.porch.watch = lambda message, *_: judged.update([message.id])
            seats = {role: Seat(person) for role, person in CARD["people"].items()}
            for role, seat in seats.items():
                stack.push_async_callback(seat.rise)
                await seat.sit(one.url if role == "listener" else other.url)
            for number in range(20):
                for role, text in (("listener", NUMBER if number else BATTERY), ("member", "I see.")):
                    answer = await seats[role].ask("say", saying(number, text))
                    assert answer["ok"]
                    await seats["member" if role == "listener" else "listener"].heard.message(answer["id"])
            assert len(judged) == 40
            assert set(judged.values()) == {1}
            await asyncio.sleep(0.2)
            for seat in seats.values():
                shown = Counter(nudge["id"] for nudge in seat.heard.all("nudge"))
                assert set(shown.values()) <= {1}
                assert all(seat.id in nudge["to"] for nudge in seat.heard.all("nudge"))
            assert seats["member"].heard.all("nudge")
            await other.kill()
            assert (await seats["listener"].ask("say", saying("last", NUMBER)))["verdict"] == "mask"
