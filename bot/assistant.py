"""The street: one event goes in, an answer comes out, with the memories as they are afterwards. No I/O, no clock, no chance of its own.

A message is folded into views, cues are spotted in them, cues and tail compose signals, policy decides, the modes permit,
and what is left to say is rendered for the people it is meant for. Everything else here is what people do with buttons and commands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeAlias

import msgspec

from bot.cases import accused, evidence_of, number
from bot.compose import Composer
from bot.learned import TURNS, Learned, Turn
from bot.links import LinkError, Links, Press
from bot.memory import HOUR, MINUTE, learn, remember
from bot.model import (
    ActionKind,
    Answer,
    Audience,
    Chat,
    ChatKind,
    Command,
    Draft,
    Insight,
    Joined,
    Left,
    Message,
    Nudge,
    Opened,
    Person,
    PersonMemory,
    Pressed,
    Profile,
    Referral,
    Report,
    ReportReason,
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

People: TypeAlias = Mapping[str, PersonMemory]
Heard: TypeAlias = tuple[Answer, Chat, People]
Event: TypeAlias = Opened | Joined | Left | Message | Insight | Command | Draft | Pressed | Profile

# --- how long, how many ----------------------------------------------------------------------------------------------

UNDO_SECONDS = MINUTE
FULL_TIPS = 3
"""So many times somebody gets the full early tip, then a short one."""
REMIND_SECONDS = MINUTE
"""A room hears the same reminder once in this time."""
DRAFTS_PER_HOUR = 10
"""More draft checks in an hour than this get no answer, so that nobody learns by trying what is seen."""
LONGEST_WORDS = 2_000
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
        self._hear: dict[type[Event], Callable[..., Heard]] = {
            Opened: self._opened,
            Joined: self._joined,
            Left: self._left,
            Message: self._message,
            Insight: self._insight,
            Command: self._command,
            Draft: self._draft,
            Pressed: self._pressed,
            Profile: self._profile,
        }

    def hear(self, event: Event, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """One event down the street: what to do, and the chat and people as they are remembered from now on."""
        return self._hear[type(event)](event, chat, people, now, rng)

    # --- a message ---------------------------------------------------------------------------------------------------

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

    # --- coming and going --------------------------------------------------------------------------------------------

    def _opened(self, opened: Opened, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """In a talk between two each side gets its own tip before anything is said."""
        if opened.kind is not ChatKind.DIRECT or chat.memory.heard:
            return Answer(), chat, people
        nudges: list[Nudge] = []
        for person in opened.people:
            memory = people.get(person.id, PersonMemory())
            topic = "tip" if memory.tips < FULL_TIPS else "tip.short"
            nudges += self.voice.say(topic, Audience.TO_OTHER, (person,), chat, now, rng)
            people = {**people, person.id: msgspec.structs.replace(memory, tips=memory.tips + 1)}
        return Answer(nudges=tuple(nudges)), chat, people

    def _joined(self, joined: Joined, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody new, or something new about somebody; in a talk between two a newcomer gets the tip."""
        known = chat.person(joined.person.id) is not None
        chat = msgspec.structs.replace(chat, people=(*chat.others(joined.person.id), joined.person))
        if known or chat.kind is not ChatKind.DIRECT:
            return Answer(), chat, people
        return Answer(nudges=self.voice.say("tip", Audience.TO_OTHER, (joined.person,), chat, now, rng)), chat, people

    def _left(self, left: Left, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        del now, rng
        return Answer(), msgspec.structs.replace(chat, people=chat.others(left.person)), people

    # --- commands ----------------------------------------------------------------------------------------------------

    def _command(self, command: Command, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        author = chat.person(command.author)
        if author is None:
            return Answer(error="You are not in this chat."), chat, people
        word, _, rest = command.text.strip().partition(" ")
        match word:
            case "/rules":
                return Answer(nudges=self.voice.say("rules", Audience.TO_SENDER, (author,), chat, now, rng)), chat, people
            case "/safety":
                return Answer(nudges=self.voice.say("panel", Audience.TO_SENDER, (author,), chat, now, rng)), chat, people
            case "/remind":
                return self._remind(rest.strip(), author, chat, people, now, rng)
            case "/mod":
                return self._call_moderator(command.id, rest.strip(), author, chat, people, now, rng)
            case _:
                return Answer(error="There is no such command. There are /rules, /safety, /mod and, for moderators, /remind."), chat, people

    def _remind(self, topic: str, author: Person, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        topics = self.prompts.topics("remind")
        if author.role is not Role.MODERATOR:
            return Answer(error="Only moderators can post a reminder. /rules shows you the rules, /mod asks for a moderator."), chat, people
        if topic not in topics:
            return Answer(error=f"There is a reminder for each of these: {', '.join(topics)}."), chat, people
        if now - chat.memory.reminded.get(topic, -REMIND_SECONDS) < REMIND_SECONDS:
            return Answer(error="The room has just been reminded of that."), chat, people
        nudges = self.voice.say(f"remind.{topic}", Audience.ROOM, chat.people, chat, now, rng)
        memory = msgspec.structs.replace(chat.memory, reminded={**chat.memory.reminded, topic: now})
        return Answer(nudges=nudges), msgspec.structs.replace(chat, memory=memory), people

    def _call_moderator(self, key: str, why: str, author: Person, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """A call is a report about the room as well: it waits at the desk if no moderator is around."""
        moderators = tuple(person for person in chat.others(author.id) if person.role is Role.MODERATOR)
        nudges = (
            *self.voice.say("mod", Audience.TO_SENDER, (author,), chat, now, rng),
            *self.voice.say("mod", Audience.MODERATORS, moderators, chat, now, rng),
        )
        about = f"chat:{chat.id}" if chat.kind is ChatKind.ROOM else accused(chat, author.id)
        report = self._report(f"command {key} {author.id}", chat, author.id, about, ReportReason.OTHER, why, now, rng)
        return Answer(nudges=nudges, report=report), chat, people

    # --- buttons -----------------------------------------------------------------------------------------------------

    def _pressed(self, pressed: Pressed, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        try:
            press = self.links.read(pressed.token, Press, now)
        except LinkError as error:
            return Answer(error=str(error)), chat, people
        if press.by != pressed.person:
            return Answer(error="This button was made for somebody else."), chat, people
        person = chat.person(press.by) or Person(press.by, Role.MEMBER)
        memory = people.get(person.id, PersonMemory())
        answer = Answer()
        match press.act:
            case ActionKind.REPORT:
                reason = ReportReason(pressed.reason) if pressed.reason in set(ReportReason) else press.reason
                report = self._report(f"{press.nudge} {press.by}", chat, press.by, press.about, reason, pressed.words, now, rng)
                answer = Answer(report=report, nudges=self._thank("report.filed", person, press, chat, now, rng))
            case ActionKind.UNDO:
                answer = Answer(undo=press.nudge, nudges=self._thank("report.undone", person, press, chat, now, rng))
            case ActionKind.REFER:
                referral = Referral(f"{press.nudge} {press.by}", press.chat, press.by, now, press.topic)
                answer = Answer(referral=referral, nudges=self._thank("refer.done", person, press, chat, now, rng))
            case ActionKind.WRONG:
                memory = msgspec.structs.replace(memory, wrong={**memory.wrong, press.topic: memory.wrong.get(press.topic, 0) + 1})
                answer = Answer(nudges=self._thank("wrong.noted", person, press, chat, now, rng))
            case ActionKind.DISMISS:
                memory = msgspec.structs.replace(memory, dismissed={**memory.dismissed, press.topic: now})
        return answer, chat, {**people, person.id: memory}

    def _thank(self, topic: str, person: Person, press: Press, chat: Chat, now: float, rng: Random) -> tuple[Nudge, ...]:
        """What somebody hears who pressed a button; its own buttons are about the same person."""
        return self.voice.say(topic, Audience.TO_SENDER, (person,), chat, now, rng, press.about)

    def _report(self, key: str, chat: Chat, by: str, about: str, reason: ReportReason, words: str, now: float, rng: Random) -> Report:
        return Report(number(rng.getrandbits(50)), key, chat.id, by, about, reason, now, evidence_of(chat), words[:LONGEST_WORDS])


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
