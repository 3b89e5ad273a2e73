"""Predictions: which examples are kept, what their outcomes are, and when a chance is worth saying."""

from collections.abc import Container
from typing import Any

import numpy as np
import pytest
from support.activities import NOON_MS, activity, tick
from support.folding import POLICY, Shopper
from support.predictors import IN_CART, adopt_predictor, outcomes, predictor, predictor_record

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.scorecard import ONE
from liveprofile.profiles.fold.adoption import read_adopted
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.predictions.adopted_models import AdoptedPredictor
from liveprofile.profiles.predictions.forecast import probabilities, probabilities_at
from liveprofile.profiles.predictions.inputs import AT, LAYOUT, TABLE
from liveprofile.profiles.predictions.predict import chosen_step, quiet_ms_before
from liveprofile.profiles.predictions.scorecard import probability_of, score_of
from liveprofile.profiles.records.activity import Action, source_code
from liveprofile.profiles.records.training_example import Example, decode
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS

HOUR, DAY = 3600.0, 86_400.0
SESSION, WEEK, CHURN = range(len(TASKS))


def begin_for(steps: Container[int]) -> float:
    """A second after noon at which a session has to begin so that one of these steps gives its example."""
    return next(float(at) for at in range(10_000) if chosen_step(NOON_MS + 1000 * at) in steps)


BEGIN = begin_for({1})
CART, QUIET = AT.session_cart, AT.quiet


def pause_s(task: int, act: int = 1) -> float:
    """How long a visitor has to do nothing after an act before the question is put."""
    return round(quiet_ms_before(source_code("clicks", 0, act), task) / 1000, 1)


class Visitor(Shopper):
    """A shopper whose examples are kept, and who acts at times."""

    def __init__(self, policy: Policy = POLICY) -> None:
        super().__init__(policy.changed({"publish.burst": 100.0}))  # damping has tests of its own
        self.examples: list[Example] = []
        self._acts = 0

    def acts(self, at_s: float, action: Action = Action.VIEW, **more: Any) -> FoldResult:
        self._acts += 1
        total = 30.0 if action == Action.PURCHASE else 0.0
        result = self.does(activity(action, at_s=at_s, offset=self._acts, total=total, **more))
        return self._kept(result)

    def passes(self, until_s: float) -> FoldResult:
        """Time goes by, and nothing is done."""
        return self._kept(self.does(tick(until_s)))

    def _kept(self, result: FoldResult) -> FoldResult:
        found = [decode(key, value) for key, value in result.examples]
        self.examples += [one for one in found if one is not None and one.kind == ExampleKind.LABELLED]
        return result

    def told(self, task: int) -> list[tuple[int, float]]:
        """Outcomes of a task, and the second after noon at which each was told."""
        mine = [one for one in self.examples if one.row["task"] == task]
        return [(int(one.row["label"]), round((one.time_ms - NOON_MS) / 1000, 1)) for one in mine]


def test_a_session_without_an_order_is_told_when_it_is_over() -> None:
    visitor = Visitor()
    for at in (0, 60, 120):
        visitor.acts(BEGIN + at)
    assert visitor.told(SESSION) == []
    visitor.acts(BEGIN + 5 * HOUR)
    assert visitor.told(SESSION) == [(0, BEGIN + 120 + 1800.0)]


def test_what_is_in_the_cart_is_told_without_favourites_and_removals() -> None:
    visitor, begin = Visitor(), begin_for({4})
    for at, action in enumerate((Action.CART, Action.CART, Action.UNCART, Action.FAVOURITE)):
        visitor.acts(begin + 60 * at, action)
    visitor.acts(begin + 5 * HOUR)
    (kept,) = [one for one in visitor.examples if one.row["task"] == SESSION]
    assert kept.row["input"][CART] == ONE


def test_an_order_later_in_the_session_makes_its_example_a_purchase() -> None:
    visitor = Visitor()
    for at in range(0, 600, 60):
        visitor.acts(BEGIN + at)
    visitor.acts(BEGIN + 700, Action.PURCHASE)
    visitor.acts(BEGIN + 5 * HOUR)
    assert visitor.told(SESSION)[0][0] == 1


def test_what_is_bought_in_the_next_session_does_not_count_for_this_one() -> None:
    visitor = Visitor()
    visitor.acts(BEGIN)
    visitor.acts(BEGIN + 5 * HOUR, Action.PURCHASE)
    visitor.acts(BEGIN + 10 * HOUR)
    assert visitor.told(SESSION)[0] == (0, BEGIN + 1800.0)


def test_another_session_named_by_the_client_leaves_the_one_before_to_its_own_pause() -> None:
    visitor = Visitor()
    visitor.acts(BEGIN, session="a")
    visitor.acts(BEGIN + 60, Action.PURCHASE, session="b")
    visitor.acts(BEGIN + 1700, session="b")
    assert visitor.told(SESSION) == []
    visitor.acts(BEGIN + 1900, session="b")
    assert visitor.told(SESSION) == [(0, BEGIN + 1800.0)], "what was bought in b is no outcome of a"


def test_a_session_that_ends_before_its_step_gives_no_example() -> None:
    visitor, begin = Visitor(), begin_for(range(3, 32))
    visitor.acts(begin)
    visitor.acts(begin + 60)
    visitor.acts(begin + 5 * HOUR)
    assert visitor.told(SESSION) == []


def test_steps_are_drawn_log_uniformly_from_1_to_31() -> None:
    steps = np.array([chosen_step(NOON_MS + 977 * at) for at in range(5_000)])
    octaves = np.bincount(np.log2(steps).astype(int), minlength=5) / len(steps)
    assert (steps.min(), steps.max()) == (1, 31)
    assert octaves == pytest.approx([0.2] * 5, abs=0.02)


def test_pauses_before_the_question_are_half_an_hour_to_eleven_days_and_mostly_long() -> None:
    hours = np.array([quiet_ms_before(source, CHURN) for source in range(5_000)]) * 1000 / HOUR / 1e6
    shares = [np.mean(hours < most) for most in (0.5, 11.3, 65.9, 256.0)]
    assert shares == pytest.approx([0.0, 0.117, 0.426, 1.0], abs=0.02)
    at_once = [quiet_ms_before(source, WEEK) == 0 for source in range(5_000)]
    assert np.mean(at_once) == pytest.approx(1 / 16, abs=0.01)


def test_a_week_is_told_after_seven_days_whatever_happened_before() -> None:
    visitor, asked = Visitor(), pause_s(WEEK)
    visitor.acts(0)
    visitor.acts(asked + DAY, Action.PURCHASE)
    visitor.acts(asked + 6 * DAY)
    assert visitor.told(WEEK) == []
    visitor.acts(asked + 8 * DAY)
    assert visitor.told(WEEK) == [(1, asked + 7 * DAY)]


def test_an_order_after_the_week_is_none_within_it() -> None:
    visitor, asked = Visitor(), pause_s(WEEK)
    visitor.acts(0)
    visitor.acts(asked + 8 * DAY, Action.PURCHASE)
    assert visitor.told(WEEK) == [(0, asked + 7 * DAY)]


def test_a_late_order_counts_for_the_week_it_belongs_to() -> None:
    visitor, asked = Visitor(), pause_s(WEEK)
    visitor.acts(0)
    visitor.acts(asked + 6 * DAY)
    visitor.acts(asked + 2 * DAY, Action.PURCHASE)
    visitor.acts(asked + 9 * DAY)
    assert visitor.told(WEEK)[0] == (1, asked + 7 * DAY)


def test_who_acts_before_the_question_is_asked_later() -> None:
    visitor, first, second = Visitor(), pause_s(WEEK), pause_s(WEEK, act=2)
    assert first > HOUR
    visitor.acts(0)
    visitor.acts(HOUR / 2, Action.PURCHASE)
    visitor.acts(30 * DAY)
    assert visitor.told(WEEK) == [(0, round(HOUR / 2 + second + 7 * DAY, 1))]


def test_who_comes_back_within_fourteen_days_has_not_churned() -> None:
    visitor, asked = Visitor(), pause_s(CHURN)
    visitor.acts(0)
    visitor.acts(asked + 10 * DAY)
    visitor.acts(asked + 20 * DAY)
    assert visitor.told(CHURN) == [(0, asked + 14 * DAY)]


def test_who_stays_away_has_churned_and_the_example_knows_of_the_pause_before_the_question() -> None:
    visitor, asked = Visitor(), pause_s(CHURN)
    visitor.acts(0)
    visitor.acts(asked + 27 * DAY)
    assert visitor.told(CHURN) == [(1, asked + 14 * DAY)]
    (example,) = (one for one in visitor.examples if one.row["task"] == CHURN)
    assert example.row["input"][QUIET] / ONE == pytest.approx(np.log2(1 + asked / HOUR), abs=0.01)


def test_who_stays_away_is_asked_about_again_with_the_longer_pause_until_somebody_comes_back_or_half_a_year() -> None:
    visitor, asked = Visitor(), pause_s(CHURN)
    visitor.acts(0)
    visitor.acts(asked + 30 * DAY)
    visitor.acts(asked + 43 * DAY)
    assert visitor.told(CHURN) == [(1, asked + 14 * DAY), (1, asked + 28 * DAY), (0, asked + 42 * DAY)]
    pauses = [one.row["input"][QUIET] / ONE for one in visitor.examples if one.row["task"] == CHURN]
    since = [asked, asked + 14 * DAY, asked + 28 * DAY]
    assert pauses == pytest.approx([np.log2(1 + one / HOUR) for one in since], abs=0.01)
    gone = Visitor()
    gone.acts(0)
    gone.passes(60.0)
    gone.passes(400 * DAY)
    labels = [label for label, _ in gone.told(CHURN)]
    assert labels == [1] * len(labels)
    assert 183 < gone.told(CHURN)[-1][1] / DAY < 183 + 2 * 14


def absence(shortest: float, longest: float) -> Policy:
    return POLICY.changed({"predictions.absence_days": {"shortest": shortest, "longest": longest}})


def test_what_counts_as_churn_is_a_setting() -> None:
    monthly, asked = Visitor(absence(30.0, 30.0)), pause_s(CHURN)
    monthly.acts(0)
    monthly.acts(asked + 31 * DAY)
    assert monthly.told(CHURN) == [(1, asked + 30 * DAY)]
    with pytest.raises(ValueError, match="absence_days is"):
        absence(30.0, 20.0)


def test_nothing_is_predicted_before_there_is_a_model() -> None:
    visitor = Visitor()
    for at in range(5):
        visitor.acts(BEGIN + at, Action.CART)
    visitor.acts(5 * HOUR)
    assert float(visitor.examples[0].row["probability"]) == 0.0
    assert not [change for record in visitor.published for change in record.changes if "predictions" in change.path]


def test_a_full_cart_raises_the_chance_to_buy_and_the_change_says_why() -> None:
    visitor = Visitor()
    visitor.does(adopt_predictor())
    for at in range(20):
        visitor.acts(at * 60.0)
    for at in range(4):
        visitor.acts(1300 + at * 60.0, Action.CART)
    (change,) = visitor.on("predictions.purchase.session")
    assert change.reason.code == "CHANCE_ROSE" and change.reason.observed > change.reason.threshold
    assert change.after.band == "high" and change.after.model == "scorecards@3"
    assert change.after.because[0].input == TABLE[IN_CART].name and change.after.because[0].effect > 1.0
    assert visitor.published[-1].models["predictor"] == "scorecards@3"


def test_a_chance_is_not_said_again_while_it_stays_in_its_band() -> None:
    visitor = Visitor()
    visitor.does(adopt_predictor())
    for at in range(34):
        visitor.acts(at * 60.0, Action.CART if 20 <= at < 24 else Action.VIEW)
    assert len(visitor.on("predictions.purchase.session")) == 1


def test_the_chance_that_was_predicted_goes_with_the_outcome() -> None:
    visitor = Visitor()
    visitor.does(adopt_predictor())
    visitor.acts(BEGIN, Action.CART)
    visitor.acts(5 * HOUR)
    assert 0.1 < float(visitor.examples[0].row["probability"]) < 1.0


def test_snapshots_show_the_chances_of_the_tasks_that_have_a_model() -> None:
    visitor = Visitor()
    visitor.does(adopt_predictor())
    visitor.acts(0, Action.CART)
    fold = visitor.fold
    (found,) = probabilities(fold.table.rows[:1], fold.cursor.predictor, fold.policy)
    assert set(found) == set(TASKS)
    assert 0 < found["purchase.session"].chance < 1 and 0 <= found["purchase.session"].confidence <= 1


def test_chances_at_a_later_moment_know_of_the_pause() -> None:
    rows = outcomes()
    quiet = np.random.default_rng(5).integers(0, 2000, len(rows))
    rows["input"][:, QUIET], rows["label"] = quiet, quiet > 1000
    visitor = Visitor()
    visitor.acts(0)
    _, model = read_adopted({**predictor_record(), **(predictor(rows).adoption() or {})})
    assert isinstance(model, AdoptedPredictor)
    soon, late = (
        probabilities_at(visitor.fold.table.rows[:1], NOON_MS + round(1000 * at_s), model, visitor.fold.policy)[0]
        for at_s in (HOUR, 10 * DAY)
    )
    assert (soon < 0.2).all() and (late > 0.8).all()


def test_compiled_scores_are_those_of_the_learner() -> None:
    """What workers compute from the broadcast numbers is what the champion itself says, but for their rounding."""
    from liveprofile.models.learners.splines import Basis

    learner, (_, model) = predictor(), read_adopted(predictor_record())
    scorecards, parts = model.scorecards, np.empty(PREDICTION_INPUTS)  # type: ignore[attr-defined]
    for row in outcomes(50, seed=9):
        task = learner._tasks[row["task"]]
        ours = score_of(scorecards, int(row["task"]), row["input"].astype(np.int16), parts)
        assert ours == pytest.approx(task.champion.score(Basis(LAYOUT).given(row["input"] / 256)), abs=0.05)


def test_chances_rise_with_the_score_and_stay_between_0_and_1() -> None:
    _, model = read_adopted(predictor_record())
    found = [probability_of(model.scorecards, 0, score)[0] for score in np.linspace(-12, 12, 200)]  # type: ignore[attr-defined]
    assert all(0 < one < 1 for one in found) and found == sorted(found) and found[-1] > 2 * found[0]


def test_a_tick_changes_no_example() -> None:
    visitor = Visitor()
    visitor.acts(BEGIN)
    visitor.does(tick(60))
    visitor.acts(5 * HOUR)
    assert visitor.told(SESSION) == [(0, BEGIN + 1800.0)]
