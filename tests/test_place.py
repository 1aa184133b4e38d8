"""The repository as a place to work: tests beside modules, a wheel with all its files, nothing of anybody's machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"

WITHOUT_A_TEST_FILE = {
    "model": "nouns that every other test uses",
    "database": "proven through the store in test_store.py",
    "seal": "proven through the store in test_store.py",
    "tables": "proven through the store in test_store.py",
    "chat": "proven through the demo in test_host.py, which sits on it as any server would",
    "bot": "the door of the package: proven as an operator uses it in test_embed.py",
    "clock": "proven with a clock that is set in test_manners.py",
    "hosts": "proven with two hosts at once in test_trouble.py and test_manners.py",
    "lines": "proven by the errors that name their line in test_settings.py",
    "mapping": "proven against the chats it is for in test_mapped.py",
    "serve": "proven as a process of its own in test_trouble.py",
    "status": "proven through serve in test_trouble.py",
}


ROOMS = {"model", "text", "matchers", "rule", "learned", "policy", "store", "wire", "link", "web", "cli", "demo"}
"""Packages that are one module in several files, and are tested through their door."""


def modules() -> set[str]:
    """Every file of code in ``bot/`` by its own name; an ``__init__`` that says nothing is none, and a room of several files is one."""
    files = {file for file in BOT.rglob("*.py") if "migrations" not in file.parts}
    files = {file for file in files if file.parent.name not in ROOMS or file.stem == "__init__"}
    return {file.stem for file in files if file.stem != "__init__"} | {
        file.parent.name for file in files if file.stem == "__init__" and "import" in file.read_text()
    }


def test_every_module_has_its_test_file() -> None:
    """A module without ``tests/test_<module>.py`` is named above with its reason, and nothing else is."""
    tested = {file.stem.removeprefix("test_") for file in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in file.parts}

    assert set(WITHOUT_A_TEST_FILE) == modules() - tested


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and lay it out as an installation would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def contents(folder: Path) -> set[str]:
    """All files below a folder, without what Python leaves behind."""
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not {"__pycache__", "_data"} & set(file.parts)
    }


@pytest.mark.parametrize(("source", "target"), [("bot", "bot"), ("prompts", "bot/_data/prompts"), ("templates", "bot/_data/templates")])
def test_the_wheel_holds_every_file(installed: Path, source: str, target: str) -> None:
    """Code, rules, static files, migrations, prompts and pages are all in the wheel, and no other file is."""
    found = {file.relative_to(installed / target).as_posix() for file in (installed / target).rglob("*") if file.is_file()}

    assert contents(ROOT / source) == {file for file in found if not file.startswith("_data/")}


@pytest.mark.parametrize("name", ["prompts", "templates"])
def test_files_are_found_in_a_checkout_and_in_a_wheel(installed: Path, name: str) -> None:
    """``find`` gives the folder that belongs to the code that asks."""
    program = f"from bot.app import find; print(find({name!r}))"

    def found(python_path: Path) -> Path:
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=installed.parent,
            env={**os.environ, "PYTHONPATH": str(python_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    assert ROOT / name == found(ROOT)
    assert installed / "bot" / "_data" / name == found(installed)


# The patterns are put together here so that this file does not match itself.
_OF_A_MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w./-])/(?:wor" + r"k|roo" + r"t|home/[a-z]\w*|opt/(?:pypi|wheels)|User" + r"s)/",
            r"\bregistry\.(?:npm|yarn)\w*\.\w+",
            r"\bnpm" + r"js\.(?:com|org)\b",
            r"\bpy" + r"pi\.(?:org|python\.org)\b",
            r"\bpython" + r"hosted\.org\b",
            r'"resol' + r'ved": "http',
        ]
    )
)


@pytest.mark.parametrize(
    "line",
    ["see /wor" + "k/here", "'/roo" + "t/.cache/'", "https://registry.npm" + "js.org/ws", "--index-url https://py" + "pi.org/simple"],
)
def test_words_of_a_machine_are_seen(line: str) -> None:
    """The search below finds what it is for."""
    assert _OF_A_MACHINE.search(line)


def test_no_file_speaks_of_a_machine() -> None:
    """No tracked file names a path of somebody's machine or the host of a package registry."""
    git = shutil.which("git")
    assert git, "git made this checkout, but it is not there"
    listing = subprocess.run(
        [git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]

    found = [
        f"{name}:{number}"
        for name in names
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), start=1)
        if _OF_A_MACHINE.search(line)
    ]

    assert found == []


def inner(folder: Path, source: str, **environment: str) -> str:
    """Run one small test file under the same fixtures and settings as all others, and give what pytest says."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_inner.py").write_text(source)
    outer = {name: value for name, value in os.environ.items() if name not in {"CI", "PORCHLIGHT_NO_SKIPS"}}
    outer["PYTHONPATH"] = str(ROOT / "tests")  # what conftest.py imports
    command = [
        sys.executable,
        "-m",
        "pytest",
        f"--config-file={ROOT / 'pyproject.toml'}",
        f"--rootdir={folder}",
        "-p",
        "no:cacheprovider",
        ".",
    ]
    return subprocess.run(command, cwd=folder, env=outer | environment, capture_output=True, text=True, check=False).stdout


def test_a_task_may_not_outlive_its_test(tmp_path: Path) -> None:
    """A task left running is an error that names it; one that ends by itself a moment later is none."""
    source = """
import asyncio

tasks = set()

async def never_ends():
    await asyncio.Event().wait()

async def test_leaves_one():
    tasks.add(asyncio.create_task(never_ends()))

async def test_leaves_one_that_ends():
    tasks.add(asyncio.create_task(asyncio.sleep(0.01)))
"""

    said = inner(tmp_path, source)

    assert "2 passed, 1 error" in said
    assert "never_ends" in said


@pytest.mark.parametrize(
    ("environment", "outcome"), [({}, "1 skipped"), ({"CI": "true"}, "1 error"), ({"PORCHLIGHT_NO_SKIPS": "1"}, "1 error")]
)
def test_nothing_is_skipped_where_nothing_may_be(tmp_path: Path, environment: dict[str, str], outcome: str) -> None:
    """Where a program is missing its tests say so and are skipped, but fail where everything must run."""
    said = inner(tmp_path, "def test_needs_node(node):\n    pass\n", PATH="", **environment)

    assert outcome in said
    assert "Node is not installed." in said
