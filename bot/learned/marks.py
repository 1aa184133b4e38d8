"""Marks: what the second reader can know a message by, each as one number between 0 and ``MARKS``.

Words and runs of up to three of them, pieces of two to five letters, who speaks, the words of the last turns, and what the rules
saw there and here. Nothing is looked up: a mark's number comes from its letters, so two marks may share one, which costs little.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bot.learned.reading import LATELY, TURNS, Reading
from bot.model import Role

BITS = 18
MARKS = 1 << BITS
"""So many marks are told apart."""
LONGEST = 600
"""So many characters of a message are read; of a longer one the beginning and the end."""
LONGEST_TURN = 200
"""So many characters of each earlier message, from its end."""

Marks = npt.NDArray[np.uint32]

# --- words -----------------------------------------------------------------------------------------------------------

WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_EDGE = zlib.crc32(b"^")

_NEXT, _STIR, _SHAKE = (np.uint32(odd) for odd in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D))
_TRIPLES, _MEMBER, _LISTENER, _OWN, _OTHER = (np.uint32(salt) for salt in (0x3C6EF372, 0x1B873593, 0x51ED270B, 0x2545F491, 0x6C078965))
_LETTER = np.uint32(0x01000193)
_PIECES = tuple(np.uint32(odd) for odd in (0x27D4EB2F, 0x165667B1, 0x9E3779B1, 0xC2B2AE35))
"""One factor for each length of a piece, from two letters on."""


def of_words(reading: Reading) -> Marks:
    """The marks of the words, each once, in rising order."""
    text = reading.text
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    edge = [_EDGE]
    framed = np.array(edge + _numbers(WORD.findall(text)) + edge, np.uint32)
    words = framed[1:-1]
    pairs = framed[:-1] * _NEXT + framed[1:]
    said_by = _LISTENER if reading.role is Role.LISTENER else _MEMBER
    found = [words, pairs, (pairs[:-1] * _NEXT + framed[2:]) ^ _TRIPLES, words ^ said_by]
    run = letters = np.frombuffer(f" {' '.join(text.split())} ".encode("utf-32-le", "surrogatepass"), np.uint32)
    for length, factor in enumerate(_PIECES, 1):
        run = run[:-1] * _LETTER + letters[length:]
        found.append(run * factor)
    for turn in reading.turns[-TURNS:]:
        if turn.text:
            before = np.array(_numbers(WORD.findall(turn.text[-LONGEST_TURN:].lower())), np.uint32) ^ (_OWN if turn.own else _OTHER)
            found += [before, before[:-1] * _NEXT + before[1:]]
    return _settled(np.concatenate(found))


def _numbers(words: Iterable[str]) -> list[int]:
    return [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words]


def _settled(marks: Marks) -> Marks:
    """Stirred until every bit tells on every other, cut to so many bits, and each once."""
    marks = (marks ^ (marks >> np.uint32(15))) * _STIR
    marks = (marks ^ (marks >> np.uint32(13))) * _SHAKE
    marks >>= np.uint32(32 - BITS)
    marks.sort()
    return np.concatenate((marks[:1], marks[1:][marks[1:] != marks[:-1]]))


# --- what the rules saw ----------------------------------------------------------------------------------------------


def of_rules(reading: Reading) -> Marks:
    """The marks of what the rules saw in the message and shortly before it, each once, in rising order."""
    names = [f"is {kind}" for kind in reading.kinds] or ["is nothing"]
    names += _about(reading.cues, "here")
    for turn in reading.turns[-LATELY:]:
        whose = "own" if turn.own else "other"
        names += [f"{whose} was {kind}" for kind in turn.kinds]
        names += [f"{whose} cue {cue}" for cue in turn.cues]
    return np.array(sorted({_named(name) for name in names}), np.uint32)


def _about(cues: Sequence[str], where: str) -> Iterable[str]:
    for cue in cues:
        yield f"{where} cue {cue}"
        yield f"{where} family {cue.partition('.')[0]}"


@lru_cache(maxsize=4096)
def _named(name: str) -> int:
    return int(_settled(np.array([zlib.crc32(name.encode())], np.uint32))[0])
