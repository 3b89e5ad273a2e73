"""The order of profiles that are due: by moment, then by id, and a part of it is its beginning."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liveprofile.profiles.fold.earliest import earliest


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=60), st.integers(1, 70))
def test_the_earliest_are_the_beginning_of_the_whole_order(due: list[tuple[int, int]], most: int) -> None:
    """Ids that begin alike, and moments that are the same, as at midnight."""
    ids = [b"%032d" % (number * 10**24 + place * 10**3) for place, (_, number) in enumerate(due)]
    places, moments = np.arange(len(due)), np.array([moment for moment, _ in due], np.int64)
    whole = sorted(range(len(due)), key=lambda place: (moments[place], ids[place]))
    assert earliest(places, moments, ids).tolist() == whole
    assert earliest(places, moments, ids, most).tolist() == whole[:most]
