"""Identity: a device, a network and a country that the shopper never had, all at once, and what is done from there."""

from typing import Any

import numpy.typing as npt

from profiles.activity import Action
from profiles.anomalies.drift import new_share
from profiles.anomalies.kinds import NEW_COUNTRY, NEW_DEVICE, NEW_NETWORK
from profiles.compiled import compiled
from profiles.policy import Rules
from profiles.row import Row

PURCHASE = int(Action.PURCHASE)


@compiled
def news_of(row: Row, event: Row, rules: Rules) -> int:
    """Bits of what is new to a shopper with a history: call it before the activity's places are remembered."""
    if row.events < rules.identity_least_events:
        return 0
    news = NEW_DEVICE if _is_new(row.device, event.device) else 0
    news |= NEW_NETWORK if _is_new(row.network, event.network) else 0
    return news | (NEW_COUNTRY if _is_new(row.country, event.country) else 0)


@compiled
def _is_new(known: npt.NDArray[Any], one: int) -> bool:
    """Whether one is not among those known; where none is known, nothing is new."""
    some = False
    for at in range(len(known)):
        if known[at] != 0:
            some = True
            if known[at] == one:
                return False
    return some and one != 0


@compiled
def count_bits(bits: int) -> int:
    """How many of device, network and country are set."""
    return (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1)


@compiled
def vote_identity(row: Row) -> float:
    """A point for each of device, network and country that is new in this session; with two or more of them also the
    share of topics that are new, and a point for an order. One alone is a new phone, or a train.
    """
    points = float(count_bits(row.alarm_new))
    if points < 2.0:
        return points * 0.5
    return points + new_share(row, 1.0) + min(float(row.session_by_action[PURCHASE]), 1.0)
