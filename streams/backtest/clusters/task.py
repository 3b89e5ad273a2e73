"""The task `clusters`: every clusterer of the stream on the same shoppers, beside batch k-means on their vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from models.clusterers.adoption import Clusters
from models.clusterers.port import Points
from models.clusterers.registry import CLUSTERERS
from profiles.fold import EXAMPLE_DIMS
from profiles.interests import long_direction
from streams.backtest.cases import OURS, Cases, Figured
from streams.backtest.clusters.versions import Versions, assigned, stability
from streams.backtest.engine import Engine
from streams.backtest.parts import KEY
from streams.backtest.reviewers import arrivals, categories, records
from streams.backtest.run import Run
from streams.backtest.scores import Scores, rounded
from streams.ingest.pseudonym import PseudonymKey, Pseudonyms, known_shopper
from streams.replay.record import Skipped
from streams.settings import Settings

FIRST_AFTER, EVERY = 100, 250
"""Examples before the first version, and between two: a shop has more shoppers than this data set, and waits longer."""
TRIES = 10
"""Starts of batch k-means, of which the best is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the stream made of the shoppers with one clusterer."""

    said: npt.NDArray[np.int64]
    """The cluster that each profile says (n,); -1 for none."""
    points: Points
    """Where their interests lie in the end (n, k)."""
    versions: Sequence[Clusters]


async def clusters(run: Run) -> Sequence[Cases]:
    """How well clusters agree with the shoppers' categories, and how steady they are."""
    true = categories(run.path())
    users = sorted(true)
    labels = np.array([true[user] for user in users])
    found = {name: await _found(run, name, users) for name in _ours_first(run.settings)}
    ours = found[run.settings.learn.clusterer]
    known = ours.points.any(axis=1)
    methods = {(OURS if one is ours else f"{OURS}, {name}"): _judged(one, labels, known) for name, one in found.items()}
    numbers = sorted({run.settings.learn.clusters, len(set(labels[known]))})
    methods |= {f"batch k-means, {count}": _batch(ours.points[known], labels[known], count, run.seed) for count in numbers}
    told = {"clusterer": run.settings.learn.clusterer, "shoppers": len(users), "categories": len(set(labels[known]))}
    return [Figured("clusters", int(known.sum()), methods, told)]
