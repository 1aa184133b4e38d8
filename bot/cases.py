"""Cases as values: how reports and signals about one person come together for people who decide. Nothing here punishes anybody."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import msgspec

from bot.model import Case, Kind, Outcome, Report
from bot.tally import Tally

HOUR = 3_600.0
TELL_AFTER_SECONDS = (4 * HOUR, 28 * HOUR)
"""What the reported person sees of a decision comes so long after it, by chance, and after the last report by as much at least."""
BATCH_SECONDS = 6 * HOUR
"""What is due within this time comes together, to all of whom it is due."""


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


def told_at(now: float, rng: Random) -> float:
    """When the one whom a decision is about hears of it: late, by chance, and with others, so that the moment tells nothing."""
    due = now + rng.uniform(*TELL_AFTER_SECONDS)
    return -(-due // BATCH_SECONDS) * BATCH_SECONDS


def at_once(case: Case, outcome: Outcome) -> bool:
    """Whether the host is asked without delay: where a teen is in danger, protection goes before secrecy of the moment."""
    return case.urgent and outcome in {Outcome.RESTRICT, Outcome.REMOVE}
