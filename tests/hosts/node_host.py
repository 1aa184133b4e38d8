"""The example's chat on the official Socket.IO server as a child of a test, that can be killed, stopped and started again."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import make

import bot.app
from bot.edge.settings import HostSetting, ModesSetting, ServeSetting, Settings
from bot.policy import Mode
from bot.serve import Served, serving

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE = 20.0
DEADLINE = 1.5
"""Seconds that the assistant takes for an answer at most; the usual tenth of one is too short for a machine busy with tests."""
START = 100.0
"""Seconds for the assistant to read its rules, on a machine that has other things to do."""
TOKEN = "the token of the tests"  # noqa: S105 -- of the tests alone
NAMES = {"member": "Sam", "listener": "Robin", "moderator": "Noor"}

Payload = dict[str, Any]

CARD: Payload = {
    "people": {role: {"id": f"{role}-1", "role": role, "name": name, "token": f"{role} sits here"} for role, name in NAMES.items()},
    "direct": "talk-1",
    "room": "room-1",
}
"""Who is at the example's chat, and what its chats are called."""


def settings_of(card: Payload, **more: object) -> Payload:
    """What ``chat.mjs`` is to be told."""
    people = {person["token"]: {**person, "age": "adult"} for person in card["people"].values()}
    ids = {role: person["id"] for role, person in card["people"].items()}
    direct = {"id": card["direct"], "kind": "direct", "title": "A talk", "people": [ids["member"], ids["listener"]]}
    room = {"id": card["room"], "kind": "room", "title": "A room", "people": list(ids.values())}
    return {"token": TOKEN, "people": people, "chats": [direct, room], "manners": {"patience": 2_000}, "ping": 2_000, **more}


class NodeHost:
    """``chat.mjs``, listening on a port that it keeps over its lives."""

    def __init__(self, folder: Path, **settings: object) -> None:
        """Start it by ``start``."""
        self.port = 0
        self._settings = settings_of(CARD, **settings)
        self._file = folder / f"chat-{id(self)}.json"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it listens."""
        self._file.write_text(json.dumps({**self._settings, "port": self.port}))
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec("node", "poke.mjs", self._file, cwd=HERE, stdin=pipe, stdout=pipe)
        self.port = int(await self._printed())

    async def do(self, deed: str, **more: object) -> Any:  # noqa: ANN401 -- whatever came of it
        """Have it do something of ``poke.mjs``."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": deed, **more}).encode() + b"\n")
        return json.loads(await self._printed())

    async def _printed(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        return await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Let it stand still, with all its lines open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def node_host(folder: Path, **settings: object) -> AsyncIterator[NodeHost]:
    """Run the example's chat."""
    host = NodeHost(folder, **settings)
    try:
        await host.start()
        yield host
    finally:
        await host.kill()


def bot_settings(folder: Path, **hosts: HostSetting) -> Settings:
    """An assistant for these hosts, switched on, on free ports, with its database and key in a folder."""
    written: Payload = {"database": str(folder / "porchlight.db"), "key_file": folder / "porchlight.key", "hosts": hosts}
    written["limits"] = {"moment_seconds": 0}  # tests do not wait as people do
    return Settings(modes=ModesSetting(default=Mode.ON), serve=ServeSetting(port=0, status_port=0), **written)


@asynccontextmanager
async def serving_to(folder: Path, **hosts: HostSetting) -> AsyncIterator[Served]:
    """The assistant in this loop, linked to these hosts."""
    # Reading and compiling the rules takes seconds, and they never change: once for all tests.
    load = patch.object(bot.app, "load_rules", lambda _=None: make.rules())
    scan = patch.object(bot.app, "Scanner", lambda _: make.scanner())
    async with AsyncExitStack() as stack:
        with load, scan:
            served = await stack.enter_async_context(serving(bot_settings(folder, **hosts)))
        yield served


@asynccontextmanager
async def linked(folder: Path, *urls: str, ready: bool = True, **more: Any) -> AsyncIterator[Served]:  # noqa: ANN401 -- whatever a host's setting may be
    """The assistant in this loop, linked to a host; ready, if it is to be."""
    async with serving_to(folder, main=HostSetting(urls=urls, **{"token": TOKEN, "deadline": DEADLINE, **more})) as served:
        if ready:
            await until(lambda: all(line.proven for link in served.links for line in link.lines))
        yield served


class Bot:
    """``run.py serve`` as a child of a test, that can be killed, stopped and started again."""

    def __init__(self, folder: Path, *urls: str, **more: object) -> None:
        """Start it by ``start``."""
        self._folder = folder
        setting = {"urls": urls, "token": TOKEN, "deadline": DEADLINE, **more}
        written = "\n".join(f"{name} = {json.dumps(value)}" for name, value in setting.items())
        serve = "[serve]\nport = 0\nstatus_port = 0\n"
        (folder / "porchlight.toml").write_text(f"[limits]\nmoment_seconds = 0\n{serve}[modes]\ndefault = 'on'\n[hosts.main]\n{written}\n")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it is linked."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, ROOT / "run.py", "serve")
        self._process = await asyncio.create_subprocess_exec(*command, cwd=self._folder, stderr=pipe)
        assert self._process.stderr is not None
        async with asyncio.timeout(START):
            while b"linked" not in await self._process.stderr.readline():
                assert self._process.returncode is None

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Let it stand still, with its line open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def bot_of(folder: Path, *urls: str, **more: object) -> AsyncIterator[Bot]:
    """Run the assistant as operators do."""
    served = Bot(folder, *urls, **more)
    try:
        await served.start()
        yield served
    finally:
        await served.kill()


async def until(holds: Any) -> None:  # noqa: ANN401 -- a question without arguments
    """Wait until something holds that nothing tells of."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 -- as said
            await asyncio.sleep(0.01)
