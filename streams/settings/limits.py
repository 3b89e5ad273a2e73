"""Limits of the numbers of the policy, by what they are: shares, weights, times; and which of them must rise."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

POLICY = "profile.policy."
_SHARES = re.compile(
    r"(share|confidence|exit_factor|margin|join|merge|topic_bonus)(\.\w+)?$|(intent|sentiment)\.(enter|exit)$|discount\.bounds"
)
_ABOVE_NOTHING = re.compile(r"half_life_s|anomalies\.(enter|exit)\.|confidence_mass$|session_gap_s$|refill_s$|odds")
_FIXED = {"dims": (2, 4096), "slots.most": (1, 6)}
_DAYS = re.compile(r"absence_days")
RISING = ("spend.bounds", "discount.bounds", "predictions.odds", "predictions.absence_days")
"""Numbers by name of which each must be above the one before."""


def limits_of(name: str, default: Any) -> Mapping[str, Any]:
    """The limits of a number of the policy, for `msgspec.Meta`; empty for what is no number of it.

    >>> limits_of("profile.policy.brands.enter_share", 0.3), limits_of("profile.policy.decay.half_life_s.long", 1.0)
    ({'ge': 0, 'le': 1}, {'gt': 0, 'le': 1000000000})
    """
    if not name.startswith(POLICY) or isinstance(default, bool) or not isinstance(default, int | float):
        return {}
    key = name.removeprefix(POLICY)
    if key in _FIXED:
        least, most = _FIXED[key]
        return {"ge": least, "le": most}
    if key.startswith("action_weights."):
        return {"ge": -100, "le": 100}
    if _DAYS.search(key):
        return {"ge": 1, "le": 366}
    if _ABOVE_NOTHING.search(key):
        return {"gt": 0, "le": 1_000_000_000}
    return {"ge": 0, "le": 1} if _SHARES.search(key) else {"ge": 0, "le": 1_000_000_000}


def shape_of(name: str, default: Any) -> str:
    """What a list of numbers, or one of several by name, must be, in words; empty for other values."""
    if name.rpartition(".")[0].removeprefix(POLICY) in RISING:
        return "above the one before"
    if isinstance(default, tuple) and default and all(isinstance(one, int | float) for one in default):
        return f"{len(default)} numbers from 0 on, each above the one before"
    return ""


def faults(name: str, value: Sequence[Any] | Mapping[str, Any], default: Any) -> Iterator[str]:
    """What is wrong with numbers that must rise, in words that follow the setting's name.

    >>> list(faults("rfm.spend", (100.0, 50.0), (1.0, 2.0)))
    ['must rise, and 50 is not above 100']
    """
    numbers = list(value.values()) if isinstance(value, Mapping) else list(value)
    if len(numbers) != len(default):
        yield f"has {len(numbers)} numbers, and needs {len(default)}"
    if any(one < 0 for one in numbers):
        yield f"has a number below 0: {min(numbers):g}"
    for before, after in pairwise(numbers):
        if not after > before:
            yield f"must rise, and {after:g} is not above {before:g}"
