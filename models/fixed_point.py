"""Vectors as int16, where 32767 stands for 1.0: the form in records and in all computations."""

import numpy as np
import numpy.typing as npt

ONE = 32767
"""The integer that stands for 1.0; the same as `profiles.records.activity.VECTOR_ONE`, which models must not import."""


def to_float(vectors: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """Integers to numbers, 32767 to 1.0; any shape."""
    return vectors.astype(np.float64) / ONE


def to_int16(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """Numbers to the nearest integers, halves to even, clipped to -1.0 .. 1.0; any shape.

    >>> to_int16(np.array([1.0, -0.5, 2.0])).tolist()
    [32767, -16384, 32767]
    """
    return np.clip(np.rint(vectors * ONE), -ONE, ONE).astype(np.int16)
