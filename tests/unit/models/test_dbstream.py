"""What we add to River's DBSTREAM."""

import numpy as np

from liveprofile.models.clusterers.dbstream import DBStream

FAR = np.array([-32767, -32767], dtype=np.int16)


def test_pairs_of_a_faded_micro_cluster_go_even_where_river_leaves_them() -> None:
    """River stops looking at the first row not below the one that faded, though rows are not always in order."""
    model = DBStream(2, radius=0.5, fading=0.1, cleanup_every=5, relabel_every=5)
    state = model.snapshot()
    strong, faint = 50.0, 0.5
    state["micro"] = [[i, faint if i == 4 else strong, 0, [i / 10, 0.0]] for i in (2, 4, 5, 6)]
    state["shared"] = [[5, [[6, 20.0, 0]]], [2, [[4, 20.0, 0]]]]
    model.restore(state)
    for _ in range(5):
        model.learn(FAR)
    after = model.snapshot()
    assert 4 not in [micro[0] for micro in after["micro"]]
    assert after["shared"] == [[5, [[6, 20.0, 0]]]]


def test_the_lightest_micro_cluster_makes_room_for_a_new_place() -> None:
    model = DBStream(2, radius=0.1, max_micro=3, cleanup_every=1000)
    for x in ([0, 0], [0, 0], [9000, 0], [18000, 0], [18000, 0], [27000, 0]):
        model.learn(np.array(x, dtype=np.int16))
    assert [round(micro[3][0] * 32767) for micro in model.snapshot()["micro"]] == [0, 18000, 27000]


def test_noise_is_no_cluster() -> None:
    model = DBStream(2, radius=0.1, min_weight=3.0, relabel_every=10)
    for x in [[0, 0]] * 9 + [[30000, 0]]:
        model.learn(np.array(x, dtype=np.int16))
    assert model.centres()[1].tolist() == [[0, 0]]
