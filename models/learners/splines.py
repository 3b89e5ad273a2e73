"""An additive model with interactions: a piecewise linear function per input, a table per pair; learnt by AdaGrad."""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.initial_weights import InitialWeights
from liveprofile.models.learners.packed import pack64, unpack64
from liveprofile.models.learners.port import State
from liveprofile.models.learners.scorecard import KNOTS, STEPS, ScorecardLayout

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

START_SQUARES = 8.0
"""Squared gradients that initial weights count for: their first steps are a third as long."""


class Given(NamedTuple):
    """Inputs in the forms that the candidates take."""

    inputs: dict[int, float]
    places: Places
    """Indices of the splines' weights that are active."""
    shares: Floats
    """The factor of each."""


class Basis:
    """Which weights inputs stand for: two knots of each input's line, and one step of each pair's table.

    The score is the sum of weights times shares, so it is linear between knots: hat functions, as in additive models
    (Hastie and Tibshirani 1990) with pairs (GA2M, Lou et al., KDD 2013).
    """

    def __init__(self, layout: ScorecardLayout) -> None:
        self.layout = layout
        self.lines = len(layout.inputs) * KNOTS
        """Weights of the lines; those of the tables come after them."""
        self.size = self.lines + len(layout.pairs) * STEPS * STEPS
        self._first, self._second = np.array(layout.places_of_pairs, np.int64).reshape(-1, 2).T
        self._knot = np.arange(len(layout.inputs)) * KNOTS
        self._step = self.lines + np.arange(len(layout.pairs)) * STEPS * STEPS
        self._whole = np.ones(len(layout.pairs))

    def given(self, inputs: Floats) -> Given:
        """Inputs (inputs,) with the weights they stand for, and how much of each."""
        floor = inputs.astype(np.int64)
        whole, steps = np.minimum(floor, KNOTS - 2), np.minimum(floor, STEPS - 1)
        rest = inputs - whole
        knots, pairs = self._knot + whole, self._step + steps[self._first] * STEPS + steps[self._second]
        places = np.concatenate([knots, knots + 1, pairs])
        shares = np.concatenate([1.0 - rest, rest, self._whole])
        return Given(dict(enumerate(inputs.tolist())), places, shares)

    def tables(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights (size,) as lines (inputs, KNOTS) and tables of pairs (pairs, STEPS, STEPS)."""
        lines = weights[: self.lines].reshape(len(self.layout.inputs), KNOTS)
        return lines, weights[self.lines :].reshape(len(self.layout.pairs), STEPS, STEPS)


class Splines:
    """AdaGrad (Duchi et al., JMLR 2011) on log loss: rarely active weights take large steps, others small ones.

    Parameters
    ----------
    basis
        Which weights inputs stand for.
    rate
        First step of a weight.
    l2
        Weight of the penalty on large weights, applied to active weights only.
    start
        Initial weights; they change more slowly than weights that begin at 0.
    """

    name = "splines"

    def __init__(self, basis: Basis, rate: float = 0.08, l2: float = 1e-4, start: InitialWeights | None = None) -> None:
        self._basis = basis
        self._rate, self._l2 = rate, l2
        self._weights, self._squares = np.zeros(basis.size), np.ones(basis.size)
        self._bias, self._bias_square = 0.0, 1.0
        if start is not None:
            self._weights[: basis.lines], self._bias = start.tables(basis.layout).ravel(), start.bias
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
        """Bias, tables (inputs, KNOTS) and pairs (pairs, STEPS, STEPS)."""
        tables, pairs = self._basis.tables(self._weights)
        return self._bias, tables.copy(), pairs.copy()

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
        shape = (self._basis.size,)
        self._weights, self._squares = unpack64(state["weights"], shape), unpack64(state["squares"], shape)
