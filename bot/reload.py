"""What an operator changes while the assistant runs: settings, rules, prompts and pages are read again, and no chat notices.

A new assistant takes the old one's place between two events, with all memories as they are. If anything in the files is wrong, the log says
what and where, and everything stays as it was.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import regex

from bot.app import house_of, load_assistant, page_folders
from bot.edge.porch import Porch
from bot.edge.settings import Settings, SettingsError, load_settings
from bot.edge.web import Pages
from bot.prompts import PromptError
from bot.rule import RuleError

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
KEPT = ("keep_reports_days", "keep_clippings_days", "keep_traces_days", "keep_referrals_days", "keep_memories_days")
FIXED = ("database", "key_file", *KEPT, "counts", "serve", "hosts")
"""What only a new start can change."""

Stamp = tuple[tuple[str, int, int], ...]


class Reload:
    """Looks whether the files have changed, and reads them again when they have."""

    def __init__(self, porch: Porch, pages: Pages, settings: Settings, file: Path) -> None:
        """``settings`` are in force now and stand in ``file``, but for where to listen. Raises ``SettingsError``."""
        self._porch = porch
        self._pages = pages
        self._folders = _folders(settings)
        self._written = load_settings(file)
        self._file = file
        self._stamp = self._look()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look every now and then."""
        self._task = asyncio.get_running_loop().create_task(self._for_ever())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            stamp = await asyncio.to_thread(self._look)
            if stamp != self._stamp:
                self._stamp = stamp
                await self.now()

    async def now(self) -> bool:
        """Read everything again. False if something is wrong: the log says what, and nothing has changed."""
        try:
            settings = load_settings(self._file)
            assistant = await asyncio.to_thread(load_assistant, settings, self._porch.store.link_secret)
            await asyncio.to_thread(assistant.scanner.warm)  # before its first message, which must not wait for that
        except (SettingsError, RuleError, PromptError, OSError, UnicodeDecodeError, regex.error) as error:
            log.error("nothing was changed: %s", error)  # noqa: TRY400 -- the message says it all, and is about the operator's files
            return False
        for name in FIXED:
            if getattr(settings, name) != getattr(self._written, name):
                log.warning("%s has changed in %s; that takes a new start", name, self._file)
        self._porch.assistant = assistant
        self._pages.furnish(page_folders(settings), house_of(settings))
        self._written, self._folders = settings, _folders(settings)
        log.info("settings, rules, prompts and pages were read again")
        return True

    def _look(self) -> Stamp:
        """The state of all files that count: names, sizes and times of their last change."""
        files = [self._file]
        for folder in self._folders:
            files += sorted(path for path in folder.rglob("*") if path.is_file())
        stamps = []
        for file in files:
            try:
                state = file.stat()
            except OSError:
                continue
            stamps.append((str(file), state.st_size, state.st_mtime_ns))
        return tuple(stamps)


def _folders(settings: Settings) -> tuple[Path, ...]:
    """The operator's own folders, as far as they name any."""
    return tuple(folder for folder in (settings.rules, settings.prompts, settings.pages) if folder is not None)
