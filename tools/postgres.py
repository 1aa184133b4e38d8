"""A private PostgreSQL that listens on nothing but a socket in its own folder, for tests and measurements."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

USER = "porchlight"


class Cluster:
    """A server that runs."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """``programs`` is where PostgreSQL's own are, ``folder`` where the socket is."""
        self._programs = programs
        self._folder = folder
        self._numbers = count(1)

    def database(self) -> str:
        """Make an empty database and give its URL."""
        name = f"test_{next(self._numbers)}"
        subprocess.run([self._programs / "createdb", f"--host={self._folder}", f"--username={USER}", name], check=True)
        return f"postgresql+asyncpg://{USER}@/{name}?host={self._folder}"


def programs() -> Path | None:
    """Where PostgreSQL's programs are, the newest if there are several; nothing if it is not installed."""
    server = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=shutil.which("postgres"), key=str)
    return None if server is None else Path(server).resolve().parent


@contextlib.contextmanager
def running(where: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Run one from the programs in a folder, and throw it away at the end. Without ``durable`` it does not wait for the disk."""
    # PostgreSQL refuses to run as root: there it runs as the user its package made.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="porchlight-") as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)

        def run(program: str, *arguments: str) -> None:
            command = [str(where / program), f"--pgdata={folder / 'data'}", *arguments]
            with (folder / "log").open("ab") as log:  # not a pipe: the server would hold it open
                done = subprocess.run(command, cwd=folder, user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
            if done.returncode != 0:
                raise RuntimeError((folder / "log").read_text())

        run("initdb", f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "--wait", f"--options=-k {folder} -c listen_addresses='' -c fsync={'on' if durable else 'off'}")
        try:
            yield Cluster(where, folder)
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
