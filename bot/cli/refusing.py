"""How the program ends with a sentence when it was given something that it cannot use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from bot.edge.settings import Settings

USAGE = 2
"""How the program ends when it was given something that it cannot use."""


def refuse(sentence: str) -> NoReturn:
    """End the program with a sentence."""
    typer.echo(sentence, err=True)
    raise typer.Exit(USAGE)


def somebody(person: str) -> str:
    """An id that is one: nothing is done to nobody."""
    if not person.strip():
        raise typer.BadParameter("that is nobody.")
    return person


def in_full(person: str, settings: Settings) -> str:
    """Somebody as the assistant knows them, by the id that they have in the chat. Ends the program where that says too little."""
    from bot.edge.wire import in_full as named  # noqa: PLC0415 -- as in ``store_refusing``

    with refusing():
        return named(person, settings.hosts)


@contextmanager
def refusing() -> Iterator[None]:
    """End the program with a sentence if a file or an option cannot be used."""
    try:
        yield
    except ValueError as error:
        refuse(str(error))


@contextmanager
def store_refusing() -> Iterator[None]:
    """End the program with a sentence if the store cannot be opened."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 -- the other commands start without a database's libraries

    from bot.edge.database import StoreError  # noqa: PLC0415
    from bot.edge.seal import KeyFileError  # noqa: PLC0415

    try:
        yield
    except (StoreError, KeyFileError) as error:
        refuse(str(error))
    except (SQLAlchemyError, OSError) as error:
        refuse(f"The database cannot be opened: {type(error).__name__}")  # its own words may hold a password


def read_settings() -> Settings:
    """Read the settings; ends the program if they cannot be used."""
    from bot.edge.settings import SettingsError, load_settings  # noqa: PLC0415 -- as above

    try:
        return load_settings()
    except SettingsError as error:
        refuse(str(error))
