"""A task with a start predicts from the first model on, and leaves the start where outcomes say otherwise."""

import numpy as np
import pytest

from liveprofile.models.learners.initial_weights import CART, FOCUS, STARTS
from liveprofile.models.learners.predictor import Predictor
from liveprofile.models.learners.scorecard import INPUTS, KNOTS, ONE
from liveprofile.models.learners.splines import Splines, given
from liveprofile.profiles.predictions.inputs import TABLE
from liveprofile.profiles.records.training_example import blank_examples
from liveprofile.profiles.state.row import TASKS


def inputs(cart: float = 0.0, focus: float = 2.0) -> np.ndarray:
    values = np.zeros(INPUTS)
    values[CART], values[FOCUS] = cart, focus
    return values


def example(cart: float, label: int) -> np.void:
    row = blank_examples(2, 1, INPUTS, 0)[0]
    row["input"], row["label"], row["task"] = inputs(cart) * ONE, label, 0
    return row


def test_a_start_names_the_inputs_that_it_means_and_tasks_that_exist() -> None:
    assert (TABLE[CART].name, TABLE[FOCUS].name) == ("session_cart", "session_focus")
    assert set(STARTS) <= set(TASKS)
    assert all(start.tables.shape == (INPUTS, KNOTS) for start in STARTS.values())


def test_before_any_outcome_three_in_ten_buy_with_a_cart_and_two_in_a_hundred_without() -> None:
    splines = Splines(start=STARTS["purchase.session"])
    probabilities = [1 / (1 + np.exp(-splines.score(given(inputs(cart))))) for cart in (0.0, 1.0)]
    assert probabilities == pytest.approx([0.024, 0.23], abs=0.01)


def test_a_started_task_is_ready_at_once_and_its_rate_is_never_nothing() -> None:
    predictor = Predictor(TASKS, 19)
    predictor.learn(example(0.0, 0), "")
    adopted = predictor.adoption()
    assert adopted is not None
    assert adopted["ready"] == [task in STARTS for task in TASKS]
    assert adopted["champions"][TASKS.index("purchase.session")] == "splines"
    assert 0.01 < adopted["rate"][TASKS.index("purchase.session")] < 0.03


def test_a_start_is_left_where_a_shop_is_another_one() -> None:
    """Here nobody buys what is in the cart, and everybody else does."""
    splines = Splines(start=STARTS["purchase.session"])
    for number in range(2_000):
        splines.learn(given(inputs(float(number % 2))), number % 2 == 0, 1.0)
    assert splines.score(given(inputs(1.0))) < -1.0 < 1.0 < splines.score(given(inputs(0.0)))


def test_a_start_is_left_more_slowly_than_nothing() -> None:
    started, blank = Splines(start=STARTS["purchase.session"]), Splines()
    before = started.score(given(inputs())), blank.score(given(inputs()))
    for one in (started, blank):
        one.learn(given(inputs()), 1, 1.0)
    assert started.score(given(inputs())) - before[0] < blank.score(given(inputs())) - before[1]
