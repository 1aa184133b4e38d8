"""Where memories lie while nobody needs them: packed into bytes, so that a great many have room in one process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping

import msgspec

from bot.memory import heard_at, pack, unpack
from bot.model import Chat, PersonMemory


class Chats(MutableMapping[str, Chat]):
    """Chats by id. One that rests is packed, and comes back with all that still matters of it when somebody asks for it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._awake: dict[str, Chat] = {}
        self._resting: dict[str, bytes] = {}

    def __getitem__(self, chat: str) -> Chat:
        """The chat. Raises ``KeyError`` if it is not remembered."""
        found = self._awake.get(chat)
        return unpack(chat, self._resting[chat]) if found is None else found

    def __setitem__(self, chat: str, value: Chat) -> None:
        """Remember a chat, awake."""
        self._awake[chat] = value
        self._resting.pop(chat, None)

    def __delitem__(self, chat: str) -> None:
        """Forget a chat. Raises ``KeyError`` if it is not remembered."""
        if self._awake.pop(chat, None) is None:
            del self._resting[chat]

    def __iter__(self) -> Iterator[str]:
        """Every id."""
        yield from self._awake
        yield from self._resting

    def __len__(self) -> int:
        """How many there are."""
        return len(self._awake) + len(self._resting)

    def awake(self) -> list[Chat]:
        """Those that do not rest."""
        return list(self._awake.values())

    def resting(self) -> list[tuple[str, float]]:
        """Those that rest, with when something was last heard of them."""
        return [(chat, heard_at(packed)) for chat, packed in self._resting.items()]

    def rest(self, chat: Chat) -> None:
        """Remember a chat packed, if that can be done without losing what still matters."""
        packed = pack(chat)
        if packed is None:
            self[chat.id] = chat
            return
        self._awake.pop(chat.id, None)
        self._resting[chat.id] = packed

    def of(self, person: str) -> list[Chat]:
        """The chats that somebody is in."""
        name = person.encode()
        found = [chat for chat in self._awake.values() if chat.person(person) is not None]
        some = [unpack(chat, packed) for chat, packed in self._resting.items() if name in packed]
        return [*found, *(chat for chat in some if chat.person(person) is not None)]


class PeopleMemories(MutableMapping[str, PersonMemory]):
    """What is remembered of people, by id, always packed: it is asked for when a chat opens and when something is seen."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._packed: dict[str, bytes] = {}
        self.changed: set[str] = set()
        """Those of whom something is remembered that is not written down yet."""
        self.untold: set[str] = set()
        """Those whom the store was asked for in vain: what it holds of them is not written over."""
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(PersonMemory)

    def __getitem__(self, person: str) -> PersonMemory:
        """What is remembered of somebody. Raises ``KeyError`` if nothing is."""
        return self._decoder.decode(self._packed[person])

    def __setitem__(self, person: str, memory: PersonMemory) -> None:
        """Remember somebody."""
        self._packed[person] = self._encoder.encode(memory)

    def __delitem__(self, person: str) -> None:
        """Forget somebody. Raises ``KeyError`` if nothing is remembered of them."""
        del self._packed[person]

    def __iter__(self) -> Iterator[str]:
        """Every id."""
        return iter(self._packed)

    def __len__(self) -> int:
        """How many people there are."""
        return len(self._packed)

    def __contains__(self, person: object) -> bool:
        """Whether anything is remembered of somebody."""
        return person in self._packed

    def learn(self, people: Mapping[str, PersonMemory]) -> None:
        """Remember this of people from now on, and that it is to be written down where it is new."""
        for person, memory in people.items():
            if self.get(person) != memory:
                self[person] = memory
                self.changed.add(person)

    def unknown(self, people: Iterable[str]) -> list[str]:
        """Those whom the store is still to be asked for."""
        return [person for person in people if person not in self._packed or person in self.untold]

    def recalled(self, asked: Iterable[str], found: Mapping[str, PersonMemory]) -> None:
        """Remember what the store holds of those it was asked for; that goes before what was learned of them in the meantime."""
        self.update(found)
        self.untold.difference_update(asked)

    def take_changed(self) -> frozenset[str]:
        """Take the names of those of whom something is to be written down."""
        taken = frozenset(self.changed - self.untold)
        self.changed = self.changed & self.untold  # a new set: an emptied one keeps its room
        return taken
