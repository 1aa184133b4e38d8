"""The one-way street: a module imports only what stands left of it, and the middle has neither I/O nor a clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"
DOOR = BOT / "__init__.py"
"""What the package gives to others; it asks for it only when it is asked."""
GIVEN = {"attach": "embed"}
"""What it gives, and the module where that stands."""

STREET = (
    *("model", "text", "matchers", "rule", "spot", "compose", "learned", "policy", "prompts", "links"),
    *("reports", "tally", "cases", "likeness"),
    *("memory", "voice", "welcome", "goodbye", "unsaid", "interactions", "assistant"),
    *("edge", "app", "reload", "embed", "serve", "demo", "cli"),
)
MIDDLE = STREET[: STREET.index("edge")]

# What touches the world, keeps a clock or draws its own chance. Randomness comes in as a ``random.Random``.
WORLD = frozenset(
    {
        *("aiohttp", "aiosqlite", "alembic", "asyncio", "asyncpg", "concurrent", "engineio", "glob", "http", "importlib", "io", "logging"),
        *("multiprocessing", "os", "pathlib", "pydantic_settings", "rich", "secrets", "select", "shutil", "signal", "socket", "socketio"),
        *("socketserver", "sqlalchemy", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "typer", "urllib", "uuid"),
    }
)
WORLD_CALLS = frozenset({"open", "print", "input", "__import__", "exec", "eval"})
CLOCKS = frozenset({"now", "utcnow", "today"})
CLOCKED_SIGNERS = frozenset({"TimestampSigner", "TimedSerializer", "URLSafeTimedSerializer"})


def module_of(file: Path) -> str:
    """``bot/edge/chat.py`` belongs to ``edge``, ``bot/spot.py`` to ``spot``, ``bot/__init__.py`` to none."""
    return file.relative_to(BOT).with_suffix("").parts[0]


def files(*, of: tuple[str, ...] | None = None) -> list[Path]:
    """Every file of code in ``bot/``, or those of some modules."""
    return [file for file in sorted(BOT.rglob("*.py")) if of is None or module_of(file) in of]


def name_of(file: Path) -> str:
    """How a file is called in the list of tests."""
    return file.relative_to(BOT).as_posix()


def imported(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    """Every dotted name that a file imports, wherever it stands in it; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join((*start, *filter(None, [node.module])))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def against_the_street(source: str, file: Path) -> list[str]:
    """Imports of what stands right of this file's module."""
    module = STREET[-1] if file == DOOR else module_of(file)
    allowed = STREET[: STREET.index(module) + 1] if module in STREET else ()
    package = file.relative_to(BOT.parent).parent.parts
    names = (name.split(".") for name in imported(ast.parse(source), package))
    return [".".join(name) for name in names if name[0] == "bot" and name[1:2] != [] and GIVEN.get(name[1], name[1]) not in allowed]


def out_of_the_middle(source: str) -> list[str]:
    """Names by which a file reaches the world, a clock, or chance of its own."""
    tree = ast.parse(source)
    found = [
        name
        for name in imported(tree, ())
        if (name.split(".")[0] in WORLD and not name.startswith("urllib.parse"))
        or (name.startswith("random.") and name != "random.Random")
        or name.split(".")[-1] in CLOCKED_SIGNERS
    ]
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called)) if called in WORLD_CALLS:
                found.append(called)
            case ast.Call(func=ast.Attribute(attr=called)) if called in CLOCKS:
                found.append(called)
            case ast.Attribute(value=ast.Name(id="random"), attr=attribute) if attribute != "Random":
                found.append(f"random.{attribute}")
            case _:
                pass
    return found


def test_every_module_has_its_place_on_the_street() -> None:
    """No module of the bot stands beside the street."""
    beside = {module_of(file) for file in files()} - {"__init__", *STREET}

    assert set() == beside


@pytest.mark.parametrize("file", files(), ids=name_of)
def test_imports_go_one_way(file: Path) -> None:
    """A module imports nothing that stands right of it."""
    assert against_the_street(file.read_text(), file) == []


@pytest.mark.parametrize("file", files(of=MIDDLE), ids=name_of)
def test_the_middle_has_no_io_and_no_clock(file: Path) -> None:
    """Nothing left of the edge reaches the world, a clock, or chance of its own."""
    assert out_of_the_middle(file.read_text()) == []


def test_importing_the_middle_starts_no_machinery() -> None:
    """Whoever imports the whole middle gets no sockets, no database and no event loop with it."""
    middle = sorted({f"bot.{module_of(file)}" for file in files(of=MIDDLE)})
    program = (
        f"import sys, {', '.join(middle)}; print(*(sys.modules.keys() & {{'aiohttp', 'asyncio', 'engineio', 'socketio', 'sqlalchemy'}}))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=BOT.parent, capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("", "")


@pytest.mark.parametrize(
    "source",
    [
        "import bot.edge.chat",
        "from bot.edge import chat",
        "from bot import edge",
        "from . import edge",
        "from .edge.chat import attach",
        "from bot import attach",
        "def late():\n    from bot.app import build",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bot.policy import LADDER",
    ],
)
def test_the_wrong_way_is_seen(source: str) -> None:
    """However the import is spelled and wherever it stands, ``spot`` may not look right."""
    assert against_the_street(source, BOT / "spot.py") != []


@pytest.mark.parametrize("source", ["import bot.model", "from bot.model import Message", "from bot import model", "from .model import Age"])
def test_the_right_way_is_open(source: str) -> None:
    """``spot`` may use the nouns, whichever way it asks for them."""
    assert against_the_street(source, BOT / "spot.py") == []


def test_a_package_may_look_at_itself_and_left() -> None:
    """A file of ``edge`` may use its neighbours and all the middle, but not the demo."""
    file = BOT / "edge" / "chat.py"

    assert against_the_street("from .store import Store\nfrom bot.assistant import hear\nfrom ..model import Chat", file) == []
    assert against_the_street("from ..demo import host", file) == ["bot.demo.host"]


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "from urllib.request import urlopen",
        "from pathlib import Path",
        "import time\ntime.time()",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.date.today()",
        "import random\nrandom.choice('ab')",
        "from random import choice",
        "from itsdangerous import URLSafeTimedSerializer",
        "open('rules.toml')",
        "def late():\n    import sqlite3",
    ],
)
def test_the_world_is_seen(source: str) -> None:
    """However the middle may reach for the world, the check sees it."""
    assert out_of_the_middle(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "from random import Random\ndef pick(rng: Random) -> float:\n    return rng.random()",
        "import random\ndef pick(rng: random.Random) -> float:\n    return rng.random()",
        "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)",
        "from urllib.parse import urlsplit",
        "from itsdangerous import URLSafeSerializer",
    ],
)
def test_what_is_pure_is_allowed(source: str) -> None:
    """Chance and time that come in as arguments are no concern of the check."""
    assert out_of_the_middle(source) == []
