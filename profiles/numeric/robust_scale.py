"""Robust location and spread: running estimates for a stream of numbers that single outliers hardly move."""

from liveprofile.profiles.numeric.jit import compiled

LOCATION, SPREAD = range(2)
"""Places in a pair of numbers: the location and the spread."""
FIRST_SPREAD = 1.0
"""Spread assumed of a single number."""
LEAST_WIDTH = 0.25
"""Floor of the spread that limits a step, so that the estimate of a constant stream can still move."""
CLIP = 2.5
"""A number moves location and spread as if it were at most this many spreads away (Huber 1964)."""
SIGMA_OF_MEAN_DEVIATION = 1.2533
"""Standard deviation over mean absolute deviation, for a normal distribution."""


@compiled
def huber_update(location: float, spread: float, number: float, seen: int, least_step: float) -> tuple[float, float]:
    """Location and spread after one more number; `seen` is how many there were before it.

    Each number weighs 2 / (seen + 2), at least `least_step`: early numbers, which may be outliers, soon lose weight,
    and about the last 1 / least_step numbers count.

    >>> huber_update(0.0, 0.0, 3.0, 0, 0.1)
    (3.0, 1.0)
    >>> huber_update(3.0, 1.0, 3.0, 1, 0.1)
    (3.0, 0.33333333333333337)
    >>> huber_update(3.0, 1.0, 1000.0, 18, 0.1)
    (3.25, 1.15)
    """
    if seen <= 0:
        return number, FIRST_SPREAD
    width = max(spread, LEAST_WIDTH)
    moved = min(max(number - location, -CLIP * width), CLIP * width)
    away = min(abs(moved) * SIGMA_OF_MEAN_DEVIATION, CLIP * width)
    step = max(2.0 / (seen + 2.0), least_step)
    return location + step * moved, spread + step * (away - spread)
