"""Large pages: found where they lie wholly in the process's own memory, and asked for without harm."""

from __future__ import annotations

import gc
import mmap
from pathlib import Path

import pytest

from bot.edge import settled
from bot.edge.settled import PAGE, large_pages, settle

HEAP = "00a00000-00f00000 rw-p 00000000 00:00 0                          [heap]"


def test_large_pages_lie_within_own_memory() -> None:
    """Files, code, shared memory and what is too small are left out; what is found begins at a multiple of its size."""
    maps = (
        "00400000-00800000 r-xp 00000000 00:2f 1234                       /usr/bin/python3",
        HEAP,
        "7f0000100000-7f0000300000 rw-p 00000000 00:00 0 ",
        "7f1000000000-7f1000400000 rw-p 00000000 00:00 0 ",
        "7f2000000000-7f2000400000 rw-s 00000000 00:01 99                 /dev/zero (deleted)",
        "7f3000000000-7f3000400000 rw-p 00010000 00:2f 1235               /usr/lib/libx.so",
        "7ffe00000000-7ffe00400000 rw-p 00000000 00:00 0                  [stack]",
        "not a line of maps",
    )
    assert list(large_pages(maps)) == [0xA00000, 0xC00000, 0x7F1000000000, 0x7F1000200000]


def test_what_is_there_stays_as_it_is() -> None:
    """Memory holds the same before and after, and what was built is no longer gone through for garbage."""
    held = mmap.mmap(-1, 4 * PAGE)
    held.write(b"what was written" * (4 * PAGE // 16))
    built = [[str(number)] for number in range(100_000)]
    try:
        pages = settle()
        assert gc.get_freeze_count() > len(built)
        assert pages >= 0
        assert held[:] == b"what was written" * (4 * PAGE // 16)
        assert built[99_999] == ["99999"]
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("trouble", [FileNotFoundError, PermissionError])
def test_where_it_cannot_be_done_nothing_happens(trouble: type[OSError], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system without such a file is served all the same; so is one whose C library has no such function."""

    def none(_: object) -> str:
        raise trouble

    monkeypatch.setattr(settled, "MAPS", tmp_path / "none")
    monkeypatch.setattr(Path, "read_text", none)
    try:
        assert settle() == 0
    finally:
        gc.unfreeze()


def test_a_refusal_is_no_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the system does not know how to do counts for nothing."""
    (tmp_path / "maps").write_text(f"{HEAP}\n")
    monkeypatch.setattr(settled, "MAPS", tmp_path / "maps")
    monkeypatch.setattr(settled, "COLLAPSE", 9_999)
    try:
        assert settle() == 0
    finally:
        gc.unfreeze()
