"""Readers for tests that see what they are told to see."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import pytest
from make import assistant

from bot.app import PACKAGE
from bot.assistant import Assistant
from bot.edge.encoder import MODEL, TOKENS, WEIGHING
from bot.edge.porch import Porch
from bot.learned import Encoder, Learned, Reading, Seen, Semantic, Weighing, Weight
from bot.model import Kind, Signal

HIGH, LOW = 9.0, -9.0
"""Scores of an encoder that is certain."""


class Oracle(Learned):
    """A second reader that sees the same in everything, or fails."""

    def __init__(self, *seen: Signal, fails: bool = False) -> None:
        """Say what it is to see."""
        self.about = shipped().about
        self._seen = seen
        self._fails = fails

    def see(self, reading: Reading) -> Seen:
        """See it."""
        del reading
        if self._fails:
            raise RuntimeError("broken")
        return Seen(self._seen)


def read_by(porch: Porch, learned: Learned, semantic: Semantic | None = None) -> None:
    """Give a porch other readers."""
    porch.assistant = with_readers(porch.assistant, learned, semantic)


def with_readers(known: Assistant, learned: Learned, semantic: Semantic | None = None) -> Assistant:
    """The same assistant with other readers."""
    return Assistant(known.scanner, known.composer, known.prompts, known.links, known.community, learned, semantic)


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """The second reader that comes along."""
    return Learned((PACKAGE / "learned.model").read_bytes())


class StandIn:
    """An encoder that sees some kinds in what holds certain words and nothing elsewhere; it may be slow, and it may fail."""

    def __init__(self, words: str, *kinds: Kind, seconds: float = 0.0, fails: bool = False) -> None:
        """Say what it is to see."""
        self.asked: list[str] = []
        self._words, self._kinds, self._seconds, self._fails = words, kinds, seconds, fails

    def __call__(self, reading: Reading) -> Sequence[float]:
        """Give a score for each kind."""
        self.asked.append(reading.text)
        time.sleep(self._seconds)
        if self._fails:
            raise RuntimeError("broken")
        return [HIGH if kind in self._kinds and self._words in reading.text else LOW for kind in Kind]


def believing(encoder: Encoder, *, doubtful: float = 0.0, certain: float = 0.99, learned: Learned | None = None) -> Semantic:
    """A third reader that goes by its encoder alone. As it comes, it asks it about everything."""
    known = learned or shipped()
    weight = Weight(learned=0.0, encoder=1.0, offset=0.0, likely=0.6, hint=0.3, certain=certain)
    return Semantic(known, Weighing(dict.fromkeys(Kind, weight), doubtful, known.mark if learned is None else 0, "stand-ins"), encoder)


def thinking(encoder: Encoder, *, doubtful: float = 0.0, certain: float = 0.99) -> Assistant:
    """The assistant of the tests with all three readers, the third of which goes by this encoder."""
    semantic = believing(encoder, doubtful=doubtful, certain=certain)
    return with_readers(assistant(), semantic.learned, semantic)


WORDS = ("[UNK]", "listener", "member", "other", "same", ":", "kettle", "hello")


def weights(folder: Path, *, kinds: tuple[Kind, ...] = tuple(Kind), beside: int | None = None) -> Path:
    """A folder of weights for a tiny network: every word gives each kind a score of its own, and a text has the sum of its words."""
    onnx = pytest.importorskip("onnx")
    tokenizers = pytest.importorskip("tokenizers")
    folder.mkdir(exist_ok=True)
    table = np.zeros((len(WORDS), len(Kind)), np.float32)
    table[WORDS.index("kettle"), list(Kind).index(Kind.OFFSITE_INVITE)] = 9.0
    table[WORDS.index("hello"), list(Kind).index(Kind.FLIRT)] = 0.5
    make = onnx.helper
    integers, numbers = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    nodes = [
        make.make_node("Gather", ["table", "ids"], ["each"]),
        make.make_node("Unsqueeze", ["types", "last"], ["apart"]),
        make.make_node("Cast", ["apart"], ["weigh"], to=numbers),
        make.make_node("Sub", ["one", "weigh"], ["own"]),
        make.make_node("Mul", ["each", "own"], ["counted"]),
        make.make_node("ReduceSum", ["counted", "along"], ["summed"], keepdims=0),
        make.make_node("Add", ["summed", "offset"], ["scores"]),
    ]
    inputs = [make.make_tensor_value_info(name, integers, [1, "length"]) for name in ("ids", "types")]
    constants = {
        "table": table,
        "offset": np.full(len(Kind), -4.0, np.float32),
        "one": np.ones(1, np.float32),
        "last": np.array([2], np.int64),
        "along": np.array([1], np.int64),
    }
    held = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = make.make_graph(nodes, "tiny", inputs, [make.make_tensor_value_info("scores", numbers, [1, len(Kind)])], held)
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9)
    (folder / MODEL).write_bytes(model.SerializeToString())
    cut = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106 -- a word
    cut.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    cut.enable_truncation(12, strategy="longest_first")
    cut.save(str(folder / TOKENS))
    weight = Weight(learned=0.0, encoder=1.0, offset=0.0, likely=0.6, hint=0.3, certain=0.99)
    mark = shipped().mark if beside is None else beside
    (folder / WEIGHING).write_bytes(msgspec.json.encode(Weighing(dict.fromkeys(kinds, weight), 0.0, mark, "a few words by the tests")))
    return folder
