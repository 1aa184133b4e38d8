"""The second reader: knows by likeness to thousands of examples what rules cannot spell out.

A model made by ``make train`` from ``corpus/`` and run with numpy alone. It weighs the words of a message, who speaks, the last turns,
and what the rules saw in all of that, and gives one probability per kind; never sees ages. What it says is never more than ``likely``,
and policy lets it speak to people, but neither hold nor mask nor count against anybody.
``reading`` is what it gets, ``marks`` is what it knows a message by, ``model`` the file, ``reader`` the reader, ``gathering`` what small
chances come to over a chat;
``semantic`` is a third one, which reads only where the second is in doubt, with an encoder that not everybody has.
"""

from bot.learned.gathering import gathered
from bot.learned.model import About, ModelError, packed
from bot.learned.reader import NOTHING, READER, READERS, TRUSTED, Learned, Seen
from bot.learned.reading import Reading, Turn, reading_of
from bot.learned.semantic import READER as SEMANTIC
from bot.learned.semantic import Encoder, Semantic, Weighing, Weight, segments

__all__ = [
    "NOTHING",
    "READER",
    "READERS",
    "SEMANTIC",
    "TRUSTED",
    "About",
    "Encoder",
    "Learned",
    "ModelError",
    "Reading",
    "Seen",
    "Semantic",
    "Turn",
    "Weighing",
    "Weight",
    "gathered",
    "packed",
    "reading_of",
    "segments",
]
