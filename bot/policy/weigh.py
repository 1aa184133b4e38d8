"""Weighing: how certain the signals of a message are, seen beside who says it, what was said before, and a second opinion.

It comes before the law, which then takes certainties as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import msgspec

from bot.compose import READER
from bot.learned import READER as SECOND
from bot.model import MOVES, Certainty, ChatKind, Doubts, Kind, Role, Signal
from bot.policy.ladder import ARGUABLE, ARGUED, BEYOND_DOUBT, CLIMB, EXCUSES
from bot.policy.scene import Scene

GATHERED = MOVES - {Kind.CONTACT_SHARE}
"""Kinds whose hints add up. Details do not: they are masked from ``likely`` on, and are read by the letter."""


def weigh(signals: tuple[Signal, ...], scene: Scene, second: Callable[[], Doubts]) -> tuple[Signal, ...]:
    """The signals with the certainty that they have after all. The ``second`` opinion is asked only where it matters: it costs time."""
    if not signals:
        return signals
    signals = tuple(_as_hint(signal) if _is_their_office(signal, scene) else signal for signal in signals)
    adding = [signal for signal in signals if _adds_up(signal, scene)]
    if adding or any(is_arguable(signal) for signal in signals):
        doubts, certain = _all_or_nothing(second(), signals), agreed(signals)
        fallen = {signal for signal in signals if _falls(signal, doubts, certain)}
        if any(signal.kind in MOVES and signal.certainty is not Certainty.HINT and signal not in fallen for signal in signals):
            # It is spoken of anyway, so it may be called what it is; a reason that is none misleads.
            fallen = {signal for signal in fallen if signal.kind not in MOVES or signal.kind is Kind.PRETEXT}
        raised = {signal for signal in adding if signal.kind not in doubts.denied}
        signals = tuple(_as_hint(one) if one in fallen else _as_likely(one) if one in raised else one for one in signals)
        signals = tuple(_as_doubted(one) if _is_asked(one, doubts) else one for one in signals)
    signals = tuple(_as_likely(one) if one.kind in EXCUSES and one.certainty is Certainty.SURE else one for one in signals)
    signals = tuple(_often(signal, scene) for signal in signals)
    return (*signals, Signal(Kind.SEXUAL_INVITE, READER, CLIMB, Certainty.LIKELY)) if _climbs(signals, scene) else signals


def agreed(signals: Iterable[Signal]) -> frozenset[Kind]:
    """The kinds that a rule for excuses confirms, so that a doubt is not enough: what an excuse beside them is for."""
    return beside({signal.kind for signal in signals if signal.certainty is not Certainty.HINT}) - {Kind.PRETEXT}


def _all_or_nothing(doubts: Doubts, signals: Iterable[Signal]) -> Doubts:
    """A second opinion that denies of what rules agree about all or nothing."""
    pair = beside({signal.kind for signal in signals if signal.certainty is not Certainty.HINT})
    disputed, denied = (kinds if pair <= kinds else kinds - pair for kinds in (doubts.disputed, doubts.denied))
    return Doubts(doubts.doubted, disputed, denied)


def beside(kinds: Collection[Kind]) -> frozenset[Kind]:
    """Of these kinds an excuse and what it is for; none if one of the two is not there."""
    pair = frozenset(kinds) & (ARGUED | {Kind.PRETEXT})
    return pair if Kind.PRETEXT in pair and len(pair) > 1 else frozenset()


def is_arguable(signal: Signal) -> bool:
    """Whether a second opinion matters."""
    if signal.certainty is Certainty.HINT or signal.kind not in ARGUABLE:
        return False
    return signal.certainty is Certainty.LIKELY or signal.kind not in BEYOND_DOUBT


def _falls(signal: Signal, doubts: Doubts, certain: frozenset[Kind]) -> bool:
    if not is_arguable(signal):
        return False
    if signal.certainty is Certainty.SURE or signal.kind is Kind.CRISIS:
        return signal.kind in doubts.denied
    return signal.kind in (doubts.disputed if signal.kind in certain else doubts.doubted)


def _is_asked(signal: Signal, doubts: Doubts) -> bool:
    """Whether a crisis is only likely, and the second reader would not call it one: then it is asked about, as what it sees alone is."""
    return signal.kind is Kind.CRISIS and signal.certainty is Certainty.LIKELY and signal.kind in doubts.doubted


def _is_their_office(signal: Signal, scene: Scene) -> bool:
    """Whether somebody speaks of such things because they keep others from them: a moderator in a room, or who says no to an excuse."""
    if signal.certainty is not Certainty.LIKELY or signal.kind not in ARGUABLE - {Kind.CRISIS}:
        return False
    keeps_the_rules = scene.author.role is Role.MODERATOR and scene.chat.kind is ChatKind.ROOM
    return keeps_the_rules or (signal.kind is Kind.PRETEXT and scene.refuses is not None)


def _often(signal: Signal, scene: Scene) -> Signal:
    """A kind word on looks is a hint; from the so-manieth by the same person on it is an advance."""
    if signal.kind is not Kind.FLIRT or signal.certainty is not Certainty.HINT:
        return signal
    mine = (said for said in scene.chat.tail if said.author == scene.author.id)
    before = sum(any(one.kind is Kind.FLIRT for one in said.signals) for said in mine)
    return _as_likely(signal) if before + 1 >= scene.limits.compliments else signal


def _climbs(signals: tuple[Signal, ...], scene: Scene) -> bool:
    """Whether somebody goes step by step toward something intimate: each step a hint of its own kind, and harmless alone."""
    now = {signal.rule for signal in signals if _is_step(signal)}
    if not now:
        return False
    before = {one.rule for said in scene.chat.tail if said.author == scene.author.id for one in said.signals if _is_step(one)}
    return len(now | before) >= scene.limits.steps > len(before)


def _is_step(signal: Signal) -> bool:
    return signal.kind is Kind.SEXUAL_INVITE and signal.certainty is Certainty.HINT


def _as_hint(signal: Signal) -> Signal:
    return msgspec.structs.replace(signal, certainty=Certainty.HINT)


def _as_doubted(signal: Signal) -> Signal:
    return msgspec.structs.replace(signal, reader=SECOND)


def _as_likely(signal: Signal) -> Signal:
    return msgspec.structs.replace(signal, certainty=Certainty.LIKELY)


def _adds_up(signal: Signal, scene: Scene) -> bool:
    """Whether the same person hinted at another move than this a few messages ago. What later readers see adds up by itself."""
    if signal.certainty is not Certainty.HINT or signal.kind not in GATHERED or signal.reader != READER or scene.refuses is not None:
        return False
    if scene.author.role is Role.MODERATOR and scene.chat.kind is ChatKind.ROOM:
        return False
    lately = scene.chat.tail[-scene.limits.gather_messages :]
    before = {one.kind for said in lately if said.author == scene.author.id for one in said.signals}
    return bool(before & GATHERED - {signal.kind})
