"""A line to a chat that does not speak the contract: one account among others, which whispers only if that is proven to be private."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any

import socketio

from bot.edge import wire
from bot.edge.link.client import LineError, open_client
from bot.edge.link.lanes import BusyError
from bot.edge.link.line import PROBE_SECONDS, Line
from bot.edge.mapping import Mapping, Observed, ProbeMap, WhisperMap, filled, name_at, read
from bot.edge.porch import Ack
from bot.edge.wire import Degraded, Level

if TYPE_CHECKING:
    from bot.edge.link.link import Link

log = logging.getLogger(__name__)

QUIET_SECONDS = 1.0
"""So long the probe listens whether anybody else hears it."""


class Account:
    """One more account, for the probe: what it hears, and who it is."""

    def __init__(self, table: Mapping) -> None:
        """Connect it by ``open_client``."""
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        self.me: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._table = table
        if not table.me_event:
            self.me.set_result(table.me)

    async def take(self, event: str, *arguments: Any) -> None:  # noqa: ANN401 -- whatever the host says
        """Keep what comes."""
        self.heard.append((event, arguments))
        if event == self._table.me_event and not self.me.done():
            found = name_at(arguments[0] if arguments else None, self._table.me)
            if found is not None:
                self.me.set_result(found)

    def has_heard(self, word: str, event: str = "") -> bool:
        """Whether a word came, by a certain event or by any."""
        return any(word in str(arguments) for name, arguments in self.heard if not event or name == event)


class MappedLine(Line):
    """A line by the table of the settings."""

    def __init__(self, link: Link, url: str, table: Mapping) -> None:
        """Of a link; not connected yet."""
        super().__init__(link, url)
        self._table = table
        self._tables = {one.event: one for one in table.messages}
        self._ours: set[str] = set()
        self._known: dict[str, set[str]] = {}
        self._account: Account | None = None

    def _auth(self) -> dict[str, Any]:
        token = self._token()
        return {**self._table.auth, **({"token": token} if token else {})}

    async def _stand(self, sio: socketio.AsyncClient) -> None:
        """Say hello as the host's own clients do; then the terms are ours to name: nobody else can."""
        for event, *arguments in self._table.hello:
            await sio.emit(event, tuple(arguments), namespace=self._link.setting.namespace)
        highest = Level.WHISPER if self._table.whisper is not None else Level.OBSERVE
        self.level = min(highest, self._link.setting.level, key=lambda level: level.rank)
        self.problem = ""
        self._link.porch.hosts.meet(self._link.name, wire.Hello(level=self.level), self.level)
        self._link.look_again()
        log.info("%s: linked at level %s", self._link.name, self.level.value)
        if self.level is Level.WHISPER and self._table.whisper is not None and self._table.probe is not None:
            self._begin(self._prove(self._table.whisper, self._table.probe))

    # --- what comes --------------------------------------------------------------------------------------------------

    async def _heard(self, event: str, *arguments: object) -> Ack:
        if self._account is None:
            self._account = Account(self._table)
        if event == self._table.me_event:
            await self._account.take(event, *arguments)
            if self._account.me.done():
                self._ours.add(self._account.me.result())
        table = self._tables.get(event)
        seen = None if table is None else read(table, arguments)
        self._link.count.events["message" if seen else "unknown"] += 1
        if seen is not None and seen.author not in self._ours:
            self._link.later(self._in_order(seen))
        return {}

    async def _in_order(self, seen: Observed) -> None:
        try:
            await self._link.lanes.run(f"chat {seen.chat}", lambda: self._read(seen))
        except BusyError:
            self._link.count.degraded[Degraded.BUSY] += 1

    async def _read(self, seen: Observed) -> None:
        """Open the chat if it is new, let those in who are new to it, and have the message read."""
        link, known = self._link, self._known.setdefault(seen.chat, set())
        people = [one for one in dict.fromkeys((*seen.people, seen.author)) if one not in self._ours]
        if not known:
            opened = {"chat": seen.chat, "kind": seen.kind.value, "people": [self._person(one) for one in people]}
            self._say(await link.porch.hear("chat.open", opened, link.name))
        else:
            for one in people:
                if one not in known:
                    self._say(await link.porch.hear("chat.join", {"chat": seen.chat, "person": self._person(one)}, link.name))
        known.update(people)
        number = seen.id or f"{link.instance} {secrets.token_hex(6)}"
        ack = await link.porch.hear("message", {"id": number, "chat": seen.chat, "author": seen.author, "text": seen.text}, link.name)
        link.count.verdicts[ack["verdict"]] += 1
        if ack.get("field") in {"chat", "author"}:
            known.clear()  # long forgotten there: it is opened again with the next message
        self._say(ack)

    def _person(self, person: str) -> dict[str, str]:
        return {"id": person, "name": person, "role": self._table.role(person).value, "age": self._table.age.value}

    def _say(self, ack: Ack) -> None:
        for nudge in ack.get("nudges", ()):
            self._link.push("nudge", nudge)

    # --- what is said ------------------------------------------------------------------------------------------------

    async def ask(self, event: str, payload: Ack, seconds: float = PROBE_SECONDS) -> Ack | None:
        """Whisper a nudge to each of its people. There is nothing else that such a host could be asked."""
        del seconds
        sio = self._sio
        if sio is None:
            return None
        if event == "nudge" and self._table.whisper is not None:
            for person in payload["to"]:
                await self._whisper(sio, self._table.whisper, person, as_text(payload))
        return {}

    async def _whisper(self, sio: socketio.AsyncClient, whisper: WhisperMap, to: str, text: str) -> None:
        await sio.emit(whisper.event, filled(whisper.payload, to=to, text=text), namespace=self._link.setting.namespace)

    async def _prove(self, whisper: WhisperMap, probe: ProbeMap) -> None:
        """Whisper a word to an account of ours, with another one listening; nothing is said to anybody before that has gone well."""
        while not self.proven:
            problem = await self._probed(whisper, probe)
            if not problem:
                self.proven, self.problem = True, ""
                self._link.look_again()
                return
            self.problem = problem
            log.warning("%s: nothing is whispered yet: %s", self._link.name, problem)
            await asyncio.sleep(PROBE_AGAIN)

    async def _probed(self, whisper: WhisperMap, probe: ProbeMap) -> str:
        """What is wrong with the way of a whisper; nothing if it is good."""
        word = secrets.token_hex(8)
        receiver, bystander = Account(self._table), Account(self._table)
        try:
            async with (
                open_client(self.url, self._link.setting, probe.receiver, receiver.take) as one,
                open_client(self.url, self._link.setting, probe.bystander, bystander.take) as other,
            ):
                for client in (one, other):
                    for event, *arguments in self._table.hello:
                        await client.emit(event, tuple(arguments), namespace=self._link.setting.namespace)
                ids = await asyncio.wait_for(asyncio.gather(receiver.me, bystander.me), PROBE_SECONDS)
                self._ours.update(ids)
                if self._sio is None:
                    return "the line was lost"
                await self._whisper(self._sio, whisper, ids[0], word)
                async with asyncio.timeout(PROBE_SECONDS):
                    while not receiver.has_heard(word, whisper.heard_as or whisper.event):  # noqa: ASYNC110 -- three clients, one word
                        await asyncio.sleep(0.02)
                await asyncio.sleep(QUIET_SECONDS)
        except (LineError, TimeoutError):
            return "the probe's accounts did not hear what was whispered to them"
        return "somebody else heard what was whispered" if bystander.has_heard(word) else ""


PROBE_AGAIN = 60.0
"""Seconds until a probe that failed is tried again."""


def as_text(nudge: Ack) -> str:
    """A nudge for a chat that shows nothing but text: its links stand written out, if they lead somewhere from there."""
    links = [f"{action['label']}: {action['href']}" for action in nudge["actions"] if ":" in (action.get("href") or "")]
    return "\n".join([nudge["title"], nudge["text"], *links])
