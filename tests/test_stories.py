"""Stories: behaviour told as conversations in plain text, with exactly what follows under each turn.

A story is a file ``stories/<name>.chat``. It begins with the requirements it shows and what it is about::

    # R18: an empty battery is no reason to move

and goes on line by line:

* ``sam is a member, adult`` -- somebody of the story: a role, and ``adult``, ``teen`` or ``unknown``.
  Said again later, the host has news of them.
* ``they talk`` or ``they are in a room`` -- the chat opens with everybody named so far. Left out, it opens before the first turn.
* ``they talk again`` -- another chat opens, with the same people.
* ``robin: this app drains my battery`` -- a turn: somebody says something. A text that begins with ``/`` is a command.
* ``sam presses report on pretext.battery`` -- a turn: the newest button of that kind on a nudge of that topic; on ``receipt`` for undo.
* ``sam presses report on panel about left`` -- the same where a card has a button for each reason.
* ``robin leaves`` or ``robin is cut off`` -- the chat ends: somebody went, or their connection broke.
* ``sam drafts: ...`` -- somebody asks before sending; ``sam writes on their profile: ...`` -- others can read it there.
* ``30 minutes pass`` -- time goes on; also seconds, hours and days. From one turn to the next it is 20 seconds.
* ``in a breath`` -- the next turn comes at once.
* ``  -> ...`` -- one thing that follows from the turn above it. All that follows is written, in any order, and nothing else happens:
    * ``deliver``, ``hold`` or ``mask "what the others see"`` -- what becomes of a message; of every message it is written
    * ``m3 is masked: "what the others see"`` -- the third message of the story is shown otherwise from now on
    * ``sam hears pretext.battery/to-other.member (warning)`` -- a nudge: the file it is made from and its tone
    * ``everybody hears remind.contact/room (tip)`` -- one for the whole room
    * ``sam gets a receipt`` -- a report was kept
    * ``robin is referred about crisis`` -- the host hears that somebody else is to take the chat over
    * ``robin is told no`` -- nothing was done, and they hear why
    * ``case about robin: 1 report`` -- what a case is made of from now on; ``urgent case about`` if it is
    * ``no case any more`` -- the last report of a case was taken back
    * ``evidence: 3 messages`` -- how many messages lie with a new report, words included

Empty lines and further lines beginning with ``#`` are passed over.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from make import NOW, arithmetic, assistant

from bot.assistant import Assistant
from bot.edge.porch import Ack, Porch
from bot.edge.store import Store
from bot.links import SEPARATOR
from bot.model import Age, Chat, Event, Heard, People, Role
from bot.prompts import fill

STORIES = sorted((Path(__file__).parent / "stories").glob("*.chat"))
APART = 20.0
"""Seconds from one turn to the next."""
OPENINGS = {"they talk": "direct", "they are in a room": "room", "they talk again": "direct"}
UNITS = {"second": 1.0, "minute": 60.0, "hour": 3_600.0, "day": 86_400.0}


class Recalling(Assistant):
    """The assistant as it is; recalls from which file each nudge was made, which does not leave over the wire."""

    def __init__(self) -> None:
        """Take all parts from the one that is built already."""
        built = assistant()
        super().__init__(built.scanner, built.composer, built.prompts, built.links, built.community)
        self.made_from: dict[str, str] = {}

    def hear(self, event: Event, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Hear, and recall."""
        heard = super().hear(event, chat, people, now, rng)
        self.made_from |= {nudge.id: nudge.prompt for nudge in heard[0].nudges}
        return heard


class Teller:
    """Plays a story on a real porch, line by line, and says what followed from each turn."""

    def __init__(self, store: Store) -> None:
        """Begin with nobody there."""
        self.now = NOW
        self.chat = "c1"
        self.people: dict[str, Ack] = {}
        self.kind = ""
        self.breath = False
        self.spoken = 0
        self.buttons: dict[tuple[str, str, str], str] = {}
        self.referrals: list[Ack] = []
        self.covered: list[str] = []
        self.store = store
        self.seen_cases: dict[str, str] = {}
        self.seen_reports: set[str] = set()
        self.street = Recalling()
        self.porch = Porch(self.street, store, self._told, clock=lambda: self.now, rng=Random(1))  # noqa: S311 -- chance that is the same each time

    async def _told(self, _: str, event: str, payload: Ack) -> None:
        if event == "referral":
            self.referrals.append(payload)
        if event == "mask":
            self.covered.append(f'{payload["message"]} is masked: "{payload["text"]}"')

    async def turn(self, line: str) -> list[str]:
        """Play one line that is no outcome, and say what followed."""
        followed = await self._circumstance(line)
        if followed is not None:
            return followed
        if not self.kind:
            await self._open("direct")
        self.now += 0 if self.breath else APART
        self.breath = False
        name, event, payload = self._said(line)
        return await self._outcome(name, await self.porch.hear(event, payload))

    def _said(self, line: str) -> tuple[str, str, Ack]:
        """Who does what, as the host tells it."""
        if press := re.fullmatch(r"(\w+) presses (\w+) on ([\w.]+)(?: about (\w+))?", line):
            name, kind, topic, situation = press.groups()
            token = self.buttons[name, " ".join(filter(None, (kind, situation))), topic]
            return name, "press", {"person_id": name, "token": token}
        if draft := re.fullmatch(r"(\w+) drafts: (.*)", line):
            return draft[1], "draft", {"chat": self.chat, "author": draft[1], "text": draft[2]}
        if profile := re.fullmatch(r"(\w+) writes on their profile: (.*)", line):
            return profile[1], "profile", {"person_id": profile[1], "field": "about", "text": profile[2]}
        name, _, text = line.partition(": ")
        assert name in self.people, f"what is this line? {line}"
        self.spoken += 1
        event = "command" if text.startswith("/") else "message"
        return name, event, {"id": f"m{self.spoken}", "chat": self.chat, "author": name, "text": text}

    async def _circumstance(self, line: str) -> list[str] | None:
        """Play a line in which nobody says or does anything; ``None`` if it is another sort of line."""
        if person := re.fullmatch(r"(\w+) is an? (\w+), (\w+)", line):
            name, role, age = person.groups()
            self.people[name] = {"id": name, "role": Role(role).value, "age": Age(age).value, "name": name.title()}
            return await self._outcome("", await self.porch.hear("person.update", {"person": self.people[name]})) if self.kind else []
        if line in OPENINGS:
            kind, self.chat = OPENINGS[line], f"c{int(self.chat[1:]) + ('again' in line)}"
            return await self._open(kind)
        if ending := re.fullmatch(r"(\w+) (leaves|is cut off)", line):
            reason = {"leaves": "left", "is cut off": "lost"}[ending[2]]
            return await self._outcome("", await self.porch.hear("chat.close", {"chat": self.chat, "by": ending[1], "reason": reason}))
        if time := re.fullmatch(r"(\d+) (second|minute|hour|day)s? passe?s?", line):
            self.now += int(time[1]) * UNITS[time[2]]
            self.porch.upkeep.sweep()
            return []
        if line == "in a breath":
            self.breath = True
            return []
        return None

    async def _open(self, kind: str) -> list[str]:
        self.kind = kind
        ack = await self.porch.hear("chat.open", {"chat": self.chat, "kind": kind, "people": list(self.people.values())})
        return await self._outcome("", ack)

    async def _outcome(self, name: str, ack: Ack) -> list[str]:
        """All that followed, as the lines of a story."""
        lines = []
        if "verdict" in ack:
            lines.append(ack["verdict"] + (f' "{ack["text"]}"' if "text" in ack else ""))
        lines += [self._heard(nudge) for nudge in ack.get("nudges", ())]
        if "receipt" in ack:
            lines.append(f"{name} gets a receipt")
            self.buttons[name, "undo", "receipt"] = ack["undo"]["token"]
        if "error" in ack:
            lines.append(f"{name} is told no")
        while self.porch._tasks:  # noqa: SLF001 -- what goes on in the background follows, too
            await asyncio.gather(*self.porch._tasks)  # noqa: SLF001 -- as above
        lines += self.covered
        self.covered.clear()
        lines += [f"{told['by']} is referred about {told['topic']}" for told in self.referrals]
        self.referrals.clear()
        return [*lines, *await self._cases()]

    def _heard(self, nudge: Ack) -> str:
        path = self.street.made_from[nudge["id"]]
        to = list(nudge["to"])
        for action in nudge["actions"]:
            for person in to:
                token = action.get("token", "")
                act, *situation = token.split(SEPARATOR)[:-1] or [action["kind"]]
                self.buttons[person, " ".join((act, *situation)), path.split("/", 1)[0]] = token
        who = to[0] if len(to) == 1 else "everybody" if set(to) == set(self.people) else " and ".join(to)
        return f"{who} hears {path} ({nudge['tone']})"

    async def _cases(self) -> list[str]:
        lines = []
        now: dict[str, str] = {}
        for case in await self.store.cases.all():
            now[case.id] = f"{'urgent case' if case.urgent else 'case'} about {case.about}: {arithmetic(case).removesuffix('.')}"
            found = await self.store.cases.find(case.id)
            assert found is not None
            for report in found[1]:
                if report.number not in self.seen_reports:
                    kept = 0 if report.evidence is None else sum(said.text is not None for said in report.evidence.said)
                    lines.append(f"evidence: {kept} message{'' if kept == 1 else 's'}")
                    self.seen_reports.add(report.number)
        lines += [line for case_id, line in now.items() if self.seen_cases.get(case_id) != line]
        lines += ["no case any more"] if len(now) < len(self.seen_cases) else []
        self.seen_cases = now
        return lines


def told(story: Path) -> list[tuple[int, str, list[str]]]:
    """The turns of a story: number of the line, the line, and what is to follow."""
    turns: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(story.read_text("utf-8").splitlines(), start=1):
        if line.startswith("  -> "):
            assert turns, "a story begins with a turn"
            turns[-1][2].append(line.removeprefix("  -> "))
        elif line and not line.startswith("#"):
            turns.append((number, line, []))
    return turns


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
async def test_the_story_is_true(story: Path, tmp_path: Path) -> None:
    """Under every turn stands all that follows from it."""
    store = await Store.open(str(tmp_path / "porchlight.db"), tmp_path / "porchlight.key")
    teller = Teller(store)
    try:
        for number, line, follows in told(story):
            seen = await teller.turn(line)
            assert Counter(seen) == Counter(follows), f"{story.name}, line {number}: {line}"
    finally:
        await teller.porch.close()
        await store.close()
    assert teller.porch.failures == {}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_a_story_says_what_it_shows(story: Path) -> None:
    """The first line names requirements by number, or says in words what it is about, and something follows from its turns."""
    first = story.read_text("utf-8").splitlines()[0]
    assert re.fullmatch(r"# (R\d+(, R\d+)*: )?[a-z].+", first)
    assert any(follows for _, _, follows in told(story))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_nobody_is_accused(story: Path) -> None:
    """R28: no prompt that a story may show says of anybody what they are or want."""
    shown = set(re.findall(r"hears (\S+) ", story.read_text("utf-8")))
    for prompt in assistant().prompts:
        if prompt.path in shown:
            bodies = (f"{said.title} {fill(prompt, prompt.front.sample, turn).text}" for turn, said in enumerate(prompt.wordings))
            words = " ".join((prompt.front.why, prompt.front.kept, *bodies))
            assert not re.search(
                r"\b(predator|scammer|creep|pervert|groom\w*|liar|lying|manipulat\w+|suspicious|dangerous|guilty)\b", words, re.IGNORECASE
            )
