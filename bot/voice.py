"""The assistant's voice: a topic becomes a nudge for certain people, with its words filled in and its buttons signed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

import msgspec

from bot.links import Links, Press, button
from bot.matchers import Place
from bot.model import Action, ActionKind, Age, Audience, Chat, Cue, Nudge, Person, ReportReason, Signal, Tone
from bot.policy import DAY, Limits, Modes, Tell
from bot.prompts import DEFAULT_LOCALE, Prompt, Prompts, fill
from bot.reports import accused
from bot.spot import Scanner
from bot.text import fold, widen

PRESS_SECONDS = 30 * DAY
"""How long a button or a link can be pressed: many understand only later what happened to them."""
LONGEST_NAME = 24
MOST_HELPLINES = 2

MASK = "•••••"
"""What stands in place of a contact detail. Always as long, so that it tells nothing."""

REASONS: dict[str, ReportReason] = {
    "contact": ReportReason.ASKED_DETAILS,
    "personal": ReportReason.ASKED_DETAILS,
    "pretext": ReportReason.WANTS_TO_MOVE,
    "offsite": ReportReason.WANTS_TO_MOVE,
    "picture": ReportReason.PICTURES,
    "sexual": ReportReason.SEXUAL,
    "flirt": ReportReason.FLIRTING,
    "conduct": ReportReason.JUDGED,
    "pressing": ReportReason.WANTS_TO_MOVE,
    "again": ReportReason.WANTS_TO_MOVE,
    "refused": ReportReason.WANTS_TO_MOVE,
    "left": ReportReason.LEFT,
}
"""What a report is about when it comes from a nudge: the first word of the nudge's topic tells."""

_STATELESS = frozenset({ActionKind.LEARN, ActionKind.HELPLINE, ActionKind.LEAVE, ActionKind.BLOCK, ActionKind.TOGETHER, ActionKind.APPEAL})
"""What a page does by itself: no token."""


class Helpline(msgspec.Struct, frozen=True):
    """Somebody trained to talk to people in a crisis."""

    name: str
    number: str
    href: str
    countries: tuple[str, ...] = ()
    """Two letters each, in capitals; none means everywhere."""

    @property
    def label(self) -> str:
        """What stands on its button: a number is read and dialled, an address is only pressed."""
        return f"{self.name}: {self.number}" if self.href.startswith("tel:") else self.name


class Community(msgspec.Struct, frozen=True):
    """What the operator says of their community; numbers, modes and addresses only."""

    place: Place = Place()
    modes: Modes = Modes()
    limits: Limits = Limits()
    helplines: tuple[Helpline, ...] = ()
    base_url: str = ""
    """Where the assistant's pages are, without a slash at the end."""
    contact: str = ""
    """How the people who run the site can be reached: an address, to be read."""
    together: str = ""
    """Link to a way in which people who have grown close can stay in touch on the site itself, if the host has one."""
    usual_time: str = "within a day"
    """How long a report or a call usually waits until a person sees it."""
    canary: str | None = None
    """Who says exactly this hears, alone, that the assistant is there."""
    covers: bool = True
    """Whether the chat can cover and hold messages; where it cannot, nobody is told that it did."""

    def helplines_for(self, locale: str) -> tuple[Helpline, ...]:
        """Those of the person's country, then those for everywhere; all if that leaves none, for a wrong one beats none at all.

        Where a locale names no country, the community's first region stands in for it.
        """
        country = country_of(locale) or next(iter(self.place.regions), "")
        own = tuple(line for line in self.helplines if country in line.countries)
        return (*own, *(line for line in self.helplines if not line.countries)) or self.helplines


def country_of(locale: str) -> str:
    """``GB`` of ``en-GB`` or ``en_GB.UTF-8``; nothing of ``en``."""
    found = _COUNTRY.search(locale)
    return found[1].upper() if found else ""


_COUNTRY = re.compile(r"[-_]([A-Za-z]{2})(?![A-Za-z0-9])")


class Voice:
    """Puts topics into words; says nothing by itself."""

    def __init__(self, prompts: Prompts, links: Links, scanner: Scanner, community: Community) -> None:
        """Take the prompts, what signs the buttons, and what reads display names."""
        self._prompts = prompts
        self._links = links
        self._scanner = scanner
        self._community = community

    def render(
        self, tells: tuple[Tell, ...], chat: Chat, author: Person, now: float, rng: Random, message: str | None = None
    ) -> tuple[Nudge, ...]:
        """The nudges for what policy wants told about one message."""
        said = (self.say(tell.topic, tell.audience, tell.to, chat, now, rng, author.id, message, rule=tell.rule) for tell in tells)
        return tuple(nudge for nudges in said for nudge in nudges)

    def say(
        self,
        topic: str,
        audience: Audience,
        to: tuple[Person, ...],
        chat: Chat,
        now: float,
        rng: Random,
        author: str = "",
        message: str | None = None,
        turn: int | None = None,
        without: frozenset[ActionKind] = frozenset(),
        rule: str = "",
    ) -> tuple[Nudge, ...]:
        """One nudge for each person, since each has buttons of their own; a room reminder is one for all.

        ``turn`` says whose turn it is among the wordings; without it chance does. ``without`` leaves buttons out. ``rule`` is behind it.
        """
        shared = audience is Audience.ROOM
        nudges = []
        for person in to[:1] if shared else to:
            prompt = self._pick(topic, audience, person)
            if prompt is None:
                continue
            other = chat.person(author) if author != person.id else next(iter(chat.others(person.id)), None)
            nudge = f"n{rng.getrandbits(64):016x}"
            filled = fill(prompt, self._values(prompt, person, other), rng.getrandbits(16) if turn is None else turn)
            about = author if author and author != person.id else accused(chat, person.id)
            press = Press(
                act=ActionKind.DISMISS,
                nudge=nudge,
                chat=chat.id,
                by=person.id,
                until=now + PRESS_SECONDS,
                about=about,
                topic=topic,
                reason=_reason(topic),
                message=message or "",
                audience=audience,
                mark=self._links.mark(nudge, rule),
            )
            kept = prompt.front.kept or self._prompts.label(audience, prompt.locale)
            nudges.append(
                Nudge(
                    id=nudge,
                    chat=chat.id,
                    to=tuple(one.id for one in to) if shared else (person.id,),
                    audience=audience,
                    prompt=prompt.path,
                    tone=prompt.front.tone,
                    title=filled.title,
                    html=filled.html,
                    text=filled.text,
                    why=f"{prompt.front.why} {kept}",
                    privacy=f"{self._community.base_url}/privacy",
                    actions=() if shared else self._actions(prompt, press, person, without),
                    locale=prompt.locale,
                    message=message,
                    words=self._prompts.widget(prompt.locale),
                    rule=rule,
                )
            )
        return tuple(nudges)

    def edition(self, topic: str, audience: Audience, person: Person) -> str:
        """Which edition of the words this person would get; nothing if there are none."""
        prompt = self._pick(topic, audience, person)
        return "" if prompt is None else prompt.edition

    def _pick(self, topic: str, audience: Audience, person: Person) -> Prompt | None:
        """Who is known to be an adult reads the plain words; everybody else those that are right for a teen too."""
        return self._prompts.pick(topic, audience, person.role, teen=_may_be_teen(person), locale=person.locale)

    def _values(self, prompt: Prompt, person: Person, other: Person | None) -> dict[str, object]:
        """What this prompt has filled in: of most, nothing."""
        if not prompt.front.sample:
            return {}
        community = self._community
        return {
            "other": self.spoken_name(other, person.locale),
            "helplines": community.helplines_for(person.locale),
            "contact": community.contact,
            "usual_time": community.usual_time,
        }

    def _actions(self, prompt: Prompt, press: Press, person: Person, without: frozenset[ActionKind]) -> tuple[Action, ...]:
        """The buttons of a nudge, under one signature. A report is a link outside the chat as well."""
        front, base = prompt.front, self._community.base_url
        kinds = tuple(kind for kind in front.actions if kind not in without)
        signed = self._links.buttons(press, (kind for kind in kinds if kind not in _STATELESS))
        actions: list[Action] = []
        for kind in kinds:
            label = self._prompts.label(kind, person.locale)
            match kind:
                case ActionKind.HELPLINE:
                    most = MOST_HELPLINES if front.page or front.tone is Tone.URGENT else 1
                    lines = self._community.helplines_for(person.locale)[:most]
                    actions += (Action(line.label, kind, href=line.href) for line in lines)
                    actions += () if lines else (Action(label, kind, href=f"{base}/help"),)
                case ActionKind.LEARN:
                    actions.append(Action(label, kind, href=f"{base}/help"))
                case ActionKind.TOGETHER:
                    actions += (Action(label, kind, href=self._community.together),) if self._community.together else ()
                case ActionKind.LEAVE | ActionKind.BLOCK:
                    actions.append(Action(label, kind))
                case ActionKind.REPORT:
                    for situation in front.situations or (None,):
                        token = button(signed, kind, situation)
                        named = label if situation is None else self._prompts.label(situation, person.locale, teen=_may_be_teen(person))
                        actions.append(Action(named, kind, token, f"{base}/report/{token}"))
                case _:
                    actions.append(Action(label, kind, button(signed, kind)))
        return tuple(actions)

    def spoken_name(self, person: Person | None, locale: str = DEFAULT_LOCALE) -> str:
        """A display name if it is nothing but a name; it must not carry a number, a link or an advance."""
        name = "" if person is None else person.name.strip()
        harmless = name and len(name) <= LONGEST_NAME and sum(letter.isdigit() for letter in name) <= 2  # noqa: PLR2004 -- as in a year of birth
        return name if harmless and not self._scanner.spot(fold(name), self._community.place).cues else self._prompts.label("other", locale)


def masked(text: str, signals: Iterable[Signal | Cue]) -> str:
    """The message with a mask in place of every span, widened to whole characters as people see them."""
    spans = sorted(widen(text, signal.start, signal.end) for signal in signals if signal.start is not None and signal.end is not None)
    out: list[str] = []
    done = 0
    for start, end in spans:
        if end <= done:
            continue
        if start >= done:
            out += [text[done:start], MASK]
        done = end
    return "".join([*out, text[done:]])


def _may_be_teen(person: Person) -> bool:
    return person.age is not Age.ADULT


def _reason(topic: str) -> ReportReason:
    return REASONS.get(topic.split(".", 1)[0], ReportReason.OTHER)
