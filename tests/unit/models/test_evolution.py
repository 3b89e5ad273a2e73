"""What becomes of clusters, and what they are called."""

from typing import Any

import numpy as np

from liveprofile.models.clusterers.evolution import evolution
from liveprofile.models.clusterers.registry import create
from liveprofile.models.learners.clusters import ClusterLearner
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.records.training_example import blank_examples

EAST, NORTH, NORTH_EAST, UP = ([30000, 0, 0], [0, 30000, 0], [24000, 18000, 0], [0, 0, 30000])


def look(**clusters: list[int]) -> tuple[Any, Any]:
    """Clusters by name c0, c1, and so on."""
    ids = np.array([int(name[1:]) for name in clusters], np.int64)
    return ids, np.array(list(clusters.values()), np.int16).reshape(-1, 3)


def members(*places: list[int]) -> Any:
    return np.array(places, np.int16).reshape(-1, 3)


def test_clusters_that_all_survive_are_no_news() -> None:
    assert evolution(look(c0=EAST, c1=NORTH), look(c0=EAST, c1=NORTH), members(EAST, NORTH)) == {}


def test_a_cluster_where_there_was_none_has_emerged() -> None:
    told = evolution(look(c0=EAST), look(c0=EAST, c1=UP), members(EAST, UP))
    assert (told["survived"], told["emerged"], told["split"]) == ([0], [1], [])


def test_a_cluster_that_nobody_took_over_has_vanished() -> None:
    told = evolution(look(c0=EAST, c1=UP), look(c0=EAST), members(EAST, EAST))
    assert (told["vanished"], told["absorbed"]) == ([1], [])


def test_a_cluster_whose_members_went_to_a_kindred_one_was_absorbed_by_it() -> None:
    told = evolution(look(c0=EAST, c1=NORTH_EAST), look(c0=EAST), members(EAST, NORTH_EAST, NORTH_EAST))
    assert (told["absorbed"], told["vanished"]) == ([[1, 0]], [])


def test_a_new_cluster_whose_members_were_in_a_kindred_one_was_split_from_it() -> None:
    told = evolution(look(c0=EAST), look(c0=EAST, c1=NORTH_EAST), members(EAST, NORTH_EAST, NORTH_EAST))
    assert (told["split"], told["emerged"]) == ([[0, 1]], [])


def learner(name: str = "kmeans", **options: Any) -> ClusterLearner:
    return ClusterLearner(lambda first: create(name, 3, first_id=first, **options))


def learn(learning: ClusterLearner, places: list[list[int]], topics: list[str], seed: int = 1) -> None:
    random = np.random.default_rng(seed)
    rows = blank_examples(ExampleKind.PLACE, len(places), 3, 0)
    rows["vector"] = np.array(places) + random.integers(-1500, 1500, (len(places), 3))
    for row, topic in zip(rows, topics, strict=True):
        learning.learn(row, topic)


def test_clusters_are_called_after_what_draws_their_members() -> None:
    learning = learner(clusters=2, warmup=20)
    learn(learning, [EAST, NORTH] * 100, ["kitchen", "garden"] * 100)
    adopted = learning.adoption()
    assert adopted is not None and set(adopted["names"]) == {"kitchen", "garden"}


def test_shoppers_who_turn_to_something_else_are_a_drift() -> None:
    learning = learner(clusters=2, warmup=20, every=10_000)
    learn(learning, [EAST, NORTH] * 300, [""] * 600)
    assert learning.events() == []
    learn(learning, [UP] * 300, [""] * 300)
    (told,) = [one for one in learning.events() if one["type"] == "DriftFound"]
    assert told["after"] > told["before"]


def test_a_new_heap_is_a_cluster_that_emerged() -> None:
    learning = learner("dbstream", radius=0.3, relabel_every=10, min_weight=2.0, fading=0.01)
    learn(learning, [EAST, NORTH] * 100, [""] * 200)
    learning.events()
    learn(learning, [UP, EAST] * 100, [""] * 200)
    assert any(one.get("emerged") for one in learning.events())
