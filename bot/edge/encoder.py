"""The encoder of the third reader, from a folder of weights: there only with the extra ``semantic``, and after ``make train-semantic``.

Its libraries are imported when weights are loaded and not before: who does without it does not pay for it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.learned import Learned, Reading, Semantic, Weighing, segments
from bot.model import Role

MODEL, TOKENS, WEIGHING = "model.onnx", "tokenizer.json", "weighing.json"
"""The files of the folder."""


class EncoderError(ValueError):
    """It cannot be had; the message says why, for those who run the site."""


class OnnxEncoder:
    """A network in ONNX form and the tokenizer that belongs to it. May be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Load both. Raises ``EncoderError``."""
        try:
            import onnxruntime  # noqa: PLC0415 -- an extra
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise EncoderError(f"{error.name} is not installed; it comes with the extra: pip install porchlight[semantic]") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the event loop needs the others
        options.log_severity_level = 3
        try:
            self._network = onnxruntime.InferenceSession(folder / MODEL, options, providers=["CPUExecutionProvider"])
            self._tokens = Tokenizer.from_file(str(folder / TOKENS))
        except Exception as error:  # both libraries raise whatever they like
            raise EncoderError(f"{folder} holds no weights that can be read: {error}") from error

    def __call__(self, reading: Reading) -> list[float]:
        """One score for each kind."""
        words, before = (part.encode("utf-8", "replace").decode() for part in segments(reading))  # half a character is none
        seen = self._tokens.encode(words, before) if before else self._tokens.encode(words)
        (scores,) = self._network.run(None, {"ids": [seen.ids], "types": [seen.type_ids]})
        return [float(score) for score in scores[0]]


def load(folder: Path, learned: Learned) -> Semantic:
    """The third reader behind the second. Raises ``EncoderError``."""
    try:
        weighing = msgspec.json.decode((folder / WEIGHING).read_bytes(), type=Weighing)
    except FileNotFoundError:
        raise EncoderError(f"there are no weights in {folder}; make train-semantic makes them") from None
    except (OSError, msgspec.DecodeError) as error:
        raise EncoderError(f"{folder / WEIGHING}: {error}") from None
    if set(weighing.kinds) != set(learned.about.kinds):
        raise EncoderError(f"the weights in {folder} are of another make; make train-semantic makes new ones")
    semantic = Semantic(learned, weighing, OnnxEncoder(folder))
    semantic.read(Reading("hello there", Role.MEMBER))  # the first call takes longer than all others
    return semantic


def told(semantic: Semantic) -> str:
    """What there is to say of it, in one line."""
    if semantic.weighing.beside == semantic.learned.mark:
        return semantic.weighing.made
    return f"{semantic.weighing.made}; the second reader has been trained anew since: run make weigh-semantic"
