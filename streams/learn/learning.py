"""The fold of examples: the same examples give the same model versions, wherever and however often it is run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.clusterers.port import Clusterer
from models.snapshot import ModelVersion
from profiles import example


@dataclass(frozen=True)
class Schedule:
    """When a model version is due, by the number of examples learnt: by count alone, so that it can be recomputed."""

    first_after: int = 100
    """The first version, early, so that there are clusters soon."""
    every: int = 500
    """Then at every multiple of this."""

    def __post_init__(self) -> None:
        if min(self.first_after, self.every) < 1:
            raise ValueError(f"first_after={self.first_after}, every={self.every}: both must be 1 or more")

    def due(self, examples: int) -> bool:
        """Whether a version is due after this many examples.

        >>> [n for n in range(1, 1001) if Schedule().due(n)]
        [100, 500, 1000]
        """
        return examples == self.first_after or examples % self.every == 0


class Learning:
    """A clusterer and what it has seen; no IO.

    An example is learnt once: a record at or below `covers` was considered before, and one whose coordinate in
    `activity` is not above its partition's watermark repeats one that was learnt (the profile stage sends again after
    a crash of its own). Records that the learner was never given, because an older version had to do or another
    learner began here, are listed in `gaps`.
    """

    def __init__(self, clusterer: Clusterer, schedule: Schedule, *, after: int = -1) -> None:
        self.clusterer, self.schedule = clusterer, schedule
        self.covers = after
        self.gaps = [(0, after)] if after >= 0 else []
        self.examples = self.repeats = self.unreadable = self.event_time_ms = 0
        self.watermarks: dict[int, int] = {}

    @classmethod
    def resume(cls, clusterer: Clusterer, schedule: Schedule, model: ModelVersion) -> "Learning":
        """Go on from a model version. StateMismatchError when it is of another clusterer or other parameters."""
        clusterer.restore(model.training)
        learning = cls(clusterer, schedule)
        learning.covers, learning.examples, learning.event_time_ms = model.covers, model.examples, model.event_time_ms
        learning.gaps, learning.watermarks = list(model.gaps), dict(model.watermarks)
        return learning

    def take(self, offsets: Sequence[int], values: Sequence[bytes | None]) -> Iterator[int]:
        """Learn records in order; yields the offset after which a model version is due, before the next is learnt."""
        rows, readable = example.decode(values, self.clusterer.dims)
        partitions, positions, times = (rows[name].tolist() for name in ("partition", "offset", "event_time_ms"))
        vectors = rows["vector"]
        for i, offset in enumerate(offsets):
            if offset <= self.covers:
                continue
            if offset > self.covers + 1:
                self.gaps.append((self.covers + 1, offset - 1))
            self.covers = offset
            if not readable[i]:
                self.unreadable += 1
            elif positions[i] <= self.watermarks.get(partitions[i], -1):
                self.repeats += 1
            else:
                self.clusterer.learn(vectors[i])
                self.watermarks[partitions[i]] = positions[i]
                self.event_time_ms = max(self.event_time_ms, times[i])
                self.examples += 1
                if self.schedule.due(self.examples):
                    yield offset

    def version(self, number: int) -> ModelVersion:
        """What was learnt so far, as version `number`."""
        ids, centres = self.clusterer.centres()
        return ModelVersion(
            name=self.clusterer.name,
            version=number,
            ids=ids,
            centres=centres,
            next_id=self.clusterer.next_id,
            covers=self.covers,
            examples=self.examples,
            gaps=tuple(self.gaps),
            watermarks=dict(self.watermarks),
            event_time_ms=self.event_time_ms,
            training=self.clusterer.snapshot(),
        )
