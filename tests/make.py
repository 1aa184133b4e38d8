"""Nouns for tests: somebody, a chat, a signal, said in one line each, and the parts that come along, built once."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import msgspec

from bot.app import build_assistant, load_prompts, load_rules
from bot.assistant import Assistant
from bot.compose import Composer
from bot.matchers import Place
from bot.memory import new_chat
from bot.model import (
    ActionKind,
    Age,
    Answer,
    Case,
    Certainty,
    Chat,
    ChatKind,
    Cue,
    Event,
    Heard,
    Kind,
    Message,
    Nudge,
    People,
    Person,
    Pressed,
    Reason,
    Role,
    Said,
    Signal,
)
from bot.policy import Limits, Modes
from bot.prompts import Prompts
from bot.rule import Rules
from bot.spot import Scanner
from bot.voice import Community, Helpline

NOW = 1_700_000_000.0
LIMITS = Limits()
BATTERY = "this app drains my battery, got telegram?"

MAYA = Person("maya", Role.MEMBER, Age.ADULT, name="Maya")
SAM = Person("sam", Role.LISTENER, Age.ADULT, name="Sam")
ROBIN = Person("robin", Role.MODERATOR, Age.ADULT, name="Robin")
KIT = Person("kit", Role.MEMBER, Age.TEEN, name="Kit")


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules that come along."""
    return load_rules()


@lru_cache(maxsize=1)
def scanner() -> Scanner:
    """A scanner for them, with every pattern compiled."""
    built = Scanner(rules())
    built.warm()
    return built


@lru_cache(maxsize=1)
def prompts() -> Prompts:
    """The prompts that come along."""
    return load_prompts()


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    """The whole street, for a community that has a helpline."""
    community = Community(
        place=Place(own_links=("porch.example",)), helplines=(Helpline("Crisis line", "988", "tel:988"),), base_url="https://porch.example"
    )
    built = build_assistant("a secret of the tests", community)
    return Assistant(scanner(), Composer(rules()), prompts(), built.links, community)


def with_modes(modes: Modes) -> Assistant:
    """The same with other switches."""
    known = assistant()
    community = msgspec.structs.replace(known.community, modes=modes)
    return Assistant(known.scanner, known.composer, known.prompts, known.links, community)


def with_prompts(words: Prompts) -> Assistant:
    """The same with other words."""
    known = assistant()
    return Assistant(known.scanner, known.composer, words, known.links, known.community)


def person(base: Person, age: Age) -> Person:
    """Give the same person at another age."""
    return msgspec.structs.replace(base, age=age)


def direct(*people: Person) -> Chat:
    """Open a talk between two; Maya and Sam if nobody else is named."""
    return new_chat("c1", ChatKind.DIRECT, people or (MAYA, SAM), NOW)


def room(*people: Person) -> Chat:
    """Open a room; Maya, Sam and Robin are in it if nobody else is named."""
    return new_chat("r1", ChatKind.ROOM, people or (MAYA, SAM, ROBIN), NOW)


def signal(kind: Kind, certainty: Certainty = Certainty.SURE, reason: Reason | None = None, rule: str = "some/rule") -> Signal:
    """Conclude something about the first word of a message."""
    if kind is Kind.PRETEXT and reason is None:
        reason = Reason.BATTERY
    return Signal(kind, "rules", rule, certainty, reason, 0, 4)


def cue(name: str, sentence: int = 0, start: int = 0) -> Cue:
    """See a cue of one letter."""
    return Cue(name, start, start + 1, sentence)


def said(author: str, *cues: Cue, signals: tuple[Signal, ...] = ()) -> Said:
    """Put something into a tail that held these cues."""
    return Said("m", author, NOW, None, cues, signals)


def chance(seed: int = 1) -> Random:
    """Give chance that is the same each time."""
    return Random(seed)  # noqa: S311 -- the street takes chance as an argument so that tests can give it


def say(
    chat: Chat, author: Person, text: str, people: People | None = None, now: float = NOW, on: Assistant | None = None
) -> tuple[Answer, Chat]:
    """Send one message down the street."""
    number = chat.memory.heard
    message = Message(f"m{number}", chat.id, author.id, text, now)
    answer, after, _ = (on or assistant()).hear(message, chat, people or {}, now, chance(number))
    return answer, after


def hear(event: Event, chat: Chat, people: People | None = None, now: float = NOW, on: Assistant | None = None) -> Heard:
    """Send one event down the street."""
    return (on or assistant()).hear(event, chat, people or {}, now, chance())


def only(answer: Answer, to: str) -> Nudge:
    """Give the one nudge for somebody."""
    (nudge,) = (nudge for nudge in answer.nudges if nudge.to == (to,))
    return nudge


def press(
    nudge: Nudge, kind: ActionKind, by: str, chat: Chat, people: People | None = None, now: float = NOW, reason: str = "", words: str = ""
) -> Heard:
    """Press a button of a nudge."""
    (action,) = (action for action in nudge.actions if action.kind is kind)
    return hear(Pressed(by, action.token, reason, words), chat, people, now)


def arithmetic(case: Case) -> str:
    """What a case is made of, in one sentence."""
    parts = [_many(len(case.reports), "report")] if case.reports else []
    parts += [f"{kind} clearly seen in {_many(len(chats), 'chat')}" for kind, chats in sorted(case.signals.items())]
    parts += [f"{kind} noticed in {_many(len(chats), 'chat')}" for kind, chats in sorted(case.noticed.items())]
    return f"{' + '.join(parts)}."


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
