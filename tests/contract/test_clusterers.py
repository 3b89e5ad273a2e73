"""What every clusterer promises, whichever is configured."""

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from river import cluster

from liveprofile.models.clusterers.port import Clusterer, StateMismatchError
from liveprofile.models.clusterers.registry import CLUSTERERS, create

SMALL: dict[str, dict[str, Any]] = {
    "kmeans": {"clusters": 3, "warmup": 12},
    "streamkmeans": {"clusters": 3, "chunk": 20},
    "dbstream": {"radius": 0.3, "relabel_every": 10, "min_weight": 2.0},
}
CORNERS = np.array([[30000, 0, 0, 0], [0, 30000, 0, 0], [0, 0, 30000, 0]], dtype=np.int16)

Make = Callable[..., Clusterer]


@pytest.fixture(params=sorted(CLUSTERERS))
def make(request: pytest.FixtureRequest) -> Make:
    """A maker of one of the clusterers on 4 dimensions."""
    return lambda **options: create(request.param, 4, **(SMALL[request.param] | options))


def around_corners(count: int, seed: int = 1) -> np.ndarray[Any, np.dtype[np.int16]]:
    random = np.random.default_rng(seed)
    return (CORNERS[random.integers(3, size=count)] + random.integers(-2000, 2000, (count, 4))).astype(np.int16)


def test_three_heaps_of_points_become_clusters_near_their_middles(make: Make) -> None:
    clusterer = make()
    for x in around_corners(300):
        clusterer.learn(x)
    ids, centres = clusterer.centres()
    assert len(ids) == 3 and centres.dtype == np.int16 and centres.shape == (3, 4)
    assert sorted(centres.argmax(axis=1).tolist()) == [0, 1, 2]
    assert np.abs(centres.max(axis=1).astype(int) - 30000).max() < 1500


def test_a_new_clusterer_has_no_centres(make: Make) -> None:
    ids, centres = make().centres()
    assert ids.shape == (0,) and centres.shape == (0, 4)


def test_the_state_is_json_and_survives_it_unchanged(make: Make) -> None:
    clusterer = make()
    for x in around_corners(100):
        clusterer.learn(x)
    assert orjson.loads(orjson.dumps(clusterer.snapshot())) == clusterer.snapshot()


def test_a_snapshot_does_not_change_when_learning_goes_on(make: Make) -> None:
    clusterer = make()
    points = around_corners(200)
    for x in points[:100]:
        clusterer.learn(x)
    state = clusterer.snapshot()
    written = orjson.dumps(state)
    for x in points[100:]:
        clusterer.learn(x)
    assert orjson.dumps(state) == written != orjson.dumps(clusterer.snapshot())


def test_ids_are_unique_begin_where_told_and_stay_below_the_next_one(make: Make) -> None:
    clusterer = make(first_id=40)
    for x in around_corners(300):
        clusterer.learn(x)
    ids = clusterer.centres()[0].tolist()
    assert len(set(ids)) == len(ids) and min(ids) >= 40 and max(ids) < clusterer.next_id


def test_ids_stay_while_a_cluster_is_learnt_on(make: Make) -> None:
    clusterer = make()
    places = []
    for count, x in enumerate(around_corners(600), start=1):
        clusterer.learn(x)
        if count in (200, 400, 600):
            ids, centres = clusterer.centres()
            places.append(dict(zip(ids.tolist(), centres.argmax(axis=1).tolist(), strict=True)))
    assert places[0] == places[1] == places[2]


def test_a_point_of_another_shape_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match=r"shape \(5,\), expected \(4,\)"):
        make().learn(np.zeros(5, dtype=np.int16))


def test_a_state_with_other_parameters_is_refused(make: Make) -> None:
    other = make().snapshot()
    other["parameters"]["dims"] = 8
    with pytest.raises(StateMismatchError, match="configuration"):
        make().restore(other)


def test_a_state_of_another_clusterer_is_refused() -> None:
    with pytest.raises(StateMismatchError, match="is of kmeans"):
        create("dbstream", 4).restore(create("kmeans", 4).snapshot())


def test_an_unknown_name_or_option_says_what_there_is() -> None:
    with pytest.raises(ValueError, match="choose one of dbstream, kmeans, streamkmeans"):
        create("lloyd", 4)
    with pytest.raises(ValueError, match="halflife"):
        create("kmeans", 4, halflife=0.5)
    with pytest.raises(ValueError, match="clusters=0"):
        create("kmeans", 4, clusters=0)
    with pytest.raises(ValueError, match="max_micro"):
        create("dbstream", 4, max_micro=1)


def test_river_keeps_the_fields_that_a_restore_writes() -> None:
    """Restoring writes River's private fields; a release that adds or renames one must not pass unseen."""
    assert set(vars(cluster.DBSTREAM())) == {
        "_time_stamp",
        "clustering_threshold",
        "fading_factor",
        "cleanup_interval",
        "intersection_factor",
        "minimum_weight",
        "_n_clusters",
        "_clusters",
        "_centers",
        "_micro_clusters",
        "s",
        "s_t",
        "clustering_is_up_to_date",
    }
