"""What the assistant saw, for the curious: the demo's page shows it beside each message."""

from __future__ import annotations

import msgspec

from bot.demo.table import Payload, Talk
from bot.model import Answer, Message


class Inspector:
    """Keeps what was seen in a message until the message is shown."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._seen: dict[str, Payload] = {}

    def watch(self, message: Message, answer: Answer, seconds: float) -> None:
        """A message was read, and this came of it. Of a nudge only its title is kept: its buttons are for nobody else."""
        self._seen[message.id] = {
            "chat": message.chat,
            "message": message.id,
            "author": message.author,
            "signals": msgspec.to_builtins(answer.signals),
            "verdict": answer.verdict.value,
            "nudges": [
                {
                    "to": list(nudge.to),
                    "audience": nudge.audience.value,
                    "prompt": nudge.prompt,
                    "tone": nudge.tone.value,
                    "title": nudge.title,
                }
                for nudge in answer.nudges
            ],
            "micros": round(seconds * 1e6),
        }

    def seen(self, message: str, talk: Talk) -> Payload | None:
        """What was seen in a message, once, with people called by their names."""
        seen = self._seen.pop(message, None)
        if seen is None:
            return None
        names = {person.id: person.name for person in talk.people}
        for nudge in seen["nudges"]:
            nudge["to"] = [names.get(person, person) for person in nudge["to"]]
        return seen
