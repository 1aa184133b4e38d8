"""What stands on the page of a case: every report with its evidence, marked where the signals are, and all that people know besides."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.edge.store import StoredReport
from bot.edge.store.cases import Clipping
from bot.edge.store.desk import REPORTS_SHOWN
from bot.edge.store.shapes import Asked, DeskCase
from bot.edge.store.traces import Likeness
from bot.edge.web.door import Seated
from bot.edge.web.shown import KIND_NAMES, OUTCOMES, REASON_NAMES, ago, clock, day, iso, many, named, pieces
from bot.model import DeskRole, Evidence, Kind, Said, Sent
from bot.reports import somebody
from bot.tally import Tally

MOST_NAMED = 20
"""So many likenesses, and so many reports that are counted apart, are named; the others are a number."""


class Known(msgspec.Struct, frozen=True):
    """What is known of a case beside its own rows."""

    tally: Tally
    likes: tuple[Likeness, ...]
    """Who may be the same person."""
    clippings: tuple[Clipping, ...]


def case_values(found: DeskCase, known: Known, seated: Seated, now: float, page: int) -> dict[str, Any]:
    """All that the page says beside the line of the queue."""
    line = found.line
    href = f"/desk/case/{line.case.id}"
    return {
        "noticed": [f"{KIND_NAMES[Kind(kind)]}, in {many(len(chats), 'chat')}" for kind, chats in sorted(line.case.noticed.items())],
        "raised": list(known.tally.raised.values()),
        "below": list(known.tally.below.values()),
        "apart": list(known.tally.apart[:MOST_NAMED]),
        "more_apart": len(known.tally.apart[MOST_NAMED:]),
        "likes": [
            {"person": one.person, "href": f"/desk/case/{one.case}" if one.case else "", "because": ", ".join(one.because)}
            for one in known.likes[:MOST_NAMED]
        ],
        "more_likes": len(known.likes[MOST_NAMED:]),
        "clippings": [
            {"chat": one.chat, "when": day(one.at), "when_iso": iso(one.at), "messages": _messages(one.evidence, "", line.case.about)}
            for one in known.clippings
        ],
        "reports": [_report(report, line.case.about, seated, now) for report in found.reports],
        "newest": found.newest,
        "unread_here": [report.number for report in found.reports if report.read_at is None],
        "newer": f"{href}?page={page}" if page else "",
        "older": f"{href}?page={page + 2}" if (page + 1) * REPORTS_SHOWN < line.reports else "",
        "notes": [{"when": ago(note.at, now), "when_iso": iso(note.at), "by": note.by, "text": note.text} for note in found.notes],
        "acts": [{"when": day(act.at), "when_iso": iso(act.at), "actor": act.actor, "act": act.act} for act in found.acts],
        "chats": [(chat, many(n, "report") if n else "signals alone") for chat, n in found.chats.items()],
        "more_chats": max(0, line.chats - len(found.chats)),
        "appeal": found.appeal,
        "outcomes": [(outcome.value, name, means) for outcome, (name, means) in OUTCOMES.items()],
        "decided_by": found.decided_by,
        "asked": _asked(found.asked, now),
        "may_answer": found.decided_by != seated.person,
    }


def _asked(asked: Asked | None, now: float) -> dict[str, Any] | None:
    """How far a decision is on its way to the chat."""
    if asked is None:
        return None
    return {"taken": day(asked.taken_at), "due": day(asked.due_at), "is_late": asked.taken_at is None and asked.due_at <= now}


def _report(report: StoredReport, about: str, seated: Seated, now: float) -> dict[str, Any]:
    evidence = report.evidence or Evidence(())
    named_by = report.by if seated.may(DeskRole.MODERATOR) and report.by != somebody(report.number) else ""
    roles = {**evidence.roles}
    return {
        "number": report.number,
        "reason": REASON_NAMES[report.reason].capitalize(),
        "words": report.words,
        "problem": report.problem,
        "when": ago(report.at, now),
        "when_on": day(report.at),
        "when_iso": iso(report.at),
        "chat": report.chat,
        "by_role": roles.get(report.by, "member"),
        "by": named_by,
        "written": bool(evidence.written_by),
        "written_by": "" if evidence.written_by == report.by else evidence.written_by,  # or it would tell who reported
        "new": report.read_at is None,
        "read": day(report.read_at),
        "apart": report.apart.value if report.apart else "",
        "alike": report.alike,
        "messages": _messages(evidence, report.by, about),
        "from_host": [_sent(sent, report.by, about, roles) for sent in evidence.from_host],
        "from_reporter": [_sent(sent, report.by, about, roles) for sent in evidence.from_reporter],
        "told": [_told(key, at, report.by, about, roles) for key, at in sorted(evidence.told.items(), key=lambda one: one[1])],
    }


def _messages(evidence: Evidence, reporter: str, about: str) -> list[dict[str, Any]]:
    return [_message(said, reporter, about, evidence.roles) for said in evidence.said]


def _sent(sent: Sent, reporter: str, about: str, roles: dict[str, str]) -> dict[str, Any]:
    """A message as the host or the reporter's client tells of it: nothing in it is marked."""
    said = Said(sent.id, sent.author, sent.ts, sent.text)
    return {**_message(said, reporter, about, roles), "when": clock(sent.ts) if sent.ts else ""}


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
