"""The nouns, in the order data flows: frozen values that know nothing of files, sockets or clocks.

Times are Unix seconds (float). Offsets are code points of the message as it was written.
Values that live in memory by the hundred thousand are kept out of the garbage collector's sight (``gc=False``),
which is sound because none of them can be part of a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

# --- who and where ---------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """What somebody is in a chat."""

    MEMBER = "member"
    GUEST = "guest"
    LISTENER = "listener"
    MODERATOR = "moderator"


class Age(StrEnum):
    """What the host says of somebody's age; policy alone may look at it."""

    ADULT = "adult"
    TEEN = "teen"
    UNKNOWN = "unknown"


class ChatKind(StrEnum):
    """A talk between two, or a room of many."""

    DIRECT = "direct"
    ROOM = "room"


class Person(msgspec.Struct, frozen=True, gc=False):
    """Somebody in a chat, as the host describes them."""

    id: str
    role: Role
    age: Age = Age.UNKNOWN
    locale: str = "en"
    name: str = ""


class Message(msgspec.Struct, frozen=True, gc=False):
    """What a person said, where and when."""

    id: str
    chat: str
    author: str
    text: str
    ts: float
    edit_of: str | None = None


# --- what happens ----------------------------------------------------------------------------------------------------


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A chat began, or the assistant has just come to it."""

    chat: str
    kind: ChatKind
    people: tuple[Person, ...]
    again: bool = False
    """Whether it had ended before: hosts may use one id for all talks of the same two."""


class Joined(msgspec.Struct, frozen=True, gc=False):
    """Somebody came into a chat, or the host knows something new of them."""

    chat: str
    person: Person


class Left(msgspec.Struct, frozen=True, gc=False):
    """Somebody went."""

    chat: str
    person: str


class Command(msgspec.Struct, frozen=True, gc=False):
    """Somebody typed ``/rules``, ``/remind <topic>``, ``/mod <why>`` or ``/safety``; nobody else sees it."""

    id: str
    chat: str
    author: str
    text: str


class Draft(msgspec.Struct, frozen=True, gc=False):
    """Somebody wants to know, before sending, whether there is anything to say about their words."""

    chat: str
    author: str
    text: str


class Pressed(msgspec.Struct, frozen=True, gc=False):
    """Somebody pressed a button of a nudge."""

    person: str
    token: str
    reason: str = ""
    words: str = ""
    sent: tuple[Sent, ...] = ()
    """What the reporter's client sends along, for what the tail no longer holds."""


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A message as somebody else tells of it: the host, or the reporter's client."""

    author: str
    text: str
    ts: float = 0.0
    id: str = ""


class Insight(msgspec.Struct, frozen=True, gc=False):
    """What a slower reader saw in a message that has long been answered."""

    chat: str
    message: str
    signals: tuple[Signal, ...]


class Profile(msgspec.Struct, frozen=True, gc=False):
    """Somebody wrote something that others can read about them."""

    person: str
    field: str
    text: str


class Ending(StrEnum):
    """How a chat came to its end."""

    LEFT = "left"
    BLOCKED = "blocked"
    IDLE = "idle"
    LOST = "lost"
    """The connection broke."""


class Closed(msgspec.Struct, frozen=True, gc=False):
    """A chat has ended."""

    chat: str
    by: str
    """Who ended it; empty if nobody did."""
    reason: Ending


Event: TypeAlias = Opened | Joined | Left | Closed | Message | Insight | Command | Draft | Pressed | Profile


# --- what is seen in a message ---------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What a signal is about. The first four together are the *moves*: ways off the site."""

    CONTACT_SHARE = "contact.share"
    CONTACT_REQUEST = "contact.request"
    OFFSITE_INVITE = "offsite.invite"
    PRETEXT = "pretext"
    PICTURE_REQUEST = "picture.request"
    PERSONAL_REQUEST = "personal.request"
    SECRECY = "secrecy"
    SEXUAL_INVITE = "sexual.invite"
    FLIRT = "flirt"
    CRISIS = "crisis"
    CONDUCT = "conduct"


MOVES = frozenset({Kind.CONTACT_SHARE, Kind.CONTACT_REQUEST, Kind.OFFSITE_INVITE, Kind.PRETEXT})


class Reason(StrEnum):
    """The excuse a pretext gives; each has its own answer."""

    CANT_TYPE = "cant_type"
    BATTERY = "battery"
    APP_TROUBLE = "app_trouble"
    SPEAK_FREELY = "speak_freely"
    BETTER_HELP = "better_help"
    LOSE_TOUCH = "lose_touch"
    PROVE_REAL = "prove_real"
    PRACTICE = "practice"
    COST_TIME = "cost_time"
    RULES_SILLY = "rules_silly"
    PRIVACY = "privacy"
    OPPORTUNITY = "opportunity"
    OTHER = "other"


class Certainty(StrEnum):
    """How sure a reader is. A hint is counted and shown to nobody."""

    HINT = "hint"
    LIKELY = "likely"
    SURE = "sure"

    @property
    def rank(self) -> int:
        """0 for a hint, 1 for likely, 2 for sure."""
        return _CERTAINTY_RANK[self]


_CERTAINTY_RANK = {Certainty.HINT: 0, Certainty.LIKELY: 1, Certainty.SURE: 2}


class Cue(msgspec.Struct, frozen=True, gc=False):
    """A building block seen at one place of a message: harmless alone, never shown, never counted."""

    name: str
    start: int
    end: int
    sentence: int
    """Which sentence of the message it stands in; exceptions reach only their own sentence."""
    disguised: bool = False
    """Seen only after a disguise was taken off (spaced letters, look-alikes, number words ...)."""


class Signal(msgspec.Struct, frozen=True, gc=False):
    """What a reader concludes about one message."""

    kind: Kind
    reader: str
    rule: str
    certainty: Certainty
    reason: Reason | None = None
    start: int | None = None
    end: int | None = None
    disguised: bool = False


# --- what is remembered ----------------------------------------------------------------------------------------------


class Said(msgspec.Struct, frozen=True, gc=False):
    """One message in the tail of a chat. Its text is dropped when its time is over; its cues stay."""

    id: str
    author: str
    ts: float
    text: str | None
    cues: tuple[Cue, ...] = ()
    signals: tuple[Signal, ...] = ()
    whole: bool = False
    """Whether it was looked through for every cue, or only for those without which no rule can speak."""


Tail: TypeAlias = tuple[Said, ...]


class Spotted(msgspec.Struct, frozen=True, gc=False):
    """The cues of a message, and the tail before it with the cues that matter now."""

    cues: tuple[Cue, ...]
    tail: Tail
    whole: bool
    """Whether all cues were looked for; if not, there are none."""


def _empty() -> dict[str, Any]:
    """One and the same for all who have nothing yet: whoever adds to a memory makes a new one."""
    return _EMPTY


_EMPTY: dict[str, Any] = {}


class Told(msgspec.Struct, frozen=True, gc=False):
    """When and how much somebody was last spoken to in a chat."""

    at: float
    weight: int
    since: float
    """When the hour began in which ``count`` is counted."""
    count: int


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What was said in a chat."""

    topics: dict[str, float] = msgspec.field(default_factory=_empty)
    """``"<person> <topic>"`` to when they last heard of it."""
    people: dict[str, Told] = msgspec.field(default_factory=_empty)
    """Person to when they were last spoken to, and how often."""


_NOTHING_SHOWN = Shown()


class ChatMemory(msgspec.Struct, frozen=True, gc=False):
    """Counts and clocks of one chat; no words."""

    opened_at: float
    heard_at: float
    heard: int = 0
    """Messages heard so far."""
    signals: dict[str, int] = msgspec.field(default_factory=_empty)
    """``"<author> <kind>"`` to the number of messages with such a signal, hints left out."""
    shown: Shown = _NOTHING_SHOWN
    shadow: Shown = _NOTHING_SHOWN
    """The same for the chat as it would be if all that is in shadow mode were on."""
    put_away: dict[str, float] = msgspec.field(default_factory=_empty)
    """``"<person> <topic>"`` to when they dismissed it or called it wrong."""
    refused: dict[str, float] = msgspec.field(default_factory=_empty)
    """Person to when they last said no to what somebody pressed for."""
    reminded: dict[str, float] = msgspec.field(default_factory=_empty)
    """Room reminders: topic to when it was last posted."""
    referred: bool = False
    """Whether somebody asked for the chat to be taken over."""
    kept: int = 0
    """About how many bytes the tail takes."""


class PersonMemory(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Counts and clocks of a person across chats; no words."""

    tips: int = 0
    """Early tips seen so far."""
    tip_at: float = 0.0
    """When the last full one was seen."""
    tip_edition: str = ""
    """Which edition of its words that was."""
    put_away: bool = False
    """Whether the person knows the tip and wants no more of it until its words change."""
    name_at: float = 0.0
    """When the person was last told that their display name holds more than a name."""
    dismissed: dict[str, float] = {}
    """Topic to when the person last put it away."""
    wrong: dict[str, int] = {}
    """Topic to how often the person called it wrong."""
    drafts: tuple[float, ...] = ()
    """When the last draft checks were asked for."""
    day: int = 0
    """The day, counted in UTC, to which the two counts below belong."""
    nudged: int = 0
    """Nudges heard that day."""
    room_signals: int = 0
    """Messages that broke a rule of any room that day, hints left out."""


class Ended(msgspec.Struct, frozen=True, gc=False):
    """How a chat ended: by whom, why as far as the host knows, and when."""

    by: str
    reason: str
    at: float


class Chat(msgspec.Struct, frozen=True, gc=False):
    """One conversation: who is in it, its tail and its memory."""

    id: str
    kind: ChatKind
    people: tuple[Person, ...]
    memory: ChatMemory
    tail: Tail = ()
    ended: Ended | None = None
    """Set when it has ended; a message after that means that it goes on."""

    def person(self, person_id: str) -> Person | None:
        """Somebody of this chat by id; ``None`` if they are not in it."""
        for person in self.people:
            if person.id == person_id:
                return person
        return None

    def others(self, person_id: str) -> tuple[Person, ...]:
        """Everybody in the chat but this person."""
        return tuple(person for person in self.people if person.id != person_id)


# --- what becomes of a message, and what is said about it ------------------------------------------------------------


class Verdict(StrEnum):
    """What becomes of a message for everybody but its author."""

    DELIVER = "deliver"
    MASK = "mask"
    HOLD = "hold"

    @property
    def rank(self) -> int:
        """0 deliver, 1 mask, 2 hold: the higher one wins."""
        return _VERDICT_RANK[self]


_VERDICT_RANK = {Verdict.DELIVER: 0, Verdict.MASK: 1, Verdict.HOLD: 2}


class Audience(StrEnum):
    """Whom a prompt is written for."""

    TO_SENDER = "to-sender"
    TO_OTHER = "to-other"
    ROOM = "room"
    MODERATORS = "moderators"


class Tone(StrEnum):
    """How loud a nudge is."""

    TIP = "tip"
    WARNING = "warning"
    URGENT = "urgent"


class ActionKind(StrEnum):
    """What a button of a nudge does."""

    REPORT = "report"
    REFER = "refer"
    LEAVE = "leave"
    BLOCK = "block"
    LEARN = "learn"
    HELPLINE = "helpline"
    DISMISS = "dismiss"
    WRONG = "wrong"
    UNDO = "undo"
    PANEL = "panel"
    """Opens the safety panel."""
    PUT_AWAY = "put_away"
    """The early tip is not needed any more; ``bring_back`` undoes it."""
    BRING_BACK = "bring_back"
    TOGETHER = "together"
    """Leads to a way to stay in touch on the site itself."""
    APPEAL = "appeal"
    """Leads to the page on which somebody asks for a second look at what was decided about them."""


class Action(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One button of a nudge. ``token`` goes back in a ``press``; ``href`` is the same act as a link outside the chat."""

    label: str
    kind: ActionKind
    token: str = ""
    href: str | None = None


class Nudge(msgspec.Struct, frozen=True, gc=False):
    """A prompt, rendered for certain people of a chat."""

    id: str
    chat: str
    to: tuple[str, ...]
    audience: Audience
    prompt: str
    """``topic/file`` of the prompt it was made from: for the desk and the command line, never on the wire."""
    tone: Tone
    title: str
    html: str
    text: str
    why: str
    actions: tuple[Action, ...]
    locale: str
    message: str | None = None
    """The message it is about; it is shown right after it."""
    privacy: str = ""
    """The page that says in short what is read and kept: one click from every nudge."""
    words: dict[str, str] = {}
    """What a client says around it, and when one of its buttons is pressed, by the name in ``labels.toml``."""
    rule: str = ""
    """The rule whose signal it was said for, if there was one: for the figures, never on the wire."""


# --- what people decide about ----------------------------------------------------------------------------------------


class ReportReason(StrEnum):
    """The closed list a reporter chooses from; words are optional."""

    ASKED_DETAILS = "asked_details"
    WANTS_TO_MOVE = "wants_to_move"
    PICTURES = "pictures"
    SEXUAL = "sexual"
    FLIRTING = "flirting"
    JUDGED = "judged"
    NOT_SERIOUS = "not_serious"
    DIAGNOSED = "diagnosed"
    LEFT = "left"
    THREATENED = "threatened"
    OTHER = "other"


class Evidence(msgspec.Struct, frozen=True):
    """What goes with a report by itself: the last messages, whose they are, and what was seen in them."""

    said: tuple[Said, ...]
    roles: dict[str, str] = {}
    """Person id to role, for a reader at the desk."""
    told: dict[str, float] = {}
    """``"<person> <topic>"`` to when the assistant last spoke to them of it."""
    from_host: tuple[Sent, ...] = ()
    """What the tail no longer held, as the host keeps it."""
    from_reporter: tuple[Sent, ...] = ()
    """The same as the reporter's client sent it along; nobody has checked it."""
    written_by: str = ""
    """Who wrote the report down at the desk, of what somebody told them outside of any chat."""


class Apart(StrEnum):
    """Why a report does not add to the others: it is shown beside them."""

    AFTER_REFUSAL = "after_refusal"
    """The reporter wanted something and was refused minutes before."""
    AFTER_BLOCK = "after_block"
    """The reporter was blocked by the reported person minutes before."""


class Report(msgspec.Struct, frozen=True):
    """One person's click, with evidence."""

    id: str
    """The receipt number: short enough to read out, random enough not to be guessed."""
    key: str
    """The click that made it: the same key twice is one report."""
    chat: str
    by: str
    about: str
    reason: ReportReason
    at: float
    evidence: Evidence
    words: str = ""
    urgent: bool = False
    """By a teen about somebody who is none: people look at it first."""
    apart: Apart | None = None


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What the reporter holds."""

    number: str
    at: float
    href: str
    """The page that tells what has become of it; works without an account."""
    undo_until: float


class Case(msgspec.Struct, frozen=True):
    """Reports and signals about one person, for people to decide. Says by itself what it is made of."""

    id: str
    about: str
    """A person's id, or ``chat:<id>`` for a report about a room as a whole."""
    urgent: bool
    opened_at: float
    reports: tuple[str, ...] = ()
    """Numbers of its reports."""
    signals: dict[str, tuple[str, ...]] = {}
    """Kind to the chats in which that person made a ``sure`` move of it toward somebody."""
    seen_at: dict[str, float] = {}
    """``"<kind> <chat>"`` to when it was first clearly seen there."""
    noticed: dict[str, tuple[str, ...]] = {}
    """Kind to the chats in which people are to look at it, because it went toward a teen: likely, or nothing that counts."""
    raised: dict[str, str] = {}
    """The counts that call for a decision, by reason, each as a sentence; without any the reports wait to be read."""

    @property
    def standing(self) -> Standing:
        """Where it stands in the queue."""
        if self.urgent:
            return Standing.URGENT
        if self.raised:
            return Standing.RAISED
        return Standing.REPORTED if self.reports else Standing.SEEN


class Standing(StrEnum):
    """Whose turn it is among the open cases, those that go first at the top."""

    URGENT = "urgent"
    """An adult and a teen."""
    RAISED = "raised"
    """So many people told of the same, or told of such a thing, that it has to be decided."""
    REPORTED = "reported"
    """There are reports to be read, too few for a decision by their number alone."""
    SEEN = "seen"
    """Something was clearly seen, and nobody has reported it: it waits unseen for more."""

    @property
    def turn(self) -> int:
        """0 urgent, 1 raised, 2 reported, 3 seen."""
        return list(Standing).index(self)


class Outcome(StrEnum):
    """What people decide about a case: what the host is asked to do."""

    NO_BREACH = "no_breach"
    COACH = "coach"
    WARN = "warn"
    RESTRICT = "restrict"
    REMOVE = "remove"


class DeskRole(StrEnum):
    """What somebody may do at the desk; each may do what stands before them as well."""

    VOLUNTEER = "volunteer"
    """Sees queue and cases, claims, notes."""
    MODERATOR = "moderator"
    """Decides."""
    ADMIN = "admin"
    """Exports with names, sees the record of acts, ends sessions."""

    def may(self, least: DeskRole) -> bool:
        """Whether this role is that one or more."""
        roles = list(DeskRole)
        return roles.index(self) >= roles.index(least)


# --- what the assistant answers --------------------------------------------------------------------------------------


class Referral(msgspec.Struct, frozen=True, gc=False):
    """A listener's wish that somebody else takes a chat over."""

    id: str
    chat: str
    by: str
    at: float
    reason: str
    """The topic of the nudge it came from: never anybody's words."""


class Cover(msgspec.Struct, frozen=True, gc=False):
    """A message that was delivered is to be shown otherwise from now on: a later one completed a detail that began there."""

    message: str
    text: str
    """What everybody but its author sees."""


class Concern(msgspec.Struct, frozen=True, gc=False):
    """People are to look at what somebody does, without anybody having reported it."""

    kind: Kind
    """What it is about; no more than likely, perhaps."""
    about: str
    kinds: tuple[Kind, ...]
    """What was clear enough to count."""


class Answer(msgspec.Struct, frozen=True):
    """All that follows from one event. The edge does it: it says, files, refers and asks."""

    verdict: Verdict = Verdict.DELIVER
    text: str | None = None
    """What everybody but the author sees, if that is not what was written; ``None`` otherwise, and when held."""
    signals: tuple[Signal, ...] = ()
    nudges: tuple[Nudge, ...] = ()
    would: tuple[str, ...] = ()
    """What a kind in shadow mode would have done: verdicts and topics, for counting."""
    concerns: tuple[Concern, ...] = ()
    covers: tuple[Cover, ...] = ()
    report: Report | None = None
    undo: str = ""
    """Number of the report to take back."""
    referral: Referral | None = None
    error: str = ""
    """Why nothing was done, for the one who asked; empty if all is well."""


People: TypeAlias = Mapping[str, PersonMemory]
"""Person id to what is remembered of them across chats."""
Heard: TypeAlias = tuple[Answer, Chat, People]
"""The answer to an event, and chat and people as they are remembered from now on; who is left out of the people has not changed."""
