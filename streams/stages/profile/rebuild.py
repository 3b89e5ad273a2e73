"""The stage of a rebuild: folds `activity` into the state of the next generation, and publishes nothing.

It ends at the SWITCH record that puts its generation in force: from there on the serving group goes on with that state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.state.generation import adopted_generation
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.partition_state import StateReader
from liveprofile.streams.runtime.stage import Ack, Write
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.profile.stage import ProfileStage, up_to_switches
from liveprofile.streams.transport.record import Record

if TYPE_CHECKING:
    from liveprofile.streams.stages.profile.local_state import LocalState, LocalStates

log = structlog.get_logger(__name__)


class SilentPartition(Partition):
    """A partition that writes its state and nothing else."""

    @property
    def handed_over(self) -> bool:
        """Whether the log has put this generation in force: it is the serving group's from here on."""
        adopted = adopted_generation(self.fold.cursor.adopted)
        return adopted is not None and adopted.generation >= self.generation

    def start_time(self) -> None:
        """Append no ticks: those of the serving group are in the log."""

    def encode(self) -> list[list[Write]]:
        """The profiles touched, then the cursor."""
        self.take_changed()
        return [[write] for write in self.encode_state()]

    async def _publish(self, result: FoldResult, batch: Sequence[Record]) -> None:
        """Publish nothing: the serving group has published it."""

    def _note_erasures(self, result: FoldResult) -> None:
        """The serving group has logged them."""

    def _report_gap(self, offset: int) -> None:
        """Refuse to go on over activities that are gone, unless nothing was folded before them."""
        expected = self.fold.cursor.applied_through + 1
        if offset > expected > self.first:
            raise SetupError(
                f"{offset - expected} activities of partition {self.number} are gone before the rebuild folded them",
                "Give activity a longer retention.ms; `liveprofile rebuild --abandon`, and begin the rebuild again.",
            )


class RebuildStage(ProfileStage):
    """Folds partitions of `activity` into one generation, beside the group that serves."""

    def __init__(
        self,
        generation: int,
        config: ProfileStageConfig,
        read_state: StateReader,
        events: CloudEvents,
        local: LocalStates | None = None,
    ) -> None:
        super().__init__(config, read_state, events, local)
        self.written_alone = ()  # claimed when it is known that the serving group has not taken over
        self.finished = asyncio.Event()
        """Set when all partitions of this process are handed over."""
        self._generation = generation

    async def _load(self, number: int) -> Partition:
        partition = await self._loading.load(number, self._generation)
        if not _silent(partition).handed_over:
            await self._loading.claim(partition)
        return partition

    async def assign(self, topic: str, partition: int) -> None:
        """As for any partition; one that is handed over already is left alone."""
        self.finished.clear()
        await super().assign(topic, partition)
        self._note_finished()

    def _new_partition(self, number: int, local: LocalState | None, generation: int) -> Partition:
        return SilentPartition(number, self._config, self._outbox, self._events, self.counters, local, generation)

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Fold a batch up to the switch; later records are not acknowledged."""
        held, applied = _silent(self._partitions[partition]), 0
        for part in up_to_switches(batch):
            if held.handed_over:
                return
            applied += await held.take(part)
            if held.handed_over:
                self._checkpoints.hold((topic, partition), _not_acknowledged, applied)
                await self._checkpoints.settle([(topic, partition)])
                log.info("rebuild has reached the switch", partition=partition, generation=held.generation)
                self._note_finished()
                return
        self._checkpoints.hold((topic, partition), ack, applied)

    def _note_finished(self) -> None:
        loaded = self._partitions
        if loaded.keys() == self._owned and all(_silent(one).handed_over for one in loaded.values()):
            self.finished.set()


def _silent(partition: Partition) -> SilentPartition:
    assert isinstance(partition, SilentPartition)
    return partition


def _not_acknowledged() -> None:
    """The batch stays unread for the group: a worker that reads it again finds the generation in force."""
