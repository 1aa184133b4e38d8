"""Names of one host are never those of another: within the assistant the host's name stands before each, on the wire it does not."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from bot.edge.wire.fields import SCOPED

WHOLE_CHAT = "chat:"
"""Before the id of a chat, where something is about a chat as a whole."""
BETWEEN = "/"
"""Stands between a host's name, which never holds it, and the host's own name for something."""

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def scope_of(name: str) -> str:
    """The host whose name for something this is; empty for an embedded one."""
    host, between, _ = name.partition(BETWEEN)
    return host if between else ""


def in_full(name: str, hosts: Collection[str]) -> str:
    """A host's own name for somebody or something as the assistant knows it, if it is not given so already.

    Raises ``ValueError`` where it could be a name of several hosts.
    """
    if not hosts or scope_of(name) in hosts:
        return name
    if len(hosts) > 1:
        one = min(hosts)
        raise ValueError(f"Several chats are linked, so the name of one stands before the id: {one}{BETWEEN}ID.")
    return f"{next(iter(hosts))}{BETWEEN}{name}"


def scoped(payload: _Struct, host: str) -> _Struct:
    """A payload with the host's name before every name that is the host's own."""
    before = f"{host}{BETWEEN}"
    names, inside = _places(type(payload))
    changed: dict[str, Any] = {name: before + value for name in names if (value := getattr(payload, name))}
    for name in inside:
        value = getattr(payload, name)
        changed[name] = tuple(scoped(one, host) for one in value) if isinstance(value, tuple) else scoped(value, host)
    return msgspec.structs.replace(payload, **changed)


def unscoped(said: dict[str, Any], host: str) -> dict[str, Any]:
    """An answer, or what the assistant says by itself, with the names as the host knows them."""
    before = f"{host}{BETWEEN}"
    changed = dict(said)
    for name in ("chat", "by"):
        if isinstance(said.get(name), str):
            changed[name] = said[name].removeprefix(before)
    if isinstance(said.get("about"), str):
        whole, about = said["about"].startswith(WHOLE_CHAT), said["about"].removeprefix(WHOLE_CHAT)
        changed["about"] = f"{WHOLE_CHAT if whole else ''}{about.removeprefix(before)}"
    if "to" in said:
        changed["to"] = tuple(person.removeprefix(before) for person in said["to"])
    if "nudges" in said:
        changed["nudges"] = [unscoped(nudge, host) for nudge in said["nudges"]]
    if "chats" in said:
        changed["chats"] = [unscoped(chat, host) for chat in said["chats"]]
    if said.get("panel"):
        changed["panel"] = unscoped(said["panel"], host)
    return changed


def scoped_lines(answer: dict[str, Any], host: str) -> dict[str, Any]:
    """What a host answers, with its name before the authors of the messages in it."""
    lines = answer.get("messages")
    if not isinstance(lines, (list, tuple)):
        return answer
    known = [line for line in lines if isinstance(line, dict) and isinstance(line.get("author"), str)]
    return {**answer, "messages": [{**line, "author": f"{host}{BETWEEN}{line['author']}"} for line in known]}


@cache
def _places(kind: type[msgspec.Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a payload that are names of the host's own, and those with such fields inside."""
    info = inspect.type_info(kind)
    names, inside = [], []
    for field in info.fields if isinstance(info, inspect.StructType) else ():
        if isinstance(field.type, inspect.Metadata) and (field.type.extra or {}).items() >= SCOPED.items():
            names.append(field.name)
        elif _has_names(field.type):
            inside.append(field.name)
    return tuple(names), tuple(inside)


def _has_names(info: inspect.Type) -> bool:
    """Whether it is a payload with such names in it, or a tuple of them."""
    if isinstance(info, inspect.Metadata):
        return _has_names(info.type)
    if isinstance(info, inspect.VarTupleType):
        return _has_names(info.item_type)
    return isinstance(info, inspect.StructType) and any(_places(info.cls))
