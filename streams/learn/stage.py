"""The learn stage: one learner for the whole shop, whose versions reach the workers through the log.

For every version that is due: the snapshot on `models`, durable; then its adoption on every partition of `activity`,
durable; then the examples it covers are acked. So a restart is given again exactly what the newest snapshot lacks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

import structlog

from models.clusterers.port import Clusterer, StateMismatchError
from models.snapshot import ModelVersion, adoption, encode
from profiles.activity import Kind, control_record, lasting_offset
from streams.learn.learning import Learning, Schedule
from streams.learn.shelf import key_of, number_of, to_clear, trusted
from streams.runtime.stage import Ack, Outbox, Record, TopicPartition

log = structlog.get_logger(__name__)

ReadTopic = Callable[[str, int], Awaitable[Mapping[bytes, bytes]]]
"""Reads a compacted topic's partition to its end: the latest value of every key that has one."""

MakeClusterer = Callable[[int], Clusterer]
"""A new clusterer whose ids begin at the given number."""

ADOPT_KEY = b"\x00adopt"
"""Key of adoption records in `activity`; no profile id looks like it."""

NUMBERS_A_GENERATION = 1_000_000
"""More versions, and more clusters, than a `models` topic is ever given."""

SLICE = 32
"""Examples between two chances for the other agents of this process: at most a few milliseconds of River."""


class LearnStage:
    """Learns from `{app_id}.examples`, publishes to `{app_id}.models`, announces on `{app_id}.activity`.

    Parameters
    ----------
    app_id
        Prefix of the internal topics.
    make_clusterer
        See `models.clusterers.registry.create`; called with the first id that a fresh learner may give.
    read_topic
        How to read `models` when the partition of examples is given to this process.
    activity_dims
        Dimensions of the vectors in `activity`, part of the layout of its records.
    schedule
        When a version is due.
    keep
        Versions left on `models`, 2 or more, so that there is one before a damaged one.
    """

    name = "learn"

    def __init__(
        self,
        app_id: str,
        make_clusterer: MakeClusterer,
        read_topic: ReadTopic,
        *,
        activity_dims: int = 128,
        schedule: Schedule | None = None,
        keep: int = 3,
    ) -> None:
        if keep < 2:
            raise ValueError(f"keep={keep}: at least 2 model versions must be kept, one of them to fall back on")
        self._examples, self._models, self._activity = f"{app_id}.examples", f"{app_id}.models", f"{app_id}.activity"
        self.topics = (self._examples,)
        self.written_alone = (self._models,)
        self._make_clusterer, self._read_topic = make_clusterer, read_topic
        self._activity_dims, self._schedule, self._keep = activity_dims, schedule or Schedule(), keep
        self._outbox: Outbox | None = None
        self._learning: Learning | None = None
        self._kept: set[bytes] = set()
        self._held: list[tuple[int, Ack]] = []
        self._durable = -1

    async def start(self, outbox: Outbox) -> None:
        """Only remembers where to write: which process learns is known when the partition is given."""
        self._outbox = outbox

    async def assign(self, topic: str, partition: int) -> None:
        """Take over from the newest snapshot, before the first run comes."""
        await self._open()

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        """Learn a run; its ack waits for a snapshot that covers it."""
        learning = self._learning or await self._open()
        first = lasting_offset(self._box.generation(self._examples), 0)
        for begin in range(0, len(run), SLICE):
            records = run[begin : begin + SLICE]
            for _ in learning.take([first + r.offset for r in records], [r.value for r in records]):
                if not self._box.owns(topic, partition):
                    log.warning("model_version_not_published", reason="the partition of examples was taken away")
                    return self._forget()
                await self._publish(learning.version(self._next_number()))
            await asyncio.sleep(0)
        self._held.append((first + run[-1].offset, ack))
        self._release()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Forget the learner: snapshots come by count only, and what none covers will be given again."""
        if any(topic == self._examples for topic, _ in partitions):
            self._forget()

    async def stop(self) -> None:
        """Forget everything."""
        self._forget()

    @property
    def _box(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("LearnStage.handle was called before start")
        return self._outbox

    def _forget(self) -> None:
        self._learning, self._held, self._kept, self._durable = None, [], set(), -1

    def _next_number(self) -> int:
        """One above every version ever seen, the refused ones included: a number never means two models."""
        return max(map(number_of, self._kept), default=self._first_number) + 1

    @property
    def _first_number(self) -> int:
        """Where numbers of models and of clusters begin: above all that a `models` topic before this one held."""
        return self._box.generation(self._models) * NUMBERS_A_GENERATION

    async def _open(self) -> Learning:
        """The learner as the newest trusted snapshot left it, its adoption said again in case it never was."""
        shelf = await self._read_topic(self._models, 0)
        self._kept = set(shelf)
        newest = next(trusted(shelf), None)
        if newest is None:
            if shelf:
                log.error("model_versions_all_refused", keys=len(shelf), then="a new learner, which knows nothing")
            self._learning = Learning(self._make_clusterer(self._first_number), self._schedule)
        else:
            self._learning = self._resume(newest)
            self._durable = newest.covers
            await self._adopt(newest)
        return self._learning

    def _resume(self, model: ModelVersion) -> Learning:
        """Go on from `model`, or begin anew behind it when the configuration names another clusterer."""
        try:
            learning = Learning.resume(self._make_clusterer(0), self._schedule, model)
            log.info("model_resumed", model=model.label, examples=model.examples, covers=model.covers)
            return learning
        except StateMismatchError as error:
            log.warning("model_begun_anew", after=model.label, reason=str(error))
            return Learning(self._make_clusterer(model.next_id), self._schedule, after=model.covers)

    async def _publish(self, model: ModelVersion) -> None:
        """Snapshot, adoption, acks, in this order, each after the one before is durable; then the old ones go."""
        await self._box.send(self._models, 0, [(key_of(model), encode(model), [])])
        self._kept.add(key_of(model))
        await self._adopt(model)
        self._durable = model.covers
        self._release()
        await self._clear()
        log.info("model_published", model=model.label, clusters=len(model.ids), examples=model.examples)

    async def _adopt(self, model: ModelVersion) -> None:
        """Put the model in force from here on in every partition of `activity`; saying it twice changes nothing."""
        if not len(model.ids):
            log.info("model_without_clusters", model=model.label, examples=model.examples)
            return
        record = control_record(Kind.ADOPT, model.event_time_ms, self._activity_dims, adoption(model))
        for partition in range(self._box.partitions(self._activity)):
            await self._box.send(self._activity, partition, [(ADOPT_KEY, record, [])])

    async def _clear(self) -> None:
        """Tombstones for all but the newest versions."""
        old = to_clear(self._kept, self._keep)
        if old:
            await self._box.send(self._models, 0, [(key, None, []) for key in old])
            self._kept.difference_update(old)

    def _release(self) -> None:
        """Ack the runs that the newest durable snapshot covers."""
        for last, ack in self._held:
            if last <= self._durable:
                ack()
        self._held = [(last, ack) for last, ack in self._held if last > self._durable]
