"""Reports as values: what one is made of, whom it is about, how soon it must be read, and what sets it apart from others."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.model import Age, Apart, Certainty, Chat, Ended, Evidence, Kind, Person, Report, ReportReason, Role, Sent

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Receipt numbers are read out and typed in: no 0/O, 1/I/L, U."""

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

RETALIATION_SECONDS = 600.0
"""A report so soon after being refused or blocked by the one it is about is shown and counted apart."""


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
