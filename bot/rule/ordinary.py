"""Ordinary talk, by which it is known what is seldom said: the scan looks for words that most messages do not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from bot.text import level

PRIOR = 100.0
"""What the letters of a literal say of it weighs as much as so many messages."""
MOST_BY_LETTERS = 0.3
"""No estimate by letters is higher: a share of messages."""

_LETTERS = dict(zip("etaoinshrdlcumwfgypbvkjxqz '", (120, 91, 81, 77, 73, 70, 63, 60, 60, 43, 40, 27, 29, 26, 24, 23, 20, 21, 18, 15, 11,
                                                     7, 2, 2, 1, 1, 180, 5), strict=True))  # fmt: skip
"""Of a thousand letters of English text, how many are this one."""


class Ordinary:
    """Counts what stands in a sample of ordinary messages. Built once; afterwards only its own memory of answers grows."""

    def __init__(self, messages: Iterable[str]) -> None:
        """Take the sample."""
        texts = [level(message.lower()).text for message in messages]
        self._texts = "\n".join(texts)
        self._count = len(texts)
        self._words: Counter[str] = Counter()
        self._begun: Counter[str] = Counter()
        self._ended: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            words = text.split()
            self._words.update(set(words))
            self._pairs.update(set(pairwise(words)))
        for word, often in self._words.items():
            for length in range(1, len(word) + 1):
                self._begun[word[:length]] += often
                self._ended[word[-length:]] += often
        self._known: dict[str, float] = {}

    def share(self, literal: str) -> float:
        """The share of messages that hold a literal, as far as the sample and its letters tell."""
        known = self._known.get(literal)
        if known is None:
            known = self._known[literal] = (self._times(literal) + PRIOR * _by_letters(literal)) / (self._count + PRIOR)
        return known

    def chance(self, literals: Iterable[str]) -> float:
        """The same for a set of which one must be there: an upper bound."""
        return sum(map(self.share, literals))

    def _times(self, literal: str) -> int:
        """In about how many messages of the sample it stands."""
        words = literal.split()
        begins, ends = literal[0] == " ", literal[-1] == " "
        if len(words) == 1:
            word = words[0]
            if begins:
                return self._words[word] if ends else self._begun[word]
            return self._ended[word] if ends else self._texts.count(word)
        # A phrase stands in no more messages than each two neighbours of it.
        whole = words if begins and ends else words[not begins : len(words) - (not ends)]
        most = min((self._pairs[pair] for pair in pairwise(whole)), default=self._count)
        most = min(most, *(self._words[word] for word in whole)) if whole and most else most
        if not begins:
            most = min(most, self._ended[words[0]])
        if not ends:
            most = min(most, self._begun[words[-1]])
        return self._texts.count(literal) if most else 0


def _by_letters(literal: str) -> float:
    """A rough share for what no sample holds: rare letters and many of them make rare words."""
    share = 80.0 if literal[0] != " " or literal[-1] != " " else 24.0
    for letter in literal.strip():
        share *= _LETTERS.get(letter, 3) / 1000
    return min(share, MOST_BY_LETTERS)
