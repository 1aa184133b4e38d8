"""The count: what reports and clear signals add up to, in sentences for the people who decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from bot.model import Apart, Case, Kind, ReportReason
from bot.reports import ADDS_TO, nowhere

DAY = 86_400.0


class Threshold(msgspec.Struct, frozen=True):
    """So many chats in which the same is told, by as many people, within so many days, call for a decision."""

    chats: int
    days: float = 90.0


AT_ONCE = Threshold(1)
THRESHOLDS: dict[ReportReason, Threshold] = {
    ReportReason.ASKED_DETAILS: Threshold(3),
    ReportReason.WANTS_TO_MOVE: Threshold(3),
    ReportReason.LEFT: Threshold(5),
    ReportReason.JUDGED: Threshold(3),
    ReportReason.NOT_SERIOUS: Threshold(3),
    ReportReason.DIAGNOSED: Threshold(3),
}
"""What is not named here calls for a decision the first time. Every report is read by a person, whatever the counts."""

SEEN_ALONE = 3
"""So many chats at least, where nobody has reported anything."""

TOLD: dict[ReportReason, str] = {
    ReportReason.ASKED_DETAILS: "asking for contact details",
    ReportReason.WANTS_TO_MOVE: "moving the chat elsewhere",
    ReportReason.PICTURES: "asking for pictures",
    ReportReason.SEXUAL: "sexual talk",
    ReportReason.FLIRTING: "flirting",
    ReportReason.JUDGED: "judging or shaming",
    ReportReason.NOT_SERIOUS: "saying that it isn't serious",
    ReportReason.DIAGNOSED: "diagnosing",
    ReportReason.LEFT: "a sudden end",
    ReportReason.THREATENED: "threats",
    ReportReason.OTHER: "something else",
}


class Counted(msgspec.Struct, frozen=True):
    """A report as far as it is counted: no words, no evidence."""

    number: str
    chat: str
    by: str
    reason: ReportReason
    at: float
    apart: Apart | None = None
    alike: str = ""
    """The number of an earlier report about the same person whose reporter looks like the same one."""


class Tally(msgspec.Struct, frozen=True):
    """What the reports and signals of a case add up to, in sentences for the people who decide."""

    raised: dict[str, str] = {}
    """Reason to the sentence, for the counts that call for a decision."""
    below: dict[str, str] = {}
    """The same for those that do not."""
    apart: tuple[str, ...] = ()
    """What is shown beside them and not added."""


def tally(reports: Iterable[Counted], case: Case, now: float, thresholds: Mapping[ReportReason, Threshold] = THRESHOLDS) -> Tally:
    """Count for each reason the chats in which it was told or, as the case says, clearly seen, each person and each chat once.

    Set apart: what a person tells again, what comes minutes after a refusal or a block, and what looks like the same reporter.
    """
    adding, apart = _sorted(reports)
    raised: dict[str, str] = {}
    below: dict[str, str] = {}
    for reason in ReportReason:
        threshold = thresholds.get(reason, AT_ONCE)
        since = now - threshold.days * DAY
        recent = [one for one in adding if one.reason is reason and one.at >= since]
        told = {one.chat for one in recent}
        clear = {(kind, chat) for kind, chats in case.signals.items() for chat in chats if ADDS_TO.get(Kind(kind)) is reason}
        seen = {chat for kind, chat in clear if case.seen_at.get(f"{kind} {chat}", case.opened_at) >= since} - told
        if not told and not seen:
            continue
        parts = []
        if told:
            outside = sum(one.chat.endswith(nowhere(one.number)) for one in recent)
            parts.append(f"{_many(len(told), 'report')} by {_many(len(told), 'person', 'people')} {_where(len(told), outside)}")
        if seen:
            parts.append(f"clearly seen in {_many(len(seen), 'more chat' if told else 'chat')}")
        needed = f"{threshold.chats} within {threshold.days:g} days call" if threshold.chats > 1 else "one report calls"
        sentence = f"{TOLD[reason][0].upper()}{TOLD[reason][1:]}: {' + '.join(parts)}; {needed} for a decision."
        enough = len(told) + len(seen) >= (threshold.chats if told else max(threshold.chats, SEEN_ALONE))
        (raised if enough else below)[reason.value] = sentence
    return Tally(raised, below, tuple(apart))


def _sorted(reports: Iterable[Counted]) -> tuple[list[Counted], list[str]]:
    """The reports that add up, one of each person and each chat, and a sentence for each of the others."""
    people: dict[str, str] = {}
    chats: set[tuple[ReportReason, str]] = set()
    adding, apart = [], []
    for one in sorted(reports, key=lambda report: (report.at, report.number)):
        if one.apart is Apart.AFTER_REFUSAL:
            apart.append(f"{one.number} is counted apart: its reporter had been refused by this person minutes before.")
        elif one.apart is Apart.AFTER_BLOCK:
            apart.append(f"{one.number} is counted apart: its reporter had been blocked by this person minutes before.")
        elif one.by in people:
            apart.append(f"{one.number} is counted apart: its reporter had told of this person before, in {people[one.by]}.")
        elif one.alike:
            apart.append(f"{one.number} is counted apart: its reporter may be the one of {one.alike}.")
        elif (one.reason, one.chat) in chats:
            apart.append(f"{one.number} is counted apart: the same was told from the same chat before.")
        else:
            chats.add((one.reason, one.chat))
            adding.append(one)
        people.setdefault(one.by, one.number)
    return adding, apart


def _where(n: int, outside: int) -> str:
    """Where so many things were told, of which so many came to a moderator by other ways."""
    if not outside:
        return f"in {_many(n, 'chat')}"
    return f"in {_many(n - outside, 'chat')} and {outside} outside of them" if n > outside else "outside of any chat"


def _many(n: int, noun: str, plural: str = "") -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"
