"""Intervals by user: they cover what is true, they are paired, and they are the bootstrap that others compute."""

import numpy as np
import pytest
from scipy.stats import bootstrap, rankdata
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from liveprofile.streams.backtest.figures.ablation import ablated
from liveprofile.streams.backtest.figures.forecasts import ProbabilityMeasure, ScoreMeasure
from liveprofile.streams.backtest.figures.judged import judge
from liveprofile.streams.backtest.figures.ranks import METRICS, RankMeasure
from liveprofile.streams.backtest.figures.scores import calibration_error
from liveprofile.streams.backtest.figures.users import Users, interval, redrawn
from liveprofile.streams.backtest.task.cases import OPEN, OURS, Forecast, Ranked


def ranked(random: np.random.Generator, users: int, better: float = 0.0) -> Ranked:
    """Users who differ in how well they can be guessed, 1 to 8 cases each; ours hits that much more often."""
    of = np.repeat(np.arange(users), random.integers(1, 9, users))
    probability = random.beta(2, 5, users)[of]
    hits = {OURS: random.random(len(of)) < probability + better, "popularity": random.random(len(of)) < probability}
    return Ranked(
        "next-item", of, np.arange(len(of)), 100, {name: {OPEN: np.where(hit, 0, 50)} for name, hit in hits.items()}
    )


def forecast(n: int = 400, users: int = 90, seed: int = 0) -> Forecast:
    """Chances with ties, scores, and what happened."""
    random = np.random.default_rng(seed)
    happened = random.random(n) < 0.4
    probabilities = np.clip(0.4 + 0.3 * (happened - 0.4) + random.normal(0, 0.2, n), 0, 1).round(2)
    return Forecast(
        "intent",
        random.integers(0, users, n),
        np.arange(n),
        happened,
        {OURS: probabilities, "prior rate": np.full(n, 0.4)},
        {"recency": random.integers(0, 6, n) + 1.0 * happened},
    )


def test_intervals_cover_the_true_difference_as_often_as_they_say() -> None:
    random, better, covered = np.random.default_rng(1), 0.1, 0
    for seed in range(300):
        low, high = judge(ranked(random, 80, better), seed, draws=200).sides[OPEN].intervals["popularity"]["HR@10"]
        covered += low <= better <= high
    assert 0.91 <= covered / 300 <= 0.98


def test_cases_of_one_user_are_no_evidence_of_their_own() -> None:
    cases = ranked(np.random.default_rng(2), 60, 0.1)
    many = np.repeat(np.arange(len(cases.users)), 10)
    ranks = {name: {OPEN: of[OPEN][many]} for name, of in cases.ranks.items()}
    repeated = Ranked("next-item", cases.users[many], many, 100, ranks)
    apart = Ranked("next-item", np.arange(len(many)), many, 100, ranks)
    once, again, wrongly = (
        judge(one, 3).sides[OPEN].intervals["popularity"]["MRR"] for one in (cases, repeated, apart)
    )
    assert once == again
    assert wrongly[1] - wrongly[0] < 0.5 * (once[1] - once[0])


def test_the_same_seed_draws_the_same_users_and_another_one_others() -> None:
    plain = judge(forecast(), 7).plain()
    assert plain == judge(forecast(), 7).plain()
    assert plain["own"] != judge(forecast(), 8).plain()["own"]


def test_draws_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = judge(forecast(), 7, draws=50).plain()
    monkeypatch.setattr("liveprofile.streams.backtest.figures.users.AT_ONCE", 900)
    assert judge(forecast(), 7, draws=50).plain() == whole


def test_one_user_alone_has_no_intervals() -> None:
    judged = judge(forecast(users=1), 7).plain()
    assert judged["own"] == dict.fromkeys(("auc", "ap", "log_loss", "ece"))
    assert judged["intervals"]["recency"] == {"auc": None, "ap": None}
    assert judged["methods"][OURS]["auc"] > 0.5


def test_a_method_minus_itself_is_nothing_in_every_draw() -> None:
    cases = forecast()
    twin = Forecast(
        "intent",
        cases.users,
        cases.times_ms,
        cases.happened,
        {**cases.probabilities, "twin": cases.probabilities[OURS]},
    )
    assert set(map(tuple, judge(twin, 7).sides[""].intervals["twin"].values())) == {(0.0, 0.0)}


def test_draws_weigh_cases_as_the_library_does() -> None:
    cases = forecast()
    users, probabilities = Users.of(cases.users), cases.probabilities[OURS]
    weights = np.concatenate(list(users.draws(3, 20)))
    drawn = ProbabilityMeasure(users, cases.happened, probabilities).drawn(weights)
    for of, (auc, ap, loss, ece) in zip(weights[:, users.place], drawn, strict=True):
        again = np.repeat(np.arange(len(of)), of.astype(int))
        assert auc == pytest.approx(roc_auc_score(cases.happened, probabilities, sample_weight=of))
        assert ap == pytest.approx(average_precision_score(cases.happened, probabilities, sample_weight=of))
        assert loss == pytest.approx(log_loss(cases.happened, np.clip(probabilities, 1e-6, 1 - 1e-6), sample_weight=of))
        assert ece == pytest.approx(calibration_error(cases.happened[again], probabilities[again]))


def test_without_clusters_it_is_the_bootstrap_of_scipy() -> None:
    cases = forecast(n=300, users=10**9)
    happened, probabilities, recency = cases.happened, cases.probabilities[OURS], cases.scores["recency"]
    ours = judge(cases, 5, draws=2_000).sides[""].intervals["recency"]["auc"]

    def auc(of: np.ndarray, scores: np.ndarray) -> float:
        """By ranks (Mann and Whitney 1947): scikit-learn's takes a hundred times as long for so few."""
        of = of.astype(bool)
        ones = int(of.sum())
        return (rankdata(scores)[of].sum() - ones * (ones + 1) / 2) / (ones * (len(of) - ones))

    def difference(of: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
        return auc(of, one) - auc(of, other)

    theirs = bootstrap(
        (happened, probabilities, recency),
        difference,
        paired=True,
        vectorized=False,
        n_resamples=1_000,
        method="percentile",
        rng=np.random.default_rng(6),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours == pytest.approx([theirs.low, theirs.high], abs=0.12 * width)


def test_users_whose_draws_have_one_outcome_only_are_left_out_of_the_interval() -> None:
    users = Users.of(np.array(["a", "b", "c"]))
    measure = ScoreMeasure(users, np.array([True, False, False]), np.array([3.0, 1.0, 2.0]))
    drawn = redrawn(users, {OURS: measure}, 1, 200)[OURS]
    assert 0 < np.isnan(drawn[:, 0]).sum() < 100
    assert interval(drawn[:, 0]) == [1.0, 1.0]
    assert interval(np.array([np.nan, np.nan, 1.0])) is None


def test_metrics_of_ranks_are_means_over_cases_of_drawn_users() -> None:
    users = Users.of(np.array([1, 1, 2]))
    measure = RankMeasure(users, np.array([0, 4, 20]), 20)
    assert measure.figures == pytest.approx(
        {"HR@3": 1 / 3, "HR@5": 2 / 3, "HR@10": 2 / 3, "NDCG@10": (1 + 1 / np.log2(6)) / 3, "MRR": 1.2 / 3}
    )
    assert measure.drawn(np.array([[1.0, 3.0]]))[0, METRICS.index("HR@10")] == pytest.approx(2 / 5)


def test_an_ablation_is_compared_with_the_whole_on_the_same_cases() -> None:
    whole = ranked(np.random.default_rng(4), 100)
    worse = Ranked("", whole.users, whole.times_ms, 100, {OURS: {OPEN: np.full(len(whole.users), 50)}})
    details = ablated(whole, {"nothing": worse, "everything": whole}, 7)
    assert details["ablations"]["nothing"]["HR@10"] == 0.0
    assert details["ablation_intervals"]["nothing"]["HR@10"][1] < 0
    assert details["ablation_intervals"]["everything"]["MRR"] == [0.0, 0.0]
    other = Ranked("", whole.users[::-1], whole.times_ms, 100, worse.ranks)
    with pytest.raises(ValueError, match="other cases"):
        ablated(whole, {"wrong": other}, 7)
