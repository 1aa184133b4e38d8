"""How the cost of reading grows: with the number of rules, and with the length and the malice of a text."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from bot.app import build_assistant, load_rules
from bot.compose import Composer
from bot.matchers import Place
from bot.model import Role
from bot.rule import Rule, Rules
from bot.spot import Scanner
from bot.text import fold
from bot.voice import Community

DRAWS = 3
"""So many random halves of the rules are compared with all of them."""
LENGTHS = (2_000, 10_000)
TRIES = 5

WORDS = (
    "my number is app drains battery can't type call video text me whatsapp insta snap at dot com zero one two please not tell send".split()
)
HOSTILE: dict[str, Callable[[int], str]] = {
    "words that set off every rule": lambda n: " ".join(random.Random(1).choices(WORDS, k=n // 5))[:n],  # noqa: S311 -- repeatable
    "half telephone numbers": lambda n: ("1-2.3 " * n)[:n],
    "number words": lambda n: ("double oh seven nine " * n)[:n],
    "letters apart": lambda n: ("t e l e g r a m . " * n)[:n],
    "look-alike letters": lambda n: ("т\u0435l\u0435gr\u0430m " * n)[:n],
    "at and dot": lambda n: ("a at b dot c " * n)[:n],
    "one long word": lambda n: "a" * n,
    "combining marks": lambda n: ("e\u0301\u0302" * n)[:n],
    "questions": lambda n: ("could we call? what's your app? " * n)[:n],
}


def bench_doubling(lines: list[str]) -> None:
    """Print what fold to compose costs with all rules, in multiples of what it costs with a random half of them."""
    rules = load_rules()
    ratios = []
    for draw in range(DRAWS):
        half = _only(rules, random.Random(draw).sample(rules.rules, len(rules.rules) // 2))  # noqa: S311 -- repeatable
        readers = [_reader(half), _reader(rules)]
        took: list[list[float]] = [[], []]
        for number, text in enumerate(lines[draw::DRAWS]):
            # Which of the two meets a line first alternates; neither has seen it before.
            for which in (0, 1) if number % 2 else (1, 0):
                begun = time.perf_counter()
                readers[which](text)
                took[which].append(time.perf_counter() - begun)
        ratios.append(statistics.median(took[1]) / statistics.median(took[0]))
    print(
        f"fold to compose with all {len(rules.rules)} rules / with a random half: {statistics.median(ratios):.2f} (median of {DRAWS} draws)"
    )


def _only(rules: Rules, some: list[Rule]) -> Rules:
    """Some of the rules, with no more cues than they name, and those that these are made of."""
    names: set[str] = set()
    fresh = {name for rule in some for when in rule.whens for group in (*when.groups, when.none, when.without) for name in group}
    while fresh:
        names |= fresh
        phrases = [phrase for name in fresh for phrase in rules.cues[name].phrases]
        fresh = {name for one in phrases for group in (*one.groups, one.between, one.none) for name in group} - names
    return Rules({name: cue for name, cue in rules.cues.items() if name in names}, tuple(some))


def _reader(rules: Rules) -> Callable[[str], object]:
    scanner, composer, place = Scanner(rules), Composer(rules), Place()
    scanner.warm()

    def read(text: str) -> object:
        spotted = scanner.spot(fold(text), place)
        return composer.compose(spotted.cues, spotted.tail, "sam", Role.MEMBER)

    return read


def bench_hostile() -> None:
    """Print the longest that texts take which were made to be slow, the best of some tries each."""
    assistant = build_assistant("bench", Community())
    assistant.scanner.warm()
    for length in LENGTHS:
        worst = {name: min(_time(assistant.scanner, make(length)) for _ in range(TRIES)) for name, make in HOSTILE.items()}
        name = max(worst, key=worst.__getitem__)
        print(f"hostile text of {length} characters: at most {worst[name] * 1e3:.1f} ms ({name})")


def _time(scanner: Scanner, text: str) -> float:
    begun = time.process_time()
    scanner.spot(fold(text), Place())
    return time.process_time() - begun
