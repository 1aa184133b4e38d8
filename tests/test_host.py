"""The demo's sockets under whatever clients send, and who hears what."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import socketio
from demo_server import Demo, Payload, Table, serving, sitting

from bot.assistant import Assistant
from bot.demo.host import LONGEST_MESSAGE
from bot.edge.store.sight import Viewer
from bot.links import Press
from bot.model import ActionKind, Outcome

_IDS = count()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """Serve a demo."""
    async with serving(tmp_path) as served:
        yield served


@pytest.fixture
async def table(demo: Demo) -> AsyncIterator[Table]:
    """Take every seat of a table."""
    async with sitting(demo) as taken:
        yield taken


def saying(chat: str, text: object, **more: object) -> Payload:
    """What a client sends to say something."""
    return {"chat": chat, "id": f"m{next(_IDS)}", "text": text, **more}


async def nothing_is_lost(table: Table) -> None:
    """A good message of each side still arrives at the other; nobody was disconnected."""
    for author, other in ((table.listener, table.member), (table.member, table.listener)):
        answer = await author.ask("say", saying(table.direct, "How has your week been?"))
        assert answer["ok"]
        shown = await other.heard.message(answer["id"])
        assert shown["text"] == "How has your week been?"
    assert all(seat.sio.connected for seat in table.seats)
    assert all(len(seat.heard.all("welcome")) == 1 for seat in table.seats)


def deep(levels: int) -> list[Any]:
    """Lists in lists."""
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


# --- garbage ---------------------------------------------------------------------------------------------------------

NOT_OBJECTS: dict[str, tuple[object, ...]] = {
    "nothing": (),
    "null": (None,),
    "a number": (7,),
    "a truth": (True,),
    "a text": ("hello",),
    "a list": (["hello"],),
    "a deep list": (deep(200),),
    "bytes": (b"\x00\xff",),
    "a mebibyte of text": ("x" * 2**20,),
}


@pytest.mark.parametrize("event", ["say", "leave", "safety:press", "safety:panel", "safety:draft"])
async def test_what_is_no_object_is_refused(table: Table, event: str) -> None:
    """Whatever is sent in place of an object gets an error that names a field, and nothing else happens."""
    for name, arguments in NOT_OBJECTS.items():
        answer = await table.listener.ask(event, *arguments)
        assert answer["error"], name
        assert answer["field"], name
    await nothing_is_lost(table)


WRONG_VALUES: dict[str, object] = {
    "null": None,
    "a number": 7,
    "a truth": True,
    "a list": ["hello"],
    "an object": {"text": "hello"},
    "deep": deep(200),
    "nothing but blanks": " \n\t ",
}


@pytest.mark.parametrize("field", ["chat", "id", "text"])
async def test_a_wrong_or_missing_field_is_named(table: Table, field: str) -> None:
    """A message with a field that is wrong or missing is refused with the name of the field, and posted nowhere."""
    for name, value in WRONG_VALUES.items():
        answer = await table.listener.ask("say", {**saying(table.direct, "never to be seen"), field: value})
        assert (bool(answer["error"]), answer["field"]) == (True, field), name
    payload = saying(table.direct, "never to be seen")
    del payload[field]
    assert (await table.listener.ask("say", payload))["field"] == field
    await nothing_is_lost(table)
    assert "never to be seen" not in json.dumps(table.member.heard.packets)


@pytest.mark.parametrize("field", ["chat", "id", "text"])
async def test_a_mebibyte_is_refused_with_an_answer(table: Table, field: str) -> None:
    """A field far too long gets an answer that says so; the line is not cut."""
    answer = await table.listener.ask("say", {**saying(table.direct, "hello"), field: "x" * 2**20})
    assert answer["field"] == field
    assert "too long" in answer["error"]
    await nothing_is_lost(table)


async def test_the_longest_message_arrives_whole(table: Table) -> None:
    """A message of exactly the longest length goes through, one letter more does not."""
    answer = await table.listener.ask("say", saying(table.direct, "é" * LONGEST_MESSAGE))
    shown = await table.member.heard.message(answer["id"])
    assert shown["text"] == "é" * LONGEST_MESSAGE
    assert (await table.listener.ask("say", saying(table.direct, "é" * (LONGEST_MESSAGE + 1))))["field"] == "text"


async def test_odd_letters_arrive(table: Table) -> None:
    """NUL, controls and line breaks arrive as they are; a lone surrogate arrives as a replacement, everywhere the same."""
    for sent, arrives in (
        ("a\x00b", "a\x00b"),
        ("a\ud800b", "a\ufffdb"),
        ("\udfff", "\ufffd"),
        ("a\u2028b\r\nc\x1b[31m", "a\u2028b\r\nc\x1b[31m"),
        ("שלום 👩🏽\u200d🚒 \u202eabc", "שלום 👩🏽\u200d🚒 \u202eabc"),
        ('42["say",{}]', '42["say",{}]'),
    ):
        answer = await table.listener.ask("say", saying(table.direct, sent, id=f"{sent} {next(_IDS)}"))
        assert answer["ok"], sent
        shown = await table.member.heard.message(answer["id"])
        own = await table.listener.heard.message(answer["id"])
        assert (shown["text"], own["text"]) == (arrives, arrives)
    await nothing_is_lost(table)


async def test_more_than_asked_for_is_ignored(table: Table) -> None:
    """Unknown fields and further arguments change nothing."""
    payload = saying(table.direct, "hello again", author="somebody else", verdict="hold", more={"deep": deep(50)})
    answer = await table.listener.ask("say", payload, "a second argument", None, [1, 2])
    shown = await table.member.heard.message(answer["id"])
    assert (shown["author"]["id"], shown["text"], shown["verdict"]) == (table.listener.id, "hello again", "deliver")
    answer = await table.listener.ask("safety:press", {"token": "no such"}, "a second argument")
    assert answer["error"]
    await nothing_is_lost(table)


UNKNOWN = ("no such event", "connect", "disconnect", "connect_error", "message", "nudge", "welcome", "safety:command", "*", "", "\x00")


async def test_an_unknown_event_is_told_so(table: Table) -> None:
    """An event that nobody knows is answered so, however it is called and whatever it brings."""
    brought: list[tuple[object, ...]] = [(), (None,), ({"chat": table.direct},), ([1], [2]), ({}, {"token": table.member.token})]
    for event in UNKNOWN:
        for arguments in brought:
            assert await table.listener.ask(event, *arguments) == {"error": "unknown event"}, event
    await nothing_is_lost(table)


BROKEN = {
    "no name": '2900["',
    "an empty list": "2900[]",
    "an object": '2900{"say":1}',
    "no list": "2900",
    "a name that is a list": '2900[["say"],{}]',
    "a name that is null": "2900[null]",
    "deeper than can be read": '2900["say",' + "[" * 100_000 + "]" * 100_000 + "]",
    "an unknown type": "9",
    "an answer to nothing": "391[1]",
    "a connect to nowhere": "0/nowhere,{}",
}


async def test_a_broken_packet_cuts_no_line(table: Table) -> None:
    """What is no packet of Socket.IO at all is dropped; the line it came by goes on."""
    for packet in BROKEN.values():
        await table.listener.sio.eio.ws.send_str("4" + packet)
        await nothing_is_lost(table)


# --- who is who ------------------------------------------------------------------------------------------------------


NOBODYS: tuple[Any, ...] = (None, {}, {"token": None}, {"token": 7}, {"token": ["x"]}, {"token": ""}, {"token": "x" * 5000}, "x", ["x"])


@pytest.mark.parametrize("auth", NOBODYS)
async def test_who_has_no_good_token_is_refused(demo: Demo, table: Table, auth: Any) -> None:  # noqa: ANN401 -- whatever a client sends
    """A connection without a good token is refused in words, and nobody else notices."""
    stranger = socketio.AsyncClient(reconnection=False)
    told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    stranger.on("connect_error", told.set_result)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stranger.connect(demo.url, auth=auth, transports=["websocket"])
    assert "token" in str(await told)
    assert not stranger.connected
    await stranger.disconnect()
    await nothing_is_lost(table)


async def test_nobody_speaks_at_another_table(demo: Demo, table: Table) -> None:
    """The talk of another table, and a talk one is not in, are refused; nothing is heard there."""
    async with sitting(demo) as other:
        for seat, chat in ((table.listener, other.direct), (table.moderator, other.room), (table.moderator, table.direct)):
            before = [len(one.heard.packets) for one in (*other.seats, table.member)]
            assert (await seat.ask("say", saying(chat, "let me in")))["field"] == "chat"
            assert (await seat.ask("say", saying(chat, "/mod let me in")))["field"] == "chat"
            assert (await seat.ask("leave", {"chat": chat}))["field"] == "chat"
            assert not (await seat.ask("safety:panel", {"chat": chat, "person_id": other.member.id})).get("panel")
            assert (await seat.ask("safety:draft", {"chat": chat, "author": other.member.id, "text": "let me in"}))["error"]
            assert [len(one.heard.packets) for one in (*other.seats, table.member)] == before
        await nothing_is_lost(other)
    await nothing_is_lost(table)


async def test_the_same_message_again_is_one_message(table: Table) -> None:
    """A repeated id gets the same answer, and neither message nor nudge a second time."""
    payload = saying(table.direct, "This app drains my battery so fast, can we use another app?")
    answers = [await table.listener.ask("say", payload) for _ in range(3)]
    answers += await asyncio.gather(*(table.listener.ask("say", {**payload, "text": "other words, same id"}) for _ in range(3)))
    assert all(answer == answers[0] for answer in answers)
    # The same id by somebody else is somebody else's message.
    theirs = await table.member.ask("say", {**payload, "text": "Take your time."})
    assert theirs["id"] != answers[0]["id"]
    await nothing_is_lost(table)
    for seat in (table.member, table.listener):
        assert [said["id"] for said in seat.heard.all("message")].count(answers[0]["id"]) == 1
        assert len([nudge for nudge in seat.heard.all("nudge") if nudge["message"] == answers[0]["id"]]) == 1


async def warned(table: Table) -> Payload:
    """Warn the member by what the listener says, and give the warning."""
    answer = await table.listener.ask("say", saying(table.direct, "This app drains my battery so fast, can we use another app?"))
    return await table.member.heard.wait("nudge", lambda nudge: nudge["message"] == answer["id"])


def token_of(nudge: Payload, kind: str) -> str:
    """What a button of a nudge carries."""
    return next(str(action["token"]) for action in nudge["actions"] if action["kind"] == kind)


def changed(token: str) -> str:
    """The token with the first letter of its signature changed."""
    said, _, signature = token.rpartition(".")
    return f"{said}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


async def test_a_forged_or_foreign_button_does_nothing(demo: Demo, table: Table) -> None:
    """A button made for somebody else, changed, outdated or of another kind gets an error each and files nothing."""
    token = token_of(await warned(table), "report")
    async with sitting(demo) as other:
        for thief in (table.listener, table.moderator, other.member):
            for claimed in (thief.id, table.member.id):
                assert (await thief.ask("safety:press", {"token": token, "person_id": claimed}))["error"]
    porch = demo.porch
    old = Press(ActionKind.REPORT, "n1", table.direct, table.member.id, porch.now - 1, table.listener.id)
    forged: list[object] = [changed(token), token + "x", token.upper(), token * 40, "", "\x00", "\ud800", "é"]
    forged += [porch.assistant.links.sign(old), porch.status_href("P7").rsplit("/", 1)[-1], str(table.card["desk"]).rsplit("/", 1)[-1]]
    forged += [None, 7, True, [token], {"token": token}, deep(200)]
    for one in forged:
        assert (await table.member.ask("safety:press", {"token": one}))["error"], one
    assert (await table.member.ask("safety:press", {}))["field"] == "token"
    assert await porch.store.cases.all() == ()
    await nothing_is_lost(table)
    # The real one still works, also with nonsense beside it.
    answer = await table.member.ask("safety:press", {"token": token, "reason": "no such reason", "words": "\ud800\x00"})
    assert answer["receipt"]["number"]


# --- who hears what --------------------------------------------------------------------------------------------------

SAID = (
    ("listener", "direct", "I can't type properly today, so could we do a video call instead?"),
    ("listener", "direct", "This app drains my battery so fast, can we use another app?"),
    ("listener", "direct", "I can support you better somewhere else, where we can speak freely."),
    ("listener", "direct", "My number is 07700 900123, text me any time."),
    ("member", "direct", "Can I have your email?"),
    ("member", "direct", "I don't want to be here any more. I'm going to end my life tonight."),
    ("member", "room", "my insta is @quiet.fox.22"),
    ("listener", "room", "/rules"),
    ("moderator", "room", "/remind contact"),
    ("member", "room", "/mod someone is pushing people for their number"),
    ("member", "direct", "/safety"),
)


WORDS = "what the reporter adds in words of their own"


async def play(table: Table) -> None:
    """Everything that makes the assistant speak, and one press of every button it gives."""
    for who, chat, text in SAID:
        answer = await getattr(table, who).ask("say", saying(getattr(table, chat), text))
        assert answer["ok"], text
    for seat in table.seats:
        for token in seat.heard.tokens():
            await seat.ask("safety:press", {"token": token, "words": "a few words of my own"})


async def test_a_nudge_reaches_nobody_else(demo: Demo, table: Table) -> None:
    """In every packet of every socket: a nudge and its buttons only where the nudge is addressed, and there once."""
    async with sitting(demo) as other:
        await asyncio.gather(play(table), play(other))
        await nothing_is_lost(table)
        await nothing_is_lost(other)
        seats = (*table.seats, *other.seats)
        nudges = {nudge["id"]: nudge for seat in seats for nudge in seat.heard.all("nudge")}
        assert len(nudges) > 2 * len(SAID)
        everything = {seat.id: json.dumps(seat.heard.packets) for seat in seats}
        for nudge in nudges.values():
            secrets = [nudge["id"], *(action["token"] for action in nudge["actions"] if action.get("token"))]
            for seat in seats:
                times = [everything[seat.id].count(json.dumps(secret)) for secret in secrets]
                assert times[0] == (seat.id in nudge["to"]), (seat.id, nudge["title"])
                assert seat.id in nudge["to"] or not any(times), (seat.id, nudge["title"])


async def test_no_packet_shows_who_reported(demo: Demo, table: Table) -> None:
    """At one table the member reports and is answered, at the other nobody does: the sockets of the others see no difference."""
    async with sitting(demo) as other:
        for at in (table, other):
            for who, chat, text in SAID:
                if not text.startswith("/mod"):  # a call for a moderator is told to moderators
                    await getattr(at, who).ask("say", saying(getattr(at, chat), text))
            await nothing_is_lost(at)
        before = {seat.id: len(seat.heard.packets) for at in (table, other) for seat in at.seats}
        nudges = table.member.heard.all("nudge")
        reports = [action["token"] for nudge in nudges for action in nudge["actions"] if action["kind"] == "report"]
        receipts = [await table.member.ask("safety:press", {"token": token, "words": WORDS}) for token in reports]
        numbers = [answer["receipt"]["number"] for answer in receipts if "receipt" in answer]
        store, now = demo.porch.store, demo.porch.now
        (case,) = [case for case in await store.cases.all() if case.about == table.listener.id]
        assert await store.casework.read(Viewer("noor"), case.id, case.reports, now)
        assert await store.cases.decide(case.id, "noor", Outcome.WARN, now, demo.porch.rng)
        await demo.porch.bell.ring()
        told = await table.member.heard.wait("nudge", lambda nudge: bool(nudge.get("confirm")))
        await nothing_is_lost(table)
        await nothing_is_lost(other)
        assert numbers
        assert told["to"] == [table.member.id]
        for mine, theirs in zip(table.seats, other.seats, strict=True):
            if mine is not table.member:
                packets = json.dumps(mine.heard.packets)
                assert not any(secret in packets for secret in (WORDS, told["id"], case.id, *numbers))
                assert len(mine.heard.packets) - before[mine.id] == len(theirs.heard.packets) - before[theirs.id]


async def test_only_their_author_sees_a_detail_or_a_command(table: Table) -> None:
    """Contact details stand in no packet to anybody but their author, and no command reaches anybody."""
    await play(table)
    await nothing_is_lost(table)
    everything = {seat: json.dumps(seat.heard.packets) for seat in table.seats}
    for author, detail in ((table.listener, "07700 900123"), (table.member, "quiet.fox.22")):
        assert [seat for seat in table.seats if detail in everything[seat]] == [author]
    assert not any('"text": "/' in packets for packets in everything.values())


async def test_a_piece_that_was_posted_is_hidden_when_the_rest_comes(table: Table) -> None:
    """The other side's page is told what to show instead; whoever comes back sees it so as well."""
    first = await table.listener.ask("say", saying(table.direct, "0 7 7 0 0"))
    assert (await table.member.heard.message(first["id"]))["text"] == "0 7 7 0 0"
    await table.listener.ask("say", saying(table.direct, "9 0 0 1 2 3"))
    change = await table.member.heard.wait("edited", lambda edited: edited["id"] == first["id"])
    assert not any(letter.isdigit() for letter in change["text"])


# --- logs and failures -----------------------------------------------------------------------------------------------


def tell_tales(table: Table) -> re.Pattern[str]:
    """Everything that must stand in no log: words, tokens, names."""
    words = [text for _, _, text in SAID] + ["a few words of my own", "07700 900123", "quiet.fox"]
    tokens = [token for seat in table.seats for token in (seat.token, *seat.heard.tokens())]
    names = [rf"\b{seat.name}\b" for seat in table.seats]
    return re.compile("|".join([*map(re.escape, words + tokens), *names]))


async def test_logs_hold_no_words_tokens_or_names(table: Table, caplog: pytest.LogCaptureFixture) -> None:
    """At the finest level of logging nothing of what people wrote, hold or are called is written down, garbage included."""
    caplog.set_level(logging.DEBUG)
    await play(table)
    for arguments in NOT_OBJECTS.values():
        await table.listener.ask("say", *arguments)
    await table.listener.ask("say", {**saying(table.direct, SAID[0][2]), "id": 7})
    await table.listener.ask("safety:press", {"token": table.listener.token, "words": [SAID[0][2]]})
    assert caplog.records
    found = tell_tales(table)
    assert not {found_in.group() for record in caplog.records if (found_in := found.search(record.getMessage() + (record.exc_text or "")))}


async def test_if_the_reading_fails_the_message_arrives(
    demo: Demo, table: Table, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the assistant breaks, words are delivered as written, the failure is counted and logged without them."""

    def breaks(_: Assistant, event: object, *__: object) -> None:
        raise ValueError(str(event))

    monkeypatch.setattr(Assistant, "hear", breaks)
    answer = await table.listener.ask("say", saying(table.direct, SAID[3][2]))
    assert answer["verdict"] == "deliver"
    shown = await table.member.heard.message(answer["id"])
    assert shown["text"] == SAID[3][2]
    assert (await table.listener.ask("say", saying(table.direct, "/rules")))["error"]
    assert (await table.member.ask("safety:press", {"token": token_of(table.member.heard.all("nudge")[0], "dismiss")}))["error"]
    assert demo.porch.failures == {"message ValueError": 1, "command ValueError": 1, "press ValueError": 1}
    found = tell_tales(table)
    assert len(caplog.records) >= 3
    assert not any(found.search(record.getMessage() + (record.exc_text or "")) for record in caplog.records)
    monkeypatch.undo()
    await nothing_is_lost(table)
