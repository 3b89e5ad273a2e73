"""Metrics of predictions: ranking (AUC, average precision), log loss and calibration."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.streams.backtest.figures.measure import Drawn, Weights
from liveprofile.streams.backtest.figures.scores import (
    BINS,
    average_precision,
    bin_of,
    calibration_error,
    clipped,
    log_loss,
    roc_auc,
)
from liveprofile.streams.backtest.figures.users import Users

Labels = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class ScoreMeasure:
    """Metrics of scores that only rank: sorted once, then weighted for each bootstrap draw."""

    def __init__(self, users: Users, happened: Labels, scores: Values) -> None:
        self._happened, self._scores = happened, scores
        order = np.argsort(-scores, kind="stable")
        self._place, self._good = users.place[order], happened[order]
        self._ends = np.append(np.diff(scores[order]) != 0, True)
        """The last case of each group of equal scores, which count as one step."""

    @cached_property
    def figures(self) -> dict[str, float]:
        """On all cases."""
        return {
            "auc": roc_auc(self._happened, self._scores),
            "ap": average_precision(self._happened, self._scores),
        }

    def drawn(self, weights: Weights) -> Drawn:
        """AUC and average precision of weighted cases (draws, 2)."""
        drawn = np.full((len(weights), 2), np.nan)
        _rank(weights, self._place, self._good, self._ends, drawn)
        return drawn


@compiled
def _rank(weights: Weights, place: Places, good: Labels, ends: Labels, drawn: Drawn) -> None:
    """Fill `drawn` (draws, 2), which has NaN, with AUC and average precision.

    One pass over the cases for each draw, the highest score first: trapezoids under ROC, steps under precision.
    """
    for draw in range(len(weights)):
        found = missed = area = steps = hits = misses = 0.0
        for case in range(len(place)):
            weight = weights[draw, place[case]]
            if good[case]:
                hits += weight
            else:
                misses += weight
            if ends[case] and hits + misses > 0.0:
                area += misses * (found + hits / 2)
                found, missed = found + hits, missed + misses
                steps += hits * found / (found + missed)
                hits = misses = 0.0
        if found > 0.0:
            drawn[draw, 1] = steps / found
            if missed > 0.0:
                drawn[draw, 0] = area / (found * missed)


class ProbabilityMeasure:
    """Metrics of probabilities: they rank, and their values are evaluated, too."""

    def __init__(self, users: Users, happened: Labels, probabilities: Values) -> None:
        self._happened, self._probabilities = happened, probabilities
        self._ranking = ScoreMeasure(users, happened, probabilities)
        probability = clipped(probabilities)
        losses = -np.where(happened, np.log(probability), np.log1p(-probability))
        in_bin = bin_of(probabilities)[:, None] == np.arange(BINS)
        gaps = in_bin * (happened - probabilities)[:, None]
        self._sums, self._cases = users.sums(np.column_stack([losses, gaps])), users.cases()

    @cached_property
    def figures(self) -> dict[str, float]:
        """On all cases."""
        return self._ranking.figures | {
            "log_loss": log_loss(self._happened, self._probabilities),
            "ece": calibration_error(self._happened, self._probabilities),
        }

    def drawn(self, weights: Weights) -> Drawn:
        """Weighted cases (draws, 4)."""
        sums, cases = weights @ self._sums, (weights @ self._cases)[:, None]
        gap = np.abs(sums[:, 1:]).sum(axis=1, keepdims=True)
        return np.hstack([self._ranking.drawn(weights), sums[:, :1] / cases, gap / cases])
