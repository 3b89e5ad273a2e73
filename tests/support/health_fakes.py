"""A runtime as its probes and its health see it: partitions that load, move or stand still as a test says."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.runs import StageRuns
from liveprofile.streams.runtime.sent import Sent
from liveprofile.streams.transport.record import TopicPartition
from liveprofile.streams.transport.standing import NOWHERE, Standing


@dataclass
class FakeQueue:
    """A partition that loads and moves as a test says."""

    partition: int
    progress: Progress | None = None
    topic: str = "activity"
    stage: Any = field(default_factory=lambda: SimpleNamespace(name="profile"))
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    oldest: Any = None
    reached: int | None = None
    handled: int = 0


@dataclass
class FakeOutbox:
    """Whether Kafka answers, and where partitions end."""

    away: bool = False
    is_silent: bool = False
    """Whether it keeps its connections open and answers nothing."""
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    asked: int = 0
    sent: Sent = field(default_factory=Sent)

    async def answers(self, within_s: float) -> bool:
        self.asked += 1
        return not (self.away or self.is_silent)

    async def end_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        if self.is_silent:
            raise TimeoutError
        return {place: self.ends[place] for place in places if place in self.ends}


@dataclass
class FakeRuntime:
    """What readiness, probes, health and metrics ask a runtime."""

    is_ready: bool = False
    partition_queues: tuple[FakeQueue, ...] = ()
    failed: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    config: Any = field(default_factory=lambda: SimpleNamespace(session_timeout_s=20.0, rebalance_timeout_s=60.0))
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    is_assigned: bool = True
    has_joined: bool = True
    assignments: int = 1
    stages: tuple[Any, ...] = ()
    runs: dict[str, StageRuns] = field(default_factory=dict)
    standings: dict[TopicPartition, Standing] = field(default_factory=dict)

    def fail(self, error: BaseException) -> None:
        self.failed.set_exception(error)

    def standing(self, topic: str, partition: int) -> Standing:
        return self.standings.get((topic, partition), NOWHERE)
