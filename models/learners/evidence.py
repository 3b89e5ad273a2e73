"""Evidence: what a score is worth, as -log10 of the share of usual sessions that reach it (its p-value).

Each voter has knots: for every level, the least score that only 10^-level of usual sessions reach at some moment.
Plain Python on numbers: the fold compiles it.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVELS = 13
PER_LEVEL = 0.25
"""Levels are 0, 0.25 .. 3: from every session to one in a thousand. Beyond them the tail goes on as its last part."""
TAIL = 4
"""Levels that the last part has: one power of ten."""
LEAST_TENFOLD = 1.0
"""The least score that another power of ten is reckoned to take."""


def evidence(score: float, knots: Floats, most: float) -> float:
    """-log10 p of a score, between and beyond its voter's knots (LEVELS,); 0 for a score of 0.

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
