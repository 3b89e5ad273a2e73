"""A task with a start predicts from the first model on, and leaves the start where outcomes say otherwise."""

import numpy as np
import pytest

from liveprofile.models.learners.initial_weights import InitialWeights
from liveprofile.models.learners.predictor import Predictor
from liveprofile.models.learners.scorecard import KNOTS, ONE
from liveprofile.models.learners.splines import Basis, Splines
from liveprofile.profiles.predictions.initial_weights import STARTS
from liveprofile.profiles.predictions.inputs import AT, LAYOUT, RECENCY
from liveprofile.profiles.records.training_example import blank_examples
from liveprofile.profiles.state.row import TASKS

BASIS = Basis(LAYOUT)
START = STARTS["purchase.session"]


def inputs(cart: float = 0.0, focus: float = 2.0) -> np.ndarray:
    values = np.zeros(len(LAYOUT.inputs))
    values[AT.session_cart], values[AT.session_focus] = cart, focus
    return values


def example(cart: float, label: int) -> np.void:
    row = blank_examples(2, 1, len(LAYOUT.inputs), 0)[0]
    row["input"], row["label"], row["task"] = inputs(cart) * ONE, label, 0
    return row


def test_a_start_names_inputs_and_tasks_that_exist() -> None:
    assert set(STARTS) <= set(TASKS)
    assert all(start.tables(LAYOUT).shape == (len(LAYOUT.inputs), KNOTS) for start in STARTS.values())
    tables = START.tables(LAYOUT)
    assert set(np.flatnonzero(tables.any(axis=1))) == {AT.session_cart, AT.session_focus}
    assert tables[AT.session_cart].tolist() == [0.0, 2.5] + [4.0] * (KNOTS - 2)


def test_an_input_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'session_card'"):
        InitialWeights(0.0, {"session_card": (1.0,)}).tables(LAYOUT)


def test_before_any_outcome_three_in_ten_buy_with_a_cart_and_two_in_a_hundred_without() -> None:
    splines = Splines(BASIS, start=START)
    probabilities = [1 / (1 + np.exp(-splines.score(BASIS.given(inputs(cart))))) for cart in (0.0, 1.0)]
    assert probabilities == pytest.approx([0.024, 0.23], abs=0.01)


def test_a_started_task_is_ready_at_once_and_its_rate_is_never_nothing() -> None:
    predictor = Predictor(TASKS, LAYOUT, RECENCY, STARTS)
    predictor.learn(example(0.0, 0), "")
    adopted = predictor.adoption()
    assert adopted is not None
    assert adopted["ready"] == [task in STARTS for task in TASKS]
    assert adopted["champions"][TASKS.index("purchase.session")] == "splines"
    assert 0.01 < adopted["rate"][TASKS.index("purchase.session")] < 0.03


def test_a_start_is_left_where_a_shop_is_another_one() -> None:
    """Here nobody buys what is in the cart, and everybody else does."""
    splines = Splines(BASIS, start=START)
    for number in range(2_000):
        splines.learn(BASIS.given(inputs(float(number % 2))), number % 2 == 0, 1.0)
    assert splines.score(BASIS.given(inputs(1.0))) < -1.0 < 1.0 < splines.score(BASIS.given(inputs(0.0)))


def test_a_start_is_left_more_slowly_than_nothing() -> None:
    started, blank = Splines(BASIS, start=START), Splines(BASIS)
    before = started.score(BASIS.given(inputs())), blank.score(BASIS.given(inputs()))
    for one in (started, blank):
        one.learn(BASIS.given(inputs()), 1, 1.0)
    assert started.score(BASIS.given(inputs())) - before[0] < blank.score(BASIS.given(inputs())) - before[1]
