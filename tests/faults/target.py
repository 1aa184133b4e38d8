"""What is killed: a small chat server with the assistant in it, forked anew for each round from a process that has read all the rules.

It takes lines on its standard input: ``begin`` starts a server and prints its port, ``kill`` ends it without a word.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

import bot.app
from bot.assistant import Assistant
from bot.edge import upkeep
from bot.edge.settings import ModesSetting, Settings
from bot.edge.store.sight import Viewer
from bot.embed import Embedded, attach
from bot.links import Links
from bot.model import ChatKind, Outcome, Person, Role
from bot.policy import Mode
from bot.spot import Scanner

PACE = 0.02
"""Seconds between two acts of the moderators, and between two rings of the bell."""


def chat_server(settings: Settings) -> tuple[web.Application, Embedded]:
    """A host as small as can be: who connects says who they are, and opens a chat with whom they name."""
    sio = socketio.AsyncServer(async_mode="aiohttp", logger=False, engineio_logger=False)
    app = web.Application()
    sio.attach(app)
    here: dict[str, Person] = {}
    safety = attach(sio, app, settings=settings, who=here.get, room_of=room_of)

    async def connect(sid: str, _: object, auth: dict[str, str]) -> None:
        here[sid] = Person(auth["person"], Role.MEMBER)
        await sio.enter_room(sid, room_of(auth["person"]))

    async def enter(sid: str, chat: str, other: str) -> bool:
        await safety.opened(chat, ChatKind.DIRECT, (here[sid], Person(other, Role.LISTENER)))
        return True

    sio.on("connect", connect)
    sio.on("enter", enter)
    return app, safety


def room_of(person: str) -> str:
    """The room of one person's sockets."""
    return f"user:{person}"


async def moderate(safety: Embedded, chance: random.Random) -> None:
    """Read and decide without a pause, and ring the bell: every instant is one at which something is being written."""
    store = safety.porch.store
    while True:
        await asyncio.sleep(PACE)
        cases = await store.cases.all()
        if cases:
            case = chance.choice(cases)
            await store.casework.read(Viewer("noor"), case.id, case.reports, safety.porch.now)
            if chance.random() < 0.3:
                await store.cases.decide(case.id, "noor", chance.choice([Outcome.NO_BREACH, Outcome.RESTRICT]), safety.porch.now, chance)
        await safety.porch.bell.ring()


async def serve(line: socket.socket, settings: Settings) -> None:
    """Serve until killed."""
    app, safety = chat_server(settings)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    moderators = asyncio.create_task(moderate(safety, random.Random()))  # noqa: S311 -- nothing secret is drawn
    line.sendall(f"{runner.addresses[0][1]}\n".encode())
    await moderators


def main(database: str, key_file: str) -> None:
    """Fork, kill, and fork again, as told."""
    settings = Settings(database=database, key_file=Path(key_file), modes=ModesSetting(default=Mode.ON))
    known = bot.app.build_assistant("none", settings.community())
    here: Any = bot.app
    patterns: Any = Scanner
    patterns.warm = lambda _: None  # nobody says anything here: what would be read need not be made ready
    here.build_assistant = lambda secret, community, **_: Assistant(
        known.scanner, known.composer, known.prompts, Links(secret), community, None
    )
    upkeep.SWEEP_SECONDS = PACE * 10
    print("ready", flush=True)  # noqa: T201 -- read by the test
    child = 0
    for word in sys.stdin:
        if word.strip() == "begin":
            ours, theirs = socket.socketpair()
            child = os.fork()
            if child == 0:
                ours.close()
                asyncio.run(serve(theirs, settings))
                os._exit(0)
            theirs.close()
            print(ours.makefile().readline().strip(), flush=True)  # noqa: T201 -- as above
            ours.close()
        elif word.strip() == "kill":
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            child = 0
            print("killed", flush=True)  # noqa: T201 -- as above
    if child:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
