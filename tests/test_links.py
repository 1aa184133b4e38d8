"""Tokens: only what was signed, for what it was signed, and only in its time."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from make import NOW

from bot.links import Appeal, Form, Link, LinkError, Links, Mine, Press, Seat, SignIn, Status, button
from bot.model import ActionKind, DeskRole, ReportReason

LINKS = Links("one secret")
PRESS = Press(ActionKind.REPORT, "n1", "c1", "maya", NOW + 60, "sam", "pretext.battery", ReportReason.WANTS_TO_MOVE)
STATUS = Status("7KQ2-M9XA-4T", NOW + 60)
SIGN_IN = SignIn("s1", "robin", DeskRole.MODERATOR, NOW + 60)
ALL: tuple[Link, ...] = (PRESS, STATUS, SIGN_IN, Mine("maya", NOW + 60), Appeal("c1", NOW + 60), Seat("s1", NOW + 60), Form("s1", NOW + 60))


def test_what_was_signed_is_read_back() -> None:
    """A token gives back exactly the link it was made from."""
    assert LINKS.read(LINKS.sign(PRESS), Press, NOW) == PRESS
    assert LINKS.read(LINKS.sign(STATUS), Status, NOW) == STATUS
    assert LINKS.read(LINKS.sign(SIGN_IN), SignIn, NOW) == SIGN_IN


WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(WORDS, WORDS, st.sampled_from(ReportReason))
def test_any_words_survive_a_token(person: str, topic: str, reason: ReportReason) -> None:
    """Whatever a host calls its people, the token brings it back."""
    link = Press(ActionKind.REFER, "n", "c", person, NOW + 1, topic=topic, reason=reason)
    assert LINKS.read(LINKS.sign(link), Press, NOW) == link


def test_buttons_of_a_nudge_share_a_signature() -> None:
    """Each button does what it is; one may name its own reason; a button that the nudge doesn't have is refused."""
    signed = LINKS.buttons(PRESS, (ActionKind.REPORT, ActionKind.DISMISS))
    assert LINKS.read(button(signed, ActionKind.REPORT), Press, NOW) == PRESS
    assert LINKS.read(button(signed, ActionKind.DISMISS), Press, NOW).act is ActionKind.DISMISS
    assert LINKS.read(button(signed, ActionKind.REPORT, ReportReason.LEFT), Press, NOW).situation is ReportReason.LEFT
    for forged in (button(signed, ActionKind.UNDO), f"explode~{signed}", f"report~because~{signed}", f"report~left~left~{signed}", signed):
        with pytest.raises(LinkError):
            LINKS.read(forged, Press, NOW)


@pytest.mark.parametrize("link", ALL, ids=lambda link: type(link).__name__)
def test_kinds_cannot_be_taken_for_one_another(link: Link) -> None:
    """A token of one kind is refused as any other."""
    token = LINKS.sign(link)
    opened = []
    for kind in (Press, Status, Mine, Appeal, SignIn, Seat, Form):
        try:
            opened.append(type(read_as(token, kind)))
        except LinkError:
            continue
    assert opened == [type(link)]


def read_as(token: str, kind: Any) -> object:  # noqa: ANN401 -- any kind there is
    """Read a token as any kind there is."""
    return LINKS.read(token, kind, NOW)


@given(st.floats(0, 1e9))
def test_a_link_ends_when_it_says(late: float) -> None:
    """From its last moment on a link is refused."""
    with pytest.raises(LinkError, match="too old"):
        LINKS.read(LINKS.sign(PRESS), Press, PRESS.until + late)


TOKEN = LINKS.sign(PRESS)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_.\0é"))
def test_a_changed_token_is_refused(place: int, letter: str) -> None:
    """One other character anywhere makes a token worthless."""
    forged = TOKEN[:place] + letter + TOKEN[place + 1 :]
    # The last character of the signature holds bits that mean nothing: another spelling of the same signature is no forgery.
    assume(forged != TOKEN and place < len(TOKEN) - 1)
    with pytest.raises(LinkError):
        LINKS.read(forged, Press, NOW)


@given(st.text() | st.none() | st.integers() | st.binary() | st.lists(st.text()))
def test_garbage_is_refused(garbage: object) -> None:
    """Whatever arrives in place of a token, the answer is a refusal."""
    with pytest.raises(LinkError):
        LINKS.read(garbage, Press, NOW)


def test_another_secret_opens_nothing() -> None:
    """A token signed with another secret is refused."""
    with pytest.raises(LinkError):
        Links("another secret").read(TOKEN, Press, NOW)


def test_a_refusal_does_not_repeat_the_token() -> None:
    """What is said about a token that is no good holds nothing of it."""
    with pytest.raises(LinkError) as refusal:
        LINKS.read(f"{TOKEN}x", Press, NOW)
    assert TOKEN not in str(refusal.value)
