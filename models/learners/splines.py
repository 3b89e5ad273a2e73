"""An additive model with pairs: a bent line per input and a table per pair of inputs, learnt by AdaGrad."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from models.learners.packed import pack64, unpack64
from models.learners.port import State
from models.learners.scorecard import INPUTS, KNOTS, PAIRS, STEPS

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

LINES = INPUTS * KNOTS
SIZE = LINES + len(PAIRS) * STEPS * STEPS
_FIRST = np.array([first for first, _ in PAIRS])
_SECOND = np.array([second for _, second in PAIRS])


def basis(inputs: Floats) -> tuple[Places, Floats]:
    """Which weights inputs (24,) stand for, and how much of each: two knots per input, one step per pair.

    The score is the sum of weights times these, so it is linear between knots: hat functions, as in additive models
    (Hastie and Tibshirani 1990) with pairs (GA2M, Lou et al., KDD 2013).
    """
    whole = np.minimum(inputs.astype(np.int64), KNOTS - 2)
    rest = inputs - whole
    knots = np.arange(INPUTS) * KNOTS + whole
    steps = np.minimum(inputs.astype(np.int64), STEPS - 1)
    pairs = LINES + (np.arange(len(PAIRS)) * STEPS + steps[_FIRST]) * STEPS + steps[_SECOND]
    return np.concatenate([knots, knots + 1, pairs]), np.concatenate([1.0 - rest, rest, np.ones(len(PAIRS))])


class Splines:
    """AdaGrad (Duchi et al., JMLR 2011) on log loss: weights seldom seen take large steps, others small ones.

    Parameters
    ----------
    rate
        Step of a weight that was never seen.
    l2
        Weight of the penalty on large weights, applied where a weight is used.
    """

    name = "splines"

    def __init__(self, rate: float = 0.08, l2: float = 1e-4) -> None:
        self._rate, self._l2 = rate, l2
        self._weights, self._squares = np.zeros(SIZE), np.ones(SIZE)
        self._bias, self._bias_square = 0.0, 1.0

    def score(self, inputs: Floats) -> float:
        """The logarithm of the odds for inputs (24,)."""
        places, shares = basis(inputs)
        return float(self._bias + self._weights[places] @ shares)

    def learn(self, inputs: Floats, label: int, faster: float) -> None:
        """Learn an outcome; `faster` times as quickly as usual."""
        places, shares = basis(inputs)
        score = self._bias + float(self._weights[places] @ shares)
        slope = 1.0 / (1.0 + math.exp(-min(max(score, -30.0), 30.0))) - label
        gradient = slope * shares + self._l2 * self._weights[places]
        self._squares[places] += gradient * gradient
        self._weights[places] -= faster * self._rate * gradient / np.sqrt(self._squares[places])
        self._bias_square += slope * slope
        self._bias -= faster * self._rate * slope / math.sqrt(self._bias_square)

    def card(self) -> tuple[float, Floats, Floats]:
        """Bias, tables (24, KNOTS) and pairs (p, STEPS, STEPS)."""
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
