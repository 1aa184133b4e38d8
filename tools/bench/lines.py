"""Ordinary lines to measure with: our own, each seen once, or those of a file."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

BEGIN = """\
hi
hello there
hey
so
well
to be honest
i guess
yeah
i know
thanks for asking
sorry for rambling
it's been a long week
not sure where to begin
my sister called yesterday and
since we moved house
after the exams
at work lately
when i wake up
most evenings
my partner says that
the doctor told me that
i keep thinking that
on sundays
before all of this
you are right,""".splitlines()
MIDDLE = """\
i feel like nobody really listens to me
the days just run into each other
i can't sleep more than four hours
my boss keeps changing the plan
i miss how things were before
we argue about small things every day
i don't see my friends any more
everything takes so much effort
i cry for no reason at all
the house is too quiet now
my anxiety gets worse when i'm alone
i'm worried about money and the rent
i try to be strong for the kids
it feels like a weight on my chest
people tell me to cheer up
i lost my job in march
my dad is in hospital again
i don't recognise myself
i can't concentrate on anything
school is getting on top of me
i'm scared that it will never change
i haven't told anybody about it
the medication makes me tired
i wish i could go back and do it differently
my dog is the only one who is happy to see me""".splitlines()
END = """\
and i don't know what to do
what do you think?
does that make sense?
so i just stay in bed
but i'm still here
and then i feel guilty
how do other people manage?
it helps a bit to write it down
and i'm tired of pretending
i hope that's okay to say
and it has been like this for months
maybe i should talk to her
i'll try again tomorrow
and nobody noticed
which is silly, i know
anyway, how are you?
it was better last year
i went for a walk at least
and the weather doesn't help
so here i am
i can't stop thinking about it
thank you for reading all this
and i feel a bit lighter now
do you ever feel like that?
that's all i wanted to say""".splitlines()


def plain_lines(seed: int = 1) -> list[str]:
    """Ordinary talk, each line once: 15,625 of them."""
    lines = [f"{begin} {middle} {end}" for begin, middle, end in itertools.product(BEGIN, MIDDLE, END)]
    random.Random(seed).shuffle(lines)  # noqa: S311 -- an order, not a secret
    return lines


def lines_of(file: Path | None) -> list[str]:
    """The lines of a JSONL file of messages, or our own."""
    if file is None:
        return plain_lines()
    return list(dict.fromkeys(json.loads(line)["text"] for line in file.read_text("utf-8").splitlines() if line.strip()))
