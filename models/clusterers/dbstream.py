"""River's DBSTREAM with a limit on the number of micro-clusters, and with stable ids."""

from typing import Any

import numpy as np

from liveprofile.models.clusterers.port import Ids, Points, State, require_same, require_shape
from liveprofile.models.clusterers.stable_ids import StableIds
from liveprofile.models.fixed_point import to_float, to_int16


class DBStream:
    """Clusters of any shape: small balls of points, joined where they share points (Hahsler and Bolanos, TKDE 2016).

    River's DBSTREAM has no limit: its time per example grows with the number of micro-clusters (River #1086, #811), and
    its graph can keep pairs with a removed micro-cluster. This class removes the lightest micro-cluster when there are
    more than `max_micro`, and cleans the graph with every clean-up, so cost and state are bounded. River relabels the
    clusters at every query (#1211). This class reads them every `relabel_every` examples, and `StableIds` matches them.

    Parameters
    ----------
    dims
        Dimensions of a point; keep to 16 or 32.
    radius
        Radius of a micro-cluster: a Euclidean distance between points of length at most 1. Distances grow with the
        number of dimensions: use 0.35 with 16 dimensions, 0.55 with 32.
    fading
        Decay rate: a weight halves in 1 / fading examples.
    cleanup_every
        Examples between two removals of decayed micro-clusters.
    intersection
        Least share of common points that joins two micro-clusters, in (0, 1].
    min_weight
        Decayed number of examples below which a micro-cluster is noise (River counts noise as a cluster, #1730).
    max_micro
        Largest number of micro-clusters; a snapshot has up to max_micro^2 / 2 pairs.
    relabel_every
        Examples between two reads of the clusters; should divide the number of examples between two model versions.
    first_id
        The first id to assign, so that a new learner does not reuse the ids of an earlier one.
    """

    name = "dbstream"

    def __init__(
        self,
        dims: int,
        *,
        radius: float = 0.55,
        fading: float = 0.001,
        cleanup_every: int = 50,
        intersection: float = 0.2,
        min_weight: float = 3.0,
        max_micro: int = 128,
        relabel_every: int = 50,
        first_id: int = 0,
    ) -> None:
        numbers = (dims, radius, fading, cleanup_every, intersection, min_weight, relabel_every)
        if min(numbers) <= 0 or intersection > 1 or max_micro < 2:
            raise ValueError(
                f"dbstream: dims, radius, fading, cleanup_every, intersection, min_weight, relabel_every = {numbers}, "
                f"max_micro = {max_micro}; all must be above 0, intersection at most 1, max_micro at least 2: "
                "change the clusterer's settings"
            )
        from river import cluster  # here: River takes a second to import, and only a worker that learns needs it

        self.dims = dims
        self._max_micro, self._relabel_every = max_micro, relabel_every
        self._parameters = {
            "dims": dims,
            "radius": radius,
            "fading": fading,
            "cleanup_every": cleanup_every,
            "intersection": intersection,
            "min_weight": min_weight,
            "max_micro": max_micro,
            "relabel_every": relabel_every,
        }
        self._river = cluster.DBSTREAM(radius, fading, cleanup_every, intersection, min_weight)
        self._stable = StableIds(dims, first_id)

    @property
    def next_id(self) -> int:
        """One more than the last assigned id."""
        return self._stable.next_id

    def learn(self, x: Points) -> None:
        """Learn one example of shape (dims,)."""
        require_shape(x, self.dims)
        river = self._river
        river.learn_one(dict(enumerate(to_float(x).tolist())))
        if len(river.micro_clusters) > self._max_micro:
            self._forget(self._lightest())
        if river._time_stamp % river.cleanup_interval == 0:
            self._sweep()
        if river._time_stamp % self._relabel_every == 0:
            self._relabel()

    def _lightest(self) -> int:
        """The micro-cluster with the least decayed weight; the newest one is exempt, so that new places can grow."""
        river, now = self._river, self._river._time_stamp
        micro = river.micro_clusters
        old: list[int] = [i for i, each in micro.items() if each.last_update < now - 1]
        faded: dict[int, float] = {
            i: micro[i].weight * 2 ** (-river.fading_factor * (now - micro[i].last_update)) for i in old or micro
        }
        return min(faded, key=lambda i: (faded[i], i))

    def _forget(self, removed: int) -> None:
        """Remove a micro-cluster and all its pairs."""
        del self._river._micro_clusters[removed]
        for graph in (self._river.s, self._river.s_t):
            graph.pop(removed, None)
            for row in graph.values():
                row.pop(removed, None)

    def _sweep(self) -> None:
        """Drop pairs that decayed to zero and pairs of removed micro-clusters; River would restart both from zero."""
        river, alive = self._river, self._river.micro_clusters
        for i in list(river.s):
            for j in [j for j, value in river.s[i].items() if value == 0 or j not in alive or i not in alive]:
                del river.s[i][j], river.s_t[i][j]
            if not river.s[i]:
                del river.s[i], river.s_t[i]

    def _relabel(self) -> None:
        """Read River's clusters and match them to the known ids."""
        rows = [[centre[d] for d in range(self.dims)] for centre in self._river.centers.values()]
        self._stable.follow(to_int16(np.array(rows, dtype=np.float64).reshape(-1, self.dims)))

    def centres(self) -> tuple[Ids, Points]:
        """Ids (c,) and centres (c, dims) as of the last relabelling."""
        return self._stable.ids, self._stable.centres

    def snapshot(self) -> dict[str, Any]:
        """Parameters, step, micro-clusters [id, weight, last step, centre] and shared densities, in River's order."""
        river = self._river
        return {
            "name": self.name,
            "parameters": dict(self._parameters),
            "step": river._time_stamp,
            "micro": [
                [i, each.weight, each.last_update, [each.center[d] for d in range(self.dims)]]
                for i, each in river.micro_clusters.items()
            ],
            "shared": [[i, [[j, value, river.s_t[i][j]] for j, value in row.items()]] for i, row in river.s.items()],
            "stable": self._stable.snapshot(),
        }

    def restore(self, state: State) -> None:
        """Continue from a snapshot; this writes private fields of River, which a contract test lists."""
        from river.cluster.dbstream import DBSTREAMMicroCluster

        require_same(self.name, self._parameters, state)
        river = self._river = self._river.clone()
        river._time_stamp = state["step"]
        river._micro_clusters = {
            i: DBSTREAMMicroCluster(x=dict(enumerate(centre)), last_update=last, weight=weight)
            for i, weight, last, centre in state["micro"]
        }
        river.s = {i: {j: value for j, value, _ in row} for i, row in state["shared"]}
        river.s_t = {i: {j: step for j, _, step in row} for i, row in state["shared"]}
        self._stable.restore(state["stable"])
