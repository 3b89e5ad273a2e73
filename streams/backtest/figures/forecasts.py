"""How well a method says what will happen: ranking (AUC, average precision), log loss and calibration."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from streams.backtest.figures.measure import Drawn, Weights
from streams.backtest.figures.users import Users
from streams.backtest.scores import BINS, average_precision, bin_of, calibration_error, clipped, log_loss, roc_auc

Labels = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


class ScoreMeasure:
    """Scores that only rank: sorted once, each draw weighs them anew."""

    def __init__(self, users: Users, happened: Labels, scores: Values) -> None:
        self._happened, self._scores = happened, scores
        order = np.argsort(-scores, kind="stable")
        self._place, self._good = users.place[order], happened[order].astype(float)
        self._ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
        """The last case of each run of equal scores, which are taken in one step."""

    @cached_property
    def figures(self) -> dict[str, float]:
        """On all cases."""
        return {
            "auc": roc_auc(self._happened, self._scores),
            "ap": average_precision(self._happened, self._scores),
        }

    def drawn(self, weights: Weights) -> Drawn:
        """AUC (trapezoids under the ROC curve) and average precision of weighted cases (draws, 2)."""
        each = weights[:, self._place]
        found = np.cumsum(each * self._good, axis=1)[:, self._ends]
        taken = np.cumsum(each, axis=1)[:, self._ends]
        with np.errstate(invalid="ignore", divide="ignore"):
            hits, misses = np.diff(found, prepend=0.0), np.diff(taken - found, prepend=0.0)
            areas = (misses * (found - hits / 2)).sum(axis=1)
            auc = areas / (found[:, -1] * (taken - found)[:, -1])
            steps = hits * found / np.where(taken > 0, taken, 1.0)
            return np.stack([auc, steps.sum(axis=1) / found[:, -1]], axis=1)


class ChanceMeasure:
    """Chances: they rank, and they are judged as numbers, too."""

    def __init__(self, users: Users, happened: Labels, chances: Values) -> None:
        self._happened, self._chances = happened, chances
        self._ranking = ScoreMeasure(users, happened, chances)
        chance = clipped(chances)
        losses = -np.where(happened, np.log(chance), np.log1p(-chance))
        in_bin = bin_of(chances)[:, None] == np.arange(BINS)
        gaps = in_bin * (happened - chances)[:, None]
        self._sums, self._cases = users.sums(np.column_stack([losses, gaps])), users.cases()

    @cached_property
    def figures(self) -> dict[str, float]:
        """On all cases."""
        return self._ranking.figures | {
            "log_loss": log_loss(self._happened, self._chances),
            "ece": calibration_error(self._happened, self._chances),
        }

    def drawn(self, weights: Weights) -> Drawn:
        """Weighted cases (draws, 4)."""
        sums, cases = weights @ self._sums, (weights @ self._cases)[:, None]
        gap = np.abs(sums[:, 1:]).sum(axis=1, keepdims=True)
        return np.hstack([self._ranking.drawn(weights), sums[:, :1] / cases, gap / cases])
