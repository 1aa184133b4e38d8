"""The assistant in somebody's own python-socketio server: the program of the README, and who is taken to be where."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import make
import pytest
import socketio
from aiohttp import web
from demo_server import Heard, end_pings

import bot
import bot.app
from bot.edge.chat import drop_slow
from bot.edge.store.sight import Viewer

README = Path(__file__).parent.parent / "README.md"
NUMBER = "My number is 07700 900123, text me any time."
BATTERY = "This app drains my battery so fast, can we use another app?"

PEOPLE = {
    "sam": {"id": "sam", "role": "member", "age": "adult", "name": "Sam", "room": "talk"},
    "robin": {"id": "robin", "role": "listener", "age": "adult", "name": "Robin", "room": "talk"},
    "noor": {"id": "noor", "role": "moderator", "age": "adult", "name": "Noor", "room": "talk"},
}


class Line:
    """A person's line to the chat of the README."""

    def __init__(self) -> None:
        """Connect by ``Chat.join``."""
        self.heard = Heard()
        self.sio = socketio.AsyncClient(reconnection=False)
        self.sio.on("*", self.heard.take)

    async def say(self, text: str, room: str = "talk") -> None:
        """Say something, and wait until the server has done with it."""
        await self.sio.call("say", {"room": room, "text": text}, timeout=5)


class Chat:
    """The program of the README, running."""

    def __init__(self, url: str, program: dict[str, Any], stack: AsyncExitStack) -> None:
        """Have it at an address."""
        self.url = url
        self.safety = program["safety"]
        self.sio = program["sio"]
        self._stack = stack

    async def join(self, *names: str) -> list[Line]:
        """Let people come in, one after the other."""
        lines = []
        for name in names:
            line = Line()
            await line.sio.connect(self.url, auth={"name": name}, transports=["websocket"])
            self._stack.push_async_callback(line.sio.disconnect)
            lines.append(line)
        return lines


@asynccontextmanager
async def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """Run what the README tells people to write, as it stands there, in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(bot.app, "load_rules", lambda _=None: make.rules())
    monkeypatch.setattr(bot.app, "Scanner", lambda _: make.scanner())
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)

    async def who_signed_in(auth: dict[str, str]) -> dict[str, str] | None:
        return PEOPLE.get(auth["name"])

    program: dict[str, Any] = {"who_signed_in": who_signed_in}
    exec(compile(code, "README.md", "exec"), program)  # noqa: S102 -- our own README
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(program["app"], shutdown_timeout=0.1, handle_signals=False)
        await runner.setup()
        stack.push_async_callback(end_pings)
        stack.push_async_callback(runner.cleanup)
        stack.push_async_callback(program["sio"].shutdown)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Chat(f"http://127.0.0.1:{runner.addresses[0][1]}", program, stack)


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """The program of the README, with the assistant switched on."""
    (tmp_path / "porchlight.toml").write_text('[modes]\ndefault = "on"\n[limits]\nmoment_seconds = 0\n')
    async with running(tmp_path, monkeypatch) as chat:
        yield chat


async def test_two_lines_are_enough(chat: Chat) -> None:
    """A talk between two gets tips, a covered number, a warning for one side and coaching for the other, and a report with a receipt."""
    sam, robin = await chat.join("sam", "robin")
    await robin.say(NUMBER)
    said = await sam.heard.wait("said", lambda _: True)
    assert "900123" not in said["text"]
    await sam.heard.wait("nudge", lambda nudge: nudge["tone"] == "tip")
    await robin.heard.wait("nudge", lambda nudge: nudge["message"] == said["id"])
    await robin.say(BATTERY)
    warning = await sam.heard.wait("nudge", lambda nudge: "battery" in nudge["why"] or "battery" in nudge["text"])
    token = next(action["token"] for action in warning["actions"] if action["kind"] == "report")
    receipt = (await sam.sio.call("safety:press", {"token": token}, timeout=5))["receipt"]
    assert receipt["number"]
    theirs = {nudge["id"] for nudge in sam.heard.all("nudge")}
    assert not theirs & {nudge["id"] for nudge in robin.heard.all("nudge")}


async def test_a_notice_reaches_whoever_loads_the_page_anew(chat: Chat) -> None:
    """It was told while their page was closed; when they are back it comes again with its id, until their browser has shown it."""
    sam, robin = await chat.join("sam", "robin")
    await robin.say(BATTERY)
    warning = await sam.heard.wait("nudge", lambda nudge: any(action["kind"] == "report" for action in nudge["actions"]))
    token = next(action["token"] for action in warning["actions"] if action["kind"] == "report")
    assert (await sam.sio.call("safety:press", {"token": token}, timeout=5))["receipt"]
    await sam.sio.disconnect()
    porch = chat.safety.porch
    (case,) = await porch.store.cases.all()
    assert await porch.store.casework.read(Viewer("noor"), case.id, case.reports, porch.now)
    await porch.bell.ring()

    async def back() -> Line:
        (line,) = await chat.join("sam")
        here = [sid for sid, _ in chat.sio.manager.get_participants("/", "talk")]
        (sid,) = [sid for sid in here if (await chat.sio.get_session(sid))["id"] == "sam"]
        await chat.safety.joined(sid, "talk")
        return line

    first = await back()
    notice = await first.heard.wait("nudge", lambda nudge: nudge.get("confirm", False))
    await first.sio.disconnect()
    again = await back()
    assert (await again.heard.wait("nudge", lambda nudge: nudge.get("confirm", False)))["id"] == notice["id"]
    assert await again.sio.call("safety:shown", {"id": notice["id"]}, timeout=5) == {}
    await again.sio.disconnect()
    seen = await back()
    await seen.say("I'm back")
    assert not any(nudge.get("confirm") for nudge in seen.heard.all("nudge"))


async def test_what_is_said_to_the_assistant_is_posted_nowhere(chat: Chat) -> None:
    """A known command is answered to the one who typed it; what only looks like one is a message."""
    sam, robin = await chat.join("sam", "robin")
    await sam.say("/rules")
    await sam.heard.wait("nudge", lambda nudge: nudge["audience"] == "to-sender")
    await sam.say("/shrug")
    assert (await robin.heard.wait("said", lambda _: True))["text"] == "/shrug"
    assert len(robin.heard.all("said")) == 1
    assert {nudge["audience"] for nudge in robin.heard.all("nudge")} <= {"to-other"}


@pytest.mark.parametrize("said_before", [(), ("Good evening.",)])
async def test_a_talk_becomes_a_room_when_a_third_comes(chat: Chat, said_before: tuple[str, ...]) -> None:
    """Who comes later is known with their next word or anybody's; what is for the whole room reaches them and holds from then on."""
    sam, _ = await chat.join("sam", "robin")
    for text in said_before:
        await sam.say(text)
    (noor,) = await chat.join("noor")
    await noor.say("Good evening, all of you.")
    known = chat.safety.porch.chats["talk"]
    assert ({person.id for person in known.people}, known.kind) == ({"sam", "robin", "noor"}, "room")


async def test_whoever_was_followed_by_somebody_else_hears_no_more(chat: Chat) -> None:
    """Two are in the room again, and the one who left it has nothing to do with what they say."""
    sam, robin = await chat.join("sam", "robin")
    await sam.say("Good evening.")
    await chat.sio.leave_room(robin.sio.get_sid(), "talk")
    (noor,) = await chat.join("noor")
    await noor.say("Good evening, Sam.")
    known = chat.safety.porch.chats["talk"]
    assert ({person.id for person in known.people}, known.kind) == ({"sam", "noor"}, "direct")


async def test_a_stranger_is_delivered_and_can_press_nothing(chat: Chat) -> None:
    """Whoever the host itself does not know is not read; nobody's button works for them."""
    sam, robin = await chat.join("sam", "robin")
    sid = next(sid for sid, _ in chat.sio.manager.get_participants("/", "talk"))
    await chat.sio.save_session(sid, {})
    await sam.say(NUMBER)
    assert "900123" in (await robin.heard.wait("said", lambda _: True))["text"]
    assert await sam.sio.call("safety:panel", {}, timeout=5) == {"error": "You are not signed in."}


async def test_whoever_signs_in_anew_leaves_the_notes_of_the_other(chat: Chat) -> None:
    """One socket, another person: what is for the first no longer reaches it."""
    sam, _ = await chat.join("sam", "robin")
    await sam.say("hello")
    sid = next(sid for sid, _ in chat.sio.manager.get_participants("/", "porchlight:sam"))
    await chat.sio.save_session(sid, {**PEOPLE["sam"], "id": "someone else"})
    await sam.say("hello again")
    assert list(chat.sio.manager.get_participants("/", "porchlight:sam")) == []


async def test_without_settings_nobody_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It reads and counts, shows nothing and changes nothing, and says so to whoever runs it."""
    async with running(tmp_path, monkeypatch) as chat:
        sam, robin = await chat.join("sam", "robin")
        await robin.say(NUMBER)
        assert (await sam.heard.wait("said", lambda _: True))["text"] == NUMBER
        assert chat.safety.porch.would["mask"] == 1
        await sam.say("thank you")
        assert [line.heard.all("nudge") for line in (sam, robin)] == [[], []]
    assert "shows nothing" in caplog.text


async def test_if_it_fails_messages_are_delivered(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose assistant breaks goes on as if it were not there."""
    sam, robin = await chat.join("sam", "robin")
    monkeypatch.setattr(type(chat.safety), "hear", None)
    await sam.say(NUMBER)
    assert "900123" in (await robin.heard.wait("said", lambda _: True))["text"]


async def test_importing_the_middle_brings_no_server() -> None:
    """``attach`` is there when it is asked for; ``import bot`` alone is light."""
    program = "import sys, bot, bot.text; print('socketio' in sys.modules, callable(bot.attach), 'socketio' in sys.modules)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=README.parent)
    printed, _ = await child.communicate()
    assert printed.decode().split() == ["False", "True", "True"]
    with pytest.raises(AttributeError):
        _ = bot.no_such_thing


async def test_a_client_that_does_not_read_is_cut_off(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """When more waits for a client than the rule says, its line is cut; the others keep theirs."""
    monkeypatch.setattr("bot.edge.chat.WATCH_SECONDS", 0.02)
    sam, robin = await chat.join("sam", "robin")
    watching = asyncio.create_task(drop_slow(chat.sio, 100))
    deaf = next(sid for sid, _ in chat.sio.manager.get_participants("/", "talk"))
    line = chat.sio.eio.sockets[chat.sio.manager.eio_sid_from_sid(deaf, "/")]
    transport = sam.sio.eio.ws._response.connection.transport  # noqa: SLF001 -- there is no other way to it
    transport.pause_reading()  # as a browser whose tab is frozen
    async with asyncio.timeout(20):
        while not line.closed:
            for _ in range(200):
                await chat.sio.emit("said", {"text": "x" * 5_000}, to=deaf)
            await asyncio.sleep(0.01)
    assert robin.sio.connected
    await robin.say("hello")
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    transport.abort()
