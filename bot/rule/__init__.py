"""Rules and cues: TOML files that carry their own proof, read into values. The path of a file is its kind and its name.

Files arrive as strings; ``bot/app.py`` reads them. An error names the file and what is wrong in it, and nothing is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, MutableMapping
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from bot.matchers import MATCHERS
from bot.model import Certainty, Kind, Reason, Role
from bot.rule.literals import Needs, PatternError
from bot.rule.ordinary import Ordinary
from bot.rule.pattern import Analyses, Pattern
from bot.rule.phrases import Phrase, Phrases

LEAST_EXAMPLES = 5
"""Every rule has at least so many hits, and so many misses."""

WORDS = "words.toml"
"""The file with the word lists that several cues use."""

_File = TypeVar("_File")

ORDINARY = "ordinary.txt"
"""A sample of ordinary talk, one message a line, beside the rules: it decides what the scan looks for, never what a rule means."""


class RuleError(ValueError):
    """A rule or cue file is wrong; the message names the file."""


# --- what a file says ------------------------------------------------------------------------------------------------

Chatline = str | list[str]
"""One message; or several that follow each other, of which the last is judged. ``other: ...`` is said by the other person."""


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is caught, what is left alone, and what is known to slip through."""

    hits: tuple[Chatline, ...]
    misses: tuple[Chatline, ...]
    blind_spots: tuple[Chatline, ...] = ()


class By(StrEnum):
    """Who must have said the cues of a rule."""

    SAME_MESSAGE = "same message"
    SAME_PERSON = "same person"
    OTHER_PERSON = "other person"
    ANYONE = "anyone"


class PhraseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cues that make another one where they stand near each other in one sentence, or where nothing around takes one back."""

    of: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """One of each, in this order: names of cues and sets, as in a rule."""
    gap: Annotated[int, msgspec.Meta(ge=0, le=240)] = 40
    ordered: bool = True
    between: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cue as it is written: patterns with their word lists, phrases of other cues, or a matcher by name."""

    about: str
    examples: Examples
    any: tuple[str, ...] = ()
    phrase: tuple[PhraseFile, ...] = ()
    words: dict[str, tuple[str, ...]] = {}
    matcher: str = msgspec.field(default="", name="with")
    everyday: bool = False
    """A turn of speech that stands in many ordinary messages: no phrase is looked for by it while something else goes with it."""


class WhenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition of a rule as it is written."""

    certainty: Certainty
    all: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    by: By = By.SAME_MESSAGE
    within: Annotated[int, msgspec.Meta(ge=0, le=40)] = 6
    near: Annotated[int, msgspec.Meta(ge=1)] | None = None
    none: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is written."""

    about: str
    why: str
    when: Annotated[tuple[WhenFile, ...], msgspec.Meta(min_length=1)]
    examples: Examples
    reason: Reason | None = None


class WordsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Word lists that several cues use; a list of the cue's own with the same name goes before."""

    words: dict[str, tuple[str, ...]]


class SetsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Named groups of cues; a name that ends in ``.*`` stands for every cue that begins so."""

    sets: dict[str, tuple[str, ...]]


# --- what is made of it ----------------------------------------------------------------------------------------------


class CueSpec(msgspec.Struct, frozen=True):
    """A cue ready to be spotted."""

    name: str
    patterns: tuple[Pattern, ...]
    matcher: str
    examples: Examples
    phrases: tuple[Phrase, ...] = ()
    everyday: bool = False

    @property
    def chance(self) -> float:
        """A rough share of ordinary messages in which it has to be looked for."""
        return sum(pattern.needs.chance for pattern in self.patterns)


class When(msgspec.Struct, frozen=True):
    """One condition: each group needs one of its cues; none of the exceptions may stand in the same sentence or message."""

    certainty: Certainty
    groups: tuple[frozenset[str], ...]
    by: By
    within: int
    none: frozenset[str]
    """None of these may stand in the same sentence."""
    roles: tuple[Role, ...]
    without: frozenset[str] = frozenset()
    """None of these may stand anywhere in the message."""
    near: int | None = None
    """All stand in one message, no more than so many characters from the first; anywhere in it without."""


class Rule(msgspec.Struct, frozen=True):
    """What to look for and why: the first condition that holds decides the certainty."""

    name: str
    kind: Kind
    reason: Reason | None
    why: str
    whens: tuple[When, ...]
    examples: Examples


class Rules(msgspec.Struct, frozen=True):
    """All that the rule files say."""

    cues: dict[str, CueSpec]
    rules: tuple[Rule, ...]

    def phrases(self) -> Phrases:
        """How cues are made of other cues."""
        return Phrases(phrase for cue in _made_last(self.cues) for phrase in self.cues[cue].phrases)

    def stones(self, group: frozenset[str]) -> frozenset[str]:
        """The cues to look for: without one of these none of a group can be there. Of a phrase it is the part that is seldom there."""
        stones: set[str] = set()
        for name in group:
            cue = self.cues[name]
            if cue.patterns or cue.matcher:
                stones.add(name)
            for phrase in cue.phrases:
                parts = [self.stones(part) for part in phrase.groups]
                rarest: frozenset[str] = min(parts, key=self._commonness)
                stones |= rarest
        return frozenset(stones)

    def _commonness(self, stones: frozenset[str]) -> tuple[bool, float, list[str]]:
        """How often one of these has to be looked for: what is everyday by its file is commoner than all else."""
        cues = [self.cues[stone] for stone in stones]
        return any(cue.everyday for cue in cues), sum(cue.chance for cue in cues), sorted(stones)


def read(files: Mapping[str, str], known: MutableMapping[bytes, Needs] | None = None) -> Rules:
    """Read rule files, from path below ``rules/`` to content. Raises ``RuleError`` and loads nothing if one is wrong.

    ``known``: what an earlier reading has found out of patterns, as ``Analyses`` takes it.
    """
    cues: dict[str, CueSpec] = {}
    sets: dict[str, tuple[str, ...]] = {}
    written: dict[str, RuleFile] = {}
    phrased: dict[str, CueFile] = {}
    analyses = Analyses(Ordinary(files.get(ORDINARY, "").splitlines()), {} if known is None else known)
    words = _decode(WORDS, files[WORDS], WordsFile).words if WORDS in files else {}
    for path, content in sorted(files.items()):
        if path in (ORDINARY, WORDS):
            continue
        if path == "sets.toml":
            sets = _decode(path, content, SetsFile).sets
        elif path.startswith("cues/"):
            file = _decode(path, content, CueFile)
            cue = _cue(path, file, words, analyses)
            cues[cue.name] = cue
            if file.phrase:
                phrased[path] = file
        else:
            written[path] = _decode(path, content, RuleFile)
    for path, file in phrased.items():
        name = _name_of(path)
        cues[name] = msgspec.structs.replace(cues[name], phrases=tuple(_phrase(path, one, cues, sets) for one in file.phrase))
    _made_last(cues)
    return Rules(cues, tuple(_rule(path, file, cues, sets) for path, file in written.items()))


def _decode(path: str, content: str, kind: type[_File]) -> _File:
    try:
        return msgspec.convert(tomllib.loads(content), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{path}: {error}") from error


def _cue(path: str, file: CueFile, words: Mapping[str, tuple[str, ...]], analyses: Analyses) -> CueSpec:
    name = _name_of(path)
    if bool(file.any or file.phrase) == bool(file.matcher):
        raise RuleError(f"{path}: a cue has either patterns (any), phrases ([[phrase]]) or both, or a matcher (with)")
    if file.matcher and file.matcher not in MATCHERS:
        raise RuleError(f"{path}: there is no matcher {file.matcher!r}; there are {', '.join(sorted(MATCHERS))}")
    patterns = tuple(_pattern(path, name, source, {**words, **file.words}, analyses) for source in file.any)
    return CueSpec(name, patterns, file.matcher, file.examples, everyday=file.everyday)


def _pattern(path: str, cue: str, source: str, words: Mapping[str, tuple[str, ...]], analyses: Analyses) -> Pattern:
    try:
        return Pattern(cue, source, words, analyses.of(source, words))
    except PatternError as error:
        raise RuleError(f"{path}: {error} in {source.strip()}") from error


def _name_of(path: str) -> str:
    return path.removeprefix("cues/").removesuffix(".toml")


def _phrase(path: str, file: PhraseFile, cues: Mapping[str, CueSpec], sets: Mapping[str, tuple[str, ...]]) -> Phrase:
    groups = tuple(_resolve(path, name, cues, sets) for name in file.of)
    between, none = (frozenset().union(*(_resolve(path, name, cues, sets) for name in names)) for names in (file.between, file.none))
    return Phrase(_name_of(path), groups, file.gap, file.ordered, between, none)


def _made_last(cues: Mapping[str, CueSpec]) -> list[str]:
    """The cues that have phrases, each behind those that it is made of. Raises ``RuleError`` if one is made of itself."""
    order: list[str] = []

    def visit(name: str, inside: tuple[str, ...]) -> None:
        if name in inside:
            raise RuleError(f"cues/{name}.toml: the cue is made of itself")
        if name in order or not cues[name].phrases:
            return
        for phrase in cues[name].phrases:
            for part in sorted(frozenset[str]().union(*phrase.groups, phrase.between, phrase.none)):
                visit(part, (*inside, name))
        order.append(name)

    for name in sorted(cues):
        visit(name, ())
    return order


def _rule(path: str, file: RuleFile, cues: Mapping[str, CueSpec], sets: Mapping[str, tuple[str, ...]]) -> Rule:
    folder = path.split("/", 1)[0]
    try:
        kind = Kind(folder)
    except ValueError:
        raise RuleError(f"{path}: {folder!r} is no kind of signal; there are {', '.join(Kind)}") from None
    if (kind is Kind.PRETEXT) != (file.reason is not None):
        raise RuleError(f"{path}: a pretext has a reason, and no other kind has one")
    for title, examples in (("hits", file.examples.hits), ("misses", file.examples.misses)):
        if len(examples) < LEAST_EXAMPLES:
            raise RuleError(f"{path}: {len(examples)} {title}; there must be {LEAST_EXAMPLES} or more")
    whens = tuple(_when(path, when, cues, sets) for when in file.when)
    return Rule(path.removesuffix(".toml"), kind, file.reason, file.why, whens, file.examples)


def _when(path: str, file: WhenFile, cues: Mapping[str, CueSpec], sets: Mapping[str, tuple[str, ...]]) -> When:
    groups = tuple(_resolve(path, name, cues, sets) for name in file.all)
    none, without = (frozenset().union(*(_resolve(path, name, cues, sets) for name in names)) for names in (file.none, file.without))
    if file.near is not None and file.by is not By.SAME_MESSAGE:
        raise RuleError(f"{path}: near is for what stands in the same message")
    return When(file.certainty, groups, file.by, file.within, none, file.roles, without, file.near)


def _resolve(
    path: str, name: str, cues: Mapping[str, CueSpec], sets: Mapping[str, tuple[str, ...]], inside: tuple[str, ...] = ()
) -> frozenset[str]:
    """The cues behind a name: a cue, a named set, or all that begin with ``prefix.``; several are joined by ``|``."""
    found: set[str] = set()
    for one in (part.strip() for part in name.split("|")):
        if one in inside:
            raise RuleError(f"{path}: the set {one!r} holds itself")
        if one in sets:
            found.update(*(_resolve(path, member, cues, sets, (*inside, one)) for member in sets[one]))
        elif one.endswith(".*"):
            found.update(cue for cue in cues if cue.startswith(one[:-1]))
        elif one in cues:
            found.add(one)
        else:
            raise RuleError(f"{path}: there is no cue and no set called {one!r}")
    if not found:
        raise RuleError(f"{path}: {name!r} stands for no cue at all")
    return frozenset(found)
