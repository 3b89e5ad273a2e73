"""A decayed tally of scores and labels: it calibrates a predictor and measures its quality."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.packed import pack64, unpack64
from liveprofile.models.learners.scorecard import CURVE

Floats = npt.NDArray[np.float64]

BINS = 96
ALL, HAPPENED, SCORED = range(3)
"""Sums of each bin: examples, those that happened, and their scores."""
LOWEST, HIGHEST = -12.0, 12.0
KEEP = 0.9998
"""Factor of an example's weight at each next one (decay): about the latest 5,000 count."""
DECAY_EVERY = 32
"""Examples between two decays of all bins."""
PRIOR = 5.0
"""Weight of the fitted line in each group of scores, in examples of the rarer label."""
MOST_DRAWN = 50.0
"""Limit of that weight in examples: for very rare labels the line is less reliable."""
PUBLISHED = 1e-4, 0.999
"""The lowest and the highest published probability: beyond them, rounding would give 0 or 1."""
GROUPS = 12
"""Most groups of scores; the other knots of the curve lie beyond them."""
BEYOND = 6.0
"""How far the curve is extended beyond the groups, in scores."""
NEWTON = 20
"""Steps of Newton's method: more than needed."""
FLATTEST = 0.05
"""Smallest slope: a higher score never means a lower probability."""
STIFF = 5.0
"""How strongly the line is regularised towards slope 1 and intercept 0."""


class Tally:
    """Bins of scores (log-odds), each with decayed sums of examples, positive labels and scores.

    >>> tally = Tally()
    >>> for score, label in ((2.0, 1), (1.0, 1), (-1.0, 0), (-2.0, 0)) * 10:
    ...     tally.add(score, label)
    >>> round(tally.auc, 6), round(tally.rate, 2)
    (1.0, 0.5)
    """

    def __init__(self) -> None:
        self._sums = np.zeros((3, BINS))
        self._fresh = 0

    def add(self, score: float, label: int) -> None:
        """Count an example."""
        score = min(max(score, LOWEST), HIGHEST)
        at = min(int((score - LOWEST) / (HIGHEST - LOWEST) * BINS), BINS - 1)
        self._fresh += 1
        if self._fresh == DECAY_EVERY:
            self._sums *= KEEP**DECAY_EVERY
            self._fresh = 0
        self._sums[ALL, at] += 1.0
        self._sums[HAPPENED, at] += label
        self._sums[SCORED, at] += score

    @property
    def examples(self) -> float:
        """Decayed number of examples."""
        return float(self._sums[ALL].sum())

    @property
    def rate(self) -> float:
        """Share of examples that happened; 0 without any."""
        return float(self._sums[HAPPENED].sum() / self.examples) if self.examples else 0.0

    @property
    def auc(self) -> float:
        """Area under the ROC curve: the odds that one that happened had a higher score; ties count half."""
        happened, others = self._sums[HAPPENED], self._sums[ALL] - self._sums[HAPPENED]
        below = np.cumsum(others) - others
        pairs = happened.sum() * others.sum()
        return float((happened * (below + others / 2)).sum() / pairs) if pairs > 0 else 0.5

    @property
    def average_precision(self) -> float:
        """Area under the precision-recall curve, from the highest bin down."""
        happened, all_ = self._sums[HAPPENED, ::-1], self._sums[ALL, ::-1]
        seen = np.cumsum(all_)
        precision = np.divide(np.cumsum(happened), seen, out=np.zeros(BINS), where=seen > 0)
        total = happened.sum()
        return float((precision * happened).sum() / total) if total > 0 else 0.0

    @property
    def calibration_error(self) -> float:
        """Expected calibration error, bins weighted by their examples (Naeini 2015)."""
        count, happened, scores = self._sums
        mean = np.divide(scores, count, out=np.zeros(BINS), where=count > 0)
        return float(np.abs(count * sigmoid(mean) - happened).sum() / self.examples) if self.examples else 0.0

    def curve(self) -> Floats:
        """The calibration curve (CURVE, 3): score, probability, number of examples. Isotonic regression (Barlow 1972).

        Bins are merged to groups of at least a twelfth of the weight, where positives weigh as much as all negatives
        together: the curve is then as fine for rare labels as for common ones. With few labels, isotonic regression
        gives random steps that lose ranks (Niculescu-Mizil and Caruana, ICML 2005). So a group's share is shrunk
        towards a straight line in log-odds (Platt 1999), which also extends the curve beyond the groups. Scores rise
        strictly, probabilities never fall.
        """
        from scipy.optimize import (
            isotonic_regression,  # here: SciPy takes half a second to import, and only a worker that learns needs it
        )

        groups = _groups(self._sums)
        if not len(groups):
            scores = np.linspace(-4.0, 4.0, CURVE)
            return np.stack([scores, sigmoid(scores), np.zeros(CURVE)], axis=1)
        slope, shift = _line(self._sums)
        count, happened, summed = groups.T
        scores = summed / count
        line = sigmoid(slope * scores + shift)
        drawn = np.minimum(PRIOR / np.minimum(line, 1.0 - line), MOST_DRAWN)
        fitted = isotonic_regression((happened + drawn * line) / (count + drawn), weights=count).x
        known = np.stack([scores, fitted, count], axis=1)
        curve = np.concatenate([_beyond(known[0], [-BEYOND], slope), known, _beyond(known[-1], _ahead(known), slope)])
        curve[:, 1] = np.clip(curve[:, 1], *PUBLISHED)
        return curve

    def snapshot(self) -> list[Any]:
        """The bins, and the number of examples since the last decay."""
        return [pack64(self._sums), self._fresh]

    def restore(self, state: Any) -> None:
        """Go on from a snapshot."""
        sums, self._fresh = state
        self._sums = unpack64(sums, (3, BINS))


def _groups(sums: Floats) -> Floats:
    """Sums of neighbouring bins (g, 3), each of a twelfth of the weight, the rest with the last; g <= GROUPS."""
    happened, others = sums[HAPPENED], sums[ALL] - sums[HAPPENED]
    weights = happened / max(happened.sum(), 1e-9) + others / max(others.sum(), 1e-9)
    least = weights.sum() / GROUPS
    groups: list[Floats] = []
    open_, weight = np.zeros(3), 0.0
    for one, more in zip(sums.T, weights.tolist(), strict=True):
        open_, weight = open_ + one, weight + more
        if open_[ALL] > 0 and weight >= least:
            groups.append(open_)
            open_, weight = np.zeros(3), 0.0
    if open_[ALL] > 0:
        groups[-1:] = [groups[-1] + open_] if groups else [open_]
    return np.array(groups).reshape(-1, 3)


def _line(sums: Floats) -> tuple[float, float]:
    """Slope and shift of the odds by score that fit best (Platt 1999), drawn to 1 and 0; by Newton's method."""
    count, happened, summed = sums[:, sums[ALL] > 0]
    scores, weights = summed / count, np.array([1.0, 0.0])
    for _ in range(NEWTON):
        probability = sigmoid(weights[0] * scores + weights[1])
        off, spread = count * probability - happened, count * probability * (1.0 - probability)
        gradient = np.array([off @ scores, off.sum()]) + STIFF * (weights - (1.0, 0.0))
        cross = spread @ scores
        curvature = np.array([[spread @ scores**2 + STIFF, cross], [cross, spread.sum() + STIFF]])
        weights = weights - np.linalg.solve(curvature, gradient)
    return max(float(weights[0]), FLATTEST), float(weights[1])


def _ahead(known: Floats) -> Floats:
    """How far beyond the last group each of the remaining knots lies."""
    count = CURVE - 1 - len(known)
    return BEYOND * np.arange(1, count + 1) / count


def _beyond(knot: Floats, steps: Floats | list[float], slope: float) -> Floats:
    """Knots that far beyond an end of the curve, on a line in log-odds, with the number of examples of that end."""
    score, probability, examples = knot
    far = np.asarray(steps)
    probabilities = sigmoid(logit(float(probability)) + slope * far)
    return np.stack([score + far, probabilities, np.full(len(far), examples)], axis=1)


class Loss:
    """A decayed mean of log losses."""

    def __init__(self) -> None:
        self._sum = self._count = 0.0

    def add(self, probability: float, label: int) -> float:
        """Count a prediction; returns its loss."""
        loss = log_loss(probability, label)
        self._sum, self._count = self._sum * KEEP + loss, self._count * KEEP + 1.0
        return loss

    @property
    def mean(self) -> float:
        """Mean of the latest few thousand; 0 before the first."""
        return self._sum / self._count if self._count else 0.0

    def snapshot(self) -> list[float]:
        """Sum and count."""
        return [self._sum, self._count]

    def restore(self, state: Any) -> None:
        """Go on from a snapshot."""
        self._sum, self._count = state


def log_loss(probability: float, label: int) -> float:
    """Minus the logarithm of the probability of the label, clipped 1e-6 away from 0 and 1.

    >>> round(log_loss(0.5, 1), 4), round(log_loss(0.0, 1), 2)
    (0.6931, 13.82)
    """
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return -math.log(probability if label else 1 - probability)


def sigmoid(scores: Any) -> Any:
    """From log-odds to probabilities."""
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))


def logit(probability: float) -> float:
    """From a probability to its log-odds, clipped 1e-6 away from 0 and 1."""
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(probability / (1 - probability))


def snapshots(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The snapshot of each part."""
    return {name: part.snapshot() for name, part in parts.items()}
