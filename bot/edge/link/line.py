"""One line to one process of a remote host: it lives from a connection until that is lost, and answers everything that comes by it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

import socketio

from bot.edge import wire
from bot.edge.link.client import LineError, open_client
from bot.edge.link.lanes import BusyError
from bot.edge.porch import Ack
from bot.edge.wire import Degraded, Level

if TYPE_CHECKING:
    from bot.edge.link.link import Link

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
PROBE_AGAIN_SECONDS = 30.0
WATCH_SECONDS = 1.0
MOST_PACKETS = 1_000
"""So many packets may wait for a host that does not read; then its line is dropped."""
MOST_TIMEOUTS = 3
"""So many things in a row that a host does not acknowledge; then its line is dropped."""


class Line:
    """A line to one address."""

    def __init__(self, link: Link, url: str) -> None:
        """Of a link; not connected yet."""
        self.url = url
        self.level: Level | None = None
        """What both sides agreed on; nothing before the host has said hello."""
        self.proven = False
        """Whether what is pushed arrives at the host's people."""
        self.problem = "not connected yet"
        self._link = link
        self._sio: socketio.AsyncClient | None = None
        self._lost = asyncio.Event()
        self._reason = ""
        self._timeouts = 0
        self._last_message: str | None = None
        self._lost_at: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_up(self) -> bool:
        """Whether the host is there and has said hello."""
        return self.level is not None

    @property
    def is_settled(self) -> bool:
        """Whether it is known what becomes of a nudge: it arrives, or it is not to be said at all."""
        return self.proven or self.level is Level.OBSERVE

    async def live(self) -> None:
        """Connect, and stay until the line is lost. Raises ``LineError`` if there was none."""
        self._lost.clear()
        self._reason = ""
        self.problem = "the host has not said hello"
        try:
            async with open_client(self.url, self._link.setting, self._auth(), self._heard, gone=self._gone, take=self._take) as sio:
                await self._stand(sio)
                self._begin(self._watch(sio))
                await self._lost.wait()
        finally:
            self._forget()
            await self._end_tasks()

    def _take(self, sio: socketio.AsyncClient) -> None:
        self._sio = sio

    async def _stand(self, sio: socketio.AsyncClient) -> None:
        """Do what a new line begins with: wait, for the host speaks first."""
        del sio

    def _auth(self) -> Ack:
        """What is handed over at the connection. Raises ``LineError``."""
        return {"token": self._token(), "protocol": wire.PROTOCOL, "protocols": wire.PROTOCOLS, "instance": self._link.instance}

    def _token(self) -> str:
        try:
            return self._link.setting.read_token()
        except OSError as error:
            raise LineError(f"the token cannot be read: {error.strerror}") from None

    async def _gone(self, *_: object) -> None:
        self._lost.set()

    def drop(self, why: str) -> None:
        """Give the line up; the link will try for a new one."""
        if not self._lost.is_set():
            log.warning("%s: the line is dropped: %s", self._link.name, why)
            self._link.count.dropped_lines[why] += 1
            self._reason = why
            self._lost.set()

    def _forget(self) -> None:
        if self.is_up:
            self._lost_at = time.time()
        self._sio, self.level, self.proven, self._timeouts = None, None, False, 0
        self.problem = self._reason or "the line was lost"

    # --- what comes --------------------------------------------------------------------------------------------------

    async def _heard(self, event: str, *arguments: object) -> Ack:
        """Answer, whatever comes: python-socketio would answer nothing at all if this raised. More arguments than one mean nothing."""
        payload = arguments[0] if arguments else None
        try:
            return await self._answer(event, payload)
        except Exception as error:  # noqa: BLE001 -- as above
            log.error("%s: %s failed: %s", self._link.name, _known(event), type(error).__name__)  # noqa: TRY400 -- a traceback may hold words
            self._link.count.degraded[Degraded.ERROR] += 1
            return _anyway(event, {"error": "Something went wrong on our side.", "degraded": Degraded.ERROR.value})

    async def _answer(self, event: str, payload: object) -> Ack:
        link = self._link
        link.count.events[_known(event)] += 1
        if event == "hello":
            return self._hello(payload)
        if self.level is None:
            return _anyway(event, {"error": "Say hello first.", "field": "hello"})
        known = wire.EVENTS.get(event)
        if known is None:
            return {"error": "unknown event"}
        begun = time.perf_counter()
        lane = _lane(event, payload)
        if event == "message":
            link.heard_by(lane, self)
            if link.lanes.is_free(lane or ""):  # nothing in the reading of a message waits for anything
                ack = await link.lanes.run(lane, lambda: link.porch.hear(event, payload, link.name))
            else:
                ack = await self._in_turn(event, payload, lane, link.setting.deadline)
            link.count.answers.add(time.perf_counter() - begun)
            link.count.verdicts[ack["verdict"]] += 1
            if isinstance(payload, dict) and isinstance(payload.get("id"), str):
                self._last_message = payload["id"]
        else:
            ack = await self._in_turn(event, payload, lane, link.setting.deadline if known.within == wire.SOON else known.within / 2)
        return self._as_agreed(ack)

    async def _in_turn(self, event: str, payload: object, lane: str | None, deadline: float) -> Ack:
        """The answer, or at the deadline what holds without one; what comes of it then is said later."""
        link = self._link
        work = asyncio.ensure_future(link.lanes.run(lane, lambda: link.porch.hear(event, payload, link.name)))
        done, _ = await asyncio.wait({work}, timeout=deadline)
        if not done:
            link.count.degraded[Degraded.TIMEOUT] += 1
            link.later(self._said_late(work, payload))
            return _anyway(event, {"degraded": Degraded.TIMEOUT.value, "retry": True})
        try:
            return work.result()
        except BusyError:
            link.count.degraded[Degraded.BUSY] += 1
            return _anyway(event, {"degraded": Degraded.BUSY.value, "retry": True})

    async def _said_late(self, work: asyncio.Future[Ack], payload: object) -> None:
        try:
            ack = await work
        except BusyError:
            return
        for nudge in ack.get("nudges", ()):
            self._link.push("nudge", nudge)
        if ack.get("verdict") == "mask" and isinstance(payload, dict):
            self._link.push("mask", {"chat": payload["chat"], "message": payload["id"], "text": ack["text"]})

    def _as_agreed(self, ack: Ack) -> Ack:
        """An answer with nothing in it that the host cannot do: nudges wait until the way of a nudge is proven."""
        nudges = ack.get("nudges")
        if not nudges:
            return ack
        if self.level is Level.OBSERVE:
            self._link.count.withheld += len(nudges)
            return {**ack, "nudges": []}
        if not self.proven:
            for nudge in nudges:
                self._link.push("nudge", nudge)
            return {**ack, "nudges": []}
        self._link.count.nudges.update(nudge["tone"] for nudge in nudges)
        return {**ack, "nudges": self._link.small(nudges)}

    # --- hello, and what follows it ----------------------------------------------------------------------------------

    def _hello(self, payload: object) -> Ack:
        try:
            hello = wire.checked(payload, wire.Hello)
        except wire.BadPayloadError as error:
            return {"error": error.problem, "field": error.field}
        if hello.protocol not in wire.PROTOCOLS:
            self.problem = f"the host speaks version {hello.protocol} of the protocol"
            return {"error": "This version is not spoken here.", "field": "protocol", "protocols": list(wire.PROTOCOLS)}
        self.level = min(hello.level, self._link.setting.level, key=lambda level: level.rank)
        self.problem = ""
        self._link.porch.hosts.meet(self._link.name, hello, self.level)
        speaks = self.level is not Level.OBSERVE
        self._link.look_again()
        self._begin(self._after_hello(speaks=speaks))
        log.info("%s: linked at level %s", self._link.name, self.level.value)
        return {
            "bot": "porchlight",
            "protocol": hello.protocol,
            "protocols": list(wire.PROTOCOLS),
            "level": self.level.value,
            "probe": speaks,
            "commands": list(wire.COMMANDS),
        }

    async def _after_hello(self, *, speaks: bool) -> None:
        resumed = await self.ask("resume", {"after": self._last_message, "since": self._lost_at})
        if self._lost_at is not None and (resumed is None or "replayed" not in resumed):
            self._link.count.gaps += 1
            log.warning("%s: %.1f s were not heard, and the host sends nothing again", self._link.name, time.time() - self._lost_at)
        self._lost_at = None
        while speaks and not self.proven:
            word = secrets.token_urlsafe(8)
            answer = await self.ask("probe", {"id": word}, PROBE_SECONDS)
            if answer is not None and answer.get("id") == word:
                self.proven, self.problem = True, ""
                self._link.look_again()
                return
            self.problem = "the host does not answer the probe, so nothing is whispered yet"
            log.warning("%s: %s", self._link.name, self.problem)
            await asyncio.sleep(PROBE_AGAIN_SECONDS)

    # --- what is said ------------------------------------------------------------------------------------------------

    async def ask(self, event: str, payload: Ack, seconds: float = PROBE_SECONDS) -> Ack | None:
        """Say something to the host and give its answer; nothing if there is none in time."""
        sio = self._sio
        if sio is None:
            return None
        try:
            answer = await sio.call(event, payload, namespace=self._link.setting.namespace, timeout=seconds)
        except socketio.exceptions.TimeoutError:
            self._timeouts += 1
            if self._timeouts >= MOST_TIMEOUTS:
                self.drop("it acknowledges nothing any more")
            return None
        except socketio.exceptions.SocketIOError:
            return None
        self._timeouts = 0
        return answer if isinstance(answer, dict) else {}

    async def _watch(self, sio: socketio.AsyncClient) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if sio.eio.queue.qsize() > MOST_PACKETS:
                self.drop("it reads too slowly")

    def _begin(self, work: Any) -> None:  # noqa: ANN401 -- any coroutine
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _known(event: str) -> str:
    """An event's name for counting: what a host makes up is not written down."""
    return event if event in wire.EVENTS else "unknown"


def _anyway(event: str, ack: Ack) -> Ack:
    """An answer by which a message gets through, whatever is wrong."""
    return {"verdict": "deliver", "nudges": [], **ack} if event == "message" else ack


def _lane(event: str, payload: object) -> str | None:
    """In whose order an event stands: its chat's, or else its person's; what is said of a person concerns all their chats."""
    if event == "person.update":
        return None
    told = payload if isinstance(payload, dict) else {}
    chat = told.get("chat")
    if isinstance(chat, str) and chat:
        return f"chat {chat}"
    return f"person {told.get('person_id')}"
