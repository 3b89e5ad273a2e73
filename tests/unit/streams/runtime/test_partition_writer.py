"""The partition writer: calls keep their order and share batches; everybody learns how their own records went."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from liveprofile.streams.runtime import partition_writer
from liveprofile.streams.runtime.partition_writer import PartitionWriter
from liveprofile.streams.transport.record import Item

DELIVERED = SimpleNamespace(offset=0, timestamp=1_750_000_000_000, timestamp_type=1)


class Batch:
    """A record batch of at most three records."""

    def __init__(self) -> None:
        self.keys: list[bytes | None] = []

    def append(self, *, key: bytes | None, value: bytes | None, timestamp: int | None, headers: list[Any]) -> Any:
        assert type(headers) is list
        if len(self.keys) == 3:
            return None
        self.keys.append(key)
        return object()

    def record_count(self) -> int:
        return len(self.keys)

    def close(self) -> None: ...


class Producer:
    """Takes a batch at once, and confirms it when a test says so."""

    def __init__(self) -> None:
        self.taken: list[list[bytes | None]] = []
        self.deliveries: list[asyncio.Future[Any]] = []
        self.room = asyncio.Event()
        self.room.set()

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[Any]:
        await self.room.wait()
        return self.take(batch)

    def take(self, batch: Batch) -> asyncio.Future[Any]:
        self.taken.append(batch.keys)
        self.deliveries.append(asyncio.get_running_loop().create_future())
        return self.deliveries[-1]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that the producer has room for are taken without waiting, as aiokafka's accumulator does."""

    def add_at_once(producer: Producer, batch: Batch, topic: str, partition: int) -> asyncio.Future[Any] | None:
        return producer.take(batch) if producer.room.is_set() else None

    monkeypatch.setattr(partition_writer, "add_at_once", add_at_once)


def _items(*keys: str) -> list[Item]:
    return [(key.encode(), b"", ()) for key in keys]


def _writer(producer: Producer) -> PartitionWriter:
    return PartitionWriter(producer, "t", 0)  # type: ignore[arg-type]


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_calls_that_come_while_the_producer_is_busy_go_out_together_in_order() -> None:
    """Three calls, one batch."""
    producer = Producer()
    writer = _writer(producer)
    producer.room.clear()
    first = writer.write(_items("a"))
    await _settle()
    rest = [writer.write(_items(key)) for key in "bcd"]
    await _settle()
    producer.room.set()
    await _settle()
    assert producer.taken == [[b"a"], [b"b", b"c", b"d"]]
    assert not first.done()
    producer.deliveries[0].set_result(DELIVERED)
    await _settle()
    assert [task.done() for task in (first, *rest)] == [True, False, False, False]
    producer.deliveries[1].set_result(DELIVERED)
    await asyncio.gather(first, *rest)


async def test_a_call_over_several_batches_waits_for_all_of_them() -> None:
    """The last one counts as much as the first."""
    producer = Producer()
    call = _writer(producer).write(_items(*"abcde"))
    await _settle()
    assert producer.taken == [[b"a", b"b", b"c"], [b"d", b"e"]]
    producer.deliveries[0].set_result(DELIVERED)
    await _settle()
    assert not call.done()
    producer.deliveries[1].set_result(DELIVERED)
    await call


async def test_a_failure_is_told_to_every_call_of_the_group_and_to_no_other() -> None:
    """Whoever has records in a failed batch, or behind it in the same group, cannot know."""
    producer = Producer()
    writer = _writer(producer)
    early = writer.write(_items("a"))
    await _settle()
    producer.room.clear()
    late = [writer.write(_items(key)) for key in "bc"]
    await _settle()
    producer.room.set()
    await _settle()
    producer.deliveries[0].set_result(DELIVERED)
    producer.deliveries[1].set_exception(ConnectionError("gone"))
    await early
    for call in late:
        with pytest.raises(ConnectionError):
            await call


async def test_a_call_that_is_given_up_does_not_disturb_the_others() -> None:
    """A timeout of one caller is no failure of its neighbours."""
    producer = Producer()
    writer = _writer(producer)
    producer.room.clear()
    calls = [writer.write(_items(key)) for key in "ab"]
    await _settle()
    calls[0].cancel()
    producer.room.set()
    await _settle()
    for delivery in producer.deliveries:
        delivery.set_result(DELIVERED)
    await calls[1]
    assert calls[0].cancelled()
    again = writer.write(_items("c"))
    await _settle()
    producer.deliveries[-1].set_result(DELIVERED)
    await again


async def test_a_call_learns_the_brokers_time_but_never_a_producers() -> None:
    """A producer's time is this machine's own, which may be wrong."""
    producer = Producer()
    writer = _writer(producer)
    told = []
    for kind in (1, 0):
        call = writer.write(_items("a"))
        await _settle()
        producer.deliveries[-1].set_result(SimpleNamespace(offset=0, timestamp=1_750_000_000_000, timestamp_type=kind))
        told.append(await call)
    assert told == [1_750_000_000_000, None]


async def test_every_batch_carries_the_claim_before_it_is_handed_over() -> None:
    """Also the second one of a call: one that went out under the producer's own id could not be refused."""

    class FencingToken:
        def sign(self, batch: Batch, topic: str, partition: int) -> None:
            signed.append((tuple(batch.keys), topic, partition, len(producer.taken)))

    signed: list[tuple[tuple[bytes | None, ...], str, int, int]] = []
    producer = Producer()
    call = PartitionWriter(producer, "t", 3, FencingToken()).write(_items(*"abcd"))  # type: ignore[arg-type]
    await _settle()
    assert signed == [((b"a", b"b", b"c"), "t", 3, 0), ((b"d",), "t", 3, 0)]
    for delivery in producer.deliveries:
        delivery.set_result(DELIVERED)
    await call


async def test_a_batch_that_the_producer_had_no_room_for_is_offered_again() -> None:
    """While a broker is away the batch before waits longer than the producer does."""

    class Full(Producer):
        refusals = 2

        async def send_batch(self, *arguments: Any, **options: Any) -> Any:
            if self.refusals:
                self.refusals -= 1
                raise KafkaTimeoutError
            self.room.set()
            return await super().send_batch(*arguments, **options)

    producer = Full()
    producer.room.clear()
    call = _writer(producer).write(_items("a"))
    await _settle()
    assert producer.taken == [[b"a"]]
    producer.deliveries[0].set_result(DELIVERED)
    await call


async def test_what_is_reached_is_the_highest_offset_that_is_durable_and_none_before_the_first() -> None:
    """A failed or a cancelled batch reaches nothing."""
    producer = Producer()
    writer = _writer(producer)
    assert writer.reached == -1
    reached = []
    for offset in (0, 7, None, 5):
        call = writer.write(_items("a"))
        await _settle()
        if offset is None:
            producer.deliveries[-1].set_exception(ConnectionError("gone"))
        else:
            producer.deliveries[-1].set_result(SimpleNamespace(offset=offset, timestamp=0, timestamp_type=0))
        await asyncio.wait([call])
        assert (call.exception() is None) == (offset is not None)
        reached.append(writer.reached)
    writer.write(_items("b"))
    await _settle()
    producer.deliveries[-1].cancel()
    await _settle()
    assert [*reached, writer.reached] == [0, 7, 7, 7, 7]


async def test_a_call_over_several_batches_learns_the_time_of_its_last_record() -> None:
    """Of three batches, so that the last one is neither the first nor the second."""
    producer = Producer()
    call = _writer(producer).write(_items(*"abcdefg"))
    await _settle()
    for at, delivery in enumerate(producer.deliveries):
        delivery.set_result(SimpleNamespace(offset=3 * at, timestamp=1_000 + at, timestamp_type=1))
    assert len(producer.deliveries) == 3 and await call == 1_002


async def test_a_cancelled_writer_offers_no_more_batches_to_a_producer_without_room() -> None:
    """Without one under way, there is nothing to cancel."""
    producer = Producer()
    writer = _writer(producer)
    writer.cancel()
    producer.room.clear()
    writer.write(_items("a"))
    await _settle()
    writer.cancel()
    producer.room.set()
    await _settle()
    assert producer.taken == []
