"""The encoder: loaded from a folder of weights if its extra is there, a plain sentence if not."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
from demo_server import serving, sitting
from make import assistant
from oracles import shipped, weights, with_readers
from typer.testing import CliRunner

from bot import app, cli
from bot.app import load_assistant, with_semantic
from bot.edge.encoder import MODEL, WEIGHING, EncoderError, OnnxEncoder, load, told
from bot.edge.settings import Settings
from bot.learned import SEMANTIC, Reading, Turn
from bot.model import Certainty, Kind, Role


def test_the_network_reads_words_and_what_came_before(tmp_path: Path) -> None:
    """Its scores come out in the order of the kinds; what was said before is told apart from what is said now."""
    encoder = OnnxEncoder(weights(tmp_path))
    scores = dict(zip(Kind, encoder(Reading("hello kettle", Role.LISTENER)), strict=True))
    assert scores[Kind.OFFSITE_INVITE] == pytest.approx(5.0)
    assert scores[Kind.FLIRT] == pytest.approx(-3.5)
    before = Reading("hello", Role.LISTENER, (Turn(own=False, text="kettle"),))
    assert dict(zip(Kind, encoder(before), strict=True))[Kind.OFFSITE_INVITE] == pytest.approx(-4.0)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud83d", "kettle " * 5_000, "\U0001f600" * 5_000])
def test_any_text_can_be_read(tmp_path: Path, text: str) -> None:
    """Nothing that people may write breaks it or makes it slow without bound."""
    assert len(OnnxEncoder(weights(tmp_path))(Reading(text, Role.MEMBER, (Turn(own=True, text=text),)))) == len(Kind)


def test_the_third_reader_is_loaded_from_a_folder(tmp_path: Path) -> None:
    """What the network sees and neither the rules nor the second reader do is seen."""
    known = with_semantic(with_readers(assistant(), shipped()), weights(tmp_path))
    assert known.semantic is not None
    assert told(known.semantic) == "a few words by the tests"
    (seen,) = (one for one in known.semantic.read(Reading("kettle", Role.LISTENER)) if one.certainty is Certainty.LIKELY)
    assert (seen.kind, seen.reader) == (Kind.OFFSITE_INVITE, SEMANTIC)


def test_weights_made_beside_another_second_reader_are_named(tmp_path: Path) -> None:
    """They still read, but whoever runs the site hears that they should be made anew."""
    assert "make weigh-semantic" in told(load(weights(tmp_path, beside=7), shipped()))


def test_without_weights_there_is_a_plain_sentence(tmp_path: Path) -> None:
    """No folder, an empty one, weights of another make, or damaged: each is told, and nothing else happens."""
    with pytest.raises(EncoderError, match="make train-semantic makes them"):
        load(tmp_path / "nowhere", shipped())
    with pytest.raises(EncoderError, match="another make"):
        load(weights(tmp_path, kinds=(Kind.CRISIS,)), shipped())
    (weights(tmp_path) / MODEL).write_bytes(b"no network")
    with pytest.raises(EncoderError, match="no weights that can be read"):
        load(tmp_path, shipped())
    (tmp_path / WEIGHING).write_text("{")
    with pytest.raises(EncoderError, match=WEIGHING):
        load(tmp_path, shipped())


def test_without_the_extra_there_is_a_plain_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is named."""
    folder, real = weights(tmp_path), builtins.__import__

    def lacking(name: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 -- as import is
        if name == "onnxruntime":
            raise ModuleNotFoundError("no such thing", name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(EncoderError, match=r"onnxruntime is not installed.*porchlight\[semantic\]"):
        load(folder, shipped())


def test_it_reads_only_beside_the_second_reader(tmp_path: Path) -> None:
    """Its chance is made of both."""
    with pytest.raises(EncoderError, match="second reader"):
        with_semantic(assistant(), weights(tmp_path))


def test_an_assistant_for_use_has_it_if_it_is_in(tmp_path: Path) -> None:
    """By the settings as they come it reads where there are weights, and everything works where there are none."""
    assert load_assistant(Settings(semantic=weights(tmp_path)), "secret").semantic is not None
    assert load_assistant(Settings(semantic=weights(tmp_path), readers=("rules", "learned")), "secret").semantic is None
    without = load_assistant(Settings(semantic=tmp_path / "nowhere"), "secret")
    assert (without.semantic, without.learned is None) == (None, False)


def test_score_takes_it_along_where_it_is_in_and_says_where_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are installed read, unless somebody names them; who is named and not there is refused with the reason."""
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": "a", "role": "listener", "text": "the kettle, the kettle, the kettle", "labels": ["offsite.invite"]}')

    def found(*arguments: str) -> int:
        return int(json.loads(CliRunner().invoke(cli.app, ["score", str(file), "--json", *arguments]).stdout)["moves"]["found"])

    assert found() == 0
    refused = CliRunner().invoke(cli.app, ["score", str(file), "--readers", "rules,learned,semantic"])
    assert (refused.exit_code, "Not installed: semantic: there are no weights" in refused.stderr) == (2, True)
    monkeypatch.setattr(app, "WEIGHTS", str(weights(tmp_path / "weights")))
    assert (found(), found("--readers", "rules,learned")) == (1, 0)


async def test_people_hear_what_it_sees_a_moment_after_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a real chat over Socket.IO: the message first, then a note for each side, and none where nothing is seen."""
    monkeypatch.setattr(app, "WEIGHTS", str(weights(tmp_path / "weights")))
    async with serving(tmp_path) as demo, sitting(demo) as table:
        assert demo.porch.assistant.semantic is not None
        said = await table.listener.ask("say", {"chat": table.direct, "id": "kettle", "text": "kettle hello"})
        for seat in (table.member, table.listener):
            note = await seat.heard.wait("nudge", lambda nudge: nudge.get("message") == said["id"])
            names = [name for name, payload in seat.heard.packets if said["id"] in {payload.get("id"), payload.get("message")}]
            assert (note["to"], names[0]) == ([seat.id], "message")
        assert not demo.porch.failures
