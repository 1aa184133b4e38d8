"""What stands on the page of a case: every report with its evidence, marked where the signals are, and all that people know besides."""

from __future__ import annotations

from typing import Any

from bot.edge.store import StoredReport
from bot.edge.store.desk import REPORTS_SHOWN, DeskCase, Line
from bot.edge.web.door import Seated
from bot.edge.web.shown import KIND_NAMES, OUTCOMES, REASON_LABELS, REASON_NAMES, ago, clock, day, iso, many, named, pieces
from bot.model import DeskRole, Evidence, Kind, Said


def case_values(found: DeskCase, seated: Seated, now: float, page: int) -> dict[str, Any]:
    """All that the page says beside the line of the queue."""
    line = found.line
    href = f"/desk/case/{line.case.id}"
    return {
        "adds_up": adds_up(line),
        "reports": [_report(report, line.case.about, seated, now) for report in found.reports],
        "unread_here": [report.number for report in found.reports if report.read_at is None],
        "newer": f"{href}?page={page}" if page else "",
        "older": f"{href}?page={page + 2}" if (page + 1) * REPORTS_SHOWN < line.reports else "",
        "notes": [{"when": ago(note.at, now), "when_iso": iso(note.at), "by": note.by, "text": note.text} for note in found.notes],
        "acts": [{"when": day(act.at), "when_iso": iso(act.at), "actor": act.actor, "act": act.act} for act in found.acts],
        "chats": [(chat, many(n, "report") if n else "signals alone") for chat, n in found.chats.items()],
        "appeal": found.appeal,
        "outcomes": [(outcome.value, name, means) for outcome, (name, means) in OUTCOMES.items()],
        "decided_by": found.decided_by,
        "may_answer": found.decided_by != seated.person,
    }


def adds_up(line: Line) -> list[str]:
    """The arithmetic of a case in plain words, a sentence for each thing that counts."""
    sentences = [f"{many(n, 'report')} about {REASON_NAMES[reason]}." for reason, n in line.reasons.items()]
    for kind, chats in sorted(line.case.signals.items()):
        sentences.append(f"In {many(len(chats), 'chat')} this person clearly did what is called “{KIND_NAMES[Kind(kind)]}”.")
    return sentences


def _report(report: StoredReport, about: str, seated: Seated, now: float) -> dict[str, Any]:
    evidence = report.evidence or Evidence(())
    named_by = report.by if seated.may(DeskRole.MODERATOR) else ""
    roles = {**evidence.roles}
    return {
        "number": report.number,
        "reason": REASON_LABELS[report.reason],
        "words": report.words,
        "problem": report.problem,
        "when": ago(report.at, now),
        "when_on": day(report.at),
        "when_iso": iso(report.at),
        "chat": report.chat,
        "by_role": roles.get(report.by, "member"),
        "by": named_by,
        "new": report.read_at is None,
        "read": day(report.read_at),
        "messages": [_message(said, report.by, about, roles) for said in evidence.said],
        "told": [_told(key, at, report.by, about, roles) for key, at in sorted(evidence.told.items(), key=lambda one: one[1])],
    }


def _message(said: Said, reporter: str, about: str, roles: dict[str, str]) -> dict[str, Any]:
    return {
        "role": roles.get(said.author, "somebody"),
        "who": _who(said.author, reporter, about),
        "pieces": None if said.text is None else pieces(said.text, said.signals),
        "when": clock(said.ts),
        "when_iso": iso(said.ts),
        "signals": named(said.signals),
    }


def _told(key: str, at: float, reporter: str, about: str, roles: dict[str, str]) -> dict[str, Any]:
    person, _, topic = key.rpartition(" ")
    return {
        "to": _who(person, reporter, about),
        "role": roles.get(person, "somebody"),
        "topic": topic,
        "when": clock(at),
        "when_iso": iso(at),
    }


def _who(person: str, reporter: str, about: str) -> str:
    return "reported" if person == about else "reporter" if person == reporter else "other"
