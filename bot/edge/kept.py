"""What was found out of patterns is kept from one start to the next, as Python keeps the bytecode of its modules.

It lies in the user's cache folder, one file for each version of what finds it out. Whatever goes wrong with it, it is found out again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import platformdirs

from bot.rule.literals import Needs

MOST = 5_000
"""Of so many patterns it is kept; a file with more is begun anew."""
VERSIONS = 4
"""So many files are kept, the newest."""


def cache_folder() -> Path:
    """Where the system wants such things."""
    return Path(platformdirs.user_cache_dir("porchlight", appauthor=False))


def stamp(code: Iterable[Path], ordinary: str) -> str:
    """A name that changes with the code that finds it out, with Python, whose parser it uses, and with the sample of ordinary talk."""
    digest = hashlib.sha256(f"{sys.version}\n{ordinary}".encode())
    for file in sorted(code):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def keeping(folder: Path, name: str) -> Iterator[dict[bytes, Needs]]:
    """What was kept under a name, to be looked up and added to; kept again afterwards if anything is new."""
    file = folder / f"patterns-{name}.msgpack"
    known = _read(file)
    before = len(known)
    yield known
    if len(known) != before:
        with suppress(OSError):
            _write(file, known)


def _read(file: Path) -> dict[bytes, Needs]:
    try:
        known = msgspec.msgpack.decode(file.read_bytes(), type=dict[bytes, Needs])
    except (OSError, msgspec.DecodeError):
        return {}
    return known if len(known) <= MOST else {}


def _write(file: Path, known: dict[bytes, Needs]) -> None:
    """Write it beside its place and move it there, so that nobody reads half of it; what older versions left is taken away in time."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.msgpack.encode(known))
    Path(beside).replace(file)
    kept = sorted(file.parent.glob("patterns-*.msgpack"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[VERSIONS:]:
        old.unlink(missing_ok=True)
