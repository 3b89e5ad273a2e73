"""The profile stage: folds batches of `activity`, publishes changes, and checkpoints profiles.

The order gives effectively-once results: first facts are durable, then profiles, then the cursor; then the batch is
acknowledged. A crash in between replays from the last checkpoint, and the fold publishes the same facts with the same
ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.marks import KEY as MARK_KEY
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.checkpoint import Checkpointer
from liveprofile.streams.runtime.partition_state import StateReader
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Ack, Outbox, Write
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.hand_over import HandOver
from liveprofile.streams.stages.profile.loading import Loading
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.profile.progress import ProgressPublisher
from liveprofile.streams.stages.profile.readings import readings
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.record import Record, TopicPartition

if TYPE_CHECKING:
    from liveprofile.streams.stages.profile.local_state import LocalState, LocalStates

SWITCH_KEY = b"\x00switch"
"""Key of switches in `activity`; no profile id looks like it."""


class ProfileStage:
    """Owns the profiles of the partitions of `activity` that are assigned to this worker."""

    name = "profile"
    haste = Haste.AT_ONCE

    def __init__(
        self,
        config: ProfileStageConfig,
        read_state: StateReader,
        events: CloudEvents,
        local: LocalStates | None = None,
        *,
        publishes_progress: bool = False,
    ) -> None:
        """`local` holds the profiles that do not fit into memory; without it, all are in memory.

        `publishes_progress`: whether the topic `progress` is told how far partitions are folded.
        """
        self.topics = (config.topics.activity,)
        names = config.topics
        self.written_alone: tuple[str, ...] = (
            names.state,
            names.profiles,
            names.profile_changes,
            names.profile_anomalies,
        )
        self.counters = ProfileCounters()
        self._config = config
        self._read_state = read_state
        self._events = events
        self._local = local
        self._partitions: dict[int, Partition] = {}
        self._publishes_progress = publishes_progress
        self._progress: ProgressPublisher | None = None
        self._owned: set[int] = set()
        """Partitions that are loaded or loading."""
        self._outbox: Outbox

    async def start(self, outbox: Outbox) -> None:
        """Load the compiled fold, so that the first batch is as fast as later ones; partitions load when assigned."""
        compile_fold(self._config.policy)
        self._outbox = outbox
        if self._local is not None:
            self._local.topic_id = outbox.topic_id(self._config.topics.state)
            self._local.tidy()
        self._loading = Loading(
            self._config.topics, outbox, self._read_state, self._new_partition, self._limit, self._local
        )
        self._hand_over = HandOver(self._config, outbox, self._read_state, self._loading)
        if self._publishes_progress:
            self._progress = ProgressPublisher(self._config.topics.progress, outbox, self._read_state)
        self._checkpoints = Checkpointer(
            outbox,
            self._encode,
            quiet=lambda place: self._partitions[place[1]].folding,
            written=self._written,
            every_s=self._config.checkpoint_s,
            every_touched=self._config.checkpoint_max_profiles,
        )

    async def assign(self, topic: str, partition: int) -> None:
        """Load a partition's profiles, and start its ticks."""
        self._owned.add(partition)
        try:
            if self._progress is not None:
                await self._progress.begin(partition)
            loaded = await self._load(partition)
        except BaseException:
            self._owned.discard(partition)
            raise
        self._serve(loaded)

    def _serve(self, partition: Partition) -> None:
        """Go on with a loaded partition."""
        number = partition.number
        self._partitions[number] = partition
        if (progress := self._progress) is not None:
            progress.loaded(number, partition.fold.cursor.applied_through, partition.generation)
            partition.passed = partial(progress.passed, number)
        partition.start_time()

    def _encode(self, place: TopicPartition) -> list[list[Write]]:
        """The steps of a checkpoint; what its cursor will skip is published in the first."""
        first, *others = self._partitions[place[1]].encode()
        if self._progress is not None:
            first = [*first, *self._progress.before_checkpoint(place[1])]
        return [first, *others]

    async def _written(self, place: TopicPartition) -> None:
        if self._progress is not None:
            self._progress.checkpointed(place[1])
        self._partitions[place[1]].erasures.kept()
        await self._partitions[place[1]].keep(self._limit())

    def progress(self, topic: str, partition: int) -> Progress | None:
        """Progress of loading a partition."""
        return self._loading.progress.get(partition)

    def moved(self, topic: str, partition: int) -> object:
        """A batch can hold a hand-over, which loads and compares all profiles."""
        loading, found = self._loading.progress.get(partition), self._partitions.get(partition)
        through = found.fold.cursor.applied_through if found is not None else -1
        return through, loading and loading.reached, self._hand_over.moved

    def readings(self) -> Iterator[Reading]:
        """Its metrics."""
        yield from readings(self.counters, self._partitions)
        yield of.CHECKPOINT_SECONDS.read(self._checkpoints.seconds, self.name)
        for (_, partition), age_s in self._checkpoints.ages_s().items():
            yield of.CHECKPOINT_AGE.read(age_s, self.name, str(partition))

    async def _load(self, number: int) -> Partition:
        """Load the current generation: the cursor of each state topic says whether another one was adopted."""
        partition = await self._loading.load(number, FIRST)
        while (adopted := partition.successor) is not None:
            await self._hand_over.clear(partition)
            partition = await self._loading.load(number, adopted.generation)
            await self._loading.claim(partition)
        return partition

    def _new_partition(self, number: int, local: LocalState | None, generation: int) -> Partition:
        return Partition(number, self._config, self._outbox, self._events, self.counters, local, generation)

    def _limit(self) -> int:
        """Number of profiles that each partition may keep in memory."""
        return self._config.rows_in_memory // max(1, len(self._owned))

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Fold a batch and publish its facts; the checkpoint that covers it acknowledges it."""
        applied = 0
        for part in up_to_switches(batch):
            if part[-1].key == SWITCH_KEY:
                await self._checkpoints.settle([(topic, partition)])  # no checkpoint may come during a hand-over
            applied += await self._partitions[partition].take(part)
            await self._follow(partition)
        self._checkpoints.hold((topic, partition), ack, applied, at_leisure=are_marks(batch))

    async def _follow(self, number: int) -> None:
        """Go on with the next generation where the log has just put one in force."""
        old = self._partitions[number]
        if (adopted := old.successor) is not None:
            new = await self._hand_over.take(old, adopted)
            old.stop_time()
            self._serve(new)

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint of these partitions, acknowledge what it covers, and drop them."""
        mine = [place for place in partitions if place[1] in self._partitions]
        for _, number in mine:
            self._partitions[number].stop_time()
        await self._checkpoints.settle(mine)
        await asyncio.gather(*(asyncio.to_thread(self._forget, number) for _, number in mine))

    async def stop(self) -> None:
        """Drop the rest; after an error nothing more is written."""
        self._checkpoints.drop()
        if self._progress is not None:
            self._progress.stop()
        for partition in self._partitions.values():
            partition.stop_time()
        for number in list(self._partitions):
            self._forget(number)

    def _forget(self, number: int) -> None:
        """Drop a partition from memory; its local state can be used again."""
        partition = self._partitions.pop(number)
        self._owned.discard(number)
        if self._progress is not None:
            self._progress.forget(number)
        if partition.local is not None:
            partition.local.close()


def are_marks(batch: Sequence[Record]) -> bool:
    """Whether there is nothing to fold."""
    return all(record.key == MARK_KEY for record in batch)


def up_to_switches(batch: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """A batch in parts; each part but the last ends with a switch."""
    start = 0
    for at, record in enumerate(batch, 1):
        if record.key == SWITCH_KEY or at == len(batch):
            yield batch[start:at]
            start = at
