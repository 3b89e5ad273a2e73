"""Scratch arrays of compiled functions: on the stack, as long as the call that asked for them, and all zeros at first.

Compiled code counts no references (see `jit`), so it cannot make arrays that outlive a call. An array on the stack also
costs a few instructions where one in memory that is allocated and freed costs a hundred nanoseconds.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from numba.core.types import Function


class Scratch:
    """Makes scratch arrays of one type; their length must be a constant where compiled code calls it.

    >>> Scratch("f8")(3).tolist()
    [0.0, 0.0, 0.0]
    """

    def __init__(self, dtype: str) -> None:
        self._dtype = np.dtype(dtype)

    def __call__(self, length: int) -> npt.NDArray[Any]:
        """An array of zeros (length,)."""
        return np.zeros(length, self._dtype)

    @cached_property
    def _numba_type_(self) -> "Function":
        """What Numba takes this for where compiled code calls it."""
        from liveprofile.profiles.numeric.stack import on_stack

        return on_stack(self._dtype)


floats = Scratch("f8")
shorts = Scratch("i2")
digests = Scratch("u4")
