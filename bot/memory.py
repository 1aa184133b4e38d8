"""What is remembered of a chat: its tail with words for a while, and counts and clocks for longer."""

from __future__ import annotations

import msgspec

from bot.model import Certainty, Chat, ChatKind, ChatMemory, Message, Person, Said, Signal, Spotted, Tail
from bot.policy import Tell

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

TAIL_MESSAGES = 40
QUIET_TEXT_SECONDS = 30 * MINUTE
"""How long the words of a chat without signals are kept, in memory only."""
TEXT_SECONDS = 24 * HOUR
"""How long the words of a chat with signals are kept, in memory only."""


def new_chat(chat: str, kind: ChatKind, people: tuple[Person, ...], now: float) -> Chat:
    """A chat of which nothing is remembered yet."""
    return Chat(chat, kind, people, ChatMemory(opened_at=now, heard_at=now))


def remember(
    chat: Chat, message: Message, spotted: Spotted, now: float, signals: tuple[Signal, ...] = (), tells: tuple[Tell, ...] = ()
) -> Chat:
    """The chat with this message in its tail, and with counts and clocks moved on."""
    said = Said(message.id, message.author, message.ts, message.text, spotted.cues, signals, spotted.whole)
    tail = (*spotted.tail[1 - TAIL_MESSAGES :], said)
    before = chat.memory
    counts, shown = before.signals, before.shown
    if signals:
        counts, shown = _counted(before, message.author, signals), _shown(before, tells, now)
    memory = ChatMemory(before.opened_at, now, before.heard + 1, counts, shown, before.reminded)
    return Chat(chat.id, chat.kind, chat.people, memory, tail)


def learn(chat: Chat, message: str, signals: tuple[Signal, ...], tells: tuple[Tell, ...], now: float) -> Chat:
    """The chat with what was seen only later in a message of its tail."""
    tail = tuple(msgspec.structs.replace(said, signals=(*said.signals, *signals)) if said.id == message else said for said in chat.tail)
    author = next(said.author for said in chat.tail if said.id == message)
    memory = msgspec.structs.replace(chat.memory, signals=_counted(chat.memory, author, signals), shown=_shown(chat.memory, tells, now))
    return msgspec.structs.replace(chat, tail=tail, memory=memory)


def _counted(memory: ChatMemory, author: str, signals: tuple[Signal, ...]) -> dict[str, int]:
    kinds = {f"{author} {signal.kind}" for signal in signals if signal.certainty is not Certainty.HINT}
    return {**memory.signals, **{kind: memory.signals.get(kind, 0) + 1 for kind in kinds}}


def _shown(memory: ChatMemory, tells: tuple[Tell, ...], now: float) -> dict[str, float]:
    return {**memory.shown, **{f"{person.id} {tell.topic}": now for tell in tells for person in tell.to}}


def fade(chat: Chat, now: float) -> Chat:
    """The chat without the words whose time is over; cues stay."""
    keep = TEXT_SECONDS if chat.memory.signals else QUIET_TEXT_SECONDS
    if all(said.text is None or now - said.ts < keep for said in chat.tail):
        return chat
    tail: Tail = tuple(
        said if said.text is None or now - said.ts < keep else msgspec.structs.replace(said, text=None) for said in chat.tail
    )
    return msgspec.structs.replace(chat, tail=tail)
