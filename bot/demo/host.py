"""A small real chat: people by role, talks between two, rooms. It uses of the assistant only what any operator could use.

Everybody who opens the page gets a table of their own: a member, a listener and a moderator, one talk and one room.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import socketio
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import attach
from bot.demo.inspector import Inspector
from bot.demo.table import Payload, Table, Talk, shown_to
from bot.edge.chat import Judged, Safety
from bot.edge.settings import Settings
from bot.edge.web import secure
from bot.model import DeskRole, Person, Verdict
from bot.text import clean

MOST_TABLES = 1_000
"""The oldest table makes room for a new one."""
LONGEST_MESSAGE = 4_000
LONGEST_LOG = 200
HANG_UP_SECONDS = 1.0
MOST_WAITING = 1_000
"""Packets; who does not read so many is cut off, before they fill the memory."""
LARGEST_PACKET = 6_000_000
"""Bytes; far above the longest message, so that too long a one gets an answer and not a cut line."""


class Host:
    """The chat server."""

    def __init__(self, templates: Path) -> None:
        """Read the page's template from a folder."""
        self.sio = socketio.AsyncServer(async_mode="aiohttp", max_http_buffer_size=LARGEST_PACKET, logger=False, engineio_logger=False)
        self.tables: list[Table] = []
        self.safety: Safety | None = None
        self.relayed = 0
        """Messages relayed so far."""
        self._tokens: dict[str, Table] = {}
        self._here: dict[str, tuple[Table, Person]] = {}
        self._inspector = Inspector()
        page = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined).get_template("demo.html")
        self._page = page.render(title="Porchlight", version="0.1.0")

    def build(self, settings: Settings) -> web.Application:
        """Put chat, assistant and pages into one application."""
        app = web.Application()
        self.sio.attach(app)
        safety = self.safety = attach(
            self.sio, app, settings=settings, who=self.who_is, room_of=room_of, listen=self._told_by_assistant, most_waiting=MOST_WAITING
        )
        self._pages = safety.pages

        async def watch(_: web.Application) -> None:
            safety.porch.watch = self._inspector.watch

        app.on_startup.append(watch)
        app.add_routes([web.get("/", self._show), web.post("/demo/table", self._lay_table)])
        self.listen(app)
        return app

    def listen(self, app: web.Application) -> None:
        """Take what people send."""
        for event, handler in (("connect", self._connect), ("disconnect", self._disconnect), ("say", self._say), ("leave", self._leave)):
            self.sio.on(event, handler)
        self.sio.on("*", self._unknown)
        app.on_shutdown.append(self._hang_up)

    def add(self, table: Table) -> None:
        """One more table to sit at."""
        self.tables.append(table)
        self._tokens |= dict.fromkeys(table.tokens, table)

    # --- pages -------------------------------------------------------------------------------------------------------

    async def _show(self, request: web.Request) -> web.Response:
        response = web.Response(text=self._page, content_type="text/html")
        secure(request, response)
        return response

    async def _lay_table(self, _: web.Request) -> web.Response:
        table = Table()
        if len(self.tables) >= MOST_TABLES:
            oldest = self.tables.pop(0)
            for token in oldest.tokens:
                del self._tokens[token]
        self.add(table)
        desk = self._pages.sign_in_href(f"desk-{secrets.token_hex(4)}", DeskRole.MODERATOR)
        return web.json_response(table.card(desk))

    # --- sockets -----------------------------------------------------------------------------------------------------

    async def _connect(self, sid: str, _: object = None, auth: object = None) -> Payload | None:
        if sid in self._here:  # a client may send an event of this name
            return {"error": "unknown event"}
        token = auth.get("token") if isinstance(auth, dict) else None
        table = self._tokens.get(token) if isinstance(token, str) else None
        if table is None:
            raise socketio.exceptions.ConnectionRefusedError("This token is not known.")
        person = table.tokens[str(token)]
        self._here[sid] = (table, person)
        await self.sio.enter_room(sid, room_of(person.id))
        await self.sio.emit("welcome", table.welcome(person), to=sid)
        present = {someone.id for its, someone in self._here.values() if its is table}
        begun = [talk for talk in table.talks.values() if talk.opened and talk.person(person.id) is not None]
        if begun:
            self.sio.start_background_task(self._back, sid, begun)  # nobody waits for the assistant to come in
        for talk in table.talks.values():
            if not talk.opened and present.issuperset(someone.id for someone in talk.people):
                await self._open(talk)
        return None

    async def _hang_up(self, _: web.Application) -> None:
        """Let go of every line, so that stopping waits for nobody's open page; pages come back by themselves."""
        lines = [asyncio.create_task(self.sio.eio.disconnect(name)) for name in list(self.sio.eio.sockets)]
        if lines:
            deaf = (await asyncio.wait(lines, timeout=HANG_UP_SECONDS))[1]
            for line in deaf:  # nobody reads at its other end any more
                line.cancel()
        await self.sio.shutdown()

    async def _disconnect(self, sid: str, *_: object) -> Payload | None:
        if self.sio.manager.is_connected(sid, "/"):  # a client may send an event of this name
            return {"error": "unknown event"}
        self._here.pop(sid, None)
        return None

    async def _say(self, sid: str, payload: object = None, *_: object) -> Payload:
        if sid not in self._here:
            return {"error": "You are not signed in."}
        table, author = self._here[sid]
        problem = _wrong_with(payload)
        if problem is not None:
            return problem
        said: Payload = payload  # type: ignore[assignment]
        talk = table.talks.get(said["chat"])
        if talk is None or talk.person(author.id) is None:
            return {"error": "You are not in this chat.", "field": "chat"}
        if not talk.opened:
            await self._open(talk)
        text = clean(said["text"])
        message_id = f"{author.id} {clean(said['id'])}"
        if text.startswith("/"):
            return await self._command(sid, talk, text, message_id)
        if message_id in talk.log:
            return {"ok": True, "id": message_id, "verdict": talk.log[message_id]["verdict"]}
        judged = await self._judge(sid, talk, text, message_id)
        message = {
            "id": message_id,
            "chat": talk.id,
            "author": {"id": author.id, "name": author.name, "role": author.role.value},
            "text": text,
            "ts": time.time(),
            "verdict": judged.verdict.value,
            "shown_as": judged.text,
        }
        talk.log[message_id] = message
        if len(talk.log) > LONGEST_LOG:
            del talk.log[next(iter(talk.log))]
        await self._relay(talk, message)
        if self.safety is not None:
            await self.safety.speak(judged.ack)
        return {"ok": True, "id": message_id, "verdict": judged.verdict.value}

    async def _leave(self, sid: str, payload: object = None, *_: object) -> Payload:
        if sid not in self._here:
            return {"error": "You are not signed in."}
        table, person = self._here[sid]
        chat = payload.get("chat") if isinstance(payload, dict) else None
        talk = table.talks.get(chat) if isinstance(chat, str) else None
        if talk is None or talk.person(person.id) is None:
            return {"error": "You are not in this chat.", "field": "chat"}
        for someone in talk.people:
            await self.sio.emit("left", {"chat": talk.id, "id": person.id}, to=room_of(someone.id))
        talk.opened = False
        if self.safety is not None:
            await self.safety.closed(talk.id, person.id, "left")
        return {"ok": True}

    async def _unknown(self, *_: object) -> Payload:
        return {"error": "unknown event"}

    # --- the assistant -----------------------------------------------------------------------------------------------

    async def _told_by_assistant(self, event: str, payload: Payload) -> Payload:
        """What the assistant says by itself. It is asked for nothing but what was said, and acts on no decision: nobody is removed here."""
        if event == "evidence":
            return {"messages": self._kept(payload["chat"])}
        if event == "mask":
            await self.cover(payload["chat"], payload["message"], payload["text"])
        if event == "referral":
            await self.sio.emit("referred", {"chat": payload["chat"]}, to=room_of(payload["by"]))
        return {}

    async def cover(self, chat: str, message: str, text: str) -> None:
        """Show a message that was posted otherwise from now on: a later one completed a detail that began there."""
        talk = next((table.talks[chat] for table in self.tables if chat in table.talks), None)
        if talk is None or message not in talk.log:
            return
        talk.log[message] |= {"verdict": Verdict.MASK.value, "shown_as": text}
        for person in talk.people:
            await self.sio.emit("edited", {"chat": chat, "id": message, "text": text}, to=room_of(person.id))

    def _kept(self, chat: str) -> list[Payload]:
        """What was said in a talk, as it was written."""
        talk = next((table.talks[chat] for table in self.tables if chat in table.talks), None)
        said = talk.log.values() if talk else ()
        return [{"id": one["id"], "author": one["author"]["id"], "text": one["text"], "ts": one["ts"]} for one in said]

    async def who_is(self, sid: str) -> Person | None:
        """Who is behind a socket."""
        return self._here[sid][1] if sid in self._here else None

    async def _open(self, talk: Talk) -> None:
        talk.opened = True
        if self.safety is not None:
            await self.safety.opened(talk.id, talk.kind, talk.people)

    async def _back(self, sid: str, talks: list[Talk]) -> None:
        """Somebody's page was loaded anew: what they missed meanwhile is said now, in each of their talks."""
        if self.safety is None:
            return
        for talk in talks:
            await self.safety.joined(sid, talk.id)

    async def _judge(self, sid: str, talk: Talk, text: str, message_id: str) -> Judged:
        if self.safety is None:
            return Judged(message_id, Verdict.DELIVER, text)
        return await self.safety.message(sid, talk.id, text, message_id=message_id, speak=False)

    async def _command(self, sid: str, talk: Talk, text: str, command_id: str) -> Payload:
        """Nothing that begins as a command is posted, also when the assistant is away."""
        if self.safety is None:
            return {"error": "The assistant is away, so this was not sent."}
        judged = await self.safety.message(sid, talk.id, text, message_id=command_id)
        if judged.text is not None:
            return {"error": "There is no such command. There are /rules, /safety, /mod and, for moderators, /remind."}
        if "error" in judged.ack:
            return {"error": judged.ack["error"]}
        return {"ok": True, **({"receipt": judged.ack["receipt"]} if "receipt" in judged.ack else {})}

    async def _relay(self, talk: Talk, message: Payload) -> None:
        """Send a message to everybody in the talk, each what they may see; then what the assistant saw, for the curious."""
        self.relayed += 1
        for person in talk.people:
            shown = shown_to(message, person.id)
            if shown is not None:
                await self.sio.emit("message", shown, to=room_of(person.id))
        seen = self._inspector.seen(message["id"], talk)
        if seen is not None:
            # One socket of the table is enough: the page shows it once.
            await self.sio.emit("seen", seen, to=room_of(talk.people[0].id))


def room_of(person_id: str) -> str:
    """The Socket.IO room of one person; the prefix keeps it from ever being somebody's socket id."""
    return f"user:{person_id}"


def _wrong_with(payload: object) -> Payload | None:
    """What is wrong with a ``say``; nothing if all is well."""
    if not isinstance(payload, dict):
        return {"error": "Expected an object.", "field": "payload"}
    for field, longest in (("chat", 200), ("id", 100), ("text", LONGEST_MESSAGE)):
        value = payload.get(field)
        if not isinstance(value, str) or not value.strip():
            return {"error": f"{field} must be a text that is not empty.", "field": field}
        if len(value) > longest:
            return {"error": f"{field} is too long: {longest} characters at most.", "field": field}
    return None
