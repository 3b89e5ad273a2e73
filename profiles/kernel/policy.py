"""The policy: every number by which profiles are kept, in one frozen value that travels with its digest."""

from collections import namedtuple
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import ANOMALIES, SLOTS
from liveprofile.profiles.traits.registry import TraitSettings
from liveprofile.profiles.traits.trait import setting

WEIGHTS = {
    Action.VIEW: 1.0,
    Action.CLICK: 1.5,
    Action.CART: 3.0,
    Action.UNCART: -2.0,
    Action.FAVOURITE: 2.5,
    Action.SHARE: 2.0,
    Action.DISMISS: -1.5,
    Action.SEARCH: 0.8,
    Action.PURCHASE: 5.0,
    Action.REFUND: -4.0,
    Action.REVIEW: 1.0,
    Action.ACCEPT: 2.0,
    Action.REFUSE: -1.5,
    Action.CORRECT: 0.0,
    Action.DECLARE: 0.0,
    Action.FAILED: 1.0,
}
"""What an action says about interest; negative ones speak against it."""


@dataclass(frozen=True)
class Policy(TraitSettings):
    """How profiles decay, when a change is worth saying, and when behaviour is anomalous.

    Every setting has its meaning and unit in docs/settings.md, and in the metadata of its field. Durations are in
    seconds, shares 0 to 1. ValueError names the setting that is out of its limits.

    >>> Policy(session_half_life_s=900.0).digest == Policy().digest
    False
    >>> Policy(session_half_life_s=0.0)
    Traceback (most recent call last):
    ValueError: policy session_half_life_s is 0.0: must be above 0 seconds
    """

    dims: int = setting(128, "Dimensions of the interest vectors; the embedder's dimensions.")
    action_weights: tuple[float, ...] = setting(
        tuple(WEIGHTS[action] for action in Action), "Weight of each action in interests, in the order of `Action`."
    )

    session_half_life_s: float = setting(1800.0, "Half-life of session interests, seconds.")
    short_half_life_s: float = setting(7 * 86400.0, "Half-life of short-term interests, seconds.")
    long_half_life_s: float = setting(60 * 86400.0, "Half-life of long-term interests, counts and spend, seconds.")
    burst_half_life_s: float = setting(60.0, "Half-life of the fast event rate that velocity is judged by, seconds.")
    session_gap_s: float = setting(1800.0, "A pause longer than this starts a new session, seconds.")

    publish_burst: float = setting(
        3.0, "Versions that a shopper may have in a row; see publish_refill_per_event and publish_refill_s."
    )
    publish_refill_per_event: float = setting(
        0.06, "Versions that each event allows again, once so many were said in a row."
    )
    publish_refill_s: float = setting(7200.0, "Time that allows another one, seconds.")
    topic_enter_share: tuple[float, ...] = setting(
        (0.34, 0.25, 0.20), "Share of interest at which a topic is said to have entered: session, short, long."
    )
    topic_exit_share: tuple[float, ...] = setting(
        (0.15, 0.12, 0.10), "Share below which a said topic is said to have left: session, short, long."
    )
    topic_least_mass: tuple[float, ...] = setting(
        (4.0, 8.0, 12.0), "Least decayed weight of a topic before it is said: session, short, long."
    )
    topic_interval_s: tuple[float, ...] = setting(
        (30.0, 120.0, 600.0), "Least time between two changes of one interest path: session, short, long; seconds."
    )
    incumbent_factor: float = setting(
        1.25, "A said topic or brand is pushed out only by a share larger by this factor."
    )
    leave_mass_factor: float = setting(
        3.0, "A said topic or brand leaves only where this times the least weight is seen."
    )
    brand_enter_share: float = setting(0.30, "Share of branded interest at which a brand is said to be favoured.")
    brand_exit_share: float = setting(0.15, "Share below which a favoured brand is dropped.")
    brand_least_mass: float = setting(12.0, "Least decayed weight of a brand before it is said.")
    brand_interval_s: float = setting(600.0, "Least time between two changes of the favoured brands, seconds.")
    slots: int = setting(SLOTS, f"Most interests kept apart, 1 to {SLOTS}.")
    slot_join: float = setting(
        0.45, "Cosine (64 dimensions) at which an action joins a slot of interest rather than open one."
    )
    slot_topic_bonus: float = setting(0.2, "What an action's being of the slot's topic adds to that cosine.")
    slot_merge: float = setting(0.6, "Cosine of two slots at which they become one when a new slot needs a place.")
    slot_enter_share: float = setting(0.2, "Share of the weight of all slots at which a slot is said to be open.")
    slot_exit_share: float = setting(0.06, "Share below which a said slot is said to be closed.")
    slot_least_mass: float = setting(15.0, "Least decayed weight of a slot before it is said.")
    slot_interval_s: float = setting(1800.0, "Least time between two changes of the slots, seconds.")
    intent_enter: float = setting(0.6, "Confidence at which a session is said to be about its leading topic.")
    intent_exit: float = setting(0.3, "Confidence below which the said topic is no longer what a session is about.")
    intent_least_mass: float = setting(8.0, "Least session weight before the intent is judged.")
    intent_interval_s: float = setting(300.0, "Least time between two changes of the intent, seconds.")
    pair_half_life_s: float = setting(
        30 * 86400.0, "Time between two items of a shopper that halves their pair, seconds."
    )
    cluster_least_mass: float = setting(8.0, "Least long-term weight before a profile is put into a cluster.")
    cluster_margin: float = setting(0.15, "A profile moves only if the new centre is nearer by this share.")
    cluster_interval_s: float = setting(600.0, "Least time between two changes of the cluster, seconds.")

    probability_odds: tuple[float, ...] = setting(
        (3.0, 10.0), "Odds of a predicted chance, as a multiple of the usual odds, at which it is middle and high."
    )
    probability_exit_factor: float = setting(
        0.4, "A band of a chance is left downwards below its bound's odds times this."
    )
    probability_interval_s: tuple[float, ...] = setting(
        (600.0, 86400.0, 86400.0), "Least time between two changes of one chance: session, week, churn; seconds."
    )
    absence_days: tuple[float, ...] = setting(
        (14.0, 60.0),
        "Shortest and longest absence that counts as churn, days; three of a shopper's own usual pauses between.",
    )
    probability_least_confidence: float = setting(
        0.2, "Least confidence before a chance is said to have risen, 0 to 1."
    )

    price_level_least: int = setting(
        20, "Prices of a category that must be counted before its price level is in force."
    )
    confidence_mass: float = setting(20.0, "Evidence at which a profile, or a trait, is trusted by half.")

    anomaly_enter: tuple[float, ...] = setting(
        (4.5, 4.0, 3.0, 4.5, 3.5, 2.3, 3.0, 3.5, 1.0),
        "Scores at which anomalies are raised while no alert budget is learnt: velocity (log2 of rates), spend and "
        "interest drift (deviations), bot-like, identity, payment, dormant, outlier (which only votes); rule.",
    )
    anomaly_exit: tuple[float, ...] = setting(
        (3.0, 1.5, 1.0, 2.0, 1.5, 1.0, 1.0, 2.0, 0.25), "Scores below which they are cleared, in the same order."
    )
    anomaly_half_lives_s: tuple[float, ...] = setting(
        (600.0, 3600.0, 3600.0, 900.0, 10800.0, 3600.0, 10800.0, 1800.0, 43200.0),
        "Half-lives of held scores in the same order, seconds.",
    )
    anomaly_cool_down_s: float = setting(900.0, "Rest of a cleared anomaly before one of its kind is raised, seconds.")
    anomaly_update_severity: float = setting(15.0, "Rise of severity at which an open anomaly is said again.")
    velocity_least_events: float = setting(40.0, "Least decayed events of the last minute for a velocity anomaly.")
    spend_prior_orders: float = setting(3.0, "Orders that the population's median and spread count for a new shopper.")
    drift_least_distance: float = setting(0.5, "Least drift (distance times the share of new topics) for an anomaly.")
    drift_least_new_topics: int = setting(2, "Topics new to the shopper that a session must have before it drifts.")
    drift_least_session_mass: float = setting(6.0, "Least session weight before drift is judged.")
    drift_least_earlier_mass: float = setting(20.0, "Least long-term weight from before the session.")
    bot_least_pages: float = setting(30.0, "Least decayed pages without dwell or wish for a bot-like anomaly.")
    identity_least_events: float = setting(10.0, "Events before a device, network or country counts as new.")
    dormant_least_days: float = setting(21.0, "Least pause after which an account counts as awake from sleep, days.")

    def __post_init__(self) -> None:
        if not 2 <= self.dims <= 4096:
            raise ValueError(f"policy dims is {self.dims}: must be 2 to 4096, and equal to the embedder's dimensions")
        if len(self.action_weights) != len(Action):
            raise ValueError(f"policy action_weights has {len(self.action_weights)} numbers: give {len(Action)}")
        for name in (one.name for one in fields(self) if one.name.endswith("half_life_s")):
            if not getattr(self, name) > 0:
                raise ValueError(f"policy {name} is {getattr(self, name)}: must be above 0 seconds")
        if not 1 <= self.slots <= SLOTS:
            raise ValueError(f"policy slots is {self.slots}: must be 1 to {SLOTS}, for which a profile has room")
        if len(self.absence_days) != 2 or not 1 <= self.absence_days[0] <= self.absence_days[1] <= 366:
            raise ValueError(f"policy absence_days is {self.absence_days}: give the shortest and the longest, 1 to 366")
        self._check_hysteresis()
        self._check_anomalies()

    def _check_anomalies(self) -> None:
        for name in ("anomaly_enter", "anomaly_exit", "anomaly_half_lives_s"):
            values = getattr(self, name)
            if len(values) != len(ANOMALIES) or min(values) <= 0:
                raise ValueError(f"policy {name} is {values}: give {len(ANOMALIES)} numbers above 0")

    def _check_hysteresis(self) -> None:
        """What is left below must not lie above what is entered at: it would enter and leave with every event."""
        for leave in (one.name for one in fields(self) if "_exit" in one.name and not one.name.endswith("_factor")):
            enter = leave.replace("_exit", "_enter")
            pairs = zip(np.atleast_1d(getattr(self, leave)), np.atleast_1d(getattr(self, enter)), strict=True)
            if any(low > high for low, high in pairs):
                raise ValueError(f"policy {leave} is {getattr(self, leave)}: must be at most {enter}")

    @cached_property
    def rules(self) -> "Rules":
        """The numbers in the form that compiled code takes."""
        half_lives = (self.session_half_life_s, self.short_half_life_s, self.long_half_life_s, self.burst_half_life_s)
        numbers = {one.name: getattr(self, one.name) for one in fields(self)}
        return Rules(half_lives_s=half_lives, **{name: _floats(value) for name, value in numbers.items()})

    @cached_property
    def digest(self) -> str:
        """Twelve hex digits that name this policy in every fact."""
        return sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


if TYPE_CHECKING:
    Rules = Any
else:
    Rules = namedtuple("Rules", ["half_lives_s", *(one.name for one in fields(Policy))])
    """A policy's fields as floats, and `half_lives_s` in the order the fold keeps: session, short, long, burst."""


def _floats(value: Any) -> Any:
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)
