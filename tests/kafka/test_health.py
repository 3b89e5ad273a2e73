"""Health on a real broker: work that stands still is found out, and lag is what it is."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.probes import probes
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.runtime.stage import Ack, Outbox
from liveprofile.streams.transport.record import Record, TopicPartition

pytestmark = pytest.mark.kafka

STALL_S = 4.0


class Gated:
    """A stage that processes when the gate is open."""

    name = "ingest"

    def __init__(self, topic: str) -> None:
        self.topics = (topic,)
        self.gate = asyncio.Event()
        self.seen = 0

    async def start(self, outbox: Outbox) -> None: ...

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        await self.gate.wait()
        self.seen += len(batch)
        ack()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None: ...

    async def stop(self) -> None: ...


async def livez(port: int) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/livez") as answer:
        return answer.status, await answer.json()


async def lag(port: int, unit: str) -> list[float]:
    """The lag of each partition."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        text = await answer.text()
    name = f"liveprofile_consumer_lag_{unit}"
    return [one.value for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - it is asked for in between
            await asyncio.sleep(0.1)


async def test_a_batch_that_never_ends_is_not_alive_and_its_lag_is_the_age_of_its_first_record(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], outbox: KafkaOutbox
) -> None:
    topics, port = await new_topics(partitions=1), free_port()
    stage = Gated(topics.clicks)
    runtime = Runtime([stage], RuntimeConfig(topics.group, bootstrap))
    async with probes(runtime, "127.0.0.1", port, stall_s=STALL_S), runtime:
        await runtime.ready()
        assert (await lag(port, "records"), await lag(port, "seconds")) == ([0.0], [0.0])
        arrived_ms = await outbox.send(topics.clicks, 0, [(None, b"1", ())])
        assert arrived_ms is not None
        await outbox.send(topics.clicks, 0, [(None, b"2", ()), (None, b"3", ())])

        async def all_fetched() -> bool:
            return await lag(port, "records") == [3.0]

        await until(all_fetched)
        before_s = time.time() - arrived_ms / 1000
        (measured_s,) = await lag(port, "seconds")
        assert before_s - 0.1 <= measured_s <= time.time() - arrived_ms / 1000 + 0.1
        assert await livez(port) == (200, {"alive": True})

        async def dead() -> bool:
            return (await livez(port))[0] == 503

        await until(dead)
        (stall,) = (await livez(port))[1]["stalled"]
        assert (stall["why"], stall["topic"], stall["partition"]) == ("a batch does not end", topics.clicks, 0)
        stage.gate.set()

        async def alive() -> bool:
            return (await livez(port))[0] == 200

        await until(alive)
        assert (stage.seen, await lag(port, "records"), await lag(port, "seconds")) == (3, [0.0], [0.0])


async def test_the_marker_of_a_producers_transaction_is_no_lag(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    """It has an offset, and no stage ever gets it: a worker must not be restarted for it."""
    topics, port = await new_topics(partitions=1), free_port()
    stage = Gated(topics.clicks)
    stage.gate.set()
    runtime = Runtime([stage], RuntimeConfig(topics.group, bootstrap))
    async with probes(runtime, "127.0.0.1", port, stall_s=STALL_S), runtime:
        await runtime.ready()
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{topics.app_id}-of-the-shop")
        await producer.start()
        try:
            async with producer.transaction():
                await producer.send_and_wait(topics.clicks, b"1", partition=0)
        finally:
            await producer.stop()

        async def processed() -> bool:
            return stage.seen == 1

        await until(processed)
        await asyncio.sleep(STALL_S + 2)
        assert await livez(port) == (200, {"alive": True})
        assert await lag(port, "records") == [0.0]
