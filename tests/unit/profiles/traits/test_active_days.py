"""When active days are published, kept and withdrawn, and the bound and share that are said with it."""

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.state.row import blank_rows
from liveprofile.profiles.traits.active_days import DAY_MS, WEEKDAYS, WEEKENDS, judge_days

RULES = Policy(dims=DIMS).rules
IN_WEEK, IN_WEEKEND = RULES.days_enter_share
OUT_WEEK, OUT_WEEKEND = RULES.days_exit_share
NONE = 0


def row(weekend: float, *, mass: float = RULES.hours_min_mass, days: float = RULES.days_min_days) -> np.void:
    """A shopper with a share of activity at weekends."""
    rows = blank_rows(1, DIMS)
    rows["days"][0, 5] = rows["days"][0, 6] = round(weekend * VECTOR_ONE / 2)
    rows["hours_mass"], rows["first_ms"], rows["seen_ms"] = mass, NOON_MS, NOON_MS + round(days * DAY_MS)
    return rows[0]  # type: ignore[no-any-return]


def judged(before: int, weekend: float, **known: float) -> tuple[int, float, float]:
    after, bound, share = judge_days(row(weekend, **known), before, RULES)
    return after, bound, round(share, 3)


@pytest.mark.parametrize(
    ("before", "weekend", "after", "bound"),
    [
        (NONE, 1 - IN_WEEK - 0.01, WEEKDAYS, IN_WEEK),
        (NONE, 1 - IN_WEEK + 0.01, NONE, OUT_WEEKEND),
        (NONE, IN_WEEKEND + 0.01, WEEKENDS, IN_WEEKEND),
        (NONE, IN_WEEKEND - 0.01, NONE, OUT_WEEKEND),
        (WEEKDAYS, 1 - OUT_WEEK - 0.01, WEEKDAYS, IN_WEEK),
        (WEEKDAYS, 1 - OUT_WEEK + 0.01, NONE, OUT_WEEK),
        (WEEKENDS, OUT_WEEKEND + 0.01, WEEKENDS, IN_WEEKEND),
        (WEEKENDS, OUT_WEEKEND - 0.01, NONE, OUT_WEEKEND),
        (WEEKENDS, 0.0, WEEKDAYS, IN_WEEK),
        (WEEKDAYS, 1.0, WEEKENDS, IN_WEEKEND),
    ],
)
def test_days_are_entered_at_one_bound_and_left_at_another(
    before: int, weekend: float, after: int, bound: float
) -> None:
    of_weekdays = after == WEEKDAYS or (after == NONE and before == WEEKDAYS)
    found = judged(before, weekend)
    assert found[:2] == (after, pytest.approx(bound))
    assert found[2] == pytest.approx(1 - weekend if of_weekdays else weekend, abs=2e-3)


@pytest.mark.parametrize(
    "known", [{"mass": RULES.hours_min_mass - 0.01}, {"days": RULES.days_min_days - 0.01}], ids=["mass", "days"]
)
def test_nothing_is_entered_before_enough_is_known_and_what_is_published_stays(known: dict[str, float]) -> None:
    assert judged(NONE, 1.0, **known)[0] == NONE and judged(NONE, 0.0, **known)[0] == NONE
    assert judged(WEEKENDS, 1.0, **known)[0] == WEEKENDS and judged(WEEKDAYS, 0.0, **known)[0] == WEEKDAYS
    assert judged(NONE, 1.0)[0] == WEEKENDS and judged(NONE, 0.0)[0] == WEEKDAYS
