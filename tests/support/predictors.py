"""A predictor that has learnt one plain thing: who puts things into the cart buys."""

from functools import cache
from typing import Any

import numpy as np

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.predictor import Predictor
from liveprofile.profiles.predictions.initial_weights import STARTS
from liveprofile.profiles.predictions.inputs import AT, LAYOUT, RECENCY
from liveprofile.profiles.records.activity import Kind as ActivityKind
from liveprofile.profiles.records.activity import control_record
from liveprofile.profiles.records.training_example import blank_examples
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS
from support.activities import DIMS, NOON_MS

IN_CART = AT.session_cart
"""Place of the input that decides: log2(1 + carts less removals of the session)."""


def outcomes(count: int = 4000, seed: int = 3) -> Any:
    """Outcomes of all tasks in which the odds rise with what is in the cart."""
    random = np.random.default_rng(seed)
    rows = blank_examples(ExampleKind.LABELLED, count, PREDICTION_INPUTS, 0)
    rows["task"] = np.arange(count) % len(TASKS)
    rows["input"] = random.integers(0, 1500, (count, PREDICTION_INPUTS))
    rows["input"][:, IN_CART] = random.choice([0, 256, 406], count, p=[0.8, 0.1, 0.1])
    rows["label"] = random.random(count) < 1 / (1 + np.exp(3.5 - rows["input"][:, IN_CART] / 60))
    return rows


def predictor(rows: Any = None) -> Predictor:
    """A learner that has seen the outcomes."""
    learner = Predictor(TASKS, LAYOUT, RECENCY, STARTS)
    for row in outcomes() if rows is None else rows:
        learner.learn(row, "")
    return learner


def predictor_record(version: int = 3) -> dict[str, Any]:
    """Its adoption."""
    return {"what": "predictor", "name": "scorecards", "version": version, **_adoption()}


@cache
def _adoption() -> dict[str, Any]:
    return predictor().adoption() or {}


def adopt_predictor() -> bytes:
    """The control record that puts it in force."""
    return control_record(ActivityKind.ADOPT, NOON_MS, DIMS, predictor_record())
