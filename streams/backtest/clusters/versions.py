"""Versions of the clusters, read from adoptions in the log."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from liveprofile.models.assign import nearest
from liveprofile.models.clusterers.adoption import Clusters, read_clusters
from liveprofile.models.clusterers.port import Ids, Points
from liveprofile.profiles.records.activity import decode_tail
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.learn.stage import ADOPT_KEY

CLUSTERER = "clusterer"


class Versions:
    """An output of the engine: stores each adoption of clusters, and counts the learnt examples."""

    def __init__(self, topics: Topics, dims: int) -> None:
        self.adopted: list[Clusters] = []
        self._topics, self._dims = topics, dims

    def __call__(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        """Take output records of the engine."""
        if topic != self._topics.activity:
            return
        for record in records:
            if record.key != ADOPT_KEY:
                continue
            details = decode_tail(record.value or b"", self._dims).adopted
            if isinstance(details, dict) and details["what"] == CLUSTERER and details["version"] not in self._versions:
                self.adopted.append(read_clusters(details))

    @property
    def _versions(self) -> set[int]:
        return {one.version for one in self.adopted}


def assigned(points: Points, clusters: Clusters) -> Ids:
    """The id of the nearest cluster of each point (n, k)."""
    found: Ids = clusters.ids[nearest(points, clusters.centres)[0]]
    return found


def stability(points: npt.NDArray[np.int16], versions: Sequence[Clusters]) -> tuple[float, float]:
    """Stability of assignments between consecutive versions, as means over the pairs; NaN with fewer than two.

    First the adjusted Rand index (Hubert and Arabie 1985), which ignores ids; then the share of points with a changed
    id.
    """
    from sklearn.metrics import adjusted_rand_score

    ids = [assigned(points, one) for one in versions]
    pairs = list(pairwise(ids))
    if not pairs:
        return np.nan, np.nan
    alike = [adjusted_rand_score(before, after) for before, after in pairs]
    moved = [float(np.mean(before != after)) for before, after in pairs]
    return float(np.mean(alike)), float(np.mean(moved))
