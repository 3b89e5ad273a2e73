"""River's incremental k-means, started from examples instead of random centres."""

from typing import Any

import numpy as np
import numpy.typing as npt
from river import cluster

from models.clusterers.port import Ids, Points, State, require_same, require_shape
from models.fixed_point import to_float, to_int16


class KMeans:
    """A fixed number of centres, each example pulling its nearest a little way.

    River draws its first centres from a normal distribution, far from unit vectors, so most would never win a point.
    Here the first `warmup` examples are held, `clusters` of them chosen by k-means++ (Arthur and Vassilvitskii, SODA
    2007), and then learnt in their order. If the held ones have fewer different values than `clusters`, there are
    fewer clusters.

    Parameters
    ----------
    dims
        Dimensions of a point. River's cost is clusters x dims Python steps per example: keep to 16 or 32.
    clusters
        Centres at most, 1 or more.
    rate
        Share of the way that a centre moves to an example, in (0, 1]; River calls it `halflife`. A centre remembers
        about 1 / rate of its examples.
    warmup
        Examples held before there are centres, at least `clusters`; 64 or twice `clusters` if not given.
    seed
        Of the choice of the first centres; the only randomness, used once, at the end of the warm-up.
    first_id
        The id of the first centre, so that a new learner need not repeat the ids of an earlier one.

    Ids are the centres' indexes from `first_id` on: a centre moves, but never becomes another.

    >>> model = KMeans(2, clusters=2, warmup=4)
    >>> for x in ([30000, 0], [29000, 0], [0, 30000], [0, 29000]):
    ...     model.learn(np.array(x, dtype=np.int16))
    >>> sorted(model.centres()[1].argmax(axis=1).tolist())
    [0, 1]
    """

    name = "kmeans"

    def __init__(
        self,
        dims: int,
        *,
        clusters: int = 16,
        rate: float = 0.05,
        warmup: int | None = None,
        seed: int = 7,
        first_id: int = 0,
    ) -> None:
        warmup = max(64, 2 * clusters) if warmup is None else warmup
        if not (1 <= clusters <= warmup and 0 < rate <= 1 and dims >= 1):
            raise ValueError(
                f"kmeans: dims={dims}, clusters={clusters}, warmup={warmup}, rate={rate}; needs dims >= 1, "
                "1 <= clusters <= warmup and 0 < rate <= 1: change the clusterer's settings"
            )
        self.dims, self.first_id = dims, first_id
        self._parameters = {"dims": dims, "clusters": clusters, "rate": rate, "warmup": warmup, "seed": seed}
        self._held: list[list[float]] = []
        self._river: Any = None

    @property
    def next_id(self) -> int:
        """One past the ids set aside for the centres."""
        return self.first_id + int(self._parameters["clusters"])

    def learn(self, x: Points) -> None:
        """Learn one example of shape (dims,); the first `warmup` ones wait for each other."""
        require_shape(x, self.dims)
        point = to_float(x).tolist()
        if self._river is not None:
            self._river.learn_one(dict(enumerate(point)))
            return
        self._held.append(point)
        if len(self._held) == self._parameters["warmup"]:
            self._begin()

    def _begin(self) -> None:
        """Choose the first centres among the held examples and learn those."""
        first = spread(np.array(self._held), int(self._parameters["clusters"]), int(self._parameters["seed"]))
        self._river = self._learner(first.tolist())
        for point in self._held:
            self._river.learn_one(dict(enumerate(point)))
        self._held = []

    def _learner(self, centres: list[list[float]]) -> Any:
        """A River learner with these centres: every dimension is given, so River draws none at random."""
        learner = cluster.KMeans(len(centres), halflife=self._parameters["rate"], seed=int(self._parameters["seed"]))
        for row, centre in enumerate(centres):
            learner.centers[row].update(enumerate(centre))
        return learner

    def _rows(self) -> list[list[float]]:
        if self._river is None:
            return []
        return [[centre[d] for d in range(self.dims)] for centre in self._river.centers.values()]

    def centres(self) -> tuple[Ids, Points]:
        """Ids from `first_id` on and centres of shape (c, dims); none during the warm-up."""
        rows = np.array(self._rows(), dtype=np.float64).reshape(-1, self.dims)
        return np.arange(self.first_id, self.first_id + len(rows), dtype=np.int64), to_int16(rows)

    def snapshot(self) -> dict[str, Any]:
        """Parameters, the examples that still wait, and the centres in full precision."""
        return {
            "name": self.name,
            "parameters": dict(self._parameters),
            "first_id": self.first_id,
            "held": [list(point) for point in self._held],
            "centres": self._rows(),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        require_same(self.name, self._parameters, state)
        self.first_id = state["first_id"]
        self._held = [list(point) for point in state["held"]]
        self._river = self._learner(state["centres"]) if state["centres"] else None


def spread(points: npt.NDArray[np.float64], count: int, seed: int) -> npt.NDArray[np.float64]:
    """Up to `count` different rows of `points`, far from each other, drawn as k-means++ draws them."""
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = [points[random.integers(len(points))]]
    nearest = ((points - chosen[0]) ** 2).sum(axis=1)
    while len(chosen) < count and nearest.any():
        chosen.append(points[random.choice(len(points), p=nearest / nearest.sum())])
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)
