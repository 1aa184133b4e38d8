"""The street: one event goes in, an answer comes out, with the memories as they are afterwards. No I/O, no clock, no chance of its own.

A message is folded into views, cues are spotted in them, cues and tail compose signals, policy decides, the modes permit,
and what is left to say is rendered for the people it is meant for. Who comes and goes is for ``bot/welcome.py``,
what people do with buttons and commands for ``bot/interactions.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from bot.compose import Composer
from bot.interactions import Interactions
from bot.learned import TURNS, Learned, Turn
from bot.links import Links
from bot.memory import HOUR, learn, remember
from bot.model import (
    Answer,
    Audience,
    Chat,
    Command,
    Draft,
    Event,
    Heard,
    Insight,
    Joined,
    Left,
    Message,
    Opened,
    People,
    Person,
    PersonMemory,
    Pressed,
    Profile,
    Role,
    Said,
    Signal,
    Tail,
    Verdict,
)
from bot.policy import Decision, decide, permit, weigh
from bot.prompts import Prompts
from bot.spot import Scanner
from bot.text import Folded, fold
from bot.voice import Community, Voice, masked
from bot.welcome import Welcome

DRAFTS_PER_HOUR = 10
"""More draft checks in an hour than this get no answer, so that nobody learns by trying what is seen."""
NOTHING = Answer()
"""The answer to almost every message."""


class Assistant:
    """Reads, judges and speaks; remembers nothing itself."""

    def __init__(
        self,
        scanner: Scanner,
        composer: Composer,
        prompts: Prompts,
        links: Links,
        community: Community,
        learned: Learned | None = None,
    ) -> None:
        """Take the parts, built by ``bot/app.py``; without ``learned`` the rules read alone."""
        self.scanner = scanner
        self.composer = composer
        self.prompts = prompts
        self.links = links
        self.community = community
        self.learned = learned
        self.voice = Voice(prompts, links, scanner, community)
        welcome, interactions = Welcome(self.voice), Interactions(self.voice, prompts, links)
        self._hear: dict[type[Event], Callable[..., Heard]] = {
            Opened: welcome.opened,
            Joined: welcome.joined,
            Left: welcome.left,
            Message: self._message,
            Insight: self._insight,
            Draft: self._draft,
            Profile: self._profile,
            Command: interactions.command,
            Pressed: interactions.pressed,
        }

    def hear(self, event: Event, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """One event down the street: what to do, and the chat and people as they are remembered from now on."""
        return self._hear[type(event)](event, chat, people, now, rng)

    def _message(self, message: Message, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        author = chat.person(message.author)
        if author is None:
            return Answer(error="The author is not in this chat."), chat, people
        folded = fold(message.text)
        spotted = self.scanner.spot(folded, self.community.place, chat.tail)
        signals = self.composer.compose(spotted.cues, spotted.tail, author.id, author.role)
        if not signals:
            return NOTHING, remember(chat, message, spotted, now), people
        signals = weigh(signals, lambda: self._doubts(folded, author, chat.tail))
        decision = decide(signals, chat, author, now)
        done, would = permit(decision, self.community.modes, chat, author)
        nudges = self.voice.render(done.tells, chat, author, now, rng, message.id)
        answer = Answer(
            verdict=done.verdict,
            text=masked(message.text, done.masks) if done.verdict is Verdict.MASK else None,
            signals=signals,
            nudges=nudges,
            would=_named(would),
            concerns=done.concerns,
        )
        return answer, remember(chat, message, spotted, now, signals, done.tells), people

    def look_again(self, chat: Chat, message: str) -> tuple[Signal, ...]:
        """What the second reader sees in a message of the tail: for an ``Insight``, when nobody waits for it any more."""
        place = next((place for place, said in enumerate(chat.tail) if said.id == message), None)
        if self.learned is None or place is None:
            return ()
        said = chat.tail[place]
        author = chat.person(said.author)
        if author is None or said.text is None:
            return ()
        return self.learned.read(fold(said.text), author.role, _turns(chat.tail[:place], author))

    def _doubts(self, folded: Folded, author: Person, tail: Tail) -> bool:
        return self.learned is not None and self.learned.doubts(folded, author.role, _turns(tail, author))

    def _insight(self, insight: Insight, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Down the same street a second time, with what was seen now and before: only words for people can come of it."""
        said = next((said for said in chat.tail if said.id == insight.message), None)
        author = chat.person(said.author) if said else None
        if said is None or author is None:
            return Answer(), chat, people
        fresh = _fresh(said, insight.signals)
        if not fresh:
            return Answer(), chat, people
        done, would = permit(decide((*said.signals, *fresh), chat, author, now), self.community.modes, chat, author)
        nudges = self.voice.render(done.tells, chat, author, now, rng, said.id)
        return Answer(signals=fresh, nudges=nudges, would=_named(would)), learn(chat, said.id, fresh, done.tells, now), people

    def _draft(self, draft: Draft, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """The sender's own check: the note they would get, nothing of what would happen else; counted."""
        author = chat.person(draft.author)
        if author is None:
            return Answer(error="The author is not in this chat."), chat, people
        memory = people.get(author.id, PersonMemory())
        recent = tuple(at for at in memory.drafts if now - at < HOUR)
        people = {**people, author.id: msgspec.structs.replace(memory, drafts=(*recent, now)[-DRAFTS_PER_HOUR:])}
        if len(recent) >= DRAFTS_PER_HOUR:
            return Answer(), chat, people
        spotted = self.scanner.spot(fold(draft.text), self.community.place, chat.tail)
        signals = self.composer.compose(spotted.cues, spotted.tail, author.id, author.role)
        done, _ = permit(decide(signals, chat, author, now), self.community.modes, chat, author)
        own = tuple(tell for tell in done.tells if tell.audience is Audience.TO_SENDER)
        return Answer(nudges=self.voice.render(own, chat, author, now, rng)), chat, people

    def _profile(self, profile: Profile, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """What others can read about somebody is read by the same rules; nobody but its author hears of it."""
        author = chat.person(profile.person) or Person(profile.person, Role.MEMBER)
        spotted = self.scanner.spot(fold(profile.text), self.community.place)
        signals = self.composer.compose(spotted.cues, (), author.id, author.role)
        done, _ = permit(decide(signals, chat, author, now), self.community.modes, chat, author)
        own = tuple(tell for tell in done.tells if tell.audience is Audience.TO_SENDER)
        nudges = self.voice.render(own, chat, author, now, rng)
        return Answer(verdict=done.verdict, signals=signals, nudges=nudges), chat, people


def _turns(tail: Tail, author: Person) -> list[Turn]:
    """The last turns as the second reader sees them, as far as their words are still there."""
    return [Turn(one.author == author.id, one.text) for one in tail[-TURNS:] if one.text is not None]


def _fresh(said: Said, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """What was not seen in a message before, at least as certainly."""
    known = {signal.kind: signal.certainty.rank for signal in sorted(said.signals, key=lambda one: one.certainty.rank)}
    return tuple(signal for signal in signals if signal.certainty.rank > known.get(signal.kind, -1))


def _named(would: Decision) -> tuple[str, ...]:
    """What shadow mode counts: the verdict if it is one, and the topics."""
    verdict = () if would.verdict is Verdict.DELIVER else (would.verdict.value,)
    return (*verdict, *(tell.topic for tell in would.tells))
