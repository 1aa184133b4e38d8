"""The assistant's voice: a topic becomes a nudge for certain people, with its words filled in and its buttons signed."""

from __future__ import annotations

from random import Random

import msgspec

from bot.cases import accused
from bot.links import Links, Press
from bot.matchers import Place
from bot.memory import DAY
from bot.model import Action, ActionKind, Age, Audience, Chat, Nudge, Person, ReportReason, Signal
from bot.policy import Modes, Tell
from bot.prompts import Prompts, fill
from bot.spot import Scanner
from bot.text import fold, widen

PRESS_SECONDS = 30 * DAY
"""How long a button or a link can be pressed: many understand only later what happened to them."""
LONGEST_NAME = 24

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
}
"""What a report is about when it comes from a nudge: the first word of the nudge's topic tells."""

LABELS: dict[ActionKind, str] = {
    ActionKind.REPORT: "Report to a moderator",
    ActionKind.REFER: "Refer this chat",
    ActionKind.LEAVE: "Leave this chat",
    ActionKind.BLOCK: "Block",
    ActionKind.LEARN: "Learn more",
    ActionKind.HELPLINE: "Helpline",
    ActionKind.DISMISS: "Got it",
    ActionKind.WRONG: "This was wrong",
    ActionKind.UNDO: "Undo",
}
_STATELESS = frozenset({ActionKind.LEARN, ActionKind.HELPLINE, ActionKind.LEAVE, ActionKind.BLOCK})


class Helpline(msgspec.Struct, frozen=True):
    """Somebody trained to talk to people in a crisis."""

    name: str
    number: str
    href: str


class Community(msgspec.Struct, frozen=True):
    """What the operator says of their community; numbers, modes and addresses only."""

    place: Place = Place()
    modes: Modes = Modes()
    helplines: tuple[Helpline, ...] = ()
    base_url: str = ""
    """Where the assistant's pages are, without a slash at the end."""


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
        said = (self.say(tell.topic, tell.audience, tell.to, chat, now, rng, author.id, message) for tell in tells)
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
    ) -> tuple[Nudge, ...]:
        """One nudge for each person, since each has buttons of their own; a room reminder is one for all."""
        shared = audience is Audience.ROOM
        nudges = []
        for person in to[:1] if shared else to:
            # Who is known to be an adult reads the plain words; everybody else those that are right for a teen too.
            prompt = self._prompts.pick(topic, audience, person.role, teen=person.age is not Age.ADULT, locale=person.locale)
            if prompt is None:
                continue
            other = chat.person(author) if author != person.id else next(iter(chat.others(person.id)), None)
            filled = fill(prompt, {"other": self.spoken_name(other), "helplines": self._community.helplines})
            nudge = f"n{rng.getrandbits(64):016x}"
            about = author if author and author != person.id else accused(chat, person.id)
            press = Press(ActionKind.DISMISS, nudge, chat.id, person.id, now + PRESS_SECONDS, about, topic, _reason(topic))
            actions = () if shared else tuple(self._action(kind, press) for kind in prompt.front.actions)
            nudges.append(
                Nudge(
                    id=nudge,
                    chat=chat.id,
                    to=tuple(one.id for one in to) if shared else (person.id,),
                    audience=audience,
                    prompt=prompt.path,
                    tone=prompt.front.tone,
                    title=prompt.front.title,
                    html=filled.html,
                    text=filled.text,
                    why=prompt.front.why,
                    actions=actions,
                    locale=prompt.locale,
                    message=message,
                )
            )
        return tuple(nudges)

    def _action(self, kind: ActionKind, press: Press) -> Action:
        """One button. What files or counts carries a token; a report is a link outside the chat as well."""
        base = self._community.base_url
        label = LABELS[kind]
        if kind is ActionKind.HELPLINE:
            lines = self._community.helplines
            return (
                Action(f"{lines[0].name}: {lines[0].number}", kind, href=lines[0].href)
                if lines
                else Action(label, kind, href=f"{base}/help")
            )
        if kind is ActionKind.LEARN:
            return Action(label, kind, href=f"{base}/help")
        if kind in _STATELESS:
            return Action(label, kind)
        token = self._links.sign(msgspec.structs.replace(press, act=kind))
        return Action(label, kind, token, f"{base}/report/{token}" if kind is ActionKind.REPORT else None)

    def spoken_name(self, person: Person | None) -> str:
        """A display name if it is nothing but a name; it must not carry a number, a link or an advance."""
        name = "" if person is None else person.name.strip()
        harmless = name and len(name) <= LONGEST_NAME and sum(letter.isdigit() for letter in name) <= 2  # noqa: PLR2004 -- as in a year of birth
        if not harmless or self._scanner.spot(fold(name), self._community.place).cues:
            return "the other person"
        return name


def masked(text: str, signals: tuple[Signal, ...]) -> str:
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


def _reason(topic: str) -> ReportReason:
    return REASONS.get(topic.split(".", 1)[0], ReportReason.OTHER)
