"""The learner of cold-start priors: mean later behaviour of shoppers with the same beginning, for new shoppers."""

from typing import Any

import numpy as np
import orjson

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import State, StateMismatchError

KEEP = 0.998
"""Factor of a member's weight at each next member of its group (decay)."""
TOPICS = 8
"""Topics kept per group."""
TOPICS_PUBLISHED = 3
"""Topics published per group."""
GROUPS = 512
"""Largest number of groups; the smallest one is removed first."""
GROUPS_PUBLISHED = 64
LEAST_MEMBERS = 5.0
LAYOUT = 1


class Priors:
    """Means over shoppers with the same entry topic, with the same cluster, and over all shoppers.

    Parameters
    ----------
    topics
        Number of topics of an example.
    """

    what = "priors"
    name = "priors"
    kind = int(ExampleKind.ENTRY)

    def __init__(self, topics: int) -> None:
        self.dims = topics
        self._groups: dict[str, _Group] = {}

    def learn(self, x: np.void, text: str) -> None:
        """Learn a shopper's later behaviour; `text` is a JSON array of the names of their topics."""
        names = [str(name) for name in orjson.loads(text or b"[]")]
        topics = dict(zip(names, x["share"].tolist(), strict=False))
        keys = ["all", f"entry:{x['entry']}"] + ([f"cluster:{x['cluster']}"] if x["cluster"] >= 0 else [])
        for key in keys:
            if key not in self._groups and len(self._groups) >= GROUPS:
                del self._groups[min(self._groups, key=lambda one: (self._groups[one].members, one))]
            self._groups.setdefault(key, _Group()).add(topics, int(x["bought"]), float(x["order"]))

    def adoption(self) -> dict[str, Any] | None:
        """The largest groups; None if all are too small."""
        ranked = sorted(self._groups, key=lambda key: (-self._groups[key].members, key))
        groups = {key: self._groups[key].published() for key in ranked if self._groups[key].members >= LEAST_MEMBERS}
        return {"groups": dict(list(groups.items())[:GROUPS_PUBLISHED])} if groups else None

    def events(self) -> list[dict[str, Any]]:
        """No events."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """Every group, in the order of their first members."""
        return {"layout": LAYOUT, "groups": [[key, group.snapshot()] for key, group in self._groups.items()]}

    def restore(self, state: State) -> None:
        """Go on from a snapshot."""
        if state.get("layout") != LAYOUT:
            raise StateMismatchError(f"priors of layout {state.get('layout')}, expected {LAYOUT}")
        self._groups = {key: _Group(*group) for key, group in state["groups"]}


class _Group:
    """Decayed sums over shoppers with the same beginning."""

    def __init__(
        self,
        members: float = 0.0,
        bought: float = 0.0,
        order: float = 0.0,
        topics: list[tuple[str, float]] | None = None,
    ) -> None:
        self.members, self._bought, self._order = members, bought, order
        self._topics: dict[str, float] = dict(topics or ())

    def add(self, topics: dict[str, float], bought: int, order: float) -> None:
        self.members, self._bought = self.members * KEEP + 1.0, self._bought * KEEP + bought
        self._order = self._order * KEEP + (order if bought else 0.0)
        self._topics = {topic: weight * KEEP for topic, weight in self._topics.items()}
        for topic, share in topics.items():
            self._topics[topic] = self._topics.get(topic, 0.0) + share
        while len(self._topics) > TOPICS:
            del self._topics[min(self._topics, key=lambda topic: (self._topics[topic], topic))]

    def published(self) -> list[Any]:
        """Members, share that bought, mean of log2(order) or None, and the largest topics with their mean shares."""
        ranked = sorted(self._topics.items(), key=lambda item: (-item[1], item[0]))[:TOPICS_PUBLISHED]
        topics = [[topic, round(weight / self.members, 3)] for topic, weight in ranked]
        order = round(self._order / self._bought, 2) if self._bought > 0 else None
        return [round(self.members, 1), round(self._bought / self.members, 3), order, topics]

    def snapshot(self) -> list[Any]:
        return [self.members, self._bought, self._order, list(map(list, self._topics.items()))]
