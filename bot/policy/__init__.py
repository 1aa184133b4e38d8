"""The judgement: who hears what, and what becomes of the message.

``ladder`` is the law, and ``limits`` the numbers it leans on. ``weigh`` says how certain signals are, ``decide`` applies the law to one
message, ``permit`` takes what the operator's modes allow, ``temper`` leaves out what somebody has heard enough of.
Nothing here sees a word of what was written.
"""

from bot.policy.decide import NOTHING, Decision, Tell, countable, decide, reconsider, rule_name
from bot.policy.ladder import (
    ARGUABLE,
    CLIMB,
    COUNTS_AGAINST,
    LADDER,
    OPENLY,
    REFUSED,
    STANDING,
    TOWARD_TEENS,
    VERDICTS,
    Rung,
    Standing,
    Weight,
)
from bot.policy.limits import DAY, HOUR, MINUTE, Limit, Limits, day_of
from bot.policy.modes import Mode, Modes, permit, uncovered
from bot.policy.scene import Scene, is_toward_teen, plain_kinds, refused_kind
from bot.policy.temper import temper
from bot.policy.weigh import weigh

__all__ = [
    "ARGUABLE",
    "CLIMB",
    "COUNTS_AGAINST",
    "DAY",
    "HOUR",
    "LADDER",
    "MINUTE",
    "NOTHING",
    "OPENLY",
    "REFUSED",
    "STANDING",
    "TOWARD_TEENS",
    "VERDICTS",
    "Decision",
    "Limit",
    "Limits",
    "Mode",
    "Modes",
    "Rung",
    "Scene",
    "Standing",
    "Tell",
    "Weight",
    "countable",
    "day_of",
    "decide",
    "is_toward_teen",
    "permit",
    "plain_kinds",
    "reconsider",
    "refused_kind",
    "rule_name",
    "temper",
    "uncovered",
    "weigh",
]
