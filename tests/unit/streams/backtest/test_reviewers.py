"""Reviewers judged: clusters against categories, and words against stars, without a model."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pytest
from support.offline import wiring
from support.paths import DATA as SHARED

from liveprofile.models.clusterers.adoption import Clusters
from liveprofile.streams.backtest.clusters.task import clusters
from liveprofile.streams.backtest.clusters.versions import assigned, stability
from liveprofile.streams.backtest.engine.parts import OfflineWiring
from liveprofile.streams.backtest.sentiment.baselines import by_words, mean_stars, prior_rate
from liveprofile.streams.backtest.sentiment.reviews import Reviews, clear_reviews
from liveprofile.streams.backtest.sentiment.task import calibrated, sentiment
from liveprofile.streams.backtest.task.cases import OURS, Figured, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.amazon_reviewers import one_by_category, read_lines, records
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings

DATA = SHARED / "amazon_reviews_2023"
DAY_MS = 86_400_000
BEGIN_MS = 1_600_000_000_000
CATEGORIES = ("Pans", "Bikes", "Books")


@dataclass(frozen=True)
class DrawnRun(Run):
    """A run without a model."""

    folder: Path = Path()

    def wiring(self, currency: str | None = None) -> OfflineWiring:
        return wiring(self.folder)


def reviewer(number: int, reviews: int = 5) -> str:
    """Somebody who reviews things of one category, and says what they think."""
    random, category = np.random.default_rng(number), CATEGORIES[number % len(CATEGORIES)]
    history = []
    for at in range(reviews):
        stars = float(random.choice([1.0, 3.0, 5.0]))
        words = {1.0: "terrible, it broke", 3.0: "it came", 5.0: "great, it works well"}[stars]
        history.append(
            {
                "parent_asin": f"{category}-{at}",
                "rating": stars,
                "timestamp_ms": BEGIN_MS + (number + at) * DAY_MS // 50,
                "review_full": f"{words} {number}",
                "review_title": "",
                "product": {"title": category, "main_category": category},
            }
        )
    return orjson.dumps({"user_id": f"u{number}", "category": category, "history": history}).decode()


def folder_of(path: Path, reviewers: int) -> Path:
    """A training file, and another one with every fifth shopper."""
    lines = [reviewer(number) for number in range(reviewers)]
    path.joinpath("training.jsonl").write_text("\n".join(line for at, line in enumerate(lines) if at % 5))
    path.joinpath("test.jsonl").write_text("\n".join(lines[::5]))
    return path


async def test_every_clusterer_stands_beside_batch_k_means(tmp_path: Path) -> None:
    (found,) = await clusters(DrawnRun(Settings(), folder_of(tmp_path, 120), folder=tmp_path))
    assert isinstance(found, Figured) and found.n == 120
    assert {OURS, f"{OURS}, dbstream", f"{OURS}, streamkmeans", "batch k-means, 3"} <= found.methods.keys()
    ours = found.methods[OURS]
    assert (ours["nmi"] or 0) > 0.6 and (ours["versions"] or 0) >= 2
    assert found.details["clusterer"] == "kmeans" and found.details["categories"] == 3


async def test_words_tell_praise_from_blame_before_the_stars_are_seen(tmp_path: Path) -> None:
    (found,) = await sentiment(DrawnRun(Settings(), folder_of(tmp_path, 160), folder=tmp_path))
    assert isinstance(found, Forecast)
    assert 0 < len(found.happened) < found.details["reviews"] < 800
    probabilities = found.probabilities[OURS]
    assert probabilities[found.happened].min() > probabilities[~found.happened].max()
    assert set(found.scores) == {"item's stars", "shopper's stars"}


async def test_reviews_of_2018_are_judged_by_the_same_task(tmp_path: Path) -> None:
    path = tmp_path / "Pans_5.json"
    with path.open("w") as file:
        for number in range(600):
            praise = number % 3 > 0
            words = f"{'great and sturdy' if praise else 'broken, a waste'} {number}"
            known = {"reviewerID": f"A{number % 60}", "asin": f"B{number % 20}", "verified": True, "reviewText": words}
            details = {"overall": 5.0 if praise else 1.0, "unixReviewTime": 1_400_000_000 + 3_600 * number}
            file.write(json.dumps(known | details) + "\n")
    (found,) = await sentiment(DrawnRun(Settings(), path, folder=tmp_path))
    assert isinstance(found, Forecast)
    assert found.details["reviews"] == 600
    assert found.probabilities[OURS][found.happened].min() > found.probabilities[OURS][~found.happened].max()


def test_somebody_with_two_categories_is_a_shopper_in_each() -> None:
    lines = ['{"user_id": "u", "category": "A", "history": []}', '{"user_id": "u", "category": "B"}', "[]", "no line"]
    assert [(name, category) for _, name, category in one_by_category(lines)] == [("u/A", "A"), ("u/B", "B")]


def test_records_of_all_files_come_in_the_order_of_time(tmp_path: Path) -> None:
    taken = records(read_lines(folder_of(tmp_path, 20)), None)
    times = [record.time_ms or 0 for record in taken]
    assert len(taken) == 200 and times == sorted(times)
    assert records(read_lines(tmp_path), 7) == taken[:7]


def test_a_folder_without_reviewers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="jsonl"):
        list(read_lines(tmp_path))


def test_baselines_know_only_what_came_before() -> None:
    praise = np.array([True, True, False, True])
    assert prior_rate(praise).tolist() == pytest.approx([1 / 2, 2 / 3, 3 / 4, 3 / 5])
    names = np.array(["a", "a", "b", "a"])
    reviews = Reviews(np.arange(4), names, names, np.arange(4), np.array([5.0, 5.0, 1.0, 5.0]), ["good"] * 4)
    assert mean_stars(reviews, names).tolist() == pytest.approx([3.0, (5 + 4) / 2, 13 / 3, (10 + 3.5) / 3])
    words = by_words(["good"] * 60, np.array([True] * 40 + [False] * 20), 7)
    assert words[:20].tolist() == [0.5] * 20 and words[40] == words[59] > 0.5


def test_the_even_score_becomes_the_share_of_praise() -> None:
    praise = np.array([True, False, True, True])
    assert calibrated(np.zeros(4), praise).tolist() == pytest.approx(prior_rate(praise).tolist())
    assert np.isnan(calibrated(np.array([np.nan]), praise[:1])).all()


def test_stability_is_of_places_and_moves_are_of_ids() -> None:
    def version(number: int, ids: list[int], centres: list[list[int]]) -> Clusters:
        return Clusters(f"kmeans@{number}", number, np.array(ids), np.array(centres, np.int16), {})

    points = np.array([[9, 0], [8, 0], [0, 9], [0, 8]], np.int16)
    before, renamed = version(1, [0, 1], [[9, 0], [0, 9]]), version(2, [0, 1], [[0, 9], [9, 0]])
    assert assigned(points, before).tolist() == [0, 0, 1, 1]
    assert stability(points, [before, renamed]) == (1.0, 1.0)
    assert stability(points, [before, before]) == (1.0, 0.0)
    assert np.isnan(stability(points, [before])).all()


def test_real_reviewers_have_their_categories_and_clear_reviews() -> None:
    if not DATA.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {DATA} is not there, reviewers were not tried on real data")
    named = list(one_by_category(read_lines(DATA)))
    assert len({name for _, name, _ in named}) == 691
    assert len({category for _, _, category in named}) == 24
    reviews = clear_reviews(records((line for line, _, _ in named), None))
    assert len(reviews.praise) == 3_193 and 0.87 < reviews.praise.mean() < 0.88
