"""Decayed means of single numbers."""

from liveprofile.profiles.numeric.jit import compiled


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
