"""The policy: all profile settings in one frozen value, which is identified by its digest."""

import re
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from liveprofile.profiles.kernel.policy_judgements import TASK_NAMES as TASK_NAMES
from liveprofile.profiles.kernel.policy_judgements import Anomalies, Predictions
from liveprofile.profiles.numeric.aliases import Numbers
from liveprofile.profiles.numeric.local_time import UTC, LocalTime
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.sections import Section, by_name, changed, data, flat, setting, settings_of
from liveprofile.profiles.state.row import SCALES, SLOTS
from liveprofile.profiles.traits.registry import TraitSettings

HALF_LIVES = (*SCALES, "burst")
"""Half-lives in the order of the factors of decay."""
ACTIONS = tuple(action.name.lower() for action in Action)


@dataclass(frozen=True)
class Decay(Section):
    """Half-lives: how fast past activities lose weight."""

    half_life_s: Mapping[str, float] = by_name(
        HALF_LIVES,
        {"session": 1800.0, "short": 7 * 86400.0, "long": 60 * 86400.0, "burst": 60.0},
        "Half-life, seconds",
        {
            "session": "of session interests",
            "short": "of short-term interests",
            "long": "of long-term interests, counts and spend",
            "burst": "of the event rate that velocity is judged by",
        },
    )
    pair_half_life_s: float = setting(
        30 * 86400.0, "Time between two items of a shopper that halves the weight of their pair, seconds."
    )


@dataclass(frozen=True)
class Publish(Section):
    """How often a profile may be published: a token bucket of versions per profile."""

    burst: float = setting(3.0, "Burst size of the per-profile publish token bucket, versions.")
    refill_per_event: float = setting(0.06, "Versions that each event adds to the bucket.")
    refill_s: float = setting(7200.0, "Time that adds one version to the bucket, seconds.")


@dataclass(frozen=True)
class InterestScale(Section):
    """When a topic enters and leaves the published interests of one scale."""

    enter_share: float = setting(0.25, "Share of interest at which a topic enters.")
    exit_share: float = setting(0.12, "Share below which a published topic leaves.")
    min_mass: float = setting(8.0, "Minimum decayed weight of a topic before it enters.")
    interval_s: float = setting(120.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Interests(Section):
    """When topics enter and leave the published interests; the factors hold for brands and slots, too."""

    incumbent_factor: float = setting(
        1.25, "A published topic or brand is replaced only by one with a share larger by this factor."
    )
    leave_mass_factor: float = setting(
        3.0, "A published topic, brand or slot leaves only where this times the minimum weight is seen."
    )
    session: InterestScale = InterestScale(enter_share=0.34, exit_share=0.15, min_mass=4.0, interval_s=30.0)
    short: InterestScale = InterestScale(enter_share=0.25, exit_share=0.12, min_mass=8.0, interval_s=120.0)
    long: InterestScale = InterestScale(enter_share=0.20, exit_share=0.10, min_mass=12.0, interval_s=600.0)


@dataclass(frozen=True)
class Brands(Section):
    """When a brand enters and leaves the favoured brands."""

    enter_share: float = setting(0.30, "Share of branded interest at which a brand enters.")
    exit_share: float = setting(0.15, "Share below which a favoured brand leaves.")
    min_mass: float = setting(12.0, "Minimum decayed weight of a brand before it enters.")
    interval_s: float = setting(600.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Slots(Section):
    """Interest slots: several interests of a shopper, each with its own centre."""

    most: int = setting(SLOTS, f"Maximum number of slots, 1 to {SLOTS}.")
    join: float = setting(0.45, "Cosine (64 dimensions) at which an action joins a slot rather than open one.")
    topic_bonus: float = setting(0.2, "Added to that cosine where the action is of the slot's topic.")
    merge: float = setting(0.6, "Cosine of two slots at which they become one when a new slot needs a place.")
    enter_share: float = setting(0.2, "Share of the weight of all slots at which a slot is published.")
    exit_share: float = setting(0.06, "Share below which a published slot is closed.")
    min_mass: float = setting(15.0, "Minimum decayed weight of a slot before it is published.")
    interval_s: float = setting(1800.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Intent(Section):
    """When the leading topic of a session is published."""

    enter: float = setting(0.6, "Confidence at which the leading topic is published.")
    exit: float = setting(0.3, "Confidence below which the published topic is withdrawn.")
    min_mass: float = setting(8.0, "Minimum session weight before the intent is judged.")
    interval_s: float = setting(300.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Cluster(Section):
    """When a profile is assigned to a cluster, and moved to another one."""

    min_mass: float = setting(8.0, "Minimum long-term weight before a profile is assigned to a cluster.")
    margin: float = setting(0.15, "A profile moves only if the new centre is nearer by this share.")
    interval_s: float = setting(600.0, "Minimum time between two changes, seconds.")


@dataclass(frozen=True)
class Policy(TraitSettings):
    """How profiles decay, when a change is published, and when behaviour is anomalous.

    Every setting has its meaning and unit in docs/settings.md, and in the metadata of its field. Durations are in
    seconds, shares 0 to 1. ValueError names the setting that is out of its limits.

    >>> Policy().changed({"decay.half_life_s.session": 900.0}).digest == Policy().digest
    False
    >>> Policy().changed({"decay.half_life_s.session": 0.0})
    Traceback (most recent call last):
    ValueError: policy decay.half_life_s.session is 0.0: must be above 0
    """

    dims: int = setting(128, "Dimensions of the interest vectors; the embedder's dimensions.")
    session_gap_s: float = setting(1800.0, "A pause longer than this starts a new session, seconds.")
    forget_after_days: float = setting(
        0.0,
        "Days without an activity after which a profile is erased; 0 for never, unless on demand.",
        home="profile.forget_after_days",
    )
    local_time: LocalTime = data(UTC)  # noqa: RUF009  # a field, as `setting` makes one
    """The shop's time zone, for hours and days of the week."""
    confidence_mass: float = setting(20.0, "Evidence at which a profile, or a trait, is trusted by half.")
    action_weights: Mapping[str, float] = by_name(
        ACTIONS,
        {
            "view": 1.0,
            "click": 1.5,
            "cart": 3.0,
            "uncart": -2.0,
            "favourite": 2.5,
            "share": 2.0,
            "dismiss": -1.5,
            "search": 0.8,
            "purchase": 5.0,
            "refund": -4.0,
            "review": 1.0,
            "accept": 2.0,
            "refuse": -1.5,
            "correct": 0.0,
            "declare": 0.0,
            "failed": 1.0,
        },
        "Weight of an action in interests; a negative one speaks against an interest.",
    )
    decay: Decay = Decay()
    publish: Publish = Publish()
    interests: Interests = Interests()
    brands: Brands = Brands()
    slots: Slots = Slots()
    intent: Intent = Intent()
    cluster: Cluster = Cluster()
    predictions: Predictions = Predictions()  # noqa: RUF009  # frozen
    anomalies: Anomalies = Anomalies()  # noqa: RUF009  # frozen

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.dims <= 4096:
            raise ValueError(f"policy dims is {self.dims}: must be 2 to 4096, and equal to the embedder's dimensions")
        if not 1 <= self.slots.most <= SLOTS:
            raise ValueError(f"policy slots.most is {self.slots.most}: must be 1 to {SLOTS}, the room in a profile")
        if not 1 <= self.predictions.absence_days["shortest"] <= self.predictions.absence_days["longest"] <= 366:
            raise ValueError(
                f"policy predictions.absence_days is {self.predictions.absence_days}: must be 1 to 366, the shortest "
                "not above the longest"
            )
        if not 0 <= self.forget_after_days <= 36_525 or 0 < self.forget_after_days < 1:
            raise ValueError(
                f"policy forget_after_days is {self.forget_after_days}: must be 1 to 36525 days, or 0 for never"
            )
        _check(settings_of(self))

    def changed(self, values: Mapping[str, Any]) -> "Policy":
        """A policy with other values for some dotted names. ValueError for an unknown name, with the nearest one.

        >>> Policy().changed({"anomalies.enter.velocity": 5.0, "publish.burst": 2.0}).anomalies.enter["velocity"]
        5.0
        """
        policy: Policy = changed(self, values)
        return policy

    @cached_property
    def rules(self) -> "Rules":
        """The numbers by name, as a named tuple."""
        return Rules(**flat(self))

    @cached_property
    def numbers(self) -> Numbers:
        """The same as one record (1,): compiled code gets its address instead of 150 arguments in every call."""
        numbers = flat(self)
        layout = [(name, "<f8", np.shape(value)) for name, value in numbers.items()]
        return np.array([tuple(numbers.values())], np.dtype(layout))

    @cached_property
    def digest(self) -> str:
        """Twelve hex digits that identify this policy in every fact."""
        named = settings_of(self) | ({} if self.local_time == UTC else {"local_time": list(self.local_time)})
        return sha256(orjson.dumps(named, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def _check(settings: Mapping[str, Any]) -> None:
    """Half-lives and scores are above 0; an exit above its enter threshold would alternate with every event."""
    for name, value in settings.items():
        if ("half_life_s" in name or name.startswith(("anomalies.enter.", "anomalies.exit."))) and not value > 0:
            raise ValueError(f"policy {name} is {value}: must be above 0")
        enter = re.sub(r"(^|[._])exit($|[._])", r"\1enter\2", name)
        if enter in settings and np.any(np.atleast_1d(value) > np.atleast_1d(settings[enter])):
            raise ValueError(f"policy {name} is {value}: must be at most {enter}")


if TYPE_CHECKING:
    Rules = Any
else:
    Rules = namedtuple("Rules", flat(Policy()))
    """A policy's numbers by section and name, see `sections`; numbers by name are tuples in the order of the names."""
