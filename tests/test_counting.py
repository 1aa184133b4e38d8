"""What is counted: rules and sides, each button once, nobody's id, and nothing is lost when the store is away."""

from __future__ import annotations

import base64
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import MAYA, NOW, SAM, assistant, direct, say, signal, with_modes

from bot.edge.counting import Counting, rules_behind
from bot.edge.store.counts import Counted, What, day_of
from bot.edge.wire import nudge_payload
from bot.learned import READERS
from bot.links import Links, Press
from bot.model import ActionKind, Certainty, Kind, Nudge, Reason
from bot.policy import Mode, Modes

BATTERY = "this app drains my battery, got telegram?"
DAY = day_of(NOW)


def test_ordinary_talk_is_one_count() -> None:
    """A message in which nothing is seen."""
    counting = Counting()
    for _ in range(3):
        counting.message(NOW)
    assert counting.take() == {Counted(DAY, What.HEARD): 3}
    assert counting.take() == {}


def heard() -> tuple[Counting, tuple[Nudge, ...]]:
    """Hear of a battery, and give the nudges that were shown."""
    counting = Counting()
    answer, _ = say(direct(), SAM, BATTERY)
    counting.message(NOW)
    counting.insight(answer, NOW)
    return counting, answer.nudges


def test_each_side_is_counted_apart() -> None:
    """The sender's note and the receiver's, under the rule that saw it."""
    counting, nudges = heard()
    counts = counting.take()
    assert len(nudges) == 2
    assert {(one.what, one.rule, one.side): n for one, n in counts.items() if one.rule == "pretext/battery"} == {
        (What.SHOWN, "pretext/battery", "sender"): 1,
        (What.SHOWN, "pretext/battery", "receiver"): 1,
    }
    assert not any(name in str(counts) for name in (MAYA.id, SAM.id, "c1", nudges[0].id))


def pressed(nudge: Nudge, act: ActionKind) -> Press:
    """What a button of a nudge stands for."""
    token = next(action.token for action in nudge.actions if action.kind is act)
    return assistant().links.read(token, Press, NOW)


def looked_into(token: str) -> bytes:
    """What anybody can read in a token."""
    signed = token.rsplit("~", maxsplit=1)[-1].rpartition(".")[0]
    packed = base64.urlsafe_b64decode(signed.removeprefix(".") + "==")
    return zlib.decompress(packed) if signed.startswith(".") else packed


@pytest.mark.parametrize("act", [ActionKind.WRONG, ActionKind.DISMISS])
def test_a_button_counts_once_for_the_rule_behind_its_nudge(act: ActionKind) -> None:
    """However often it is pressed."""
    counting, nudges = heard()
    counting.take()
    press = msgspec.structs.replace(pressed(nudges[0], ActionKind.WRONG), act=act)
    for _ in range(3):
        counting.press(press, assistant().rule_behind(press), NOW)
    ((counted, n),) = counting.take().items()
    assert (counted.rule, counted.what.value, n) == ("pretext/battery", {"wrong": "wrong", "dismiss": "dismissed"}[act.value], 1)


def test_a_nudge_from_before_the_start_counts_by_its_rule_as_well() -> None:
    """The button brings it along, in a form that tells it to nobody else and is another one on every nudge."""
    _, nudges = heard()
    counting, presses = Counting(), [pressed(nudge, ActionKind.WRONG) for nudge in nudges]
    for press in presses:
        counting.press(press, assistant().rule_behind(press), NOW)
    assert counting.take() == {Counted(DAY, What.WRONG, "pretext/battery", side): 1 for side in ("sender", "receiver")}
    assert presses[0].mark != presses[1].mark
    for nudge in nudges:
        payload = nudge_payload(nudge)
        token = next(action["token"] for action in payload["actions"] if action["kind"] == "wrong")
        assert b"pretext/battery" not in msgspec.json.encode(payload) + looked_into(token)
        assert nudge.id.encode() in looked_into(token)
        assert "rule" not in payload


def test_what_is_not_known_any_more_counts_by_its_topic() -> None:
    """A rule that has gone, or a button of an earlier version; a tip is about no rule at all."""
    counting = Counting()
    press = Press(ActionKind.WRONG, "n1", "c1", "maya", NOW + 9, topic="pretext.battery", message="m0", mark="of another")
    counting.press(press, assistant().rule_behind(press), NOW)
    counting.press(Press(ActionKind.DISMISS, "n2", "c1", "maya", NOW + 9, topic="tip"), "", NOW)
    assert list(counting.take()) == [Counted(DAY, What.WRONG, "pretext.battery", "sender")]


@given(st.text(max_size=30), st.lists(st.sampled_from(assistant().composer.names), unique=True, min_size=2, max_size=5))
def test_a_mark_is_of_one_rule_on_one_nudge(nudge: str, rules: list[str]) -> None:
    """It is found again among all rules, and is no other nudge's."""
    links = assistant().links
    marks = {links.mark(nudge, rule) for rule in rules}
    assert len(marks) == len(rules)
    press = Press(ActionKind.WRONG, nudge, "c1", "maya", NOW, mark=links.mark(nudge, rules[0]))
    assert links.marked(press, assistant().composer.names) == rules[0]
    assert links.marked(msgspec.structs.replace(press, nudge=f"{nudge} other"), rules) == ""
    assert Links("another secret").marked(press, rules) == ""


@pytest.mark.parametrize("reader", READERS)
def test_what_no_rule_has_seen_counts_for_its_reader(reader: str) -> None:
    """Also the signal that several steps make."""
    nudge = "n1"
    names = [f"{reader}/{Kind.PRETEXT}", f"{Kind.SEXUAL_INVITE}/climb"]
    presses = [Press(ActionKind.WRONG, nudge, "c1", "maya", NOW, mark=assistant().links.mark(nudge, name)) for name in names]
    assert [assistant().rule_behind(press) for press in presses] == names


def test_shadow_counts_what_would_have_been_done() -> None:
    """Per rule and message, shown to nobody."""
    counting = Counting()
    answer, _ = say(direct(), SAM, BATTERY, on=with_modes(Modes(Mode.SHADOW)))
    counting.message(NOW)
    counting.insight(answer, NOW)
    counts = counting.take()
    assert counts[Counted(DAY, What.WOULD, "pretext/battery")] == 1
    assert {one.what for one in counts} == {What.HEARD, What.WOULD}


def test_what_could_not_be_kept_is_kept_later() -> None:
    """Nothing is counted twice, nothing is lost."""
    counting = Counting()
    counting.message(NOW)
    taken = counting.take()
    counting.message(NOW)
    counting.give_back(taken)
    assert counting.take() == {Counted(DAY, What.HEARD): 2}


def test_the_rule_that_fits_the_topic_best_is_behind_it() -> None:
    """Its reason, else its kind, else all that was more than a hint."""
    battery = signal(Kind.PRETEXT, reason=Reason.BATTERY, rule="pretext/battery")
    typing = signal(Kind.PRETEXT, reason=Reason.CANT_TYPE, rule="pretext/cant_type")
    invite = signal(Kind.OFFSITE_INVITE, rule="offsite.invite/app")
    hint = signal(Kind.FLIRT, Certainty.HINT, rule="flirt/advance")
    signals = (battery, typing, invite, hint)
    assert rules_behind("pretext.battery", signals) == ("pretext/battery",)
    assert rules_behind("pretext", signals) == ("pretext/battery", "pretext/cant_type")
    assert rules_behind("offsite.invite", signals) == ("offsite.invite/app",)
    assert rules_behind("teen", signals) == ("offsite.invite/app", "pretext/battery", "pretext/cant_type")
    assert rules_behind("flirt", (hint,)) == ()
