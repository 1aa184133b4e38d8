"""Where events arrive, whichever way a host is attached: memories, the store, and an answer to everything.

Nothing here raises to the host. A message whose reading fails is delivered, and the failure is counted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from random import Random, SystemRandom
from typing import Any, TypeAlias

from bot.assistant import NOTHING, Assistant
from bot.edge import wire
from bot.edge.bell import Bell
from bot.edge.clicks import STATUS_SECONDS, Clicks
from bot.edge.clock import SteadyClock
from bot.edge.comings import Comings
from bot.edge.counting import Counting
from bot.edge.database import StoreError
from bot.edge.hosts import Hosts
from bot.edge.second_look import SecondLook
from bot.edge.shelf import Chats, PeopleMemories
from bot.edge.store import Store
from bot.edge.street import Ack
from bot.edge.upkeep import Upkeep
from bot.links import Appeal, LinkError, Mine
from bot.memory import new_chat
from bot.model import (
    Answer,
    Chat,
    ChatKind,
    Event,
    Joined,
    Message,
    Opened,
    Pressed,
    Role,
    Verdict,
)

__all__ = ["DELIVERED", "Ack", "Porch", "Send", "Watch"]

log = logging.getLogger(__name__)

Send: TypeAlias = Callable[[str, str, Ack], Awaitable[Ack | None]]
"""Takes the host, the event and its payload; gives the host's answer, if it was asked something and is there."""
Watch: TypeAlias = Callable[[Message, Answer, float], None]

REMEMBERED_ANSWERS = 10_000
"""So many last messages, or up to twice as many, get the same answer again when a host repeats them."""
REMEMBERED_SECONDS = 3_600.0
"""For so long, or up to twice as long: some answers hold what people wrote."""
DELIVERED: Ack = {"verdict": "deliver", "nudges": []}
"""The answer to almost every message, made once."""
APPEAL_SECONDS = 30 * 86_400.0


class Porch:
    """One assistant with its memories and its store."""

    def __init__(
        self, assistant: Assistant, store: Store, send: Send, *, clock: Callable[[], float] | None = None, rng: Random | None = None
    ) -> None:
        """``send`` takes what the assistant says by itself to the host: ``case``, ``referral``, ``nudge``, ``evidence``."""
        self.assistant = assistant
        self.store = store
        self.hosts = Hosts()
        self.chats = Chats()
        self.failures: Counter[str] = Counter()
        self.would: Counter[str] = Counter()
        self.counting = Counting()
        self.watch: Watch | None = None
        """For the curious: called with every message, what was seen in it, and how many seconds that took."""
        self._send = send
        self._clock = clock or SteadyClock()
        self.rng = rng or SystemRandom()
        self._people = PeopleMemories()
        self._answers: dict[tuple[str, str, int], Ack] = {}
        self._older_answers: dict[tuple[str, str, int], Ack] = {}
        self._answers_since = self._clock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.clicks = Clicks(self)
        self.bell = Bell(self, self.hosts)
        self._comings = Comings(self, self.bell)
        self._second_look = SecondLook(self, self.failed)
        self.upkeep = Upkeep(self, self._people, self._comings, self.clicks, self.bell, self.failed)
        self._events: dict[str, Callable[[object], Awaitable[Ack]]] = {
            "chat.open": self._comings.opened,
            "chat.join": self._comings.joined,
            "chat.leave": self._comings.left,
            "chat.close": self._comings.closed,
            "person.update": self._comings.updated,
            "message": self._message,
            "draft": self._draft,
            "command": self._command,
            "press": self.clicks.press,
            "panel": self._panel,
            "reports": self.clicks.reports,
            "profile": self._profile,
            "shown": self.bell.shown,
        }

    @property
    def now(self) -> float:
        """What the clock says."""
        return self._clock()

    def status_href(self, number: str) -> str:
        """The page that tells what has become of a report."""
        return self.clicks.status_href(number)

    def mine_href(self, person: str) -> str:
        """The page with all reports of one person, for that person alone."""
        token = self.assistant.links.sign(Mine(person, self._clock() + STATUS_SECONDS))
        return f"{self.assistant.community.base_url}/reports/{token}"

    def appeal_href(self, case_id: str) -> str:
        """The page on which the one whom a decision is about asks that somebody else looks again."""
        token = self.assistant.links.sign(Appeal(case_id, self._clock() + APPEAL_SECONDS))
        return f"{self.assistant.community.base_url}/appeal/{token}"

    def chats_of(self, person_id: str) -> tuple[str, ...]:
        """The chats that somebody takes part in just now; to moderate a room is no part in it."""
        there = ((chat.id, chat.person(person_id)) for chat in self.chats.of(person_id))
        return tuple(chat for chat, person in there if person is not None and person.role is not Role.MODERATOR)

    async def hear(self, event: str, payload: object, host: str = "") -> Ack:
        """Answer an event of the contract. Always answers. The names in it are the host's own; an embedded host has none itself."""
        heard = self._events.get(event)
        if heard is None:
            return {"error": "unknown event"}
        # Whatever is wrong with a message or with us, a person's words get through.
        anyway: Ack = {"verdict": "deliver", "nudges": []} if event == "message" else {}
        try:
            if host:
                payload = wire.scoped(wire.checked(payload, wire.EVENTS[event].payload), host)
            ack = await heard(payload)
            return wire.unscoped(ack, host) if host and ack is not DELIVERED else ack
        except wire.BadPayloadError as error:
            return {**anyway, "error": error.problem, "field": error.field}
        except LinkError as error:
            return {**anyway, "error": str(error)}
        except StoreError:
            self.failed(event, "StoreError")
            return {**anyway, "error": "This could not be kept just now. Please try again.", "retry": True}
        except Exception as error:  # noqa: BLE001 -- fail open for the chat, whatever it is
            self.failed(event, type(error).__name__)
            return {**anyway, "error": "Something went wrong on our side.", "degraded": "error"}

    def start(self) -> None:
        """Begin the work that goes on by itself: words fade, memories are written down."""
        self._comings.began = self._clock()
        self.later(asyncio.to_thread(self.assistant.warm))
        self.upkeep.start()

    async def close(self) -> None:
        """Finish what was begun and write down what is left."""
        await self.upkeep.stop()
        while self._tasks:  # one may begin another
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._second_look.close()
        await self.upkeep.write_down()

    # --- a message ---------------------------------------------------------------------------------------------------

    async def _message(self, payload: object) -> Ack:
        # No await in here, but where the chat is not there yet: messages are answered in the order in which they came.
        now = self._clock()
        message = wire.checked(payload, wire.WireMessage).event(now)
        # An edit may come under the id of what it changes, and is read all the same.
        key = (message.chat, message.id, hash(message.text) if message.edit_of is not None else 0)
        given = self._answers.get(key) or self._older_answers.get(key)
        if given is not None:
            return given
        try:
            chat = self.chat(message.chat)
        except wire.BadPayloadError:
            chat = await self._comings.there(message.chat)
        begun = 0.0 if self.watch is None else time.perf_counter()
        answer, self.chats[chat.id], people = self._assistant(chat.id).hear(message, chat, self._people, now, self.rng)
        took = 0.0 if self.watch is None else time.perf_counter() - begun
        if people is not self._people:
            self._people.learn(people)
        ack = self._answers[key] = DELIVERED if answer is NOTHING else self._ack(answer, message, now)
        self.counting.message(now)
        if self.watch is not None:
            self.watch(message, answer, took)
        if self.assistant.learned is not None:
            self._second_look.soon(chat.id, message.id)
        if len(self._answers) >= REMEMBERED_ANSWERS:
            # To drop half of them at once costs nothing; to drop the oldest one each time makes a dict slow.
            self._older_answers, self._answers = self._answers, {}
        return ack

    def _ack(self, answer: Answer, message: Message, now: float) -> Ack:
        """What the host hears of a message in which something was seen, and what follows from that."""
        if answer.error:
            raise wire.BadPayloadError("author", answer.error)
        self._follow_up(answer, message.chat)
        if answer.signals:
            self.clicks.seen(answer.signals, message.author, self.chats[message.chat])
            self.counting.insight(answer, now)
        if not answer.nudges and answer.verdict is Verdict.DELIVER:
            return DELIVERED
        ack = {"verdict": answer.verdict.value, "nudges": [wire.nudge_payload(nudge) for nudge in answer.nudges]}
        return ack if answer.text is None else {**ack, "text": answer.text}

    def forget_answers(self) -> None:
        """Let go of what nobody asks for again."""
        now = self._clock()
        if now - self._answers_since >= REMEMBERED_SECONDS:
            self._older_answers, self._answers, self._answers_since = self._answers, {}, now

    # --- what people ask ---------------------------------------------------------------------------------------------

    async def _draft(self, payload: object) -> Ack:
        draft = wire.checked(payload, wire.WireDraft).event(self._clock())
        return wire.answer_payload(self.send_down(draft, self.chat(draft.chat)))

    async def _profile(self, payload: object) -> Ack:
        profile = wire.checked(payload, wire.WireProfile).event(self._clock())
        chat = new_chat(f"profile:{profile.person}", ChatKind.ROOM, (), self._clock())
        answer, _, _ = self._assistant(profile.person).hear(profile, chat, {}, self._clock(), self.rng)
        return {"verdict": answer.verdict.value, **wire.answer_payload(answer)}

    async def _command(self, payload: object) -> Ack:
        command = wire.checked(payload, wire.WireCommand).event(self._clock())
        answer = self.send_down(command, self.chat(command.chat))
        return await self.clicks.filed(answer)

    async def _panel(self, payload: object) -> Ack:
        asked = wire.checked(payload, wire.Panel)
        command = wire.WireCommand(asked.chat, asked.person_id, "/safety").event(self._clock())
        said = wire.answer_payload(self.send_down(command, self.chat(asked.chat)))
        return said if "error" in said else {"panel": next(iter(said["nudges"]), None)}

    # --- inside ------------------------------------------------------------------------------------------------------

    def chat(self, chat: str) -> Chat:
        """A chat that is remembered. Raises ``BadPayloadError``."""
        try:
            return self.chats[chat]
        except KeyError:
            raise wire.BadPayloadError("chat", "this chat has not been opened") from None

    def _assistant(self, name: str) -> Assistant:
        """The assistant as the host has it whose chat or person this is."""
        return self.hosts.assistant_for(name, self.assistant)

    def send_down(self, event: Event, chat: Chat, *, keep: bool = True) -> Answer:
        """Send an event other than a message down the street and keep what is to be remembered."""
        known = {person: self._people[person] for person in _named(event, chat) if person in self._people}
        answer, after, people = self._assistant(chat.id).hear(event, chat, known, self._clock(), self.rng)
        if keep and not isinstance(event, Opened):
            self.chats[chat.id] = after
        elif isinstance(event, Opened):
            self.chats[event.chat] = after
        self._people.learn(people)
        self._follow_up(answer, chat.id)
        return answer

    async def recall(self, people: Iterable[str]) -> None:
        """Ask the store for what it remembers of people whom we don't know yet. If it fails they are new to us until it can tell."""
        unknown = self._people.unknown(people)
        if not unknown:
            return
        try:
            self._people.recalled(unknown, await self.store.people.memories(unknown))
        except StoreError:
            self._people.untold.update(unknown)
            self.failed("recall", "StoreError")

    def _follow_up(self, answer: Answer, chat: str) -> None:
        """What nobody has to wait for."""
        if answer.would:
            self.would.update(answer.would)
        for cover in answer.covers:
            self.tell(chat, "mask", {"chat": chat, "message": cover.message, "text": cover.text})
        for concern in answer.concerns:
            self.later(self.clicks.concern(concern, chat))

    def tell(self, chat: str, event: str, payload: Ack) -> None:
        """Tell the host, which may be slow or gone: what is kept is kept, and nobody waits for it."""

        async def tell() -> None:
            await self._send(wire.scope_of(chat), event, payload)

        self.later(tell())

    async def ask(self, chat: str, event: str, payload: Ack) -> Ack | None:
        """Say something to the host of a chat and give its answer; nothing if it is not there."""
        try:
            return await self._send(wire.scope_of(chat), event, payload)
        except Exception as error:  # noqa: BLE001 -- whatever a host does, what was to be asked is asked again later
            self.failed("ask", type(error).__name__)
            return None

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody waits for; a failure is counted."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed("later", type(error).__name__)

    def failed(self, event: str, error: str) -> None:
        """Count something that went wrong, by what was to be done and the name of the error."""
        self.failures[f"{event} {error}"] += 1
        log.error("%s failed: %s", event, error)


def _named(event: Event, chat: Chat) -> set[str]:
    """Whose memories an event may be about: those in the chat, and whoever comes into it or presses a button of one long forgotten."""
    named = {person.id for person in chat.people}
    match event:
        case Joined(person=person):
            named.add(person.id)
        case Pressed(person=person_id):
            named.add(person_id)
    return named
