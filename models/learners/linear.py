"""River's logistic regression on standardised inputs, and its form as a scorecard."""

from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.port import State
from liveprofile.models.learners.scorecard import KNOTS, STEPS, ScorecardLayout
from liveprofile.models.learners.splines import Given

Floats = npt.NDArray[np.float64]


class Linear:
    """A weight per input, learnt by stochastic gradient descent (River's LogisticRegression and StandardScaler).

    Parameters
    ----------
    layout
        What the inputs are.
    rate
        Step of the gradient descent.
    l2
        Weight of the penalty on large weights.
    """

    name = "linear"

    def __init__(self, layout: ScorecardLayout, rate: float = 0.02, l2: float = 1e-5) -> None:
        from river import (  # here: River takes a second to import, and only a worker that learns needs it
            linear_model,
            optim,
            preprocessing,
        )

        self._layout = layout
        self._rate = rate
        self._scaler = preprocessing.StandardScaler()
        self._model = linear_model.LogisticRegression(optim.SGD(rate), l2=l2, intercept_lr=rate)

    def score(self, x: Given) -> float:
        """The log-odds."""
        return float(self._model._raw_dot_one(self._scaler.transform_one(x.inputs)))

    def learn(self, x: Given, label: int, faster: float) -> None:
        """Learn a label; `faster` multiplies the learning rate."""
        self._model.optimizer.lr.learning_rate = self._rate * faster
        self._scaler.learn_one(x.inputs)
        self._model.learn_one(self._scaler.transform_one(x.inputs), bool(label))

    def card(self) -> tuple[float, Floats, Floats]:
        """Bias, tables (inputs, KNOTS) and pairs, which are all zero: a line through the knots of each input."""
        count = len(self._layout.inputs)
        weights = np.array([float(self._model._weights.get(at, 0.0)) for at in range(count)])
        means = np.array([self._scaler.means.get(at, 0.0) for at in range(count)])
        variances = np.array([self._scaler.vars.get(at, 0.0) for at in range(count)])
        slopes = np.divide(weights, np.sqrt(variances), out=np.zeros(count), where=variances > 0)
        tables = slopes[:, None] * (np.arange(KNOTS)[None, :] - means[:, None])
        return float(self._model.intercept), tables, np.zeros((len(self._layout.pairs), STEPS, STEPS))

    def snapshot(self) -> dict[str, Any]:
        """Weights, and mean and variance for standardising, by input."""
        scaler, model = self._scaler, self._model
        return {
            "intercept": float(model.intercept),
            "weights": [[at, float(model._weights[at])] for at in model._weights],
            "steps": model.optimizer.n_iterations,
            "scaler": [[at, scaler.counts[at], scaler.means[at], scaler.vars[at]] for at in scaler.counts],
        }

    def restore(self, state: State) -> None:
        """Continue from a snapshot; this writes private fields of River, which a contract test lists."""
        model, scaler = self._model, self._scaler
        model.intercept = state["intercept"]
        model._weights.update(dict(map(tuple, state["weights"])))
        model.optimizer.n_iterations = state["steps"]
        for at, count, mean, variance in state["scaler"]:
            scaler.counts[at], scaler.means[at], scaler.vars[at] = count, mean, variance
