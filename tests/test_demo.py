"""The demo as a process: it opens soon, says where, and ends when it is told to. What happens in it is in test_host.py."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parent.parent
SOON = 20.0
"""Seconds; on a quiet machine it is about three, and the first time six."""


async def test_it_opens_soon(tmp_path: Path) -> None:
    """A moment after the command the address is printed and its pages answer; it ends when it is told to."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "run.py"), "demo", "--port", "0", cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(2 * SOON):
            printed = ""
            while "http://" not in printed:
                line = await process.stdout.readline()
                assert line, "it ended before it said where it is"
                printed = line.decode()
        (url,) = re.findall(r"http://127\.0\.0\.1:[1-9]\d*", printed)
        async with aiohttp.ClientSession() as session:
            for path in ("/", "/help", "/rules"):
                async with session.get(url + path) as response:
                    assert (response.status, "<html" in await response.text()) == (200, True)
            assert time.monotonic() - begun < SOON
            async with session.post(f"{url}/demo/table") as response:
                assert set((await response.json())["people"]) == {"member", "listener", "moderator"}
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
    assert process.returncode == 0
