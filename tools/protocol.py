"""Write what the documents tell of the contract from its types: the AsyncAPI document, and the reference in docs/protocol.md.

A test fails when the documents differ from the types; then: ``python -m tools.protocol``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.edge import wire

DOCS = Path(__file__).parent.parent / "docs"
ASYNCAPI = DOCS / "protocol.asyncapi.json"
PAGE = DOCS / "protocol.md"
REFERENCE = re.compile(r"(?<=<!-- made by tools/protocol.py -->\n).*?(?=<!-- until here -->)", re.DOTALL)

Schema = dict[str, Any]


def reference() -> str:
    """Every event, its payload and its answer, as Markdown."""
    document = wire.asyncapi()
    lines: list[str] = []
    for title, events in (("From the host", wire.FROM_HOST), ("From the assistant", wire.FROM_BOT)):
        lines += ["", f"### {title}", ""]
        for event in events:
            lines += _event(event, document)
    lines += ["", "### What they are made of", ""]
    for name in _inner(document):
        schema = document["components"]["schemas"][name]
        lines += [f"**{name}**: {_plain(schema.get('description', ''))}", "", *_table(schema, document), ""]
    return "\n".join(lines) + "\n"


def _event(event: wire.Event, document: Schema) -> Iterator[str]:
    operation, messages = document["operations"][event.name], document["channels"]["safety"]["messages"]
    schemas = document["components"]["schemas"]
    yield f"#### `{event.name}`"
    yield ""
    yield f"{_plain(operation['summary'])} Answered within {event.within:g} s."
    yield ""
    yield from _table(schemas[_name(messages[event.name]["payload"]["$ref"])], document)
    yield ""
    answer = schemas[_name(messages[f"{event.name}.ack"]["payload"]["$ref"])]
    own = {**answer, "properties": {name: field for name, field in answer["properties"].items() if name not in COMMON}}
    yield f"Answer: {_plain(answer['description'])}" if own["properties"] else "Answer: `{}`, or an error."
    yield ""
    if own["properties"]:
        yield from _table(own, document)
        yield ""


COMMON = ("error", "field", "retry", "degraded")
"""What any answer may hold; told once."""


def _table(schema: Schema, document: Schema) -> Iterator[str]:
    yield "| field | what it is | |"
    yield "|---|---|---|"
    for name, field in schema["properties"].items():
        must = name in schema.get("required", ())
        yield f"| `{name}`{'' if must else '?'} | {_kind(field, document)} | {_meaning(field)} |"


def _kind(field: Schema, document: Schema) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(one, document) for one in field["anyOf"])
    if "$ref" in field:
        schema = document["components"]["schemas"][_name(field["$ref"])]
        return _choice(schema["enum"]) if "enum" in schema else f"a {_name(field['$ref'])}"
    if "enum" in field:
        return _choice(field["enum"])
    if field["type"] == "array":
        return f"a list, each {_kind(field['items'], document)}"
    longest = f", at most {field['maxLength']}" if "maxLength" in field else ""
    return PLAIN[field["type"]] + longest


PLAIN = {
    "string": "text",
    "boolean": "true or false",
    "null": "null",
    "integer": "a whole number",
    "number": "a number",
    "object": "texts by name",
}


def _choice(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" if value else "nothing" for value in values)


def _meaning(field: Schema) -> str:
    found = field.get("description") or next((one["description"] for one in field.get("anyOf", ()) if "description" in one), "")
    return str(found)


def _plain(docstring: str) -> str:
    """A docstring as one paragraph."""
    return " ".join(docstring.split())


def _name(ref: str) -> str:
    return ref.rsplit("/", 1)[-1]


def _inner(document: Schema) -> list[str]:
    """The objects that stand inside payloads and answers."""
    whole = {_name(message["payload"]["$ref"]) for message in document["channels"]["safety"]["messages"].values()}
    return [
        name
        for name, schema in document["components"]["schemas"].items()
        if "properties" in schema and (name not in whole or name == "Nudge")
    ]


def main() -> None:
    """Write both."""
    ASYNCAPI.write_text(wire.written(wire.asyncapi()), "utf-8")
    PAGE.write_text(REFERENCE.sub(lambda _: reference(), PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
