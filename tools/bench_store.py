"""What the desk waits for when there are very many reports: ``python -m tools.bench_store [URL]``, else SQLite in a temporary folder.

Fills an empty store with 100,000 reports in 30,000 cases, every tenth closed, and prints milliseconds for each query, several times over.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import msgspec
from sqlalchemy import insert

from bot.edge.store import DAY, Store
from bot.edge.store.desk import Pile, Viewer, Wanted
from bot.edge.tables import case_chats, cases, involved, reports
from bot.model import Case, Evidence, Report, ReportReason, Said, Standing

REPORTS = 100_000
CASES = 30_000
BATCH = 5_000
TENTH = 10
READ_SHARE = 0.8
TIMES = 15
WANTED_MS = 50.0
NOW = 1_800_000_000.0
NOOR = Viewer("noor", ("c5", "c77"))
BUSIEST = "k00000"

chance = random.Random(1)  # noqa: S311 -- the same figures each time


def evidence(number: int) -> Evidence:
    """Forty messages, as many as a tail holds."""
    people = (f"member {number}", f"listener {number}")
    said = tuple(
        Said(f"m{n}", people[n % 2], NOW - 40 + n, "some ordinary words that somebody says in a chat like this") for n in range(40)
    )
    return Evidence(said, {people[0]: "member", people[1]: "listener"})


async def fill(store: Store) -> None:
    """Put everything in by large portions; a few people have far more reports than all others."""
    seal, database = store._seal, store._database  # noqa: SLF001 -- filing them one by one would take as many minutes as this takes seconds
    sealed = [seal.lock("a few words of the reporter", evidence(number)) for number in range(100)]
    about = [f"listener {number}" for number in range(CASES)]
    closed = [number % TENTH == 0 for number in range(1, CASES + 1)]
    opened_at = [NOW - chance.uniform(0, 170 * DAY) for _ in range(CASES)]
    rows = []
    for number in range(REPORTS):
        case = number if number < CASES else int(CASES * chance.random() ** 3)
        rows.append((number, case, chance.choice(list(ReportReason)), opened_at[case] + chance.uniform(0, 9 * DAY)))
    async with database.write() as connection:
        for start in range(0, CASES, BATCH):
            some = range(start, min(start + BATCH, CASES))
            await connection.execute(insert(cases), [_case(number, about, opened_at, closed=closed[number]) for number in some])
        for start in range(0, REPORTS, BATCH):
            portion = rows[start : start + BATCH]
            await connection.execute(insert(reports), [_report(row, about, sealed) for row in portion])
            people = [{"person": who, "case_id": _id(case)} for number, case, _, _ in portion for who in (f"member {number}",)]
            await connection.execute(insert(involved), people)
            await connection.execute(insert(case_chats), [{"chat": f"c{number}", "case_id": _id(case)} for number, case, _, _ in portion])


def _id(case: int) -> str:
    return f"k{case:05}"


def _case(number: int, about: list[str], opened_at: list[float], *, closed: bool) -> dict[str, object]:
    standing = Standing.URGENT if number % 200 == 0 else Standing.RAISED if number % 7 == 0 else Standing.REPORTED
    raised = {"sexual": "Sexual talk: 1 report by 1 person in 1 chat; one report calls for a decision."} if number % 7 == 0 else {}
    body = Case(_id(number), about[number], urgent=standing is Standing.URGENT, opened_at=opened_at[number], raised=raised)
    return {
        "id": body.id,
        "about": body.about,
        "body": msgspec.msgpack.encode(body),
        "forget_at": NOW + 180 * DAY,
        "turn": standing.turn,
        "opened_at": body.opened_at,
        "closed_at": NOW if closed else None,
        "outcome": "coach" if closed else None,
    }


def _report(row: tuple[int, int, ReportReason, float], about: list[str], sealed: list[bytes]) -> dict[str, object]:
    number, case, reason, at = row
    return {
        "number": f"R{number:06}",
        "key": f"click {number}",
        "chat": f"c{number}",
        "by": f"member {number}",
        "about": about[case],
        "reason": reason.value,
        "at": at,
        "forget_at": NOW + 180 * DAY,
        "sealed": sealed[number % len(sealed)],
        "case_id": _id(case),
        "read_at": at + chance.uniform(60, 3 * DAY) if chance.random() < READ_SHARE else None,
    }


async def measure(name: str, work: Callable[[], Awaitable[object]]) -> bool:
    """Print how long it takes; whether that is short enough."""
    await work()
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await work()
        took.append((time.perf_counter() - begun) * 1_000)
    print(f"{name:<44} {median(took):8.1f} {max(took):8.1f}")
    return median(took) <= WANTED_MS


async def main(database: str, key_file: Path) -> bool:
    """Fill a store and ask it what the desk asks."""
    store = await Store.open(database, key_file)
    try:
        begun = time.perf_counter()
        await fill(store)
        print(f"{REPORTS:,} reports in {CASES:,} cases, stored in {time.perf_counter() - begun:.0f} s\n")
        print(f"{'milliseconds':<44} {'median':>8} {'most':>8}")
        desk, fresh = store.desk, iter(range(10**6))

        async def file() -> object:
            number = next(fresh)
            by, chat = f"somebody {number}", f"new {number}"
            report = Report(
                f"N{number}", f"new click {number}", chat, by, f"listener {number % 100}", ReportReason.SEXUAL, NOW, evidence(number)
            )
            return await store.reports.file(report, f"new case {number}")

        questions: dict[str, Callable[[], Awaitable[object]]] = {
            "the queue, first page, with its counts": lambda: desk.queue(NOOR, Wanted()),
            "the queue, hundredth page": lambda: desk.queue(NOOR, Wanted(), 100),
            "what nobody has claimed": lambda: desk.queue(NOOR, Wanted(Pile.FREE)),
            "only the urgent": lambda: desk.queue(NOOR, Wanted(urgent=True)),
            "only one reason": lambda: desk.queue(NOOR, Wanted(reason=ReportReason.PICTURES)),
            "what is closed": lambda: desk.queue(NOOR, Wanted(Pile.CLOSED)),
            "a case, the busiest": lambda: desk.case(NOOR, BUSIEST),
            "a case, an ordinary one": lambda: desk.case(NOOR, _id(CASES // 2)),
            "its arithmetic, the busiest": lambda: store.cases.tally(BUSIEST, NOW),
            "search by number": lambda: desk.search(NOOR, "R054321"),
            "the record": lambda: desk.acts(NOOR),
            "somebody's own reports": lambda: store.reports.by("member 4321"),
            "who is to be told something": lambda: store.notices.waiting(NOW),
            "filing a report": file,
        }
        fits = [await measure(name, work) for name, work in questions.items()]
        await measure("figures of twelve weeks (looked at seldom)", lambda: store.figures.weeks(NOOR, NOW - 84 * DAY))
    finally:
        await store.close()
    print(f"\n{'All but the figures' if all(fits) else 'NOT all'} within {WANTED_MS:.0f} ms by their median.")
    return all(fits)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="porchlight-") as folder:
        where = sys.argv[1] if len(sys.argv) > 1 else str(Path(folder) / "porchlight.db")
        sys.exit(not asyncio.run(main(where, Path(folder) / "porchlight.key")))
