"""Evidence of a score: -log10 of its p-value, the share of usual sessions that reach it.

Each detector has knots: for every level, the least score that only 10^-level of usual sessions reach at some moment.
It is plain Python on numbers, because the fold compiles it.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVELS = 13
PER_LEVEL = 0.25
"""Levels are 0, 0.25 .. 3: from every session to one in a thousand. Beyond them the last part is extrapolated."""
TAIL = 4
"""Levels of the last part: one power of ten."""
LEAST_TENFOLD = 1.0
"""The least increase of the score that counts as another power of ten."""


def evidence(score: float, knots: Floats, most: float) -> float:
    """-log10 p of a score, interpolated between its detector's knots (LEVELS,) and extrapolated; 0 for a score of 0.

    >>> knots = np.linspace(1.0, 4.0, LEVELS)
    >>> evidence(2.0, knots, 8.0), evidence(5.0, knots, 8.0), evidence(5.0, knots, 3.5)
    (1.0, 4.0, 3.5)
    """
    if score <= 0.0:
        return 0.0
    last = LEVELS - 1
    if score >= knots[last]:
        tenfold = max(knots[last] - knots[last - TAIL], LEAST_TENFOLD)
        return float(min(last * PER_LEVEL + (score - knots[last]) / tenfold, most))
    at = 0
    while at < last and knots[at + 1] <= score:
        at += 1
    width = knots[at + 1] - knots[at]
    part = (score - knots[at]) / width if width > 0.0 else 0.0
    return float(min((at + min(max(part, 0.0), 1.0)) * PER_LEVEL, most))
