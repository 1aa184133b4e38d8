"""What is remembered of a chat: its tail with words for a while, and counts and clocks for longer."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.model import (
    Audience,
    Chat,
    ChatKind,
    ChatMemory,
    Kind,
    Message,
    People,
    Person,
    PersonMemory,
    Said,
    Shown,
    Signal,
    Spotted,
    Tail,
    Told,
)
from bot.policy import HOUR, MINUTE, Decision, Scene, Tell, day_of, plain_kinds
from bot.policy.ladder import ROOM_MATTERS

TAIL_MESSAGES = 40
QUIET_TEXT_SECONDS = 30 * MINUTE
"""How long the words of a chat without signals are kept, in memory only."""
TEXT_SECONDS = 24 * HOUR
"""How long the words of a chat with signals are kept, in memory only."""


def new_chat(chat: str, kind: ChatKind, people: tuple[Person, ...], now: float) -> Chat:
    """A chat of which nothing is remembered yet."""
    return Chat(chat, kind, people, ChatMemory(opened_at=now, heard_at=now))


def remember(chat: Chat, message: Message, spotted: Spotted, now: float) -> Chat:
    """The chat with this message in its tail and nothing seen in it, and with its clock moved on."""
    return _with(chat, message, spotted, now, (), chat.memory)


def remember_seen(
    scene: Scene, message: Message, spotted: Spotted, signals: tuple[Signal, ...], done: Decision, would: Decision
) -> tuple[Chat, People]:
    """The chat and the people after a message in which something was seen: counts of signals advance whatever the modes are."""
    memory = _told(scene, plain_kinds(signals), done, would)
    if scene.refuses is not None:
        memory = msgspec.structs.replace(memory, refused={**memory.refused, scene.author.id: scene.now})
    return _with(scene.chat, message, spotted, scene.now, signals, memory), _people(scene, signals, done.tells)


def learn(scene: Scene, message: str, signals: tuple[Signal, ...], done: Decision, would: Decision) -> tuple[Chat, People]:
    """The chat and the people after more was seen in a message of the tail."""
    chat = scene.chat
    tail = tuple(msgspec.structs.replace(said, signals=(*said.signals, *signals)) if said.id == message else said for said in chat.tail)
    memory = _told(scene, plain_kinds(signals) - plain_kinds(scene.before), done, would)
    return msgspec.structs.replace(chat, tail=tail, memory=memory), _people(scene, signals, done.tells)


def put_away(chat: Chat, person: str, topic: str, now: float) -> Chat:
    """The chat in which somebody dismissed a topic or called it wrong."""
    memory = msgspec.structs.replace(chat.memory, put_away={**chat.memory.put_away, f"{person} {topic}": now})
    return msgspec.structs.replace(chat, memory=memory)


def _with(chat: Chat, message: Message, spotted: Spotted, now: float, signals: tuple[Signal, ...], memory: ChatMemory) -> Chat:
    said = Said(message.id, message.author, message.ts, message.text, spotted.cues, signals, spotted.whole)
    tail = (*spotted.tail[1 - TAIL_MESSAGES :], said)
    moved = ChatMemory(
        memory.opened_at,
        now,
        memory.heard + 1,
        memory.signals,
        memory.shown,
        memory.shadow,
        memory.put_away,
        memory.refused,
        memory.reminded,
        memory.referred,
    )
    return Chat(chat.id, chat.kind, chat.people, moved, tail)


def _told(scene: Scene, kinds: Iterable[Kind], done: Decision, would: Decision) -> ChatMemory:
    """The memory with what was seen counted and with what was said noted, in the chat as it is and as it would be."""
    before = scene.chat.memory
    shown = _shown(before.shown, done.tells, scene.now)
    same = would is done and before.shadow is before.shown
    return msgspec.structs.replace(
        before,
        signals=_counted(before, scene.author.id, kinds),
        shown=shown,
        shadow=shown if same else _shown(before.shadow, would.tells, scene.now),
        reminded=_reminded(before, done.tells, scene.now),
    )


def _counted(memory: ChatMemory, author: str, kinds: Iterable[Kind]) -> dict[str, int]:
    counts = {f"{author} {kind}": memory.signals.get(f"{author} {kind}", 0) + 1 for kind in kinds}
    return {**memory.signals, **counts} if counts else memory.signals


def _shown(before: Shown, tells: tuple[Tell, ...], now: float) -> Shown:
    """What was said, to whom and how much of it; a reminder of the whole room is nobody's own."""
    told = [(tell, person.id) for tell in tells if tell.audience is not Audience.ROOM for person in tell.to]
    if not told:
        return before
    topics, people = dict(before.topics), dict(before.people)
    for tell, person in told:
        topics[f"{person} {tell.topic}"] = now
        last = people.get(person)
        if last is None or now - last.since >= HOUR:
            people[person] = Told(now, tell.weight, since=now, count=1)
        else:
            people[person] = Told(now, tell.weight, last.since, last.count + 1)
    return Shown(topics, people)


def _reminded(memory: ChatMemory, tells: tuple[Tell, ...], now: float) -> dict[str, float]:
    topics = {tell.topic: now for tell in tells if tell.audience is Audience.ROOM}
    return {**memory.reminded, **topics} if topics else memory.reminded


def _people(scene: Scene, signals: tuple[Signal, ...], tells: tuple[Tell, ...]) -> People:
    """Those of whom something new is to be remembered across chats."""
    changed: dict[str, PersonMemory] = {}
    for tell in tells:
        for person in tell.to if tell.audience is not Audience.ROOM else ():
            memory = _on_day(changed.get(person.id) or scene.memory(person), scene.now)
            changed[person.id] = msgspec.structs.replace(memory, nudged=memory.nudged + 1)
    if scene.chat.kind is ChatKind.ROOM and plain_kinds(signals) & ROOM_MATTERS and not plain_kinds(scene.before) & ROOM_MATTERS:
        author = scene.author
        memory = _on_day(changed.get(author.id) or scene.memory(author), scene.now)
        changed[author.id] = msgspec.structs.replace(memory, room_signals=memory.room_signals + 1)
    return changed


def _on_day(memory: PersonMemory, now: float) -> PersonMemory:
    """The memory with the counts of a new day at nothing."""
    return memory if memory.day == day_of(now) else msgspec.structs.replace(memory, day=day_of(now), nudged=0, room_signals=0)


def fade(chat: Chat, now: float) -> Chat:
    """The chat without the words whose time is over; cues stay."""
    keep = TEXT_SECONDS if chat.memory.signals else QUIET_TEXT_SECONDS
    if all(said.text is None or now - said.ts < keep for said in chat.tail):
        return chat
    tail: Tail = tuple(
        said if said.text is None or now - said.ts < keep else msgspec.structs.replace(said, text=None) for said in chat.tail
    )
    return msgspec.structs.replace(chat, tail=tail)
