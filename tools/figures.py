"""What the second reader is worth on authors left out: thresholds, calibration, and figures beside those of the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from bot.learned import About, gathered
from bot.learned.gathering import worth_keeping
from bot.learned.reader import chance, likelier
from bot.model import MOVES, Kind, Reason
from bot.policy.weigh import beside

KINDS, REASONS = tuple(Kind), tuple(Reason)
MOVING = tuple(kind for kind in KINDS if kind in MOVES)

FLAGGED, FLAGGED_TALK = 0.02, 0.0014
"""The shares of harmless look-alikes and of ordinary talk that it may call likely where the rules are not sure anyway: of any kind
but crisis, which has shares of its own."""
CRISIS_FLAGGED, CRISIS_FLAGGED_TALK = 0.03, 0.012
"""The same for crises: one that only likeness sees is asked and not told, so it may be wrong more often."""
RIGHT, RIGHT_REASON, RIGHT_CRISIS = 0.85, 0.88, 0.7
"""Of what it calls a kind, at least so much is to be right; where that takes a higher threshold, it gets one. Of pretexts it is more: the
corpus holds more of them than life, and an answer to a reason that nobody gave misleads."""
HINTED = 4.0
"""So many times as many may be hinted at."""
IN_ALL, IN_ALL_TALK = 0.03, 0.0016
"""The shares that may be called anything but a crisis by both readers together: what the rules think likely falls where it is too much."""
IN_STEPS = 0.002
"""In this share of harmless conversations, where nothing else was called anything, small chances may add up to something."""
DENIED = 0.1
"""Below this chance what the rules are sure of is but a hint, and what they think likely to be a crisis: a helpline too many hurts less
than one too few."""
DISPUTED = 0.5
"""Below this chance what the rules think likely falls in any case, and what they agree about if it is all below."""
BINS = 10

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Scored(msgspec.Struct, frozen=True):
    """A message with what it holds, what the rules saw, and what the second reader makes of both, not having seen its author."""

    author: str
    id: str
    text: str
    wanted: frozenset[Kind]
    quiet: bool
    ruled: frozenset[Kind]
    """Kinds that the rules find at least likely."""
    settled: frozenset[Kind]
    """Of these the ones that no second opinion takes back."""
    sure: frozenset[Kind]
    """Of these the ones that must be denied to fall."""
    agreed: frozenset[Kind]
    """Of these the ones that must be disputed to fall."""
    scores: tuple[float, ...]
    among: tuple[float, ...]
    """A score for each move, learned from nothing but moves."""
    chat: str = ""
    """The conversation it stands in, if it stands in a whole one."""
    role: str = ""
    """Who says it there."""

    @property
    def harmless(self) -> bool:
        """Whether it holds nothing but was written to look as if: most of a whole chat was not."""
        return not self.wanted and not self.quiet and not self.chat


class Both(msgspec.Struct, frozen=True):
    """A message, and what the rules alone and both readers call it."""

    one: Scored
    called: tuple[frozenset[Kind], frozenset[Kind]]


# --- thresholds ------------------------------------------------------------------------------------------------------


def judged(told: Sequence[Scored]) -> About:
    """Calibration and thresholds, from scores by trainings that had not seen the author."""
    scores, wanted = np.array([one.scores for one in told]), _flags(told, lambda one: one.wanted)
    slopes = [calibrated(scores[:, n], wanted[:, n]) for n in range(len(KINDS))]
    told = undenied(told, dict(zip(KINDS, slopes, strict=True)))
    chances = np.stack([1 / (1 + np.exp(-(slope * scores[:, n] + offset))) for n, (slope, offset) in enumerate(slopes)], axis=1)
    likely = _thresholds(told, chances, slopes, 1.0)
    doubted = _doubted_below(told, chances, likely)
    about = About(
        KINDS,
        REASONS,
        slopes=dict(zip(KINDS, slopes, strict=True)),
        likely=likely,
        hint=_thresholds(told, chances, slopes, HINTED),
        doubted={
            kind: likely[kind] if kind is Kind.CRISIS else min(likely[kind], _score(doubted, *slope))
            for kind, slope in zip(KINDS, slopes, strict=True)
        },
        disputed={kind: min(likely[kind], _score(DISPUTED, *slope)) for kind, slope in zip(KINDS, slopes, strict=True)},
        denied={kind: min(likely[kind], _score(DENIED, *slope)) for kind, slope in zip(KINDS, slopes, strict=True)},
        gathered=1.0,
        made=f"{len(told)} messages by {len({one.author for one in told})} authors",
    )
    return msgspec.structs.replace(about, gathered=_gathered_from(told, about))


def undenied(told: Iterable[Scored], slopes: Mapping[Kind, tuple[float, float]]) -> list[Scored]:
    """The messages with all settled that is sure or agreed and stands, once it is known what scores mean."""

    def stands(one: Scored, kinds: frozenset[Kind], least: float) -> frozenset[Kind]:
        scores, pair = dict(zip(KINDS, one.scores, strict=True)), beside(one.ruled)
        left = {kind for kind in kinds | pair if chance(scores[kind], *slopes[kind]) >= least}
        return kinds & (left | pair if left & pair else left)

    def settled(one: Scored) -> Scored:
        kinds = one.settled | stands(one, one.sure, DENIED) | stands(one, one.agreed, DISPUTED)
        return msgspec.structs.replace(one, settled=kinds, sure=frozenset(), agreed=frozenset())

    return [settled(one) if one.sure or one.agreed else one for one in told]


def _gathered_from(told: Sequence[Scored], about: About) -> float:
    """How much must gather, so that it comes to something in few harmless conversations."""
    quiet = [talk for talk in conversations(told) if all(one.quiet and not together(one, about) for one in talk)]
    return float(np.quantile([most_gathered(talk, about) for talk in quiet], 1 - IN_STEPS)) if quiet else 1.0


def conversations(told: Sequence[Scored]) -> list[list[Scored]]:
    """Those messages that stand in whole conversations, by conversation."""
    talks: dict[str, list[Scored]] = {}
    for one in told:
        if one.chat:
            talks.setdefault(one.chat, []).append(one)
    return list(talks.values())


def most_gathered(talk: Sequence[Scored], about: About) -> float:
    """The most that gathers of any kind in the messages of one role."""
    sums: dict[str, dict[Kind, float]] = {}
    most = 0.0
    for one in talk:
        own = {kind: chance(score, *about.slopes[kind]) for kind, score in zip(KINDS, one.scores, strict=True)}
        sums[one.role] = gathered(sums.get(one.role, {}), worth_keeping(own))
        most = max(most, *sums[one.role].values(), 0.0)
    return most


def _thresholds(told: Sequence[Scored], chances: Floats, slopes: Sequence[tuple[float, float]], times: float) -> dict[Kind, float]:
    """One chance for all kinds but crisis, as low as the shares allow, and higher for a kind that would be wrong too often."""
    settled, wanted = _flags(told, lambda one: one.settled), _flags(told, lambda one: one.wanted)
    harmless, quiet = np.array([one.harmless for one in told]), np.array([one.quiet for one in told])
    crisis = np.array([kind is Kind.CRISIS for kind in KINDS])
    found = {}
    for kinds, share, of_talk in ((~crisis, FLAGGED, FLAGGED_TALK), (crisis, CRISIS_FLAGGED, CRISIS_FLAGGED_TALK)):
        highest = np.where(settled[:, kinds].any(axis=1), 0.0, chances[:, kinds].max(axis=1))
        common = max(np.quantile(highest[harmless], 1 - times * share), np.quantile(highest[quiet], 1 - times * of_talk))
        for n in np.flatnonzero(kinds).tolist():
            least = common if times > 1 else max(common, right_from(chances[:, n], wanted[:, n], common, right_of(KINDS[n])))
            found[KINDS[n]] = _score(least, *slopes[n])
    return found


def _doubted_below(told: Sequence[Scored], chances: Floats, likely: Mapping[Kind, float]) -> float:
    """The chance below which the rules' likely falls, so that both readers together stay within their shares."""
    settled, ruled = _flags(told, lambda one: one.settled), _flags(told, lambda one: one.ruled)
    above = np.array([[score >= likely[kind] for kind, score in zip(KINDS, one.scores, strict=True)] for one in told])
    matters = np.array([kind is not Kind.CRISIS for kind in KINDS])
    anyway = ((settled | above) & matters).any(axis=1)
    highest = np.where(ruled & matters, chances, 0.0).max(axis=1)
    least = DISPUTED
    for share, own in ((IN_ALL, [one.harmless for one in told]), (IN_ALL_TALK, [one.quiet for one in told])):
        left = int(share * sum(own)) - int(anyway[own].sum())
        rising = np.sort(highest[np.array(own) & ~anyway])[::-1]
        least = max(least, float(rising[max(0, left)]) + 1e-9)
    return min(least, 1 - 1e-6)


def _score(chance: float, slope: float, offset: float) -> float:
    """The score that stands for a chance."""
    return float((np.log(chance / (1 - chance)) - offset) / slope)


def right_of(kind: Kind) -> float:
    """How much of what is called so is to be right."""
    return {Kind.PRETEXT: RIGHT_REASON, Kind.CRISIS: RIGHT_CRISIS}.get(kind, RIGHT)


def right_from(chances: Floats, wanted: Flags, least: float, right: float) -> float:
    """From which chance on so much of what is called so is right."""
    order = np.argsort(-chances)
    order = order[chances[order] >= least]
    if not len(order):
        return least
    share = np.cumsum(wanted[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= right)
    return float(chances[order[enough[-1]]]) if len(enough) else 1 - 1e-6


def calibrated(scores: Floats, wanted: Flags) -> tuple[float, float]:
    """Slope and offset that make a score a probability (Platt 1999), by Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(50):
        chances = 1 / (1 + np.exp(-(slope * scores + offset)))
        error, weight = chances - wanted, chances * (1 - chances) + 1e-9
        gradient = np.array([(error * scores).sum() + 1e-3 * slope, error.sum()])
        curve = np.array([[(weight * scores * scores).sum() + 1e-3, (weight * scores).sum()], [(weight * scores).sum(), weight.sum()]])
        slope, offset = np.array([slope, offset]) - np.linalg.solve(curve, gradient)
    return float(slope), float(offset)


def _flags(told: Sequence[Scored], of: Callable[[Scored], frozenset[Kind]]) -> Flags:
    return np.array([[kind in of(one) for kind in KINDS] for one in told], bool)


# --- figures ---------------------------------------------------------------------------------------------------------


def together(one: Scored, about: About) -> frozenset[Kind]:
    """What both readers make of a message: what is settled, what the second one finds likely, and what it leaves of the rest."""
    scores = dict(zip(KINDS, one.scores, strict=True))
    likely = {kind for kind, score in scores.items() if score >= about.likely[kind]}
    left = {kind for kind in one.ruled if scores[kind] >= (about.denied if kind is Kind.CRISIS else about.doubted)[kind]}
    called = undenied([one], about.slopes)[0].settled | likely | left
    return called | likelier(about.log_odds(scores), dict(zip(MOVING, one.among, strict=True))) if called & MOVES else called


def figures(told: Sequence[Scored], about: About) -> Iterator[str]:
    """How it does on authors left out, line by line, the rules alone beside both."""
    told = undenied(told, about.slopes)
    seen = [Both(one, (one.ruled, together(one, about))) for one in told]
    yield "| kind | messages | rules: seen | right | both: seen | right |"
    yield "|---|---|---|---|---|---|"
    for kind in KINDS:
        wanted = sum(kind in one.wanted for one in told)
        cells = []
        for place in (0, 1):
            called = [row.one for row in seen if kind in row.called[place]]
            right = sum(kind in one.wanted for one in called)
            cells += [_share(right, wanted), _share(right, len(called))]
        yield f"| {kind} | {wanted} | {' | '.join(cells)} |"
    yield ""
    yield "| author left out | moves | rules: seen | both: seen | harmless | rules: flagged | both: flagged |"
    yield "|---|---|---|---|---|---|---|"
    for author in sorted({one.author for one in told}):
        own = [row for row in seen if row.one.author == author]
        yield f"| {author} | {_row(own)} |"
    yield f"| **look-alikes of all** | {_row([row for row in seen if not row.one.chat])} |"
    talk = [row for row in seen if row.one.quiet]
    flagged = [1000 * sum(bool(row.called[place] - {Kind.CRISIS}) for row in talk) / max(1, len(talk)) for place in (0, 1)]
    crisis = [sum(Kind.CRISIS in row.called[place] for row in talk) for place in (0, 1)]
    yield ""
    yield (
        f"Of 1000 messages of ordinary talk the rules flag {flagged[0]:.1f}, both {flagged[1]:.1f};"
        f" a crisis is seen in {crisis[0]} and {crisis[1]} of {len(talk)}."
    )
    yield ""
    yield _in_steps(conversations(told), about)


def _in_steps(talks: Sequence[Sequence[Scored]], about: About) -> str:
    wrong = [any(one.wanted for one in talk) for talk in talks]
    single = [any(_told(one, about) for one in talk) for talk in talks]
    added = [seen or most_gathered(talk, about) >= about.gathered for talk, seen in zip(talks, single, strict=True)]
    of_wrong, of_others = (sum(flag is so for flag in wrong) for so in (True, False))
    counts = [sum(seen and flag is so for seen, flag in zip(row, wrong, strict=True)) for so in (True, False) for row in (single, added)]
    return (
        f"Of {of_wrong} whole chats in which somebody oversteps or is in danger, something is seen in {counts[0]} by single messages and in"
        f" {counts[1]} with small chances added up; of {of_others} harmless ones in {counts[2]} and {counts[3]}."
        " A crisis that is only asked about does not count: nobody is warned of it."
    )


def _told(one: Scored, about: About) -> frozenset[Kind]:
    """What somebody is told of, and not asked about."""
    called, so = together(one, about), one.scores[KINDS.index(Kind.CRISIS)]
    firm = Kind.CRISIS in one.settled or (Kind.CRISIS in one.ruled and so >= about.doubted[Kind.CRISIS])
    return called if firm else called - {Kind.CRISIS}


def _row(rows: Sequence[Both]) -> str:
    moves, harmless = [row for row in rows if row.one.wanted & MOVES], [row for row in rows if not row.one.wanted]
    cells = [len(moves), *(_share(sum(bool(row.called[place] & MOVES) for row in moves), len(moves)) for place in (0, 1))]
    cells += [len(harmless), *(_share(sum(bool(row.called[place]) for row in harmless), len(harmless), 4) for place in (0, 1))]
    return " | ".join(map(str, cells))


def _share(part: int, whole: int, digits: int = 2) -> str:
    return f"{part / whole:.{digits}f}" if whole else "-"


def misses(told: Sequence[Scored], about: About, number: int) -> list[Scored]:
    """The misses that hurt most: of what neither reader saw anything in, that which seemed the least likely; of a kind not many."""
    missed = [one for one in told if one.wanted and not together(one, about)]
    missed.sort(key=lambda one: max(chance(one.scores[KINDS.index(kind)], *about.slopes[kind]) for kind in one.wanted))
    kept: list[Scored] = []
    for one in missed:
        if sum(bool(other.wanted & one.wanted) for other in kept) < number // 4:
            kept.append(one)
    return kept[:number]


def bins(told: Sequence[Scored], about: About, kinds: Sequence[Kind]) -> list[tuple[float, float, int]]:
    """For each tenth of chances: what was said on average, how often it was so, and of how many."""
    pairs = [(chance(one.scores[KINDS.index(kind)], *about.slopes[kind]), kind in one.wanted) for kind in kinds for one in told]
    tenths = [[pair for pair in pairs if min(BINS - 1, int(pair[0] * BINS)) == place] for place in range(BINS)]
    return [(sum(said for said, _ in tenth) / len(tenth), sum(so for _, so in tenth) / len(tenth), len(tenth)) for tenth in tenths if tenth]
