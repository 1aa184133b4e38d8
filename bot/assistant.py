"""The street: one event goes in, an answer comes out, with the memories as they are afterwards. No I/O, no clock, no chance of its own.

A message is folded into views, cues are spotted in them, cues and tail compose signals, policy decides, the modes permit,
and what is left to say is rendered for the people it is meant for. Who comes and goes is for ``bot/welcome.py`` and
``bot/goodbye.py``, what is read though nobody said it for ``bot/unsaid.py``, buttons and commands for ``bot/interactions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import msgspec

from bot.compose import Composer, says_no
from bot.goodbye import Goodbye
from bot.interactions import Interactions
from bot.learned import NOTHING as NOTHING_SEEN
from bot.learned import READER, READERS, Learned, Reading, Seen, Semantic, gathered, reading_of
from bot.links import Links, Press
from bot.memory import gather, learn, place_of, remember, remember_seen
from bot.model import (
    Answer,
    Audience,
    Certainty,
    Chat,
    Closed,
    Command,
    Cover,
    Cue,
    Doubts,
    Draft,
    Event,
    Heard,
    Insight,
    Joined,
    Kind,
    Left,
    Message,
    Opened,
    People,
    Person,
    Pressed,
    Profile,
    Said,
    Signal,
    Spotted,
    Verdict,
)
from bot.policy import ARGUABLE, CLIMB, Decision, Scene, Standing, decide, permit, refused_kind, temper, uncovered, weigh
from bot.prompts import Prompts
from bot.spot import Scanner
from bot.text import fold
from bot.unsaid import Unsaid
from bot.voice import Community, Voice, masked
from bot.welcome import Welcome

WARMING = ("07700 900123 or +44 20 7946 0958, (555) 010-0199", "write to someone at example dot org", "f1nd m3 0n t3l3gr4m: @someone")
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
        semantic: Semantic | None = None,
    ) -> None:
        """Take the parts, built by ``bot/app.py``; without ``learned`` the rules read alone, ``semantic`` reads only behind it."""
        self.scanner = scanner
        self.composer = composer
        self.prompts = prompts
        self.links = links
        self.community = community
        self.learned = learned
        self.semantic = semantic
        self.voice = Voice(prompts, links, scanner, community)
        unsaid = Unsaid(scanner, composer, prompts, self.voice, community)
        welcome = Welcome(self.voice, community.modes, unsaid.reveals)
        interactions = Interactions(self.voice, prompts, links)
        self._hear: dict[type[Event], Callable[..., Heard]] = {
            Opened: welcome.opened,
            Joined: welcome.joined,
            Left: welcome.left,
            Closed: Goodbye(self.voice, scanner, community).closed,
            Message: self._message,
            Insight: self._insight,
            Draft: unsaid.draft,
            Profile: unsaid.profile,
            Command: interactions.command,
            Pressed: interactions.pressed,
        }

    def among(self, community: Community) -> Assistant:
        """The same assistant in another community."""
        return Assistant(self.scanner, self.composer, self.prompts, self.links, community, self.learned, self.semantic)

    def reading_with(self, semantic: Semantic) -> Assistant:
        """The same assistant with a third reader."""
        return Assistant(self.scanner, self.composer, self.prompts, self.links, self.community, semantic.learned, semantic)

    def warm(self) -> None:
        """Do now what would make the first messages wait: patterns are compiled, and what is read of numbers comes from files."""
        self.scanner.warm()
        for text in WARMING:
            self.scanner.spot(fold(text), self.community.place)

    def rule_behind(self, press: Press) -> str:
        """The rule behind the nudge whose button was pressed, however long ago it was shown; nothing if there is no such rule any more."""
        readers = (f"{reader}/{kind}" for reader in READERS for kind in Kind)
        return self.links.marked(press, (*self.composer.names, *readers, f"{Kind.SEXUAL_INVITE}/{CLIMB}"))

    def hear(self, event: Event, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """One event down the street: what to do, and the chat and people as they are remembered from now on."""
        return self._hear[type(event)](event, chat, people, now, rng)

    def _message(self, message: Message, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        author = chat.person(message.author)
        if author is None:
            return Answer(error="The author is not in this chat."), chat, people
        spotted, signals, scene = self._read(message.text, chat, author, people, now)
        if scene is None:
            answer = NOTHING if message.text != self.community.canary else self._here(chat, author, now, rng)
            return answer, remember(chat, author, message, spotted, now), people
        done, would = self._judge(signals, scene, covers=self.community.covers)
        answer = Answer(
            verdict=done.verdict,
            text=masked(message.text, done.masks) if done.verdict is Verdict.MASK else None,
            signals=signals,
            nudges=self.voice.render(done.tells, chat, author, now, rng, message.id),
            would=_more(would, done),
            concerns=done.concerns,
            covers=self._covers(done, spotted, author),
        )
        return answer, *remember_seen(scene, message, spotted, signals, done, would)

    def _here(self, chat: Chat, author: Person, now: float, rng: Random) -> Answer:
        """What an operator hears who tries the whole way with the phrase they set for it, whatever the modes are."""
        return Answer(nudges=self.voice.say("canary", Audience.TO_SENDER, (author,), chat, now, rng))

    def _read(self, text: str, chat: Chat, author: Person, people: People, now: float) -> tuple[Spotted, tuple[Signal, ...], Scene | None]:
        """What is seen in a message, and the scene to judge it in; none if there is nothing to judge."""
        folded = fold(text)
        spotted = self.scanner.spot(folded, self.community.place, chat.tail)
        signals = self.composer.compose(spotted.cues, spotted.tail, author.id, author.role)
        refuses = self._refuses(spotted.cues, chat, author)
        if not signals and refuses is None:
            return spotted, (), None
        scene = Scene(chat, author, now, people, self.community.limits, refuses)
        return (
            spotted,
            weigh(signals, scene, lambda: self._doubts(reading_of(folded, author, spotted.cues, signals, spotted.tail), scene)),
            scene,
        )

    def _judge(self, signals: tuple[Signal, ...], scene: Scene, *, covers: bool) -> tuple[Decision, Decision]:
        """What is done, and what would be done if everything in shadow mode were on. Without ``covers`` nothing can be hidden or held."""
        memory = scene.chat.memory
        done, would = permit(decide(signals, scene), self.community.modes, scene.chat, scene.author)
        if not covers:
            done, would = uncovered(done), uncovered(would)
        told = temper(done, scene, memory.shown)
        if would is done and memory.shadow is memory.shown:
            return told, told
        return told, temper(would, scene, memory.shadow)

    def _covers(self, done: Decision, spotted: Spotted, author: Person) -> tuple[Cover, ...]:
        """Earlier messages in which a detail began that this one completes: what is hidden here is hidden there as well."""
        covers = []
        for said, pieces in self.composer.begun(done.masks, spotted.tail, author.id):
            if said.text is not None and said.id:
                seen = (signal for signal in said.signals if signal.kind is Kind.CONTACT_SHARE and signal.certainty is not Certainty.HINT)
                covers.append(Cover(said.id, masked(said.text, (*seen, *pieces))))
        return tuple(covers)

    def _refuses(self, cues: tuple[Cue, ...], chat: Chat, author: Person) -> Kind | None:
        """To what a message with these cues says no, if somebody else pressed for something just before it."""
        if chat.memory.signals and says_no(cues):
            return refused_kind(chat, author, self.community.limits.refusal_messages)
        return None

    def look_again(self, chat: Chat, message: str) -> Seen:
        """What the later readers see in a message of the tail: for an ``Insight``, when nobody waits for it any more."""
        reading = self.reading(chat, message)
        if self.learned is None or reading is None:
            return NOTHING_SEEN
        if self.semantic is not None and self.semantic.is_doubtful(reading):
            return self.semantic.see(reading)
        return self.learned.see(reading)

    def reading(self, chat: Chat, message: str) -> Reading | None:
        """A message of the tail as the second reader gets it; ``None`` if it, its words or its author are gone."""
        place = place_of(message, chat.tail)
        said = None if place is None else chat.tail[place]
        author = chat.person(said.author) if said else None
        if said is None or said.text is None or author is None:
            return None
        return reading_of(fold(said.text), author, said.cues, said.signals, chat.tail[:place])

    def _doubts(self, reading: Reading, scene: Scene) -> Doubts:
        """A second opinion. With a third reader it is given later.

        Not so where a teen is spoken to: there the rules' word may open a case, and what they are sure of stands.
        """
        if self.learned is None:
            return Doubts()
        doubts = self.learned.doubts(reading)
        if scene.is_toward(Standing.TOWARD_TEEN):
            return msgspec.structs.replace(doubts, denied=frozenset())
        if self.semantic is None:
            return doubts
        return msgspec.structs.replace(doubts, doubted=doubts.doubted | self.semantic.held_over(reading))

    def _insight(self, insight: Insight, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Down the same street a second time, with what was seen now and before: only words for people can come of it."""
        place = place_of(insight.message, chat.tail)
        said = None if place is None else chat.tail[place]
        author = chat.person(said.author) if said else None
        if said is None or author is None:
            return Answer(), chat, people
        refuses = self._refuses(said.cues, msgspec.structs.replace(chat, tail=chat.tail[:place]), author)
        fresh, sums = _fresh(said, insight.signals), gathered(chat.memory.gathered.get(author.id, {}), insight.chances)
        if refuses is None and all(one.certainty is Certainty.HINT for one in fresh) and (ripe := self._ripe(sums, chat, said)) is not None:
            fresh, sums = (*(one for one in fresh if one.kind is not ripe.kind), ripe), {}
        chat = gather(chat, author.id, sums)
        if not fresh:
            return Answer(), chat, people
        scene = Scene(chat, author, now, people, self.community.limits, refuses, said.signals, said.ts)
        fresh = weigh(fresh, scene, Doubts)
        done, would = self._judge(fresh, scene, covers=False)  # everybody has read it by now
        nudges = self.voice.render(done.tells, chat, author, now, rng, said.id)
        return Answer(signals=fresh, nudges=nudges, would=_more(would, done)), *learn(scene, said.id, fresh, done, would)

    def _ripe(self, sums: Mapping[Kind, float], chat: Chat, said: Said) -> Signal | None:
        """What has gathered over a person's messages until with this one it is likely, and was not seen in any of them before."""
        if self.learned is None or not sums:
            return None
        mine = (one for other in chat.tail if other.author == said.author for one in other.signals)
        known = {one.kind for one in mine if one.certainty is not Certainty.HINT}
        so, kind = max(((so, kind) for kind, so in sums.items() if kind not in known), default=(0.0, None))
        if kind is None or so < self.learned.about.gathered:
            return None
        hint = next((one for one in said.signals if one.kind is kind), None)
        return _called(Signal(kind, READER, f"{READER}/{kind}", Certainty.LIKELY), hint)


def _fresh(said: Said, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """What was not seen in a message before, at least as certainly."""
    known = {signal.kind: signal for signal in sorted(said.signals, key=lambda one: one.certainty.rank)}
    return tuple(
        _called(signal, known.get(signal.kind))
        for signal in signals
        if signal.kind not in known or signal.certainty.rank > known[signal.kind].certainty.rank
    )


def _called(signal: Signal, hint: Signal | None) -> Signal:
    """What a rule had hinted at goes by that rule, which knows more of it than its kind. Details do not: nothing of them was hidden."""
    if hint is None or signal.kind not in ARGUABLE or hint.rule == CLIMB:
        return signal
    return msgspec.structs.replace(signal, rule=hint.rule, reason=hint.reason)


def _more(would: Decision, done: Decision) -> tuple[str, ...]:
    """What shadow mode counts: the verdict if it is a harder one, and the topics that nobody has heard of."""
    verdict = (would.verdict.value,) if would.verdict.rank > done.verdict.rank else ()
    heard = {(tell.audience, tell.topic) for tell in done.tells}
    return (*verdict, *(tell.topic for tell in would.tells if (tell.audience, tell.topic) not in heard))
