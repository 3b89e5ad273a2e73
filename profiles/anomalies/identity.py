"""Identity detector: a device, network and country that are new to the shopper, and the actions taken from there."""

from liveprofile.profiles.anomalies.drift import new_share
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import Row

PURCHASE = int(Action.PURCHASE)


@compiled
def count_bits(bits: int) -> int:
    """How many of device, network and country are set."""
    return (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1)


@compiled
def new_places(row: Row, rules: Rules) -> int:
    """The row's `novel` for a shopper with a history before this session; 0 for others, for whom all places are new."""
    earlier = row.events - row.session_events
    return int(row.novel) if earlier >= rules.anomalies_identity_min_events else 0


@compiled
def score_identity(row: Row, rules: Rules) -> float:
    """A point for each of device, network and country that is new in this session; with two or more of them also the
    share of topics that are new, and a point for an order. One alone is common: a new phone, or a journey.
    """
    points = float(count_bits(new_places(row, rules)))
    if points < 2.0:
        return points * 0.5
    return points + new_share(row, 1.0) + min(float(row.session_by_action[PURCHASE]), 1.0)
