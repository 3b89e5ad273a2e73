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

from liveprofile.profiles.kernel.policy_sections import HALF_LIVES as HALF_LIVES
from liveprofile.profiles.kernel.policy_sections import TASK_NAMES as TASK_NAMES
from liveprofile.profiles.kernel.policy_sections import (
    Anomalies,
    Brands,
    Cluster,
    Decay,
    Intent,
    Interests,
    Predictions,
    Publish,
)
from liveprofile.profiles.kernel.policy_sections import Slots as Slots
from liveprofile.profiles.numeric.local_time import UTC, LocalTime
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.sections import by_name, changed, data, flat, setting, settings_of
from liveprofile.profiles.state.row import SLOTS
from liveprofile.profiles.traits.registry import TraitSettings

ACTIONS = tuple(action.name.lower() for action in Action)


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
    predictions: Predictions = Predictions()
    anomalies: Anomalies = Anomalies()

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
    def numbers(self) -> "Rules":
        """The same as one record: compiled code gets its address instead of 150 arguments in every call."""
        numbers = flat(self)
        layout = [(name, "<f8", np.shape(value)) for name, value in numbers.items()]
        return np.array([tuple(numbers.values())], np.dtype(layout))[0]

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
