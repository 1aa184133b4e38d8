"""What is remembered of a chat: its tail with words for a while, and counts and clocks for longer."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import msgspec

from bot.model import (
    WHOLE_ROOM,
    Age,
    Audience,
    Chat,
    ChatKind,
    ChatMemory,
    Cue,
    Ended,
    Kind,
    Message,
    People,
    Person,
    PersonMemory,
    Role,
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
TAIL_BYTES = 11_000
"""So much of a chat without signals is kept at most: of many long messages only the last ones."""
LONGEST_KEPT = 4_000
"""So many bytes of one long message in which nothing was seen: its beginning and its end."""
FADED_MESSAGES = 12
"""When the words of a chat without signals are gone, so many last messages are kept with their cues. No rule looks back further."""
QUIET_TEXT_SECONDS = 30 * MINUTE
"""How long the words of a chat without signals are kept, in memory only."""
TEXT_SECONDS = 24 * HOUR
"""How long the words of a chat with signals are kept, in memory only."""

_SAID_BYTES, _CUE_BYTES = 170, 64
"""What a message and a cue take in memory beside the words."""
_CUT = " [...] "


def new_chat(chat: str, kind: ChatKind, people: tuple[Person, ...], now: float) -> Chat:
    """A chat of which nothing is remembered yet."""
    return Chat(chat, kind, people, ChatMemory(opened_at=now, heard_at=now))


def remember(chat: Chat, author: Person, message: Message, spotted: Spotted, now: float) -> Chat:
    """The chat with this message in its tail and nothing seen in it, and with its clock moved on."""
    text = message.text if chat.memory.signals else shortened(message.text)
    # The author's own id, not the message's copy of it: one string for the whole tail.
    said = Said(message.id, author.id, message.ts, text, spotted.cues, (), spotted.whole)
    return _with(chat, said, spotted.tail, now, chat.memory)


def remember_seen(
    scene: Scene, message: Message, spotted: Spotted, signals: tuple[Signal, ...], done: Decision, would: Decision
) -> tuple[Chat, People]:
    """The chat and the people after a message in which something was seen: counts of signals advance whatever the modes are."""
    memory = _told(scene, plain_kinds(signals), done, would)
    if scene.refuses is not None:
        memory = msgspec.structs.replace(memory, refused={**memory.refused, scene.author.id: scene.now})
    said = Said(message.id, scene.author.id, message.ts, message.text, spotted.cues, signals, spotted.whole)
    return _with(scene.chat, said, spotted.tail, scene.now, memory), _people(scene, signals, done.tells)


def learn(scene: Scene, message: str, signals: tuple[Signal, ...], done: Decision, would: Decision) -> tuple[Chat, People]:
    """The chat and the people after more was seen in a message of the tail."""
    chat = scene.chat
    place = place_of(message, chat.tail)
    tail = chat.tail
    if place is not None:
        said = msgspec.structs.replace(tail[place], signals=(*tail[place].signals, *signals))
        tail = (*tail[:place], said, *tail[place + 1 :])
    memory = _told(scene, plain_kinds(signals) - plain_kinds(scene.before), done, would)
    return msgspec.structs.replace(chat, tail=tail, memory=memory), _people(scene, signals, done.tells)


def place_of(message: str, tail: Tail) -> int | None:
    """Where a message stands in the tail; of one that was edited under its own id it is the last wording."""
    return next((place for place in reversed(range(len(tail))) if tail[place].id == message), None)


def gather(chat: Chat, person: str, sums: dict[Kind, float]) -> Chat:
    """The chat with what has gathered in the messages of one person."""
    before = chat.memory.gathered
    if not sums and person not in before:
        return chat
    others = {one: so for one, so in before.items() if one != person}
    memory = msgspec.structs.replace(chat.memory, gathered={**others, person: sums} if sums else others)
    return msgspec.structs.replace(chat, memory=memory)


def put_away(chat: Chat, person: str, topic: str, now: float) -> Chat:
    """The chat in which somebody dismissed a topic or called it wrong."""
    memory = msgspec.structs.replace(chat.memory, put_away={**chat.memory.put_away, f"{person} {topic}": now})
    return msgspec.structs.replace(chat, memory=memory)


def _with(chat: Chat, said: Said, before: Tail, now: float, memory: ChatMemory) -> Chat:
    """The chat with one more message in its tail, as far as there is room."""
    kept = (memory.kept if before is chat.tail else sum(map(_size, before))) + _size(said)
    first = 0
    if kept > TAIL_BYTES and not memory.signals:
        while kept > TAIL_BYTES and first < len(before):
            kept -= _size(before[first])
            first += 1
    if len(before) - first >= TAIL_MESSAGES:
        last = len(before) - TAIL_MESSAGES + 1
        kept -= sum(map(_size, before[first:last]))
        first = last
    moved = msgspec.structs.replace(memory, heard_at=now, heard=memory.heard + 1, kept=kept)
    return Chat(chat.id, chat.kind, chat.people, moved, (*before[first:], said))


def _size(said: Said) -> int:
    """About how many bytes a message takes in memory."""
    text = said.text
    return _SAID_BYTES + (0 if text is None else text.__sizeof__()) + _CUE_BYTES * len(said.cues)


def shortened(text: str) -> str:
    """A long text without its middle."""
    size = text.__sizeof__()
    if size <= LONGEST_KEPT:
        return text
    half = len(text) * LONGEST_KEPT // size // 2
    return f"{text[:half]}{_CUT}{text[-half:]}"


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
    )


def _counted(memory: ChatMemory, author: str, kinds: Iterable[Kind]) -> dict[str, int]:
    counts = {f"{author} {kind}": memory.signals.get(f"{author} {kind}", 0) + 1 for kind in kinds}
    return {**memory.signals, **counts} if counts else memory.signals


def _shown(before: Shown, tells: tuple[Tell, ...], now: float) -> Shown:
    """What was said, to whom and how much of it; a reminder of the whole room is nobody's own."""
    if not tells:
        return before
    topics, people = dict(before.topics), dict(before.people)
    topics |= {f"{WHOLE_ROOM} {tell.topic}": now for tell in tells if tell.audience is Audience.ROOM}
    for tell, person in [(one, person.id) for one in tells if one.audience is not Audience.ROOM for person in one.to]:
        topics[f"{person} {tell.topic}"] = now
        last = people.get(person)
        if last is None or now - last.since >= HOUR:
            people[person] = Told(now, tell.weight, since=now, count=1)
        else:
            people[person] = Told(now, tell.weight, last.since, last.count + 1)
    return Shown(topics, people)


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
    """The chat without the words whose time is over. Cues stay, and in a chat without signals nothing else."""
    quiet = not chat.memory.signals
    keep = QUIET_TEXT_SECONDS if quiet else TEXT_SECONDS
    if all(now - said.ts < keep if said.text is not None else not quiet for said in chat.tail):
        return chat
    tail: Tail = tuple(
        said if said.text is None or now - said.ts < keep else msgspec.structs.replace(said, text=None) for said in chat.tail
    )
    if quiet:
        last = len(tail) - FADED_MESSAGES
        places = (place for place, said in enumerate(tail) if said.text is not None or (said.cues and place >= last))
        tail = tail[next(places, len(tail)) :]
    if tail == chat.tail:
        return chat
    return msgspec.structs.replace(chat, tail=tail, memory=msgspec.structs.replace(chat.memory, kept=sum(map(_size, tail))))


# --- at rest ---------------------------------------------------------------------------------------------------------


class _RestingSaid(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A message of which only cues are left."""

    author: int
    ts: float
    cues: tuple[tuple[str, int, int, int, bool], ...]
    whole: bool


class _Resting(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A chat in which nothing was seen and whose words are gone. ``heard_at`` stands first, so that it can be read by itself."""

    heard_at: float
    opened_at: float
    heard: int
    kind: int
    people: tuple[tuple[str, int, int, str, str], ...]
    tail: tuple[_RestingSaid, ...]
    ended: tuple[str, str, float] | None = None


_KINDS, _ROLES, _AGES = tuple(ChatKind), tuple(Role), tuple(Age)
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(_Resting)
_HEARD_AT = struct.Struct(">xxd")


def pack(chat: Chat) -> bytes | None:
    """A chat at rest in a fraction of the room; ``None`` if there is more to remember than rest has room for."""
    memory = chat.memory
    if memory != ChatMemory(memory.opened_at, memory.heard_at, memory.heard, gathered=memory.gathered, kept=memory.kept):
        return None
    ids = [person.id for person in chat.people]
    if any(said.text is not None or said.signals or said.author not in ids for said in chat.tail):
        return None
    people = tuple((one.id, _ROLES.index(one.role), _AGES.index(one.age), one.locale, one.name) for one in chat.people)
    tail = tuple(
        _RestingSaid(
            ids.index(said.author),
            said.ts,
            tuple((cue.name, cue.start, cue.end, cue.sentence, cue.disguised) for cue in said.cues),
            said.whole,
        )
        for said in chat.tail
    )
    ended = None if chat.ended is None else (chat.ended.by, chat.ended.reason, chat.ended.at)
    return _ENCODER.encode(_Resting(memory.heard_at, memory.opened_at, memory.heard, _KINDS.index(chat.kind), people, tail, ended))


def unpack(chat: str, packed: bytes) -> Chat:
    """The chat that was packed; the messages of its tail have lost their ids."""
    rest = _DECODER.decode(packed)
    people = tuple(Person(id_, _ROLES[role], _AGES[age], locale, name) for id_, role, age, locale, name in rest.people)
    tail = tuple(
        Said("", people[said.author].id, said.ts, None, tuple(Cue(*cue) for cue in said.cues), (), said.whole) for said in rest.tail
    )
    memory = ChatMemory(rest.opened_at, rest.heard_at, rest.heard, kept=sum(map(_size, tail)))
    return Chat(chat, _KINDS[rest.kind], people, memory, tail, None if rest.ended is None else Ended(*rest.ended))


def heard_at(packed: bytes) -> float:
    """When something was last heard of a chat at rest, read without unpacking it."""
    return float(_HEARD_AT.unpack_from(packed)[0])
