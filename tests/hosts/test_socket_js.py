"""Our browser client speaks to the official Node server and to python-socketio alike."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = Path(__file__).parent
HOSTS = {"node": ("node", "echo.mjs"), "python": (sys.executable, "echo.py")}
PROOFS = re.findall(r'^  async "([^"]+)"\(\)', (HERE / "conformance.mjs").read_text(), re.MULTILINE)


@dataclass
class EchoHost:
    """An echo host as a process of its own, so that it can be killed and started again on the same port."""

    command: tuple[str, ...]
    port: int = 0
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start it and wait for the port that it prints."""
        self.process = await asyncio.create_subprocess_exec(*self.command, str(self.port), cwd=HERE, stdout=asyncio.subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(await asyncio.wait_for(self.process.stdout.readline(), 10))

    async def kill(self) -> None:
        """Kill it without a good-bye, as a crash would."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@pytest.fixture(params=HOSTS)
async def host(request: pytest.FixtureRequest) -> AsyncIterator[EchoHost]:
    """Each of the two servers in turn, listening."""
    if not (HERE / "node_modules" / "socket.io").is_dir():
        pytest.fail(f"the official Socket.IO server is missing: run `npm ci` in {HERE.name}/ of the tests first")
    echo = EchoHost(HOSTS[request.param])
    await echo.start()
    yield echo
    await echo.kill()


@pytest.mark.timeout(60)
async def test_the_client_conforms(host: EchoHost) -> None:
    """Every proof of conformance.mjs holds, a crash of the host in the middle included."""
    client = await asyncio.create_subprocess_exec(
        "node", "conformance.mjs", f"http://127.0.0.1:{host.port}", cwd=HERE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert client.stdout is not None
    assert client.stderr is not None
    try:
        held = []
        async for line in client.stdout:
            match line.decode().rstrip("\n").split(" ", 1):
                case ["ok", name]:
                    held.append(name)
                case ["down"]:
                    await host.kill()
                case ["up"]:
                    await host.start()
        complaint = (await client.stderr.read()).decode()
        assert await client.wait() == 0, complaint
        assert sorted(held) == sorted(PROOFS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            client.kill()
        await client.wait()
