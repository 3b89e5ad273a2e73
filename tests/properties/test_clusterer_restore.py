"""A learner that was stopped, written down and restored is the learner that never stopped, to the bit."""

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.models.clusterers.dbstream import DBStream
from liveprofile.models.clusterers.registry import CLUSTERERS, create

DIMS = 5
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "kmeans": [{"clusters": 4, "warmup": 20}, {"clusters": 16, "warmup": 16, "memory": 40, "every": 7, "seed": 3}],
    "streamkmeans": [{"clusters": 2, "chunk": 7}],
    "dbstream": [
        {"radius": 0.4, "fading": 0.05, "cleanup_every": 7, "relabel_every": 5, "min_weight": 1.5},
        {"radius": 0.15, "fading": 0.002, "cleanup_every": 10, "max_micro": 12, "relabel_every": 4},
    ],
}
CASES = [(name, options) for name in sorted(CLUSTERERS) for options in OPTIONS[name]]


def points(seed: int, count: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Points about a few places that wander, with some from anywhere and some repeated."""
    random = np.random.default_rng(seed)
    places = random.integers(-20000, 20000, (6, DIMS))
    wander = random.integers(-60, 60, (6, DIMS))
    which = random.integers(6, size=count)
    near = places[which] + wander[which] * np.arange(count)[:, None] + random.integers(-4000, 4000, (count, DIMS))
    anywhere = random.integers(-32767, 32768, (count, DIMS))
    chosen = np.where(random.random(count)[:, None] < 0.8, near, anywhere)
    chosen[random.random(count) < 0.1] = places[0]
    return np.clip(chosen, -32767, 32767).astype(np.int16)


@pytest.mark.parametrize(("name", "options"), CASES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), stops=st.lists(st.integers(0, 250), min_size=1, max_size=4))
def test_learning_on_after_a_restore_equals_never_having_stopped(
    name: str, options: dict[str, Any], seed: int, stops: list[int]
) -> None:
    straight = create(name, DIMS, **options)
    broken = create(name, DIMS, **options)
    for count, x in enumerate(points(seed, 260)):
        if count in stops:
            written = orjson.dumps(broken.snapshot())
            broken = create(name, DIMS, **options)
            broken.restore(orjson.loads(written))
            assert orjson.dumps(broken.snapshot()) == written
        straight.learn(x)
        broken.learn(x)
    assert orjson.dumps(broken.snapshot()) == orjson.dumps(straight.snapshot())
    assert [a.tobytes() for a in broken.centres()] == [a.tobytes() for a in straight.centres()]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_dbstream_stays_within_its_bounds(seed: int) -> None:
    """River's graph can keep pairs of micro-clusters that are gone; ours holds living ones only."""
    model = DBStream(DIMS, radius=0.2, fading=0.05, cleanup_every=5, max_micro=10, relabel_every=5)
    seen: dict[int, int] = {}
    for count, x in enumerate(points(seed, 300), start=1):
        model.learn(x)
        state = model.snapshot()
        alive = {micro[0] for micro in state["micro"]}
        assert len(alive) <= 10
        if count % 5 == 0:
            assert {i for i, _ in state["shared"]} | {j for _, row in state["shared"] for j, _, _ in row} <= alive
            assert all(value > 0 for _, row in state["shared"] for _, value, _ in row)
            for identity in model.centres()[0].tolist():
                assert seen.get(identity, count - 5) == count - 5, "an id came back after it was gone"
                seen[identity] = count
