"""k-means over the latest examples: repeated single steps of Lloyd's method, so that centres follow moving clusters."""

from base64 import b64decode, b64encode
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.models.clusterers.port import Ids, Points, State, require_same, require_shape
from liveprofile.models.fixed_point import to_float, to_int16

Floats = npt.NDArray[np.float64]
TRIES, FIRST_STEPS = 5, 8
"""Number of initialisations, of which the best is kept, and Lloyd steps for each of them."""


class KMeans:
    """A fixed number of centres, moved to the middle of their members among the latest examples.

    River's k-means learns one example at a time, which leaves the centres near the first few examples. This class keeps
    the latest `memory` examples, and after every `every` examples takes one step of Lloyd's method (IEEE Transactions
    on Information Theory, 1982) from the present centres. The quality is that of batch k-means, for the time of a few
    matrix products. The first centres are chosen by k-means++ (Arthur and Vassilvitskii, SODA 2007) after `warmup`
    examples. If these have fewer distinct values than `clusters`, there are fewer clusters.

    Parameters
    ----------
    dims
        Dimensions of a point.
    clusters
        Largest number of centres, 1 or more.
    warmup
        Examples before the first centres, at least `clusters`; default: 64 or twice `clusters`, whichever is larger.
    memory
        Number of latest examples that centres are means of, at least `warmup`; a snapshot holds them all.
    every
        Examples between two Lloyd steps.
    seed
        Seed of the choice of the first centres: the only randomness, used once, at the end of the warm-up.
    first_id
        The id of the first centre, so that a new learner does not reuse the ids of an earlier one.

    Ids are `first_id` plus the centre's index. A centre keeps its id when it moves. It stays if it has no members.

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
        warmup: int | None = None,
        memory: int = 1_000,
        every: int = 50,
        seed: int = 7,
        first_id: int = 0,
    ) -> None:
        warmup = max(64, 2 * clusters) if warmup is None else warmup
        if not (1 <= clusters <= warmup and every >= 1 and dims >= 1):
            raise ValueError(
                f"kmeans: dims={dims}, clusters={clusters}, warmup={warmup}, every={every}; needs dims >= 1, "
                "1 <= clusters <= warmup and every >= 1: change the clusterer's settings"
            )
        self.dims, self.first_id = dims, first_id
        memory = max(memory, warmup)
        self._clusters, self._warmup, self._every, self._seed = clusters, warmup, every, seed
        self._parameters = {"dims": dims, "clusters": clusters, "warmup": warmup, "memory": memory, "every": every}
        self._parameters["seed"] = seed
        self._held: deque[Points] = deque(maxlen=memory)
        self._learnt = 0
        self._centres = np.zeros((0, dims))

    @property
    def next_id(self) -> int:
        """One more than the last id reserved for the centres."""
        return self.first_id + self._clusters

    def learn(self, x: Points) -> None:
        """Learn one example of shape (dims,); the first `warmup` examples are only collected."""
        require_shape(x, self.dims)
        self._held.append(np.array(x, np.int16))
        self._learnt += 1
        if self._learnt == self._warmup:
            self._centres = first_centres(to_float(np.array(self._held)), self._clusters, self._seed)
        elif self._learnt > self._warmup and self._learnt % self._every == 0:
            self._centres, _ = step(to_float(np.array(self._held)), self._centres)

    def centres(self) -> tuple[Ids, Points]:
        """Ids (c,) and centres (c, dims); empty during the warm-up."""
        return np.arange(self.first_id, self.first_id + len(self._centres), dtype=np.int64), to_int16(self._centres)

    def snapshot(self) -> dict[str, Any]:
        """Parameters, the latest examples (base64 of little-endian int16), and the centres in full precision."""
        held = np.array(self._held, "<i2").tobytes()
        return {
            "name": self.name,
            "parameters": dict(self._parameters),
            "first_id": self.first_id,
            "learnt": self._learnt,
            "held": b64encode(held).decode("ascii"),
            "centres": self._centres.tolist(),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        require_same(self.name, self._parameters, state)
        self.first_id, self._learnt = state["first_id"], state["learnt"]
        held = np.frombuffer(b64decode(state["held"], validate=True), "<i2").astype(np.int16)
        self._held.clear()
        self._held.extend(held.reshape(-1, self.dims))
        self._centres = np.array(state["centres"], np.float64).reshape(-1, self.dims)


def step(points: Floats, centres: Floats) -> tuple[Floats, float]:
    """One Lloyd step: new centres (c, k), means of their nearest points (n, k); and the mean squared distance before.

    >>> step(np.array([[0.0], [2.0], [9.0]]), np.array([[0.0], [8.0]]))[0].tolist()
    [[1.0], [9.0]]
    """
    squares = (points**2).sum(axis=1)[:, None] - 2.0 * points @ centres.T + (centres**2).sum(axis=1)
    nearest = squares.argmin(axis=1)
    members = nearest[:, None] == np.arange(len(centres))
    counts = members.sum(axis=0)
    middles = members.T.astype(np.float64) @ points / np.maximum(counts, 1)[:, None]
    off = float(squares[np.arange(len(points)), nearest].mean())
    return np.where(counts[:, None] > 0, middles, centres), off


def first_centres(points: Floats, count: int, seed: int) -> Floats:
    """The best of TRIES initialisations of up to `count` centres, after FIRST_STEPS steps each."""
    found = []
    for attempt in range(TRIES):
        centres, off = spread(points, count, seed + attempt), 0.0
        for _ in range(FIRST_STEPS):
            centres, off = step(points, centres)
        found.append((off, attempt, centres))
    return min(found, key=lambda one: one[:2])[2]


def spread(points: Floats, count: int, seed: int) -> Floats:
    """Up to `count` distinct rows of `points`, far from each other, drawn by k-means++."""
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = [points[random.integers(len(points))]]
    nearest = ((points - chosen[0]) ** 2).sum(axis=1)
    while len(chosen) < count and nearest.any():
        chosen.append(points[random.choice(len(points), p=nearest / nearest.sum())])
        nearest = np.minimum(nearest, ((points - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)
