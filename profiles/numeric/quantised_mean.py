"""Weighted means kept in int16 without bias: each update is rounded with a dither derived from the event itself.

A mean of thousands of vectors moves by less than one int16 step per event, so plain rounding would freeze it. Adding a
dither in [0, 1) before rounding down makes it unbiased. The dither is derived from the event's place, so the result is
repeatable. (Stochastic rounding: Gupta et al., ICML 2015.)
"""

import numpy as np
import numpy.typing as npt

from liveprofile.models.fixed_point import ONE
from liveprofile.profiles.numeric.jit import compiled

PATTERNS = 1024
WIDEST = 4096
"""Maximum dimensions of a mean."""


def _even(count: int) -> npt.NDArray[np.float32]:
    """`count` numbers evenly spread over (0, 1), in the order of the SplitMix64 sequence (Steele et al., 2014).

    Random numbers would be uneven, with a mean off 0.5: a bias that accumulates over thousands of events.
    """
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((np.argsort(np.argsort(z)) + 0.5) / count).astype(np.float32)


DITHER = np.tile(_even(PATTERNS), 1 + WIDEST // PATTERNS)
"""A pattern is a window that begins at its number: over all patterns, each dimension sees each number once."""


@compiled
def pattern_of(number: int) -> int:
    """The dither pattern of an event, from any 64-bit number that belongs to it."""
    return int((np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(54))


@compiled
def blend(mean: npt.NDArray[np.int16], target: npt.NDArray[np.int16], sign: float, gain: float, pattern: int) -> None:
    """Move a mean (d,) towards sign times target (d,) by a share `gain`: mean + gain (target - mean), West 1979.

    The dither is added to the move, not to the mean, since float32 has too few digits: a gain of 0 leaves the mean
    exactly as it is. Both are int16; ONE stands for 1.0.
    """
    share, towards, one = np.float32(gain), np.float32(sign), np.float32(ONE)
    for at in range(mean.shape[0]):
        old = np.float32(mean[at])
        new = old + np.floor(share * (towards * np.float32(target[at]) - old) + DITHER[pattern + at])
        mean[at] = np.int16(min(max(new, -one), one))


@compiled
def shift_shares(shares: npt.NDArray[np.int16], active: int, gain: float, pattern: int) -> None:
    """Move shares (n,) towards all at the place `active`, by `gain` of the way; the dither is as in `blend`."""
    step = np.float32(gain)
    for at in range(len(shares)):
        old = np.float32(shares[at])
        target = np.float32(ONE if at == active else 0)
        new = old + np.floor(step * (target - old) + DITHER[pattern + at])
        shares[at] = np.int16(min(new, np.float32(ONE)))
