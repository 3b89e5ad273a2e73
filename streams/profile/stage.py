"""The profile stage: folds runs of `activity`, says what changed, and checkpoints what it knows.

The order makes it effectively once: facts durable, then profiles durable, then the cursor, then the acknowledgement.
A crash in between replays from the last checkpoint, and the fold says the same again, with the same ids.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from profiles.compile import compile_fold
from profiles.policy import Policy
from streams.profile.cloud_events import CloudEvents
from streams.profile.counters import ProfileCounters
from streams.profile.partition import Partition
from streams.runtime.checkpoint import Checkpointer
from streams.runtime.partition_fetch import StateRecord
from streams.runtime.progress import Progress
from streams.runtime.stage import Ack, Outbox, Record, TopicPartition
from streams.topics import Topics


class StateReader(Protocol):
    """Reads a compacted partition from its beginning to its end, in batches of its order."""

    def __call__(self, topic: str, partition: int, *, progress: Progress) -> AsyncIterator[list[StateRecord]]: ...


@dataclass(frozen=True, slots=True)
class ProfileStageConfig:
    """How the stage is run; the rules of the fold are in the policy."""

    topics: Topics
    policy: Policy
    embedder: str | None
    currency: str = "EUR"
    checkpoint_s: float = 1.0
    checkpoint_max_profiles: int = 20_000
    tick_s: float = 5.0


class ProfileStage:
    """Owns the profiles of the partitions of `activity` that are assigned to this worker."""

    name = "profile"

    def __init__(self, config: ProfileStageConfig, read_state: StateReader, events: CloudEvents) -> None:
        self.topics = (config.topics.activity,)
        self.counters = ProfileCounters()
        self._config = config
        self._read_state = read_state
        self._events = events
        self._partitions: dict[int, Partition] = {}
        self._progress: dict[int, Progress] = {}
        self._outbox: Outbox

    async def start(self, outbox: Outbox) -> None:
        """Load the compiled fold, so that the first run is as quick as the next; partitions load when assigned."""
        compile_fold(self._config.policy)
        self._outbox = outbox
        self._checkpoints = Checkpointer(
            outbox,
            lambda place: self._partitions[place[1]].encode(),
            quiet=lambda place: self._partitions[place[1]].folding,
            every_s=self._config.checkpoint_s,
            every_touched=self._config.checkpoint_max_profiles,
        )

    async def assign(self, topic: str, partition: int) -> None:
        """Load a partition's profiles from the state topic, and let its time pass from here on."""
        loaded = Partition(partition, self._config, self._outbox, self._events, self.counters)
        progress = self._progress[partition] = Progress()
        async for records in self._read_state(self._config.topics.state, partition, progress=progress):
            loaded.restore(records, expected=progress.total or 0)
            await asyncio.sleep(0)
        loaded.start_time()
        self._partitions[partition] = loaded

    def progress(self, topic: str, partition: int) -> Progress | None:
        """How far the loading of a partition is."""
        return self._progress.get(partition)

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        """Fold a run and write its facts; the run is acknowledged by the checkpoint that covers it."""
        applied = await self._partitions[partition].take(run)
        self._checkpoints.hold((topic, partition), ack, applied)

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint of these partitions, acknowledge what it covers, and forget them."""
        mine = [place for place in partitions if place[1] in self._partitions]
        for _, number in mine:
            self._partitions[number].stop_time()
        await self._checkpoints.settle(mine)
        for _, number in mine:
            del self._partitions[number]

    async def stop(self) -> None:
        """Drop what is left; after an error nothing more is written."""
        self._checkpoints.drop()
        for partition in self._partitions.values():
            partition.stop_time()
        self._partitions.clear()
