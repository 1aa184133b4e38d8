"""Who is there and where: people with a role and an age, talks between two and rooms, and who sits at the desk."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What somebody is in a chat."""

    MEMBER = "member"
    GUEST = "guest"
    LISTENER = "listener"
    MODERATOR = "moderator"


class Age(StrEnum):
    """What the host says of somebody's age; policy alone may look at it."""

    ADULT = "adult"
    TEEN = "teen"
    UNKNOWN = "unknown"


class ChatKind(StrEnum):
    """A talk between two, or a room of many."""

    DIRECT = "direct"
    ROOM = "room"


class Person(msgspec.Struct, frozen=True, gc=False):
    """Somebody in a chat, as the host describes them."""

    id: str
    role: Role
    age: Age = Age.UNKNOWN
    locale: str = "en"
    name: str = ""


class DeskRole(StrEnum):
    """What somebody may do at the desk; each may do what stands before them as well."""

    VOLUNTEER = "volunteer"
    """Sees queue and cases, claims, notes."""
    MODERATOR = "moderator"
    """Decides."""
    ADMIN = "admin"
    """Exports with names, sees the record of acts, ends sessions."""

    def may(self, least: DeskRole) -> bool:
        """Whether this role is that one or more."""
        roles = list(DeskRole)
        return roles.index(self) >= roles.index(least)
