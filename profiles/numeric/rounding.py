"""Rounds whole columns of numbers exactly as `round` rounds each of them."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
LARGEST = 2.0**31
"""Scaled numbers below this have an error far below NEAR."""
NEAR = 1e-6
"""Scaled numbers this close to the middle between two whole numbers are left to `round`."""


def rounded(values: npt.NDArray[np.generic], digits: int) -> Numbers:
    """Numbers of any shape, each rounded as by `round(number, digits)`: to the nearest decimal, decided exactly.

    `numpy.round` multiplies first, and its product may fall on the other side of the middle.

    >>> rounded(np.array([2.675, 0.125, -1.0]), 2).tolist(), np.array([2.675]).round(2).tolist()
    ([2.67, 0.12, -1.0], [2.68])
    """
    numbers: Numbers = values.astype(np.float64)
    scale = 10.0**digits
    scaled = numbers * scale
    whole = np.rint(scaled)
    found: Numbers = whole / scale
    certain = (np.abs(scaled - whole) < 0.5 - NEAR) & (np.abs(scaled) < LARGEST)
    if not certain.all():
        found[~certain] = [round(number, digits) for number in numbers[~certain].tolist()]
    return found
