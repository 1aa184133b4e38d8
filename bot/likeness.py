"""The same one again: what people do that tells them apart, as keyed marks from which no word can be read back.

People who are removed come back as fresh guests. What they do stays alike: how they begin, what they offer, the contact detail they
give. A line becomes a few keyed hashes of its rarest runs of words, so that almost the same line gives almost the same marks.
What anybody might say never becomes a mark: greetings, and above all cries for help, which people must be free to repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from bot.model import Certainty, Chat, Kind, Said, Signal
from bot.reports import ADDS_TO
from bot.text import fold

Mark: TypeAlias = Callable[[str], str]
"""A keyed hash of a few words."""

OPENINGS = 3
"""So many of the first lines of somebody in a chat are how they begin."""
RUN = 3
"""Words that make one mark."""
SKETCH = 8
"""Marks that are kept of a line: those with the smallest value, which are the same ones for the same runs."""
ALIKE = 0.6
"""So much of the smaller of two sketches must be shared."""
FEWEST_WORDS = 7
FEWEST_RARE = 4
"""A line with fewer words than these, or fewer that not everybody uses, tells nobody apart."""
SHORTEST_DETAIL = 5

COMMON = frozenset(
    "i the it a you s and to that in my what on for like is of t so he at was with m do me she about there how say have not one be ok "
    "know d ve did said can but they just then no if your her got yeah when are him sounds think would good now from go its we who "
    "don sorry been want does yes all or out had could since up feel tell an people mum something im get years re off this see thing "
    "back oh time them here ll lol might his told says going really still talk too bit haha has only day as hi maybe come someone "
    "nothing man anyone being way right lot both ask take before even put long went two work well own car home phone thank days asked "
    "by than everyone more made weeks because some thanks bad were next night kind never today after down look every nobody doing "
    "anything used where old last isn keep wife very gonna whole shes any love am things name stop dont hear over makes which week "
    "quiet hello comes need mins sunday didn dad first miss sleep ago ah came much why called better same months thought everything "
    "done tonight month fine actually sit hours always ring will happened other room times place must minutes else doesn life big "
    "find knows word ever quite make three somebody please hey hiya morning evening afternoon nice meet chat chatting listen listener "
    "member free anybody okay feeling tomorrow yesterday monday tuesday wednesday thursday friday saturday lately guess".split()
)
"""Words that stand in ordinary support talk all the time."""

DISTRESS = frozenset(
    "abuse abused abusing abusive afraid alone anxiety anxious assault assaulted attack attacks beat beaten beats bleeding bruise "
    "bruises bullied bully bullying burden cried crisis cry crying cut cuts cutting dead death depressed depressing depression "
    "despair desperate die died dies dying end ending failure farewell fear fears frightened funeral goodbye grief grieving guilt "
    "guilty harm harmed harming hate help helpless hit hits hitting hopeless hurt hurting hurts kill killed killing loneliness lonely "
    "lost medication meds molested nightmare nightmares numb overdose pain panic panicking pills ptsd rape raped sad scared self "
    "selfharm shaking shame starving stressed struggle struggling suffer suffering suicidal suicide terrified therapist therapy "
    "trauma traumatic unsafe violence violent worthless".split()
)
"""A line with any of these may be somebody's need. It is never held against anyone that they say it again."""


class Trait(StrEnum):
    """What a trace was left by."""

    OPENING = "opening"
    OFFER = "offer"
    DETAIL = "detail"
    TOLD = "told"


BECAUSE: dict[Trait, str] = {
    Trait.OPENING: "the chat began with almost the same words",
    Trait.OFFER: "what was asked or offered came in almost the same words",
    Trait.DETAIL: "the same contact detail was given",
    Trait.TOLD: "the report was written in almost the same words",
}
"""Why two people may be the same, for those who decide; it is never said as a fact."""


class Trace(msgspec.Struct, frozen=True):
    """The marks of one line."""

    trait: Trait
    marks: tuple[str, ...]


def traces_of(chat: Chat, person: str, mark: Mark) -> tuple[Trace, ...]:
    """What somebody has left in a chat: how they began, if the tail reaches back so far, what they offered, which details they gave."""
    own = [said for said in chat.tail if said.author == person]
    found = [
        _trace(Trait.OPENING, said.text, mark) for said in own[:OPENINGS] if chat.memory.heard == len(chat.tail) and not _in_need(said)
    ]
    for said in own:
        offered = [signal for signal in said.signals if signal.kind in ADDS_TO and signal.certainty is not Certainty.HINT]
        if said.text is None or not offered or _in_need(said):
            continue
        found.append(_trace(Trait.OFFER, said.text, mark))
        found += [_detail(said.text, signal, mark) for signal in offered if signal.kind is Kind.CONTACT_SHARE]
    return _distinct(found)


def traces_of_words(words: str, mark: Mark) -> tuple[Trace, ...]:
    """What the words of a report leave, to tell reporters who look alike."""
    return _distinct([_trace(Trait.TOLD, words, mark)])


def are_alike(one: Trace, other: Trace) -> bool:
    """Whether two traces may come from the same person: as the store compares them, too."""
    shared = len({*one.marks} & {*other.marks})
    return one.trait is other.trait and shared >= needed(min(len(one.marks), len(other.marks)))


def needed(marks: int) -> int:
    """How many of so many marks must be shared."""
    return max(1, -(-marks * round(ALIKE * 100) // 100))


def _in_need(said: Said) -> bool:
    return any(signal.kind is Kind.CRISIS for signal in said.signals) or any(cue.name.startswith("crisis.") for cue in said.cues)


def _trace(trait: Trait, text: str | None, mark: Mark) -> Trace | None:
    words = fold(text).levelled.text.split() if text else []
    rare = {word for word in words if word not in COMMON and not word.isdigit()}
    if len(words) < FEWEST_WORDS or len(rare) < FEWEST_RARE or DISTRESS & rare:
        return None
    starts = range(len(words) - RUN + 1)
    runs = {" ".join(words[start : start + RUN]) for start in starts if rare.intersection(words[start : start + RUN])}
    return Trace(trait, tuple(sorted(mark(f"{trait} {run}") for run in runs)[:SKETCH]))


def _detail(text: str, signal: Signal, mark: Mark) -> Trace | None:
    detail = "".join(letter for letter in text[signal.start : signal.end].lower() if letter.isalnum()) if signal.start is not None else ""
    return Trace(Trait.DETAIL, (mark(f"{Trait.DETAIL} {detail}"),)) if len(detail) >= SHORTEST_DETAIL else None


def _distinct(found: Iterable[Trace | None]) -> tuple[Trace, ...]:
    return tuple(dict.fromkeys(trace for trace in found if trace is not None))
