"""Compilation: the fold's functions are plain Python on numbers, which Numba turns into machine code once.

They can be run as Python too, with NUMBA_DISABLE_JIT=1, and give the same bytes. Fused multiply-add and reordering of
sums stay off (Numba's default), so the arithmetic is what IEEE 754 says on every machine.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call; the result is kept on disk for the next process."""
    dispatcher: Callable[P, R] = numba.njit(cache=True)(function)
    return dispatcher
