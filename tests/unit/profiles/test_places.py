"""What stands where has a name: no place is written as a number."""

import re

import pytest
from support.paths import ROOT

from liveprofile.profiles.anomalies import kinds, named, outlier
from liveprofile.profiles.kernel.decay import BURST
from liveprofile.profiles.kernel.policy import ACTIONS, HALF_LIVES, TASK_NAMES, Policy
from liveprofile.profiles.numeric.places import places_of
from liveprofile.profiles.predictions.inputs import AT, LAYOUT, TABLE
from liveprofile.profiles.state.row import ANOMALIES, SCALES

NAMED = (
    "filled|before|after|signals|state_decay|event_decay|half_life_s|mass|topic_mass|visit_gap|order_gap|pace|offers|"
    "inputs|pending_input|anomaly_input"
)
"""Arrays whose numbers each mean something else."""
_BY_NUMBER = re.compile(rf"\b(?:{NAMED})\[(?:[^\]]*, )?\d+\]|decode_tail\([^\n]*\)\[\d")


@pytest.mark.parametrize("folder", ["profiles", "streams", "models"])
def test_no_place_is_written_as_a_number(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _BY_NUMBER.search(line)
    ]
    assert found == []


def test_places_are_those_of_what_they_name() -> None:
    assert AT._fields == LAYOUT.inputs == tuple(one.name for one in TABLE)
    assert named.AT._fields == tuple(named.SIGNALS) and outlier.AT._fields == tuple(outlier.INPUTS)
    assert len(kinds.SIGNALS) == len(ANOMALIES) - 1, "a rule has signals of its own"
    with pytest.raises(ValueError, match="duplicate"):
        places_of(["pause", "pause"])


def test_numbers_by_name_stand_in_the_order_of_compiled_code() -> None:
    policy = Policy()
    assert HALF_LIVES[BURST] == "burst" and HALF_LIVES[: len(SCALES)] == SCALES
    for numbers, names in (
        (policy.decay.half_life_s, HALF_LIVES),
        (policy.action_weights, ACTIONS),
        (policy.predictions.interval_s, TASK_NAMES),
        (policy.anomalies.enter, ANOMALIES),
    ):
        assert tuple(numbers) == names
    changed = policy.changed({"anomalies.enter": {"spend": 9.0}, "interests.long.min_mass": 7.0})
    assert changed.rules.anomalies_enter[ANOMALIES.index("spend")] == 9.0
    assert changed.rules.interests_min_mass == (*policy.rules.interests_min_mass[:2], 7.0)
