"""Putting it together: the one place that reads files and builds the parts, so that everything else gets them as values."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from bot.assistant import Assistant
from bot.compose import READER as RULES
from bot.compose import Composer
from bot.edge.encoder import EncoderError, load
from bot.edge.kept import cache_folder, keeping, stamp
from bot.edge.porch import Porch, Send
from bot.edge.settings import Settings
from bot.edge.store import Keep, Store
from bot.edge.store.notices import TOLD
from bot.edge.web import House, Pages
from bot.learned import READER as LEARNED
from bot.learned import SEMANTIC, TRUSTED, Learned
from bot.links import Links
from bot.model import Reason
from bot.policy import DAY, LADDER, REFUSED
from bot.prompts import DEFAULT_LOCALE, LABELS, PromptError, Prompts
from bot.rule import ORDINARY, Rules, read
from bot.spot import Scanner
from bot.tally import Threshold
from bot.voice import Community

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).parent
WEIGHTS = "semantic"
"""The folder of the third reader's weights, where nobody says otherwise."""


def find(name: str) -> Path:
    """Give a folder of ours: packed into an installed wheel, or beside the package in a checkout."""
    packed = PACKAGE / "_data" / name
    return packed if packed.exists() else PACKAGE.parent / name


def files_below(folder: Path, ending: str) -> dict[str, str]:
    """Every file below a folder that ends so, by its path from there. Raises ``NotADirectoryError``."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder.")
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in sorted(folder.rglob(f"*{ending}"))}


def load_rules(own: Path | None = None) -> Rules:
    """Read the rules that come along, and an operator's own folder over them. Raises ``RuleError``."""
    files = files_below(PACKAGE / "rules", ".toml") | files_below(PACKAGE / "rules", ORDINARY)
    if own is not None:
        files |= files_below(own, ".toml")
    code = (file for part in ("rule", "text") for file in (PACKAGE / part).glob("*.py"))
    with keeping(cache_folder(), stamp(code, files[ORDINARY])) as known:
        return read(files, known)


def load_prompts(own: Path | None = None) -> Prompts:
    """Read the prompts that come along, and an operator's own folder over them. Raises ``PromptError``."""
    folders = (find("prompts"), *filter(None, (own,)))
    return Prompts(*(files_below(folder, ".md") | files_below(folder, LABELS) for folder in folders))


def build_assistant(
    secret: str,
    community: Community,
    *,
    own_rules: Path | None = None,
    own_prompts: Path | None = None,
    readers: Collection[str] = TRUSTED,
) -> Assistant:
    """Build the street. ``secret`` signs its links; those among ``readers`` read. The third reader is another matter: ``with_semantic``."""
    rules = load_rules(own_rules) if RULES in readers else read({})
    learned = Learned((PACKAGE / "learned.model").read_bytes()) if LEARNED in readers else None
    return Assistant(Scanner(rules), Composer(rules), load_prompts(own_prompts), Links(secret), community, learned)


def with_semantic(assistant: Assistant, weights: Path | None = None) -> Assistant:
    """The assistant with the third reader, from a folder of weights or from where they are made. Raises ``EncoderError``."""
    if assistant.learned is None:
        raise EncoderError("it reads only beside the second reader")
    return assistant.reading_with(load(weights or find(WEIGHTS), assistant.learned))


def check_words(assistant: Assistant) -> None:
    """Make sure that every topic of the ladder, and every notice, has its words in the default language. Raises ``PromptError``."""
    topics = {rung.topic.format(reason=reason, rule="") for rung in (*LADDER, REFUSED) for reason in Reason} | set(TOLD)
    written = {prompt.path.split("/", 1)[0] for prompt in assistant.prompts if prompt.locale == DEFAULT_LOCALE}
    missing = sorted(topic for topic in topics if not {topic, topic.split(".", 1)[0]} & written)
    if missing:
        raise PromptError(f"There are no prompts in {DEFAULT_LOCALE} for {', '.join(missing)}.")


async def open_store(settings: Settings) -> Store:
    """Open the store as it is set."""
    keep = Keep(
        reports=settings.keep_reports_days * DAY,
        clippings=settings.keep_clippings_days * DAY,
        traces=settings.keep_traces_days * DAY,
        referrals=settings.keep_referrals_days * DAY,
        memories=settings.keep_memories_days * DAY,
    )
    thresholds = {reason: Threshold(count.chats, count.days) for reason, count in settings.counts.items()}
    return await Store.open(settings.database, settings.key_file, keep=keep, thresholds=thresholds)


async def open_porch(settings: Settings, send: Send) -> Porch:
    """Open the store and build everything that stands on it. ``send`` takes what the assistant says to the host by itself."""
    store = await open_store(settings)
    return Porch(load_assistant(settings, store.link_secret), store, send)


def load_assistant(settings: Settings, secret: str) -> Assistant:
    """The street as the settings want it, fit for use. Raises ``RuleError``, ``PromptError`` or ``OSError`` if a file is not."""
    assistant = build_assistant(
        secret, settings.community(), own_rules=settings.rules, own_prompts=settings.prompts, readers=settings.readers
    )
    check_words(assistant)
    if SEMANTIC not in settings.readers:
        return assistant
    try:
        return with_semantic(assistant, settings.semantic)
    except EncoderError as error:
        log.info("the semantic reader does not read: %s", error)
        return assistant


def build_pages(porch: Porch | None, settings: Settings) -> Pages:
    """The pages, with the templates that come along, and an operator's own folder over them.

    Without a porch they get it before the first one is asked for.
    """
    return Pages(porch, page_folders(settings), house_of(settings))


def page_folders(settings: Settings) -> list[Path]:
    """Where the pages are: the operator's own before those that come along."""
    return [*filter(None, (settings.pages,)), find("templates")]


def house_of(settings: Settings) -> House:
    """What the pages say about the house."""
    return House(settings.usual_time, settings.readers_of_reports, settings.desk_key.get_secret_value(), tuple(settings.hosts))
