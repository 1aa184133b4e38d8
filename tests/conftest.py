"""What every test may ask for, and what every asynchronous test must keep: no task may outlive it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.async_api import Browser, async_playwright
from porches import Clock, Failing, Host, build_porch, open_store

from bot import app
from bot.edge.porch import Porch
from tools.postgres import Cluster, programs, running

HOSTS = Path(__file__).parent / "hosts"
EXAMPLE = HOSTS.parent.parent / "examples" / "node-host"


def lack(sentence: str) -> NoReturn:
    """Skip the test in a plain sentence; where nothing may be skipped, fail with it."""
    if os.environ.get("CI") == "true" or os.environ.get("PORCHLIGHT_NO_SKIPS") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def pytest_configure(config: pytest.Config) -> None:
    """Let what is kept between starts lie in a folder of this run's own."""
    folder = tempfile.TemporaryDirectory(prefix="porchlight-cache-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ["XDG_CACHE_HOME"] = folder.name


# --- no task outlives its test ---------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each asynchronous test the check below, first in and so last out; the many others do not pay for a loop."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(inspect.unwrap(item.obj)):
            item.fixturenames.insert(0, "no_task_left")


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail a test whose tasks are still running half a second after its end."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=0.5)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=0.5)
        pytest.fail(f"Tasks outlive the test: {sorted(str(task.get_coro()) for task in left)}", pytrace=False)


@pytest.fixture(scope="session", autouse=True)
def no_weights() -> Iterator[None]:
    """Whoever has made weights for the third reader sees the same in all tests as everybody else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "WEIGHTS", "no weights in tests")
        yield


# --- a porch, where a test asks for one -------------------------------------------------------------------------------


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Failing]:
    """Open a fresh store."""
    made = await open_store(tmp_path)
    yield made
    await made.close()


@pytest.fixture
def host() -> Host:
    """Somebody to be told."""
    return Host()


@pytest.fixture
def clock() -> Clock:
    """A clock of our own."""
    return Clock()


@pytest.fixture
async def porch(store: Failing, host: Host, clock: Clock) -> AsyncIterator[Porch]:
    """A porch with everything real but the clock."""
    made = build_porch(store, host, clock)
    yield made
    await made.close()


# --- what comes from the system --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start a private PostgreSQL."""
    where = programs()
    if where is None:
        lack("PostgreSQL is not installed.")
    with running(where) as cluster:
        yield cluster


@pytest.fixture
def postgres(cluster: Cluster) -> str:
    """Make an empty PostgreSQL database for one test and give its SQLAlchemy URL."""
    return cluster.database()


@pytest.fixture(scope="session")
def node() -> str:
    """Find Node, for the programs in ``tests/hosts`` and the official Socket.IO they use."""
    program = shutil.which("node")
    if program is None:
        lack("Node is not installed.")
    for folder in (HOSTS, EXAMPLE):
        if not (folder / "node_modules" / "socket.io").is_dir():
            lack(f"The official Socket.IO is not in {folder.name}/node_modules; `make bootstrap` fetches it.")
    return program


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Start a private Redis that keeps nothing and give its URL."""
    server = shutil.which("redis-server")
    if server is None:
        lack("Redis is not installed.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Start the system's Chromium, which speaks to nobody but the pages of the test."""
    program = shutil.which("chromium")
    if program is None:
        lack("Chromium is not installed.")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", *quiet])
        yield browser
        await browser.close()
