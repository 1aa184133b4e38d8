"""The event loop: uvloop's where it is installed (extra ``fast``), the standard library's everywhere else."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Coroutine
from typing import Any


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run until it is done, as ``asyncio.run`` does. What goes over a socket takes about a fifth less time with uvloop."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        runner.run(work)


def _factory() -> Any:  # noqa: ANN401 -- uvloop need not be there to be named
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 -- as above

    return uvloop.new_event_loop
