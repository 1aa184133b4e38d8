"""The memory of a process that serves: what was built at the start is left alone by the collector of garbage, and lies in few large pages.

A message that comes after a pause touches the literals of all rules anew. Spread over thousands of small pages that takes a multiple of the
reading itself wherever looking up a page is dear, above all in virtual machines; ``python -m tools.bench.link`` shows it.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)

PAGE = 2 << 20
"""Bytes of a large page on x86-64 and on most ARM systems; where it is another the system refuses, and nothing is changed."""
COLLAPSE = 25
"""``MADV_COLLAPSE`` of Linux 6.1 and later, madvise(2): put what is there into a large page now. Python's ``mmap`` does not know it."""
MAPS = Path("/proc/self/maps")
ANONYMOUS = re.compile(r"(?P<begin>[0-9a-f]+)-(?P<end>[0-9a-f]+) rw-p 0+ 00:00 0\s*(?:\[heap\]|\[anon:.*\])?$")
"""A line of ``MAPS`` (proc_pid_maps(5)) for memory that is this process's alone and stands in no file."""


def settle() -> int:
    """Do it, and give how many large pages it came to: none where the system cannot. Takes a good half of a second."""
    gc.collect()
    gc.freeze()
    if not sys.platform.startswith("linux"):
        return 0
    try:
        maps = MAPS.read_text().splitlines()
        return sum(_collapsed(begin) for begin in large_pages(maps))
    except (OSError, AttributeError) as error:
        log.info("memory stays in small pages: %s", type(error).__name__)
        return 0


def large_pages(maps: Iterable[str]) -> Iterator[int]:
    """Where large pages may begin that lie wholly in this process's own memory."""
    for line in maps:
        if own := ANONYMOUS.match(line):
            begin, end = int(own["begin"], 16), int(own["end"], 16)
            yield from range(-(-begin // PAGE) * PAGE, end // PAGE * PAGE, PAGE)


def _collapsed(begin: int) -> bool:
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return bool(madvise(begin, PAGE, COLLAPSE) == 0)
