"""Profiles on disk: used again after an orderly stop, wiped and rebuilt after a kill or damage, equal to the fold."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support.topics_now import waiting
from support.worker import Workers, environment_of

from liveprofile.models.manifest import Manifest
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.simulator import Simulator
from tests.faults.oracle import examine

EVENTS = 4_000
DRAIN_S = 120.0

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


class Shop:
    """An application whose profiles are in RocksDB, with room for 200 of them in memory."""

    def __init__(self, bootstrap: str, topics: Topics, model_folder: Path, folder: Path) -> None:
        self.bootstrap, self.topics, self.folder = bootstrap, topics, folder
        self._model_folder = model_folder
        self._events = Simulator(seed=11, users=2_000).events()
        self._sent = 0
        self.workers = Workers(
            environment_of(
                bootstrap,
                topics,
                model_folder,
                folder,
                PROFILE__STATE="rocksdb",
                PROFILE__ROWS_IN_MEMORY="200",
                LOG__FORMAT="json",
            ),
            folder,
        )

    async def send(self, count: int = EVENTS) -> None:
        """Write simulated events to the input topics."""
        async with Sender(self.bootstrap, self.topics.inputs) as sender:
            for event in islice(self._events, count):
                sender.add(self.topics.prefix + event.topic, event.key, event.value(), now_ms())
            await sender.send()

    async def drained(self) -> None:
        """Wait until no record of inputs and activity waits."""
        deadline = time.monotonic() + DRAIN_S
        while count := await waiting(self.bootstrap, self.topics):
            assert time.monotonic() < deadline, f"{count} records still wait"
            await asyncio.sleep(0.2)

    async def check(self) -> None:
        """Profiles and facts on Kafka are those of the offline fold."""
        verdict = await examine(self.bootstrap, self.topics, Manifest.load(self._model_folder).model_id)
        assert verdict.notes["profiles"] > 400, "too few profiles to show anything"
        assert not any(verdict.violations.values()), verdict.words

    def log(self) -> list[dict[str, Any]]:
        """What the worker that was started last has logged."""
        file = self.folder / f"worker-{len(self.workers.running) - 1}.log"
        return [json.loads(line) for line in file.read_text().splitlines() if line.startswith("{")]

    def loaded(self) -> list[dict[str, Any]]:
        """From where the last worker loaded its partitions."""
        return [line for line in self.log() if line["event"] == "profiles loaded"]

    def wiped(self) -> list[str]:
        """Why the last worker wiped what was on disk."""
        return [line["problem"] for line in self.log() if line["event"] == "local state wiped"]

    def databases(self) -> list[Path]:
        """The folders of all databases."""
        return sorted((self.folder / "state" / self.topics.group).glob("*/db"))


@pytest.fixture
async def shop(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> AsyncIterator[Shop]:
    """Two partitions of everything."""
    opened = Shop(bootstrap, await new_topics(partitions=2), model_folder, tmp_path)
    yield opened
    opened.workers.kill_all()


async def test_after_an_orderly_stop_only_the_tail_is_read(shop: Shop) -> None:
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    again = await asyncio.to_thread(shop.workers.start)
    assert shop.wiped() == []
    assert all(line["from_offset"] > 100 and line["records"] < 10 for line in shop.loaded())
    await shop.send()
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, again)
    await shop.check()


async def test_after_kill_9_the_local_state_is_wiped_and_rebuilt(shop: Shop) -> None:
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    shop.workers.kill(worker)
    again = await asyncio.to_thread(shop.workers.start)
    assert shop.wiped() == ["the worker that used it did not stop in order"] * 2
    assert all(line["from_offset"] == 0 and line["records"] > 100 for line in shop.loaded())
    await shop.send()
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, again)
    await shop.check()


async def test_a_damaged_database_is_wiped_and_rebuilt(shop: Shop) -> None:
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    for database in shop.databases():
        table = next(database.glob("*.sst"))
        content = bytearray(table.read_bytes())
        content[len(content) // 3] ^= 1
        table.write_bytes(content)
    again = await asyncio.to_thread(shop.workers.start)
    assert ["checksum mismatch" in problem for problem in shop.wiped()] == [True, True]
    assert all(line["from_offset"] == 0 for line in shop.loaded()[-2:])
    await shop.send()
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, again)
    await shop.check()


async def test_workers_of_one_machine_take_over_from_each_others_disk(shop: Shop) -> None:
    await shop.send()
    first = await asyncio.to_thread(shop.workers.start)
    await shop.drained()
    second = await asyncio.to_thread(shop.workers.start)
    assert shop.wiped() == []
    assert all(line["from_offset"] > 100 for line in shop.loaded())
    await shop.send()
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, first)
    await asyncio.to_thread(shop.workers.stop, second)
    await shop.check()
