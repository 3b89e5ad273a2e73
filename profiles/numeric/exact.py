"""Powers and logarithms of two that give the same bits on every machine.

The exp2 and log2 of a C library may differ in the last bit between processors and versions. These functions use only
additions, multiplications and divisions, which IEEE 754 defines exactly. So a profile is the same on every machine.
"""

import math

import numpy as np

from liveprofile.profiles.numeric.jit import compiled

LN2 = 0.6931471805599453
_EXP2_TERMS = tuple(LN2**k / math.factorial(k) for k in range(9, -1, -1))


@compiled
def exp2(x: float) -> float:
    """2 to the power of x, with a relative error below 1e-11 (Taylor series around the nearest integer).

    >>> [round(exp2(x), 9) for x in (0.0, -1.0, -0.5, 3.0)]
    [1.0, 0.5, 0.707106781, 8.0]
    """
    x = min(max(x, -1000.0), 1000.0)
    whole = np.floor(x + 0.5)
    rest = x - whole
    result = 0.0
    for term in _EXP2_TERMS:
        result = result * rest + term
    return math.ldexp(result, int(whole))


@compiled
def log2(x: float) -> float:
    """Logarithm to base 2 of a positive x, with an absolute error below 1e-9 (artanh series).

    >>> [round(log2(x), 8) for x in (1.0, 2.0, 10.0)]
    [0.0, 1.0, 3.32192809]
    """
    mantissa, exponent = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    t = (mantissa - 1.0) / (mantissa + 1.0)
    square = t * t
    series = t * (1.0 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9)))))
    return exponent + series * (2.0 / LN2)


@compiled
def remaining(elapsed_ms: float, half_life_s: float) -> float:
    """The remaining share of a decaying quantity: 2^(-elapsed / half-life); elapsed below 0 counts as 0.

    >>> [round(remaining(ms, 1800.0), 9) for ms in (0, 1_800_000, 3_600_000)]
    [1.0, 0.5, 0.25]
    """
    if elapsed_ms <= 0:
        return 1.0
    return exp2(-elapsed_ms / (half_life_s * 1000.0))
