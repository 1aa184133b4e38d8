"""Tempering: of all that could be said each person hears one thing, and nothing that they have heard enough of."""

from __future__ import annotations

import msgspec

from bot.model import WHOLE_ROOM, Audience, Certainty, Person, Shown
from bot.policy.decide import NOTHING, Decision, Tell
from bot.policy.ladder import Weight
from bot.policy.limits import HOUR, day_of
from bot.policy.scene import Scene

LONG_AGO = float("-inf")


def temper(decision: Decision, scene: Scene, shown: Shown) -> Decision:
    """The decision with the one thing that each person hears of it, if anything. ``shown`` is what was said in this chat before."""
    if decision is NOTHING or not decision.tells:
        return decision
    heard: dict[int, list[Person]] = {}
    for person in scene.chat.people:
        place = _first(decision, person, scene, shown)
        if place is not None:
            heard.setdefault(place, []).append(person)
    spoken = [(place, tell) for place, tell in enumerate(decision.tells) if place in heard or _for_the_room(tell, scene, shown)]
    seen: set[tuple[Audience, str]] = set()
    tells = []
    for place, tell in spoken:
        if tell.audience is Audience.ROOM and (tell.audience, tell.topic) in seen:
            continue
        seen.add((tell.audience, tell.topic))
        tells.append(tell if tell.audience is Audience.ROOM else msgspec.structs.replace(tell, to=tuple(heard[place])))
    return msgspec.structs.replace(decision, tells=tuple(tells))


def _first(decision: Decision, person: Person, scene: Scene, shown: Shown) -> int | None:
    """The place of the first thing that somebody has not heard enough of. Why a message is held is always said."""
    least = Weight.PRAISE
    for place, tell in enumerate(decision.tells):
        if tell.audience is Audience.ROOM or person not in tell.to:
            continue
        if tell.explains and tell.kind is decision.held_for:
            return place
        if _was_just_said(tell, person, scene, shown):
            # What is left to say may be as grave, but nobody hears a milder word after a graver one.
            least = max(least, tell.weight)
        elif tell.explains or (tell.weight >= least and not _is_too_much(tell, person, scene, shown)):
            return place
    return None


def _was_just_said(tell: Tell, person: Person, scene: Scene, shown: Shown) -> bool:
    at = max(shown.topics.get(f"{person.id} {topic}", LONG_AGO) for topic in (tell.topic, tell.unless))
    return at > LONG_AGO if tell.once else scene.now - at < scene.limits.quiet_seconds


def _is_too_much(tell: Tell, person: Person, scene: Scene, shown: Shown) -> bool:
    limits, last, memory = scene.limits, shown.people.get(person.id), scene.memory(person)
    said_at = scene.now if scene.said_at is None else scene.said_at
    if last is not None and said_at - last.at < limits.moment_seconds and tell.weight <= last.weight:
        return True
    if tell.weight >= Weight.GRAVE:
        return False
    return (
        scene.now - scene.chat.memory.put_away.get(f"{person.id} {tell.topic}", LONG_AGO) < limits.put_away_seconds
        or (tell.audience is Audience.TO_SENDER and scene.now - memory.dismissed.get(tell.topic, LONG_AGO) < limits.put_away_seconds)
        or (tell.certainty is not Certainty.SURE and memory.wrong.get(tell.topic, 0) >= limits.wrongs)
        or (last is not None and scene.now - last.since < HOUR and last.count >= limits.nudges_per_hour)
        or (memory.day == day_of(scene.now) and memory.nudged >= limits.nudges_per_day)
    )


def _for_the_room(tell: Tell, scene: Scene, shown: Shown) -> bool:
    """Whether a room is to be reminded by itself: everybody at once, and not again soon."""
    if tell.audience is not Audience.ROOM:
        return False
    return scene.now - shown.topics.get(f"{WHOLE_ROOM} {tell.topic}", LONG_AGO) >= scene.limits.reminder_seconds
