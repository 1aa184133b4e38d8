"""What communities have told of again and again is seen, whoever says it and whatever ordinary talk stands before."""

from __future__ import annotations

import pytest
from make import MAYA, NOW, SAM, chance, direct, say
from test_learned import with_learned

from bot.model import Certainty, Chat, Insight, Message, Person, Reason

FAMOUS = (
    "this app drains my battery so fast, can we use another app?",
    "This app drains my battery, can we talk somewhere else?",
    "my battery is dying because of this site, can we move to telegram",
    "I can't type, let's video call",
    "I can't type well, can we do a video call instead?",
    "typing hurts my hands, could we talk on the phone?",
    "im a slow typer, lets call",
    "this site keeps crashing, can we switch to another app",
    "the app keeps logging me out, whats your snap",
    "notifications dont work here, message me on whatsapp",
    "I can help you better somewhere else",
    "i can help you more on another app",
    "I could support you better over a call",
    "we can talk more freely somewhere else",
    "they watch us here, lets go to signal",
    "i'm deleting my account soon, give me your number so we don't lose touch",
    "i dont want to lose you, whats your instagram",
    "prove you're real, video call me",
    "this site isn't private, lets use whatsapp",
    "what's your number?",
    "do you have snapchat",
    "add me on discord",
    "wanna video chat",
    "text me on 07700 900123",
    "lets meet up for a coffee",
    "we should exchange numbers",
    "can i add you",
    "i can call you tonight if you like",
    "call me when you feel like that",
    "can you send me 20 bucks on venmo",
    "send me a photo of you",
    "where do you live exactly",
    "don't tell anyone we talked",
)
ANSWERED = {
    "this app drains my battery so fast, can we use another app?": Reason.BATTERY,
    "I can't type, let's video call": Reason.CANT_TYPE,
    "im a slow typer, lets call": Reason.CANT_TYPE,
    "the app keeps logging me out, whats your snap": Reason.APP_TROUBLE,
    "notifications dont work here, message me on whatsapp": Reason.APP_TROUBLE,
    "I can help you better somewhere else": Reason.BETTER_HELP,
}
"""Of these the excuse itself is answered, at once: both halves are said in plain words."""
BEFORE: tuple[tuple[tuple[Person, str], ...], ...] = (
    (),
    ((SAM, "hello, how are you today?"),),
    ((MAYA, "hi"), (SAM, "Hi, I'm here to listen. What's on your mind?"), (MAYA, "my mum and me fight a lot")),
    (
        (MAYA, "thank you for listening, it really helps"),
        (SAM, "I'm glad. You're doing so well."),
        (MAYA, "you're the only one i can talk to"),
    ),
    ((MAYA, "i feel so tired lately"), (SAM, "That sounds hard. How long has it been?"), (MAYA, "since march"), (SAM, "Do you sleep?")),
)


def talk(turns: tuple[tuple[Person, str], ...]) -> Chat:
    """A chat in which this was said."""
    chat = direct()
    for number, (who, text) in enumerate(turns):
        _, chat = say(chat, who, text, now=NOW + number)
    return chat


@pytest.mark.parametrize("line", FAMOUS)
@pytest.mark.parametrize("author", [SAM, MAYA], ids=["listener", "member"])
@pytest.mark.parametrize("before", BEFORE, ids=len)
def test_it_is_seen(line: str, author: Person, before: tuple[tuple[Person, str], ...]) -> None:
    """Somebody hears of it, with the answer or a moment later."""
    known = with_learned()
    answer, chat, _ = known.hear(Message("famous", "c1", author.id, line, NOW + 9), talk(before), {}, NOW + 9, chance())
    seen = known.look_again(chat, "famous")
    later, _, _ = known.hear(Insight(chat.id, "famous", seen.signals, seen.chances), chat, {}, NOW + 9, chance())
    assert answer.nudges or later.nudges
    assert any(signal.certainty is not Certainty.HINT for signal in (*answer.signals, *later.signals))


@pytest.mark.parametrize(("line", "reason"), ANSWERED.items(), ids=ANSWERED)
@pytest.mark.parametrize("author", [SAM, MAYA], ids=["listener", "member"])
@pytest.mark.parametrize("before", BEFORE, ids=len)
def test_it_is_answered(line: str, reason: Reason, author: Person, before: tuple[tuple[Person, str], ...]) -> None:
    """R17 to R19: the second reader takes nothing back of an excuse in its plainest words."""
    answer, _, _ = with_learned().hear(Message("famous", "c1", author.id, line, NOW + 9), talk(before), {}, NOW + 9, chance())
    assert reason in {signal.reason for signal in answer.signals if signal.certainty is not Certainty.HINT}
