"""Published interests compared with the true interests of simulated shoppers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.state.row import SCALES
from liveprofile.streams.backtest.figures.scores import Scores, mean, overlap
from liveprofile.streams.backtest.task.cases import OURS, Figured
from liveprofile.streams.backtest.truth.shoppers import Shopper
from liveprofile.streams.simulator.truth import Truth
from liveprofile.streams.stages.ingest.categories import category_path

MOST_LIKED = 3
LEAST_EVENTS = 30
"""Least number of events of an evaluated shopper."""


def published_interests(row: np.void) -> dict[str, set[int]]:
    """Digests of the published topics of a profile, by the last part of the path."""
    published = {scale: _ids(row["published_topic"][at]) for at, scale in enumerate(SCALES)}
    is_published = np.isin(row["slot_number"], row["published_slots"][row["published_slots"] != 0]) & (
        row["slot_mass"] > 0
    )
    return published | {"slots": _ids(row["slot_topic"][is_published])}


def interests_found(profiles: Iterable[tuple[Shopper, np.void, Truth]], now_ms: int) -> Figured:
    """Precision and recall at 3 of published interests by path, over shoppers with a history; with count baselines.

    The truth is the three most probable categories of a visit now. The baselines are the three categories with most
    events of all shoppers, and of the shopper alone.
    """
    known = [(shopper, row, _liked(truth, now_ms)) for shopper, row, truth in profiles if row["events"] >= LEAST_EVENTS]
    popular = _most(sum((shopper.topics for shopper, _, _ in known), Counter()))
    published = [published_interests(row) for _, row, _ in known]
    answers = {f"{OURS}: {path}": [one[path] for one in published] for path in (*SCALES, "slots")} | {
        "popularity": [popular] * len(known),
        "own counts": [_most(shopper.topics) for shopper, _, _ in known],
    }
    true = [liked for _, _, liked in known]
    return Figured("interests", len(known), {name: _scores(found, true) for name, found in answers.items()})


def _scores(published: Sequence[set[int]], true: Sequence[set[int]]) -> Scores:
    found = [overlap(*pair) for pair in zip(published, true, strict=True)]
    return {
        "precision": mean([precision for precision, _ in found]),
        "recall": mean([recall for _, recall in found]),
        "silent": mean([float(not one) for one in published]),
    }


def _most(topics: Counter[int]) -> set[int]:
    return {topic for topic, _ in topics.most_common(MOST_LIKED)}


def _liked(truth: Truth, now_ms: int) -> set[int]:
    odds: Mapping[str, float] = truth.interests_at(now_ms)
    best = sorted(odds, key=lambda category: -odds[category])[:MOST_LIKED]
    return {digest32(category_path(category) or category) for category in best}


def _ids(topics: Any) -> set[int]:
    return {int(topic) for topic in topics if topic}
