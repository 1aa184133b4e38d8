"""What the desk waits for when there are very many reports, on SQLite and, where it is installed, on a private PostgreSQL.

``python -m tools.bench_store`` fills an empty store of each with 100,000 reports in 30,000 cases, every tenth closed, and prints
milliseconds for each query and for whole pages as a browser gets them, several times over; with a path or a URL only there.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from random import SystemRandom
from statistics import median

import msgspec
from aiohttp import ClientSession, CookieJar, web
from sqlalchemy import insert, text

from bot.app import build_assistant, find
from bot.edge.porch import Ack, Porch
from bot.edge.store import DAY, Store
from bot.edge.store.shapes import Pile, Wanted
from bot.edge.store.sight import Viewer
from bot.edge.tables import WEEK, case_chats, cases, involved, reports, traces
from bot.edge.web import Pages, add_pages
from bot.model import Case, DeskRole, Evidence, Report, ReportReason, Said, Standing
from bot.voice import Community
from tools.postgres import programs, running

REPORTS = 100_000
CASES = 30_000
BATCH = 5_000
TENTH = 10
READ_SHARE = 0.8
SCRIPTS = 2_000
"""So many ways to begin a chat that are known again."""
MARKS = 8
TIMES = 15
WANTED_MS = 50.0
NOW = 1_800_000_000.0
NOOR = Viewer("noor", ("c5", "c77"))
BUSIEST = "k00000"
"""Its case has two thousand reports."""

chance = random.Random()  # noqa: S311 -- seeded, so that every store holds the same


# --- filling it ------------------------------------------------------------------------------------------------------


def evidence(number: int) -> Evidence:
    """Forty messages, as many as a tail holds."""
    people = (f"member {number}", f"listener {number}")
    said = tuple(
        Said(f"m{n}", people[n % 2], NOW - 40 + n, "some ordinary words that somebody says in a chat like this") for n in range(40)
    )
    return Evidence(said, {people[0]: "member", people[1]: "listener"})


async def fill(store: Store) -> None:
    """Put everything in by large portions; a few people have far more reports than all others."""
    chance.seed(1)
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
            marks = [mark for number, case, _, at in portion if at > NOW - store.keep.traces for mark in _marks(number, about[case])]
            await connection.execute(insert(traces), marks)
        if connection.dialect.name == "postgresql":
            await connection.execute(text("ANALYZE"))  # as it does by itself within a minute


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


def _marks(number: int, person: str) -> list[dict[str, object]]:
    """How somebody began: one of many scripts, in part."""
    script = int(SCRIPTS * chance.random() ** 2)
    trace = {"trace": f"R{number:06} {person} 0", "trait": "opening", "marks": MARKS, "person_id": person, "source": f"R{number:06}"}
    own = chance.randrange(MARKS)
    return [{**trace, "mark": f"{script if n < own else number} {n}", "forget_at": NOW + 14 * DAY} for n in range(MARKS)]


# --- asking it -------------------------------------------------------------------------------------------------------


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


def queries(store: Store) -> dict[str, Callable[[], Awaitable[object]]]:
    """What is asked of the store."""
    desk, fresh = store.desk, count()

    async def file() -> object:
        number = next(fresh)
        by, chat = f"somebody {number}", f"new {number}"
        report = Report(f"N{number}", f"new {number}", chat, by, f"listener {number % 100}", ReportReason.SEXUAL, NOW, evidence(number))
        return await store.reports.file(report, f"new case {number}")

    return {
        "the queue, first page, with its counts": lambda: desk.queue(NOOR, Wanted()),
        "the queue, hundredth page": lambda: desk.queue(NOOR, Wanted(), 100),
        "what nobody has claimed": lambda: desk.queue(NOOR, Wanted(Pile.FREE)),
        "only the urgent": lambda: desk.queue(NOOR, Wanted(urgent=True)),
        "only one reason": lambda: desk.queue(NOOR, Wanted(reason=ReportReason.PICTURES)),
        "what is closed": lambda: desk.queue(NOOR, Wanted(Pile.CLOSED)),
        "a case, the busiest": lambda: desk.case(NOOR, BUSIEST),
        "a case, an ordinary one": lambda: desk.case(NOOR, _id(CASES // 2)),
        "who is like the busiest": lambda: store.traces.like(NOOR, "listener 0"),
        "figures of twelve weeks": lambda: store.figures.weeks(NOOR, int(NOW // WEEK) - 11),
        "search by number": lambda: desk.search(NOOR, "R054321"),
        "the record": lambda: desk.acts(NOOR),
        "somebody's own reports": lambda: store.reports.by("member 4321"),
        "who is to be told something": lambda: store.notices.waiting(NOW),
        "filing a report": file,
    }


@asynccontextmanager
async def seated(store: Store) -> AsyncIterator[Callable[[str], Callable[[], Awaitable[object]]]]:
    """A moderator with a browser, signed in; gives what gets a page."""

    async def send(_host: str, _event: str, _payload: Ack) -> None:
        return None

    porch = Porch(build_assistant("a secret", Community(), readers=()), store, send, clock=lambda: NOW, rng=SystemRandom())
    pages, app = Pages(porch, find("templates")), web.Application()
    add_pages(app, pages)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}", cookie_jar=CookieJar(unsafe=True)) as browser:
        way_in = pages.sign_in_href("noor", DeskRole.MODERATOR).rsplit("/", 1)[1]
        (await browser.post("/desk/sign-in", data={"token": way_in})).raise_for_status()

        def page(path: str) -> Callable[[], Awaitable[object]]:
            async def get() -> object:
                async with browser.get(path) as response:
                    response.raise_for_status()
                    return await response.read()

            return get

        yield page
    await runner.cleanup()
    await porch.close()


async def bench(name: str, database: str, key_file: Path) -> bool:
    """Fill a store and ask it what the desk asks."""
    store = await Store.open(database, key_file)
    try:
        begun = time.perf_counter()
        await fill(store)
        print(f"{name}: {REPORTS:,} reports in {CASES:,} cases, stored in {time.perf_counter() - begun:.0f} s\n")
        print(f"{'milliseconds':<44} {'median':>8} {'most':>8}")
        fits = [await measure(asked, work) for asked, work in queries(store).items()]
        async with seated(store) as page:
            for called, path in (
                ("the queue", "/desk"),
                ("a case, the busiest", f"/desk/case/{BUSIEST}"),
                ("a case, an ordinary one", f"/desk/case/{_id(CASES // 2)}"),
                ("the figures", "/desk/figures"),
            ):
                fits.append(await measure(f"{called}, as a page", page(path)))
    finally:
        await store.close()
    print(f"\n{'All' if all(fits) else 'NOT all'} within {WANTED_MS:.0f} ms by their median.\n")
    return all(fits)


def main() -> bool:
    """Run it where it was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="?", help="an empty one: a path or a URL; without it SQLite and a private PostgreSQL")
    where = parser.parse_args().database
    with tempfile.TemporaryDirectory(prefix="porchlight-") as folder:
        key_file = Path(folder) / "porchlight.key"
        if where is not None:
            return asyncio.run(bench("given", where, key_file))
        fits = asyncio.run(bench("SQLite", str(Path(folder) / "porchlight.db"), key_file))
        postgres = programs()
        if postgres is None:
            print("PostgreSQL is not installed.")
            return fits
        with running(postgres, durable=True) as cluster:
            return asyncio.run(bench("PostgreSQL", cluster.database(), key_file)) and fits


if __name__ == "__main__":
    sys.exit(not main())
