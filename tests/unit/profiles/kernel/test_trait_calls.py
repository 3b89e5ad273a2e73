"""The compiled calls of traits: what a person corrects is withdrawn, and the detection names what it was."""

import numpy as np
import pytest
from support.activities import DIMS

from liveprofile.profiles.kernel.detections import DETECTION, VALUE
from liveprofile.profiles.kernel.trait_calls import withdraw
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.state.row import PATHS, blank_rows
from liveprofile.profiles.traits.registry import TRAITS
from liveprofile.profiles.traits.trait import Trait

CORRECTED = [trait for trait in TRAITS if trait.corrected_by]
OTHERS = [digest32("language"), *(digest32(trait.corrected_by) for trait in CORRECTED)]


@pytest.mark.parametrize("trait", CORRECTED, ids=lambda trait: trait.name)
def test_a_corrected_band_is_withdrawn_and_no_other_one(trait: Trait) -> None:
    row, detections, attribute = blank_rows(1, DIMS)[0], np.zeros(1, DETECTION), digest32(trait.corrected_by)
    assert withdraw(row, attribute, detections, 0) == 0, "nothing is published"
    row[trait.published] = 2
    for other in OTHERS:
        assert other == attribute or withdraw(row, other, detections, 0) == 0
    assert row[trait.published] == 2
    assert withdraw(row, attribute, detections, 0) == 1
    assert row[trait.published] == 0
    said = detections[0]
    assert (PATHS[said["about"]], said["before"][VALUE], said["after"][VALUE]) == (trait.path, 2, 0)
