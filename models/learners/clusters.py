"""The learner of clusters: any clusterer, with names for its clusters out of their members' topics."""

from collections.abc import Callable
from typing import Any

import numpy as np

from models.clusterers.adoption import write_clusters
from models.clusterers.port import Clusterer, State
from models.learners.kind import Kind

MakeClusterer = Callable[[int], Clusterer]
"""A new clusterer whose ids begin at the given number."""


class ClusterLearner:
    """Learns places of long-term interest with the clusterer that the configuration names.

    Parameters
    ----------
    make
        See `models.clusterers.registry.create`; called with the first id that it may give.
    first_id
        Where ids begin.
    """

    what = "clusterer"
    kind = int(Kind.PLACE)

    def __init__(self, make: MakeClusterer, first_id: int = 0) -> None:
        self._make = make
        self._clusterer = make(first_id)

    @property
    def name(self) -> str:
        """The clusterer's."""
        return self._clusterer.name

    @property
    def dims(self) -> int:
        """Dimensions of a place."""
        return self._clusterer.dims

    def learn(self, x: np.void, text: str) -> None:
        """Learn a place, `vector`, and that `text` is what draws a shopper there."""
        self._clusterer.learn(x["vector"])

    def adoption(self) -> dict[str, Any] | None:
        """Ids, centres and names; None during a warm-up."""
        ids, centres = self._clusterer.centres()
        return write_clusters(ids, centres, {}) if len(ids) else None

    def news(self) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """The clusterer's state, and the least id that was never given."""
        return {"next_id": self._clusterer.next_id, "clusterer": self._clusterer.snapshot()}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; a clusterer that does not fit it goes on with the ids alone."""
        self._clusterer = self._make(state["next_id"])
        going_on = self._make(0)
        going_on.restore(state["clusterer"])
        self._clusterer = going_on
