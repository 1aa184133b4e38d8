"""Rules and cues: TOML files that carry their own proof, read into values. The path of a file is its kind and its name.

Files arrive as strings; ``bot/app.py`` reads them. An error names the file and what is wrong in it, and nothing is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, TypeVar

import msgspec
import regex

from bot.matchers import MATCHERS
from bot.model import Certainty, Kind, Reason, Role
from bot.rule.literals import PatternError, expand, needs
from bot.rule.ordinary import Ordinary

LEAST_EXAMPLES = 5
"""Every rule has at least so many hits, and so many misses."""

_File = TypeVar("_File")

DETAIL = "detail"
"""A pattern may name the group that is the cue."""

ORDINARY = "ordinary.txt"
"""A sample of ordinary talk, one message a line, beside the rules: it decides what the scan looks for, never what a rule means."""

FLAGS = regex.VERBOSE | regex.VERSION0


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


class CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cue as it is written: patterns with their word lists, or a matcher by name."""

    about: str
    examples: Examples
    any: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = {}
    matcher: str = msgspec.field(default="", name="with")


class WhenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition of a rule as it is written."""

    certainty: Certainty
    all: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    by: By = By.SAME_MESSAGE
    within: Annotated[int, msgspec.Meta(ge=0, le=40)] = 6
    none: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is written."""

    about: str
    why: str
    when: Annotated[tuple[WhenFile, ...], msgspec.Meta(min_length=1)]
    examples: Examples
    reason: Reason | None = None


class SetsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Named groups of cues; a name that ends in ``.*`` stands for every cue that begins so."""

    sets: dict[str, tuple[str, ...]]


# --- what is made of it ----------------------------------------------------------------------------------------------


class Pattern:
    """One pattern of a cue, with what must stand in every match. Compiled when it is first used: all together take a second."""

    def __init__(self, cue: str, source: str, words: Mapping[str, tuple[str, ...]], ordinary: Ordinary) -> None:
        """Analyse it. Raises ``PatternError``."""
        self.cue = cue
        self.needs = needs(source, words, ordinary)
        self.group: str | int = DETAIL if f"(?P<{DETAIL}>" in source else 0
        """The group that is the cue."""
        self._source = source
        self._words = words

    @property
    def expanded(self) -> str:
        """The pattern with its word lists written out."""
        return expand(self._source, self._words)

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        """The pattern, ready to search. Raises ``regex.error``."""
        lists: dict[str, Any] = {name: list(listed) for name, listed in self._words.items()}
        return regex.compile(self._source, FLAGS, ignore_unused=True, **lists)


class CueSpec(msgspec.Struct, frozen=True):
    """A cue ready to be spotted."""

    name: str
    patterns: tuple[Pattern, ...]
    matcher: str
    examples: Examples

    @property
    def chance(self) -> float:
        """A rough share of ordinary messages in which it has to be looked for."""
        return sum(pattern.needs.chance for pattern in self.patterns)


class When(msgspec.Struct, frozen=True):
    """One condition: each group needs one of its cues; none of the exceptions may stand in the same sentence."""

    certainty: Certainty
    groups: tuple[frozenset[str], ...]
    by: By
    within: int
    none: frozenset[str]
    roles: tuple[Role, ...]


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


def read(files: Mapping[str, str]) -> Rules:
    """Read rule files, from path below ``rules/`` to content. Raises ``RuleError`` and loads nothing if one is wrong."""
    cues: dict[str, CueSpec] = {}
    sets: dict[str, tuple[str, ...]] = {}
    written: dict[str, RuleFile] = {}
    ordinary = Ordinary(files.get(ORDINARY, "").splitlines())
    for path, content in sorted(files.items()):
        if path == ORDINARY:
            continue
        if path == "sets.toml":
            sets = _decode(path, content, SetsFile).sets
        elif path.startswith("cues/"):
            cue = _cue(path, _decode(path, content, CueFile), ordinary)
            cues[cue.name] = cue
        else:
            written[path] = _decode(path, content, RuleFile)
    return Rules(cues, tuple(_rule(path, file, cues, sets) for path, file in written.items()))


def _decode(path: str, content: str, kind: type[_File]) -> _File:
    try:
        return msgspec.convert(tomllib.loads(content), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RuleError(f"{path}: {error}") from error


def _cue(path: str, file: CueFile, ordinary: Ordinary) -> CueSpec:
    name = path.removeprefix("cues/").removesuffix(".toml")
    if bool(file.any) == bool(file.matcher):
        raise RuleError(f"{path}: a cue has either patterns (any) or a matcher (with)")
    if file.matcher and file.matcher not in MATCHERS:
        raise RuleError(f"{path}: there is no matcher {file.matcher!r}; there are {', '.join(sorted(MATCHERS))}")
    patterns = tuple(_pattern(path, name, source, file.words, ordinary) for source in file.any)
    return CueSpec(name, patterns, file.matcher, file.examples)


def _pattern(path: str, cue: str, source: str, words: Mapping[str, tuple[str, ...]], ordinary: Ordinary) -> Pattern:
    try:
        return Pattern(cue, source, words, ordinary)
    except PatternError as error:
        raise RuleError(f"{path}: {error} in {source.strip()}") from error


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
    none = frozenset().union(*(_resolve(path, name, cues, sets) for name in file.none))
    return When(file.certainty, groups, file.by, file.within, none, file.roles)


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
