"""Settings: a file, the environment over it, and errors that say what is wrong and where."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.cli.setup import SETTINGS
from bot.edge.settings import SettingsError, load_settings
from bot.model import Kind, Role
from bot.policy import Limits, Mode


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without settings of the machine the tests run on."""
    for name in list(os.environ):
        if name.upper().startswith("PORCHLIGHT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a settings file that is not there yet."""
    return tmp_path / "porchlight.toml"


def test_without_a_file_everything_is_as_it_comes(file: Path) -> None:
    """The assistant starts with nothing set: in shadow, in SQLite, with a helpline."""
    settings = load_settings(file)
    assert (settings.database, settings.key_file) == ("porchlight.db", Path("porchlight.key"))
    assert settings.modes.default is Mode.SHADOW
    assert settings.community().helplines[0].number == "988"


def test_the_file_is_read(file: Path) -> None:
    """What stands in the file holds, down to its tables and lists."""
    file.write_text(
        'database = "x.db"\nbase_url = "https://chat.example/"\nregions = ["DE"]\nown_links = ["chat.example"]\n'
        'keep_reports_days = 30\n[[helplines]]\nname = "A line"\nnumber = "1"\nhref = "tel:1"\n'
    )
    settings = load_settings(file)
    community = settings.community()
    assert (settings.database, settings.keep_reports_days) == ("x.db", 30.0)
    assert (community.place.regions, community.place.own_links) == (("DE",), ("chat.example",))
    assert [(line.name, line.number, line.href) for line in community.helplines] == [("A line", "1", "tel:1")]
    assert community.base_url == "https://chat.example"


def test_the_environment_goes_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over the line in the file; the other lines stay."""
    file.write_text('database = "x.db"\nusual_time = "soon"\n[modes]\ndefault = "shadow"\n[modes.kinds]\nflirt = "off"\n')
    monkeypatch.setenv("PORCHLIGHT_DATABASE", "postgresql://somebody@host/name")
    monkeypatch.setenv("PORCHLIGHT_MODES__DEFAULT", "on")
    settings = load_settings(file)
    assert (settings.database, settings.usual_time) == ("postgresql://somebody@host/name", "soon")
    assert (settings.modes.default, settings.modes.kinds) == (Mode.ON, {"flirt": Mode.OFF})


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ('databse = "x"', "databse"),
        ("database = 7", "database"),
        ("keep_reports_days = 0", "keep_reports_days"),
        ('[modes]\ndefault = "loud"', "modes.default"),
        ('[modes.kinds]\nflirt = "loud"', "modes.kinds.flirt"),
        ('[modes]\nkind = "on"', "modes.kind"),
        ('[[helplines]]\nname = "A line"', "helplines.0.number"),
        ("[limits]\nflirts = 0", "limits.flirts"),
        ("[limits]\nnudges = 3", "limits.nudges"),
    ],
)
def test_a_wrong_setting_is_named(file: Path, written: str, field: str) -> None:
    """The error names the file and the field; nothing starts with half of its settings."""
    file.write_text(written)
    with pytest.raises(SettingsError) as raised:
        load_settings(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert f"{field}: " in str(raised.value)


def test_all_wrong_settings_are_named_at_once(file: Path) -> None:
    """Nobody has to start again for each mistake."""
    file.write_text('databse = "x"\nkeep_reports_days = "long"')
    with pytest.raises(SettingsError, match=r"(?s)databse.*keep_reports_days|keep_reports_days.*databse"):
        load_settings(file)


def test_an_error_holds_no_password(file: Path) -> None:
    """What was written is not repeated: it may be a secret."""
    file.write_text('database = ["postgresql://somebody:hunter2@host/name"]')
    with pytest.raises(SettingsError) as raised:
        load_settings(file)
    assert "hunter2" not in str(raised.value)


def test_broken_toml_names_the_line(file: Path) -> None:
    """A slip of the pen is found by its line."""
    file.write_text('database = "x"\nregions = [\nusual_time = "soon"\n')
    with pytest.raises(SettingsError, match=r"line 3"):
        load_settings(file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = '\xe9'"])
def test_a_file_that_is_no_text_is_named(file: Path, content: bytes) -> None:
    """A file in another encoding is refused in words."""
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"porchlight\.toml: "):
        load_settings(file)


def test_a_folder_in_place_of_the_file_is_named(file: Path) -> None:
    """What cannot be read is told as what it is."""
    file.mkdir()
    with pytest.raises(SettingsError, match=r"porchlight\.toml"):
        load_settings(file)


def test_limits_reach_the_policy(file: Path) -> None:
    """A number that is written holds, the others stay as they come, and the commented ones of ``init`` are those."""
    file.write_text("[limits]\nflirts = 4\n")
    assert load_settings(file).community().limits == Limits(flirts=4)
    commented = SETTINGS[SETTINGS.index("# [limits]") :].split("\n\n", 1)[0].splitlines()
    file.write_text("\n".join(line.removeprefix("# ") for line in commented))
    assert load_settings(file).limits.model_fields_set == set(Limits.__struct_fields__)
    assert load_settings(file).community().limits == Limits()


def test_modes_reach_the_policy(file: Path) -> None:
    """Kinds, rooms and roles each have their switch, and the most careful one wins."""
    file.write_text(
        '[modes]\ndefault = "on"\n[modes.kinds]\nflirt = "shadow"\n[modes.rooms]\nlobby = "off"\n[modes.roles]\nmoderator = "shadow"\n'
    )
    modes = load_settings(file).community().modes
    assert modes.of(Kind.PRETEXT, "c1", Role.MEMBER) is Mode.ON
    assert modes.of(Kind.FLIRT, "c1", Role.MEMBER) is Mode.SHADOW
    assert modes.of(Kind.FLIRT, "lobby", Role.MEMBER) is Mode.OFF
    assert modes.of(Kind.PRETEXT, "c1", Role.MODERATOR) is Mode.SHADOW


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("usual_time = 'soon'\nkeep_reports_days = -1\n", "line 2, keep_reports_days"),
        ("[modes]\n\n# loud\ndefault = 'loud'\n", "line 4, modes.default"),
        ("[modes.kinds]\nflirt = 'loud'\n", "line 2, modes.kinds.flirt"),
        ("[modes]\nkinds = { flirt = 'loud' }\n", "line 2, modes.kinds.flirt"),
        ("modes.default = 'loud'\n", "line 1, modes.default"),
        (
            "[[helplines]]\nname = 'a'\nnumber = '1'\nhref = 'tel:1'\n[[helplines]]\nname = 'b'\nhref = 'tel:2'\n",
            "line 5, helplines.1.number",
        ),
        ("[limits]\nrepeats = 0\n", "line 2, limits.repeats"),
        ("[hosts.'main']\ntoken = 'x'\n", "line 1, hosts.main"),
        ("nonsense = 1\n", "line 1, nonsense"),
    ],
)
def test_an_error_names_its_line(file: Path, written: str, line: str) -> None:
    """What is wrong is found in a file of any length."""
    file.write_text(written)
    with pytest.raises(SettingsError, match=re.escape(line)):
        load_settings(file)


def test_the_environment_has_no_lines(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a variable says wrong is named without a line that has nothing to do with it."""
    monkeypatch.setenv("PORCHLIGHT_KEEP_REPORTS_DAYS", "-1")
    file.write_text("usual_time = 'soon'\n")
    with pytest.raises(SettingsError, match=r"porchlight.toml: keep_reports_days"):
        load_settings(file)


def test_the_rooms_of_a_linked_chat_go_by_the_ids_that_they_have_there(file: Path) -> None:
    """Within the assistant the chat's name stands before them."""
    file.write_text("[modes.rooms]\nlounge = 'off'\n[hosts.main]\nurl = 'http://localhost:1'\n", "utf-8")
    modes = load_settings(file).community().modes
    assert (modes.of(None, "main/lounge", Role.MEMBER), modes.of(None, "main/hall", Role.MEMBER)) == (Mode.OFF, Mode.SHADOW)
