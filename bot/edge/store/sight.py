"""What somebody at the desk may see: nobody is shown, or counted, what they are part of."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select, union

from bot.edge.tables import case_chats, cases, involved


class Viewer(msgspec.Struct, frozen=True):
    """Who is looking, and the chats that they are in just now."""

    person: str
    chats: tuple[str, ...] = ()


def shown_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a case may be seen: by nobody it is about, who reported, or who took part in one of its chats, then or now."""
    return ~hidden_from(viewer)


def hidden_from(viewer: Viewer) -> ColumnElement[bool]:
    """The opposite."""
    part = [select(cases.c.id).where(cases.c.about == viewer.person), part_of(viewer)]
    if viewer.chats:
        part.append(select(case_chats.c.case_id).where(case_chats.c.chat.in_(viewer.chats)))
    return cases.c.id.in_(union(*part))


def part_of(viewer: Viewer) -> Select[Any]:
    """The ids of the cases that the viewer was part of when they came about."""
    return select(involved.c.case_id).where(involved.c.person == viewer.person)
