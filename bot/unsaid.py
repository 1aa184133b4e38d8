"""Words that nobody has said in a chat, and that are read all the same: drafts, profiles, display names. Only their author hears of it."""

from __future__ import annotations

from random import Random

import msgspec

from bot.compose import Composer
from bot.model import Answer, Audience, Certainty, Chat, Draft, Heard, Kind, People, Person, PersonMemory, Profile, Role, Signal, Tail
from bot.policy import DAY, HOUR, Mode, Scene, decide, permit
from bot.prompts import Prompts
from bot.spot import Scanner
from bot.text import fold
from bot.voice import Community, Voice

DRAFTS_PER_HOUR = 10
DRAFTS_PER_DAY = 30
"""More draft checks than these get no answer, so that nobody learns by trying what is seen."""
FIRST = (Kind.CRISIS, Kind.SEXUAL_INVITE, Kind.CONTACT_SHARE, Kind.PRETEXT, *Kind)
"""A draft is answered for one kind; of several the one that stands first here."""
OF_A_NAME = frozenset({Kind.CONTACT_SHARE, Kind.OFFSITE_INVITE, Kind.SEXUAL_INVITE})
"""What must not stand in a display name."""
NAME_FIELD = "name"


class Unsaid:
    """Answers drafts and profiles; remembers nothing itself."""

    def __init__(self, scanner: Scanner, composer: Composer, prompts: Prompts, voice: Voice, community: Community) -> None:
        """Take what reads, what speaks, and the operator's switches."""
        self._scanner = scanner
        self._composer = composer
        self._prompts = prompts
        self._voice = voice
        self._community = community

    def draft(self, draft: Draft, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """The sender's own check: a gentle note about one kind at most, and nothing of what would become of the message; counted."""
        author = chat.person(draft.author)
        if author is None:
            return Answer(error=self._prompts.label("not_here")), chat, people
        memory = people.get(author.id, PersonMemory())
        today = tuple(at for at in memory.drafts if now - at < DAY)
        people = {**people, author.id: msgspec.structs.replace(memory, drafts=(*today, now)[-DRAFTS_PER_DAY:])}
        if len(today) >= DRAFTS_PER_DAY or sum(now - at < HOUR for at in today) >= DRAFTS_PER_HOUR:
            return Answer(), chat, people
        kinds = self._kinds(self._read(draft.text, author, chat.tail), chat, author)
        if not kinds:
            return Answer(), chat, people
        kind = min(kinds, key=FIRST.index)
        # Whoever hesitates to send that they want to die is told of help at once.
        topic = "crisis" if kind is Kind.CRISIS else f"draft.{kind}"
        return Answer(nudges=self._voice.say(topic, Audience.TO_SENDER, (author,), chat, now, rng)), chat, people

    def profile(self, profile: Profile, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """What others can read about somebody is read by the same rules as a message."""
        author = chat.person(profile.person) or Person(profile.person, Role.MEMBER)
        signals = self._read(profile.text, author)
        done, _ = permit(decide(signals, Scene(chat, author, now)), self._community.modes, chat, author)
        kinds = self._kinds(signals, chat, author)
        topic = "crisis" if Kind.CRISIS in kinds else "profile.name" if profile.field == NAME_FIELD else "profile"
        nudges = self._voice.say(topic, Audience.TO_SENDER, (author,), chat, now, rng) if kinds else ()
        return Answer(verdict=done.verdict, signals=signals, nudges=nudges), chat, people

    def reveals(self, person: Person) -> bool:
        """Whether a display name holds more than a name."""
        return any(one.kind in OF_A_NAME and one.certainty is not Certainty.HINT for one in self._read(person.name, person))

    def _read(self, text: str, author: Person, tail: Tail = ()) -> tuple[Signal, ...]:
        spotted = self._scanner.spot(fold(text), self._community.place, tail)
        return self._composer.compose(spotted.cues, spotted.tail, author.id, author.role)

    def _kinds(self, signals: tuple[Signal, ...], chat: Chat, author: Person) -> set[Kind]:
        """What may be spoken of: no hints, and no kind that is switched off or in shadow."""
        modes = self._community.modes
        certain = (one.kind for one in signals if one.certainty is not Certainty.HINT)
        return {kind for kind in certain if modes.of(kind, chat.id, author.role) is Mode.ON}
