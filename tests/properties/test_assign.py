"""Assignment gives the same bits one by one, in a batch and by schoolbook arithmetic."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liveprofile.models.assign import nearest, squared_distances

Int16 = np.ndarray[Any, np.dtype[np.int16]]
WHOLE = st.integers(-32768, 32767)


@st.composite
def points_and_centres(draw: st.DrawFn) -> tuple[Int16, Int16]:
    n, c, k = draw(st.integers(1, 12)), draw(st.integers(1, 8)), draw(st.integers(1, 128))
    return draw(arrays(np.int16, (n, k), elements=WHOLE)), draw(arrays(np.int16, (c, k), elements=WHOLE))


@given(points_and_centres())
def test_a_batch_gives_the_same_bits_as_row_by_row(both: tuple[Int16, Int16]) -> None:
    points, centres = both
    index, margin = nearest(points, centres)
    rows = [nearest(point[None, :], centres) for point in points]
    assert index.tobytes() == np.concatenate([row[0] for row in rows]).tobytes()
    assert margin.tobytes() == np.concatenate([row[1] for row in rows]).tobytes()


@given(points_and_centres())
def test_distances_are_the_exact_integers(both: tuple[Int16, Int16]) -> None:
    points, centres = both
    exact = [[sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centres.tolist()] for p in points.tolist()]
    assert squared_distances(points, centres).tolist() == exact


@given(points_and_centres())
def test_margins_lie_between_0_and_1_and_follow_their_definition(both: tuple[Int16, Int16]) -> None:
    points, centres = both
    index, margin = nearest(points, centres)
    for row, squares in enumerate(squared_distances(points, centres).tolist()):
        first, *rest = sorted(squares)
        assert squares.index(first) == index[row]
        expected = 1.0 if not rest else 1.0 - math.sqrt(first) / math.sqrt(rest[0]) if rest[0] else 0.0
        assert margin[row] == expected and 0 <= margin[row] <= 1


def test_a_point_on_the_border_has_no_margin_and_one_on_a_centre_has_all() -> None:
    centres = np.array([[0, 0], [10, 0]], dtype=np.int16)
    assert nearest(np.array([[5, 7], [10, 0]], dtype=np.int16), centres)[1].tolist() == [0.0, 1.0]


def test_no_points_are_no_results() -> None:
    index, margin = nearest(np.empty((0, 3), dtype=np.int16), np.zeros((2, 3), dtype=np.int16))
    assert index.shape == margin.shape == (0,)


@pytest.mark.parametrize("centres", [np.empty((0, 2), dtype=np.int16), np.zeros((2, 3), dtype=np.int16)])
def test_no_centres_or_other_dimensions_are_refused(centres: Int16) -> None:
    with pytest.raises(ValueError, match="at least one centre and the same number of dimensions"):
        nearest(np.zeros((1, 2), dtype=np.int16), centres)
