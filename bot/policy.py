"""The judgement: who hears what, and what becomes of a message.

This file opens with its law. The LADDER says who hears what: for each person the first row that fits speaks, and no other.
VERDICTS says what becomes of the message, COUNTS_AGAINST what counts against somebody. The code below the tables only reads
them. It sees signals, roles, ages and counts, never a word of what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from bot.compose import READER
from bot.model import MOVES, Age, Audience, Certainty, Chat, ChatKind, Concern, Kind, Person, Reason, Role, Signal, Verdict

# --- the tables ------------------------------------------------------------------------------------------------------

SENDER, OTHER, MODERATORS = Audience.TO_SENDER, Audience.TO_OTHER, Audience.MODERATORS
DIRECT, ROOM = ChatKind.DIRECT, ChatKind.ROOM

TOWARD_TEENS = MOVES | {Kind.PICTURE_REQUEST, Kind.PERSONAL_REQUEST, Kind.SECRECY, Kind.SEXUAL_INVITE, Kind.FLIRT}
"""What an adult may not do toward a teen, not even once."""


class Rung(msgspec.Struct, frozen=True):
    """One row of the ladder: if a message holds one of these kinds, this audience hears about this topic."""

    kinds: frozenset[Kind]
    to: Audience
    topic: str
    """Folder of the prompt; ``{reason}`` is the pretext's own."""
    least: Certainty = Certainty.LIKELY
    where: ChatKind | None = None
    toward_teen: bool = False
    """Only from an adult (or somebody of unknown age) to a teen."""
    times: int = 1
    """Only from the so-manieth message of that kind by the same person in this chat."""
    case: bool = False
    """Opens an urgent case about the author."""


def _row(kind: Kind, to: Audience, topic: str, **conditions: object) -> Rung:
    return msgspec.convert({"kinds": [kind], "to": to, "topic": topic, **conditions}, Rung)


LADDER: tuple[Rung, ...] = (
    # Danger to life goes before everything.
    _row(Kind.CRISIS, SENDER, "crisis"),
    _row(Kind.CRISIS, OTHER, "crisis", where=DIRECT),
    _row(Kind.CRISIS, MODERATORS, "crisis", where=ROOM),
    # An adult and a teen: told at once, and people look at it.
    Rung(TOWARD_TEENS, SENDER, "teen", toward_teen=True),
    Rung(TOWARD_TEENS, OTHER, "teen", toward_teen=True),
    Rung(TOWARD_TEENS, MODERATORS, "teen", toward_teen=True, case=True),
    # A message that is changed or held is explained to its author before anything else is said to them.
    _row(Kind.SEXUAL_INVITE, SENDER, "sexual.invite", least=Certainty.SURE),
    _row(Kind.SEXUAL_INVITE, SENDER, "flirt"),
    _row(Kind.SEXUAL_INVITE, OTHER, "sexual.invite", where=DIRECT),
    _row(Kind.CONTACT_SHARE, SENDER, "contact.share"),
    # A pretext has an answer of its own, which helps the other side more than hearing that something was hidden.
    _row(Kind.PRETEXT, OTHER, "pretext.{reason}", where=DIRECT),
    _row(Kind.PRETEXT, SENDER, "pretext.{reason}"),
    _row(Kind.PICTURE_REQUEST, OTHER, "picture.request", where=DIRECT),
    _row(Kind.PICTURE_REQUEST, SENDER, "picture.request"),
    _row(Kind.CONTACT_REQUEST, OTHER, "contact.request", where=DIRECT),
    _row(Kind.CONTACT_REQUEST, SENDER, "contact.request"),
    _row(Kind.OFFSITE_INVITE, OTHER, "offsite.invite", where=DIRECT),
    _row(Kind.OFFSITE_INVITE, SENDER, "offsite.invite"),
    _row(Kind.CONTACT_SHARE, OTHER, "contact.share", where=DIRECT),
    _row(Kind.PERSONAL_REQUEST, OTHER, "personal.request", where=DIRECT),
    _row(Kind.PERSONAL_REQUEST, SENDER, "personal.request"),
    _row(Kind.SECRECY, OTHER, "secrecy", where=DIRECT),
    _row(Kind.SECRECY, SENDER, "secrecy"),
    _row(Kind.CONDUCT, SENDER, "conduct"),
    _row(Kind.CONDUCT, OTHER, "conduct", where=DIRECT),
    # One kind word is nothing, and a first advance is for its author to hear about; the other side hears of the second.
    _row(Kind.FLIRT, SENDER, "flirt"),
    _row(Kind.FLIRT, OTHER, "flirt", where=DIRECT, times=2),
)

VERDICTS: tuple[tuple[Kind, Certainty, Verdict], ...] = (
    (Kind.SEXUAL_INVITE, Certainty.SURE, Verdict.HOLD),
    (Kind.CONTACT_SHARE, Certainty.LIKELY, Verdict.MASK),
)
"""From which certainty on a kind does more than be spoken of. In a crisis nothing is held; details stay masked."""

BINDING = frozenset({READER})
"""The readers whose signals can mask, hold, open a case and count. What the others see is spoken of privately, and no more."""

ARGUABLE = frozenset(Kind) - {Kind.CRISIS, Kind.CONTACT_SHARE}
"""Kinds of which the rules' ``likely`` is but a hint when the second reader sees nothing in the message. What is sure stays sure;
a helpline too many hurts less than one too few, and details are read by the letter."""

COUNTS_AGAINST = MOVES | {Kind.SEXUAL_INVITE, Kind.PICTURE_REQUEST}
"""The signals that count against their author: ``sure`` ones of these kinds, toward another person, once per chat.
Reports count as well. Nothing else does: no nudge, no hint, no learned signal, no shadow action, never a crisis."""

QUIET_SECONDS = 600.0
"""Nobody hears about the same topic in the same chat twice within this time."""

SCOLDING = frozenset(Kind) - {Kind.CRISIS, Kind.CONTACT_SHARE}
"""Kinds that are not spoken of beside a crisis, for the one in need has other worries."""


# --- what is decided -------------------------------------------------------------------------------------------------


class Tell(msgspec.Struct, frozen=True, gc=False):
    """Somebody is to hear about a topic."""

    kind: Kind
    audience: Audience
    topic: str
    to: tuple[Person, ...]


class Decision(msgspec.Struct, frozen=True, gc=False):
    """All that follows from one message."""

    verdict: Verdict = Verdict.DELIVER
    held_for: Kind | None = None
    masks: tuple[Signal, ...] = ()
    tells: tuple[Tell, ...] = ()
    concerns: tuple[Concern, ...] = ()


NOTHING = Decision()


def weigh(signals: tuple[Signal, ...], doubts: Callable[[], bool]) -> tuple[Signal, ...]:
    """The signals of the rules after a second opinion, which is asked for only if it can change something."""
    if not any(_is_arguable(signal) for signal in signals) or not doubts():
        return signals
    return tuple(msgspec.structs.replace(one, certainty=Certainty.HINT) if _is_arguable(one) else one for one in signals)


def _is_arguable(signal: Signal) -> bool:
    return signal.certainty is Certainty.LIKELY and signal.kind in ARGUABLE


def decide(signals: Iterable[Signal], chat: Chat, author: Person, now: float) -> Decision:
    """What becomes of a message with these signals, and who hears what. Knows nothing of modes."""
    counted = sorted((signal for signal in signals if signal.certainty is not Certainty.HINT), key=_unsure)
    if not counted:
        return NOTHING
    crisis = any(signal.kind is Kind.CRISIS for signal in counted)
    masks = tuple(signal for signal in counted if _verdict(signal) is Verdict.MASK)
    held_for = next((signal.kind for signal in counted if _verdict(signal) is Verdict.HOLD), None)
    spoken = [signal for signal in counted if not (crisis and signal.kind in SCOLDING)]
    tells, concerns = _climb(spoken, chat, author, now)
    if crisis or held_for is None:
        return Decision(Verdict.MASK if masks else Verdict.DELIVER, None, masks, tells, concerns)
    return Decision(Verdict.HOLD, held_for, masks, tells, concerns)


_REASONS = {reason: place for place, reason in enumerate(Reason)}


def _unsure(signal: Signal) -> int:
    """0 for a sure signal: the surest go first."""
    return Certainty.SURE.rank - signal.certainty.rank


def _weight(signal: Signal) -> tuple[int, int]:
    """Of several reasons for a move, equally sure, the one that stands first in ``Reason`` goes first: it is the more definite one."""
    return _unsure(signal), 0 if signal.reason is None else _REASONS[signal.reason]


def _verdict(signal: Signal) -> Verdict:
    for kind, least, verdict in VERDICTS if signal.reader in BINDING else ():
        if signal.kind is kind and signal.certainty.rank >= least.rank:
            return verdict
    return Verdict.DELIVER


def _climb(signals: list[Signal], chat: Chat, author: Person, now: float) -> tuple[tuple[Tell, ...], tuple[Concern, ...]]:
    """Go up the ladder once for each audience; the first row that fits is what they hear."""
    tells: dict[Audience, Tell] = {}
    concerns: list[Concern] = []
    for rung in LADDER:
        if rung.to in tells and not rung.case:
            continue
        fitting = sorted((signal for signal in signals if _fits(rung, signal, chat, author)), key=_weight)
        if not fitting:
            continue
        binding = next((signal.kind for signal in fitting if signal.reader in BINDING), None)
        if rung.case and binding is not None:
            concerns.append(Concern(binding, author.id, tuple(dict.fromkeys((binding, *countable(signals))))))
        if rung.to in tells:
            continue
        everybody = _audience(rung, chat, author)
        said = [_tell(rung, signal, everybody, chat, now) for signal in fitting]
        # Of several signals for one row the surest speaks, and one that says something new before one that was just said.
        tells[rung.to] = max(said, key=lambda tell: bool(tell.to))
    return tuple(tell for tell in tells.values() if tell.to), tuple(concerns)


def _tell(rung: Rung, signal: Signal, everybody: tuple[Person, ...], chat: Chat, now: float) -> Tell:
    """What a row says about a signal, and to whom of its audience that is not a repetition."""
    topic = rung.topic.format(reason=signal.reason or Reason.OTHER)
    shown = chat.memory.shown
    listening = tuple(person for person in everybody if now - shown.get(f"{person.id} {topic}", -QUIET_SECONDS) >= QUIET_SECONDS)
    return Tell(signal.kind, rung.to, topic, listening)


def _fits(rung: Rung, signal: Signal, chat: Chat, author: Person) -> bool:
    return (
        signal.kind in rung.kinds
        and signal.certainty.rank >= rung.least.rank
        and (rung.where is None or rung.where is chat.kind)
        and (not rung.toward_teen or is_toward_teen(chat, author))
        and (rung.times == 1 or chat.memory.signals.get(f"{author.id} {signal.kind}", 0) + 1 >= rung.times)
    )


def is_toward_teen(chat: Chat, author: Person) -> bool:
    """Whether an adult, or somebody whose age nobody knows, speaks to a teen."""
    return author.age is not Age.TEEN and any(person.age is Age.TEEN for person in chat.others(author.id))


def _audience(rung: Rung, chat: Chat, author: Person) -> tuple[Person, ...]:
    """Who is meant. In a talk between an adult and a teen only the teen hears the words for the teen."""
    if rung.to is SENDER:
        return (author,)
    others = chat.others(author.id)
    if rung.to is MODERATORS:
        return tuple(person for person in others if person.role is Role.MODERATOR)
    if rung.toward_teen:
        return tuple(person for person in others if person.age is Age.TEEN)
    return others


def countable(signals: Iterable[Signal]) -> tuple[Kind, ...]:
    """The kinds among these signals that count against their author."""
    counted = (one for one in signals if one.reader in BINDING and one.kind in COUNTS_AGAINST and one.certainty is Certainty.SURE)
    return tuple({signal.kind: None for signal in counted})


# --- modes -----------------------------------------------------------------------------------------------------------


class Mode(StrEnum):
    """How much the assistant may do."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class Modes(msgspec.Struct, frozen=True):
    """The operator's switches. The most careful one that applies wins: off before shadow before on."""

    default: Mode = Mode.ON
    kinds: dict[str, Mode] = {}
    rooms: dict[str, Mode] = {}
    roles: dict[str, Mode] = {}

    def of(self, kind: Kind, chat: str, role: Role) -> Mode:
        """The mode for signals of a kind, in a chat, by somebody of a role."""
        special = (self.kinds.get(kind), self.rooms.get(chat), self.roles.get(role))
        modes = [mode for mode in special if mode is not None] or [self.default]
        return next(mode for mode in (Mode.OFF, Mode.SHADOW, Mode.ON) if mode in modes)


def permit(decision: Decision, modes: Modes, chat: Chat, author: Person) -> tuple[Decision, Decision]:
    """Split a decision by mode into what is done and what would have been done."""
    if decision is NOTHING:
        return NOTHING, NOTHING
    return _only(decision, modes, chat, author, Mode.ON), _only(decision, modes, chat, author, Mode.SHADOW)


def _only(decision: Decision, modes: Modes, chat: Chat, author: Person, mode: Mode) -> Decision:
    """The part of a decision that falls under a mode."""

    def applies(kind: Kind) -> bool:
        return modes.of(kind, chat.id, author.role) is mode

    masks = tuple(signal for signal in decision.masks if applies(signal.kind))
    held_for = decision.held_for if decision.held_for and applies(decision.held_for) else None
    verdict = Verdict.HOLD if held_for else Verdict.MASK if masks else Verdict.DELIVER
    tells = tuple(tell for tell in decision.tells if applies(tell.kind))
    return Decision(verdict, held_for, masks, tells, tuple(concern for concern in decision.concerns if applies(concern.kind)))
