"""Positions and lag on a real broker, against the truth: what of the inputs stands on the output topics, since when.

Every event is the first of its shopper, so each gives a change at once. The broker's times of events and changes tell
afterwards what was waiting at any moment.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.topics_now import records_of
from support.worker import Workers, environment_of

from liveprofile.streams.contract.partition_progress import PartitionProgress, decode_progress
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.positions import Positions, Standing, open_positions

LOOK_EVERY_S = 0.05
LARGEST_ERROR_S = 0.1
LATE_MS = 200
"""By so much a position may be late: a mark waits for 50 ms at most, its publication for 50 ms, and both travel."""

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@dataclass
class Truth:
    """The broker's times, epoch milliseconds, of input records and of the first change that each gave."""

    arrived: dict[str, int]
    said: dict[str, int]
    """By the input record's place, such as clicks/0/17."""

    @classmethod
    async def read(cls, bootstrap: str, topics: Topics) -> "Truth":
        """What stands on the topics."""
        arrived = {
            f"clicks/{one.partition}/{one.offset}": one.timestamp
            async for one in records_of(bootstrap, topics.clicks, topics.partitions)
        }
        said: dict[str, int] = {}
        async for record in records_of(bootstrap, topics.profile_changes, topics.partitions):
            for evidence in orjson.loads(record.value)["evidence"]:
                said.setdefault(evidence["source"], record.timestamp)
        return cls(arrived, said)

    def waiting(self) -> list[tuple[int, int]]:
        """When each event arrived and when it was said, in the order of arrival."""
        never = 1 << 62
        return sorted((ms, self.said.get(place, never)) for place, ms in self.arrived.items())


def lag_s(waiting: list[tuple[int, int]], at_ms: int) -> float:
    """Seconds since the oldest event arrived that gave no change before this moment; 0 if all have."""
    oldest_ms = next((arrived_ms for arrived_ms, said_ms in waiting if said_ms > at_ms), at_ms)
    return max(0, at_ms - oldest_ms) / 1000


def error_s(waiting: list[tuple[int, int]], found: Standing, late_ms: int) -> float:
    """How far a look is from what was true within `late_ms` before it: news of a fold take a moment to be read."""
    return min(abs(found.seconds - lag_s(waiting, found.at_ms - ms)) for ms in range(0, late_ms + 1, 5))


@dataclass
class Looks:
    """What was found all the time, by the name of the phase it was found in."""

    positions: Positions
    phase: str = ""
    found: list[tuple[str, Standing]] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    """How long looks took, and how much later than asked for it woke up: a busy machine tells nothing in time."""

    async def follow(self) -> None:
        """Look until cancelled."""
        while True:
            began = time.monotonic()
            found = await self.positions.look()
            self.found.append((self.phase, found))
            self.late_s.append(time.monotonic() - began)
            left_s = max(0.0, LOOK_EVERY_S - (time.monotonic() - began))
            asked_s = time.monotonic() + left_s
            await asyncio.sleep(left_s)
            self.late_s.append(time.monotonic() - asked_s)


class Shop:
    """An application, and events of shoppers who come for the first time."""

    def __init__(self, bootstrap: str, topics: Topics, model_folder: Path, folder: Path) -> None:
        self.bootstrap, self.topics = bootstrap, topics
        self._numbers = count()
        self.workers = Workers(
            environment_of(bootstrap, topics, model_folder, folder, WORKER__INSTANCE_ID="positions-test"),
            folder,
        )

    async def start(self) -> None:
        self.worker = await asyncio.to_thread(self.workers.start, "ingest,profile")

    async def send(self, seconds: float, rate: float) -> None:
        """Events at a rate; some of them are refused."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=2) as producer:
            began, sent = time.monotonic(), 0
            while (passed := time.monotonic() - began) < seconds:
                while sent < passed * rate:
                    sent += 1
                    number = next(self._numbers)
                    event = {"user_id": f"u-{number}", "item_id": f"i-{number % 50}", "category": "shoes"}
                    key = str(number).encode()
                    await producer.send(self.topics.clicks, orjson.dumps(event), key=key)
                await asyncio.sleep(0.01)

    async def burst(self, events: int) -> None:
        """Many events at once."""
        await self.send(0.2, events / 0.2)

    async def quiet(self) -> None:
        """Wait until everything is folded."""
        deadline = time.monotonic() + 60
        async with open_positions(self.bootstrap, self.topics) as positions:
            while (found := await positions.look()).records:
                assert time.monotonic() < deadline, f"{found.records} records are not folded"
                await asyncio.sleep(0.1)


@pytest.fixture
async def shop(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> AsyncIterator[Shop]:
    opened = Shop(bootstrap, await new_topics(partitions=3), model_folder, tmp_path)
    yield opened
    opened.workers.kill_all()


async def test_the_lag_in_seconds_is_the_truth_to_a_tenth_with_a_stopped_worker_an_idle_topic_and_a_burst(
    shop: Shop,
) -> None:
    await shop.start()
    await shop.send(1.0, 50)
    await shop.quiet()
    async with open_positions(shop.bootstrap, shop.topics) as positions:
        looks = Looks(positions, "steady")
        following = asyncio.create_task(looks.follow())
        await shop.send(4.0, 100)
        await shop.quiet()
        looks.phase = "idle"
        await asyncio.sleep(2.0)
        looks.phase = "burst"
        await shop.burst(2_000)
        await shop.quiet()
        looks.phase = "stopped"
        shop.workers.kill(shop.worker)
        await shop.send(3.0, 100)
        await shop.start()
        await shop.quiet()
        looks.phase = "idle again"
        await asyncio.sleep(1.0)
        assert not following.done(), following.exception()
        following.cancel()
    waiting = (await Truth.read(shop.bootstrap, shop.topics)).waiting()
    slow_s = max(looks.late_s)
    errors: dict[str, list[float]] = {}
    for phase, found in looks.found:
        errors.setdefault(phase, []).append(error_s(waiting, found, LATE_MS + round(1000 * slow_s)))
    for phase, all_of in errors.items():
        print(f"{phase:12} {len(all_of):4} looks  largest error {max(all_of):.3f} s")
    longest = max(found.seconds for _, found in looks.found)
    print(f"longest lag {longest:.2f} s; this process was kept from the processor for {slow_s:.3f} s at most")
    assert longest > 2.0, "the worker was never stopped"
    assert {found.seconds for phase, found in looks.found if phase == "idle"} == {0.0}
    assert max(max(all_of) for all_of in errors.values()) <= LARGEST_ERROR_S + 2 * slow_s


async def test_what_progress_says_is_readable_stays_readable_and_never_falls_through_kill_9(shop: Shop) -> None:
    for pause_s in (0.7, 1.3, 0.2):
        await shop.start()
        sending = asyncio.create_task(shop.send(pause_s + 1.0, 300))
        await asyncio.sleep(pause_s)
        shop.workers.kill(shop.worker)
        await sending
    await shop.start()
    await shop.quiet()
    truth, told = await Truth.read(shop.bootstrap, shop.topics), await progress_of(shop)
    assert len(truth.said) == len(truth.arrived) > 1_000, "some events gave no change, or there were too few"
    homes = await partitions_of_changes(shop)
    by_home: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for place, home in homes.items():
        name, _, offset = place.rpartition("/")
        by_home.setdefault((home, name), []).append((int(offset), truth.said[place]))
    reached: dict[tuple[int, str], int] = {}
    claims = 0
    for number, said_ms, record in told:
        for name, offset in record.inputs.items():
            assert offset >= reached.get((number, name), -1), f"{name} fell in what partition {number} says"
            reached[number, name] = offset
            for event, durable_ms in by_home.get((number, name), ()):
                if event <= offset:
                    claims += 1
                    assert durable_ms <= said_ms, f"{name}/{event} was said to be readable before it was"
    assert claims > 1_000
    ends = {
        name: max(int(p.rpartition("/")[2]) for p in truth.arrived if p.startswith(f"{name}/")) for _, name in by_home
    }
    assert {(number, name): ends[name] for number in range(3) for name in ends} == reached
    assert {record.assignments for _, _, record in told} == {1, 2, 3, 4}


async def progress_of(shop: Shop) -> list[tuple[int, int, PartitionProgress]]:
    """All records of `progress`: partition, the broker's time, what it says."""
    return [
        (int(record.key), record.timestamp, found)
        async for record in records_of(shop.bootstrap, shop.topics.progress, 1)
        if (found := decode_progress(record.value)) is not None
    ]


async def partitions_of_changes(shop: Shop) -> dict[str, int]:
    """The partition of the shopper of every event that gave a change."""
    homes: dict[str, int] = {}
    async for record in records_of(shop.bootstrap, shop.topics.profile_changes, shop.topics.partitions):
        for evidence in orjson.loads(record.value)["evidence"]:
            homes[evidence["source"]] = record.partition
    return homes
