"""The life of what is kept, from the command line: purge, export, erase."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.refusing import in_full, read_settings, refuse, somebody, store_refusing

if TYPE_CHECKING:
    from bot.edge.settings import Settings
    from bot.edge.store import Store

app = typer.Typer()

PersonId = Annotated[str, typer.Option("--person", callback=somebody, help="Whom it is about, by the id they have in the chat.")]

_Result = TypeVar("_Result")


@app.command()
def purge(
    *,
    reseal: Annotated[
        bool, typer.Option("--reseal", help="Encrypt anew with the first key of the key file what an older one locked.")
    ] = False,
) -> None:
    """Delete what has been kept long enough, and do the erasures that need not wait any more. The server does so by itself as well."""

    async def work(store: Store) -> tuple[dict[str, int], int]:
        return await store.life.forget(time.time()), await store.life.reseal() if reseal else 0

    gone, resealed = _with_store(read_settings(), work)
    told = ", ".join(f"{n} {kind}" for kind, n in gone.items() if n)
    typer.echo(f"Deleted: {told or 'nothing; there was nothing old enough'}.")
    if reseal:
        typer.echo(f"Encrypted anew: {resealed}. The older lines of the key file can go, when the links that they signed may end.")


@app.command()
def export(
    *,
    person: PersonId,
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file, for its owner only, and not to the terminal.")] = None,
) -> None:
    """Print all that is kept of a person and theirs to have, as JSON. It holds no reports by others."""
    settings = read_settings()
    named = in_full(person, settings)
    kept = _with_store(settings, lambda store: store.life.export(named, time.time()))
    text = json.dumps(kept, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        refuse(f"{out} cannot be written: {error.strerror}")
    typer.echo(f"{out} is written.")


@app.command()
def erase(*, person: PersonId) -> None:
    """Erase a person; while people still decide on a case that they are part of, it waits for that."""
    settings = read_settings()
    named = in_full(person, settings)

    async def work(store: Store) -> bool | None:
        return await store.life.erase(named, time.time()) if await store.life.knows(named) else None

    erased = _with_store(settings, work)
    if erased is None:
        refuse("Nothing is kept of anybody by this id. Is it the one that they have in the chat?")
    if erased:
        typer.echo("Erased. The record of acts keeps its lines, which name nobody any more.")
    else:
        typer.echo(
            "What does not have to wait is erased. The rest follows by itself when the open cases that they are part of are decided."
        )


def _with_store(settings: Settings, work: Callable[[Store], Awaitable[_Result]]) -> _Result:
    with store_refusing():
        return asyncio.run(_opened(settings, work))


async def _opened(settings: Settings, work: Callable[[Store], Awaitable[_Result]]) -> _Result:
    from bot.app import open_store  # noqa: PLC0415 -- the other commands start without a database's libraries

    store = await open_store(settings)
    try:
        return await work(store)
    finally:
        await store.close()
