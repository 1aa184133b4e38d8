"""What each step of the street costs by itself, on lines seen once."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator

from bot.app import build_assistant
from bot.assistant import Assistant
from bot.edge.settled import settle
from bot.learned import TRUSTED
from bot.memory import new_chat, remember, remember_seen
from bot.model import Age, ChatKind, Message, Person, Role
from bot.policy import Scene, decide
from bot.text import fold
from bot.voice import Community

MEMBER, LISTENER = Person("sam", Role.MEMBER, Age.ADULT), Person("robin", Role.LISTENER, Age.ADULT)
NUDGED = (
    "this app drains my battery, could we use {} instead?",
    "i can't type well today, shall we have a {} call?",
    "my number is 07700 9{:05d}, text me",
)


def bench_steps(lines: list[str]) -> None:
    """Time each step on lines seen once; rendering on the few that are nudged."""
    assistant = build_assistant("bench", Community())
    assistant.scanner.warm()
    warm, lines = lines[:500], lines[500:]
    steps: dict[str, list[float]] = {"fold": [], "spot": [], "compose": [], "decide": [], "remember": [], "all": []}
    chat = new_chat("bench", ChatKind.DIRECT, (MEMBER, LISTENER), 0.0)
    place = assistant.community.place
    settle()  # as ``serve`` does
    for number, text in enumerate([*warm, *lines]):
        t = [time.perf_counter()]
        folded = fold(text)
        t.append(time.perf_counter())
        spotted = assistant.scanner.spot(folded, place, chat.tail)
        t.append(time.perf_counter())
        signals = assistant.composer.compose(spotted.cues, spotted.tail, "sam", Role.MEMBER)
        t.append(time.perf_counter())
        scene = Scene(chat, MEMBER, float(number))
        decision = decide(signals, scene)
        t.append(time.perf_counter())
        message = Message(str(number), "bench", "sam", text, 0.0)
        if signals:
            chat, _ = remember_seen(scene, message, spotted, signals, decision, decision)
        else:
            chat = remember(chat, MEMBER, message, spotted, float(number))
        t.append(time.perf_counter())
        if number >= len(warm):
            for name, (begun, ended) in zip(steps, itertools.pairwise(t), strict=False):
                steps[name].append(ended - begun)
            steps["all"].append(t[-1] - t[0])
    steps["hear + render"] = list(_nudged(assistant))
    steps["second reader"] = list(_read_again(build_assistant("bench", Community(), readers=TRUSTED), lines))
    print(f"{len(lines)} lines, each once; microseconds")
    print(f"{'':14}{'median':>9}{'p99':>9}")
    for name, took in steps.items():
        took.sort()
        print(f"{name:14}{took[len(took) // 2] * 1e6:9.1f}{took[int(len(took) * 0.99)] * 1e6:9.1f}")


def _read_again(assistant: Assistant, lines: list[str]) -> Iterator[float]:
    """What happens after the answer: folded once more, and read with what was said and seen before."""
    assert assistant.learned is not None  # noqa: S101 -- it is built with all readers
    chat = new_chat("bench", ChatKind.DIRECT, (MEMBER, LISTENER), 0.0)
    for number, text in enumerate(lines[:5_000]):
        message = Message(str(number), chat.id, MEMBER.id, text, 0.0)
        _, chat, _ = assistant.hear(message, chat, {}, 0.0, random.Random(1))  # noqa: S311 -- repeatable
        begun = time.perf_counter()
        assistant.look_again(chat, message.id)
        yield time.perf_counter() - begun


def _nudged(assistant: Assistant) -> Iterator[float]:
    """The whole of a message that makes nudges: two of them, rendered and signed."""
    rng = random.Random(1)  # noqa: S311 -- repeatable
    for number in range(600):
        chat = new_chat(f"bench{number}", ChatKind.DIRECT, (MEMBER, LISTENER), 0.0)
        message = Message(str(number), chat.id, "robin", NUDGED[number % 3].format(number), 0.0)
        begun = time.perf_counter()
        answer, _, _ = assistant.hear(message, chat, {}, 0.0, rng)
        took = time.perf_counter() - begun
        if answer.nudges:
            yield took
