"""What an operator changes while the assistant runs: it is read again, no chat notices, and what is wrong changes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from make import rules

import bot.reload
from bot.app import build_pages, load_rules, open_porch
from bot.edge.porch import Ack, Porch
from bot.edge.settings import load_settings
from bot.edge.web import Pages
from bot.reload import Reload

PEOPLE = [{"id": "sam", "role": "member", "age": "adult"}, {"id": "robin", "role": "listener", "age": "adult"}]
BATTERY = "this app drains my battery, got telegram?"
OWN_WORDS = (
    '+++\ntitle = "Ours"\ntone = "warning"\nactions = ["report", "dismiss", "wrong"]\nwhy = "Ours."\nkept = "Ours."\n+++\nOur own words.\n'
)


@pytest.fixture(autouse=True)
def rules_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules that come along are the same each time: to read them once is enough for all tests."""
    monkeypatch.setattr("bot.app.load_rules", lambda own: rules() if own is None else load_rules(own))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Settings of an operator who has a folder for prompts of their own, with nothing in it yet."""
    (tmp_path / "own").mkdir()
    written = tmp_path / "porchlight.toml"
    written.write_text(f"database = '{tmp_path}/a.db'\nkey_file = '{tmp_path}/a.key'\nprompts = '{tmp_path}/own'\nmodes.default = 'on'\n")
    return written


@pytest.fixture
async def porch(file: Path) -> AsyncIterator[Porch]:
    """A porch with these settings, in which a chat is open."""

    async def send(host: str, event: str, payload: Ack) -> None:
        del host, event, payload

    opened = await open_porch(load_settings(file), send)
    await opened.hear("chat.open", {"chat": "c", "kind": "direct", "people": PEOPLE})
    yield opened
    await opened.close()
    await opened.store.close()


@pytest.fixture
def pages(porch: Porch, file: Path) -> Pages:
    """Its pages."""
    return build_pages(porch, load_settings(file))


def rewrite(file: Path, more: str, *, elsewhere: bool = False, shadow: bool = False) -> None:
    """Add to the settings; ``elsewhere`` moves the database, ``shadow`` switches to shadow mode."""
    before = file.read_text("utf-8")
    before = before.replace("a.db", "b.db") if elsewhere else before
    file.write_text((before.replace("'on'", "'shadow'") if shadow else before) + more, "utf-8")


def put_own_words(folder: Path) -> None:
    """Write the operator's own words for the member."""
    folder.mkdir(parents=True)
    (folder / "to-other.member.md").write_text(OWN_WORDS, "utf-8")


async def say(porch: Porch, number: int, text: str) -> Ack:
    """Let the listener say something."""
    return await porch.hear("message", {"id": f"m{number}", "chat": "c", "author": "robin", "text": text})


async def test_new_words_are_used_and_the_chat_goes_on(porch: Porch, pages: Pages, file: Path) -> None:
    """A prompt that is written while a chat is open speaks from the next message on; what was said before is still known."""
    reload = Reload(porch, pages, load_settings(file), file)
    await say(porch, 1, "hello, how are you today?")
    put_own_words(file.parent / "own" / "en" / "pretext.battery")

    assert await reload.now()
    ack = await say(porch, 2, "this app drains my battery so fast, can we use another app?")

    assert "Our own words." in {nudge["text"] for nudge in ack["nudges"]}
    assert porch.chats["c"].memory.heard == 2


async def test_settings_change_and_say_what_they_cannot(porch: Porch, pages: Pages, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Modes hold at once; what only a new start can change is named."""
    reload = Reload(porch, pages, load_settings(file), file)
    rewrite(file, "usual_time = 'soon'\nkeep_clippings_days = 7\n", elsewhere=True, shadow=True)
    with caplog.at_level(logging.INFO, "bot.reload"):
        assert await reload.now()

    ack = await say(porch, 1, BATTERY)

    assert (ack["nudges"], porch.would.total() > 0, pages.house.usual_time) == ([], True, "soon")
    assert "database has changed" in caplog.text
    assert "keep_clippings_days has changed" in caplog.text


@pytest.mark.parametrize("wrong", ["[limits]\nflirts = 'many'\n", "[[[\n", "rules = 'nowhere'\n"])
async def test_what_is_wrong_changes_nothing(porch: Porch, pages: Pages, file: Path, wrong: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what and where, and the assistant goes on as it was."""
    before = porch.assistant
    reload = Reload(porch, pages, load_settings(file), file)
    rewrite(file, wrong)

    assert not await reload.now()

    assert porch.assistant is before
    assert "nothing was changed" in caplog.text
    assert (await say(porch, 1, BATTERY))["nudges"]


async def test_a_change_is_noticed(porch: Porch, pages: Pages, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to tell the assistant: it looks by itself, and only reads when something is new."""
    monkeypatch.setattr(bot.reload, "LOOK_SECONDS", 0.02)
    before = porch.assistant
    reload = Reload(porch, pages, load_settings(file), file)
    reload.start()
    await asyncio.sleep(0.2)
    assert porch.assistant is before

    rewrite(file, "usual_time = 'soon'\n")
    async with asyncio.timeout(60):
        while porch.assistant is before:  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.05)
    await reload.close()

    assert porch.assistant.community.usual_time == "soon"


async def test_the_canary_is_answered_alone(porch: Porch, pages: Pages, file: Path) -> None:
    """Who says the phrase hears that the assistant is there, in shadow mode too; the message is delivered, and nothing else follows."""
    reload = Reload(porch, pages, load_settings(file), file)
    rewrite(file, "canary = 'porchlight canary 1234'\n", shadow=True)
    assert await reload.now()

    ack = await say(porch, 1, "porchlight canary 1234")

    assert (ack["verdict"], [*map(list, (nudge["to"] for nudge in ack["nudges"]))]) == ("deliver", [["robin"]])
    assert not (await say(porch, 2, "porchlight canary 123"))["nudges"]
    assert not (await say(porch, 3, ""))["nudges"]
