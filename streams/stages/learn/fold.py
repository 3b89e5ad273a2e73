"""The fold of examples: the same examples always give the same model versions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from liveprofile.models.learners.port import ScheduledLearner, StateMismatchError
from liveprofile.models.snapshot import UNNUMBERED, Learnt, ModelVersion, Watermark, canonical
from liveprofile.profiles.records.training_example import Example, decode

log = structlog.get_logger(__name__)

NONE = Watermark(-1, -1)
"""The watermark before the first example."""


class Learning:
    """All learners and the positions they have reached; no IO.

    An example is learnt once. A record at or below `covers` was considered before. An example that is not above the
    watermark of its kind and partition, by its offset in `activity` and its ordinal there, is a repeat: the profile
    stage sends examples again after a crash, in the same order. `gaps` lists records that the learners never got,
    because an older version had to be restored.
    """

    def __init__(self, learners: Sequence[ScheduledLearner], model: ModelVersion | None = None) -> None:
        """Begin anew, or continue from `model`; a learner that is not in it with its parameters begins anew."""
        self._learners = learners
        self.covers = model.covers if model else -1
        self.gaps = list(model.gaps) if model else []
        self.watermarks: dict[tuple[int, int], Watermark] = dict(model.watermarks) if model else {}
        self.event_time_ms = model.event_time_ms if model else 0
        self.repeats = self.unreadable = 0
        self.examples = {scheduled.learner.what: 0 for scheduled in learners}
        self._begun = dict.fromkeys(self.examples, self.covers + 1)
        self._adopted: dict[str, Mapping[str, Any] | None] = dict.fromkeys(self.examples)
        self._due: set[str] = set()
        for scheduled in learners:
            found = model.learners.get(scheduled.learner.what) if model else None
            if found is not None:
                self._resume(scheduled, found)

    def _resume(self, scheduled: ScheduledLearner, found: Learnt) -> None:
        """Restore a learner; with another configuration it begins anew, and workers keep their adopted parameters."""
        what = scheduled.learner.what
        self._adopted[what] = found.adopted
        try:
            scheduled.learner.restore(found.training)
        except StateMismatchError as error:
            log.warning("model_begun_anew", model=what, reason=str(error))
        else:
            self.examples[what], self._begun[what] = found.examples, found.begun

    def take(
        self, offsets: Sequence[int], keys: Sequence[bytes | None], values: Sequence[bytes | None]
    ) -> Iterator[int]:
        """Learn records in order; yields the offset after which a version is due, before the next is learnt."""
        for offset, key, value in zip(offsets, keys, values, strict=True):
            if offset <= self.covers:
                continue
            if offset > self.covers + 1:
                self.gaps.append((self.covers + 1, offset - 1))
            self.covers = offset
            example = decode(key, value)
            if example is None:
                self.unreadable += 1
            elif self._is_new(example):
                self._learn(example)
                if self._due:
                    yield offset

    def _is_new(self, example: Example) -> bool:
        """Whether the example is new; updates the watermark."""
        source = example.kind, example.partition
        above = _above(self.watermarks.get(source, NONE), example)
        if above is None:
            self.repeats += 1
            return False
        self.watermarks[source] = above
        self.event_time_ms = max(self.event_time_ms, example.time_ms)
        return True

    def _learn(self, example: Example) -> None:
        """Give the example to the learners of its kind."""
        dims = int(example.row["dims"])
        for scheduled in self._learners:
            learner = scheduled.learner
            if learner.kind == example.kind and learner.dims == dims:
                learner.learn(example.row, example.text)
                self.examples[learner.what] += 1
                if scheduled.schedule.due(self.examples[learner.what]):
                    self._due.add(learner.what)

    def version(self, number: int) -> ModelVersion:
        """The present state as version `number`; learners that are due contribute new adopted parameters."""
        for scheduled in self._learners:
            learner = scheduled.learner
            numbers = learner.adoption() if learner.what in self._due else None
            if numbers is not None:
                named = {"what": learner.what, "name": learner.name, "version": number, "covers": self.covers}
                self._adopted[learner.what] = canonical(named | numbers)
        self._due.clear()
        return ModelVersion(
            version=number,
            covers=self.covers,
            gaps=tuple(self.gaps),
            watermarks=dict(self.watermarks),
            event_time_ms=self.event_time_ms,
            learners={scheduled.learner.what: self._learnt(scheduled) for scheduled in self._learners},
            events=tuple(
                {"model": scheduled.learner.what, **event}
                for scheduled in self._learners
                for event in scheduled.learner.events()
            ),
        )

    def _learnt(self, scheduled: ScheduledLearner) -> Learnt:
        learner, what = scheduled.learner, scheduled.learner.what
        training = learner.snapshot()
        return Learnt(learner.name, self._begun[what], self.examples[what], self._adopted[what], training)


def _above(mark: Watermark, example: Example) -> Watermark | None:
    """The watermark that the example raises; None for a repeat."""
    if example.ordinal is not None:
        is_above = (example.offset, example.ordinal) > (mark.offset, mark.ordinal)
        return Watermark(example.offset, example.ordinal) if is_above else None
    if example.offset != mark.offset:
        return Watermark(example.offset, 0, frozenset({example.checksum})) if example.offset > mark.offset else None
    if example.checksum in mark.checksums:
        return None
    known = mark.checksums | {example.checksum} if len(mark.checksums) < UNNUMBERED else mark.checksums
    return Watermark(mark.offset, mark.ordinal + 1, known)
