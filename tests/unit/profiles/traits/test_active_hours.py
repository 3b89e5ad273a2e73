"""When a part of the day is published, kept and withdrawn, and the bound and share that its fact has."""

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.records.vocabulary import PARTS_OF_DAY
from liveprofile.profiles.state.row import blank_rows
from liveprofile.profiles.traits.active_hours import DAY_MS, HOURS_A_PART, PARTS, judge_hours

RULES = Policy(dims=DIMS).rules
ENTER, EXIT = RULES.hours_enter_share, RULES.hours_exit_share
CROSSING_MS = 1 << 41
"""A moment at which all lower bits of the time change."""
NONE = 0


def row(
    *shares: float,
    mass: float = RULES.hours_min_mass,
    days: float = RULES.hours_min_days,
    first_ms: int = NOON_MS,
) -> np.void:
    """A shopper with these shares of activity in the parts of the day."""
    rows = blank_rows(1, DIMS)
    for part, share in enumerate(shares):
        rows["hours"][0, part * HOURS_A_PART] = round(share * VECTOR_ONE)
    rows["hours_mass"], rows["first_ms"], rows["seen_ms"] = mass, first_ms, first_ms + round(days * DAY_MS)
    return rows[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("part", range(PARTS), ids=PARTS_OF_DAY)
def test_the_part_that_holds_enough_is_published_with_the_bound_at_which_it_is_entered(part: int) -> None:
    shares = [0.0] * PARTS
    shares[part] = ENTER + 0.01
    after, bound, share = judge_hours(row(*shares), NONE, RULES)
    assert (after, bound) == (part + 1, ENTER)
    assert share == pytest.approx(ENTER + 0.01, abs=1e-3)
    shares[part] = ENTER - 0.01
    assert judge_hours(row(*shares), NONE, RULES)[:2] == (NONE, EXIT)


@pytest.mark.parametrize("part", range(PARTS), ids=PARTS_OF_DAY)
def test_a_published_part_stays_down_to_the_share_at_which_it_is_left(part: int) -> None:
    shares = [0.0] * PARTS
    shares[part] = EXIT + 0.01
    assert judge_hours(row(*shares), part + 1, RULES)[:2] == (part + 1, ENTER)
    shares[part] = EXIT - 0.01
    after, bound, share = judge_hours(row(*shares), part + 1, RULES)
    assert (after, bound) == (NONE, EXIT)
    assert share == pytest.approx(EXIT - 0.01, abs=1e-3)


@pytest.mark.parametrize("first_ms", [0, NOON_MS, CROSSING_MS - 1_000])
def test_a_part_is_published_only_from_the_least_days_and_activity_on(first_ms: int) -> None:
    assert judge_hours(row(1.0, first_ms=first_ms), NONE, RULES)[0] == 1
    assert judge_hours(row(1.0, first_ms=first_ms, days=RULES.hours_min_days - 0.01), NONE, RULES)[0] == NONE
    assert judge_hours(row(1.0, first_ms=first_ms, mass=RULES.hours_min_mass - 0.01), NONE, RULES)[0] == NONE
