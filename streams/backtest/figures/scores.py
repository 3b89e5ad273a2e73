"""Metrics of scores and probabilities: rank statistics, log loss and calibration."""

import math
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

Numbers = Sequence[float] | npt.NDArray[np.floating] | npt.NDArray[np.bool_]


Scores = dict[str, float | None]
"""Figures by name; None if undefined."""


def roc_auc(labels: Numbers, scores: Numbers) -> float:
    """Probability that a positive scores above a negative, ties count half; NaN without both.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from sklearn.metrics import roc_auc_score

    positive = np.asarray(labels) > 0
    return float(roc_auc_score(positive, scores)) if 0 < positive.sum() < len(positive) else math.nan


def average_precision(labels: Numbers, scores: Numbers) -> float:
    """Area under the precision-recall steps; equal scores count as one step. NaN without positives.

    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
    0.8333
    """
    from sklearn.metrics import average_precision_score

    positive = np.asarray(labels) > 0
    return float(average_precision_score(positive, scores)) if positive.any() else math.nan


def clipped(probabilities: Numbers) -> npt.NDArray[np.float64]:
    """Probabilities clipped to 1e-6 away from 0 and 1, so that a wrong certainty costs much but not infinitely."""
    found: npt.NDArray[np.float64] = np.clip(np.asarray(probabilities, dtype=float), 1e-6, 1 - 1e-6)
    return found


def log_loss(labels: Numbers, probabilities: Numbers) -> float:
    """Mean negative log likelihood, in nats, of clipped probabilities.

    >>> round(log_loss([1, 0], [0.9, 0.2]), 4)
    0.1643
    """
    from sklearn import metrics

    return float(metrics.log_loss(np.asarray(labels) > 0, clipped(probabilities), labels=[False, True]))


BINS = 10


def bin_of(probabilities: Numbers) -> npt.NDArray[np.int64]:
    """The equal-width bin of each probability; the last one includes both its ends.

    >>> bin_of([0.0, 0.1, 0.55, 1.0]).tolist()
    [0, 1, 5, 9]
    """
    found: npt.NDArray[np.int64] = np.minimum((np.asarray(probabilities, dtype=float) * BINS).astype(int), BINS - 1)
    return found


def calibration_error(labels: Numbers, probabilities: Numbers) -> float:
    """Expected calibration error (Naeini et al., AAAI 2015): |share of positives - mean probability|, equal-width bins.

    >>> round(calibration_error([1, 0, 0, 0], [0.55, 0.55, 0.05, 0.05]), 4)
    0.05
    """
    happened, probability, place = (
        np.asarray(labels, dtype=float),
        np.asarray(probabilities, dtype=float),
        bin_of(probabilities),
    )
    gaps = np.bincount(place, happened, BINS) - np.bincount(place, probability, BINS)
    return float(np.abs(gaps).sum() / len(probability))


def ranking(labels: Numbers, scores: Numbers) -> Scores:
    """The metrics of scores that are not probabilities."""
    return {"auc": rounded(roc_auc(labels, scores)), "ap": rounded(average_precision(labels, scores))}


def overlap(answer: Collection[int], true: Collection[int]) -> tuple[float, float]:
    """Precision and recall of a set; NaN for a division by 0.

    >>> overlap({1, 2}, {2, 3, 4, 5})
    (0.5, 0.25)
    """
    both = len(set(answer) & set(true))
    return both / len(answer) if answer else math.nan, both / len(true) if true else math.nan


def mean(values: Sequence[float]) -> float | None:
    """The mean of those that are numbers; None if none is."""
    known = [value for value in values if not math.isnan(value)]
    return rounded(sum(known) / len(known)) if known else None


def rounded(value: float) -> float | None:
    """Rounded to four digits, which is enough for these figures; None for NaN."""
    return None if math.isnan(value) else round(value, 4)
