"""Chats that do not speak the contract: observed by a table, and whispered into only where that is proven to be private."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from demo_server import Heard
from hypothesis import given
from hypothesis import strategies as st
from node_host import HERE, PATIENCE, ROOT, serving_to, until
from pydantic import ValidationError

from bot.edge.link.mapped import as_text
from bot.edge.mapping import Mapping, MessageMap, at, filled, read
from bot.edge.settings import HostSetting
from bot.model import ChatKind
from bot.serve import Served

NUMBER = "My number is 07700 900123, text me any time."
TABLES = [tomllib.loads(block)["hosts"] for block in re.findall(r"```toml\n(.*?)```", (ROOT / "docs/protocol.md").read_text(), re.DOTALL)]
"""The tables that the documents show."""


def shown(name: str, url: str) -> HostSetting:
    """The setting of that name in the documents, with another address."""
    table = next(table[name] for table in TABLES if name in table)
    return HostSetting(**{**table, "url": url})


@asynccontextmanager
async def shape(name: str) -> AsyncIterator[str]:
    """Run a chat of a shape, and give its address."""
    process = await asyncio.create_subprocess_exec("node", "shapes.mjs", name, cwd=HERE, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


class Guest:
    """Somebody at such a chat."""

    def __init__(self) -> None:
        """Connect by ``come``."""
        self.heard = Heard()
        self.sio = socketio.AsyncClient(reconnection=False)
        self.sio.on("*", self.heard.take)

    async def come(self, url: str, stack: AsyncExitStack, name: str) -> None:
        """Connect under a name."""
        await self.sio.connect(url, auth={"username": name}, transports=["websocket"])
        stack.push_async_callback(self.sio.disconnect)


async def guests(url: str, stack: AsyncExitStack, *names: str) -> list[Guest]:
    """Let people come."""
    came = [Guest() for _ in names]
    for guest, name in zip(came, names, strict=True):
        await guest.come(url, stack, name)
    return came


def problem_of(served: Served) -> str:
    """What is wrong with the one line there is."""
    (link,) = served.links
    return link.lines[0].problem


@pytest.mark.usefixtures("node")
async def test_a_room_is_observed_and_nobody_hears_of_it(tmp_path: Path) -> None:
    """What is said is read under the names that the table tells; notes are counted and said to nobody."""
    async with shape("chat") as url, serving_to(tmp_path, lounge=shown("lounge", url)) as served, AsyncExitStack() as stack:
        (link,) = served.links
        await until(lambda: link.is_up)
        robin, sam = await guests(url, stack, "robin", "sam")
        for guest, name in ((robin, "robin"), (sam, "sam")):
            await guest.sio.emit("add user", name)
            await guest.heard.wait("login", lambda _: True)
        await robin.sio.emit("new message", NUMBER)
        await sam.heard.wait("new message", lambda said: said["message"] == NUMBER)
        await sam.sio.emit("new message", "No, thank you.")
        await until(lambda: sum(link.count.verdicts.values()) == 2)
        await until(lambda: link.count.withheld)
        chat = served.porch.chats["lounge/lounge"]
        assert chat.kind is ChatKind.ROOM
        assert {(person.id, person.role, person.age) for person in chat.people} == {
            ("lounge/robin", "listener", "adult"),
            ("lounge/sam", "member", "adult"),
        }
        assert {name for name, _ in (*robin.heard.packets, *sam.heard.packets)} <= {"login", "new message"}
        assert len(sam.heard.all("new message")) == 1


@pytest.mark.usefixtures("node")
async def test_a_whisper_is_proven_and_then_reaches_one_person(tmp_path: Path) -> None:
    """Both sides of a talk get their own note, in words that claim nothing was covered, and nobody else hears a thing."""
    async with shape("private") as url, serving_to(tmp_path, whispers=shown("whispers", url)) as served, AsyncExitStack() as stack:
        (link,) = served.links
        await until(lambda: link.lines[0].proven)
        sam, robin, other = await guests(url, stack, "sam", "robin", "other")
        ids = [(await guest.heard.wait("session", lambda _: True))["userID"] for guest in (sam, robin)]
        await robin.sio.emit("private message", {"content": NUMBER, "to": ids[0]})
        await until(lambda: len(sam.heard.all("private message")) == 3)  # what Robin said, the early tip, the warning
        await robin.heard.wait("private message", lambda said: "Your details can be seen" in said["content"])
        await until(lambda: link.count.nudges.total() == 4)
        assert len(robin.heard.all("private message")) == 2
        heard = [{said["content"] for said in guest.heard.all("private message")} for guest in (sam, robin)]
        assert len(heard[0] & heard[1]) == 1  # the early tip, which is the same for two members
        assert all("hidden" not in said["content"] and "covered" not in said["content"] for said in sam.heard.all("private message"))
        assert other.heard.all("private message") == []
        (chat,) = served.porch.chats.values()
        assert {person.id for person in chat.people} == {f"whispers/{one}" for one in ids}


@pytest.mark.usefixtures("node")
async def test_where_a_whisper_leaks_nothing_is_whispered(tmp_path: Path) -> None:
    """The probe hears it next door: the line says so, and people hear nothing from the assistant."""
    async with shape("leaky") as url, serving_to(tmp_path, whispers=shown("whispers", url)) as served, AsyncExitStack() as stack:
        (link,) = served.links
        await until(lambda: "somebody else" in problem_of(served))
        sam, robin = await guests(url, stack, "sam", "robin")
        to = (await sam.heard.wait("session", lambda _: True))["userID"]
        await robin.sio.emit("private message", {"content": NUMBER, "to": to})
        await until(lambda: len(link.outbox) > 0)
        await asyncio.sleep(0.2)
        assert [said["content"] for said in sam.heard.all("private message")] == [NUMBER]
        assert not link.lines[0].proven
        async with aiohttp.ClientSession() as session, session.get(f"{served.status}/readyz") as response:
            assert (response.status, "somebody else" in await response.text()) == (503, True)


def test_a_note_as_plain_text() -> None:
    """Its links are written out where they lead somewhere by themselves."""
    actions = [{"label": "Report", "href": "https://safety.example/report/x"}, {"label": "More", "href": "/help"}, {"label": "Leave"}]
    assert (
        as_text({"title": "T", "text": "What to know.", "actions": actions}) == "T\nWhat to know.\nReport: https://safety.example/report/x"
    )


def test_a_whisper_without_a_probe_is_refused() -> None:
    """The settings are not taken: nobody would know where it arrives."""
    table = next(table["whispers"] for table in TABLES if "whispers" in table)["map"]
    with pytest.raises(ValidationError, match="probe"):
        Mapping(**{name: value for name, value in table.items() if name != "probe"})


@pytest.mark.parametrize(
    ("table", "arguments", "seen"),
    [
        ({"text": "m", "author": "u"}, ({"m": "hi", "u": "sam"},), ("room", "sam", "hi", "")),
        (
            {"text": "m.text", "author": "m.by.id", "id": "m.id", "chat": "to"},
            ({"to": 7, "m": {"text": "hi", "by": {"id": 3}, "id": 9}},),
            ("7", "3", "hi", "9"),
        ),
        ({"text": "1", "author": "0"}, ("sam", "hi"), ("room", "sam", "hi", "")),
        ({"text": "t", "author": "f", "chat": ("f", "o")}, ({"t": "hi", "f": "b", "o": "a"},), ("a & b", "b", "hi", "")),
        ({"text": "t", "author": "f", "chat": ("f", "o")}, ({"t": "hi", "f": "b"},), None),
        ({"text": "t", "author": "f"}, ({"t": 7, "f": "b"},), None),
        ({"text": "t", "author": "f"}, ({"t": "hi", "f": True},), None),
        ({"text": "t", "author": "f"}, (), None),
        ({"text": "t", "author": "f"}, ("hi",), None),
    ],
)
def test_a_table_reads_what_it_says(table: dict[str, Any], arguments: tuple[Any, ...], seen: tuple[str, ...] | None) -> None:
    """Paths lead through objects and lists; an event of another form is passed over."""
    found = read(MessageMap(event="e", **table), arguments)
    assert (None if found is None else (found.chat, found.author, found.text, found.id)) == seen


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)), st.text())
def test_no_path_fails(payload: object, path: str) -> None:
    """Whatever a host sends and a table says, reading ends in something or nothing."""
    at(payload, path)


@given(st.text(), st.text())
def test_what_people_write_fills_no_other_hole(to: str, text: str) -> None:
    """A text that looks like a hole of the template stays a text."""
    assert filled({"to": "{to}", "content": ["{text}", {"n": 1}]}, to=to, text=text) == {"to": to, "content": [text, {"n": 1}]}
