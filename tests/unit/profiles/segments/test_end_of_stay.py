"""The end of a minimum stay is a moment of its own, whatever number of lifecycle states the rules have."""

import pytest
from support.activities import NOON_MS, activity, adoption, tick
from support.folding import Shopper
from support.rules import rule_text

from liveprofile.profiles.segments.transitions import NEVER, next_verdict_ms

STATES = (("new", "events <= 100"), ("known", "events <= 200"), ("old", "events > 200"))
STAY_S = 3_600.0


def member(states: int, left: bool) -> Shopper:
    """A member of two segments who, unless they stay, would have left both."""
    text = rule_text(*(f"events <= 1 | events >= 2 | {hours}h" for hours in (1, 2)), states=STATES[:states])
    shopper = Shopper()
    shopper.does(adoption(0.0, {"what": "rules", "toml": text}), activity())
    if left:
        shopper.does(activity(at_s=60.0, offset=1))
    return shopper


def next_s(shopper: Shopper, after_s: float) -> float:
    """Seconds from noon to the next verdict; infinity for none."""
    compiled = shopper.fold.cursor.rules.compiled_rules
    found = next_verdict_ms(shopper.row, NOON_MS + round(after_s * 1000), shopper.fold.policy.rules, compiled)
    return (found - NOON_MS) / 1000 if found < NEVER else float("inf")


@pytest.mark.parametrize("states", range(len(STATES) + 1))
def test_who_would_leave_does_so_at_the_end_of_the_stay_and_who_would_not_stays(states: int) -> None:
    leaving = member(states, left=True)
    assert next_s(leaving, 60.0) == STAY_S
    assert next_s(leaving, STAY_S) == 2 * STAY_S
    assert next_s(leaving, 2 * STAY_S) == float("inf")
    leaving.does(tick(STAY_S - 0.001), tick(STAY_S))
    assert leaving.on("segments")[-1].after == ["s1"]
    assert next_s(member(states, left=False), 0.0) == float("inf")
