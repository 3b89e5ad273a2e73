"""The learner of alarms: p-values out of sessions, a threshold that keeps the budget, trees that travel as arrays."""

import numpy as np
import orjson
import pytest
from river.anomaly import HalfSpaceTrees

from liveprofile.models.clusterers.port import StateMismatchError
from liveprofile.models.learners.anomalies import AnomalyLearner
from liveprofile.models.learners.half_space import HalfSpace
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.anomalies.adopted import AdoptedAnomalyModel
from liveprofile.profiles.anomalies.evidence import COMBINED, WEIGHTS, combine, evidence_of
from liveprofile.profiles.anomalies.outlier import read_trees, score_outlier
from liveprofile.profiles.state.row import DETECTORS, OUTLIER_INPUTS

INPUTS = OUTLIER_INPUTS
LAYOUT = np.dtype([("score", "<f4", (DETECTORS + 2 + INPUTS,))])


def learner(**options: float) -> AnomalyLearner:
    return AnomalyLearner(ExampleKind.SESSION, WEIGHTS, INPUTS, **options)  # type: ignore[arg-type]


def session(random: np.random.Generator, flagged: int = 0, **scores: float) -> np.void:
    """A usual session: orders sometimes larger, everything else calm."""
    one = np.zeros(1, LAYOUT)
    numbers = one["score"][0]
    numbers[1] = random.exponential(0.5) if random.random() < 0.3 else 0.0
    for place, score in scores.items():
        numbers[int(place[1:])] = score
    numbers[DETECTORS], numbers[DETECTORS + 1] = flagged, random.random() < 0.5
    numbers[DETECTORS + 2 :] = np.round(random.random(INPUTS) ** 2 * 255) / 255
    return one[0]


def taught(count: int = 4_000, seed: int = 5) -> AnomalyLearner:
    one, random = learner(), np.random.default_rng(seed)
    for _ in range(count):
        one.learn(session(random), "")
    return one


def adopted(one: AnomalyLearner) -> AdoptedAnomalyModel:
    record = {"what": one.what, "name": one.name, "version": 1, **(one.adoption() or {})}
    return AdoptedAnomalyModel.from_record(orjson.loads(orjson.dumps(record)))


def test_nothing_is_said_before_enough_sessions():
    assert taught(400).adoption() is None


def test_a_p_value_is_the_share_of_sessions_that_reach_the_score():
    anomaly_model, random = adopted(taught(20_000)).anomaly_model, np.random.default_rng(6)
    scores = [float(session(random)["score"][1]) for _ in range(20_000)]
    for score in (0.5, 1.0, 2.0):
        share = np.mean([one >= score for one in scores])
        assert evidence_of(score, anomaly_model.knots[1], anomaly_model.most) == pytest.approx(
            -np.log10(share), abs=0.15
        )


def test_the_threshold_keeps_the_budget():
    for budget in (2.0, 20.0):
        one, random = learner(budget=budget), np.random.default_rng(5)
        sessions = [session(random) for _ in range(8_000)]
        for each in sessions:
            one.learn(each, "")
        anomaly_model = adopted(one).anomaly_model
        days = sum(float(each["score"][DETECTORS + 1]) for each in sessions)
        worth = [
            combine(np.array([evidence_of(s, anomaly_model.knots[at], anomaly_model.most) for at, s in enumerate(row)]))
            for row in (each["score"][:DETECTORS].astype(float) for each in sessions)
        ]
        raised = sum(one >= anomaly_model.threshold for one in worth)
        assert raised <= 1.1 * budget * days / 1000 + 1, "scores are kept in bins"
        assert raised > 0 or budget < 5


def test_what_was_raised_is_no_part_of_what_is_usual():
    one, other, random = taught(), taught(), np.random.default_rng(8)
    for _ in range(200):
        one.learn(session(random, flagged=2, _1=9.0), "")
    assert (
        adopted(one).anomaly_model.knots[:COMBINED].tolist() == adopted(other).anomaly_model.knots[:COMBINED].tolist()
    )


def test_doubtful_alerts_count_against_the_budget_and_sure_ones_do_not():
    def threshold(score: float) -> float:
        one, random = taught(20_000), np.random.default_rng(8)
        for _ in range(18):
            one.learn(session(random, flagged=2, _1=score), "")
        return adopted(one).anomaly_model.threshold

    assert threshold(3.0) > threshold(0.0)
    assert threshold(40.0) == pytest.approx(threshold(0.0), abs=0.05)


def test_a_restored_learner_goes_on_to_the_same_bits():
    whole, half = taught(3_000), taught(3_000)
    again = learner()
    again.restore(orjson.loads(orjson.dumps(half.snapshot())))
    for one in (whole, again):
        random = np.random.default_rng(9)
        for _ in range(1_000):
            one.learn(session(random), "")
    assert again.adoption() == whole.adoption()


def test_a_state_of_other_parameters_is_not_taken():
    with pytest.raises(StateMismatchError, match="begins anew"):
        learner(memory=7).restore(taught(10).snapshot())


def test_the_trees_say_outside_of_river_what_they_say_inside():
    random, trees = np.random.default_rng(1), HalfSpace(INPUTS, trees=5, height=5, window=100)
    vectors = np.round(random.beta(2, 6, (300, INPUTS)) * 255) / 255
    for vector in vectors:
        trees.learn(vector.tolist())
    arrays, model = read_trees(trees.arrays()), trees._model
    assert isinstance(model, HalfSpaceTrees)
    for vector in [*vectors[:20], np.ones(INPUTS), np.zeros(INPUTS)]:
        inside = model.score_one(dict(enumerate(vector.tolist())))
        outside = score_outlier(np.rint(vector * 255).astype(np.uint8), arrays)
        assert 2.0**-outside == pytest.approx(1 - inside, abs=1e-6)
    usual, odd = (score_outlier(np.full(INPUTS, at, np.uint8), arrays) for at in (60, 255))
    assert odd > usual + 1
