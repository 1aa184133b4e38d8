"""What is remembered of people across chats: counts and clocks, no words."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from bot.edge.database import Database
from bot.edge.tables import person_memories, storable
from bot.model import PersonMemory

AT_ONCE = 1_000
"""How many ids one query asks for; databases limit the number of parameters."""

_PERSON_MEMORY = msgspec.msgpack.Decoder(PersonMemory)


class People:
    """Memories by person."""

    def __init__(self, database: Database) -> None:
        """Use the database of the store."""
        self._database = database

    async def memories(self, ids: Iterable[str]) -> dict[str, PersonMemory]:
        """Recall what is remembered of these people; those of whom nothing is are left out."""
        asked = {storable(person_id): person_id for person_id in ids}
        names = list(asked)
        found: dict[str, PersonMemory] = {}
        async with self._database.read() as connection:
            for start in range(0, len(names), AT_ONCE):
                some = person_memories.c.person_id.in_(names[start : start + AT_ONCE])
                for row in await connection.execute(select(person_memories).where(some)):
                    found[asked[row.person_id]] = _PERSON_MEMORY.decode(row.body)
        return found

    async def remember(self, memories: dict[str, PersonMemory], now: float) -> None:
        """Keep what is remembered of people, in place of what was before."""
        if not memories:
            return
        # In one order everywhere, so that two processes never wait for each other.
        rows = [{"person_id": one, "body": msgspec.msgpack.encode(memories[one]), "kept_at": now} for one in sorted(memories)]
        kept = self._database.insert(person_memories)
        kept = kept.on_conflict_do_update(index_elements=["person_id"], set_={"body": kept.excluded.body, "kept_at": kept.excluded.kept_at})
        async with self._database.write() as connection:
            await connection.execute(kept, rows)
