"""The walk of docs/deploy.md, done as a newcomer does it: its files written, its commands typed, its chat talked in by two browsers."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import shutil
import socket
import sys
import termios
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WALK = (ROOT / "docs" / "deploy.md").read_text("utf-8").partition("\n## The walk\n")[2].partition("\n## ")[0]
BLOCK = re.compile(r"(?:^`(?P<file>[\w./-]+)`:\n\n)?^```(?P<kind>diff|json|console|chat)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"(?P<folder>\w*)\$ (?P<command>.+)")
ACT = re.compile(r"(?P<who>\w+) (?P<act>says|reads|is told|presses) +(?P<what>.+)")
ON = "settings, rules, prompts and pages were read again"
PATIENCE = 60.0
"""Seconds for anything to happen, on a machine that has other things to do."""
STARTERS = ("node ", "porchlight serve")
"""What goes on until the end, in a terminal of its own."""


class Block(NamedTuple):
    """A fenced block of the page: a file, what is typed, or what is said."""

    file: str | None
    kind: str
    text: str


def blocks() -> list[Block]:
    """Every block of the walk, in order."""
    return [Block(found["file"], found["kind"], found["text"]) for found in BLOCK.finditer(WALK)]


def side(diff: str, marks: str) -> str:
    """One side of a diff that shows a file whole: its lines with one of these marks."""
    return "".join(line[1:] for line in diff.splitlines(keepends=True) if line[0] in marks)


def test_the_lines_to_add_are_few() -> None:
    """In the server about forty lines are added."""
    server = next(block.text for block in blocks() if block.file == "chat/server.mjs")
    assert side(server, "+").count("\n") <= 45
    assert side(server, "-").count("\n") <= 5


class Newcomer:
    """Does what the page says, in a folder of their own."""

    def __init__(self, folder: Path, browser: Browser, stack: AsyncExitStack) -> None:
        """Begin with nothing; the ports of the page become free ones."""
        self._folder = folder
        self._browser = browser
        self._stack = stack
        self._port = free_port()
        self._actual = {"127.0.0.1:3000": f"127.0.0.1:{self._port}"}
        """What the page says of addresses, and what holds here."""
        self._logs: dict[str, Log] = {}
        self._pages: dict[str, Page] = {}
        self._read: dict[str, int] = {}
        programs = folder / "bin"
        programs.mkdir()
        (programs / "porchlight").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "run.py"} "$@"\n')
        (programs / "porchlight").chmod(0o755)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PORCHLIGHT_")},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PORCHLIGHT": str(ROOT),
            "PORT": str(self._port),
            "PORCHLIGHT_SERVE__PORT": "0",
            "PORCHLIGHT_SERVE__STATUS_PORT": "0",
            "TERM": "dumb",
            "COLUMNS": "300",
        }

    async def do(self, block: Block) -> None:
        """Write, type or say what a block holds."""
        if block.file is not None:
            text = side(block.text, " +") if block.kind == "diff" else block.text
            (self._folder / block.file).write_text(text)
        elif block.kind == "console":
            for folder, command, printed in typed(block.text):
                await self._type(self._folder / folder, command, printed)
        else:
            await self._talk(block.text)

    # --- typing ------------------------------------------------------------------------------------------------------

    async def _type(self, folder: Path, command: str, printed: list[str]) -> None:
        if command.startswith("npm "):  # what it would fetch is here already
            assert command == "npm install socket.io"
            shutil.copytree(HERE / "node_modules", folder / "node_modules", symlinks=True)
            return
        if command.startswith("curl -s "):
            async with aiohttp.ClientSession() as session, session.get(self._here(command.removeprefix("curl -s "))) as response:
                assert_like(await response.text(), printed)
        elif command.startswith(STARTERS):
            log = self._logs[command] = await self._stack.enter_async_context(running(command, folder, self._environment))
            for line in printed:
                found = await log.wait(self._pattern(line))
                self._actual |= dict(zip(addresses(line), addresses(found), strict=True))
        elif command == "porchlight init":
            assert_like(await self._answer(folder, command, printed), [self._here(line) for line in printed])
        else:
            process = await asyncio.create_subprocess_shell(
                command, cwd=folder, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
            assert process.returncode == 0, out
            assert_like(out.decode(), printed)
            if "default" in command:
                await self._logs["porchlight serve"].wait(re.compile(ON))
                await self._close_pages()

    async def _answer(self, folder: Path, command: str, printed: list[str]) -> str:
        """Answer what a command asks, at a terminal, as the page does; all that the terminal shows."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 300))
        process = await asyncio.create_subprocess_shell(
            command, cwd=folder, env=self._environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        shown = ""
        questions = [found for line in printed if (found := re.fullmatch(r"((?:Where|In|How|If) .+):(?: (\S+))?", line))]
        try:
            for question in questions:
                while not shown.endswith(f"{question[1]}: "):
                    shown += await asyncio.wait_for(asyncio.to_thread(read, ours), PATIENCE)
                os.write(ours, f"{self._here(question[2] or '')}\n".encode())
            while chunk := await asyncio.wait_for(asyncio.to_thread(read, ours), PATIENCE):
                shown += chunk
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0, shown
        finally:
            os.close(ours)
        return shown

    def _here(self, text: str) -> str:
        for written, actual in self._actual.items():
            text = text.replace(written, actual)
        return text

    def _pattern(self, line: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"(?<=127\\.0\\.0\\.1:)\d+", r"\\d+", like(line)))

    # --- talking -----------------------------------------------------------------------------------------------------

    async def _talk(self, text: str) -> None:
        for who in ("Sam", "Robin"):
            if who not in self._pages:
                self._pages[who] = await self._open(who)
        for line in text.splitlines():
            act = ACT.fullmatch(line)
            assert act is not None, line
            page = self._pages[act["who"]]
            if act["act"] == "says":
                canary = tomllib.loads((self._folder / "porch" / "porchlight.toml").read_text())["canary"]
                await page.fill("#input", canary if act["what"] == "the canary phrase" else act["what"])
                await page.press("#input", "Enter")
            elif act["act"] == "reads":
                await expect(page.locator("#messages > p").last).to_have_text(act["what"], timeout=PATIENCE * 1_000)
            elif act["act"] == "presses":
                await page.locator(f"[data-action={act['what']}]").last.click()
                await expect(page.locator(".receipt-number")).to_be_visible(timeout=PATIENCE * 1_000)
            elif act["what"] == "nothing":
                assert await page.locator(".nudge").count() == 0
            else:
                wanted = re.compile(like(act["what"]), re.DOTALL)
                await expect(page.locator(".nudge").filter(has_text=wanted).last).to_be_visible(timeout=PATIENCE * 1_000)

    async def _open(self, who: str) -> Page:
        page = await (await self._browser.new_context()).new_page()
        page.on("pageerror", lambda error: pytest.fail(f"{who}'s page: {error}"))
        await page.goto(f"http://127.0.0.1:{self._port}/?name={who.lower()}")
        return page

    async def _close_pages(self) -> None:
        for page in self._pages.values():
            await page.close()
        self._pages.clear()


class Log:
    """What a program prints, line by line."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        """Read it by ``wait``."""
        self._stream = stream
        self.lines: list[str] = []

    async def wait(self, wanted: re.Pattern[str]) -> str:
        """The first line from here on in which this is found."""
        async with asyncio.timeout(PATIENCE):
            while line := (await self._stream.readline()).decode():
                self.lines.append(line)
                if wanted.search(line):
                    return line
        pytest.fail(f"It ended without {wanted.pattern!r}: {self.lines}")


@asynccontextmanager
async def running(command: str, folder: Path, environment: dict[str, str]) -> AsyncIterator[Log]:
    """A program in a terminal of its own."""
    process = await asyncio.create_subprocess_exec(
        *command.split(), cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        yield Log(process.stdout)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def typed(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each command of a console: in which folder, what, and the lines it prints."""
    found: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        if prompt := PROMPT.fullmatch(line):
            found.append((prompt["folder"], prompt["command"], []))
        else:
            found[-1][2].append(line)
    yield from found


def like(written: str) -> str:
    """The pattern of what the page shows, where three dots stand for anything."""
    return ".*".join(re.escape(part) for part in re.split(r" ?\.{3} ?", written)) if written != "..." else ".+"


def assert_like(printed: str, written: list[str]) -> None:
    """What was printed is what the page shows; a line of three dots stands for any lines."""
    lines = "\n".join(line.rstrip() for line in printed.replace("\r\n", "\n").rstrip("\n").split("\n"))
    wanted = "\n".join("(?s:.*)" if line == "..." else like(line.rstrip()) for line in written)
    assert re.fullmatch(wanted, lines) or (not written and not lines), lines


def addresses(line: str) -> list[str]:
    """The addresses in a line."""
    return re.findall(r"127\.0\.0\.1:\d+", line)


def read(terminal: int) -> str:
    """What a terminal shows next; nothing when the program has ended."""
    try:
        return os.read(terminal, 4096).decode().replace("\r\n", "\n")
    except OSError:
        return ""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.timeout(400)
async def test_the_walk(tmp_path: Path, chromium: Browser, node: str) -> None:
    """From an empty chat to the assistant in it, by this page alone."""
    del node
    steps = blocks()
    assert {block.kind for block in steps} == {"diff", "json", "console", "chat"}
    async with AsyncExitStack() as stack:
        newcomer = Newcomer(tmp_path, chromium, stack)
        for block in steps:
            await newcomer.do(block)
