"""Reports and cases as values: how clicks add up to something that people decide about. Nothing here punishes anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

import msgspec

from bot.model import (
    Age,
    Apart,
    Case,
    Certainty,
    Chat,
    Ended,
    Evidence,
    Kind,
    Outcome,
    Person,
    Report,
    ReportReason,
    Role,
    Sent,
)

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Receipt numbers are read out and typed in: no 0/O, 1/I/L, U."""

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0

# --- what counts how much --------------------------------------------------------------------------------------------


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

ADDS_TO: dict[Kind, ReportReason] = {
    Kind.CONTACT_REQUEST: ReportReason.ASKED_DETAILS,
    Kind.CONTACT_SHARE: ReportReason.ASKED_DETAILS,
    Kind.OFFSITE_INVITE: ReportReason.WANTS_TO_MOVE,
    Kind.PRETEXT: ReportReason.WANTS_TO_MOVE,
    Kind.PICTURE_REQUEST: ReportReason.PICTURES,
    Kind.SEXUAL_INVITE: ReportReason.SEXUAL,
}
"""The reason to which a clear signal adds its chat, as a report from there would."""

TOWARD_A_TEEN = frozenset(ReportReason) - {ReportReason.JUDGED, ReportReason.NOT_SERIOUS, ReportReason.DIAGNOSED, ReportReason.LEFT}
"""What makes a report by a teen about somebody who is none go before all others."""

RETALIATION_SECONDS = 10 * MINUTE
"""A report so soon after being refused or blocked by the one it is about is shown and counted apart."""

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

# --- reports ---------------------------------------------------------------------------------------------------------


class Written(msgspec.Struct, frozen=True):
    """What a moderator writes down of what they saw, or of what somebody told them by e-mail or elsewhere."""

    once: str
    """Of the form it was written in: sent twice it is one report."""
    about: str
    reason: ReportReason
    words: str = ""
    told_by: str = ""
    """The id of whoever told it; empty if they have none or want no name to stand there."""
    saw_it: bool = False
    """Whether nobody told it: the moderator reports it themselves, and somebody else decides."""
    urgent: bool = False
    """An adult and a teen, as the moderator says: nobody else knows it here."""
    host: str = ""
    """What stands before the names of the host's own."""


def number(bits: int) -> str:
    """Spell 50 random bits as a receipt number such as ``"7KQ2-M9XA-4T"``."""
    letters = []
    for _ in range(10):
        bits, digit = divmod(bits, len(NUMBER_ALPHABET))
        letters.append(NUMBER_ALPHABET[digit])
    spelled = "".join(letters)
    return f"{spelled[:4]}-{spelled[4:8]}-{spelled[8:]}"


def evidence_of(chat: Chat, sent: tuple[Sent, ...] = ()) -> Evidence:
    """What the chat's tail still holds, with everybody's role, and what the reporter's client sends along."""
    roles = {person.id: person.role.value for person in chat.people}
    return Evidence(said=chat.tail, roles=roles, told=dict(chat.memory.shown.topics), from_reporter=sent)


def somebody(report: str) -> str:
    """How the reporter is called of whom nobody knows who they are, by the number of the report."""
    return f"somebody {report}"


def nowhere(report: str) -> str:
    """What stands in the place of a chat where there was none, by the number of the report."""
    return f"desk {report}"


def by_hand(written: Written, scribe: str, now: float, bits: int) -> Report:
    """A report that is written down at the desk; ``bits`` are 50 random ones.

    What a moderator saw is their own report. Whoever told them is the reporter otherwise, with a name or without; each is somebody else,
    in no chat that anybody knows.
    """
    spelled = number(bits)
    by = scribe if written.saw_it else written.told_by or somebody(spelled)
    return Report(
        id=spelled,
        key=f"desk {written.once}",
        chat=f"{written.host}{nowhere(spelled)}",
        by=by,
        about=written.about,
        reason=written.reason,
        at=now,
        evidence=Evidence((), {by: Role.MODERATOR.value} if written.saw_it else {}, written_by=scribe),
        words=written.words,
        urgent=written.urgent,
    )


def is_complete(evidence: Evidence) -> bool:
    """Whether there is nothing to ask the host for: every message of the tail has its words, or it came from no chat."""
    if evidence.written_by:
        return True
    return bool(evidence.said) and all(said.text is not None for said in evidence.said)


def completed(evidence: Evidence, kept: Iterable[Sent]) -> Evidence:
    """The evidence with what the host keeps of the chat: only messages whose words are not there yet."""
    known = {said.id for said in evidence.said if said.text is not None} | {sent.id for sent in evidence.from_host}
    fresh = {sent.id: sent for sent in kept if sent.id not in known}
    added = sorted((*evidence.from_host, *fresh.values()), key=lambda sent: (sent.ts, sent.id))
    return msgspec.structs.replace(evidence, from_host=tuple(added))


def accused(chat: Chat, reporter: str) -> str:
    """Whom a report without a message is about: the other one; in a room of many the room itself."""
    others = [person for person in chat.others(reporter) if person.role is not Role.MODERATOR]
    return others[0].id if len(others) == 1 else f"chat:{chat.id}"


def subject(chat: Chat, reporter: Person, about: str) -> str:
    """Whom a report is filed about. Of an adult and a teen it is never the teen: then people look at the chat as a whole."""
    person = chat.person(about)
    if person is not None and person.age is Age.TEEN and reporter.age is not Age.TEEN and reporter.role is not Role.MODERATOR:
        return f"chat:{chat.id}"
    return about


def goes_first(chat: Chat, reporter: Person, about: str, reason: ReportReason) -> bool:
    """Whether a report is by a teen about somebody who is none, or about a talk of the two, and about a thing that must not wait."""
    if reason not in TOWARD_A_TEEN:
        return False
    person = chat.person(about)
    if person is None:
        return False
    if reporter.role is Role.MODERATOR:
        return person.age is not Age.TEEN and any(one.age is Age.TEEN for one in chat.others(about))
    return reporter.age is Age.TEEN and person.age is not Age.TEEN


def set_apart(chat: Chat, by: str, about: str, now: float) -> Apart | None:
    """Why a report does not add to others: it comes minutes after its reporter was refused or blocked by the one it is about."""
    ended = chat.ended
    if ended is not None and (ended.by, ended.reason) == (about, "blocked") and now - ended.at <= RETALIATION_SECONDS:
        return Apart.AFTER_BLOCK
    wanted = False
    for said in chat.tail:
        if said.author == by:
            wanted = wanted or any(signal.kind in ADDS_TO and signal.certainty is not Certainty.HINT for signal in said.signals)
        elif said.author == about and wanted and now - said.ts <= RETALIATION_SECONDS and any(cue.name == "refusal" for cue in said.cues):
            return Apart.AFTER_REFUSAL
    return None


def ended(chat: Chat, by: str, reason: str, now: float) -> Chat:
    """The chat after its end."""
    return msgspec.structs.replace(chat, ended=Ended(by, reason, now))


# --- the count -------------------------------------------------------------------------------------------------------


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


# --- cases -----------------------------------------------------------------------------------------------------------


def with_report(case: Case | None, report: Report, case_id: str) -> Case:
    """The case about the reported person with this report added; a new one if there was none."""
    before = Case(id=case_id, about=report.about, urgent=False, opened_at=report.at) if case is None else case
    if report.id in before.reports:
        return before
    return _urgent(msgspec.structs.replace(before, reports=(*before.reports, report.id)), report.id if report.urgent else "")


def without_report(case: Case, report_id: str) -> Case:
    """The case after a report was taken back; if that alone made it urgent, it is so no more."""
    left = tuple(one for one in case.urgent_by if one != report_id)
    urgent = case.urgent and (bool(left) or report_id not in case.urgent_by)
    return msgspec.structs.replace(case, reports=tuple(one for one in case.reports if one != report_id), urgent=urgent, urgent_by=left)


def _urgent(case: Case, by: str) -> Case:
    """The case, urgent because of that; as it was, if it is nothing."""
    return msgspec.structs.replace(case, urgent=True, urgent_by=tuple(dict.fromkeys((*case.urgent_by, by)))) if by else case


def with_signals(
    case: Case | None,
    about: str,
    chat: str,
    kinds: Iterable[Kind],
    *,
    urgent: bool,
    now: float,
    case_id: str,
    noticed: Kind | None = None,
) -> Case:
    """The case with signals of one chat added; each kind counts once per chat, and what was only noticed counts for nothing."""
    before = Case(id=case_id, about=about, urgent=False, opened_at=now) if case is None else case
    signals, seen_at, beside = dict(before.signals), dict(before.seen_at), dict(before.noticed)
    for kind in kinds:
        chats = signals.get(kind.value, ())
        if chat not in chats:
            signals[kind.value] = (*chats, chat)
            seen_at[f"{kind} {chat}"] = now
    if noticed is not None and chat not in (*signals.get(noticed.value, ()), *beside.get(noticed.value, ())):
        beside[noticed.value] = (*beside.get(noticed.value, ()), chat)
    seen = msgspec.structs.replace(before, signals=signals, seen_at=seen_at, noticed=beside)
    return _urgent(seen, f"chat {chat}" if urgent else "")


def weighed(case: Case, counted: Tally) -> Case:
    """The case with the counts that call for a decision. What has called for one once goes on doing so."""
    return msgspec.structs.replace(case, raised={**case.raised, **counted.raised})


def arithmetic(case: Case) -> str:
    """What a case is made of, in one sentence."""
    parts = [_many(len(case.reports), "report")] if case.reports else []
    parts += [f"{kind} clearly seen in {_many(len(chats), 'chat')}" for kind, chats in sorted(case.signals.items())]
    parts += [f"{kind} noticed in {_many(len(chats), 'chat')}" for kind, chats in sorted(case.noticed.items())]
    return f"{' + '.join(parts)}."


def _where(n: int, outside: int) -> str:
    """Where so many things were told, of which so many came to a moderator by other ways."""
    if not outside:
        return f"in {_many(n, 'chat')}"
    return f"in {_many(n - outside, 'chat')} and {outside} outside of them" if n > outside else "outside of any chat"


def _many(n: int, noun: str, plural: str = "") -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {plural or noun + 's'}"


# --- when people hear of it ------------------------------------------------------------------------------------------

TELL_AFTER_SECONDS = (4 * HOUR, 28 * HOUR)
"""What the reported person sees of a decision comes so long after it, by chance, and after the last report by as much at least."""
BATCH_SECONDS = 6 * HOUR
"""What is due within this time comes together, to all of whom it is due."""


def told_at(now: float, rng: Random) -> float:
    """When the one whom a decision is about hears of it: late, by chance, and with others, so that the moment tells nothing."""
    due = now + rng.uniform(*TELL_AFTER_SECONDS)
    return -(-due // BATCH_SECONDS) * BATCH_SECONDS


def at_once(case: Case, outcome: Outcome) -> bool:
    """Whether the host is asked without delay: where a teen is in danger, protection goes before secrecy of the moment."""
    return case.urgent and outcome in {Outcome.RESTRICT, Outcome.REMOVE}
