"""Setting the assistant up: a few questions become a commented file of settings, and everything in it is tried."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import regex
import typer

from bot.assistant import Assistant
from bot.cli.refusing import read_settings, refuse, store_refusing
from bot.learned import SEMANTIC

if TYPE_CHECKING:
    from bot.edge.link import Link
    from bot.edge.settings import Settings

TOKEN_FILE = Path("porchlight.token")
KNOCK_SECONDS = 10.0
"""So long a host has to say hello."""

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

# Who says exactly this in a chat hears, alone, that the assistant is there: so its whole way can be tried with harmless words
# canary = ""

# Folders with your own rules, prompts and pages, laid over those that come along
# rules = "rules"
# prompts = "prompts"
# pages = "pages"

# What your chat signs its moderators in at the desk with, 32 characters or more; better set as PORCHLIGHT_DESK_KEY
# desk_key = ""

# Who reads: the rules, a second reader that learned from examples, and, where the extra "semantic" and its weights are there, a third
# one for what those two leave open. check says who reads. Without the second a busy server saves some time on each message.
# readers = ["rules", "learned", "semantic"]
# semantic = "semantic"

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


class Answers(msgspec.Struct, frozen=True):
    """What an operator says about their community; what is empty stays as it comes."""

    base_url: str = ""
    regions: tuple[str, ...] = ()
    contact: str = ""
    host: str = ""
    """Where a chat on another Socket.IO server listens."""
    canary: str = ""

    def written(self) -> str:
        """The settings with what was said in its place."""
        text = SETTINGS
        for name in ("base_url", "regions", "contact", "canary"):
            value = getattr(self, name)
            if value:
                text = regex.sub(rf"(?m)^# {name} = .*$", lambda _: f"{name} = {json.dumps(value)}", text, count=1)  # noqa: B023 -- used at once
        if self.host:
            begin = text.index("# [hosts.main]")
            end = text.index("\n\n", begin)
            text = f'{text[:begin]}[hosts.main]\nurl = {json.dumps(self.host)}\ntoken_file = "{TOKEN_FILE}"{text[end:]}'
        return text


def init(*, asks: bool) -> None:
    """Write the settings, and the token of a host if there is one."""
    from bot.edge.settings import FILE  # noqa: PLC0415 -- most commands start without it

    if FILE.exists():
        refuse(f"{FILE} is there already; nothing was changed.")
    canary = f"porchlight canary {secrets.token_hex(4)}"
    answers = _ask(canary) if asks else Answers(canary=canary)
    try:
        _write(FILE, answers.written())
        if answers.host and not TOKEN_FILE.exists():
            _write(TOKEN_FILE, f"{secrets.token_urlsafe(32)}\n")
    except FileExistsError:
        refuse(f"{FILE} is there already; nothing was changed.")
    except OSError as error:
        refuse(f"{FILE} cannot be written: {error.strerror}")
    typer.echo(f"{FILE} is written: the assistant reads and counts, and shows nothing until [modes] says on. Next: check")
    if answers.host:
        typer.echo(f"The token in {TOKEN_FILE} is for both sides: give it to your chat as well, and to nobody else.")
    typer.echo(f"Who says {canary!r} in a chat hears, alone, that the assistant is there. It is in the file.")


def _write(file: Path, text: str) -> None:
    """Write a new file that only we can read: both may hold what nobody else is to know. Raises ``FileExistsError``."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
        written.write(text)


def _ask(canary: str) -> Answers:
    """Ask; an empty answer leaves things as they come."""
    typer.echo("A few questions. Enter leaves a thing as it is; everything can be changed in the file.")
    base_url = _asked("Where do people reach your site (https://...)", _is_address)
    regions = _asked("In which countries are your members (two letters each: GB, IE)", _are_countries)
    contact = _asked("How can members reach those who run the site", _is_anything)
    host = _asked("If your chat is not a python-socketio server: where does it listen (http://...)", _is_address)
    return Answers(base_url, tuple(_countries(regions)), contact, host, canary)


def _asked(question: str, wrong: Callable[[str], str | None]) -> str:
    while True:
        said = str(typer.prompt(question, default="", show_default=False)).strip()
        problem = wrong(said) if said else None
        if problem is None:
            return said
        typer.echo(problem)


def _is_address(said: str) -> str | None:
    return None if said.startswith(("http://", "https://")) and " " not in said else "An address begins with https:// or http://."


def _is_anything(said: str) -> str | None:
    del said
    return None


def _are_countries(said: str) -> str | None:
    wrong = [word for word in _countries(said) if not (word.isascii() and word.isalpha() and len(word) == 2)]  # noqa: PLR2004 -- ISO 3166
    return f"{wrong[0]} is no country in two letters." if wrong else None


def _countries(said: str) -> list[str]:
    return [word.upper() for word in said.replace(",", " ").split()]


# --- trying it -------------------------------------------------------------------------------------------------------


def check(*, link: bool) -> None:
    """Try everything; end the program with a sentence at the first thing that is not fit for use."""
    from bot.app import check_words, load_prompts, load_rules  # noqa: PLC0415 -- as above
    from bot.compose import Composer  # noqa: PLC0415
    from bot.links import Links  # noqa: PLC0415
    from bot.prompts import PromptError  # noqa: PLC0415
    from bot.rule import RuleError  # noqa: PLC0415
    from bot.spot import Scanner  # noqa: PLC0415

    settings = read_settings()
    typer.echo(f"settings  fine; the mode is {settings.modes.default.value} where nothing else is said")
    for folder in filter(None, (settings.rules, settings.prompts, settings.pages)):
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
    typer.echo(f"readers   {_who_reads(settings)}")
    with store_refusing():
        asyncio.run(_try_store(settings))
    typer.echo("store     opens")
    if settings.hosts and not settings.base_url:
        typer.echo("pages     base_url is empty, so receipts and links in the chat lead to the chat's own address")
    if link and settings.hosts:
        with store_refusing():
            silent = asyncio.run(_knock(settings))
        if silent:
            refuse(f"Not every host could be reached: {', '.join(silent)}. Is it running, and is the token right?")


def _who_reads(settings: Settings) -> str:
    from bot.app import build_assistant, with_semantic  # noqa: PLC0415 -- as above
    from bot.edge.encoder import EncoderError, told  # noqa: PLC0415

    here = ", ".join(one for one in settings.readers if one != SEMANTIC)
    if SEMANTIC not in settings.readers:
        return here
    try:
        semantic = with_semantic(build_assistant("check", settings.community(), readers=settings.readers), settings.semantic).semantic
    except EncoderError as error:
        return f"{here}; semantic does not read: {error}"
    return here if semantic is None else f"{here}, semantic ({told(semantic)})"


async def _try_store(settings: Settings) -> None:
    from bot.app import open_store  # noqa: PLC0415 -- as above

    store = await open_store(settings)
    await store.close()


async def _knock(settings: Settings) -> list[str]:
    """Connect to every host, say how that went, and hang up; the names of those that could not be reached.

    As an observer: what is said there meanwhile is answered and let through, and nobody is told anything.
    """
    from bot.app import open_porch  # noqa: PLC0415 -- as above
    from bot.edge.link import Link, Links  # noqa: PLC0415
    from bot.edge.wire import Level  # noqa: PLC0415

    links = Links()
    porch = await open_porch(settings, links.send)
    try:
        made = [Link(name, one.model_copy(update={"level": Level.OBSERVE}), porch) for name, one in settings.hosts.items()]
        for link in made:
            links.add(link)
        links.start()
        silent = [link.name for link in made if not await _says_hello(link)]
        await links.close()
    finally:
        await porch.close()
        await porch.store.close()
    return silent


async def _says_hello(link: Link) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + KNOCK_SECONDS
    while not link.is_up and loop.time() < until:  # noqa: ASYNC110 -- a link tells nobody that it is up
        await asyncio.sleep(0.05)
    said = "says hello" if link.is_up else next(line.problem for line in link.lines if line.problem)
    typer.echo(f"host      {link.name}: {said}")
    return link.is_up
