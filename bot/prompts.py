"""The assistant's words: one file for each topic and audience, found by who hears it, filled in, and made safe for a page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import nh3
from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.model import ActionKind, Audience, Role, Tone

DEFAULT_LOCALE = "en"
LONGEST = 320
"""Characters of a nudge's text."""


class PromptError(ValueError):
    """A prompt file is wrong; the message names the file."""


class Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands between the ``+++`` lines of a prompt file."""

    title: str
    tone: Tone
    why: str
    actions: tuple[ActionKind, ...] = ()
    sample: dict[str, Any] = {}


class Prompt(msgspec.Struct, frozen=True):
    """One prompt, ready to be filled in."""

    path: str
    """``<topic>/<file>`` without locale and ending."""
    locale: str
    front: Front
    body: Template


class Filled(msgspec.Struct, frozen=True, gc=False):
    """A prompt's words as HTML and as plain text."""

    html: str
    text: str


_FRONT = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", re.DOTALL)
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:/@])")


def _escaped(value: object) -> object:
    """A value as Markdown shows it to the letter: a name can be neither a link nor bold."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", value) if isinstance(value, str) else value


class Prompts:
    """All prompts of all locales. Built once from the files' contents."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Read the files, from path below ``prompts/`` to content. Raises ``PromptError``."""
        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, finalize=_escaped, autoescape=False)
        self._prompts = {path.removesuffix(".md"): _prompt(path, content, environment) for path, content in files.items()}
        self._locales = frozenset(path.split("/", 1)[0] for path in self._prompts)

    def __iter__(self) -> Any:  # noqa: ANN401 -- an iterator of prompts
        """Every prompt there is."""
        return iter(self._prompts.values())

    def pick(self, topic: str, audience: Audience, role: Role, *, teen: bool, locale: str = DEFAULT_LOCALE) -> Prompt | None:
        """The most exact prompt for one reader: their language and topic first, then their role and age."""
        side = "member" if role in (Role.MEMBER, Role.GUEST) else "listener"
        ages = (".teen", "") if teen else ("",)
        for language in dict.fromkeys((locale, locale.split("-", 1)[0], DEFAULT_LOCALE)):
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


def fill(prompt: Prompt, values: Mapping[str, object]) -> Filled:
    """The words with the values in them."""
    return _rendered(prompt.body.render(values).strip())


@lru_cache(maxsize=1024)
def _rendered(markdown: str) -> Filled:
    tokens = _MARKDOWN.parse(markdown)
    html = nh3.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}), tags=_TAGS)
    return Filled(html.strip(), _as_text(tokens))


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
        body = environment.from_string(found.group(2))
        prompt = Prompt(parts[1], parts[0], front, body)
        filled = fill(prompt, front.sample)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, TemplateError) as error:
        raise PromptError(f"{path}: {error}") from error
    if len(filled.text) > LONGEST:
        raise PromptError(f"{path}: {len(filled.text)} characters with the sample; a nudge has at most {LONGEST}")
    return prompt
