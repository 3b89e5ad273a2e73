"""The learner of sentiment: River predicts from a review's embedding and lexicon score whether it has many stars."""

from typing import Any

import numpy as np

from liveprofile.models.fixed_point import to_float
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import State, StateMismatchError
from liveprofile.models.learners.tally import KEEP, Tally

PRAISE, BLAME = 40, 20
"""Stars times ten: praise from the first on, blame up to the second; reviews between are not learnt from."""
LEAST_OF_A_KIND = 50
LEAST_AUC = 0.65
"""Least AUC of a model that is adopted."""


class Sentiment:
    """Logistic regression on the dimensions of the embedding, and on the score of the sentiment lexicon.

    English first: it is as good as the embedder and the sentiment lexicon are for the language.

    Shops get five times as much praise as blame. Both classes get the same weight, so that a neutral text scores near 0
    and not near praise.

    Parameters
    ----------
    dims
        Dimensions of the embedding, plus one for the lexicon score.
    rate
        Step of the gradient descent, on unit vectors.
    """

    what = "sentiment"
    name = "stars"
    kind = int(ExampleKind.REVIEW)

    def __init__(self, dims: int, rate: float = 0.3) -> None:
        from river import (  # here: River takes a second to import, and only a worker that learns needs it
            linear_model,
            optim,
        )

        self.dims = dims
        self._model = linear_model.LogisticRegression(optim.SGD(rate), l2=1e-5, intercept_lr=rate / 10)
        self._counts = [0.0, 0.0]
        self._tally = Tally()

    def learn(self, x: np.void, text: str) -> None:
        """Learn from the embedding, `vector`, of a review with clear `stars`."""
        if BLAME < x["stars"] < PRAISE:
            return
        label = int(x["stars"] >= PRAISE)
        numbers = dict(enumerate(to_float(x["vector"]).tolist()))
        self._tally.add(float(self._model._raw_dot_one(numbers)), label)
        self._counts = [count * KEEP for count in self._counts]
        self._counts[label] += 1.0
        self._model.learn_one(numbers, bool(label), w=0.5 * sum(self._counts) / self._counts[label])

    def adoption(self) -> dict[str, Any] | None:
        """Weights (dims + 1,), the intercept last, for the log-odds of praise; None below LEAST_AUC."""
        if min(self._counts) < LEAST_OF_A_KIND or self._tally.auc < LEAST_AUC:
            return None
        weights = [round(float(self._model._weights[at]), 5) for at in range(self.dims)]
        return {"weights": [*weights, round(float(self._model.intercept), 5)], "auc": round(self._tally.auc, 4)}

    def events(self) -> list[dict[str, Any]]:
        """How well the model separates praise from blame."""
        if not sum(self._counts):
            return []
        scores = {"examples": round(sum(self._counts)), "rate": self._tally.rate, "auc": self._tally.auc}
        return [{"type": "ModelScored", "task": "sentiment"} | {name: round(one, 4) for name, one in scores.items()}]

    def snapshot(self) -> dict[str, Any]:
        """Weights, counts and the tally of scores."""
        weights = [[at, float(self._model._weights[at])] for at in self._model._weights]
        return {
            "dims": self.dims,
            "weights": weights,
            "intercept": float(self._model.intercept),
            "steps": self._model.optimizer.n_iterations,
            "counts": list(self._counts),
            "tally": self._tally.snapshot(),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        if state.get("dims") != self.dims:
            raise StateMismatchError(f"sentiment of {state.get('dims')} dimensions, expected {self.dims}")
        self._model._weights.update(dict(map(tuple, state["weights"])))
        self._model.intercept, self._model.optimizer.n_iterations = state["intercept"], state["steps"]
        self._counts = list(state["counts"])
        self._tally.restore(state["tally"])
