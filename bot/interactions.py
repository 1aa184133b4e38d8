"""What people do with commands and buttons: the rules, the panel, a call for a moderator, a report, a referral.

Every method answers one event, as ``hear`` does.
"""

from __future__ import annotations

from random import Random

import msgspec

from bot.links import LinkError, Links, Press
from bot.memory import put_away
from bot.model import (
    ActionKind,
    Answer,
    Audience,
    Chat,
    ChatKind,
    Command,
    Heard,
    Nudge,
    People,
    Person,
    PersonMemory,
    Pressed,
    Referral,
    Report,
    ReportReason,
    Role,
    Sent,
)
from bot.policy import MINUTE
from bot.prompts import Prompts
from bot.reports import accused, evidence_of, goes_first, number, set_apart, subject
from bot.voice import Voice

UNDO_SECONDS = MINUTE
REMIND_SECONDS = MINUTE
"""A room hears the same reminder once in this time."""
LONGEST_WORDS = 2_000


class Interactions:
    """Answers commands and buttons; remembers nothing itself."""

    def __init__(self, voice: Voice, prompts: Prompts, links: Links) -> None:
        """Take what speaks, what can be said, and what reads a button's token."""
        self._voice = voice
        self._prompts = prompts
        self._links = links

    # --- commands ----------------------------------------------------------------------------------------------------

    def command(self, command: Command, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody typed a command: they alone are answered, reminders and calls aside."""
        author = chat.person(command.author)
        if author is None:
            return Answer(error=self._prompts.label("not_here")), chat, people
        word, _, rest = command.text.strip().partition(" ")
        match word:
            case "/rules":
                return self._rules(rest.strip(), author, chat, now, rng), chat, people
            case "/safety":
                return Answer(nudges=self._panel(author, people.get(author.id, PersonMemory()), chat, now, rng)), chat, people
            case "/remind":
                return self._remind(rest.strip(), author, chat, people, now, rng)
            case "/mod":
                return self._call_moderator(command.id, rest.strip(), author, chat, people, now, rng)
            case _:
                return self._refused("unknown", author), chat, people

    def _rules(self, number: str, author: Person, chat: Chat, now: float, rng: Random) -> Answer:
        """All of them in short, or one with its reason; words behind the command that are no number are passed over."""
        topic = f"rules.{number}" if number.isdecimal() else "rules"
        numbers = self._prompts.topics("rules")
        if topic != "rules" and number not in numbers:
            return self._refused("rules", author, numbers)
        return Answer(nudges=self._voice.say(topic, Audience.TO_SENDER, (author,), chat, now, rng))

    def _panel(self, person: Person, memory: PersonMemory, chat: Chat, now: float, rng: Random) -> tuple[Nudge, ...]:
        """What one may expect and do here; who has put the early tip away can bring it back from here, and only they."""
        without = frozenset({ActionKind.PUT_AWAY if memory.put_away else ActionKind.BRING_BACK})
        return self._voice.say("panel", Audience.TO_SENDER, (person,), chat, now, rng, without=without)

    def _refused(self, why: str, person: Person, choices: tuple[str, ...] = ()) -> Answer:
        """Nothing was done, and why."""
        words = self._prompts.label(why, person.locale)
        return Answer(error=f"{words} {', '.join(choices)}." if choices else words)

    def _remind(self, topic: str, author: Person, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        topics = self._prompts.topics("remind")
        if author.role is not Role.MODERATOR:
            return self._refused("moderators_only", author), chat, people
        if topic not in topics:
            return self._refused("reminders", author, topics), chat, people
        if now - chat.memory.reminded.get(topic, -REMIND_SECONDS) < REMIND_SECONDS:
            return self._refused("reminded", author), chat, people
        nudges = self._voice.say(f"remind.{topic}", Audience.ROOM, chat.people, chat, now, rng)
        memory = msgspec.structs.replace(chat.memory, reminded={**chat.memory.reminded, topic: now})
        return Answer(nudges=nudges), msgspec.structs.replace(chat, memory=memory), people

    def _call_moderator(self, key: str, why: str, author: Person, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """A call is a report about the room as well: it waits at the desk if no moderator is around."""
        moderators = tuple(person for person in chat.others(author.id) if person.role is Role.MODERATOR)
        nudges = (
            *self._voice.say("mod" if moderators else "mod.later", Audience.TO_SENDER, (author,), chat, now, rng),
            *self._voice.say("mod", Audience.MODERATORS, moderators, chat, now, rng),
        )
        about = f"chat:{chat.id}" if chat.kind is ChatKind.ROOM else accused(chat, author.id)
        report = _report(f"command {chat.id} {key} {author.id}", chat, author, about, ReportReason.OTHER, why, now, rng)
        return Answer(nudges=nudges, report=report), chat, people

    # --- buttons -----------------------------------------------------------------------------------------------------

    def pressed(self, pressed: Pressed, chat: Chat, people: People, now: float, rng: Random) -> Heard:
        """Somebody pressed a button, in the chat or as a link outside of it."""
        try:
            press = self._links.read(pressed.token, Press, now)
        except LinkError as error:
            return Answer(error=str(error)), chat, people
        if press.by != pressed.person:
            return Answer(error=self._prompts.label("not_yours")), chat, people
        person = chat.person(press.by) or Person(press.by, Role.MEMBER)
        memory = people.get(person.id, PersonMemory())
        answer = Answer()
        match press.act:
            case ActionKind.REPORT:
                reason = ReportReason(pressed.reason) if pressed.reason in set(ReportReason) else press.situation or press.reason
                # Where a card has a button for each situation, each of them is a report of its own.
                key = " ".join(filter(None, (press.nudge, press.by, press.situation)))
                report = _report(key, chat, person, press.about, reason, pressed.words, now, rng, pressed.sent)
                answer = Answer(report=report, nudges=self._thank("report.filed", person, press, chat, now, rng))
            case ActionKind.UNDO:
                answer = Answer(undo=press.nudge, nudges=self._thank("report.undone", person, press, chat, now, rng))
            case ActionKind.REFER:
                chat = msgspec.structs.replace(chat, memory=msgspec.structs.replace(chat.memory, referred=True))
                referral = Referral(f"{press.nudge} {press.by}", press.chat, press.by, now, press.topic)
                answer = Answer(referral=referral, nudges=self._thank("refer.done", person, press, chat, now, rng))
            case ActionKind.WRONG:
                memory = msgspec.structs.replace(memory, wrong={**memory.wrong, press.topic: memory.wrong.get(press.topic, 0) + 1})
                chat = put_away(chat, person.id, press.topic, now)
                answer = Answer(nudges=self._thank("wrong.noted", person, press, chat, now, rng))
            case ActionKind.DISMISS:
                memory = msgspec.structs.replace(memory, dismissed={**memory.dismissed, press.topic: now})
                chat = put_away(chat, person.id, press.topic, now)
            case ActionKind.PANEL:
                answer = Answer(nudges=self._panel(person, memory, chat, now, rng))
            case ActionKind.PUT_AWAY | ActionKind.BRING_BACK:
                memory = msgspec.structs.replace(memory, put_away=press.act is ActionKind.PUT_AWAY)
                answer = Answer(nudges=self._thank(f"tip.{press.act}", person, press, chat, now, rng))
        return answer, chat, {**people, person.id: memory}

    def _thank(self, topic: str, person: Person, press: Press, chat: Chat, now: float, rng: Random) -> tuple[Nudge, ...]:
        """What somebody hears who pressed a button; its own buttons are about the same person."""
        return self._voice.say(topic, Audience.TO_SENDER, (person,), chat, now, rng, press.about)


def _report(
    key: str,
    chat: Chat,
    by: Person,
    about: str,
    reason: ReportReason,
    words: str,
    now: float,
    rng: Random,
    sent: tuple[Sent, ...] = (),
) -> Report:
    """One click as it is filed, with what the chat still holds."""
    return Report(
        id=number(rng.getrandbits(50)),
        key=key,
        chat=chat.id,
        by=by.id,
        about=subject(chat, by, about),
        reason=reason,
        at=now,
        evidence=evidence_of(chat, sent),
        words=words[:LONGEST_WORDS],
        urgent=goes_first(chat, by, about, reason),
        apart=set_apart(chat, by.id, about, now),
    )
