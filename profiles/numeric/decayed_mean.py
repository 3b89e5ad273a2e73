"""Decayed means of single numbers, and the confidence in their evidence."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled

Mass = TypeVar("Mass", float, npt.NDArray[np.float64])
"""One mass, or many."""


@compiled
def decayed_mean_update(mean: float, mass: float, number: float, weight: float) -> tuple[float, float]:
    """Mean and mass after a number of some weight; the mass is decayed already (West 1979).

    >>> decayed_mean_update(1.0, 3.0, 5.0, 1.0)
    (2.0, 4.0)
    """
    if weight <= 0.0:
        return mean, mass
    total = mass + weight
    return mean + (number - mean) * (weight / total), total


def confidence_of(mass: Mass, half: float) -> Mass:
    """n / (n + k): the weight of own evidence n in an estimate with a prior of weight k (credibility).

    >>> confidence_of(20.0, 20.0), confidence_of(0.0, 20.0)
    (0.5, 0.0)
    """
    return mass / (mass + half)
