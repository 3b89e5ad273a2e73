"""The task `clusters`: every clusterer of the stream on the same shoppers, compared with batch k-means."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from liveprofile.models.clusterers.adoption import Clusters
from liveprofile.models.clusterers.port import Points
from liveprofile.models.clusterers.registry import CLUSTERERS
from liveprofile.profiles.fold.fold import EXAMPLE_DIMS
from liveprofile.profiles.interests.decayed import long_direction
from liveprofile.streams.backtest.clusters.versions import Versions, assigned, stability
from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.observer import profile_now
from liveprofile.streams.backtest.engine.parts import pseudonyms
from liveprofile.streams.backtest.figures.scores import Scores, rounded
from liveprofile.streams.backtest.task.cases import OURS, Cases, Figured
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.amazon_reviewers import one_by_category, read_lines, records
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.stages.ingest.pseudonym import known_shopper

FIRST_AFTER, EVERY = 100, 250
"""Examples before the first version, and between two; a real shop has more shoppers and waits longer."""
Labels = npt.NDArray[np.str_]
BATCH = 200
"""Records per batch of the engine: small, because in a shop the learner is never far behind."""
TRIES = 10
"""Initialisations of batch k-means; the best is used."""


@dataclass(frozen=True, slots=True)
class Found:
    """The stream's result with one clusterer."""

    published: npt.NDArray[np.int64]
    """The published cluster of each profile (n,); -1 for none."""
    points: Points
    """Their interest vectors at the end (n, k)."""
    versions: Sequence[Clusters]


async def clusters(run: Run) -> Sequence[Cases]:
    """How well clusters agree with the shoppers' categories, and how stable they are.

    Each line of the files counts as one shopper, as in the data set: its reviews are of one category.
    """
    lines = list(one_by_category(read_lines(run.path())))
    true = {name: category for _, name, category in lines}
    taken = records((line for line, _, _ in lines), run.limit)
    default = run.settings.learn.clusterer
    names = [default] if run.alone else CLUSTERERS
    found = [
        (name, await _found(_with(run, name), taken, list(true), (at, len(names)))) for at, name in enumerate(names)
    ]
    labels = np.array(list(true.values()))
    methods: dict[str, Scores] = {}
    for name, one in sorted(found, key=lambda pair: pair[0] != default):
        methods[OURS if name == default else f"{OURS}, {name}"] = _judged(one, labels)
    points = dict(found)[default].points
    known = points.any(axis=1)
    for count in (run.settings.learn.clusters, len(set(labels))):
        methods[f"batch k-means, {count}"] = _batch(points[known], labels[known], count, run.seed)
    details = {"clusterer": default, "shoppers": len(true), "categories": len(set(labels)), "dimensions": EXAMPLE_DIMS}
    return [Figured("clusters", int(known.sum()), methods, details)]


def _with(run: Run, clusterer: str) -> Run:
    """The run with a clusterer and a schedule for little data."""
    learn = replace(run.settings.learn, clusterer=clusterer, first_model_after=FIRST_AFTER, model_every=EVERY)
    return dataclasses.replace(run, settings=replace(run.settings, learn=learn))


async def _found(run: Run, taken: list[Record], names: Sequence[str], part: tuple[int, int]) -> Found:
    """Run all records through the engine, then read the profiles of the shoppers with these names."""
    wiring = run.wiring("USD")
    versions = Versions(wiring.topics, wiring.profile_config().policy.dims)
    async with Engine(wiring, output=versions, batch=BATCH) as engine:
        await engine.run(of_file(taken), lambda done: run.progress((part[0] + done / len(taken)) / part[1]))
    ids = pseudonyms()
    fold = engine.partitions[0].fold
    published, points = np.full(len(names), -1, np.int64), np.zeros((len(names), EXAMPLE_DIMS), np.int16)
    for at, name in enumerate(names):
        row = profile_now(fold, ids.of(known_shopper(name))[0])
        if row is not None:
            published[at] = row["cluster"]
            long_direction(row, points[at])
    return Found(published, points, versions.adopted)


def _judged(found: Found, labels: Labels) -> Scores:
    """Agreement of the last version with the categories, and of the versions with each other."""
    known = found.points.any(axis=1)
    if not found.versions:
        return {"clusters": 0.0}
    points = found.points[known]
    alike, moved = stability(points, found.versions)
    published = found.published[known]
    return {
        **_agreement(assigned(points, found.versions[-1]), labels[known]),
        "clusters": float(len(found.versions[-1].ids)),
        "versions": float(len(found.versions)),
        "said": rounded(float(np.mean(published >= 0))),
        "nmi_said": _agreement(published[published >= 0], labels[known][published >= 0])["nmi"],
        "ari_between_versions": rounded(alike),
        "moved_between_versions": rounded(moved),
    }


def _batch(points: Points, labels: Labels, clusters: int, seed: int) -> Scores:
    """k-means on all vectors at once, the best of TRIES initialisations (scikit-learn)."""
    from sklearn.cluster import KMeans

    ids = KMeans(clusters, n_init=TRIES, random_state=seed).fit_predict(points.astype(np.float64))
    return _agreement(ids, labels) | {"clusters": float(clusters)}


def _agreement(ids: npt.NDArray[np.int64], labels: Labels) -> Scores:
    """NMI (arithmetic mean), ARI and AMI; ARI and AMI are 0 for random clusters."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, normalized_mutual_info_score

    return {
        "nmi": rounded(normalized_mutual_info_score(labels, ids)),
        "ari": rounded(adjusted_rand_score(labels, ids)),
        "ami": rounded(adjusted_mutual_info_score(labels, ids)),
    }
