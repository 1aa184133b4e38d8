"""The contract with a host as one table: every event both ways, what it brings, what answers it. The documents are made from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import json

from bot.edge.wire import heard, said

PROTOCOL = 1
PROTOCOLS = (1,)
"""Every version that is spoken here; the host picks one of them in its ``hello``."""

NAMESPACE = "/safety"
COMMANDS = ("/rules", "/remind", "/mod", "/safety")
"""What is typed to the assistant and never posted into a chat."""


def is_command(text: str) -> bool:
    """Whether a text is one of these, with whatever stands behind it."""
    typed = text.lstrip()
    return typed.startswith("/") and typed.split(maxsplit=1)[0] in COMMANDS


SOON = 0.2
"""Seconds that a host waits before it delivers a message unjudged."""
PATIENT = 5.0
"""Seconds that a person waits who has pressed a button."""


class Event(msgspec.Struct, frozen=True):
    """One event of the contract."""

    name: str
    payload: type[msgspec.Struct]
    ack: type[msgspec.Struct]
    within: float = SOON
    """Seconds within which it is answered."""
    about: str = ""
    """What there is to say of it beside what its payload says of itself."""


FROM_HOST = (
    Event("hello", heard.Hello, said.HelloAck),
    Event("chat.open", heard.ChatOpen, said.Nudges),
    Event("chat.join", heard.ChatJoin, said.Nudges),
    Event("chat.leave", heard.ChatLeave, said.Nudges),
    Event("chat.close", heard.ChatClose, said.Nudges),
    Event("person.update", heard.PersonUpdate, said.Nudges),
    Event("message", heard.WireMessage, said.MessageAck),
    Event("draft", heard.WireDraft, said.Nudges),
    Event("profile", heard.WireProfile, said.ProfileAck),
    Event("command", heard.WireCommand, said.PressAck, PATIENT),
    Event("press", heard.Press, said.PressAck, PATIENT),
    Event("panel", heard.Panel, said.PanelAck, PATIENT, "The safety panel of a chat, for one person."),
    Event("reports", heard.Panel, said.ReportsAck, PATIENT, "Somebody's own reports."),
    Event("shown", heard.Shown, said.Done, PATIENT),
)
"""What a host sends."""

FROM_BOT = (
    Event("probe", said.Probe, said.Probed, PATIENT),
    Event("nudge", said.WireNudge, said.Done, PATIENT),
    Event("mask", said.Mask, said.Done, PATIENT),
    Event("case", said.CaseOpened, said.Done, PATIENT),
    Event("referral", said.Referred, said.Done, PATIENT),
    Event("evidence", said.EvidenceAsked, said.Evidence, PATIENT),
    Event("resume", said.Resume, said.Resumed, PATIENT),
)
"""What the assistant sends."""

EVENTS = {event.name: event for event in FROM_HOST}
"""What a host sends, by name."""


def asyncapi() -> dict[str, Any]:
    """The whole contract as an AsyncAPI 3 document, seen from the assistant, with the JSON Schema of every payload and answer."""
    events = [("receive", event) for event in FROM_HOST] + [("send", event) for event in FROM_BOT]
    kinds = dict.fromkeys(kind for _, event in events for kind in (event.payload, event.ack))
    _, schemas = json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for action, event in events:
        messages[event.name] = _message(event.name, event.payload, event.about)
        messages[f"{event.name}.ack"] = _message(f"{event.name}.ack", event.ack)
        operations[event.name] = {
            "action": action,
            "channel": {"$ref": "#/channels/safety"},
            "summary": event.about or _about(event.payload),
            "messages": [{"$ref": f"#/channels/safety/messages/{event.name}"}],
            "reply": {
                "channel": {"$ref": "#/channels/safety"},
                "messages": [{"$ref": f"#/channels/safety/messages/{event.name}.ack"}],
            },
            "x-answered-within-seconds": event.within,
        }
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Porchlight and a host",
            "version": f"{PROTOCOL}.0.0",
            "description": "Socket.IO events between a chat and its safety assistant, each answered by acknowledgement. See protocol.md.",
        },
        "defaultContentType": "application/json",
        "channels": {"safety": {"address": NAMESPACE, "messages": messages}},
        "operations": operations,
        "components": {"schemas": schemas},
    }
    # Within the program their names tell them from the nouns of the middle; outside there is nothing to tell them from.
    plain: dict[str, Any] = json.decode(re.sub(rb'(?<=["/])Wire(?=[A-Z]\w+")', b"", json.encode(document)))
    return plain


def _message(name: str, kind: type[msgspec.Struct], about: str = "") -> dict[str, Any]:
    return {"name": name, "summary": about or _about(kind), "payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}


def _about(kind: type) -> str:
    return (kind.__doc__ or "").strip()


def written(document: dict[str, Any]) -> str:
    """The document as it is kept in a file."""
    return json.format(json.encode(document), indent=2).decode() + "\n"


def fields(kind: type[msgspec.Struct]) -> Iterable[str]:
    """The names of a payload's fields, as they stand on the wire."""
    return kind.__struct_encode_fields__
