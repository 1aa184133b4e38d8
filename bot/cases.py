"""Reports and cases as values: how clicks add up to something that people decide about. Nothing here punishes anybody."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.model import Case, Chat, Evidence, Kind, Report, Role

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Receipt numbers are read out and typed in: no 0/O, 1/I/L, U."""


def number(bits: int) -> str:
    """Spell 50 random bits as a receipt number such as ``"7KQ2-M9XA-4T"``."""
    letters = []
    for _ in range(10):
        bits, digit = divmod(bits, len(NUMBER_ALPHABET))
        letters.append(NUMBER_ALPHABET[digit])
    spelled = "".join(letters)
    return f"{spelled[:4]}-{spelled[4:8]}-{spelled[8:]}"


def evidence_of(chat: Chat) -> Evidence:
    """What the chat's tail still holds, with everybody's role."""
    roles = {person.id: person.role.value for person in chat.people}
    return Evidence(said=chat.tail, roles=roles)


def accused(chat: Chat, reporter: str) -> str:
    """Whom a report without a message is about: the other one; in a room of many the room itself."""
    others = [person for person in chat.others(reporter) if person.role is not Role.MODERATOR]
    return others[0].id if len(others) == 1 else f"chat:{chat.id}"


def with_report(case: Case | None, report: Report, case_id: str) -> Case:
    """The case about the reported person with this report added; a new one if there was none."""
    if case is None:
        return Case(id=case_id, about=report.about, urgent=False, opened_at=report.at, reports=(report.id,))
    if report.id in case.reports:
        return case
    return msgspec.structs.replace(case, reports=(*case.reports, report.id))


def without_report(case: Case, report_id: str) -> Case:
    """The case after a report was taken back."""
    return msgspec.structs.replace(case, reports=tuple(number for number in case.reports if number != report_id))


def with_signals(case: Case | None, about: str, chat: str, kinds: Iterable[Kind], *, urgent: bool, now: float, case_id: str) -> Case:
    """The case with signals of one chat added; each kind counts once per chat."""
    before = Case(id=case_id, about=about, urgent=urgent, opened_at=now) if case is None else case
    signals = dict(before.signals)
    for kind in kinds:
        chats = signals.get(kind.value, ())
        signals[kind.value] = chats if chat in chats else (*chats, chat)
    return msgspec.structs.replace(before, urgent=before.urgent or urgent, signals=signals)


def arithmetic(case: Case) -> str:
    """What a case is made of, in one sentence."""
    parts = [_many(len(case.reports), "report")] if case.reports else []
    parts += [f"a clear {kind} in {_many(len(chats), 'chat')}" for kind, chats in sorted(case.signals.items())]
    return f"{' + '.join(parts)}."


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
