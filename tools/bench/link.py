"""How much longer a message takes because a host on Node.js asks the assistant, over loopback, with the assistant as operators run it.

Each figure is the time from asking to the verdict, in the host's own process; without an assistant it would be nothing. Then the assistant
stands still, and the host rests after three misses: what is measured is what the next messages wait. In the end it is gone altogether.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from tools.bench.lines import plain_lines
from tools.bench.steps import NUDGED

ROOT = Path(__file__).parent.parent.parent
TOKEN = "bench"  # noqa: S105 -- of this benchmark alone
RATE = 50
MEDIAN_GOAL, P99_GOAL = 2.0, 15.0
"""Milliseconds."""
NOTHING = 0.5
"""Milliseconds that count as nothing, as a median: single ones are the machine's."""


class Host:
    """``bench.mjs`` as a child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take a running child."""
        self.process = process

    async def printed(self) -> str:
        """The next line that it prints. Raises ``EOFError`` if it has ended."""
        assert self.process.stdout is not None  # noqa: S101 -- it has a pipe
        line = await self.process.stdout.readline()
        if not line:
            raise EOFError("the host has ended; is its socket.io installed (make bootstrap)?")
        return line.decode().strip()

    async def let_say(self, texts: list[str], rate: float) -> tuple[list[float], int]:
        """Have these said, and give the milliseconds that each waited, sorted, and how many were covered."""
        assert self.process.stdin is not None  # noqa: S101 -- as above
        self.process.stdin.write(json.dumps({"rate": rate, "texts": texts}).encode() + b"\n")
        while not (answer := await self.printed()).startswith("{"):
            pass
        told = json.loads(answer)
        return sorted(told["ms"]), told["covered"]


def texts(count: int) -> list[str]:
    """Ordinary talk, each line once, and one message in twenty that makes notes, and so costs most."""
    lines = plain_lines()[:count]
    return [NUDGED[place % 3].format(place) if place % 20 == 7 else line for place, line in enumerate(lines)]  # noqa: PLR2004 -- somewhere


def show(name: str, took: list[float]) -> tuple[float, float]:
    """Print a row, and give median and 99th percentile."""
    median, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"{name:44}{len(took):8}{median:10.2f}{p99:10.2f}{took[-1]:10.2f}")
    return median, p99


async def _bench(seconds: float) -> bool:
    """Measure, print, and say whether it is as good as promised."""
    pipe = asyncio.subprocess.PIPE
    node = await asyncio.create_subprocess_exec(
        "node", "bench.mjs", TOKEN, cwd=ROOT / "tests" / "hosts", stdin=pipe, stdout=pipe, limit=2**24
    )
    host = Host(node)
    bot = None
    try:
        port = await host.printed()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "porchlight.toml").write_text(
                "[serve]\nport = 0\nstatus_port = 0\n[modes]\ndefault = 'on'\n"
                f"[hosts.bench]\nurl = 'http://127.0.0.1:{port}'\ntoken = '{TOKEN}'\n"
            )
            bot = await asyncio.create_subprocess_exec(
                sys.executable, ROOT / "run.py", "serve", cwd=folder, stderr=asyncio.subprocess.DEVNULL
            )
            while await host.printed() != "linked":
                pass
            print(f"{'milliseconds that a message waits':44}{'messages':>8}{'median':>10}{'p99':>10}{'most':>10}")
            await host.let_say(texts(RATE), RATE)  # the first ones find cold caches
            took, covered = await host.let_say(texts(int(seconds * RATE)), RATE)
            median, p99 = show(f"the assistant is asked, {RATE} messages/s", took)
            bot.send_signal(signal.SIGSTOP)
            await host.let_say(texts(3), 5)
            frozen = show("it stands still, and the host rests", (await host.let_say(texts(RATE * 2), RATE))[0])
            bot.kill()
            await bot.wait()
            gone = show("it is gone", (await host.let_say(texts(RATE * 2), RATE))[0])
    finally:
        for process in filter(None, (node, bot)):
            if process.returncode is None:
                process.kill()
            await process.wait()
    print(f"{covered} numbers were covered meanwhile")
    return median <= MEDIAN_GOAL and p99 <= P99_GOAL and max(frozen[0], gone[0]) < NOTHING


def bench_link(seconds: float) -> None:
    """Measure, print, and say whether it is as promised."""
    good = asyncio.run(_bench(seconds))
    print(f"promised: median {MEDIAN_GOAL:g} ms, p99 {P99_GOAL:g} ms, and nothing while it is away: {'kept' if good else 'NOT KEPT'}")


def main() -> None:
    """Run it alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long messages are sent while the assistant is there")
    bench_link(parser.parse_args().seconds)


if __name__ == "__main__":
    main()
