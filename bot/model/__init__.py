"""The nouns, in the order data flows: frozen values that know nothing of files, sockets or clocks.

``people`` and ``signals`` come first, then ``events``, ``chats`` that remember them, ``nudges``, ``reports``, and ``answers``, which hold
all that follows from an event. Everybody else asks for them here: ``from bot.model import Message``.

Times are Unix seconds (float). Offsets are code points of the message as it was written.
Values that live in memory by the hundred thousand are kept out of the garbage collector's sight (``gc=False``),
which is sound because none of them can be part of a cycle.
"""

from bot.model.answers import Answer, Concern, Cover, Heard, People, Referral
from bot.model.chats import WHOLE_ROOM, Chat, ChatMemory, Ended, PersonMemory, Said, Shown, Spotted, Tail, Told
from bot.model.events import Closed, Command, Draft, Ending, Event, Insight, Joined, Left, Message, Opened, Pressed, Profile, Sent
from bot.model.nudges import Action, ActionKind, Audience, Nudge, Tone, Verdict
from bot.model.people import Age, ChatKind, DeskRole, Person, Role
from bot.model.reports import Apart, Case, Evidence, Outcome, Receipt, Report, ReportReason, Standing
from bot.model.signals import MOVES, Certainty, Cue, Doubts, Kind, Reason, Signal

__all__ = [
    "MOVES",
    "WHOLE_ROOM",
    "Action",
    "ActionKind",
    "Age",
    "Answer",
    "Apart",
    "Audience",
    "Case",
    "Certainty",
    "Chat",
    "ChatKind",
    "ChatMemory",
    "Closed",
    "Command",
    "Concern",
    "Cover",
    "Cue",
    "DeskRole",
    "Doubts",
    "Draft",
    "Ended",
    "Ending",
    "Event",
    "Evidence",
    "Heard",
    "Insight",
    "Joined",
    "Kind",
    "Left",
    "Message",
    "Nudge",
    "Opened",
    "Outcome",
    "People",
    "Person",
    "PersonMemory",
    "Pressed",
    "Profile",
    "Reason",
    "Receipt",
    "Referral",
    "Report",
    "ReportReason",
    "Role",
    "Said",
    "Sent",
    "Shown",
    "Signal",
    "Spotted",
    "Standing",
    "Tail",
    "Told",
    "Tone",
    "Verdict",
]
