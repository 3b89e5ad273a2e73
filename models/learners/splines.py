"""An additive model with interactions: a piecewise linear function per input, a table per pair; learnt by AdaGrad."""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.initial_weights import Start
from liveprofile.models.learners.packed import pack64, unpack64
from liveprofile.models.learners.port import State
from liveprofile.models.learners.scorecard import INPUTS, KNOTS, PAIRS, STEPS

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

LINES = INPUTS * KNOTS
START_SQUARES = 8.0
"""Sum of squared gradients of initial weights: their first steps are a third as long."""
SIZE = LINES + len(PAIRS) * STEPS * STEPS
_FIRST = np.array([first for first, _ in PAIRS])
_SECOND = np.array([second for _, second in PAIRS])
_KNOT, _STEP = np.arange(INPUTS) * KNOTS, LINES + np.arange(len(PAIRS)) * STEPS * STEPS
_WHOLE = np.ones(len(PAIRS))


class Given(NamedTuple):
    """Inputs in the forms that the candidates take."""

    inputs: dict[int, float]
    places: Places
    """Indices of the splines' weights that are active."""
    shares: Floats
    """The factor of each."""


def given(inputs: Floats) -> Given:
    """Inputs (INPUTS,) with their active weights and factors: two knots per input, one step per pair.

    The score is the sum of weights times factors, so it is linear between knots (hat functions). Source: additive
    models (Hastie and Tibshirani 1990) with pairs (GA2M, Lou et al., KDD 2013).
    """
    floor = inputs.astype(np.int64)
    whole, steps = np.minimum(floor, KNOTS - 2), np.minimum(floor, STEPS - 1)
    rest = inputs - whole
    knots, pairs = _KNOT + whole, _STEP + steps[_FIRST] * STEPS + steps[_SECOND]
    places, shares = np.concatenate([knots, knots + 1, pairs]), np.concatenate([1.0 - rest, rest, _WHOLE])
    return Given(dict(enumerate(inputs.tolist())), places, shares)


class Splines:
    """AdaGrad (Duchi et al., JMLR 2011) on log loss: rarely active weights take large steps, others small ones.

    Parameters
    ----------
    rate
        First step of a weight.
    l2
        Weight of the penalty on large weights, applied to active weights only.
    start
        Initial weights; they change more slowly than weights that begin at 0.
    """

    name = "splines"

    def __init__(self, rate: float = 0.08, l2: float = 1e-4, start: Start | None = None) -> None:
        self._rate, self._l2 = rate, l2
        self._weights, self._squares = np.zeros(SIZE), np.ones(SIZE)
        self._bias, self._bias_square = 0.0, 1.0
        if start is not None:
            self._weights[:LINES], self._bias = start.tables.ravel(), start.bias
            self._squares += START_SQUARES
            self._bias_square += START_SQUARES

    def score(self, x: Given) -> float:
        """The log-odds."""
        return float(self._bias + self._weights[x.places] @ x.shares)

    def learn(self, x: Given, label: int, faster: float) -> None:
        """Learn a label; `faster` multiplies the learning rate."""
        places, shares = x.places, x.shares
        score = self._bias + float(self._weights[places] @ shares)
        slope = 1.0 / (1.0 + math.exp(-min(max(score, -30.0), 30.0))) - label
        gradient = slope * shares + self._l2 * self._weights[places]
        self._squares[places] += gradient * gradient
        self._weights[places] -= faster * self._rate * gradient / np.sqrt(self._squares[places])
        self._bias_square += slope * slope
        self._bias -= faster * self._rate * slope / math.sqrt(self._bias_square)

    def card(self) -> tuple[float, Floats, Floats]:
        """Bias, tables (INPUTS, KNOTS) and pairs (p, STEPS, STEPS)."""
        tables = self._weights[:LINES].reshape(INPUTS, KNOTS)
        return self._bias, tables.copy(), self._weights[LINES:].reshape(len(PAIRS), STEPS, STEPS).copy()

    def snapshot(self) -> dict[str, Any]:
        """Weights and their sums of squared gradients."""
        return {
            "bias": [self._bias, self._bias_square],
            "weights": pack64(self._weights),
            "squares": pack64(self._squares),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        self._bias, self._bias_square = state["bias"]
        self._weights, self._squares = unpack64(state["weights"], (SIZE,)), unpack64(state["squares"], (SIZE,))
