"""The learn stage: learns from all profiles of the shop; new model versions reach the workers through the log.

For every version that is due, it writes the snapshot to `models`, its manifest last, then its adoptions to every
partition of `activity`, then its events to `model-events`; each is durable before the next. Then it acks the examples
that the version covers. So a restart reads exactly the examples that the newest snapshot lacks.

A version with a record over the limit of records is not published: the one before stays in force, an error says so, and
learning goes on. The next version that fits covers its examples.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog

from liveprofile.models.learners.port import ScheduledLearner
from liveprofile.models.learners.river_import import import_river
from liveprofile.models.snapshot import SCHEMA, ModelVersion, encode_whole
from liveprofile.models.snapshot_records import number_of, to_records
from liveprofile.profiles.records.activity import Kind, control_record, lasting_offset
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.record_size import MAX_RECORD_BYTES, OversizeError, check_sizes, record_size
from liveprofile.streams.runtime.stage import Ack, Outbox
from liveprofile.streams.stages.learn.fold import Learning
from liveprofile.streams.stages.learn.model_events import ModelVersionEvents, ScoreLabels, scores
from liveprofile.streams.stages.learn.versions import to_clear, trusted
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.record import Item, Record, TopicPartition

log = structlog.get_logger(__name__)

ReadTopic = Callable[[str, int], Awaitable[Mapping[bytes, bytes]]]
"""Reads a partition of a compacted topic to its end: the latest value of every key that has one."""

MakeLearners = Callable[[int], Sequence[ScheduledLearner]]
"""Creates the learners; the argument is the first id of clusters."""

ADOPT_KEY = b"\x00adopt"
"""Key of adoption records in `activity`; no profile id looks like it."""

NUMBERS_A_GENERATION = 1_000_000
"""Range of version and cluster numbers per generation of the `models` topic: more than it will ever need."""

SLICE = 32
"""Examples learnt before other agents of this process get their turn: at most some milliseconds of River."""


class LearnStage:
    """Learns from the topic `examples`, publishes to `models`, announces on `activity`.

    Parameters
    ----------
    topics
        The topics of the application.
    make_learners
        Creates the learners with their schedules; called with the first id for new clusters.
    read_topic
        Reads `models` when the partition of examples is assigned to this process.
    events
        Encodes events of models, such as their quality; without it no events are sent.
    activity_dims
        Dimensions of the vectors in `activity`, part of the layout of its records.
    keep
        Versions kept on `models`, 2 or more, so that there is one to fall back on.
    max_record_bytes
        The limit of one record.
    """

    name = "learn"
    haste = Haste.AT_LEISURE
    loads_behind = True
    """Profiles need no learner to go on: what it takes to load River is not what a worker's readiness waits for."""

    def __init__(
        self,
        topics: Topics,
        make_learners: MakeLearners,
        read_topic: ReadTopic,
        *,
        events: ModelVersionEvents | None = None,
        activity_dims: int = 128,
        keep: int = 3,
        max_record_bytes: int = MAX_RECORD_BYTES,
    ) -> None:
        if keep < 2:
            raise ValueError(f"keep={keep}: at least 2 model versions must be kept, one of them to fall back on")
        self._examples, self._models, self._activity = topics.examples, topics.models, topics.activity
        self.topics = (self._examples,)
        self.written_alone = (self._models,)
        self._make_learners, self._read_topic = make_learners, read_topic
        self._events, self._activity_dims, self._keep = events, activity_dims, keep
        self._max_record_bytes = max_record_bytes
        self._outbox: Outbox | None = None
        self._learning: Learning | None = None
        self._kept: set[bytes] = set()
        self._held: list[tuple[int, Ack]] = []
        self._durable = -1
        self._newest_ms = 0
        """Time of the newest example that the newest durable version covers; 0 before the first."""
        self._scores: dict[ScoreLabels, float] = {}
        """Of the newest durable version."""

    async def start(self, outbox: Outbox) -> None:
        """Store the outbox; the process that gets the partition of examples learns."""
        self._outbox = outbox

    async def assign(self, topic: str, partition: int) -> None:
        """Restore the newest snapshot, before the first batch."""
        await asyncio.to_thread(import_river)
        await self._open()

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Learn a batch; its ack waits for a snapshot that covers it."""
        learning = self._learning or await self._open()
        first = lasting_offset(self._box.generation(self._examples), 0)
        for begin in range(0, len(batch), SLICE):
            records = batch[begin : begin + SLICE]
            offsets = [first + record.offset for record in records]
            for _ in learning.take(offsets, [r.key for r in records], [r.value for r in records]):
                if not self._box.owns(topic, partition):
                    log.warning("model_version_not_published", reason="the partition of examples was taken away")
                    return self._forget()
                await self._publish(learning.version(self._next_number()))
            await asyncio.sleep(0)
        self._held.append((first + batch[-1].offset, ack))
        self._release()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Drop the learners: snapshots depend on the count only, and uncovered examples will be read again."""
        if any(topic == self._examples for topic, _ in partitions):
            self._forget()

    async def stop(self) -> None:
        """Drop everything."""
        self._forget()

    def moved(self, topic: str, partition: int) -> object:
        """A batch is learnt in slices, and a version is published in between."""
        return (self._learning.covers if self._learning is not None else -1), self._durable

    def readings(self) -> Iterator[Reading]:
        """Its metrics."""
        if self._newest_ms:
            yield of.MODEL_AGE.read(max(0.0, time.time() - self._newest_ms / 1000))
        for labels, score in self._scores.items():
            yield of.MODEL_SCORE.read(score, *labels)

    @property
    def _box(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("LearnStage.handle was called before start")
        return self._outbox

    def _forget(self) -> None:
        self._learning, self._held, self._kept, self._durable = None, [], set(), -1
        self._newest_ms, self._scores = 0, {}

    def _next_number(self) -> int:
        """One more than every known version, including refused ones: a number never stands for two models."""
        return max(map(number_of, self._kept), default=self._first_number) + 1

    @property
    def _first_number(self) -> int:
        """First number of models and clusters: above all numbers of earlier `models` topics."""
        return self._box.generation(self._models) * NUMBERS_A_GENERATION

    async def _open(self) -> Learning:
        """Restore the newest valid snapshot, and publish its adoptions again in case they never were."""
        versions = await self._read_topic(self._models, 0)
        self._kept = set(versions)
        newest = next(trusted(versions), None)
        if versions and newest is None:
            log.error("model_versions_all_refused", keys=len(versions), then="new learners, which know nothing")
        self._learning = Learning(self._make_learners(self._first_number), newest)
        if newest is not None:
            log.info("models_resumed", version=newest.version, covers=newest.covers)
            self._durable, self._newest_ms = newest.covers, newest.event_time_ms
            self._scores = scores(newest.events)
            await self._announce(newest, newest.adopted)
        return self._learning

    async def _publish(self, model: ModelVersion) -> None:
        """Write snapshot, adoptions and events, each durable before the next; then ack, and delete old versions."""
        snapshot = self._records(model)
        adopted = [one for one in model.adopted if one["version"] == model.version]
        try:
            check_sizes([*snapshot, *self._adoptions(model, adopted)], self._max_record_bytes)
        except OversizeError as error:
            log.error(
                "model_version_too_large",
                version=model.version,
                reason=str(error),
                then=f"the version that covers examples up to {self._durable} stays in force; learning goes on",
            )
            return
        await self._box.send(self._models, 0, snapshot)
        self._kept.update(key for key, _, _ in snapshot if key)
        await self._announce(model, adopted)
        self._durable, self._newest_ms = model.covers, model.event_time_ms
        self._scores |= scores(model.events)
        self._release()
        await self._clear()
        examples = {what: learnt.examples for what, learnt in model.learners.items()}
        log.info("models_published", version=model.version, examples=examples)

    def _records(self, model: ModelVersion) -> list[Item]:
        """The records of a snapshot, its manifest last: one record while there may be programs that read only this."""
        if self._box.layout(self._models) < SCHEMA:
            whole: Item = (model.key, encode_whole(model), ())
            if record_size(whole) <= self._max_record_bytes:
                return [whole]
        return [(key, value, ()) for key, value in to_records(model)]

    def _adoptions(self, model: ModelVersion, adopted: Iterable[Mapping[str, Any]]) -> list[Item]:
        time_ms, dims = model.event_time_ms, self._activity_dims
        return [(ADOPT_KEY, control_record(Kind.ADOPT, time_ms, dims, dict(one)), ()) for one in adopted]

    async def _announce(self, model: ModelVersion, adopted: Sequence[Mapping[str, Any]]) -> None:
        """Append adoptions to every partition of `activity`, and send the events of the version.

        A repeated adoption changes nothing, and a repeated event has the same id. An adoption over the limit, which may
        have been lowered since, is left out.
        """
        records = []
        for item in self._adoptions(model, adopted):
            if record_size(item) <= self._max_record_bytes:
                records.append(item)
            else:
                log.error("model_adoption_too_large", version=model.version, then="workers keep what they have")
        for partition in range(self._box.partitions(self._activity) if records else 0):
            await self._box.send(self._activity, partition, records)
        if self._events is not None and model.events:
            await self._box.send(self._events.topic, 0, self._events.items(model))

    async def _clear(self) -> None:
        """Write tombstones for the records of all but the newest versions."""
        old = to_clear(self._kept, self._keep)
        if old:
            await self._box.send(self._models, 0, [(key, None, ()) for key in old])
            self._kept.difference_update(old)

    def _release(self) -> None:
        """Ack the batches that the newest durable snapshot covers."""
        for last, ack in self._held:
            if last <= self._durable:
                ack()
        self._held = [(last, ack) for last, ack in self._held if last > self._durable]
