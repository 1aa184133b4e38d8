"""What is said in steps: small chances of one person add up over a chat, and to nothing where they should not."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import MAYA, NOW, SAM, assistant, chance, direct, say
from test_learned import SHIPPED, with_learned

from bot.learned import gathered
from bot.learned.gathering import BY_DEGREES, FORGOTTEN, LEAST, STAYS, worth_keeping
from bot.memory import pack, unpack
from bot.model import Certainty, Chat, Insight, Kind, Nudge, Person

ENOUGH = SHIPPED.about.gathered
SMALL = ENOUGH / 2
"""Two of these are not enough, for some of the first is gone; three are."""

CHANCES = st.dictionaries(st.sampled_from(Kind), st.floats(0, 1))


@given(st.lists(CHANCES, max_size=40))
def test_what_gathers_has_its_bounds(messages: list[dict[Kind, float]]) -> None:
    """It is never less than nothing nor more than all messages together, is of what is done by degrees, and goes with time."""
    sums: dict[Kind, float] = {}
    for chances in messages:
        sums = gathered(sums, worth_keeping(chances))
        assert set(sums) <= BY_DEGREES
        assert all(FORGOTTEN < so <= (1 - LEAST) / (1 - STAYS) for so in sums.values())
    for _ in range(60):
        sums = gathered(sums, {})
    assert sums == {}


@given(CHANCES, CHANCES)
def test_more_never_makes_it_less(before: dict[Kind, float], more: dict[Kind, float]) -> None:
    """A further chance leaves every sum at least where it would have been without."""
    start = gathered({}, worth_keeping(before))
    without, with_more = gathered(start, {}), gathered(start, worth_keeping(more))
    assert all(with_more[kind] >= so for kind, so in without.items())


def step(chat: Chat, number: int, kind: Kind = Kind.FLIRT, so: float = SMALL, author: Person = SAM) -> tuple[tuple[Nudge, ...], Chat]:
    """Somebody says something ordinary, of which the second reader thinks a little."""
    _, chat = say(chat, author, f"and so it went on, number {number}", now=NOW + number)
    insight = Insight(chat.id, chat.tail[-1].id, (), {kind: so + LEAST})
    answer, chat, _ = with_learned().hear(insight, chat, {}, NOW + number, chance())
    return answer.nudges, chat


def test_small_steps_are_spoken_of_once_when_they_have_come_to_something() -> None:
    """Each of them is nothing; then one is too much, is told to the one who takes them, and it begins anew."""
    chat, told = direct(), []
    for number in range(8):
        nudges, chat = step(chat, number)
        told.append(bool(nudges))
    assert told == [False, False, True, False, False, False, False, False]
    assert chat.memory.signals == {"sam flirt": 1}
    assert [one.certainty for said in chat.tail for one in said.signals] == [Certainty.LIKELY]


def test_what_lies_long_ago_counts_for_less() -> None:
    """Between two small steps there is much talk in which nothing is seen: it is not the third step yet."""
    chat = direct()
    for number in range(2):
        nudges, chat = step(chat, number)
    for number in range(2, 9):
        nudges, chat = step(chat, number, so=-LEAST)
        assert not nudges
    nudges, chat = step(chat, 9)
    assert not nudges


def test_two_people_are_two() -> None:
    """What one of them says does not make the other suspect."""
    chat = direct()
    for number in range(4):
        nudges, chat = step(chat, number, author=(SAM, MAYA)[number % 2])
        assert not nudges
    assert set(chat.memory.gathered) == {SAM.id, MAYA.id}


def test_who_says_no_takes_no_steps() -> None:
    """Somebody who refuses speaks of the same things as the one who asks."""
    _, chat = say(direct(), SAM, "this app drains my battery, got telegram?")
    _, chat = say(chat, MAYA, "no, I'd rather stay here", now=NOW + 1)
    insight = Insight(chat.id, chat.tail[-1].id, (), {Kind.SECRECY: 1.0})
    for _ in range(3):
        answer, chat, _ = with_learned().hear(insight, chat, {}, NOW + 2, chance())
        assert not answer.nudges


def test_danger_to_life_is_not_added_up() -> None:
    """Sadness is not more of a crisis for going on."""
    chat = direct()
    for number in range(6):
        _, chat = say(chat, MAYA, f"still sad, number {number}", now=NOW + number)
        insight = Insight(chat.id, chat.tail[-1].id, (), worth_keeping({Kind.CRISIS: 0.4}))
        answer, chat, _ = with_learned().hear(insight, chat, {}, NOW + number, chance())
        assert not answer.nudges
    assert chat.memory.gathered == {}


def test_without_a_second_reader_nothing_comes_of_it() -> None:
    """Whoever reads by rules alone has no threshold to reach."""
    _, chat = say(direct(), SAM, "well")
    answer, _, _ = assistant().hear(Insight(chat.id, "m0", (), {Kind.FLIRT: 1.0}), chat, {}, NOW, chance())
    assert not answer.nudges


@pytest.mark.parametrize("so", [0.0, 0.3])
def test_it_is_gone_when_the_chat_rests(so: float) -> None:
    """Half an hour later words are gone and suspicion with them: such a chat still packs as small as any."""
    memory = msgspec.structs.replace(direct().memory, gathered={"sam": {Kind.FLIRT: so}} if so else {})
    packed = pack(msgspec.structs.replace(direct(), memory=memory))
    assert packed is not None
    assert unpack("c1", packed).memory.gathered == {}
