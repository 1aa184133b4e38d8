"""Modes: how much of a decision may be done. Off, shadow and on, by kind, room and role; the most careful one wins."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

import msgspec

from bot.model import Chat, Concern, Kind, Person, Role, Verdict
from bot.policy.decide import NOTHING, Decision
from bot.policy.ladder import OPENLY


class Mode(StrEnum):
    """How much the assistant may do."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class Modes(msgspec.Struct, frozen=True):
    """The operator's switches. The most careful one that applies wins: off before shadow before on."""

    default: Mode = Mode.ON
    kinds: dict[Kind, Mode] = {}
    rooms: dict[str, Mode] = {}
    roles: dict[Role, Mode] = {}

    def of(self, kind: Kind | None, chat: str, role: Role) -> Mode:
        """The mode for signals of a kind, in a chat, by somebody of a role; for what comes from no signal the kind is left out."""
        special = (None if kind is None else self.kinds.get(kind), self.rooms.get(chat), self.roles.get(role))
        modes = [mode for mode in special if mode is not None] or [self.default]
        return next(mode for mode in (Mode.OFF, Mode.SHADOW, Mode.ON) if mode in modes)


def permit(decision: Decision, modes: Modes, chat: Chat, author: Person) -> tuple[Decision, Decision]:
    """What of a decision is done, and all that would have been done if what is in shadow were on.

    A row that falls under a kind which is off leaves its place to the next one, so switching one kind off silences no other.
    """
    if decision is NOTHING:
        return NOTHING, NOTHING
    mode = {kind: modes.of(kind, chat.id, author.role) for kind in Kind}
    on = frozenset(kind for kind in Kind if mode[kind] is Mode.ON)
    shadow = frozenset(kind for kind in Kind if mode[kind] is Mode.SHADOW)
    done = _only(decision, on)
    return done, _only(decision, on | shadow) if shadow else done


def _only(decision: Decision, kinds: Collection[Kind]) -> Decision:
    """The part of a decision that falls under some kinds."""
    if len(kinds) == len(Kind):
        return decision
    masks = tuple(signal for signal in decision.masks if signal.kind in kinds)
    held_for = decision.held_for if decision.held_for in kinds else None
    return Decision(
        verdict=Verdict.HOLD if held_for else Verdict.MASK if masks else Verdict.DELIVER,
        held_for=held_for,
        masks=masks,
        tells=tuple(tell for tell in decision.tells if tell.kind in kinds),
        concerns=tuple(left for concern in decision.concerns if (left := _about(concern, kinds)) is not None),
    )


def _about(concern: Concern, kinds: Collection[Kind]) -> Concern | None:
    """What of a concern falls under some kinds."""
    counted = tuple(kind for kind in concern.kinds if kind in kinds)
    kind = concern.kind if concern.kind in kinds else next(iter(counted), None)
    return None if kind is None else Concern(kind, concern.about, counted)


def uncovered(decision: Decision) -> Decision:
    """The same in a chat that can neither cover nor hold: everybody hears of it as they would, in words that are true there."""
    if decision is NOTHING:
        return NOTHING
    tells = tuple(
        msgspec.structs.replace(tell, topic=OPENLY.get((tell.audience, tell.topic), tell.topic), explains=False) for tell in decision.tells
    )
    return Decision(tells=tells, concerns=decision.concerns)
