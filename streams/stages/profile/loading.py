"""Loads a partition from the state topic of a generation, or from local state and later records of the topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.cold_store import DamagedStoreError
from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.contract.topics import Topics, fencing_token_prefix
from liveprofile.streams.runtime.partition_state import StateBeyondTopicError, StateReader
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.stages.profile.partition import Partition

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Outbox
    from liveprofile.streams.stages.profile.local_state import LocalState, LocalStates

log = structlog.get_logger(__name__)

Make = Callable[[int, "LocalState | None", int], Partition]
"""An empty partition, by its number, its local state and its generation."""


def state_claim(topics: Topics, generation: int, partition: int) -> str:
    """The name under which whoever writes a later generation of a partition's state is the only one.

    The rebuilding worker and the serving one after it share it, so that the second shuts the first out.
    """
    return f"{fencing_token_prefix(topics.rebuild_group(generation), 'profile')}{partition}"


class Loading:
    """Loads the partitions of one stage."""

    def __init__(
        self,
        topics: Topics,
        outbox: Outbox,
        read_state: StateReader,
        make: Make,
        limit: Callable[[], int],
        local: LocalStates | None = None,
    ) -> None:
        """`limit` tells how many profiles of a partition may be in memory where there is a `local` state."""
        self.progress: dict[int, Progress] = {}
        """Progress of loading each partition."""
        self._topics = topics
        self._outbox = outbox
        self._read_state = read_state
        self._make = make
        self.limit = limit
        self._local = {FIRST: local} if local is not None else {}

    async def load(self, number: int, generation: int) -> Partition:
        """Load from the local state and later records of the topic; if they do not match, from the topic alone."""
        local = await self._open_local(number, generation)
        try:
            return await self._load_or_wipe(number, generation, local)
        except BaseException:
            if local is not None:
                local.close()
            raise

    async def claim(self, partition: Partition) -> None:
        """Be the only writer of a later generation's state, and read what was written meanwhile."""
        name = state_claim(self._topics, partition.generation, partition.number)
        await self._outbox.acquire_token(name, [(partition.state_topic, partition.number)])
        await self.read_on(partition)

    async def read_on(self, partition: Partition) -> int:
        """Read the state topic from where the partition is to its end as it is now; gives the number of records."""
        count, number = 0, partition.number
        progress = self.progress[number] = Progress()
        start = partition.loaded_through + 1
        async for records in self._read_state(partition.state_topic, number, start_offset=start, progress=progress):
            partition.restore(records, self.limit())
            count += len(records)
            await asyncio.sleep(0)
        return count

    def forget(self, partition: Partition) -> None:
        """Close the local state of a partition whose generation is left, and delete all there is of it."""
        if partition.local is not None:
            partition.local.wipe("another generation of the state serves")
            partition.local.close()
            self._local[partition.generation].forget(partition.number)

    async def _load_or_wipe(self, number: int, generation: int, local: LocalState | None) -> Partition:
        try:
            return await self._load_once(number, generation, local)
        except UnknownLayoutError:
            raise
        except (DamagedStoreError, StateBeyondTopicError, ValueError) as error:
            if local is None or not local.found:
                raise
            problem = str(error)
        local.wipe(problem)
        return await self._load_once(number, generation, local)

    async def _load_once(self, number: int, generation: int, local: LocalState | None) -> Partition:
        partition = self._make(number, local, generation)
        start = partition.loaded_through + 1
        if local is not None and local.found:
            with closing(local.read_all()) as batches:
                for items in batches:
                    partition.recall(items, self.limit())
                    await asyncio.sleep(0)
        count = await self.read_on(partition)
        log.info(
            "profiles loaded",
            partition=number,
            generation=generation,
            from_offset=start,
            records=count,
            in_memory=len(partition.fold.table),
        )
        return partition

    async def _open_local(self, number: int, generation: int) -> LocalState | None:
        if not self._local:
            return None
        if generation not in self._local:
            topic = self._topics.state_of(generation)
            states = self._local[FIRST].beside(topic, await self._outbox.identify(topic))
            states.tidy()
            self._local[generation] = states
        return self._local[generation].open(number)
