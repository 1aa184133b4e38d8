"""The command line: what other tools read from it, and what people are told when it cannot do something."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from oracles import weights
from typer.testing import CliRunner, Result

from bot import cli
from bot.app import build_assistant
from bot.assistant import Assistant
from bot.cli import setup
from bot.demo import serve
from bot.edge.settings import Settings, load_settings
from bot.links import Links, SignIn
from bot.model import PersonMemory
from bot.voice import Community

ROOT = Path(__file__).parent.parent
BATTERY = "this app drains my battery, got telegram?"


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """Build the whole street once."""
    return build_assistant("replay", Community())


@pytest.fixture(autouse=True)
def place(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start every command in an empty folder, without building the street again each time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_assistant", lambda *_: assistant)
    return tmp_path


def run(*arguments: str) -> Result:
    """Give a command as in a terminal."""
    return CliRunner().invoke(cli.app, arguments)


def written(place: Path, *lines: dict[str, Any] | str) -> str:
    """Write a JSON Lines file and give its name."""
    file = place / "file.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return str(file)


# --- looking at words ------------------------------------------------------------------------------------------------


def test_try_prints_one_line(place: Path) -> None:
    """One message gives one line of JSON, said by a listener if nobody says otherwise."""
    done = run("try", BATTERY, "--json")
    row = json.loads(done.stdout)

    assert (done.exit_code, done.stdout.count("\n"), list(place.iterdir())) == (0, 1, [])
    assert (row["chat"], row["i"], row["author"], row["role"], row["verdict"]) == ("try", 0, "listener", "listener", "deliver")
    assert "battery" in {signal.get("reason") for signal in row["signals"]}
    assert ["member"] in [nudge["to"] for nudge in row["nudges"]]


def test_try_takes_a_role() -> None:
    """A member speaks to a listener, who is told how to answer."""
    row = json.loads(run("try", BATTERY, "--role", "member", "--json").stdout)

    assert row["role"] == "member"
    assert {(nudge["audience"], *nudge["to"]) for nudge in row["nudges"]} == {("to-other", "listener"), ("to-sender", "member")}


def test_try_reads_what_is_no_text() -> None:
    """Bytes that are no text, as a terminal may pass them on, are no reason to fail."""
    done = run("try", "caf\udce9 [b]x[/b]")

    assert (done.exit_code, "caf? [b]x[/b]" in done.stdout) == (0, True)


def test_replay_prints_a_line_for_each_step(place: Path) -> None:
    """An opening that is implied and two messages are three lines."""
    file = written(place, {"chat": "c", "author": "a", "text": "hi"}, {"chat": "c", "author": "b", "text": BATTERY})

    rows = [json.loads(line) for line in run("replay", file, "--json").stdout.splitlines()]

    assert [(row["chat"], row["i"]) for row in rows] == [("c", -1), ("c", 0), ("c", 1)]
    assert "c opens" in run("replay", file).stdout


@pytest.mark.parametrize("command", ["replay", "score", "chats"])
def test_a_bad_line_prints_nothing_but_its_name(place: Path, command: str) -> None:
    """If any line is bad nothing is printed for other tools, and the error names file and line."""
    good = {"chat": "c", "author": "a", "text": "hi", "id": "x", "participants": [{"id": "a"}], "messages": []}
    done = run(command, written(place, good, "{"), "--json")

    assert (done.exit_code, done.stdout) == (2, "")
    assert "file.jsonl, line 2: " in done.stderr


def test_score_prints_its_figures_and_the_misses_if_asked(place: Path) -> None:
    """The misses stand in the same JSON, and only if somebody wants them."""
    file = written(place, {"id": "a", "text": "hello", "labels": ["flirt"]}, {"id": "b", "text": BATTERY, "labels": []})
    accept = place / "ids.txt"
    accept.write_text("b\n")

    plain = json.loads(run("score", file, "--json").stdout)
    asked = json.loads(run("score", file, "--json", "--misses", "--accept", str(accept)).stdout)

    assert set(plain) == {"cases", "kinds", "moves", "hard_negatives", "quiet"}
    assert (plain["hard_negatives"]["flagged"], asked["hard_negatives"]["flagged"]) == (1, 0)
    assert [row["id"] for row in asked["misses"]] == ["a"]
    assert "Ordinary talk: 1 of 1 flagged" in run("score", file, "--misses").stdout


def test_score_reads_another_scheme_when_it_is_explained(place: Path) -> None:
    """Without the explanation the file is refused, and so is an explanation that is none."""
    file = written(place, {"id": "a", "text": BATTERY, "label": "leaves"})

    assert json.loads(run("score", file, "--json", "--map", "leaves=offsite.invite").stdout)["moves"]["found"] == 1
    assert (run("score", file, "--json").exit_code, run("score", file, "--map", "leaves=away").exit_code) == (2, 2)


def test_a_reader_that_is_not_installed_is_named(place: Path) -> None:
    """The rules read; whatever else is asked for and is not there is refused."""
    file = written(place, {"text": "hello"})

    assert run("score", file, "--readers", "rules").exit_code == 0
    done = run("score", file, "--readers", "rules,oracle")
    assert (done.exit_code, "Not installed: oracle" in done.stderr) == (2, True)


def test_chats_prints_its_figures(place: Path) -> None:
    """One conversation that is warned in time, for tools and for people."""
    said = [{"author": "l", "text": BATTERY, "labels": ["pretext"]}]
    file = written(place, {"id": "c", "participants": [{"id": "l"}], "messages": said, "expect_nudge_by": 0})

    assert json.loads(run("chats", file, "--json").stdout)["in_time"] == 1
    assert "warned in time 1" in run("chats", file).stdout


# --- running it ------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Note what the demo is asked to serve, without serving it."""
    calls: list[tuple[object, ...]] = []

    def note(*arguments: object) -> None:
        calls.append(arguments)

    monkeypatch.setattr(f"{serve.__module__}.serve", note)
    return calls


def test_the_demo_opens_by_itself(served: list[tuple[object, ...]]) -> None:
    """No command at all is the demo at its usual address; with the command the address can be chosen."""
    assert (run().exit_code, run("demo", "--host", "::1", "--port", "9").exit_code) == (0, 0)

    assert [call[:2] for call in served] == [("127.0.0.1", 8080), ("::1", 9)]
    assert all(isinstance(call[2], Settings) for call in served)


def test_other_commands_do_not_open_the_demo(served: list[tuple[object, ...]]) -> None:
    """Looking at words serves nothing."""
    run("try", "hello")

    assert served == []


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to do instead."""

    def fail(*_: object) -> None:
        raise OSError(98, "address already in use")

    monkeypatch.setattr(f"{serve.__module__}.serve", fail)

    done = run("demo", "--port", "9")

    assert (done.exit_code, "demo --port 10" in done.stderr) == (2, True)


def test_init_writes_settings_in_shadow_once(place: Path) -> None:
    """What is written can be read, shows nothing to anybody yet, and is never overwritten."""
    assert run("init").exit_code == 0
    first = (place / "porchlight.toml").read_text()
    (place / "porchlight.toml").write_text(first + "\n# ours\n")
    again = run("init")

    assert load_settings().modes.default == "shadow"
    assert (again.exit_code, "there already" in again.stderr) == (2, True)
    assert (place / "porchlight.toml").read_text().endswith("# ours\n")


def test_what_init_shows_is_what_holds() -> None:
    """Every line that is commented out can be uncommented, and those with a default show it."""
    run("init")
    lines = (line.removeprefix("# ") for line in setup.SETTINGS.splitlines())
    shown = tomllib.loads("\n".join(line for line in lines if line.startswith("[") or " = " in line))
    settings, usual = Settings(**shown), load_settings(Path("no such file"))

    assert set(shown) == set(Settings.model_fields)
    assert (settings.regions, settings.usual_time, settings.keep_reports_days) == (usual.regions, usual.usual_time, usual.keep_reports_days)
    assert (settings.database, settings.key_file) == (usual.database, usual.key_file)


def test_check_counts_what_is_there(place: Path) -> None:
    """Settings, rules, prompts and store are each named when they are fit for use."""
    done = run("check")

    named = [line.split()[0] for line in done.stdout.splitlines()]
    assert (done.exit_code, named) == (0, ["settings", "rules", "prompts", "readers", "store"])
    assert (place / "porchlight.db").exists()


def test_check_tells_who_reads(place: Path) -> None:
    """Whether the third reader is in, and why not; nothing of it where nobody wants it."""
    assert "readers   rules, learned; semantic does not read: there are no weights in" in run("check").stdout
    weights(place / "semantic")
    (place / "porchlight.toml").write_text("semantic = 'semantic'")
    assert "readers   rules, learned, semantic (a few words by the tests)" in run("check").stdout
    (place / "porchlight.toml").write_text("readers = ['rules']")
    assert "readers   rules\n" in run("check").stdout


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("database = 'mysql://u:hush@h/x'", "not in mysql"),
        ("database = 'postgresql://u:hush@127.0.0.1:1/x'", "The database failed"),
        ("keep_reports_days = -1", "keep_reports_days"),
        ("[[[", "porchlight.toml"),
        ("rules = 'own'", "own"),
    ],
)
def test_check_tells_what_is_wrong(place: Path, settings: str, problem: str) -> None:
    """Each fault is a sentence without a password, and ends the program with 2."""
    (place / "porchlight.toml").write_text(settings)

    done = run("check")

    assert (done.exit_code, problem in done.stderr, "hush" in done.output) == (2, True, False)


@pytest.mark.parametrize(("folder", "file"), [("rules", "cues/own.thing.toml"), ("prompts", "en/tip/to-other.md")])
def test_check_reads_the_operators_own_folders(place: Path, folder: str, file: str) -> None:
    """A rule or a prompt of the operator's own that is wrong is named."""
    (place / "porchlight.toml").write_text(f"{folder} = 'own'")
    wrong = place / "own" / file
    wrong.parent.mkdir(parents=True)
    wrong.write_text("not = 'this'")

    done = run("check")

    assert (done.exit_code, Path(file).stem in done.stderr) == (2, True)


def test_serve_needs_a_host_and_a_free_port(place: Path) -> None:
    """Without a host in the settings, with a wrong one, or where it cannot listen, it ends with a sentence that says what to do."""
    refused = run("serve")
    assert (refused.exit_code, "[hosts.NAME]" in refused.stderr) == (2, True)
    for wrong, named in (
        ("[hosts.Main]\nurl = 'http://127.0.0.1:1'", "Main"),
        ("[hosts.main]\n", "url"),
        ("[hosts.main]\nurls = 7", "urls"),
    ):
        (place / "porchlight.toml").write_text(wrong)
        refused = run("serve")
        assert (refused.exit_code, named in refused.stderr) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (place / "porchlight.toml").write_text("[hosts.main]\nurl = 'http://127.0.0.1:1'\ntoken = 'x'\n")
        refused = run("serve", "--port", str(taken.getsockname()[1]))
    assert (refused.exit_code, "cannot listen" in refused.stderr) == (2, True)


def test_a_desk_link_signs_one_person_in(place: Path) -> None:
    """The link is signed with the key of this place and names person and role."""
    (place / "porchlight.toml").write_text("base_url = 'https://chat.example.org/'")

    done = run("desk-link", "--person", "mo", "--role", "moderator")
    base, _, token = done.stdout.strip().rpartition("/")

    assert (done.exit_code, base) == (0, "https://chat.example.org/desk/sign-in")
    assert '"mo"' not in token
    assert _read(place, token).role == "moderator"


def _read(place: Path, token: str) -> SignIn:
    """Read a sign-in link with the key that lies in a folder."""
    from bot.edge.seal import Seal  # noqa: PLC0415 -- only this test reads a key

    return Links(Seal(place / "porchlight.key").link_secret).read(token, SignIn, 0.0)


def test_life_from_the_command_line(place: Path) -> None:
    """What is kept is purged, exported to a file for its owner alone, and erased; each says in a sentence what was done."""
    purged = run("purge", "--reseal")
    exported, again = [run("export", "--person", "maya", "--out", "maya.json") for _ in range(2)]
    printed, unknown = run("export", "--person", "maya"), run("erase", "--person", "maya")
    asyncio.run(_remember(place, "maya"))
    erased = run("erase", "--person", "maya")

    assert [one.exit_code for one in (purged, exported, again, printed, unknown, erased)] == [0, 0, 2, 0, 2, 0]
    assert "Nothing is kept of anybody by this id" in unknown.stderr
    assert purged.stdout.startswith("Deleted: nothing")
    assert "Encrypted anew: 0." in purged.stdout
    assert (place / "maya.json").stat().st_mode & 0o777 == 0o600
    assert json.loads(printed.stdout) == json.loads((place / "maya.json").read_text())
    assert "maya.json cannot be written" in again.stderr
    assert erased.stdout.startswith("Erased.")


async def _remember(place: Path, person: str) -> None:
    """Remember something of a person in the store of a folder."""
    from bot.edge.store import Store  # noqa: PLC0415 -- only here a test opens one

    store = await Store.open(str(place / "porchlight.db"), place / "porchlight.key")
    await store.people.remember({person: PersonMemory(tips=1)}, 1.0)
    await store.close()


def test_people_of_a_linked_chat_go_by_the_id_that_they_have_there(place: Path) -> None:
    """Within the assistant the chat's name stands before it; where several are linked it must be said which one is meant."""
    one, two = "[hosts.main]\nurl = 'http://localhost:1'\n", "[hosts.other]\nurl = 'http://localhost:2'\n"
    (place / "porchlight.toml").write_text(one)
    links = [run("desk-link", "--person", name, "--role", "admin").stdout for name in ("noor", "main/noor")]
    assert [_read(place, link.strip().rpartition("/")[2]).person for link in links] == ["main/noor"] * 2
    assert json.loads(run("export", "--person", "noor").stdout)["person"] == "main/noor"
    asyncio.run(_remember(place, "main/noor"))
    assert run("erase", "--person", "noor").exit_code == 0

    (place / "porchlight.toml").write_text(one + two)
    unclear = run("erase", "--person", "noor")
    assert (unclear.exit_code, "main/ID" in unclear.stderr) == (2, True)
    assert json.loads(run("export", "--person", "other/noor").stdout)["person"] == "other/noor"


@pytest.mark.parametrize("command", ["export", "erase", "desk-link"])
def test_nothing_is_done_to_nobody(place: Path, command: str) -> None:
    """A variable that was empty in somebody's script."""
    role = ["--role", "admin"] if command == "desk-link" else []
    for name in ("", " "):
        done = run(command, "--person", name, *role)
        assert (done.exit_code, "nobody" in done.stderr) == (2, True)
    assert not (place / "porchlight.db").exists()


@pytest.mark.parametrize("command", [["purge"], ["export", "--person", "maya"], ["erase", "--person", "maya"]])
def test_life_needs_a_store_that_opens(place: Path, command: list[str]) -> None:
    """Where the database cannot be used a sentence says so, without a password."""
    (place / "porchlight.toml").write_text('database = "mysql://someone:secret@host/db"')
    done = run(*command)

    assert (done.exit_code, "not in mysql" in done.stderr, "secret" in done.stderr) == (2, True, False)


def test_the_command_line_loads_no_server() -> None:
    """Asking for help waits for neither sockets nor a database."""
    program = "import sys, bot.cli; print(*(sys.modules.keys() & {'aiohttp', 'socketio', 'sqlalchemy', 'pydantic_settings'}))"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_it_starts_from_run() -> None:
    """``run.py`` is the same command line, with the street as it is built for real."""
    done = subprocess.run([sys.executable, "run.py", "try", BATTERY, "--json"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, json.loads(done.stdout)["signals"] != []) == (0, True)


def test_init_asks_and_writes_what_was_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer is asked for again; what was said stands in the file, and a host gets a token that only we can read."""
    monkeypatch.setattr("bot.cli.sys.stdin.isatty", lambda: True, raising=False)
    said = ["chat.example", "https://chat.example", "great britain", "gb, IE", "safety@chat.example", "http://127.0.0.1:3000"]
    answers = iter(said)
    monkeypatch.setattr("bot.cli.setup.typer.prompt", lambda *_, **__: next(answers))
    setup.init(asks=True)
    settings = load_settings()

    assert (settings.base_url, settings.regions, settings.contact) == ("https://chat.example", ("GB", "IE"), "safety@chat.example")
    assert settings.hosts["main"].addresses == ("http://127.0.0.1:3000",)
    assert len(settings.hosts["main"].read_token()) > 30
    assert (place / "porchlight.token").stat().st_mode & 0o777 == 0o600
    assert settings.modes.default == "shadow"
    assert settings.canary.startswith("porchlight canary ")


def test_check_says_which_host_is_silent(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not there is named, with no token in what is said; without the link nobody knocks."""
    monkeypatch.setattr(setup, "KNOCK_SECONDS", 0.3)
    (place / "porchlight.toml").write_text('[hosts.main]\nurl = "http://127.0.0.1:9"\ntoken = "hush"\n')

    done, quiet = run("check"), run("check", "--no-link")

    assert (done.exit_code, "main" in done.stderr, "hush" in done.output) == (2, True, False)
    assert quiet.exit_code == 0
