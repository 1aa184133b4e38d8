"""Deciding: the tables applied to one message. Knows nothing of modes, and nothing of who has heard enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from bot.model import Audience, Certainty, Chat, Concern, Kind, Person, Reason, Role, Signal, Verdict
from bot.policy.ladder import CLIMB, COUNTS_AGAINST, LADDER, REFUSED, SCOLDING, VERDICTS, Rung, Standing, Weight
from bot.policy.scene import Scene, is_binding


class Tell(msgspec.Struct, frozen=True, gc=False):
    """Somebody is to hear about a topic."""

    kind: Kind
    audience: Audience
    topic: str
    to: tuple[Person, ...]
    weight: Weight = Weight.MOVE
    certainty: Certainty = Certainty.LIKELY
    rule: str = ""
    """The rule behind it: for the desk, never for those who hear it."""
    explains: bool = False
    unless: str = ""
    """Another topic: to whom that was spoken of just before need not hear of this one."""
    once: bool = False
    """Said once in a chat and not again."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """All that follows from one message."""

    verdict: Verdict = Verdict.DELIVER
    held_for: Kind | None = None
    masks: tuple[Signal, ...] = ()
    tells: tuple[Tell, ...] = ()
    """In the order of the ladder: each person is to hear the first that is for them (``temper`` sees to it)."""
    concerns: tuple[Concern, ...] = ()


NOTHING = Decision()
"""The decision on almost every message."""


def decide(signals: Iterable[Signal], scene: Scene) -> Decision:
    """What becomes of a message with these signals, and who is to hear what, by the tables alone."""
    counted = sorted((signal for signal in signals if signal.certainty is not Certainty.HINT), key=_unsure)
    if not counted:
        return NOTHING if scene.refuses is None else Decision(tells=(_praise(scene, scene.refuses),))
    crisis = any(signal.kind is Kind.CRISIS for signal in counted)
    masks = tuple(signal for signal in counted if _verdict(signal) is Verdict.MASK)
    held_for = None if crisis else next((signal.kind for signal in counted if _verdict(signal) is Verdict.HOLD), None)
    spoken = [signal for signal in counted if not (crisis and signal.kind in SCOLDING)]
    verdict = Verdict.HOLD if held_for else Verdict.MASK if masks else Verdict.DELIVER
    tells = tuple(tell for rung in LADDER for tell in _tells(rung, spoken, scene))
    if scene.refuses is not None:
        tells = (*tells, _praise(scene, scene.refuses))
    return Decision(verdict, held_for, masks, tells, _concerns(spoken, scene))


_REASONS = {reason: place for place, reason in enumerate(Reason)}


def _unsure(signal: Signal) -> int:
    """0 for a sure signal: the surest go first."""
    return Certainty.SURE.rank - signal.certainty.rank


def _order(signal: Signal) -> tuple[int, int]:
    """Of several reasons for a move, equally sure, the one that stands first in ``Reason`` goes first: it is the more definite one."""
    return _unsure(signal), 0 if signal.reason is None else _REASONS[signal.reason]


def _verdict(signal: Signal) -> Verdict:
    for kind, least, verdict in VERDICTS if is_binding(signal) else ():
        if signal.kind is kind and signal.certainty.rank >= least.rank:
            return verdict
    return Verdict.DELIVER


def _tells(rung: Rung, signals: list[Signal], scene: Scene) -> Iterator[Tell]:
    """What a row says about the signals that fit, the surest first."""
    fitting = sorted((signal for signal in signals if _fits(rung, signal, scene)), key=_order)
    everybody = _audience(rung, scene) if fitting else ()
    if everybody:
        for signal in fitting:
            topic = rung.topic.format(reason=signal.reason or Reason.OTHER, rule=signal.rule.rpartition("/")[2])
            rule = rule_name(signal)
            yield Tell(signal.kind, rung.to, topic, everybody, rung.weight, signal.certainty, rule, rung.explains, rung.unless)


def rule_name(signal: Signal) -> str:
    """What a rule is called at the desk: ``pretext/battery``; where a signal comes from none, by its kind and its reader."""
    return signal.rule if "/" in signal.rule else f"{signal.kind}/{signal.rule or signal.reader}"


def _praise(scene: Scene, kind: Kind) -> Tell:
    return Tell(kind, REFUSED.to, REFUSED.topic, (scene.author,), REFUSED.weight, once=True)


def _concerns(signals: list[Signal], scene: Scene) -> tuple[Concern, ...]:
    """At whom people are to look, whoever hears what."""
    for rung in LADDER:
        if rung.case:
            binding = next((one.kind for one in signals if is_binding(one) and _fits(rung, one, scene)), None)
            if binding is not None:
                return (Concern(binding, scene.author.id, countable(signals)),)
    return ()


def _fits(rung: Rung, signal: Signal, scene: Scene) -> bool:
    limits = scene.limits
    return (
        signal.kind in rung.kinds
        and rung.climb is (signal.rule == CLIMB)
        and signal.certainty.rank >= rung.least.rank
        and (rung.binding is None or rung.binding is is_binding(signal))
        and (rung.where is None or rung.where is scene.chat.kind)
        and (not rung.toward_teen or scene.is_toward(Standing.TOWARD_TEEN))
        and (not rung.from_teen or scene.is_toward(Standing.FROM_TEEN))
        and (not rung.refused or scene.was_refused)
        and (rung.times is None or scene.times(signal.kind) >= limits.of(rung.times))
        and (rung.daily is None or scene.times_in_rooms() >= limits.of(rung.daily))
        and (rung.drifters is None or (not scene.has_moderator and scene.drifters(rung.kinds) >= limits.of(rung.drifters)))
    )


def _audience(rung: Rung, scene: Scene) -> tuple[Person, ...]:
    """Who is meant. In a talk between an adult and a teen the words for each are for them alone."""
    if rung.to is Audience.TO_SENDER:
        return (scene.author,)
    if rung.to is Audience.ROOM:
        return scene.chat.people
    others = scene.chat.others(scene.author.id)
    if rung.to is Audience.MODERATORS:
        return tuple(person for person in others if person.role is Role.MODERATOR)
    if rung.toward_teen or rung.from_teen:
        standing = Standing.TOWARD_TEEN if rung.toward_teen else Standing.FROM_TEEN
        return tuple(person for person in others if scene.standing_to(person) is standing)
    return others


def countable(signals: Iterable[Signal]) -> tuple[Kind, ...]:
    """The kinds among these signals that count against their author."""
    counted = (one for one in signals if is_binding(one) and one.kind in COUNTS_AGAINST and one.certainty is Certainty.SURE)
    return tuple({signal.kind: None for signal in counted})


def reconsider(chat: Chat, person: Person) -> tuple[Concern, ...]:
    """At whom people are to look now that it is known that somebody is a teen: what was clearly done toward them counts."""
    found: dict[str, tuple[Kind, ...]] = {}
    for other in chat.others(person.id):
        scene = Scene(chat, other, chat.memory.heard_at)
        if scene.standing_to(person) is Standing.TOWARD_TEEN:
            kinds = countable(signal for said in chat.tail if said.author == other.id for signal in said.signals)
            if kinds:
                found[other.id] = kinds
    return tuple(Concern(kinds[0], about, kinds) for about, kinds in found.items())
