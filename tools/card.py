"""The second reader's model card and its picture, as ``make train`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.learned import About
from bot.learned.reader import chance
from bot.model import MOVES, Kind
from tools.figures import (
    CRISIS_FLAGGED,
    CRISIS_FLAGGED_TALK,
    DENIED,
    DISPUTED,
    FLAGGED,
    FLAGGED_TALK,
    IN_ALL,
    IN_ALL_TALK,
    IN_STEPS,
    RIGHT,
    RIGHT_CRISIS,
    RIGHT_REASON,
    Scored,
    bins,
    figures,
    misses,
)

MISSES = 20
GROUPS = {
    "moves": tuple(kind for kind in Kind if kind in MOVES),
    "other kinds": tuple(kind for kind in Kind if kind not in MOVES and kind is not Kind.CRISIS),
    "crisis": (Kind.CRISIS,),
}
COLOURS = ("#1f6f8b", "#b5541c", "#6b4fa0")

HEAD = """\
# The second reader: a model card

Written by `make train` on {date}; change it there.

**What it is**: weights for some 260,000 marks of a message: its words and pieces of words, who speaks, the last two turns, and what the
rules saw in all of that. Added up they say how likely each kind of signal is; smaller tables say which moves a message holds that holds
one, and the reason of an excuse. `bot/learned/` runs it;
[decision 8](decisions/0008-the-second-reader.md) says why it has this shape.

**What it may do**: have people told privately, and make a mere hint of what the rules find likely and it improbable. It masks, holds and
counts nothing; what the rules are sure of falls only where it denies it, and details and a sure crisis never do. Policy lists that.

**What it was made from**: {made}, from [corpus/](../corpus/README.md): invented, in English, no public data.
Authors kept for judging were never trained on.

## Figures

All on authors that were left out of the training that scored them. "Rules" is what they find alone, "both" what is left or added by the
second reader. **The rules were written with these lines at hand**, so their figures flatter, and those of both with them; `make scoreboard`
measures on authors that neither has seen.

A kind is likely from one chance on, the same for all kinds: the lowest at which {flagged:g}% of the harmless look-alikes and
{talk:g}% of ordinary talk are called anything of which the rules are not sure anyway; higher for a kind of which less than {right:g}%, and
of pretexts less than {right_reason:g}%, would be right. Crisis has its own shares, {crisis:g}% and {crisis_talk:g}%, and of what is called
one {right_crisis:g}% are to be right: it is asked and not told.
What the rules think likely becomes a hint below a chance of {doubted:.0f}%: high enough that both together stay at {in_all:g}% and
{in_all_talk:g}%, if they can. An excuse and what it is for fall when both are below {disputed:.0f}%. Below {denied:.0f}% it
denies: then what the rules are sure of is a hint as well, and what may be a crisis.
Chances too small for that add up over the messages of one person in a chat; from {gathered:.2f} on the last one is called so
([decision 18](decisions/0018-small-chances-add-up.md)). In {in_steps:g}% of harmless conversations that may happen.

"""
CALIBRATION = """
## Calibration

How often a kind was there when the reader said so many percent, on authors left out:

![Said against so, in ten steps of chances, for moves, other kinds and crisis](second-reader.svg)

"""
MISSED = """
## The misses that hurt most

Messages by authors left out in which neither reader sees anything, the least suspected first, no kind more than five times:

"""
LIMITS = """
## Limits

It knows the world of its corpus: English, support talk as somebody imagines it. It knows nothing of ages, of what was said longer ago, or
of what a picture shows. It adds up marks and does not understand: who does what to whom it knows by the company of words alone.
It has learned from what the rules saw when it was made: after the rules have changed, `make train` belongs to the change.
Look-alikes in here are harder than life: they were written to mislead. The share of ordinary talk that is flagged says more of daily life.
"""


def card(told: Sequence[Scored], about: About) -> str:
    """The model card."""
    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(),
        made=about.made,
        flagged=100 * FLAGGED,
        talk=100 * FLAGGED_TALK,
        right=100 * RIGHT,
        right_reason=100 * RIGHT_REASON,
        right_crisis=100 * RIGHT_CRISIS,
        disputed=100 * DISPUTED,
        denied=100 * DENIED,
        doubted=100 * max(chance(about.doubted[kind], *about.slopes[kind]) for kind in about.kinds),
        in_all=100 * IN_ALL,
        in_all_talk=100 * IN_ALL_TALK,
        crisis=100 * CRISIS_FLAGGED,
        crisis_talk=100 * CRISIS_FLAGGED_TALK,
        gathered=about.gathered,
        in_steps=100 * IN_STEPS,
    )
    return f"{head}{_lines(figures(told, about))}{CALIBRATION}{_lines(_bins(told, about))}{MISSED}{_lines(_misses(told, about))}{LIMITS}"


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _bins(told: Sequence[Scored], about: About) -> Iterator[str]:
    yield "| | said | so | messages |"
    yield "|---|---|---|---|"
    for name, kinds in GROUPS.items():
        for said, so, number in bins(told, about, kinds):
            yield f"| {name} | {said:.2f} | {so:.2f} | {number} |"


def _misses(told: Sequence[Scored], about: About) -> Iterator[str]:
    for one in misses(told, about, MISSES):
        yield f"- {one.id}, {', '.join(sorted(one.wanted))}: {' '.join(one.text.split())!r}"


# --- the picture -----------------------------------------------------------------------------------------------------

_SIDE, _EDGE = 360, 48


def drawing(told: Sequence[Scored], about: About) -> str:
    """The calibration as a picture: said to the right, so upward; the diagonal is what would be true."""
    full = _SIDE + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {full}" font-family="sans-serif" font-size="12" role="img">\n'
        "<title>Calibration on authors left out</title>\n"
        f'<rect width="{full}" height="{full}" fill="#fff"/>\n'
        f'<rect x="{_EDGE}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>\n'
        f'<line x1="{_EDGE}" y1="{_EDGE + _SIDE}" x2="{_EDGE + _SIDE}" y2="{_EDGE}" stroke="#999" stroke-dasharray="4 4"/>\n'
        f"{''.join(_ticks())}{''.join(_curves(told, about))}</svg>\n"
    )


def _ticks() -> Iterator[str]:
    for tenth in range(0, 11, 2):
        x, y = _at(tenth / 10, tenth / 10)
        yield f'<text x="{x:.0f}" y="{_EDGE + _SIDE + 16}" text-anchor="middle">{10 * tenth}%</text>\n'
        yield f'<text x="{_EDGE - 6}" y="{y + 4:.0f}" text-anchor="end">{10 * tenth}%</text>\n'
    yield f'<text x="{_EDGE + _SIDE / 2}" y="{_EDGE + _SIDE + 36}" text-anchor="middle">chance said</text>\n'
    yield f'<text x="{_EDGE}" y="{_EDGE - 28}">how often it was so</text>\n'


def _curves(told: Sequence[Scored], about: About) -> Iterator[str]:
    for place, ((name, kinds), colour) in enumerate(zip(GROUPS.items(), COLOURS, strict=True)):
        points = [(*_at(said, so), number) for said, so, number in bins(told, about, kinds)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>\n'
        for x, y, number in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{number} messages</title></circle>\n'
        x, y = _EDGE + 14, _EDGE + 20 + 18 * place
        yield f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{colour}"/><text x="{x + 10}" y="{y}">{name}</text>\n'


def _at(said: float, so: float) -> tuple[float, float]:
    return _EDGE + _SIDE * said, _EDGE + _SIDE * (1 - so)
