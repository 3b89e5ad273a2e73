"""The learner of clusters: any clusterer, with names of clusters from their members' topics."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from liveprofile.models.assign import nearest
from liveprofile.models.clusterers.adoption import write_clusters
from liveprofile.models.clusterers.evolution import evolution
from liveprofile.models.clusterers.port import Clusterer, Points, State
from liveprofile.models.fixed_point import ONE
from liveprofile.models.learners.adwin import Drift
from liveprofile.models.learners.kind import ExampleKind

MakeClusterer = Callable[[int], Clusterer]
"""Creates a clusterer with ids from the given number on."""

LOOK_EVERY = 50
"""Examples between two reads of the clusters."""
RECENT = 200
"""Latest examples, from which transitions of clusters are found."""
TOPICS = 8
"""Topics counted per cluster."""
KEEP = 0.99
"""Factor of a topic's weight at each next member (decay)."""
LEAST_NAME_SHARE = 0.25
"""A topic names a cluster if it has this share of its members."""


class ClusterLearner:
    """Learns clusters of long-term interest vectors with the configured clusterer.

    Parameters
    ----------
    make
        See `models.clusterers.registry.create`; called with the first id that it may assign.
    first_id
        The first id.
    """

    what = "clusterer"
    kind = int(ExampleKind.PLACE)

    def __init__(self, make: MakeClusterer, first_id: int = 0) -> None:
        self._make = make
        self._clusterer = make(first_id)
        self._seen = self._clusterer.centres()
        self._learnt = 0
        self._recent: list[list[int]] = []
        self._topics: dict[int, dict[str, float]] = {}
        self._drift = Drift()
        self._events: list[dict[str, Any]] = []

    @property
    def name(self) -> str:
        """The clusterer's name."""
        return self._clusterer.name

    @property
    def dims(self) -> int:
        """Dimensions of an interest vector."""
        return self._clusterer.dims

    def learn(self, x: np.void, text: str) -> None:
        """Learn an interest vector, `vector`; `text` is the name of the shopper's largest topic."""
        vector = x["vector"]
        self._clusterer.learn(vector)
        self._recent = [*self._recent[-RECENT + 1 :], vector.tolist()]
        self._learnt += 1
        if self._learnt % LOOK_EVERY == 0:
            self._look()
        ids, centres = self._seen
        if len(ids):
            self._count(vector, text, centres)

    def _look(self) -> None:
        """Read the present clusters, and record the transitions since the last read."""
        before, self._seen = self._seen, self._clusterer.centres()
        if changes := evolution(before, self._seen, np.array(self._recent, dtype=np.int16)):
            self._events.append({"type": "ClustersChanged", **changes})
        alive = set(self._seen[0].tolist())
        self._topics = {one: topics for one, topics in self._topics.items() if one in alive}

    def _count(self, vector: Points, text: str, centres: Points) -> None:
        """Count the topic for the nearest cluster, and check the distance to its centre for drift."""
        at = int(nearest(vector[None, :], centres)[0][0])
        off = float(np.linalg.norm((vector.astype(np.float64) - centres[at]) / ONE))
        if found := self._drift.add(off):
            drift = {"of": "distance to the nearest centre", "before": found[0], "after": found[1]}
            self._events.append({"type": "DriftFound", **drift})
        if text:
            topics = self._topics.setdefault(int(self._seen[0][at]), {})
            for topic in topics:
                topics[topic] *= KEEP
            topics[text] = topics.get(text, 0.0) + 1.0
            if len(topics) > TOPICS:
                del topics[min(topics, key=lambda topic: (topics[topic], topic))]

    def adoption(self) -> dict[str, Any] | None:
        """Ids, centres and names; None during the warm-up."""
        ids, centres = self._clusterer.centres()
        names = {one: name for one, topics in self._topics.items() if (name := name_of(topics))}
        return write_clusters(ids, centres, names) if len(ids) else None

    def events(self) -> list[dict[str, Any]]:
        """Transitions of clusters, and drift of the distance to the nearest centre."""
        events, self._events = self._events, []
        return events

    def snapshot(self) -> dict[str, Any]:
        """The clusterer's state, the next free id, and topics and recent examples of its clusters."""
        ids, centres = self._seen
        return {
            "next_id": self._clusterer.next_id,
            "clusterer": self._clusterer.snapshot(),
            "learnt": self._learnt,
            "seen": [ids.tolist(), centres.tolist()],
            "recent": list(self._recent),
            "topics": [[one, list(map(list, topics.items()))] for one, topics in self._topics.items()],
            "drift": self._drift.snapshot(),
        }

    def restore(self, state: State) -> None:
        """Continue from a snapshot; if it does not fit the clusterer, only the next free id is taken from it."""
        self._clusterer = self._make(state["next_id"])
        going_on = self._make(0)
        going_on.restore(state["clusterer"])
        self._clusterer = going_on
        ids, centres = state["seen"]
        self._seen = np.array(ids, np.int64), np.array(centres, np.int16).reshape(-1, self.dims)
        self._learnt, self._recent = state["learnt"], list(state["recent"])
        self._topics = {one: dict(map(tuple, topics)) for one, topics in state["topics"]}
        self._drift.restore(state["drift"])


def name_of(topics: Mapping[str, float]) -> str | None:
    """The name of a cluster with these topics: the largest topic, and the next one if it is at least half as large.

    >>> name_of({"home/kitchen": 6.0, "garden": 4.0, "toys": 1.0}), name_of({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1})
    ('home/kitchen and garden', None)
    """
    total, ranked = sum(topics.values()), sorted(topics, key=lambda topic: (-topics[topic], topic))
    if not ranked or topics[ranked[0]] < LEAST_NAME_SHARE * total:
        return None
    return " and ".join(topic for topic in ranked[:2] if topics[topic] >= 0.5 * topics[ranked[0]])
