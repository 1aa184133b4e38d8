"""What a host may send: each payload as it should be, and each way it can be wrong, with the field named."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import MAYA, NOW, SAM

from bot.edge import wire
from bot.edge.wire import LONGEST_TEXT, BadPayloadError, checked, nudge_payload
from bot.model import (
    Action,
    ActionKind,
    Age,
    Audience,
    ChatKind,
    Command,
    Draft,
    Joined,
    Left,
    Message,
    Nudge,
    Opened,
    Person,
    Pressed,
    Profile,
    Role,
    Sent,
    Tone,
)
from tools import protocol

Payload: TypeAlias = dict[str, Any]

ADA: Payload = {"id": "ada", "role": "member"}

GOOD: dict[type, Payload] = {
    wire.ChatOpen: {"chat": "c1", "kind": "direct", "people": [ADA]},
    wire.ChatJoin: {"chat": "c1", "person": ADA},
    wire.ChatLeave: {"chat": "c1", "person_id": "ada"},
    wire.ChatClose: {"chat": "c1", "by": "ada", "reason": "left"},
    wire.PersonUpdate: {"person": ADA},
    wire.WireMessage: {"id": "m1", "chat": "c1", "author": "ada", "text": "hello"},
    wire.WireDraft: {"chat": "c1", "author": "ada", "text": "hello"},
    wire.WireCommand: {"chat": "c1", "author": "ada", "text": "/rules"},
    wire.Press: {"person_id": "ada", "token": "t", "sent": [{"author": "ada", "text": "hello"}]},
    wire.Panel: {"person_id": "ada", "chat": "c1"},
    wire.WireProfile: {"person_id": "ada", "field": "about", "text": "hello"},
    wire.Shown: {"person_id": "ada", "id": "n1"},
    wire.Hello: {"name": "a host", "level": "verdict"},
}
KINDS = sorted(GOOD, key=lambda kind: kind.__name__)
REQUIRED = [(kind, field.name) for kind in KINDS for field in msgspec.structs.fields(kind) if field.required]
OPTIONAL = [(kind, name) for kind in KINDS for name in GOOD[kind] if (kind, name) not in REQUIRED]


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (wire.ChatOpen, Opened("c1", ChatKind.DIRECT, (Person("ada", Role.MEMBER),))),
        (wire.ChatJoin, Joined("c1", Person("ada", Role.MEMBER))),
        (wire.ChatLeave, Left("c1", "ada")),
        (wire.WireMessage, Message("m1", "c1", "ada", "hello", NOW)),
        (wire.WireDraft, Draft("c1", "ada", "hello")),
        (wire.WireCommand, Command(f"{NOW:.6f}", "c1", "ada", "/rules")),
        (wire.Press, Pressed("ada", "t", sent=(Sent("ada", "hello"),))),
        (wire.WireProfile, Profile("ada", "about", "hello")),
    ],
)
def test_a_good_payload_becomes_its_event(kind: type[Any], event: object) -> None:
    """What a host says arrives in the middle as the event it is."""
    assert checked(GOOD[kind], kind).event(NOW) == event


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_is_passed_over(kind: type[Any]) -> None:
    """A host may send more than the contract has: later versions will."""
    assert checked({**GOOD[kind], "later": {"a": [1]}}, kind) == checked(GOOD[kind], kind)


@pytest.mark.parametrize(("kind", "field"), REQUIRED)
def test_a_missing_field_is_named(kind: type[Any], field: str) -> None:
    """Without a field that it needs, a payload is refused and the field named."""
    payload = {name: value for name, value in GOOD[kind].items() if name != field}
    with pytest.raises(BadPayloadError) as raised:
        checked(payload, kind)
    assert raised.value.field == field


@pytest.mark.parametrize(("kind", "field"), REQUIRED + OPTIONAL)
@pytest.mark.parametrize("value", [7, True, None, [1], b"text"], ids=["number", "truth", "nothing", "list", "bytes"])
def test_a_wrong_type_is_named(kind: type[Any], field: str, value: object) -> None:
    """A value of another type is refused, with the path to it and without the value."""
    with pytest.raises(BadPayloadError) as raised:
        checked({**GOOD[kind], field: value}, kind)
    assert raised.value.field.split("[")[0].split(".")[0] == field


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"id": "ada", "role": "king"}, "people[1].role"),
        ({"id": "ada", "role": "member", "age": 17}, "people[1].age"),
        ({"id": "", "role": "member"}, "people[1].id"),
        ("ada", "people[1]"),
        ({"id": "ada", "role": "member", "name": "x" * 201}, "people[1].name"),
    ],
)
def test_a_wrong_person_is_found_among_many(person: object, field: str) -> None:
    """The path says which person it is, and what of them."""
    with pytest.raises(BadPayloadError) as raised:
        checked({"chat": "c1", "kind": "room", "people": [ADA, person]}, wire.ChatOpen)
    assert raised.value.field == field


def test_a_missing_field_of_a_person_is_found_too() -> None:
    """What is missing further inside is named by its whole path."""
    with pytest.raises(BadPayloadError) as raised:
        checked({"chat": "c1", "kind": "room", "people": [{"id": "ada"}]}, wire.ChatOpen)
    assert raised.value.field == "people[0].role"


@pytest.mark.parametrize("payload", [None, 7, "text", [], b"\x00", float("nan")], ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_object_is_refused(kind: type[Any], payload: object) -> None:
    """A payload that is no object is named as a whole."""
    with pytest.raises(BadPayloadError) as raised:
        checked(payload, kind)
    assert raised.value.field == "payload"


def test_an_endless_payload_is_refused() -> None:
    """Lists in lists without an end are a wrong type as well."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(BadPayloadError):
        checked({**GOOD[wire.WireMessage], "text": deep}, wire.WireMessage)


@pytest.mark.parametrize(
    ("kind", "field", "longest"),
    [
        (wire.WireMessage, "text", LONGEST_TEXT),
        (wire.WireMessage, "id", 200),
        (wire.WireMessage, "chat", 200),
        (wire.WireDraft, "text", LONGEST_TEXT),
        (wire.WireCommand, "text", LONGEST_TEXT),
        (wire.Press, "token", 4_000),
        (wire.Press, "words", LONGEST_TEXT),
        (wire.WireProfile, "text", LONGEST_TEXT),
        (wire.Hello, "name", 200),
    ],
)
def test_what_is_too_long_is_named(kind: type[Any], field: str, longest: int) -> None:
    """Up to its limit a text is taken, and not one character more."""
    checked({**GOOD[kind], field: "x" * longest}, kind)
    with pytest.raises(BadPayloadError) as raised:
        checked({**GOOD[kind], field: "x" * (longest + 1)}, kind)
    assert raised.value.field == field


@pytest.mark.parametrize("field", ["id", "chat", "author"])
def test_an_empty_id_is_named(field: str) -> None:
    """Nothing can be kept under no name."""
    with pytest.raises(BadPayloadError) as raised:
        checked({**GOOD[wire.WireMessage], field: ""}, wire.WireMessage)
    assert raised.value.field == field


@given(word=st.text(min_size=5, max_size=30, alphabet="QXZJ"), field=st.sampled_from(["id", "chat", "text", "ts"]))
def test_an_error_never_holds_what_was_sent(word: str, field: str) -> None:
    """The words of an error are ours alone: they go into logs and back over the wire."""
    with pytest.raises(BadPayloadError) as raised:
        checked({**GOOD[wire.WireMessage], field: [word]}, wire.WireMessage)
    assert word not in str(raised.value)


def test_halves_of_characters_are_replaced_at_the_border() -> None:
    """Lone surrogates, which no database takes, never come in."""
    half = "a\ud83db"
    message = checked({"id": half, "chat": half, "author": half, "text": half, "edit_of": half}, wire.WireMessage).event(NOW)
    pressed = checked({"person_id": half, "token": half, "words": half}, wire.Press).event(NOW)
    person = checked({"id": half, "role": "member", "name": half, "locale": half}, wire.WirePerson).person()
    seen = [message.id, message.chat, message.author, message.text, message.edit_of, pressed.person, pressed.words, person.id, person.name]
    assert set(seen) == {"a\ufffdb"}
    assert [one.encode() for one in (pressed.token, person.locale)]


def test_the_hosts_own_clock_is_kept() -> None:
    """A message has the time that the host gives, and ours if it gives none."""
    assert checked({**GOOD[wire.WireMessage], "ts": 5}, wire.WireMessage).event(NOW).ts == 5.0
    assert checked(GOOD[wire.WireMessage], wire.WireMessage).event(NOW).ts == NOW


def test_a_command_keeps_the_hosts_id() -> None:
    """With an id of the host's the same command twice is one."""
    assert checked({**GOOD[wire.WireCommand], "id": "k1"}, wire.WireCommand).event(NOW).id == "k1"


def test_people_come_with_all_that_is_known_of_them() -> None:
    """Age, locale and name reach the middle; without an age it is unknown."""
    person = checked({"id": "kit", "role": "guest", "age": "teen", "locale": "de", "name": "Kit"}, wire.WirePerson).person()
    assert person == Person("kit", Role.GUEST, Age.TEEN, "de", "Kit")
    assert checked(ADA, wire.WirePerson).person().age is Age.UNKNOWN


def test_a_nudge_leaves_without_the_name_of_its_prompt() -> None:
    """What goes to people's clients is the contract's, and nothing of the desk's."""
    actions = (Action("Report", ActionKind.REPORT, "t", "/report/t"), Action("Leave", ActionKind.LEAVE))
    nudge = Nudge(
        "n1",
        "c1",
        (MAYA.id, SAM.id),
        Audience.ROOM,
        "remind.contact/room",
        Tone.TIP,
        "T",
        "<p>x</p>",
        "x",
        "why",
        actions,
        "en",
        "m1",
        "/privacy",
        {"label": "Automatic"},
    )
    assert nudge_payload(nudge) == {
        "id": "n1",
        "chat": "c1",
        "to": ("maya", "sam"),
        "audience": "room",
        "tone": "tip",
        "title": "T",
        "html": "<p>x</p>",
        "text": "x",
        "why": "why",
        "actions": (
            {"label": "Report", "kind": "report", "token": "t", "href": "/report/t"},
            {"label": "Leave", "kind": "leave"},
        ),
        "locale": "en",
        "message": "m1",
        "privacy": "/privacy",
        "words": {"label": "Automatic"},
    }


# --- the contract as a whole -----------------------------------------------------------------------------------------


def test_the_documents_say_what_the_types_say() -> None:
    """The AsyncAPI document and the reference are made from the types; after a change: ``python -m tools.protocol``."""
    assert protocol.ASYNCAPI.read_text("utf-8") == wire.written(wire.asyncapi())
    assert protocol.REFERENCE.findall(protocol.PAGE.read_text("utf-8")) == [protocol.reference()]


def test_every_reference_in_the_document_leads_somewhere() -> None:
    """Each payload and answer has its schema, and nothing of ours in its name."""
    document = wire.asyncapi()
    text = msgspec.json.encode(document).decode()
    for ref in set(re.findall(r'"\$ref":"#/([^"]+)"', text)):
        found: Any = document
        for part in ref.split("/"):
            found = found[part]
        assert found
    assert "Wire" not in text


def test_every_event_has_a_payload_of_its_own_that_is_checked() -> None:
    """The table of events names for each the type by which its payload is refused or taken."""
    assert {event.payload for event in wire.FROM_HOST} == set(GOOD)
    assert all(event.payload.__doc__ and event.ack.__doc__ for event in (*wire.FROM_HOST, *wire.FROM_BOT))


def test_milliseconds_are_named() -> None:
    """The usual mistake is told, rather than taken for a day far ahead on which words would still be there."""
    with pytest.raises(BadPayloadError) as raised:
        checked({**GOOD[wire.WireMessage], "ts": NOW * 1000}, wire.WireMessage)
    assert raised.value.field == "ts"


def test_a_hosts_clock_ahead_of_ours_does_not_count() -> None:
    """Words are forgotten by our own clock."""
    assert checked({**GOOD[wire.WireMessage], "ts": NOW + 900}, wire.WireMessage).event(NOW).ts == NOW


# --- names of several hosts ------------------------------------------------------------------------------------------

NAMES: dict[type, set[str]] = {
    wire.ChatOpen: {"c1", "ada"},
    wire.ChatJoin: {"c1", "ada"},
    wire.ChatLeave: {"c1", "ada"},
    wire.ChatClose: {"c1", "ada"},
    wire.PersonUpdate: {"ada"},
    wire.WireMessage: {"c1", "ada"},
    wire.WireDraft: {"c1", "ada"},
    wire.WireCommand: {"c1", "ada"},
    wire.Press: {"ada"},
    wire.Panel: {"c1", "ada"},
    wire.WireProfile: {"ada"},
    wire.Shown: {"ada"},
    wire.Hello: set(),
}
"""The names in each good payload that are the host's own."""


def words_in(value: object) -> set[str]:
    """Every text inside something."""
    if isinstance(value, str):
        return {value}
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return set().union(*map(words_in, inside))


@pytest.mark.parametrize("kind", KINDS)
def test_a_hosts_names_are_its_own(kind: type[Any]) -> None:
    """Within the assistant the host's name stands before each name of a chat or a person, wherever it is, and before nothing else."""
    payload = checked(GOOD[kind], kind)
    before, after = (words_in(msgspec.to_builtins(one)) for one in (payload, wire.scoped(payload, "main")))
    assert before - after == NAMES[kind]
    assert after - before == {f"main/{name}" for name in NAMES[kind]}


@given(
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,29}", fullmatch=True),
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,29}", fullmatch=True),
    st.text(min_size=1, max_size=20),
    st.text(min_size=1, max_size=20),
)
def test_two_hosts_never_share_a_name(one: str, other: str, a: str, b: str) -> None:
    """Whatever hosts call their people, two of them are one person only at the same host and under the same name."""
    names = [wire.scoped(wire.ChatLeave("c", name), host).person_id for host, name in ((one, a), (other, b))]
    assert (names[0] == names[1]) == ((one, a) == (other, b))
    assert [wire.scope_of(name) for name in names] == [one, other]


def test_what_goes_back_has_the_hosts_own_names() -> None:
    """An answer, a panel and what is said unasked come with the names that the host knows."""
    nudge = {"id": "n1", "chat": "main/c/1", "to": ("main/ada", "main/main/ben"), "message": "m1"}
    plain = {**nudge, "chat": "c/1", "to": ("ada", "main/ben")}
    assert wire.unscoped({"verdict": "deliver", "nudges": [nudge]}, "main") == {"verdict": "deliver", "nudges": [plain]}
    assert wire.unscoped({"panel": nudge}, "main") == {"panel": plain}
    assert wire.unscoped({"panel": None}, "main") == {"panel": None}
    assert wire.unscoped({"chat": "main/c1", "by": "main/ada", "topic": "x"}, "main") == {"chat": "c1", "by": "ada", "topic": "x"}
