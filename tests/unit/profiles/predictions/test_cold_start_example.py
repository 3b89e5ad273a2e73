"""The cold-start example of a shopper, as compiled code notes it."""

import numpy as np
import pytest
from support.activities import DIMS

from liveprofile.profiles.fold.buffers import new_buffers
from liveprofile.profiles.kernel.context import ENTRIES
from liveprofile.profiles.predictions.cold_start_example import BECOME, KNOWN_AFTER, note_entry
from liveprofile.profiles.state.row import LONG, blank_rows


@pytest.mark.parametrize(
    ("masses", "topics"), [([1, 2, 3, 4], [4, 3, 2]), ([4, 3, 2, 1], [1, 2, 3]), ([2, 4, 1, 3], [2, 4, 1])]
)
def test_an_example_has_the_largest_topics_in_the_order_of_their_weight(masses: list[int], topics: list[int]) -> None:
    assert len(topics) == BECOME
    row, buffers = blank_rows(1, DIMS)[0], new_buffers(1, DIMS)
    row["events"], row["entry"] = KNOWN_AFTER, 7
    row["topic"][:4], row["topic_mass"][LONG, :4] = [1, 2, 3, 4], masses
    note_entry(row, buffers)
    assert buffers.filled[ENTRIES] == 1
    assert buffers.entered["topic"][0].tolist() == topics
    assert buffers.entered["share"][0] == pytest.approx(np.array([4, 3, 2]) / 10)


def test_topics_that_are_missing_or_weigh_nothing_leave_their_places_empty() -> None:
    row, buffers = blank_rows(1, DIMS)[0], new_buffers(1, DIMS)
    row["events"], row["entry"] = KNOWN_AFTER, 7
    row["topic"][:2], row["topic_mass"][LONG, :2] = [1, 2], [0.0, 5.0]
    note_entry(row, buffers)
    assert buffers.entered["topic"][0].tolist() == [2, 0, 0]
    assert buffers.entered["share"][0].tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(("events", "entry"), [(KNOWN_AFTER - 1, 7), (KNOWN_AFTER + 1, 7), (KNOWN_AFTER, 0)])
def test_an_example_is_noted_at_one_activity_and_only_of_who_began_with_a_topic(events: int, entry: int) -> None:
    row, buffers = blank_rows(1, DIMS)[0], new_buffers(1, DIMS)
    row["events"], row["entry"] = events, entry
    note_entry(row, buffers)
    assert buffers.filled[ENTRIES] == 0
