"""Us and other tools side by side, on authors that no rule was tuned on, in one run.

``make scoreboard`` makes the environment in which the other tools live. Each message is given to them alone; we see what was said before,
as in life. Speed is processor time per message, everything loaded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Column, Table

from bot.app import build_assistant, with_semantic
from bot.cli.score import CaseRow, judge
from bot.compose import READER as RULES
from bot.edge.encoder import EncoderError
from bot.learned import READER as LEARNED
from bot.learned import SEMANTIC, TRUSTED
from bot.model import MOVES, Kind
from bot.voice import Community
from tools.corpus import Use, authors, cases, talk

PEERS = Path(__file__).with_name("peers.py")


class Line(msgspec.Struct, frozen=True):
    """What one tool makes of the messages."""

    name: str
    contact_share: float
    moves: float
    look_alikes: float
    talk_per_1000: float
    microseconds: float


def line(name: str, rows: Sequence[CaseRow], quiet: Sequence[CaseRow], flags: Sequence[bool], seconds: float) -> Line:
    """Count. ``flags`` are of the labelled messages and then of the talk."""
    flagged = list(zip(rows, flags, strict=False))

    def share(chosen: Callable[[frozenset[str]], object]) -> float:
        hit = [flag for row, flag in flagged if chosen(frozenset(row.labels or ()))]
        return sum(hit) / len(hit)

    return Line(
        name,
        contact_share=share(lambda labels: Kind.CONTACT_SHARE in labels),
        moves=share(lambda labels: labels & MOVES),
        look_alikes=share(lambda labels: not labels),
        talk_per_1000=1000 * sum(flags[len(rows) :]) / len(quiet),
        microseconds=seconds / len(flags) * 1e6,
    )


def ours(name: str, readers: Sequence[str], rows: Sequence[CaseRow], quiet: Sequence[CaseRow]) -> Line:
    """What this assistant sees, with some of its readers. Raises ``EncoderError`` if one of them is not in."""
    assistant = build_assistant("scoreboard", Community(), readers=readers)
    if SEMANTIC in readers:
        assistant = with_semantic(assistant)
    assistant.scanner.warm()
    begun = time.process_time()
    judged = [*judge(assistant, rows), *judge(assistant, quiet)]
    seconds = time.process_time() - begun
    # A message that holds a move counts as seen only if a move is seen in it; a harmless one as flagged whatever is seen.
    flags = [bool(one.found & MOVES) if one.wanted & MOVES else bool(one.found) for one in judged]
    return line(name, rows, quiet, flags, seconds)


def third(rows: Sequence[CaseRow], quiet: Sequence[CaseRow]) -> list[Line]:
    """The same with the third reader behind both, where it is in; where it is not, why."""
    try:
        return [ours("porchlight, both with semantic", (*TRUSTED, SEMANTIC), rows, quiet)]
    except EncoderError as error:
        print(f"Without the semantic reader: {error}.", file=sys.stderr)
        return []


def theirs(python: str, rows: Sequence[CaseRow], quiet: Sequence[CaseRow]) -> list[Line]:
    """What the others see. Raises ``subprocess.CalledProcessError``."""
    texts = "".join(json.dumps(row.text) + "\n" for row in (*rows, *quiet))
    said = subprocess.run([python, PEERS], input=texts, capture_output=True, text=True, check=True)
    found = [json.loads(one) for one in said.stdout.splitlines()]
    return [line(one["name"], rows, quiet, one["flags"], one["seconds"]) for one in found]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="the Python that has the other tools")
    parser.add_argument("--json", action="store_true", help="as JSON")
    chosen = parser.parse_args()
    known = authors()
    judging = [letter for letter, author in known.items() if author.use is Use.JUDGING and cases(letter)]
    rows = [row for letter in judging for row in cases(letter)]
    quiet = [row for letter in known for row in talk(letter)]
    lines = [
        ours("porchlight, its rules alone", (RULES,), rows, quiet),
        ours("porchlight, its second reader alone", (LEARNED,), rows, quiet),
        ours("porchlight, both", TRUSTED, rows, quiet),
        *third(rows, quiet),
        *(theirs(chosen.peers, rows, quiet) if chosen.peers else ()),
    ]
    if chosen.json:
        sys.stdout.buffer.write(msgspec.json.encode(lines) + b"\n")
        return
    columns = ("contact details seen", "moves seen", "look-alikes flagged", "flagged of 1000 ordinary", "µs a message")
    table = Table(
        "",
        *(Column(name, justify="right") for name in columns),
        title=f"{len(rows)} messages by authors {' and '.join(judging)}, {len(quiet)} of ordinary talk",
    )
    for one in lines:
        percent = (f"{100 * share:.0f}%" for share in (one.contact_share, one.moves, one.look_alikes))
        table.add_row(one.name, *percent, f"{one.talk_per_1000:.1f}", f"{one.microseconds:.0f}")
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
