"""Online Bayesian logistic regression on piecewise linear inputs: the best of the three models while labels are few."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.packed import pack64, unpack64
from liveprofile.models.learners.port import State
from liveprofile.models.learners.scorecard import KNOTS, STEPS, ScorecardLayout
from liveprofile.models.learners.splines import Given

Floats = npt.NDArray[np.float64]

BEND = 3
"""Knots of the scorecard between two knots of this coarser model."""
BENDS = (KNOTS - 1) // BEND + 1
FORGET_EVERY = 16
"""Examples between two forgetting steps."""


class Bayes:
    """Weights as a normal distribution, updated by each label according to their variance (extended Kalman filter).

    The posterior of a logistic regression, approximated after each example by its tangent (Spiegelhalter and Lauritzen,
    Networks 1990). The result is close to a batch fit with ridge penalty, and needs no step size. Old examples are
    forgotten towards the prior (Kulhavy and Zarrop, Int. J. Control 1993), so that it never stops learning.

    Parameters
    ----------
    layout
        What the inputs are.
    variance
        Prior variance of each weight.
    keep
        Share of the information that remains after the next example.
    """

    name = "bayes"

    def __init__(self, layout: ScorecardLayout, variance: float = 0.05, keep: float = 0.9999) -> None:
        self._layout, self._keep = layout, keep
        self._size = len(layout.inputs) * BENDS + 1  # a weight for each bend of each input, and the bias
        self._triangle, self._diagonal = np.tril_indices(self._size), np.diag_indices(self._size)
        self._prior = np.full(self._size, variance)
        self._prior[-1] = 4.0
        self._weights = np.zeros(self._size)
        self._covariance = np.asfortranarray(np.diag(self._prior))  # symmetric: only the lower half is kept up
        self._fresh = 0.0

    def score(self, x: Given) -> float:
        """The log-odds."""
        return float(self._weights @ _bent(x))

    def learn(self, x: Given, label: int, faster: float) -> None:
        """Learn a label; forget `faster` times as quickly as usual."""
        from scipy.linalg import blas  # here: SciPy takes half a second to import, only who learns needs it

        bent = _bent(x)
        score = float(self._weights @ bent)
        probability = 1.0 / (1.0 + math.exp(-min(max(score, -30.0), 30.0)))
        known, spread = probability * (1.0 - probability), blas.dsymv(1.0, self._covariance, bent, lower=1)
        gain = 1.0 / (1.0 + known * float(bent @ spread))
        self._weights += spread * (gain * (label - probability))
        self._covariance = blas.dsyr(-gain * known, spread, a=self._covariance, lower=1, overwrite_a=1)
        self._fresh += faster
        if self._fresh >= FORGET_EVERY:
            self._forget()

    def _forget(self) -> None:
        keep = self._keep**self._fresh
        self._covariance *= keep
        self._covariance[self._diagonal] += (1.0 - keep) * self._prior
        self._fresh = 0.0

    def card(self) -> tuple[float, Floats, Floats]:
        """Bias, tables (INPUTS, KNOTS) and pairs, which are zero."""
        knots, bends = np.arange(KNOTS), np.arange(BENDS) * BEND
        lines = self._weights[:-1].reshape(-1, BENDS)
        tables = np.array([np.interp(knots, bends, line) for line in lines])
        return float(self._weights[-1]), tables, np.zeros((len(self._layout.pairs), STEPS, STEPS))

    def snapshot(self) -> dict[str, Any]:
        """Weights, the lower half of their covariance, and how many examples wait to be forgotten."""
        half = self._covariance[self._triangle]
        return {"weights": pack64(self._weights), "covariance": pack64(half), "fresh": self._fresh}

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        self._weights, self._fresh = unpack64(state["weights"], (self._size,)), state["fresh"]
        self._covariance = np.zeros((self._size, self._size), order="F")
        self._covariance[self._triangle] = unpack64(state["covariance"], (len(self._triangle[0]),))


def _bent(x: Given) -> Floats:
    """The design vector (SIZE,): each input is split between two neighbouring knots; the last entry is the bias."""
    at = np.array(list(x.inputs.values())) / BEND
    whole, first = np.minimum(at.astype(np.int64), BENDS - 2), np.arange(len(at)) * BENDS
    bent = np.zeros(len(at) * BENDS + 1)
    bent[first + whole] = 1.0 - (at - whole)
    bent[first + whole + 1] = at - whole
    bent[-1] = 1.0
    return bent
