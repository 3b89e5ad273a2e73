"""Evidence: what a score is worth, as -log10 of the share of usual sessions that reach it (its p-value).

Each voter has knots: for every level, the least score that only 10^-level of usual sessions reach at some moment. The
voters' p-values are combined by their weighted harmonic mean (Wilson, PNAS 2019), which like the Cauchy combination
(Liu and Xie, JASA 2020) bears any dependence between them, and needs no tangent. What comes out has knots of its own,
so the p-value that is said is measured, and does not hang on the voters' independence.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.anomalies.named import NO_RULES, RuleTable
from profiles.anomalies.outlier import NO_TREES, Trees
from profiles.compiled import compiled
from profiles.exact import exp2, log2
from profiles.row import VOTERS

LEVELS = 13
PER_LEVEL = 0.25
"""Levels are 0, 0.25 .. 3: from every session to one in a thousand. Beyond them the tail goes on as its last part."""
TAIL = 4
"""Levels that the last part has: one power of ten."""
LEAST_TENFOLD = 1.0
"""The least score that another power of ten is reckoned to take."""
LOG2_OF_10 = 3.321928094887362

Floats = npt.NDArray[np.float64]


class Alarms(NamedTuple):
    """What anomalies are judged by, besides the policy."""

    knots: Floats
    """(VOTERS + 1, LEVELS), the combination last; (0, LEVELS) until they are learnt: then fixed thresholds count."""
    most: float
    """Evidence that a score has at most: more than this the sessions seen cannot bear."""
    threshold: float
    """What `combine` must give for an alarm to be raised: so much that the alert budget is kept."""
    trees: Trees
    rules: RuleTable


NO_ALARMS = Alarms(np.zeros((0, LEVELS)), 0.0, 0.0, NO_TREES, NO_RULES)
COMBINED = VOTERS
WEIGHTS = (0.16, 0.22, 0.04, 0.14, 0.16, 0.14, 0.08, 0.06)
"""Of the voters in the combination, in the order of `ANOMALIES`; interest drift and the outlier voter speak softly:
people do find new interests, and trees alone are not to be trusted."""


@compiled
def evidence_of(score: float, knots: Floats, most: float) -> float:
    """-log10 p of a score, between and beyond its voter's knots (LEVELS,); 0 for a score of 0.

    >>> knots = np.linspace(1.0, 4.0, LEVELS)
    >>> evidence_of(2.0, knots, 8.0), evidence_of(5.0, knots, 8.0), evidence_of(5.0, knots, 3.5)
    (1.0, 4.0, 3.5)
    """
    if score <= 0.0:
        return 0.0
    last = LEVELS - 1
    if score >= knots[last]:
        tenfold = max(knots[last] - knots[last - TAIL], LEAST_TENFOLD)
        return min(last * PER_LEVEL + (score - knots[last]) / tenfold, most)
    at = 0
    while at < last and knots[at + 1] <= score:
        at += 1
    width = knots[at + 1] - knots[at]
    part = (score - knots[at]) / width if width > 0.0 else 0.0
    return min((at + min(max(part, 0.0), 1.0)) * PER_LEVEL, most)


@compiled
def combine(evidence: Floats) -> float:
    """-log10 of the weighted harmonic mean of p-values, from their -log10 (VOTERS,).

    >>> round(combine(np.full(8, 2.0)), 6), round(combine(np.array([0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])), 2)
    (2.0, 3.34)
    """
    total = 0.0
    for at in range(VOTERS):
        total += WEIGHTS[at] * exp2(evidence[at] * LOG2_OF_10)
    combined: float = log2(total) / LOG2_OF_10
    return combined


@compiled
def p_value(evidence: float) -> float:
    """The p-value that an evidence stands for."""
    return exp2(-evidence * LOG2_OF_10)
