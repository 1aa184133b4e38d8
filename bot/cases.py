"""Reports and cases as values: how clicks add up to something that people decide about. Nothing here punishes anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import MOVES, Case, Certainty, Evidence, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model import Chat, Report, Signal

COUNTS_AGAINST = MOVES | {Kind.SEXUAL_INVITE, Kind.PICTURE_REQUEST}
"""The signals that count against their author: ``sure`` ones of these kinds, toward another person, once per chat.
Reports count as well. Nothing else does: no nudge, no hint, no learned signal, no shadow action, never a crisis."""

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
    """Whom a report from this chat is about: the other one; in a room nobody in particular (an empty id)."""
    others = [person for person in chat.others(reporter) if person.role is not Role.MODERATOR]
    return others[0].id if len(others) == 1 else ""


def countable(signals: Iterable[Signal]) -> dict[str, int]:
    """The signals that count against their author, one of a kind."""
    return {signal.kind.value: 1 for signal in signals if signal.kind in COUNTS_AGAINST and signal.certainty is Certainty.SURE}


def with_report(case: Case | None, report: Report, case_id: str) -> Case:
    """The case about the reported person with this report added; a new one if there was none."""
    if case is None:
        return Case(id=case_id, about=report.about, urgent=False, opened_at=report.at, reports=(report.id,), chats=(report.chat,))
    if report.id in case.reports:
        return case
    chats = case.chats if report.chat in case.chats else (*case.chats, report.chat)
    return Case(case.id, case.about, case.urgent, case.opened_at, (*case.reports, report.id), case.signals, chats)


def without_report(case: Case, report_id: str) -> Case:
    """The case after a report was taken back."""
    kept = tuple(number for number in case.reports if number != report_id)
    return Case(case.id, case.about, case.urgent, case.opened_at, kept, case.signals, case.chats)


def with_signals(case: Case | None, about: str, chat: str, kinds: dict[str, int], *, urgent: bool, now: float, case_id: str) -> Case:
    """The case with signals of one chat added; each kind counts once per chat."""
    if case is None:
        return Case(id=case_id, about=about, urgent=urgent, opened_at=now, signals=kinds, chats=(chat,))
    fresh = chat not in case.chats
    counts = dict(case.signals)
    for kind, n in kinds.items():
        counts[kind] = counts.get(kind, 0) + (n if fresh or kind not in counts else 0)
    chats = (*case.chats, chat) if fresh else case.chats
    return Case(case.id, case.about, case.urgent or urgent, case.opened_at, case.reports, counts, chats)


def arithmetic(case: Case) -> str:
    """What a case is made of, in one sentence."""
    parts = [_many(len(case.reports), "report")]
    parts += [f"{_many(n, 'chat')} with a clear {kind}" for kind, n in sorted(case.signals.items())]
    return f"{' + '.join(parts)}, from {_many(len(case.chats), 'chat')}."


def _many(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
