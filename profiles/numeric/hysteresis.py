"""Hysteresis: decides when a value moves from one band to another."""

from liveprofile.profiles.numeric.jit import compiled

NONE, LOW, MIDDLE, HIGH = 0, 1, 2, 3
"""A band in a row: its place + 1; 0 for none."""


@compiled
def band_around_zero(before: int, value: float, enter: float, leave: float) -> int:
    """Low, middle or high: entered beyond `enter` on either side of zero, left within `leave`.

    >>> [band_around_zero(before, -0.4, 0.5, 0.3) for before in (NONE, LOW, HIGH)]
    [2, 1, 2]
    """
    bound_low = leave if before == LOW else enter
    bound_high = leave if before == HIGH else enter
    if value <= -bound_low:
        return LOW
    return HIGH if value >= bound_high else MIDDLE


@compiled
def crossed(before: int, after: int, enter: float, leave: float) -> float:
    """The bound that led from one band around zero to another."""
    if after == MIDDLE:
        return -leave if before == LOW else leave if before == HIGH else enter
    return -enter if after == LOW else enter


@compiled
def ladder_band(before: int, value: float, bounds: tuple[float, ...], hold: float) -> int:
    """How many of the rising bounds a value has reached; a published band is left below `hold` times its bound.

    >>> [ladder_band(before, 90.0, (50.0, 100.0), 0.8) for before in (0, 2)]
    [1, 2]
    """
    lowest, highest = 0, 0
    for bound in bounds:
        lowest += value >= bound
        highest += value >= bound * hold
    return min(max(before, lowest), highest)


@compiled
def ladder_bound(before: int, after: int, bounds: tuple[float, ...], hold: float) -> float:
    """The bound that led from one band of a ladder to another."""
    return bounds[after - 1] if after > before else bounds[before - 1] * hold
