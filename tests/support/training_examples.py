"""Examples about places, learners of clusters, and what of a model version the examples alone decide."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from liveprofile.models.clusterers.registry import create
from liveprofile.models.learners.clusters import ClusterLearner
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule, ScheduledLearner
from liveprofile.models.snapshot import ModelVersion
from liveprofile.models.snapshot_records import to_records
from liveprofile.profiles.records import training_example


def places(count: int, dims: int, seed: int = 1, partition: int = 0, first: int = 0) -> list[bytes]:
    """Examples about places drawn at random, at offsets from `first` on, a millisecond apart."""
    rows = training_example.blank_examples(ExampleKind.PLACE, count, dims, partition)
    rows["vector"] = np.random.default_rng(seed).integers(-32767, 32768, (count, dims)).astype(np.int16)
    rows["offset"], rows["event_time_ms"], rows["version"] = np.arange(count) + first, np.arange(count) + 1000, 1
    return training_example.encode(rows)


def cluster_learners(schedule: Schedule, dims: int, first_id: int = 0, name: str = "kmeans", **options: Any) -> Any:
    """One learner, of clusters."""
    learner = ClusterLearner(lambda first: create(name, dims, first_id=first, **options), first_id)
    return [ScheduledLearner(learner, schedule)]


def learnt(model: ModelVersion) -> bytes:
    """A version without what the versions before it decide: the numbers adopted, and what is new since then."""
    learners = {what: replace(one, adopted=None) for what, one in model.learners.items()}
    return b"".join(value for _, value in to_records(replace(model, learners=learners, events=())))


def relearnt(learners: Sequence[ScheduledLearner], model: ModelVersion, records: Sequence[Any]) -> bytes:
    """What learners make of the records that a version says it covers; records are key, value and offset."""
    from liveprofile.streams.stages.learn.fold import Learning

    missed = [range(first, last + 1) for first, last in model.gaps]
    given = [one for one in records if one[2] <= model.covers and not any(one[2] in gap for gap in missed)]
    folded = Learning(learners)
    for _ in folded.take([one[2] for one in given], [one[0] for one in given], [one[1] for one in given]):
        folded.version(model.version)  # as often as it was done: a learner may forget something with each
    return learnt(folded.version(model.version))
