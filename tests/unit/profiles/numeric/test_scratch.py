"""Scratch arrays: zeros at every call, one for each call site, of constant length."""

import numba
import numpy as np
import pytest

from liveprofile.profiles.numeric.scratch import digests, floats, shorts

LENGTH = 5


@numba.njit(_nrt=False)
def add_up(values, step):
    for at in range(len(values)):
        values[at] += step


@numba.njit(_nrt=False)
def sums(calls):
    total = 0.0
    for _ in range(calls):
        one, other, small, whole = floats(LENGTH), floats(LENGTH), shorts(3), digests(2)
        add_up(one, 1.5)
        add_up(small, 2)
        whole[1] = 4_000_000_000
        for at in range(LENGTH):
            total += one[at] + 100.0 * other[at]
        total += small[2] + whole[0] + whole[1] / 4_000_000_000
    return total


@numba.njit(_nrt=False)
def of_length(length):
    return len(floats(length))


def test_an_array_is_zeros_again_in_the_next_round_of_a_loop() -> None:
    assert sums(4) == 4 * (LENGTH * 1.5 + 2 + 1)


def test_the_length_must_be_known_when_it_is_compiled() -> None:
    with pytest.raises(numba.TypingError):
        of_length(3)


def test_plain_python_gets_arrays_of_the_same_types() -> None:
    for make, dtype in ((floats, np.float64), (shorts, np.int16), (digests, np.uint32)):
        assert make(3).tolist() == [0, 0, 0] and make(3).dtype == dtype
