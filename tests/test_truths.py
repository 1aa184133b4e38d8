"""Truths that hold everywhere, over random chats, people and orders of events.

Nobody hears what is said to somebody else, and nobody can tell from what they hear what others have pressed. Nothing is punished
by software. Whatever fails inside, the message is delivered.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import NOW, assistant, chance, with_modes

import bot.assistant
from bot.assistant import Assistant
from bot.edge.porch import Porch
from bot.edge.store import Store
from bot.memory import fade, new_chat
from bot.model import (
    ActionKind,
    Age,
    Answer,
    Audience,
    Certainty,
    Chat,
    ChatKind,
    Closed,
    Command,
    Draft,
    Ending,
    Event,
    Joined,
    Kind,
    Message,
    Nudge,
    Opened,
    Person,
    PersonMemory,
    Pressed,
    Role,
    Verdict,
)
from bot.policy import COUNTS_AGAINST, Mode, Modes

LINES = (
    "hello, how are you?",
    "I had a long day and my sister is angry with me",
    "this app drains my battery, got telegram?",
    "let's move to whatsapp",
    "what's your phone number?",
    "my number is 07700 900123",
    "I'd rather stay here if that's ok",
    "don't tell anybody about this chat",
    "send me a picture of you",
    "you are an idiot",
    "I want to kill myself tonight",
    "thanks for listening, good night",
)
"""Nothing here is an advance: teens are among the people."""
SILENT = (ActionKind.REPORT, ActionKind.WRONG, ActionKind.DISMISS)
"""Buttons of which nobody else may notice anything."""

SOMEBODY = st.tuples(st.sampled_from(Role), st.sampled_from(Age))
DEEDS = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 3), st.sampled_from(LINES)),
    st.tuples(st.just("say"), st.integers(0, 3), st.sampled_from(LINES)),
    st.tuples(st.just("press"), st.integers(0, 3), st.sampled_from(SILENT)),
    st.tuples(st.just("draft"), st.integers(0, 3), st.sampled_from(LINES)),
    st.tuples(st.just("command"), st.integers(0, 3), st.sampled_from(("/rules", "/safety", "/mod help", "/remind contact"))),
    st.tuples(st.just("wait"), st.integers(0, 3), st.sampled_from(("5", "30", "700", "90000"))),
    st.tuples(st.just("age"), st.integers(0, 3), st.sampled_from(tuple(Age))),
    st.tuples(st.just("close"), st.integers(0, 3), st.sampled_from(tuple(Ending))),
)
FEW = ("let's move to whatsapp", "what's your phone number?", "I'd rather stay here if that's ok", "my number is 07700 900123")
ROUNDS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(FEW), st.integers(0, 1), st.sampled_from(SILENT), st.sampled_from(("5", "700"))),
    min_size=2,
    max_size=5,
).map(
    lambda rounds: [
        deed
        for speaker, line, presser, button, wait in rounds
        for deed in (("say", speaker, line), ("press", presser, button), ("wait", 0, wait))
    ]
)
"""The same few things said again and again, with buttons in between: where a memory of one could leak to another."""
WORLDS = st.tuples(st.lists(SOMEBODY, min_size=2, max_size=4), st.sampled_from(ChatKind), st.one_of(ROUNDS, st.lists(DEEDS, max_size=12)))


class World:
    """A chat that is lived through: what happened, and what everybody heard of it."""

    def __init__(self, people: list[tuple[Role, Age]], kind: ChatKind, street: Assistant | None = None) -> None:
        """Open a chat with these people."""
        self.street = street or assistant()
        self.people = tuple(Person(f"p{number}", role, age, name=f"Name{number}") for number, (role, age) in enumerate(people))
        self.chat: Chat = new_chat("c1", kind, self.people, NOW)
        self.memories: dict[str, PersonMemory] = {}
        self.now = NOW
        self.heard: list[tuple[int, Nudge]] = []
        self.buttons: dict[str, list[Nudge]] = {}
        self.answers: list[tuple[Event, Answer, Chat]] = []
        self._do(0, Opened("c1", kind, self.people))

    def live(self, deeds: list[tuple[str, int, str]], *, without: Callable[[str, Person, Any], bool] = lambda *_: False) -> World:
        """Do all this, but for what is left out; chance is the same for each deed whatever was left out before."""
        for number, (what, who, how) in enumerate(deeds, start=1):
            person = self.people[who % len(self.people)]
            if without(what, person, how):
                self.now += 7
                continue
            event = self._event(number, what, person, how)
            self.now += 7
            if event is not None:
                self._do(number, event)
        return self

    def _event(self, number: int, what: str, person: Person, how: Any) -> Event | None:  # noqa: ANN401 -- as the deed has it
        person = self.chat.person(person.id) or person
        made: dict[str, Callable[[], Event | None]] = {
            "say": lambda: Message(f"m{number}", "c1", person.id, how, self.now),
            "draft": lambda: Draft("c1", person.id, how),
            "command": lambda: Command(f"k{number}", "c1", person.id, how),
            "age": lambda: Joined("c1", msgspec.structs.replace(person, age=how)),
            "close": lambda: Closed("c1", person.id, how),
            "press": lambda: self._press(person, how),
            "wait": lambda: self._wait(float(how)),
        }
        return made[what]()

    def _press(self, person: Person, kind: ActionKind) -> Event | None:
        """The newest button of a kind that somebody has."""
        tokens = (action.token for nudge in self.buttons.get(person.id, ()) for action in nudge.actions if action.kind is kind)
        token = next(filter(None, tokens), None)
        return None if token is None else Pressed(person.id, token)

    def _wait(self, seconds: float) -> None:
        self.now += seconds
        self.chat = fade(self.chat, self.now)

    def _do(self, number: int, event: Event) -> None:
        before = self.chat
        answer, self.chat, people = self.street.hear(event, before, self.memories, self.now, chance(number))
        self.memories |= people
        self.answers.append((event, answer, before))
        for nudge in answer.nudges:
            self.heard.append((number, nudge))
            for person in nudge.to:
                self.buttons.setdefault(person, []).insert(0, nudge)

    def seen_by(self, person: str) -> list[tuple[int, str, str]]:
        """All that somebody heard, in order, but for the one of several wordings, ids and tokens, which chance makes."""
        return [(number, nudge.prompt, nudge.tone) for number, nudge in self.heard if person in nudge.to]

    def verdicts(self) -> list[tuple[Verdict, str | None]]:
        """What became of the messages."""
        return [(answer.verdict, answer.text) for event, answer, _ in self.answers if isinstance(event, Message)]


MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- 1: a nudge for one person never reaches another, and nobody learns who reported ---------------------------------


@MANY
@given(WORLDS)
def test_what_is_said_to_one_is_said_to_no_other(world: tuple[Any, Any, Any]) -> None:
    """The author's words go to the author, the others' to the others, the moderators' to moderators, an answer to who asked."""
    people, kind, deeds = world
    for event, answer, before in World(people, kind).live(deeds).answers:
        by = getattr(event, "author", getattr(event, "person", None))
        heard = [person for nudge in answer.nudges if nudge.audience is not Audience.ROOM for person in nudge.to]
        if isinstance(event, Message):
            assert len(heard) == len(set(heard))
        for nudge in answer.nudges:
            assert nudge.audience is Audience.ROOM or len(nudge.to) == 1
            assert {person.id for person in before.people} | {by} >= set(nudge.to)
            if nudge.audience is Audience.TO_SENDER and not isinstance(event, Opened | Joined):
                assert nudge.to == (by,)
            if nudge.audience is Audience.MODERATORS:
                assert {person.role for person in before.people if person.id in nudge.to} == {Role.MODERATOR}
            if isinstance(event, Draft | Pressed):
                assert nudge.to == (by,)


@MANY
@given(WORLDS, st.integers(0, 3))
def test_nobody_notices_what_others_press(world: tuple[Any, Any, Any], who: int) -> None:
    """What everybody else hears, and what becomes of every message, is to the letter the same as if somebody had pressed nothing.

    So nobody learns who reported, called a note wrong or put it away, neither from words nor from silence.
    """
    people, kind, deeds = world
    presser = f"p{who % len(people)}"
    as_it_was = World(people, kind).live(deeds)
    as_if = World(people, kind).live(deeds, without=lambda what, person, _: what == "press" and person.id == presser)
    for person in as_it_was.people:
        if person.id != presser:
            assert as_it_was.seen_by(person.id) == as_if.seen_by(person.id)
    assert as_it_was.verdicts() == as_if.verdicts()


@MANY
@given(WORLDS, st.integers(0, 3))
def test_nobody_notices_what_others_try_out(world: tuple[Any, Any, Any], who: int) -> None:
    """A draft that was checked changes nothing for anybody else."""
    people, kind, deeds = world
    trying = f"p{who % len(people)}"
    as_it_was = World(people, kind).live(deeds)
    as_if = World(people, kind).live(deeds, without=lambda what, person, _: what == "draft" and person.id == trying)
    for person in as_it_was.people:
        if person.id != trying:
            assert as_it_was.seen_by(person.id) == as_if.seen_by(person.id)
    assert as_it_was.verdicts() == as_if.verdicts()


# --- 2: nothing is punished by software ------------------------------------------------------------------------------


@MANY
@given(WORLDS)
def test_only_what_an_adult_does_toward_a_teen_opens_a_case(world: tuple[Any, Any, Any]) -> None:
    """A case by software is about somebody who may be an adult, for what was seen in their own words, never for a crisis, and says so."""
    people, kind, deeds = world
    lived = World(people, kind).live(deeds)
    for event, answer, _ in lived.answers:
        for concern in answer.concerns:
            assert isinstance(event, Message | Joined)
            about = lived.chat.person(concern.about)
            assert about is not None
            assert Kind.CRISIS not in {concern.kind, *concern.kinds}
            assert set(concern.kinds) <= COUNTS_AGAINST
            if isinstance(event, Message):
                assert concern.about == event.author
                assert concern.kind in {signal.kind for signal in answer.signals}
                assert set(concern.kinds) <= {signal.kind for signal in answer.signals if signal.certainty is Certainty.SURE}


@MANY
@given(WORLDS)
def test_no_count_ever_hinders_anybody(world: tuple[Any, Any, Any]) -> None:
    """What becomes of a message depends on what is in it and on nothing that its author did before.

    The same words as the first ones of a new chat fare the same, unless they complete what an earlier message began.
    """
    people, kind, deeds = world
    for event, answer, before in World(people, kind).live(deeds).answers:
        if isinstance(event, Message) and event.text in LINES:
            fresh = new_chat("c1", kind, before.people, event.ts)
            alone, _, _ = assistant().hear(event, fresh, {}, event.ts, chance())
            assert (answer.verdict, answer.text) == (alone.verdict, alone.text)


# --- shadow ----------------------------------------------------------------------------------------------------------


@MANY
@given(WORLDS)
def test_shadow_tells_what_would_have_been_done(world: tuple[Any, Any, Any]) -> None:
    """Message by message shadow mode names the verdict and the topics that mode on has in their place, silences between them included."""
    people, kind, deeds = world
    spoken = [deed for deed in deeds if deed[0] in {"say", "wait", "age"}]
    on, shadow = World(people, kind).live(spoken), World(people, kind, with_modes(Modes(default=Mode.SHADOW))).live(spoken)
    for (event, done, _), (_, would, _) in zip(on.answers, shadow.answers, strict=True):
        if isinstance(event, Message):
            assert (would.verdict, would.nudges, would.concerns, would.covers) == (Verdict.DELIVER, (), (), ())
            assert would.signals == done.signals
            topics = {nudge.prompt.split("/", 1)[0] for nudge in done.nudges}
            named = set(would.would) - {Verdict.MASK.value, Verdict.HOLD.value}
            assert (done.verdict.value in would.would) is (done.verdict is not Verdict.DELIVER)
            # A topic without words of its own is told in those of the broader one.
            assert all(any(f"{name}.".startswith(f"{topic}.") for topic in topics) for name in named)
            assert all(any(f"{name}.".startswith(f"{topic}.") for name in named) for topic in topics)


# --- 5: whatever fails, the message is delivered ---------------------------------------------------------------------

PARTS: dict[str, Callable[[Porch], object]] = {
    "spot": lambda porch: porch.assistant.scanner,
    "compose": lambda porch: porch.assistant.composer,
    "render": lambda porch: porch.assistant.voice,
    "buttons": lambda porch: porch.assistant.links,
    "decide": lambda _: bot.assistant,
    "temper": lambda _: bot.assistant,
    "remember": lambda _: bot.assistant,
    "remember_seen": lambda _: bot.assistant,
}


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=6, deadline=None)
@given(
    lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=5),
    error=st.sampled_from((ValueError, KeyError, RecursionError, MemoryError, TimeoutError)),
)
def test_whatever_fails_the_message_is_delivered(part: str, lines: list[str], error: type[Exception]) -> None:
    """Each message is answered with deliver or with what it would be answered anyway; what failed is counted, and the next one is read."""
    asyncio.run(_fail(part, lines, error))


async def _fail(part: str, lines: list[str], error: type[Exception]) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"{folder}/porchlight.db", Path(folder) / "porchlight.key")
        porch = Porch(assistant(), store, _nobody, clock=lambda: NOW, rng=chance())
        people = [{"id": "sam", "role": "listener", "age": "adult"}, {"id": "maya", "role": "member", "age": "adult"}]
        await porch.hear("chat.open", {"chat": "c1", "kind": "direct", "people": people})
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(PARTS[part](porch), part, fail)
            acks = [await porch.hear("message", _message(number, text)) for number, text in enumerate(lines)]
        failed = [ack for ack in acks if ack.get("degraded") == "error"]
        assert all((ack["verdict"], ack["nudges"]) == ("deliver", []) for ack in failed)
        assert sum(porch.failures.values()) == len(failed)
        after = await porch.hear("message", _message(99, "my number is 07700 900123"))
        assert (after["verdict"], "degraded" in after) == ("mask", False)
        await porch.close()
        await store.close()


def _message(number: int, text: str) -> dict[str, object]:
    return {"id": f"m{number}", "chat": "c1", "author": "sam", "text": text}


async def _nobody(host: str, event: str, payload: dict[str, Any]) -> None:
    del host, event, payload
