"""The assistant's words: one file for each topic and audience, found by who hears it, filled in, and made safe for a page.

A file can hold several wordings that say the same, since a warning seen twice is a warning no longer read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec
import nh3
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.model import ActionKind, Audience, ReportReason, Role, Tone

DEFAULT_LOCALE = "en"
LONGEST = 320
"""Characters of a nudge's text."""
LONGEST_PAGE = 3_000
"""Characters of a text that people open to read it, such as the safety panel."""
LABELS = "labels.toml"
REMEMBERED = 4_096
"""So many answers to what was sought are kept."""


class PromptError(ValueError):
    """A prompt file is wrong; the message names the file."""


class Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands between the ``+++`` lines of a prompt file."""

    title: str
    tone: Tone
    why: str
    actions: tuple[ActionKind, ...] = ()
    kept: str = ""
    """Who sees it and what is kept of it, if that is not what the labels say of its audience."""
    page: bool = False
    """Whether it is opened to be read, and so may be long."""
    situations: tuple[ReportReason, ...] = ()
    """Reasons for a report that have a button each."""
    sample: dict[str, Any] = {}


class Filled(msgspec.Struct, frozen=True, gc=False):
    """A prompt's words, the body as HTML and as plain text."""

    title: str
    html: str
    text: str


class Wording(msgspec.Struct, frozen=True):
    """One way to say it."""

    title: str
    body: Template
    fixed: Filled | None = None
    """The words as they are, if nothing is filled in: so it is with most, and they are made once."""


class Prompt(msgspec.Struct, frozen=True):
    """One prompt, ready to be filled in."""

    path: str
    """``<topic>/<file>`` without locale and ending."""
    locale: str
    front: Front
    wordings: tuple[Wording, ...]
    edition: str
    """Another one as soon as anything in the file is changed."""


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Short words of one language, from its ``labels.toml``."""

    buttons: dict[ActionKind, str] = {}
    reasons: dict[ReportReason, str] = {}
    reasons_for_teens: dict[ReportReason, str] = {}
    kept: dict[Audience, str] = {}
    names: dict[str, str] = {}
    refusals: dict[str, str] = {}
    widget: dict[str, str] = {}

    def of(self, what: ActionKind | ReportReason | Audience | str, *, teen: bool) -> str | None:
        """What stands for something, if it is in here."""
        match what:
            case ActionKind():
                return self.buttons.get(what)
            case ReportReason():
                return (self.reasons_for_teens.get(what) if teen else None) or self.reasons.get(what)
            case Audience():
                return self.kept.get(what)
            case _:
                return self.refusals.get(what) or self.names.get(what)


_FRONT = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", re.DOTALL)
_NEXT = re.compile(r"^\+\+\+(?: +(\S.*?))? *$\n?", re.MULTILINE)
"""A line ``+++`` begins another wording; what stands behind it is the title of that one."""
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:/@])")


def _escaped(value: object) -> object:
    """A value as Markdown shows it to the letter: a name can be neither a link nor bold."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", value) if isinstance(value, str) else value


class Prompts:
    """All prompts of all locales. Built once from the files' contents."""

    def __init__(self, *folders: Mapping[str, str]) -> None:
        """Read the files of each folder, from path to content; a later one is laid over those before it. Raises ``PromptError``."""
        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=_escaped, autoescape=False)
        self._prompts: dict[str, Prompt] = {}
        self._labels: dict[str, list[Labels]] = {}
        for files in folders:
            for path, content in files.items():
                if path.endswith(LABELS):
                    self._labels.setdefault(path.split("/", 1)[0], []).insert(0, _labels(path, content))
                else:
                    self._prompts[path.removesuffix(".md")] = _prompt(path, content, environment)
        self._locales = frozenset(path.split("/", 1)[0] for path in self._prompts)
        # What is sought for one nudge is sought again for the next.
        self.pick = lru_cache(maxsize=REMEMBERED)(self._pick)
        self.label = lru_cache(maxsize=REMEMBERED)(self._label)
        self.widget = lru_cache(maxsize=REMEMBERED)(self._widget)

    def __iter__(self) -> Iterator[Prompt]:
        """Every prompt there is."""
        return iter(self._prompts.values())

    def _label(self, what: ActionKind | ReportReason | Audience | str, locale: str = DEFAULT_LOCALE, *, teen: bool = False) -> str:
        """The short words for a button, a reason, what is kept of a note, or a refusal; if nobody wrote any, its own name."""
        labels = (one for language in _languages(locale) for one in self._labels.get(language, ()))
        return next((found for one in labels if (found := one.of(what, teen=teen))), str(what))

    def _widget(self, locale: str = DEFAULT_LOCALE) -> dict[str, str]:
        """The words around a nudge, each in the nearest language that has it."""
        languages = reversed([one for language in _languages(locale) for one in self._labels.get(language, ())])
        return {name: words for one in languages for name, words in one.widget.items()}

    def _pick(self, topic: str, audience: Audience, role: Role, *, teen: bool, locale: str = DEFAULT_LOCALE) -> Prompt | None:
        """The most exact prompt for one reader: their language and topic first, then their role and age."""
        side = "member" if role in (Role.MEMBER, Role.GUEST) else "listener"
        ages = (".teen", "") if teen else ("",)
        for language in _languages(locale):
            if language not in self._locales:
                continue
            for name in _broader(topic):
                for part in (f".{side}", ""):
                    for age in ages:
                        found = self._prompts.get(f"{language}/{name}/{audience}{part}{age}")
                        if found is not None:
                            return found
        return None

    def topics(self, prefix: str) -> tuple[str, ...]:
        """What comes after ``prefix.`` among the topics, sorted: the rules that a room can be reminded of."""
        starts = f"{prefix}."
        names = {prompt.path.split("/", 1)[0] for prompt in self._prompts.values()}
        return tuple(sorted(name.removeprefix(starts) for name in names if name.startswith(starts)))


def fill(prompt: Prompt, values: Mapping[str, object], turn: int = 0) -> Filled:
    """The words with the values in them. Whose turn it is among the wordings is up to the caller, and any number will do."""
    wording = prompt.wordings[turn % len(prompt.wordings)]
    if wording.fixed is not None:
        return wording.fixed
    return _rendered(wording.title, wording.body.render(values).strip())


@lru_cache(maxsize=1024)
def _rendered(title: str, markdown: str) -> Filled:
    tokens = _MARKDOWN.parse(markdown)
    html = nh3.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}), tags=_TAGS)
    return Filled(title, html.strip(), _as_text(tokens))


_TAGS = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "br"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["link", "autolink", "image", "html_block", "html_inline", "code", "fence"])


def _as_text(tokens: list[Token]) -> str:
    """The same words without any marks, a line for each paragraph."""
    lines = []
    bullet = ""
    for token in tokens:
        if token.type == "list_item_open":
            bullet = "- "
        if token.type == "inline":
            words = (" " if child.type == "softbreak" else child.content for child in token.children or ())
            lines.append(bullet + "".join(words))
            bullet = ""
    return "\n".join(lines)


def _languages(locale: str) -> tuple[str, ...]:
    """``pt-BR`` itself, then ``pt``, then English."""
    return tuple(dict.fromkeys((locale, locale.split("-", 1)[0], DEFAULT_LOCALE)))


def _broader(topic: str) -> list[str]:
    """``pretext.battery`` itself, then ``pretext``."""
    parts = topic.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _prompt(path: str, content: str, environment: ImmutableSandboxedEnvironment) -> Prompt:
    parts = path.removesuffix(".md").split("/", 1)
    found = _FRONT.fullmatch(content.replace("\r\n", "\n"))
    if len(parts) != 2 or found is None:  # noqa: PLR2004 -- locale and rest
        raise PromptError(f"{path}: a prompt is <locale>/<topic>/<audience>.md and begins with a part between two +++ lines")
    try:
        front = msgspec.convert(tomllib.loads(found.group(1)), Front)
        # The first wording has the title of the front; each further one may bring its own.
        first, *more = _NEXT.split(found.group(2))
        said = ((front.title, first), *((title or front.title, body) for title, body in zip(more[::2], more[1::2], strict=True)))
        wordings = tuple(_wording(title, environment.from_string(body), front.sample) for title, body in said)
        prompt = Prompt(parts[1], parts[0], front, wordings, sha256(content.encode()).hexdigest()[:8])
        longest = max(len(fill(prompt, front.sample, turn).text) for turn in range(len(wordings)))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, TemplateError) as error:
        raise PromptError(f"{path}: {error}") from error
    most = LONGEST_PAGE if front.page else LONGEST
    if longest > most:
        raise PromptError(f"{path}: {longest} characters with the sample; there is room for {most}")
    return prompt


def _wording(title: str, body: Template, sample: Mapping[str, object]) -> Wording:
    """Whatever a body uses is sampled, so one without a sample is always the same."""
    return Wording(title, body, None if sample else _rendered(title, body.render().strip()))


def _labels(path: str, content: str) -> Labels:
    try:
        return msgspec.convert(tomllib.loads(content), Labels)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PromptError(f"{path}: {error}") from error
