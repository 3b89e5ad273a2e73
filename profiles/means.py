"""Weighted means kept in int16 without bias: each update is rounded by a dither that the event itself decides.

A mean of thousands of vectors moves by less than one int16 step per event. Plain rounding would freeze it; adding a
dither in [0, 1) before rounding down keeps it right on average, and taking the dither from the event's digest keeps it
repeatable. (Stochastic rounding: Gupta et al., ICML 2015.)
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from profiles.activity import VECTOR_ONE

_PATTERNS = 1024


@lru_cache(maxsize=8)
def _dither(width: int) -> npt.NDArray[np.float32]:
    """(1024, width) numbers in [0, 1): windows over a SplitMix64 sequence, the same on every machine."""
    with np.errstate(over="ignore"):
        z = np.arange(1, _PATTERNS + width, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    uniform = (z >> np.uint64(44)).astype(np.float32) / np.float32(1 << 20)
    return np.lib.stride_tricks.sliding_window_view(uniform, width)


def pattern_of(digests: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Which dither pattern an event uses, from any 64-bit number that is its own."""
    with np.errstate(over="ignore"):
        return ((digests * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(54)).astype(np.int64)


def blend(
    mean: npt.NDArray[np.int16],
    target: npt.NDArray[np.float32],
    gain: npt.NDArray[np.float64],
    pattern: npt.NDArray[np.int64],
) -> npt.NDArray[np.int16]:
    """Move means (n, d) towards targets (n, d) by a share `gain` (n,): mean + gain (target - mean), West 1979.

    A gain of 0 leaves the mean exactly as it is. The result is int16; VECTOR_ONE stands for 1.0.
    """
    value = mean.astype(np.float32)
    value += gain.astype(np.float32)[:, None] * (target - value)
    value += _dither(mean.shape[1])[pattern]
    np.floor(value, out=value)
    return np.clip(value, -VECTOR_ONE, VECTOR_ONE).astype(np.int16)
