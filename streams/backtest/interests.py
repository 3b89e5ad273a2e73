"""What is said of interests against what shoppers truly like."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from profiles.activity import digest32
from profiles.row import SCALES
from streams.backtest.scores import Scores, mean, overlap
from streams.ingest.categories import category_path
from streams.traffic.truth import Truth

MOST_LIKED = 3
LEAST_EVENTS = 30
"""A shopper has to have done so much before anybody can know."""


def said_interests(row: np.void) -> dict[str, set[int]]:
    """Digests of the topics said of a profile, by the path's last name."""
    said = {scale: _ids(row["said_topic"][at]) for at, scale in enumerate(SCALES)}
    is_said = np.isin(row["slot_number"], row["said_slots"][row["said_slots"] != 0]) & (row["slot_mass"] > 0)
    return said | {"slots": _ids(row["slot_topic"][is_said])}


def interests_found(profiles: Iterable[tuple[np.void, Truth]], now_ms: int) -> dict[str, Any]:
    """Precision and recall at 3 of what is said, over shoppers with a history, by path.

    True are the three categories that a visit is most likely to be about now.
    """
    pairs = [(said_interests(row), _liked(truth, now_ms)) for row, truth in profiles if row["events"] >= LEAST_EVENTS]
    return {"shoppers": len(pairs), **{path: _scores(path, pairs) for path in (*SCALES, "slots")}}


def _scores(path: str, pairs: list[tuple[dict[str, set[int]], set[int]]]) -> Scores:
    found = [overlap(said[path], true) for said, true in pairs]
    return {
        "precision": mean([precision for precision, _ in found]),
        "recall": mean([recall for _, recall in found]),
        "silent": mean([float(not said[path]) for said, _ in pairs]),
    }


def _liked(truth: Truth, now_ms: int) -> set[int]:
    odds: Mapping[str, float] = truth.interests_at(now_ms)
    best = sorted(odds, key=lambda category: -odds[category])[:MOST_LIKED]
    return {digest32(category_path(category) or category) for category in best}


def _ids(topics: Any) -> set[int]:
    return {int(topic) for topic in topics if topic}
