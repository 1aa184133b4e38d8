"""What people press: reports that are kept before they are acknowledged, undo, referrals. And what counts without a click."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.edge import wire
from bot.edge.store import ReportStatus, TooManyReportsError
from bot.edge.street import Ack, Street
from bot.interactions import UNDO_SECONDS
from bot.likeness import Trace, traces_of, traces_of_words
from bot.links import Press, Status
from bot.memory import new_chat
from bot.model import ActionKind, Age, Answer, Chat, ChatKind, Concern, Kind, Receipt, Report, Role, Sent, Signal
from bot.policy import Mode, countable
from bot.reports import Written, accused, by_hand, evidence_of, is_complete
from bot.text import clean
from bot.voice import PRESS_SECONDS

STATUS_SECONDS = 365 * 86_400.0
MOST_REPORTABLE = 20
"""So many of somebody's last chats are offered in the list of their own reports."""
TOO_MANY = (
    "You have told us about this several times just now, and it waits for a person: your last report is {number}."
    " If something new has happened, tell it in a few words behind /mod."
    " If somebody is in danger right now, a helpline or the emergency services are faster than we are."
)
TAKEN_BACK = "You took this report back. To send a new one, press report on another note, or type /safety."
DECIDED = "This report cannot be taken back any more: people have already decided about it."


class Clicks:
    """Takes clicks, and gives people what they hold for them."""

    def __init__(self, street: Street) -> None:
        """Stand on this street."""
        self._street = street
        self._noted: dict[str, set[tuple[str, Kind]]] = {}

    # --- a click -----------------------------------------------------------------------------------------------------

    async def press(self, payload: object) -> Ack:
        """A button was pressed, in the chat or as a link outside of it."""
        street = self._street
        now = street.now
        pressed = wire.checked(payload, wire.Press).event(now)
        press = street.assistant.links.read(pressed.token, Press, now)
        await street.recall((press.by,))
        known = street.chats.get(press.chat)
        chat = known or new_chat(press.chat, ChatKind.DIRECT, (), now)
        answer = street.send_down(pressed, chat, keep=known is not None)
        if not answer.error:
            street.counting.press(press, street.assistant.rule_behind(press), now)
        if answer.undo:
            if not await street.store.reports.take_back(answer.undo, press.by, now):
                return {"error": DECIDED}
            return wire.answer_payload(answer)
        if answer.referral is not None and await street.store.referrals.keep(answer.referral):
            street.tell(press.chat, "referral", {"chat": press.chat, "by": press.by, "topic": press.topic})
        return await self.filed(answer)

    async def filed(self, answer: Answer) -> Ack:
        """Keep the report, if there is one, and only then answer."""
        report = answer.report
        if report is None or answer.error:
            return wire.answer_payload(answer)
        store = self._street.store
        try:
            filed = await store.reports.file(report, self._id(), self._traces(report))
        except TooManyReportsError as error:
            return {"error": TOO_MANY.format(number=error.number)}
        kept = filed.report
        if not filed.fresh:
            before = await store.reports.find(kept.id)
            if before is not None and before.status is ReportStatus.WITHDRAWN:
                return {"error": TAKEN_BACK}
        elif filed.case is not None:
            await self._add_signals(kept)
            self._street.tell(report.chat, "case", {"case": filed.case.id, "urgent": filed.case.urgent})
            if not is_complete(report.evidence):
                self._street.later(self.complete())
        receipt = self.receipt(kept)
        undo = {"token": self._undo_token(kept), "until": receipt.undo_until}
        return {
            "receipt": msgspec.to_builtins(receipt),
            "undo": undo,
            "nudges": wire.answer_payload(answer)["nudges"] if filed.fresh else [],
        }

    def receipt(self, report: Report) -> Receipt:
        """What the reporter holds."""
        return Receipt(report.id, report.at, self.status_href(report.id), report.at + UNDO_SECONDS)

    def status_href(self, number: str) -> str:
        """The page that tells what has become of a report."""
        token = self._street.assistant.links.sign(Status(number, self._street.now + STATUS_SECONDS))
        return f"{self._street.assistant.community.base_url}/receipt/{token}"

    async def write_down(self, written: Written, scribe: str) -> Ack:
        """A report that is written down at the desk goes the same road as a click. Raises ``StoreError``."""
        street = self._street
        return await self.filed(Answer(report=by_hand(written, scribe, street.now, street.rng.getrandbits(50))))

    async def reports(self, payload: object) -> Ack:
        """Somebody's own reports, the newest first."""
        asked = wire.checked(payload, wire.Panel)
        found = await self._street.store.reports.by(asked.person_id)
        told = ({"number": one.number, "at": one.at, "reason": one.reason.value, "status": one.status.value} for one in found)
        mine = [{**one, "href": self.status_href(str(one["number"]))} for one in told]
        return {"reports": mine, "chats": self._reportable(asked.person_id), "href": self._street.mine_href(asked.person_id)}

    def _reportable(self, person_id: str) -> list[Ack]:
        """The chats that somebody can still report without any note: many understand only when they look back."""
        street = self._street
        heard = [chat for chat in street.chats.of(person_id) if chat.memory.heard and chat.others(person_id)]
        found = []
        for chat in sorted(heard, key=lambda one: -one.memory.heard_at)[:MOST_REPORTABLE]:
            about = accused(chat, person_id)
            # Hosts may use one id for all talks of two people: what was said since makes another report of it.
            click = f"chat {chat.id} {chat.memory.heard_at:.3f}"
            press = Press(ActionKind.REPORT, click, chat.id, person_id, street.now + PRESS_SECONDS, about, topic="report")
            token = street.assistant.links.sign(press)
            href = f"{street.assistant.community.base_url}/report/{token}"
            found.append({"chat": chat.id, "at": chat.memory.heard_at, "token": token, "href": href})
        return found

    def _undo_token(self, report: Report) -> str:
        press = Press(ActionKind.UNDO, report.id, report.chat, report.by, report.at + UNDO_SECONDS, report.about)
        return self._street.assistant.links.sign(press)

    def _traces(self, report: Report) -> dict[str, tuple[Trace, ...]]:
        """What both sides have left in the chat, as marks; and the reporter in their words."""
        chat, mark = self._street.chats.get(report.chat), self._street.store.mark
        left = {person: () if chat is None else traces_of(chat, person, mark) for person in (report.about, report.by)}
        left[report.by] = (*left[report.by], *traces_of_words(report.words, mark))
        return left

    async def _add_signals(self, report: Report) -> None:
        """What was clearly seen of the reported person in the evidence stands on the case as well."""
        signals = (signal for said in report.evidence.said if said.author == report.about for signal in said.signals)
        chat = self._street.chats.get(report.chat)
        seen = () if chat is None else self._counting(signals, report.about, chat)
        if seen:
            case_id = self._id()
            await self._street.store.cases.note_signals(report.about, report.chat, seen, urgent=False, now=report.at, case_id=case_id)

    # --- what the tail no longer holds -------------------------------------------------------------------------------

    async def complete(self) -> None:
        """Ask the hosts for the words that were gone when a report came. Nobody waits for it, and it is tried again for a day."""
        street = self._street
        for report in await street.store.reports.to_complete(street.now):
            answer = await street.ask(report.chat, "evidence", {"chat": report.chat, "around": report.at})
            lines = wire.lines_in(answer)
            if lines is not None:
                kept = (Sent(clean(line.author), clean(line.text), line.ts, clean(line.id)) for line in lines)
                await street.store.reports.complete(report.number, kept)

    # --- what counts without a click ---------------------------------------------------------------------------------

    def seen(self, signals: Iterable[Signal], author_id: str, chat: Chat) -> None:
        """What was clearly done toward somebody counts, each kind once in a chat."""
        noted = self._noted.setdefault(chat.id, set())
        kinds = [kind for kind in self._counting(signals, author_id, chat) if (author_id, kind) not in noted]
        if kinds:
            noted.update((author_id, kind) for kind in kinds)
            self._street.later(self._count(author_id, chat.id, kinds))

    def _counting(self, signals: Iterable[Signal], author_id: str, chat: Chat) -> tuple[Kind, ...]:
        """What among these signals counts, as far as the operator's switches are on. A teen who shares is helped and not counted."""
        author, modes = chat.person(author_id), self._street.assistant.community.modes
        if author is None or author.age is Age.TEEN or not chat.others(author.id):
            return ()
        return tuple(kind for kind in countable(signals) if modes.of(kind, chat.id, author.role) is Mode.ON)

    async def _count(self, about: str, chat_id: str, kinds: Iterable[Kind]) -> None:
        await self._note(about, chat_id, kinds)

    async def concern(self, concern: Concern, chat_id: str) -> None:
        """People are to look at what an adult does toward a teen: the words of it are kept for a while, since nobody may report it."""
        case_id = await self._note(concern.about, chat_id, concern.kinds, noticed=concern.kind)
        self._street.tell(chat_id, "case", {"case": case_id, "urgent": True})

    def forget(self, chat_id: str) -> None:
        """A chat is no longer remembered."""
        self._noted.pop(chat_id, None)

    async def _note(self, about: str, chat_id: str, kinds: Iterable[Kind], noticed: Kind | None = None) -> str:
        chat, mark = self._street.chats.get(chat_id), self._street.store.mark
        case = await self._street.store.cases.note_signals(
            about,
            chat_id,
            kinds,
            urgent=noticed is not None,
            noticed=noticed,
            now=self._street.now,
            case_id=self._id(),
            people=[one.id for one in chat.people if one.role is not Role.MODERATOR] if chat else (),
            left={about: traces_of(chat, about, mark)} if chat else {},
            evidence=evidence_of(chat) if chat and noticed else None,
        )
        return case.id

    def _id(self) -> str:
        return f"c{self._street.rng.getrandbits(80):020x}"
