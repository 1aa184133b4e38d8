"""The command line: open the demo, set the assistant up, look at what it makes of words, keep its score."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bot.assistant import Assistant
from bot.cli import chats as chats_
from bot.cli import life, setup, walk
from bot.cli import score as score_
from bot.cli.refusing import in_full, read_settings, refuse, refusing, somebody, store_refusing
from bot.learned import READER as LEARNED
from bot.learned import READERS, SEMANTIC
from bot.model import ChatKind, DeskRole, Person, Role
from bot.voice import Community

if TYPE_CHECKING:
    from bot.edge.settings import Settings

HOST, PORT = "127.0.0.1", 8080

app = typer.Typer(help="Porchlight, an in-chat safety assistant for peer-support communities.", add_completion=False)
app.add_typer(life.app)

File = Annotated[Path, typer.Argument(help="A JSON Lines file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other tools.")]
HostName = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortNumber = Annotated[int, typer.Option("--port", help="The port to listen on.")]


def main() -> None:
    """Start the command line."""
    app()


# --- running it ------------------------------------------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Open the demo, if no command is given."""
    if context.invoked_subcommand is None:
        demo()


@app.command()
def demo(*, host: HostName = HOST, port: PortNumber = PORT) -> None:
    """Open a small chat with the assistant in it, to try in a browser."""
    from bot.demo import serve  # noqa: PLC0415 -- the other commands start without a server's libraries

    settings = read_settings()
    try:
        serve(host, port, settings)
    except OSError as error:
        refuse(f"The demo cannot listen on {host}, port {port}: {error.strerror}. Another port: demo --port {port + 1}")


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option("--host", help="The address of the pages, if not the one in the settings.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Their port, if not the one in the settings.")] = None,
) -> None:
    """Link the assistant to the chats named in the settings, and serve its pages."""
    from bot.serve import serve as run  # noqa: PLC0415 -- as above

    settings = read_settings()
    if not settings.hosts:
        refuse("There is no [hosts.NAME] in the settings, so there is nothing to link to. docs/deploy.md tells how.")
    given = {"host": host, "port": port}
    where = settings.serve.model_copy(update={name: value for name, value in given.items() if value is not None})
    with store_refusing():
        try:
            run(settings.model_copy(update={"serve": where}))
        except OSError as error:
            refuse(f"It cannot listen where it is to: {error.strerror}. The ports stand under [serve] in the settings.")


@app.command()
def init(*, yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, and write what holds anyway.")] = False) -> None:
    """Write a commented porchlight.toml, in shadow mode, after a few questions."""
    setup.init(asks=sys.stdin.isatty() and not yes)


@app.command()
def check(
    *, link: Annotated[bool, typer.Option(help="Knock at the hosts as well; for a moment they are answered by this program.")] = True
) -> None:
    """See whether settings, rules, prompts, store and the links to hosts are fit for use."""
    setup.check(link=link)


@app.command("desk-link")
def desk_link(
    *,
    person: Annotated[str, typer.Option("--person", callback=somebody, help="Who signs in, by the id they have in the chat.")],
    role: Annotated[DeskRole, typer.Option("--role", help="Volunteers read and note, moderators decide, admins see the record as well.")],
) -> None:
    """Print a link that signs one person in at the desk, once, within an hour."""
    settings = read_settings()
    with refusing(), store_refusing():
        href = asyncio.run(_sign_in_href(settings, in_full(person, settings), role))
    typer.echo(href)


async def _sign_in_href(settings: Settings, person: str, role: DeskRole) -> str:
    from bot.app import build_pages, open_porch  # noqa: PLC0415 -- as above

    porch = await open_porch(settings, _say_nothing)
    try:
        base = settings.base_url.rstrip("/") or f"http://{HOST}:{PORT}"
        return base + build_pages(porch, settings).sign_in_href(person, role)
    finally:
        await porch.store.close()


async def _say_nothing(host: str, event: str, payload: object) -> None:
    """There is no host to speak to."""
    del host, event, payload


# --- looking at words ------------------------------------------------------------------------------------------------


@app.command("try")
def try_words(
    text: Annotated[str, typer.Argument(help="The message.", show_default=False)],
    *,
    role: Annotated[Role, typer.Option("--role", help="Who says it, to the other in a talk between two.")] = Role.LISTENER,
    as_json: AsJson = False,
) -> None:
    """See what the assistant makes of one message."""
    author = Person(role.value, role)
    assistant = _assistant()
    journey = walk.Walk(assistant)
    journey.open("try", ChatKind.DIRECT, walk.complete((author,), ChatKind.DIRECT))
    # A terminal may hand over bytes that are no text.
    step = journey.say("try", author, text.encode("utf-8", "replace").decode("utf-8"))
    _print_steps([step], as_json=as_json)
    reading = journey.reading("try")
    if as_json or assistant.learned is None or reading is None:
        return
    for signal in step.answer.signals:
        if signal.reader == LEARNED:
            words = ", ".join(assistant.learned.weightiest(reading, signal.kind)) or "none"
            Console().print(f"    the words that weighed most for {signal.kind}: {words}", markup=False, highlight=False)


@app.command()
def replay(file: File, *, as_json: AsJson = False) -> None:
    """Lead transcripts through the whole assistant, in mode on."""
    with refusing():
        rows = [row for _, row in walk.read_rows(file, walk.TranscriptRow)]
    _print_steps(walk.replay(_assistant(), rows), as_json=as_json)


@app.command()
def score(
    file: File,
    *,
    as_json: AsJson = False,
    misses: Annotated[bool, typer.Option("--misses", help="Name every message that went wrong as well.")] = False,
    accept: Annotated[Path | None, typer.Option("--accept", help="A file of ids, one a line: what is seen in these is true.")] = None,
    readers: Annotated[str, typer.Option("--readers", help="Who reads, separated by commas; all that are installed.")] = "",
    meanings: Annotated[str, typer.Option("--map", help="What labels of another scheme mean: label=kind,label=none,...")] = "",
) -> None:
    """Compare what is found in labelled messages with their labels, and count alarms in harmless talk."""
    asked = set(readers.split(",")) if readers else None
    if strangers := sorted((asked or set()) - set(READERS)):
        refuse(f"Not installed: {', '.join(strangers)}. Readers: {', '.join(READERS)}")
    with refusing():
        rows = score_.read_cases(file, score_.read_map(meanings))
        accepted = score_.read_ids(accept) if accept else frozenset()
    judged = score_.judge(_assistant(asked), rows)
    figures = score_.report(judged, accepted)
    wrong = score_.misses(judged, accepted) if misses else []
    if as_json:
        _print_json({**figures, "misses": wrong} if misses else figures)
        return
    console = Console()
    score_.show(figures, console)
    if misses:
        score_.show_misses(wrong, console)


@app.command()
def chats(file: File, *, as_json: AsJson = False) -> None:
    """See whether whole conversations were warned in time, and harmless ones not at all."""
    with refusing():
        rows = chats_.read_chats(file)
    assistant = _assistant()
    results = [chats_.judge(assistant, row) for row in rows]
    figures = chats_.summary(results)
    if as_json:
        _print_json(figures)
    else:
        chats_.show(results, figures, Console())


# --- what they share -------------------------------------------------------------------------------------------------


def _assistant(readers: Collection[str] | None = None) -> Assistant:
    """The assistant as it comes, in mode on, whatever is set here: two people with one file, and the same readers, see the same.

    Without ``readers`` all that are installed read.
    """
    from bot.app import build_assistant, with_semantic  # noqa: PLC0415 -- as above
    from bot.edge.encoder import EncoderError  # noqa: PLC0415

    assistant = build_assistant("replay", Community(), readers=readers or READERS)
    if readers is not None and SEMANTIC not in readers:
        return assistant
    try:
        return with_semantic(assistant)
    except EncoderError as error:
        if readers is not None:
            refuse(f"Not installed: {SEMANTIC}: {error}")
        return assistant


def _print_steps(steps: Iterable[walk.Step], *, as_json: bool) -> None:
    if not as_json:
        walk.show(steps, Console())
        return
    for step in steps:
        _print_json(step.row())


def _print_json(value: Any) -> None:  # noqa: ANN401 -- whatever JSON can say
    typer.echo(json.dumps(value))
