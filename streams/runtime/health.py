"""Watches whether a worker's work goes on: a process can be there, and in its group, and consume nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from aiokafka.errors import KafkaError

from liveprofile.streams.runtime.absence import ANSWER_S, Answers
from liveprofile.streams.runtime.lag import Queue, Unprocessed, first_unprocessed, unprocessed_of
from liveprofile.streams.runtime.movement import Movement
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Stage, TellsMovement
from liveprofile.streams.transport.record import TopicPartition
from liveprofile.streams.transport.standing import Standing

LOOK_S = 1.0
"""Time between two looks."""
ENDS_S = 10.0
"""Time between two questions for the ends of partitions, which tell of records that the consumer does not fetch."""
ENDS_TIMEOUT_S = 5.0


class WatchedQueue(Queue, Protocol):
    """What is asked of a `PartitionQueue`."""

    stage: Stage
    topic: str
    partition: int
    loaded: asyncio.Event
    handled: int

    @property
    def progress(self) -> Progress | None: ...


class WatchedOutbox(Answers, Protocol):
    """What is asked of an outbox."""

    async def end_offsets(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]: ...


class Watched(Protocol):
    """What is asked of a `Runtime`."""

    config: Any
    failed: asyncio.Future[None]

    @property
    def outbox(self) -> WatchedOutbox: ...
    @property
    def is_ready(self) -> bool: ...
    @property
    def is_assigned(self) -> bool: ...
    @property
    def has_joined(self) -> bool: ...
    @property
    def partition_queues(self) -> Sequence[WatchedQueue]: ...
    def standing(self, topic: str, partition: int) -> Standing: ...


class Stall(NamedTuple):
    """Work that stands still."""

    why: str
    seconds: float
    stage: str = ""
    topic: str = ""
    partition: int | None = None

    def told(self) -> dict[str, Any]:
        """As in the answer of a probe: what there is of it."""
        return {name: value for name, value in self._asdict().items() if value not in ("", None)}


class Health:
    """What the probes answer, look by look.

    A worker is not alive when a partition has work and has not moved for `stall_s`. A partition moves when a batch is
    finished, when its position changes, or when its stage shows that it goes on. Loading has limits of its own. Time in
    which Kafka does not answer does not count: a restart would not help.
    """

    def __init__(self, runtime: Watched, stall_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._runtime, self._stall_s, self._now_s = runtime, stall_s, now_s
        self._movements: dict[TopicPartition, Movement] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._ends_due_s = 0.0
        self._unassigned_since_s: float | None = None
        self.has_started = False
        """Whether the worker was ready once."""
        self.stalls: Sequence[Stall] = ()
        """What stands still for too long; such a worker is not alive."""
        self.kafka_answers = True
        """As far as attempts to connect have told, and questions where work stood still."""

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once."""
        self.has_started = self.has_started or self._runtime.is_ready
        await self._ask_for_ends()
        self._look_at_partitions()
        stalls = [*self._stalled_partitions(), *self._stalled_group()]
        self.kafka_answers = await self._does_kafka_answer(doubtful=bool(stalls) or not self.kafka_answers)
        if not self.kafka_answers:
            self._pardon()
        self.stalls = stalls if self.kafka_answers else ()

    @property
    def is_ready(self) -> bool:
        """Whether the worker has loaded its partitions, and Kafka answers."""
        return self._runtime.is_ready and self.kafka_answers and not self._runtime.outbox.away

    def lag(self, queue: WatchedQueue) -> tuple[Unprocessed, float]:
        """The lag of a partition, and the same in seconds."""
        standing = self._runtime.standing(queue.topic, queue.partition)
        lag = unprocessed_of(queue, standing, self._ends.get((queue.topic, queue.partition)))
        return lag, self._movement(queue).lag.seconds(lag, first_unprocessed(queue, standing))

    def still_s(self, queue: WatchedQueue) -> float:
        """For how long a partition has not moved although it had work."""
        return self._movement(queue).still_s(self._now_s())

    async def _does_kafka_answer(self, *, doubtful: bool) -> bool:
        """It is asked where that is in doubt: a broker that stands still keeps its connections open."""
        outbox = self._runtime.outbox
        return not outbox.away and (not doubtful or await outbox.answers(ANSWER_S))

    async def _ask_for_ends(self) -> None:
        if not (self.kafka_answers and self._runtime.is_assigned) or self._now_s() < self._ends_due_s:
            return
        self._ends_due_s = self._now_s() + ENDS_S
        places = [(queue.topic, queue.partition) for queue in self._runtime.partition_queues]
        try:
            async with asyncio.timeout(ENDS_TIMEOUT_S):
                self._ends |= await self._runtime.outbox.end_offsets(places)
        except (KafkaError, OSError, TimeoutError):
            self.kafka_answers = False  # in doubt: the look asks whether it answers at all

    def _look_at_partitions(self) -> None:
        queues = self._runtime.partition_queues
        places = {(queue.topic, queue.partition) for queue in queues}
        for gone in self._movements.keys() - places:
            del self._movements[gone]
            self._ends.pop(gone, None)
        for queue in queues:
            lag, _ = self.lag(queue)
            has_work = not queue.loaded.is_set() or lag.records > 0 or queue.oldest is not None
            self._movement(queue).look(self._mark(queue), has_work)

    def _mark(self, queue: WatchedQueue) -> object:
        """Another value whenever something has moved."""
        position = first_unprocessed(queue, self._runtime.standing(queue.topic, queue.partition))
        loaded = queue.progress
        stage = queue.stage
        within = stage.moved(queue.topic, queue.partition) if isinstance(stage, TellsMovement) else None
        return position, queue.handled, loaded and (loaded.reached, loaded.records), within

    def _movement(self, queue: WatchedQueue) -> Movement:
        place = (queue.topic, queue.partition)
        if (found := self._movements.get(place)) is None:
            found = self._movements[place] = Movement(self._now_s)
        return found

    def _stalled_partitions(self) -> list[Stall]:
        found = []
        for queue in self._runtime.partition_queues:
            still_s = self.still_s(queue)
            if queue.loaded.is_set() and still_s >= self._stall_s:
                why = "a batch does not end" if queue.oldest is not None else "there are records, and none is fetched"
                found.append(Stall(why, round(still_s, 1), queue.stage.name, queue.topic, queue.partition))
        return found

    def _stalled_group(self) -> list[Stall]:
        """A worker that gets no assignment, not even an empty one, although all sessions and joins are over."""
        if self._runtime.is_assigned or not self._runtime.has_joined:
            self._unassigned_since_s = None
            return []
        since_s = self._unassigned_since_s = self._unassigned_since_s or self._now_s()
        config, waits_s = self._runtime.config, self._now_s() - since_s
        if waits_s < config.session_timeout_s + config.rebalance_timeout_s + self._stall_s:
            return []
        return [Stall("the group gives no partitions", round(waits_s, 1))]

    def _pardon(self) -> None:
        self._unassigned_since_s = None
        for movement in self._movements.values():
            movement.pardon()
