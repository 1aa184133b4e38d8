"""What is counted of the assistant's own doings, per day and rule and without anybody's id: for the figures at the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.edge.store.counts import Counted, What, day_of
from bot.links import Press
from bot.model import ActionKind, Answer, Audience, Certainty, Signal
from bot.policy import rule_name

REMEMBERED_CLICKS = 10_000
"""So many last clicks, or up to twice as many, are counted once however often the button is pressed."""

SIDES: dict[Audience, str] = {
    Audience.TO_SENDER: "sender",
    Audience.TO_OTHER: "receiver",
    Audience.ROOM: "room",
    Audience.MODERATORS: "moderators",
}

COUNTED: dict[ActionKind, What] = {ActionKind.DISMISS: What.DISMISSED, ActionKind.WRONG: What.WRONG}


class Counting:
    """Counts until somebody takes the counts away to keep them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: Counter[Counted] = Counter()
        self._heard: dict[int, int] = {}
        self._clicks: set[tuple[str, ActionKind]] = set()
        self._older: set[tuple[str, ActionKind]] = set()

    def message(self, now: float) -> None:
        """A message was read and answered. That is almost always all there is to count, so it has a count of its own by day."""
        day = day_of(now)
        self._heard[day] = self._heard.get(day, 0) + 1

    def insight(self, answer: Answer, now: float) -> None:
        """Something was seen in a message: what was shown, and what shadow mode would have done."""
        day = day_of(now)
        for nudge in answer.nudges:
            if nudge.rule:
                self._counts[Counted(day, What.SHOWN, nudge.rule, SIDES[nudge.audience])] += 1
        for rule in {rule for topic in answer.would for rule in rules_behind(topic, answer.signals)}:
            self._counts[Counted(day, What.WOULD, rule)] += 1

    def press(self, press: Press, rule: str, now: float) -> None:
        """Somebody put a nudge away or called it wrong, and ``rule`` is behind it: once each. If that is not known, its topic is."""
        what, click = COUNTED.get(press.act), (press.nudge, press.act)
        if what is None or not press.message or click in self._clicks or click in self._older:
            return
        self._counts[Counted(day_of(now), what, rule or press.topic, SIDES[press.audience])] += 1
        self._clicks.add(click)
        if len(self._clicks) >= REMEMBERED_CLICKS:
            self._older, self._clicks = self._clicks, set()

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


def rules_behind(topic: str, signals: Iterable[Signal]) -> tuple[str, ...]:
    """The rules because of which something is said about a topic: those of its kind, else all that were more than a hint."""
    counted = [signal for signal in signals if signal.certainty is not Certainty.HINT]
    kind = [signal for signal in counted if topic == signal.kind or topic.startswith(f"{signal.kind}.")]
    exact = [signal for signal in kind if signal.reason is not None and topic == f"{signal.kind}.{signal.reason}"]
    return tuple(sorted({rule_name(signal) for signal in exact or kind or counted}))
