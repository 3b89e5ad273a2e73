"""The negative control: what stock Faust loses and counts twice; a harness that sees none is blind.

F1 makes it count twice, F17 makes it lose. F5 is not here: a stock worker that outlives its broker's kill tries again
until the broker is back, and counts right (three runs, away for 10 to 20 s).
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from liveprofile.streams.broker import Broker
from liveprofile.streams.runtime.partition_state import read_partition

EVENTS, CHANGELOG, GROUP = "events", "stock-counts-changelog", "stock"
PARTITIONS = 4
USERS = 5_000
PER_S = 800
"""Well under what stock Faust takes, so that it is never far behind when the fault comes."""
DRAIN_S = 90.0
RESTART_S = 1.0
"""What a supervisor waits before it starts a worker again."""


@dataclass
class StockShop:
    """A broker, a paced stream of events, and one stock worker that a supervisor starts again whenever it ends."""

    folder: Path
    broker: Broker
    probability: random.Random
    store: str = "memory://"
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    wanted: bool = True

    async def supervise(self) -> None:
        """Keep one worker running, as systemd or Kubernetes would."""
        environment = os.environ | {
            "STOCK_BOOTSTRAP": self.broker.bootstrap,
            "STOCK_FOLDER": str(self.folder / "stock"),
            "STOCK_PARTITIONS": str(PARTITIONS),
            "STOCK_STORE": self.store,
        }
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[3])
        command = [sys.executable, "-m", "tests.faults.stock.worker", "worker", "--loglevel", "info"]
        while self.wanted:
            worker = _start(command, environment, self.folder / f"worker-{len(self.workers)}.log")
            self.workers.append(worker)
            await asyncio.to_thread(worker.wait)
            await asyncio.sleep(RESTART_S)

    async def end_worker(self, how: signal.Signals) -> None:
        """Kill or stop the worker of now; the supervisor starts the next."""
        worker = self.workers[-1]
        worker.send_signal(how)
        try:
            await asyncio.wait_for(asyncio.to_thread(worker.wait), 60)
        except TimeoutError:
            worker.kill()

    async def supply(self, seconds: float) -> None:
        """Events of random shoppers at an even pace; whatever the broker took is what counts."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all", linger_ms=20)
        await producer.start()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while loop.time() < end:
                for _ in range(PER_S // 20):
                    user = b"u%d" % self.probability.randrange(USERS)
                    await producer.send(EVENTS, b'"clicked"', user)
                await asyncio.sleep(0.05)
        finally:
            await producer.stop()

    async def produced(self) -> Counter[str]:
        """The truth: events per shopper as they stand in the input topic."""
        found: Counter[str] = Counter()
        for partition in range(PARTITIONS):
            async for records in read_partition(self.broker.bootstrap, EVENTS, partition):
                found.update(key.decode() for key, _, _ in records if key)
        return found

    async def counted(self) -> Counter[str]:
        """What the application knows: its table as a new worker would recover it from the changelog."""
        found: dict[str, int] = {}
        for partition in range(PARTITIONS):
            async for records in read_partition(self.broker.bootstrap, CHANGELOG, partition):
                found.update((orjson.loads(key), orjson.loads(value)) for key, value, _ in records if key and value)
        return Counter(found)

    async def drain(self) -> None:
        """Wait until everything is committed. TimeoutError if the application stands still."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.broker.bootstrap, group_id=None)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.bootstrap)
        places = [TopicPartition(EVENTS, partition) for partition in range(PARTITIONS)]
        await consumer.start()
        await admin.start()
        try:
            ends = await consumer.end_offsets(places)
            async with asyncio.timeout(DRAIN_S):
                while True:
                    offsets = await admin.list_consumer_group_offsets(GROUP)
                    if all(place in offsets and offsets[place].offset >= end for place, end in ends.items()):
                        return
                    await asyncio.sleep(0.2)
        finally:
            await consumer.stop()
            await admin.close()

    async def refuse(self, refused: bool) -> None:
        """The broker takes, or takes no more, writes to the changelog: every record is larger than the topic allows."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.bootstrap)
        await admin.start()
        try:
            wanted = {"max.message.bytes": "1" if refused else "1048588", "cleanup.policy": "compact"}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, CHANGELOG, configs=wanted)])
        finally:
            await admin.close()


Harm = Callable[[StockShop], Awaitable[None]]


async def worker_killed(shop: StockShop) -> None:
    """F1: the worker is killed (kill -9), twice."""
    for _ in range(2):
        await asyncio.sleep(shop.probability.uniform(14, 17))
        await shop.end_worker(signal.SIGKILL)


async def delivery_refused(shop: StockShop) -> None:
    """F17: the broker refuses writes to the changelog for 8 s; then the worker is restarted (SIGTERM)."""
    await asyncio.sleep(15)
    await shop.refuse(True)
    await asyncio.sleep(8)
    await shop.refuse(False)
    await shop.end_worker(signal.SIGTERM)


CONTROLS: dict[str, tuple[Harm, float]] = {
    "control-F1": (worker_killed, 40.0),
    "control-F17": (delivery_refused, 25.0),
}
"""The harm, and for how many seconds there is traffic."""


def run_control(fault: str, seed: int) -> dict[str, Any]:
    """One fault against stock Faust. `ok` says that it showed: that this harness can see loss and doubles."""
    return asyncio.run(_run(fault, seed))


async def _run(fault: str, seed: int) -> dict[str, Any]:
    harm, seconds = CONTROLS[fault]
    async with _open(seed) as shop:
        supervisor = asyncio.create_task(shop.supervise())
        await asyncio.gather(shop.supply(seconds), harm(shop))
        note = ""
        try:
            await shop.drain()
        except (TimeoutError, KafkaError) as error:
            note = f"the application stood still for {DRAIN_S:.0f} s ({type(error).__name__})"
        shop.wanted = False
        await shop.end_worker(signal.SIGTERM)
        await supervisor
        produced, counted = await shop.produced(), await shop.counted()
        lost, double = produced - counted, counted - produced
        return {
            "fault": fault,
            "title": (harm.__doc__ or "").partition(": ")[2].strip(" ."),
            "seed": seed,
            "events": produced.total(),
            "workers": len(shop.workers),
            "lost": lost.total(),
            "double": double.total(),
            "note": note,
            "ok": bool(lost or double),
        }


@asynccontextmanager
async def _open(seed: int) -> AsyncIterator[StockShop]:
    """A broker with both topics; at the end nothing is left."""
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "broker") as broker:
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        try:
            compacted = {"cleanup.policy": "compact"}
            changelog = NewTopic(CHANGELOG, PARTITIONS, 1, topic_configs=compacted)
            await admin.create_topics([NewTopic(EVENTS, PARTITIONS, 1), changelog])
        finally:
            await admin.close()
        shop = StockShop(Path(folder), broker, random.Random(seed))
        try:
            yield shop
        finally:
            shop.wanted = False
            for worker in shop.workers:
                if worker.poll() is None:
                    worker.kill()
                    worker.wait()


def _start(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)
