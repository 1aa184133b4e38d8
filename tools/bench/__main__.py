"""What a message costs. Every line is seen once, as in life: repeated lines flatter every cache.

Absolute figures belong to one machine and one moment; ratios are taken within one process. The relay's holds only if the same with an
empty hook gives about 1.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from tools.bench.growth import bench_doubling, bench_hostile
from tools.bench.lines import lines_of
from tools.bench.link import bench_link
from tools.bench.memory import bench_memory
from tools.bench.relay import bench_relay
from tools.bench.steps import bench_steps


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=Path, help="a JSONL file of messages to use instead of our own lines")
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each relay measurement takes")
    chosen = parser.parse_args()
    lines = lines_of(chosen.lines)
    bench_steps(lines)
    bench_doubling(lines)
    bench_hostile()
    asyncio.run(bench_memory(lines))
    asyncio.run(bench_relay(chosen.seconds, chosen.lines))
    bench_link(chosen.seconds)


if __name__ == "__main__":
    main()
