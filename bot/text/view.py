"""The shapes that folding gives: a view with its map back to the original, a text as nothing but words, and a message in all its views."""

from __future__ import annotations

import re
from bisect import bisect_right

import msgspec


class View(msgspec.Struct, frozen=True, gc=False):
    """One reading of a message. ``at[i]`` is where what is now character ``i`` began in the original, ``to[i]`` where it ended.

    Without ``at`` everything is in the same place; without ``to`` everything was one character long.
    """

    text: str
    at: tuple[int, ...] | None = None
    to: tuple[int, ...] | None = None

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original behind a non-empty span of this view."""
        if self.at is None:
            return start, end
        return self.at[start], self.at[end - 1] + 1 if self.to is None else self.to[end - 1]


class Levelled(msgspec.Struct, frozen=True, gc=False):
    """A text as nothing but its words."""

    text: str
    """One space between the words, and one at either end."""
    words: frozenset[str]


class Folded(msgspec.Struct, frozen=True, gc=False):
    """A message in all the views that are worth reading."""

    original: str
    plain: View
    levelled: Levelled
    """The plain view, levelled."""
    skeleton: View | None = None
    spoken: View | None = None

    def sentences(self) -> tuple[int, ...]:
        """Where in the original each sentence but the first begins; a ``but`` begins one too."""
        return tuple(self.plain.origin(found.end() - 1, found.end())[0] for found in _SENTENCE.finditer(self.plain.text))


def sentence_at(starts: tuple[int, ...], place: int) -> int:
    """The number of the sentence in which a character of the original stands."""
    return bisect_right(starts, place)


_SENTENCE = re.compile(r"(?:[?!;\n]|\.(?!\d))+[\s)\"']*\S|\bbut\b")
