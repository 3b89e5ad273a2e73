"""The bounded queue of one partition's record batches, and the task that gives them to the stage in order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.runs import StageRuns
from liveprofile.streams.runtime.stage import LoadsPartitions, Stage, TellsProgress, loads_behind
from liveprofile.streams.transport.record_batch import RecordBatch


class PartitionQueue:
    """Gives batches of one partition to a stage, one at a time; at most `capacity` batches wait.

    The partition of a full queue is paused. Records then collect in the fetcher, so the next batch is larger. An error
    of the stage goes to `on_error` once, and the queue takes no further batches.
    """

    def __init__(
        self,
        stage: Stage,
        topic: str,
        partition: int,
        *,
        capacity: int,
        on_room: Callable[[], None],
        on_error: Callable[[BaseException], None],
        prepare: Callable[[], Awaitable[None]] | None = None,
        runs: StageRuns | None = None,
    ) -> None:
        """`prepare` is awaited first, before the stage loads the partition; `runs` counts what is done here."""
        self.stage = stage
        self.topic = topic
        self.partition = partition
        self.loaded = asyncio.Event()
        self._capacity = capacity
        self._on_room = on_room
        self._on_error = on_error
        self._prepare = prepare
        self._runs = runs or StageRuns()
        self._waiting: deque[RecordBatch] = deque()
        self._present: RecordBatch | None = None
        self.reached: int | None = None
        """The offset after the last record that was processed here; None before the first."""
        self.handled = 0
        """Batches that were processed here."""
        self._changed = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._work(), name=f"queue {stage.name} {topic}/{partition}")

    def put(self, batch: RecordBatch) -> bool:
        """Queue a batch; returns true if the queue is now full and its partition should be paused."""
        self._waiting.append(batch)
        self._changed.set()
        return len(self._waiting) >= self._capacity

    @property
    def is_ready(self) -> bool:
        """Whether the stage has loaded the partition, or nobody waits for that."""
        return self.loaded.is_set() or loads_behind(self.stage)

    @property
    def progress(self) -> Progress | None:
        """Progress of loading, if the stage reports it."""
        stage = self.stage
        return stage.progress(self.topic, self.partition) if isinstance(stage, TellsProgress) else None

    @property
    def oldest(self) -> RecordBatch | None:
        """The batch in progress, or else the first one that waits; None if there is none."""
        return self._present or (self._waiting[0] if self._waiting else None)

    async def close(self) -> None:
        """Finish the batch in progress and drop waiting ones: they are not acked, so the next owner reads them again.

        Loading is cancelled, because nothing was folded yet.
        """
        self._closing = True
        self._waiting.clear()
        self._changed.set()
        if not self.loaded.is_set():
            self._task.cancel()
        await asyncio.wait((self._task,))

    def cancel(self) -> None:
        """Drop everything at once, after an error elsewhere."""
        self._closing = True
        self._task.cancel()

    async def _work(self) -> None:
        try:
            await self._load()
            self.loaded.set()
            while (batch := await self._next()) is not None:
                await self._handle(batch)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            self._fail(RuntimeError("something that the stage awaited was cancelled, but the queue was not"), error)
        except Exception as error:
            self._fail(error, error.__cause__)

    async def _load(self) -> None:
        if self._prepare is not None:
            await self._prepare()
        if isinstance(self.stage, LoadsPartitions):
            began = time.perf_counter()
            await self.stage.assign(self.topic, self.partition)
            progress = self.progress
            self._runs.loaded(progress.records if progress else 0, time.perf_counter() - began)

    async def _handle(self, batch: RecordBatch) -> None:
        began, self._present = time.perf_counter(), batch
        await self.stage.handle(batch.topic, batch.partition, batch.records, batch.receipt.ack)
        self._present = None
        self.handled += 1
        self.reached = batch.receipt.end
        self._runs.ran(len(batch.records), time.perf_counter() - began)

    def _fail(self, error: Exception, cause: BaseException | None) -> None:
        error.__cause__ = cause
        error.add_note(f"in stage {self.stage.name}, topic {self.topic}, partition {self.partition}")
        self._on_error(error)

    async def _next(self) -> RecordBatch | None:
        """The next batch, or None when the queue closes."""
        while not self._waiting:
            if self._closing:
                return None
            self._changed.clear()
            await self._changed.wait()
        if self._closing:
            return None
        was_full = len(self._waiting) >= self._capacity
        batch = self._waiting.popleft()
        if was_full:
            self._on_room()
        return batch
