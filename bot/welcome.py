"""Coming and going: who is in a chat, and what somebody hears when they come into one, before anything is said."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from bot.model import Age, Answer, Audience, Chat, ChatKind, Heard, Joined, Left, Opened, People, Person, PersonMemory
from bot.policy import DAY, Decision, Mode, Modes, permit, reconsider
from bot.voice import Voice

FULL_TIPS = 3
"""So many times somebody gets the full early tip, then a short one."""
FULL_AGAIN_SECONDS = 30 * DAY
"""After this time the full one comes once more: what is seen at every chat is not read for long, and what is never seen is forgotten."""
NAME_AGAIN_SECONDS = 7 * DAY
"""Somebody whose display name holds more than a name hears of it once in this time."""


class Welcome:
    """Answers who comes and who goes; remembers nothing itself."""

    def __init__(self, voice: Voice, modes: Modes, reveals: Callable[[Person], bool]) -> None:
        """Take what speaks, the operator's switches, and what tells whether a display name holds more than a name."""
        self._voice = voice
        self._modes = modes
        self._reveals = reveals

    def opened(self, opened: Opened, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """In a talk between two each side gets its own tip before anything is said."""
        answer = Answer()
        for person in () if chat.memory.heard and not opened.again else opened.people:
            greeted, people = self._greet(person, chat, people, now, rng)
            answer = msgspec.structs.replace(answer, nudges=answer.nudges + greeted.nudges, would=answer.would + greeted.would)
        return answer, chat, people

    def joined(self, joined: Joined, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody new, or something new about somebody; a newcomer is greeted like those who were there first."""
        before = chat.person(joined.person.id)
        chat = msgspec.structs.replace(chat, people=(*chat.others(joined.person.id), joined.person))
        if before is not None and before.age is Age.UNKNOWN and joined.person.age is Age.TEEN:
            # Now that it is known that they are a teen, people look at what was clearly done toward them.
            found = ((concern, chat.person(concern.about)) for concern in reconsider(chat, joined.person))
            done = (permit(Decision(concerns=(one,)), self._modes, chat, author)[0] for one, author in found if author is not None)
            return Answer(concerns=tuple(concern for decision in done for concern in decision.concerns)), chat, people
        if before is not None:
            return Answer(), chat, people
        answer, people = self._greet(joined.person, chat, people, now, rng)
        return answer, chat, people

    def left(self, left: Left, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody is not in the chat any more."""
        del now, rng
        return Answer(), msgspec.structs.replace(chat, people=chat.others(left.person)), people

    # --- what a newcomer hears ---------------------------------------------------------------------------------------

    def _greet(self, person: Person, chat: Chat, people: People, now: float, rng: Random) -> tuple[Answer, People]:
        """The early tip, and a word about a display name that is more than a name."""
        before = memory = people.get(person.id, PersonMemory())
        answer = Answer()
        if chat.kind is ChatKind.DIRECT:
            answer, memory = self._tip(person, memory, chat, now, rng)
        if now - memory.name_at >= NAME_AGAIN_SECONDS and self._reveals(person):
            told = self._say("profile.name", Audience.TO_SENDER, person, chat, now, rng)
            answer = msgspec.structs.replace(answer, nudges=answer.nudges + told.nudges, would=answer.would + told.would)
            memory = msgspec.structs.replace(memory, name_at=now)
        return answer, people if memory is before else {**people, person.id: memory}

    def _tip(self, person: Person, memory: PersonMemory, chat: Chat, now: float, rng: Random) -> tuple[Answer, PersonMemory]:
        """The full tip at first, every so often, and whenever its words were changed; else the short one, or none for who put it away."""
        edition = self._voice.edition("tip", Audience.TO_OTHER, person)
        changed = memory.tip_edition != edition
        if memory.put_away and not changed:
            return Answer(), memory
        full = changed or memory.tips < FULL_TIPS or now - memory.tip_at >= FULL_AGAIN_SECONDS
        answer = self._say("tip" if full else "tip.short", Audience.TO_OTHER, person, chat, now, rng, turn=memory.tips)
        if not answer.nudges:  # a tip that nobody saw does not count
            return answer, memory
        if full:
            memory = msgspec.structs.replace(memory, tip_at=now, tip_edition=edition)
        return answer, msgspec.structs.replace(memory, tips=memory.tips + 1)

    def _say(
        self,
        topic: str,
        audience: Audience,
        person: Person,
        chat: Chat,
        now: float,
        rng: Random,
        *,
        turn: int | None = None,
    ) -> Answer:
        """One nudge, as far as the modes allow."""
        mode = self._modes.of(None, chat.id, person.role)
        if mode is not Mode.ON:
            return Answer(would=(topic,) if mode is Mode.SHADOW else ())
        return Answer(nudges=self._voice.say(topic, audience, (person,), chat, now, rng, turn=turn))
