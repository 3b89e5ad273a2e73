"""What the transport's tests share: topics, a counting stage, worker processes that end with the test."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from support.secured.suite import startup_path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))  # `counting` is imported by the tests and run as a worker process

from counting import Place, make_topics  # noqa: E402  after the path is known


@pytest.fixture
async def place(bootstrap: str) -> Place:
    """Input, state and fact topics that no other test has, four partitions each."""
    place = Place(f"t{uuid.uuid4().hex[:10]}", bootstrap, partitions=4)
    await make_topics(place)
    return place


@pytest.fixture
def start_worker(place: Place, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts counting workers as processes of their own: `start_worker("--slow-s", "0.01")`; ends them afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str, log: str = "worker") -> subprocess.Popen[bytes]:
        with (tmp_path / f"{log}.log").open("ab") as output:
            worker = subprocess.Popen(
                [sys.executable, str(HERE / "counting.py"), place.app_id, place.bootstrap, *options],
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": startup_path()},
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.kill()
        worker.wait()
    for log in sorted(tmp_path.glob("*.log")):
        print(f"--- {log.name}\n{log.read_text()[-6000:]}")


@pytest.fixture
def committed(place: Place) -> Callable[[], Awaitable[dict[int, int]]]:
    """The group's committed offset per input partition; 0 where nothing was committed."""

    async def ask() -> dict[int, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=place.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(place.app_id)
        except GroupCoordinatorNotAvailableError:
            offsets = {}  # a broker that has just started, and has no groups yet
        finally:
            await admin.close()
        found = {tp.partition: meta.offset for tp, meta in offsets.items() if tp.topic == place.input}
        return {partition: max(0, found.get(partition, 0)) for partition in range(place.partitions)}

    return ask


@pytest.fixture
def end_offsets(place: Place) -> Callable[[], Awaitable[dict[int, int]]]:
    """The end of every input partition."""

    async def ask() -> dict[int, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=place.bootstrap)
        await consumer.start()
        try:
            wanted = [TopicPartition(place.input, partition) for partition in range(place.partitions)]
            return {tp.partition: end for tp, end in (await consumer.end_offsets(wanted)).items()}
        finally:
            await consumer.stop()

    return ask


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Waits for a condition: `await until(lambda: stage.applied == 100)`; fails after `within_s`."""

    async def wait(condition: Callable[[], bool | Awaitable[bool]], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while True:
                held = condition()
                if await held if isinstance(held, Awaitable) else held:
                    return
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def exit_code() -> Callable[..., Awaitable[int]]:
    """Waits for a worker process to end, and gives its exit code."""

    async def wait(worker: subprocess.Popen[bytes], within_s: float = 60.0) -> int:
        async with asyncio.timeout(within_s):
            return await asyncio.to_thread(worker.wait, within_s)

    return wait
