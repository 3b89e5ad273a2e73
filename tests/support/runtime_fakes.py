"""A runtime without Kafka: its stages, its consumer and its app are stand-ins that note what is asked of them."""

import asyncio
from types import SimpleNamespace
from typing import Any

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.transport.record_batch import RecordBatch


class Stage:
    """A stage that writes down what it is asked."""

    def __init__(self, name: str = "ingest", topics: tuple[str, ...] = ("clicks",)) -> None:
        self.name, self.topics = name, topics
        self.written_alone: tuple[str, ...] = ()
        self.calls: list[Any] = []
        self.error: Exception | None = None
        self.hangs = False

    async def start(self, outbox: Any) -> None:
        self.calls.append("start")

    async def handle(self, topic: str, partition: int, batch: Any, ack: Any) -> None:
        self.calls.append(("handle", partition))
        if self.hangs:
            await asyncio.sleep(60)

    async def revoke(self, partitions: Any) -> None:
        self.calls.append(("revoke", sorted(partitions)))
        if self.error:
            raise self.error

    async def stop(self) -> None:
        self.calls.append("stop")
        if self.error:
            raise self.error


class Consumer:
    """Faust's consumer as the runtime uses it."""

    def __init__(self) -> None:
        self.in_group = True
        self.paused: list[Any] = []
        self.resumed: list[Any] = []
        self.settled = 0

    def pause(self, place: Any) -> None:
        self.paused.append(place)

    def resume(self, place: Any) -> None:
        self.resumed.append(place)

    async def wait_empty(self) -> None:
        self.settled += 1

    def give_up(self) -> None:
        """Waits for nobody."""


class App:
    """Faust's app as the runtime uses it."""

    def __init__(self) -> None:
        self.consumer = Consumer()
        self.started = True
        self.stopped = 0

    async def stop(self) -> None:
        self.stopped += 1


class Receipt:
    def __init__(self) -> None:
        self.acks = 0
        self.end = 0
        self.given_up = False

    def ack(self) -> None:
        self.acks += 1


def config(**changed: Any) -> RuntimeConfig:
    return RuntimeConfig("alone", "127.0.0.1:1", partitions={"clicks": 2}, drain_timeout_s=0.5, **changed)


def made(*stages: Stage, **changed: Any) -> Any:
    """A runtime with an app that does nothing."""
    runtime: Any = Runtime(stages or (Stage(),), config(**changed))
    runtime._app = App()
    return runtime


async def assigned(runtime: Any, *places: tuple[str, int]) -> None:
    await runtime._on_assigned(None, [SimpleNamespace(topic=topic, partition=at) for topic, at in places])


def batch(partition: int = 0, topic: str = "clicks") -> RecordBatch:
    return RecordBatch(topic, partition, [], Receipt())  # type: ignore[arg-type]
