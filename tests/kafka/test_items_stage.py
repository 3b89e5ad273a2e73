"""Items on a real broker: killed and restarted, what is known of them is what the offline fold of the log knows."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from support.topics_now import latest, waiting
from support.worker import Workers, environment_of

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.items.event import encode_pairs, home_of
from liveprofile.profiles.items.fold import ItemFold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Kind, decode_heads
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.settings import Settings
from liveprofile.streams.simulator.simulator import Simulator

EVENTS = 3_000
DRAIN_S = 120.0
HALF_LIFE_S = Settings().items.half_life_s

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


class Shop:
    """An application that counts its items, and its events."""

    def __init__(self, bootstrap: str, topics: Topics, model_folder: Path, folder: Path) -> None:
        self.bootstrap, self.topics = bootstrap, topics
        self._events = Simulator(seed=5, users=300).events()
        self.workers = Workers(
            environment_of(bootstrap, topics, model_folder, folder, ITEMS__CHECKPOINT_S="0.3"),
            folder,
        )

    async def send(self, count: int = EVENTS) -> None:
        """Write simulated events to the input topics."""
        async with Sender(self.bootstrap, self.topics.inputs) as sender:
            for event in islice(self._events, count):
                sender.add(self.topics.prefix + event.topic, event.key, event.value(), now_ms())
            await sender.send()

    async def drained(self) -> None:
        """Wait until no record of inputs, activity and item events waits."""
        deadline = time.monotonic() + DRAIN_S
        while count := await waiting(self.bootstrap, self.topics, self.topics.item_events):
            assert time.monotonic() < deadline, f"{count} records still wait"
            await asyncio.sleep(0.2)

    async def command(self, *words: str) -> Any:
        """What `liveprofile` prints as JSON."""
        environment = os.environ | self.workers.environment
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "liveprofile", *words, "--json"), env=environment, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return orjson.loads(printed)

    async def log(self, topic: str, partition: int) -> list[tuple[bytes | None, bytes | None]]:
        """Key and value of all records of a partition."""
        found: list[tuple[bytes | None, bytes | None]] = []
        async for records in read_partition(self.bootstrap, topic, partition):
            found += [(key, value) for key, value, _ in records]
        return found


@pytest.fixture
async def shop(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> AsyncIterator[Shop]:
    """Two partitions of everything."""
    opened = Shop(bootstrap, await new_topics(partitions=2), model_folder, tmp_path)
    yield opened
    opened.workers.kill_all()


async def test_items_survive_kill_9_to_the_byte_and_count_every_pair_once(shop: Shop) -> None:
    for pause_s in (0.5, 1.1):
        await shop.send()
        worker = await asyncio.to_thread(shop.workers.start, "ingest,profile,items")
        await asyncio.sleep(pause_s)
        shop.workers.kill(worker)
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start, "ingest,profile,items")
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    popularity: dict[int, float] = {}
    for partition in range(shop.topics.partitions):
        popularity |= await check_against_log(shop, partition)
    assert len(popularity) > 500, "too few items to show anything"
    expected = await popularity_of_activity(shop)
    assert popularity.keys() == expected.keys()
    assert max(abs(popularity[item] - weight) / weight for item, weight in expected.items()) < 1e-4


async def test_items_are_recommended_and_alike_shoppers_found(shop: Shop) -> None:
    await shop.send()
    worker = await asyncio.to_thread(shop.workers.start, "ingest,profile,items")
    await shop.drained()
    await asyncio.to_thread(shop.workers.stop, worker)
    profiles = await latest(shop.bootstrap, shop.topics.profiles, 0)
    busiest = max(profiles.values(), key=lambda value: orjson.loads(value)["events"]["total"])
    profile_id = orjson.loads(busiest)["profile_id"]
    found = await shop.command("recommend", profile_id, "-n", "5")
    assert len(found) == 5
    assert all(one["title"] and one["price"] > 0 for one in found)
    assert {one["reason"]["kind"] for one in found} <= {"interest", "together", "popular"}
    known = {slot["topic"] for slot in orjson.loads(busiest)["slots"]}
    assert known & {one["category"] for one in found}
    alike = await shop.command("similar", profile_id, "-n", "3")
    assert len(alike) == 3
    assert alike[0]["likeness"] > 0.3
    assert profile_id not in {one["profile_id"] for one in alike}


async def check_against_log(shop: Shop, partition: int) -> dict[int, float]:
    """What stands on the topics is what the offline fold of the item events writes; gives the popularity of items."""
    values = [value for _, value in await shop.log(shop.topics.item_events, partition)]
    fold = ItemFold(HALF_LIFE_S)
    fold.apply(values, range(len(values)))
    items, neighbours, cursor = fold.checkpoint()
    assert await latest(shop.bootstrap, shop.topics.items, partition) == dict(items)
    assert await latest(shop.bootstrap, shop.topics.item_neighbours, partition) == dict(neighbours)
    assert await latest(shop.bootstrap, shop.topics.item_cursors, partition) == {b"cursor": cursor}
    assert {home_of(int(key, 16), shop.topics.partitions) for key, _ in items} == {partition}
    assert all(orjson.loads(value)["title"] for _, value in items)
    return {int(key, 16): orjson.loads(value)["popularity"] for key, value in neighbours}


async def popularity_of_activity(shop: Shop) -> dict[int, float]:
    """What the offline fold of `activity`, which knows no crash, makes popular."""
    items = [ItemFold(HALF_LIFE_S) for _ in range(shop.topics.partitions)]
    for partition in range(shop.topics.partitions):
        keys, values = zip(*await shop.log(shop.topics.activity, partition), strict=True)
        assert (decode_heads(values, Policy().dims)["kind"] == Kind.EVENT).sum() > EVENTS // 2
        pairs = np.concatenate(Fold(Policy(), None, partition).apply(keys, values, range(len(keys))).pairs)
        for target, records in encode_pairs(pairs, partition, len(items)).items():
            items[target].apply(records, [1_000 * partition + at for at in range(len(records))])
    rows = np.concatenate([fold.rows[: len(fold)] for fold in items])
    return dict(zip(rows["item"].tolist(), rows["popularity"].tolist(), strict=True))
