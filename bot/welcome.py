"""Coming and going: who is in a chat, and the early tip that each side of a talk between two gets before anything is said."""

from __future__ import annotations

from random import Random

import msgspec

from bot.model import Age, Answer, Audience, Chat, ChatKind, Heard, Joined, Left, Nudge, Opened, People, PersonMemory
from bot.policy import reconsider
from bot.voice import Voice

FULL_TIPS = 3
"""So many times somebody gets the full early tip, then a short one."""


class Welcome:
    """Answers who comes and who goes; remembers nothing itself."""

    def __init__(self, voice: Voice) -> None:
        """Take what speaks."""
        self._voice = voice

    def opened(self, opened: Opened, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """In a talk between two each side gets its own tip before anything is said."""
        if opened.kind is not ChatKind.DIRECT or chat.memory.heard:
            return Answer(), chat, people
        nudges: list[Nudge] = []
        for person in opened.people:
            memory = people.get(person.id, PersonMemory())
            topic = "tip" if memory.tips < FULL_TIPS else "tip.short"
            nudges += self._voice.say(topic, Audience.TO_OTHER, (person,), chat, now, rng)
            people = {**people, person.id: msgspec.structs.replace(memory, tips=memory.tips + 1)}
        return Answer(nudges=tuple(nudges)), chat, people

    def joined(self, joined: Joined, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody new, or something new about somebody; in a talk between two a newcomer gets the tip."""
        before = chat.person(joined.person.id)
        chat = msgspec.structs.replace(chat, people=(*chat.others(joined.person.id), joined.person))
        if before is not None and before.age is Age.UNKNOWN and joined.person.age is Age.TEEN:
            # Now that it is known that they are a teen, people look at what was clearly done toward them.
            return Answer(concerns=reconsider(chat, joined.person)), chat, people
        if before is not None or chat.kind is not ChatKind.DIRECT:
            return Answer(), chat, people
        return Answer(nudges=self._voice.say("tip", Audience.TO_OTHER, (joined.person,), chat, now, rng)), chat, people

    def left(self, left: Left, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody is not in the chat any more."""
        del now, rng
        return Answer(), msgspec.structs.replace(chat, people=chat.others(left.person)), people
