"""The profile stage: folds batches of `activity`, publishes changes, and checkpoints profiles.

The order gives effectively-once results: first facts are durable, then profiles, then the cursor; then the batch is
acknowledged. A crash in between replays from the last checkpoint, and the fold publishes the same facts with the same
ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.state.cold_store import DamagedStoreError
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.runtime.checkpoint import Checkpointer
from liveprofile.streams.runtime.partition_state import StateBeyondTopicError, StateReader
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Ack, Outbox, Record, TopicPartition
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition

if TYPE_CHECKING:
    from liveprofile.streams.stages.profile.local_state import LocalState, LocalStates

log = structlog.get_logger(__name__)


class ProfileStage:
    """Owns the profiles of the partitions of `activity` that are assigned to this worker."""

    name = "profile"

    def __init__(
        self,
        config: ProfileStageConfig,
        read_state: StateReader,
        events: CloudEvents,
        local: LocalStates | None = None,
    ) -> None:
        """`local` holds the profiles that do not fit into memory; without it, all are in memory."""
        self.topics = (config.topics.activity,)
        names = config.topics
        self.written_alone = (names.state, names.profiles, names.profile_changes, names.profile_anomalies)
        self.counters = ProfileCounters()
        self._config = config
        self._read_state = read_state
        self._events = events
        self._local = local
        self._partitions: dict[int, Partition] = {}
        self._progress: dict[int, Progress] = {}
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
        self._checkpoints = Checkpointer(
            outbox,
            lambda place: self._partitions[place[1]].encode(),
            quiet=lambda place: self._partitions[place[1]].folding,
            written=lambda place: self._partitions[place[1]].keep(self._limit()),
            every_s=self._config.checkpoint_s,
            every_touched=self._config.checkpoint_max_profiles,
        )

    async def assign(self, topic: str, partition: int) -> None:
        """Load a partition's profiles, and start its ticks."""
        self._owned.add(partition)
        local = self._local.open(partition) if self._local is not None else None
        try:
            loaded = await self._load(partition, local)
        except BaseException:
            self._owned.discard(partition)
            if local is not None:
                local.close()
            raise
        loaded.start_time()
        self._partitions[partition] = loaded

    def progress(self, topic: str, partition: int) -> Progress | None:
        """Progress of loading a partition."""
        return self._progress.get(partition)

    async def _load(self, partition: int, local: LocalState | None) -> Partition:
        """Load from the local state and later records of the topic; if they do not match, from the topic alone."""
        try:
            return await self._load_once(partition, local)
        except (DamagedStoreError, StateBeyondTopicError, ValueError) as error:
            if local is None or not local.found:
                raise
            problem = str(error)
        local.wipe(problem)
        return await self._load_once(partition, local)

    async def _load_once(self, number: int, local: LocalState | None) -> Partition:
        partition = Partition(number, self._config, self._outbox, self._events, self.counters, local)
        start, count = local.through + 1 if local is not None else 0, 0
        progress = self._progress[number] = Progress()
        if local is not None and local.found:
            with closing(local.read_all()) as batches:
                for items in batches:
                    partition.recall(items, self._limit())
                    await asyncio.sleep(0)
        topic = self._config.topics.state
        async for records in self._read_state(topic, number, start_offset=start, progress=progress):
            partition.restore(records, self._limit())
            count += len(records)
            await asyncio.sleep(0)
        log.info(
            "profiles loaded", partition=number, from_offset=start, records=count, in_memory=len(partition.fold.table)
        )
        return partition

    def _limit(self) -> int:
        """Number of profiles that each partition may keep in memory."""
        return self._config.rows_in_memory // max(1, len(self._owned))

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Fold a batch and publish its facts; the checkpoint that covers it acknowledges it."""
        applied = await self._partitions[partition].take(batch)
        self._checkpoints.hold((topic, partition), ack, applied)

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
        for partition in self._partitions.values():
            partition.stop_time()
        for number in list(self._partitions):
            self._forget(number)

    def _forget(self, number: int) -> None:
        """Drop a partition from memory; its local state can be used again."""
        partition = self._partitions.pop(number)
        self._owned.discard(number)
        if partition.local is not None:
            partition.local.close()
