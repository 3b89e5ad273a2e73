"""Active days: weekdays or weekends, if they hold far more than their share of a week."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from liveprofile.profiles.numeric.aliases import Columns, Row, Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.records.sections import Section, by_name, setting
from liveprofile.profiles.records.vocabulary import DAYS, Days
from liveprofile.profiles.traits.trait import STATIC, Feature, Field, Judged, Part, Trait, Why

DAY_MS = 86_400_000
SATURDAY = 5
WEEKDAYS, WEEKENDS = 1, 2


@dataclass(frozen=True)
class DaysSettings(Section):
    """When weekdays or weekends are published."""

    enter_share: Mapping[str, float] = by_name(
        DAYS, {"weekday": 0.9, "weekend": 0.6}, "Share of activity on these days at which they are published."
    )
    exit_share: Mapping[str, float] = by_name(
        DAYS, {"weekday": 0.8, "weekend": 0.45}, "Share below which published days are withdrawn."
    )
    min_days: float = setting(14.0, "Minimum days since the first activity before weekdays or weekends are published.")
    interval_s: float = setting(86400.0, "Minimum time between two changes of the days, seconds.")


class ActiveDays(msgspec.Struct, frozen=True, gc=False):
    """On which days the shopper is active, in the shop's time zone."""

    histogram: list[float]
    """Shares of the days of the week, Monday first."""
    mostly: Days | None
    """As last published."""


@compiled
def judge_days(row: Row, before: int, rules: Rules) -> tuple[int, float, float]:
    """The band now, the bound that was crossed, and the observed share. The shares are updated with those of hours."""
    weekend = 0
    for day in range(SATURDAY, 7):
        weekend += int(row.days[day])
    share = weekend / VECTOR_ONE
    known = row.hours_mass >= rules.hours_min_mass and row.seen_ms - row.first_ms >= rules.days_min_days * DAY_MS
    after = 0
    if known and 1.0 - share >= rules.days_enter_share[0]:
        after = WEEKDAYS
    elif known and share >= rules.days_enter_share[1]:
        after = WEEKENDS
    elif (before == WEEKDAYS and 1.0 - share >= rules.days_exit_share[0]) or (
        before == WEEKENDS and share >= rules.days_exit_share[1]
    ):
        after = before
    weekdays = max(before, after) == WEEKDAYS if min(before, after) == 0 else after == WEEKDAYS
    bound = rules.days_enter_share if after > 0 else rules.days_exit_share
    return after, bound[0] if weekdays else bound[1], 1.0 - share if weekdays else share


@compiled
def weekend_share(row: Row) -> float:
    """The share of Saturday and Sunday."""
    return (float(row.days[SATURDAY]) + float(row.days[SATURDAY + 1])) / VECTOR_ONE


def days_shown(columns: Columns, policy: Any) -> list[ActiveDays]:
    """The days as a snapshot shows them."""
    shares = rounded(columns.rows["days"] / VECTOR_ONE, 4).tolist()
    return [
        ActiveDays(histogram, DAYS[published - 1] if published else None)
        for histogram, published in zip(shares, columns["published_days"], strict=True)
    ]


_COMPARED = "{observed:percent} of the activity, threshold {threshold:percent}."
"""How messages end."""

ACTIVE_DAYS = Trait(
    name="active_days",
    path="days",
    meaning="Weekdays or weekends, if one of them holds nearly all of the activity.",
    state=(
        Field("days", "<i2", "shares of activity by local day of the week (Monday first), VECTOR_ONE is all", (7,)),
        Field("published_days", "u1", "as last published"),
    ),
    published="published_days",
    settings="days",
    bands=Judged(DAYS, judge_days),
    corrected_by="shopping_days",
    rule="days@1",
    reasons=(
        Why(
            "ACTIVE_DAYS_FOUND",
            when="present",
            meaning="Weekdays, or weekends, hold nearly all of the activity.",
            template="Active days are now {after:days}{previously:days}: " + _COMPARED,
            sample=(None, "weekend", 0.84, 0.8),
        ),
        Why(
            "ACTIVE_DAYS_LOST",
            when="lost",
            meaning="The published days no longer stand out.",
            template="Active days are no longer {before:days}: " + _COMPARED,
            sample=("weekend", None, 0.55, 0.6),
        ),
    ),
    features=(
        Feature(
            "weekend.share",
            STATIC,
            "share",
            "Activity on Saturday and Sunday, local time.",
            read=weekend_share,
        ),
    ),
    part=Part("days", ActiveDays, days_shown),
)
