"""What is counted of the assistant's own doings, per day and rule and without anybody's id: for the figures at the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from bot.edge.store.counts import Counted, What, day_of
from bot.links import Press
from bot.model import ActionKind, Answer, Audience, Certainty, Nudge, Signal

REMEMBERED_NUDGES = 10_000
"""So many last nudges, or up to twice as many, are known by the rules behind them when their buttons are pressed."""

SIDES: dict[Audience, str] = {
    Audience.TO_SENDER: "sender",
    Audience.TO_OTHER: "receiver",
    Audience.ROOM: "room",
    Audience.MODERATORS: "moderators",
}

COUNTED: dict[ActionKind, What] = {ActionKind.DISMISS: What.DISMISSED, ActionKind.WRONG: What.WRONG}


class Behind(msgspec.Struct, gc=False):
    """The rules behind a nudge, to whom it went, and which of its buttons were counted."""

    rules: tuple[str, ...]
    side: str
    pressed: tuple[ActionKind, ...] = ()


class Counting:
    """Counts until somebody takes the counts away to keep them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: Counter[Counted] = Counter()
        self._heard: dict[int, int] = {}
        self._nudges: dict[str, Behind] = {}
        self._older: dict[str, Behind] = {}

    def message(self, answer: Answer, now: float) -> None:
        """A message was read and answered. That is almost always all there is to count, so it has a count of its own by day."""
        day = day_of(now)
        self._heard[day] = self._heard.get(day, 0) + 1
        if answer.signals:
            self.insight(answer, now)

    def insight(self, answer: Answer, now: float) -> None:
        """Something was seen in a message: what was shown, and what shadow mode would have done."""
        day = day_of(now)
        for nudge in answer.nudges:
            self._shown(nudge, answer.signals, day)
        for rule in {rule for topic in answer.would for rule in rules_behind(topic, answer.signals)}:
            self._counts[Counted(day, What.WOULD, rule)] += 1

    def press(self, press: Press, now: float) -> None:
        """Somebody put a nudge away or called it wrong: once each."""
        what = COUNTED.get(press.act)
        if what is None or not press.message:
            return
        # Of a nudge that was shown before we started, or long ago, nothing is known but its topic.
        behind = self._nudges.get(press.nudge) or self._older.get(press.nudge) or Behind((press.topic,), SIDES[press.audience])
        if press.act in behind.pressed:
            return
        behind.pressed = (*behind.pressed, press.act)
        for rule in behind.rules:
            self._counts[Counted(day_of(now), what, rule, behind.side)] += 1

    def take(self) -> Mapping[Counted, int]:
        """Take what was counted since the last time."""
        taken, self._counts = self._counts, Counter()
        heard, self._heard = self._heard, {}
        for day, messages in heard.items():
            taken[Counted(day, What.HEARD)] += messages
        return taken

    def give_back(self, taken: Mapping[Counted, int]) -> None:
        """It could not be kept just now."""
        self._counts.update(taken)

    def _shown(self, nudge: Nudge, signals: tuple[Signal, ...], day: int) -> None:
        behind = Behind(rules_behind(nudge.prompt.partition("/")[0], signals), SIDES[nudge.audience])
        for rule in behind.rules:
            self._counts[Counted(day, What.SHOWN, rule, behind.side)] += 1
        self._nudges[nudge.id] = behind
        if len(self._nudges) >= REMEMBERED_NUDGES:
            self._older, self._nudges = self._nudges, {}


def rules_behind(topic: str, signals: Iterable[Signal]) -> tuple[str, ...]:
    """The rules because of which something is said about a topic: those of its kind, else all that were more than a hint."""
    counted = [signal for signal in signals if signal.certainty is not Certainty.HINT]
    kind = [signal for signal in counted if topic == signal.kind or topic.startswith(f"{signal.kind}.")]
    exact = [signal for signal in kind if signal.reason is not None and topic == f"{signal.kind}.{signal.reason}"]
    return tuple(sorted({_name(signal) for signal in exact or kind or counted}))


def _name(signal: Signal) -> str:
    """``pretext/battery``; of a reader that has no rules, the reader and the kind."""
    return signal.rule if "/" in signal.rule else f"{signal.kind}/{signal.rule or signal.reader}"
