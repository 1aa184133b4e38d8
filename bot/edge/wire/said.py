"""What goes back to a host: the answer to each event, and what the assistant says by itself."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from bot.edge.wire.fields import ChatId, Degraded, Level, MessageId, PersonId, Time
from bot.model import Action, Audience, Outcome, Tone, Verdict


class WireNudge(msgspec.Struct, frozen=True):
    """A note for certain people of a chat, and for nobody else. Shown once, whatever way it comes and however often."""

    id: str
    chat: ChatId
    to: Annotated[tuple[PersonId, ...], Meta(description="The people who see it. Nobody else may.")]
    audience: Audience
    tone: Tone
    title: str
    html: Annotated[str, Meta(description="A few plain tags; build them anew rather than trusting them.")]
    text: Annotated[str, Meta(description="The same without tags.")]
    why: Annotated[str, Meta(description="Why it is shown, in plain words, for whoever asks.")]
    privacy: Annotated[str, Meta(description="The page that says what is read and kept; show its link beside `why`.")]
    actions: Annotated[tuple[Action, ...], Meta(description="Its buttons. A `token` goes back in a `press`.")]
    locale: str
    words: Annotated[
        dict[str, str], Meta(description="What a client says around it, and when a button is pressed: `label`, `why`, `sending` ...")
    ]
    message: Annotated[MessageId | None, Meta(description="The message it is about; shown right after it.")] = None
    confirm: Annotated[
        bool, Meta(description="To be answered with `shown`, again each time it comes, once it is on the person's screen.")
    ] = False


class WireReceipt(msgspec.Struct, frozen=True):
    """What somebody holds who reported."""

    number: str
    at: Time
    href: Annotated[str, Meta(description="The page that tells what has become of it; works without an account.")]
    undo_until: Time


class Undo(msgspec.Struct, frozen=True):
    """What takes a report back: pressed like a button."""

    token: str
    until: Time


class Reported(msgspec.Struct, frozen=True):
    """One of somebody's own reports."""

    number: str
    at: Time
    reason: str
    status: str
    href: str


class Ack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every answer may hold: why nothing, or less than usual, was done."""

    error: Annotated[str, Meta(description="Why nothing was done, in a sentence.")] | UnsetType = UNSET
    field: Annotated[str, Meta(description="The field that is wrong, as a path: `people[0].role`.")] | UnsetType = UNSET
    retry: Annotated[bool, Meta(description="The same again may work.")] | UnsetType = UNSET
    degraded: Annotated[Degraded, Meta(description="This is not what the assistant would have said, had all gone well.")] | UnsetType = (
        UNSET
    )


class HelloAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """Who answers, and on what terms."""

    bot: str | UnsetType = UNSET
    protocol: Annotated[int, Meta(description="The version that both sides speak from now on.")] | UnsetType = UNSET
    protocols: Annotated[tuple[int, ...], Meta(description="Every version that the assistant speaks.")] | UnsetType = UNSET
    level: Annotated[Level, Meta(description="The level that holds: the host's or the operator's, whichever is lower.")] | UnsetType = UNSET
    probe: Annotated[bool, Meta(description="Whether a `probe` follows, before the first nudge.")] | UnsetType = UNSET
    commands: Annotated[tuple[str, ...], Meta(description="What is never posted into a chat.")] | UnsetType = UNSET


class Nudges(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """What is to be shown now."""

    nudges: tuple[WireNudge, ...] | UnsetType = UNSET


class MessageAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """What becomes of a message; there in every answer, whatever went wrong."""

    verdict: Verdict
    text: Annotated[str, Meta(description="What everybody but the author sees, if the verdict is `mask`.")] | UnsetType = UNSET
    nudges: tuple[WireNudge, ...]


class ProfileAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """What becomes of what others can read about somebody."""

    verdict: Verdict | UnsetType = UNSET
    nudges: tuple[WireNudge, ...] | UnsetType = UNSET


class PressAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """What a button or a command has done."""

    receipt: WireReceipt | UnsetType = UNSET
    undo: Undo | UnsetType = UNSET
    nudges: tuple[WireNudge, ...] | UnsetType = UNSET


class PanelAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """The safety panel of a chat."""

    panel: WireNudge | UnsetType | None = UNSET


class Reportable(msgspec.Struct, frozen=True):
    """A chat of somebody's that is still remembered, with a report button that holds for 30 days."""

    chat: ChatId
    at: Annotated[Time, Meta(description="When something was last said in it.")]
    token: Annotated[str, Meta(description="Goes back in a `press`.")]
    href: Annotated[str, Meta(description="The same as a link.")]


class ReportsAck(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody's own reports, the newest first."""

    reports: tuple[Reported, ...] | UnsetType = UNSET
    chats: Annotated[tuple[Reportable, ...], Meta(description="What can still be reported, the last first.")] | UnsetType = UNSET
    href: Annotated[str, Meta(description="The page that shows them all; for that person alone.")] | UnsetType = UNSET


# --- what the assistant says by itself -------------------------------------------------------------------------------


class Probe(msgspec.Struct, frozen=True):
    """Proves that what is whispered arrives, and nowhere else."""

    id: str


class Mask(msgspec.Struct, frozen=True):
    """A message that was delivered is to be covered after all: its answer came too late, or a later message completed a detail."""

    chat: ChatId
    message: MessageId
    text: Annotated[str, Meta(description="What everybody but the author sees from now on.")]


class CaseOpened(msgspec.Struct, frozen=True):
    """There is something for the people who decide; or, with an `outcome`, they have decided, and the host is asked to act on it.

    Says nothing about who reported, and to nobody but the host. What was decided is asked again until it is acknowledged without an
    ``error``.
    """

    case: str
    urgent: bool
    id: Annotated[str, Meta(description="With an outcome: the same each time it is asked.")] | UnsetType = UNSET
    about: (
        Annotated[str, Meta(description="Whom the decision is about; `chat:` and a chat's id where it is about a whole chat.")] | UnsetType
    ) = UNSET
    outcome: Annotated[Outcome, Meta(description="What the host is asked to do.")] | UnsetType = UNSET
    appeal: Annotated[str, Meta(description="The page on which that person can ask for a second look: give them the link.")] | UnsetType = (
        UNSET
    )


class Referred(msgspec.Struct, frozen=True):
    """A listener asks that somebody else takes a chat over."""

    chat: ChatId
    by: PersonId
    topic: Annotated[str, Meta(description="What the nudge was about; never anybody's words.")]


class EvidenceAsked(msgspec.Struct, frozen=True):
    """A report was filed, and the assistant no longer has the words it is about."""

    chat: ChatId
    around: Annotated[Time, Meta(description="The messages about this time are asked for, some before and some after.")]


class Resume(msgspec.Struct, frozen=True):
    """The assistant is back. A host that can sends again what came after; what was judged already gets the same answer."""

    after: Annotated[MessageId | None, Meta(description="The last message that was judged; none if the assistant has just started.")]
    since: Annotated[Time | None, Meta(description="When the line was lost.")] = None


class Done(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """That it arrived; anything else is passed over."""


class Probed(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """The id that arrived by the way of a nudge."""

    id: str | UnsetType = UNSET


class Evidence(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """The messages that a host still has."""

    messages: tuple[EvidenceLine, ...] | UnsetType = UNSET


class EvidenceLine(msgspec.Struct, frozen=True):
    """One message, as it was written."""

    id: MessageId
    author: PersonId
    text: str
    ts: Time


class Resumed(Ack, frozen=True, omit_defaults=True, kw_only=True):
    """How many messages are sent again."""

    replayed: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
