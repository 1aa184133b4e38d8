"""The command line: open the demo, set the assistant up, look at what it makes of words, keep its score."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import regex
import typer
from rich.console import Console

from bot.assistant import Assistant
from bot.cli import chats as chats_
from bot.cli import life, walk
from bot.cli import score as score_
from bot.cli.refusing import read_settings, refuse, refusing, store_refusing
from bot.learned import READERS, TRUSTED
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
        refuse("There is no [hosts.NAME] in the settings, so there is nothing to link to. docs/protocol.md tells how.")
    given = {"host": host, "port": port}
    where = settings.serve.model_copy(update={name: value for name, value in given.items() if value is not None})
    with store_refusing():
        try:
            run(settings.model_copy(update={"serve": where}))
        except OSError as error:
            refuse(f"It cannot listen where it is to: {error.strerror}. The ports stand under [serve] in the settings.")


SETTINGS = """\
# Porchlight's settings. What is left out is as shown. Any line can be overridden by the environment:
# PORCHLIGHT_DATABASE, PORCHLIGHT_MODES__DEFAULT and so on.

# Where reports are kept: a path, or a URL such as postgresql://user@host/name
database = "porchlight.db"

# The key of the evidence and of the links. Keep it apart from the database, and back it up elsewhere.
key_file = "porchlight.key"

# Where people reach the assistant's pages, if that is not the chat's own address
# base_url = "https://chat.example.org"

# Countries whose national phone numbers are read (ISO 3166)
# regions = ["GB", "US", "IE", "CA", "AU", "NZ", "IN", "ZA"]

# Domains that are your own and may be shared
# own_links = ["example.org"]

# How long a report usually waits until a person reads it, and after how many days its evidence is forgotten
# usual_time = "within a day"
# readers_of_reports = "Trained volunteers and moderators of this community"
# keep_reports_days = 180

# How long the rest is kept: docs/privacy.md tells what each of it is
# keep_clippings_days = 30
# keep_traces_days = 14
# keep_referrals_days = 90
# keep_memories_days = 400

# How people reach those who run the site, and a link to the site's own way to stay in touch, if there is one
# contact = "safety@example.org"
# together = "https://example.org/favourites"

# Folders with your own rules, prompts and pages, laid over those that come along
# rules = "rules"
# prompts = "prompts"
# pages = "pages"

# What your chat signs its moderators in at the desk with, 32 characters or more; better set as PORCHLIGHT_DESK_KEY
# desk_key = ""

# Who reads: the rules before a message is delivered. The second reader, "learned", is on trial: it sees more and errs more.
# readers = ["rules"]

# Where serve listens: the pages for everybody, the figures and health checks for those who watch over it
# [serve]
# host = "127.0.0.1"
# port = 8080
# status_host = "127.0.0.1"
# status_port = 9464

# A chat on somebody else's Socket.IO server; docs/protocol.md tells what it has to do. The token is better kept in a file,
# which is read at each connection, or in PORCHLIGHT_HOSTS__MAIN__TOKEN. "main" stands before the ids of its people at the desk.
# [hosts.main]
# url = "https://chat.example.org"
# token_file = "porchlight.token"

# Shadow: the assistant reads and counts, but shows nothing and changes nothing.
# When the counts look right to you, set it to "on"; "off" stops the reading as well.
[modes]
default = "shadow"

# A kind, a room or a role can have a mode of its own; the most careful one that applies wins.
# [modes.kinds]
# flirt = "shadow"

# How much is how often, and how long people are left in peace. These are the numbers that hold if nothing is written.
# [limits]
# repeats = 2              # from the second move of one kind on it is said that it came again
# flirts = 2               # from the second advance on the other person hears of it
# often = 3                # from the third message against a room's rules on, in one day, moderators hear how often it was
# drifters = 3             # so many people drift off in a room without a moderator before it is reminded ...
# drift_seconds = 600      # ... within this time
# compliments = 3          # from the third kind word on somebody's looks on it is an advance
# steps = 3                # so many different steps toward something intimate, by one person, are a climb
# gather_messages = 6      # two different hints of moves by one person within so many messages are taken for one
# refusal_messages = 6     # so many messages back a "no" can answer
# sudden_messages = 6      # from so many messages on a talk that a listener leaves without a word ends suddenly ...
# sudden_seconds = 600     # ... if something was said within this time
# moment_seconds = 10      # nobody hears two nudges in a chat within this time, unless the second is graver
# quiet_seconds = 600      # nobody hears of the same topic in the same chat twice within this time
# put_away_seconds = 86400 # what was dismissed stays away for so long
# wrongs = 2               # who called a topic wrong so often hears of it only when it is sure
# nudges_per_hour = 8      # to one person in one chat; graver ones are not counted
# nudges_per_day = 40      # to one person in all chats
# reminder_seconds = 1800  # a room is reminded of the same thing by itself once in this time

# How many chats in which the same is told, by as many people, call for a decision; other reasons do so the first time
# [counts]
# asked_details = { chats = 3, days = 90 }
# left = { chats = 5, days = 90 }

# Whom to call in a crisis, by the country in a person's locale ("en-GB"); a line without countries is for everywhere.
# Without any, the best known lines of six countries and a directory for all others are named. Call them once before you rely on them.
# [[helplines]]
# name = "Samaritans"
# number = "116 123"
# href = "tel:116123"
# countries = ["GB", "IE"]
"""


@app.command()
def init() -> None:
    """Write a commented porchlight.toml, in shadow mode."""
    from bot.edge.settings import FILE  # noqa: PLC0415 -- as above

    try:
        with FILE.open("x", encoding="utf-8") as file:
            file.write(SETTINGS)
    except FileExistsError:
        refuse(f"{FILE} is there already; nothing was changed.")
    except OSError as error:
        refuse(f"{FILE} cannot be written: {error.strerror}")
    typer.echo(f"{FILE} is written: the assistant reads and counts, and shows nothing until [modes] says on. Next: check")


@app.command()
def check() -> None:
    """See whether settings, rules, prompts and store are fit for use."""
    from bot.app import check_words, load_prompts, load_rules  # noqa: PLC0415 -- as above
    from bot.compose import Composer  # noqa: PLC0415
    from bot.links import Links  # noqa: PLC0415
    from bot.prompts import PromptError  # noqa: PLC0415
    from bot.rule import RuleError  # noqa: PLC0415
    from bot.spot import Scanner  # noqa: PLC0415

    settings = read_settings()
    typer.echo(f"settings  fine; the mode is {settings.modes.default.value} where nothing else is said")
    for folder in filter(None, (settings.rules, settings.prompts)):
        if not folder.is_dir():
            refuse(f"{folder} is to be laid over what comes along, but there is no such folder.")
    try:
        rules, prompts = load_rules(settings.rules), load_prompts(settings.prompts)
        scanner = Scanner(rules)
        scanner.warm()
        check_words(Assistant(scanner, Composer(rules), prompts, Links("check"), settings.community()))
    except (RuleError, PromptError) as error:
        refuse(str(error))
    except regex.error as error:
        refuse(f"A pattern cannot be compiled: {error}")
    typer.echo(f"rules     {len(rules.rules)} over {len(rules.cues)} cues")
    typer.echo(f"prompts   {len(tuple(prompts))}, with words for every topic of the ladder")
    with store_refusing():
        asyncio.run(_try_store(settings))
    typer.echo("store     opens")


@app.command("desk-link")
def desk_link(
    *,
    person: Annotated[str, typer.Option("--person", help="Who signs in, by the id they have in the chat.")],
    role: Annotated[DeskRole, typer.Option("--role", help="Volunteers read and note, moderators decide, admins see the record as well.")],
) -> None:
    """Print a link that signs one person in at the desk, once, within an hour."""
    settings = read_settings()
    with refusing(), store_refusing():
        href = asyncio.run(_sign_in_href(settings, person, role))
    typer.echo(href)


async def _try_store(settings: Settings) -> None:
    from bot.app import open_store  # noqa: PLC0415 -- as above

    store = await open_store(settings)
    await store.close()


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
    journey = walk.Walk(_assistant())
    journey.open("try", ChatKind.DIRECT, walk.complete((author,), ChatKind.DIRECT))
    # A terminal may hand over bytes that are no text.
    _print_steps([journey.say("try", author, text.encode("utf-8", "replace").decode("utf-8"))], as_json=as_json)


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
    readers: Annotated[str, typer.Option("--readers", help="Who reads, separated by commas.")] = ",".join(TRUSTED),
    meanings: Annotated[str, typer.Option("--map", help="What labels of another scheme mean: label=kind,label=none,...")] = "",
) -> None:
    """Compare what is found in labelled messages with their labels, and count alarms in harmless talk."""
    reading = set(readers.split(","))
    if strangers := sorted(reading - set(READERS)):
        refuse(f"Not installed: {', '.join(strangers)}. Readers: {', '.join(READERS)}")
    with refusing():
        rows = score_.read_cases(file, score_.read_map(meanings))
        accepted = score_.read_ids(accept) if accept else frozenset()
    judged = score_.judge(_assistant(reading), rows)
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


def _assistant(readers: Collection[str] = TRUSTED) -> Assistant:
    """The assistant as it comes, in mode on, whatever is set here: two people with one file see the same."""
    from bot.app import build_assistant  # noqa: PLC0415 -- as above

    return build_assistant("replay", Community(), readers=readers)


def _print_steps(steps: Iterable[walk.Step], *, as_json: bool) -> None:
    if not as_json:
        walk.show(steps, Console())
        return
    for step in steps:
        _print_json(step.row())


def _print_json(value: Any) -> None:  # noqa: ANN401 -- whatever JSON can say
    typer.echo(json.dumps(value))
