"""Delivery: whole runs, in order, once; full lanes pause; commits follow acks and nothing else."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence

import pytest
from counting import Place, produce

from liveprofile.streams.errors import NoKafkaError, SetupError
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.runtime.stage import Ack, Outbox
from liveprofile.streams.transport.record import Record, TopicPartition

pytestmark = pytest.mark.kafka


class KeepingStage:
    """Keeps what it is given, and the acks too, until a test gives them."""

    name = "keep"

    def __init__(self, place: Place, *, ack_at_once: bool = True) -> None:
        self.topics = (place.input,)
        self.offsets: dict[int, list[int]] = defaultdict(list)
        self.runs: list[tuple[int, int, int, Ack]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.revoked: list[TopicPartition] = []
        self.ack_on_revoke = False
        self.stopped = False
        self._ack_at_once = ack_at_once

    @property
    def received(self) -> int:
        return sum(len(offsets) for offsets in self.offsets.values())

    async def start(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        await self.gate.wait()
        self.offsets[partition].extend(record.offset for record in run)
        self.runs.append((partition, run[0].offset, run[-1].offset + 1, ack))
        if self._ack_at_once:
            ack()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        self.revoked.extend(partitions)
        if self.ack_on_revoke:
            for _, _, _, ack in self.runs:
                ack()

    async def stop(self) -> None:
        self.stopped = True


async def test_every_record_arrives_once_and_in_order_in_whole_runs(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    """Nothing is lost or repeated within an assignment, and a run is many records, not one."""
    await produce(place, 5_000)
    stage = KeepingStage(place)
    async with Runtime([stage], place.config()) as runtime:
        await runtime.ready()
        await until(lambda: stage.received == 20_000)
    assert all(offsets == list(range(5_000)) for offsets in stage.offsets.values())
    assert len(stage.runs) < 400


async def test_everything_acked_is_committed_when_the_runtime_is_left(
    place: Place, until: Callable[..., Awaitable[None]], committed: Callable[[], Awaitable[dict[int, int]]]
) -> None:
    """The last commit does not wait for the commit interval."""
    await produce(place, 100)
    stage = KeepingStage(place)
    async with Runtime([stage], place.config(commit_every_s=60.0)) as runtime:
        await runtime.ready()
        await until(lambda: stage.received == 400)
    assert await committed() == dict.fromkeys(range(4), 100)
    assert sorted(stage.revoked) == [(place.input, partition) for partition in range(4)]
    assert stage.stopped


async def test_nothing_is_committed_past_a_run_that_is_not_acked(
    place: Place, until: Callable[..., Awaitable[None]], committed: Callable[[], Awaitable[dict[int, int]]]
) -> None:
    """Acks out of order hold the commit back at the first open run, and release it together."""
    await produce(place, 100)
    stage = KeepingStage(place, ack_at_once=False)
    async with Runtime([stage], place.config(max_batch_records=10)) as runtime:
        await runtime.ready()
        await until(lambda: stage.received == 400)
        mine = [(end, ack) for partition, _, end, ack in stage.runs if partition == 1]
        for _, ack in mine[:2] + mine[3:]:
            ack()
        await until(lambda: _is(committed, 1, mine[1][0]))
        await asyncio.sleep(1.0)
        assert (await committed())[1] == mine[1][0]
        mine[2][1]()
        await until(lambda: _is(committed, 1, 100))
        assert (await committed())[0] == 0


async def _is(committed: Callable[[], Awaitable[dict[int, int]]], partition: int, offset: int) -> bool:
    return (await committed())[partition] == offset


async def test_a_full_lane_pauses_its_partition_and_resumes_without_losing_order(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    """While a stage stands still only a few runs wait in memory; afterwards all records come, in order."""
    await produce(place, 5_000)
    stage = KeepingStage(place)
    stage.gate.clear()
    async with Runtime([stage], place.config(max_batch_records=100)) as runtime:
        await runtime.ready()
        await until(lambda: len(runtime._app.consumer._full) == 4)
        await asyncio.sleep(0.5)
        ledgers = runtime._app.consumer.ledgers.values()
        assert [ledger.open_batches for ledger in ledgers] == [3] * 4  # one in hand and two waiting
        stage.gate.set()
        await until(lambda: stage.received == 20_000)
    assert all(offsets == list(range(5_000)) for offsets in stage.offsets.values())


async def test_one_partition_that_stands_still_does_not_stop_the_others(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    """Three partitions go on at full speed while the fourth is paused."""

    class OneStuck(KeepingStage):
        async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
            if partition == 2:
                await stuck.wait()
            await super().handle(topic, partition, run, ack)

    stuck = asyncio.Event()
    await produce(place, 5_000)
    stage = OneStuck(place)
    async with Runtime([stage], place.config(max_batch_records=100)) as runtime:
        await runtime.ready()
        await until(lambda: stage.received == 15_000)
        stuck.set()
        await until(lambda: stage.received == 20_000)


async def test_runs_that_wait_are_dropped_at_a_stop_and_come_again(
    place: Place, until: Callable[..., Awaitable[None]], committed: Callable[[], Awaitable[dict[int, int]]]
) -> None:
    """A stop finishes the run in hand only: what waited was never acked, and the next worker gets it."""
    await produce(place, 1_000)
    first = KeepingStage(place)
    first.gate.clear()
    async with Runtime([first], place.config(max_batch_records=100)) as runtime:
        await runtime.ready()
        await until(lambda: len(runtime._app.consumer._full) == 4)
        asyncio.get_running_loop().call_later(0.2, first.gate.set)
    assert await committed() == dict.fromkeys(range(4), 100)
    second = KeepingStage(place)
    async with Runtime([second], place.config()) as runtime:
        await until(lambda: second.received == 3_600)
    assert all(offsets == list(range(100, 1_000)) for offsets in second.offsets.values())


async def test_a_failing_stage_stops_the_runtime_and_acks_nothing(
    place: Place, until: Callable[..., Awaitable[None]], committed: Callable[[], Awaitable[dict[int, int]]]
) -> None:
    """The error comes out with the place where it happened; there is no final checkpoint, and nothing is committed."""

    class Failing(KeepingStage):
        async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
            raise ValueError("cannot fold this")

    await produce(place, 10)
    stage = Failing(place)
    with pytest.raises(ValueError, match="cannot fold this") as caught:
        async with Runtime([stage], place.config()) as runtime:
            await asyncio.wait((runtime.failed,), timeout=10)
    assert "stage keep" in caught.value.__notes__[0]
    assert stage.revoked == []
    assert stage.stopped
    assert await committed() == dict.fromkeys(range(4), 0)


async def test_a_missing_topic_or_another_partition_count_refuses_to_start(place: Place) -> None:
    """Both are said before anything is consumed."""
    stage = KeepingStage(place)
    stage.topics = ("no-such-topic",)
    with pytest.raises(SetupError, match="'no-such-topic' does not exist"):
        async with Runtime([stage], place.config()):
            pass
    with pytest.raises(SetupError, match=f"{place.facts!r} has 4 partitions, this application was set up with 8"):
        async with Runtime([KeepingStage(place)], place.config(partitions={place.facts: 8})):  # type: ignore[arg-type]
            pass


async def test_a_kafka_that_does_not_answer_is_named(place: Place) -> None:
    """The error says which address, and what to do."""
    away = Place(place.app_id, "127.0.0.1:9")
    with pytest.raises(NoKafkaError, match=r"No Kafka answers at 127\.0\.0\.1:9.*broker start"):
        async with Runtime([KeepingStage(away)], away.config()):
            pass
