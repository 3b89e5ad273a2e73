"""What every learner promises, whatever it learns."""

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from river import linear_model, optim, preprocessing
from river.drift import ADWIN

from liveprofile.models.clusterers.registry import create
from liveprofile.models.learners.adwin import Adwin
from liveprofile.models.learners.clusters import ClusterLearner
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Learner, StateMismatchError
from liveprofile.models.learners.predictor import Predictor
from liveprofile.models.learners.priors import Priors
from liveprofile.models.learners.sentiment import Sentiment
from liveprofile.profiles.fold.adoption import READERS, read_adopted
from liveprofile.profiles.predictions.initial_weights import STARTS
from liveprofile.profiles.predictions.inputs import LAYOUT, RECENCY
from liveprofile.profiles.records.training_example import blank_examples
from liveprofile.profiles.state.row import PREDICTION_INPUTS, TASKS
from liveprofile.streams.settings.sections import Learn
from liveprofile.streams.stages.learn.learners import make_learners

LEARNERS: dict[str, Callable[[], Learner]] = {
    "clusterer": lambda: ClusterLearner(lambda first: create("kmeans", 4, clusters=3, warmup=12, first_id=first)),
    "predictor": lambda: Predictor(TASKS, LAYOUT, RECENCY, STARTS),
    "sentiment": lambda: Sentiment(8),
    "priors": lambda: Priors(3),
}
Make = Callable[[], Learner]
Examples = list[tuple[np.void, str]]


def place_examples(count: int, random: np.random.Generator) -> Examples:
    rows = blank_examples(ExampleKind.PLACE, count, 4, 0)
    rows["vector"] = random.integers(-32767, 32768, (count, 4))
    return [(row, "pans" if row["vector"][0] > 0 else "kettles") for row in rows]


def labelled_examples(count: int, random: np.random.Generator) -> Examples:
    """Outcomes that the third input decides, but for noise."""
    rows = blank_examples(ExampleKind.LABELLED, count, PREDICTION_INPUTS, 0)
    rows["task"] = random.integers(0, len(TASKS), count)
    rows["input"] = random.integers(0, 3000, (count, PREDICTION_INPUTS))
    rows["label"] = random.random(count) < 1 / (1 + np.exp(4 - rows["input"][:, 2] / 256))
    rows["probability"] = np.where(random.random(count) < 0.5, 0.0, 0.4)
    return [(row, "") for row in rows]


def review_examples(count: int, random: np.random.Generator) -> Examples:
    """Reviews whose first number tells praise, but for noise."""
    rows = blank_examples(ExampleKind.REVIEW, count, 8, 0)
    rows["stars"] = random.choice([10, 20, 30, 40, 50], count)
    rows["vector"] = random.integers(-9000, 9000, (count, 8))
    rows["vector"][:, 0] += (rows["stars"].astype(np.int16) - 30) * 400
    return [(row, "") for row in rows]


def entry_examples(count: int, random: np.random.Generator) -> Examples:
    """What shoppers became who entered by one of twenty topics."""
    rows = blank_examples(ExampleKind.ENTRY, count, 3, 0)
    rows["entry"], rows["cluster"] = random.integers(1, 20, count), random.integers(-1, 5, count)
    rows["bought"], rows["order"] = random.integers(0, 2, count), 11.5
    rows["share"] = [0.5, 0.3, 0.1]
    return [(row, orjson.dumps([f"t{row['entry']}", "pans", "kettles"]).decode()) for row in rows]


EXAMPLES: dict[str, Callable[[int, np.random.Generator], Examples]] = {
    "clusterer": place_examples,
    "predictor": labelled_examples,
    "sentiment": review_examples,
    "priors": entry_examples,
}


@pytest.fixture(params=sorted(LEARNERS))
def what(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def examples(what: str, count: int, seed: int = 1) -> Examples:
    return EXAMPLES[what](count, np.random.default_rng(seed))


def taught(what: str, given: Examples) -> Learner:
    learner = LEARNERS[what]()
    for row, text in given:
        learner.learn(row, text)
    return learner


def test_a_learner_says_what_it_is_and_takes(what: str) -> None:
    learner, (row, _) = LEARNERS[what](), examples(what, 1)[0]
    assert learner.what == what and learner.name
    assert (learner.kind, learner.dims) == (row["kind"], row["dims"])


def test_a_new_learner_has_nothing_to_give(what: str) -> None:
    assert LEARNERS[what]().adoption() is None and LEARNERS[what]().events() == []


def test_what_is_given_and_kept_is_json(what: str) -> None:
    learner = taught(what, examples(what, 900))
    for numbers in (learner.adoption(), learner.snapshot(), *learner.events()):
        assert numbers and orjson.loads(orjson.dumps(numbers)) == numbers


@pytest.mark.parametrize("stop", [0, 1, 11, 300])
def test_stopping_and_going_on_changes_no_bit(what: str, stop: int) -> None:
    given = examples(what, 900)
    straight, first, second = taught(what, given), taught(what, given[:stop]), LEARNERS[what]()
    second.restore(orjson.loads(orjson.dumps(first.snapshot())))
    for row, text in given[stop:]:
        second.learn(row, text)
    assert orjson.dumps(second.snapshot()) == orjson.dumps(straight.snapshot())
    assert second.adoption() == straight.adoption()


def test_a_snapshot_does_not_change_when_learning_goes_on(what: str) -> None:
    learner = taught(what, examples(what, 200))
    state = learner.snapshot()
    before = orjson.dumps(state)
    for row, text in examples(what, 100, seed=2):
        learner.learn(row, text)
    assert orjson.dumps(state) == before


def test_news_is_told_once_though_scores_are_told_each_time(what: str) -> None:
    learner = taught(what, examples(what, 300))
    learner.events()
    assert all(one["type"] == "ModelScored" for one in learner.events())


def test_workers_can_read_what_a_learner_gives(what: str) -> None:
    learner = taught(what, examples(what, 900))
    named = {"what": learner.what, "name": learner.name, "version": 7, **(learner.adoption() or {})}
    read_as, model = read_adopted(orjson.loads(orjson.dumps(named)))
    assert read_as == what and model.label == f"{learner.name}@7"


def test_the_learn_stage_has_one_learner_of_each_kind() -> None:
    made = make_learners(Learn(), dims=128)(first_id=5)
    whats = [course.learner.what for course in made]
    assert len(set(whats)) == len(whats) and set(LEARNERS) <= set(whats) <= set(READERS)


def test_a_state_of_something_else_is_refused(what: str) -> None:
    state: dict[str, Any] = {"layout": 99, "tasks": {}, "next_id": 5, "clusterer": {"name": "other"}}
    with pytest.raises(StateMismatchError):
        LEARNERS[what]().restore(state)


def test_river_keeps_the_fields_that_a_restore_of_its_regression_writes() -> None:
    """Restoring writes River's private fields; a release that adds or renames one must not pass unseen."""
    model, scaler = linear_model.LogisticRegression(), preprocessing.StandardScaler()
    assert {"optimizer", "intercept", "_weights", "l2", "clip_gradient", "initializer"} <= set(vars(model))
    assert set(vars(scaler)) == {"with_std", "window_size", "counts", "means", "vars"}
    assert set(vars(optim.SGD())) == {"lr", "n_iterations"}


@pytest.mark.parametrize("seed", range(4))
def test_the_first_alarm_of_our_adwin_comes_where_that_of_river_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = np.concatenate([random.random(1500) * 0.5, random.random(1500) * 0.5 + 0.15 + seed / 20]).tolist()
    ours, rivers, theirs = Adwin(), ADWIN(), []
    for at, value in enumerate(values):
        rivers.update(value)
        theirs += [at] if rivers.drift_detected else []
    assert theirs[0] == next(at for at, value in enumerate(values) if ours.add(value))
