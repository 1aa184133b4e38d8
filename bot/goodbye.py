"""The end of a chat: a talk that a listener leaves in the middle, without a word, is one that the other person can report with one click.

It may have been the connection, and the words say so. What ends as it should, or for a good reason, is let go in silence.
"""

from __future__ import annotations

from random import Random

from bot.compose import FAREWELL
from bot.model import Answer, Audience, Chat, ChatKind, Closed, Ending, Heard, Kind, People, Person, Role
from bot.policy import Limits
from bot.policy.ladder import ROOM_MATTERS
from bot.reports import ended
from bot.spot import Scanner
from bot.voice import Community, Voice

LAST_WORDS = 6
"""So many messages back a goodbye is looked for."""
SUDDEN = frozenset({Ending.LEFT, Ending.LOST})


class Goodbye:
    """Answers how chats end; remembers nothing itself."""

    def __init__(self, voice: Voice, scanner: Scanner, community: Community) -> None:
        """Take what speaks, and what sees a goodbye."""
        self._voice = voice
        self._scanner = scanner
        self._community = community

    def closed(self, closed: Closed, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody ended a chat, or it ended by itself."""
        chat = ended(chat, closed.by, closed.reason, now)
        by = chat.person(closed.by)
        if by is None or not _may_be_sudden(closed, chat, by, now, self._community.limits) or self._said_goodbye(chat):
            return Answer(), chat, people
        left = tuple(person for person in chat.others(by.id) if not _drove_away(chat, person))
        in_need = any(f"{person.id} {Kind.CRISIS}" in chat.memory.signals for person in left)
        topic = "left.crisis" if in_need else "left.lost" if closed.reason is Ending.LOST else "left"
        return Answer(nudges=self._voice.say(topic, Audience.TO_OTHER, left, chat, now, rng, by.id)), chat, people

    def _said_goodbye(self, chat: Chat) -> bool:
        """Whether either of them did, as far as their last words are still there."""
        place = self._community.place
        return any(said.text is not None and self._scanner.holds(FAREWELL, said.text, place) for said in chat.tail[-LAST_WORDS:])


def _may_be_sudden(closed: Closed, chat: Chat, by: Person, now: float, limits: Limits) -> bool:
    """Whether a listener went out of a talk that was going on, and did not hand it over."""
    return (
        closed.reason in SUDDEN
        and chat.kind is ChatKind.DIRECT
        and by.role is Role.LISTENER
        and not chat.memory.referred
        and chat.memory.heard >= limits.sudden_messages
        and now - chat.memory.heard_at < limits.sudden_seconds
        and len({said.author for said in chat.tail}) > 1
    )


def _drove_away(chat: Chat, person: Person) -> bool:
    """Whether somebody did what a listener is told to leave for."""
    return any(f"{person.id} {kind}" in chat.memory.signals for kind in ROOM_MATTERS)
