"""The outbox and the reading of state: durable batches in order, clear errors, whole partitions back."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from counting import Place

from liveprofile.streams.broker import Broker
from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox
from liveprofile.streams.runtime.partition_state import StateReadError, UnreachableStateError, read_partition
from liveprofile.streams.runtime.record_size import OversizeError
from liveprofile.streams.transport.record import Item

pytestmark = pytest.mark.kafka


async def _read(place: Place, topic: str, partition: int) -> list[tuple[bytes | None, bytes | None, int]]:
    found = []
    async for records in read_partition(place.bootstrap, topic, partition):
        found += records
    return found


async def test_items_are_durable_in_order_when_send_returns(place: Place) -> None:
    """Over several batches, and several partitions side by side."""
    items: list[Item] = [(b"k%d" % n, b"v" * 200, []) for n in range(10_000)]
    async with KafkaOutbox(place.bootstrap) as outbox:
        await asyncio.gather(*(outbox.send(place.facts, p, items) for p in range(4)))
        assert outbox.partitions(place.facts) == 4
        for partition in range(4):
            found = await _read(place, place.facts, partition)
            assert [key for key, _, _ in found] == [key for key, _, _ in items]


async def test_headers_tombstones_and_records_without_a_key_arrive_as_they_are(place: Place) -> None:
    """Headers carry the CloudEvents attributes, tombstones the erasures."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        await outbox.send(place.facts, 1, [(b"a", None, []), (None, b"x", [("ce_id", b"1"), ("ce_type", b"t")])])
    consumer = AIOKafkaConsumer(bootstrap_servers=place.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(place.facts, 1)])
        await consumer.seek_to_beginning()
        first, second = await consumer.getone(), await consumer.getone()
    finally:
        await consumer.stop()
    assert (first.key, first.value, first.headers) == (b"a", None, ())
    assert (second.key, second.value) == (None, b"x")
    assert second.headers == (("ce_id", b"1"), ("ce_type", b"t"))
    assert abs(second.timestamp / 1000 - time.time()) < 60


async def test_a_record_over_the_limit_is_refused_before_anything_is_sent(place: Place) -> None:
    """Also when it is the last of many; a record just under the limit goes through the broker's own limit."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        with pytest.raises(OversizeError) as caught:
            await outbox.send(place.facts, 0, [(b"small", b"x", []), (b"large", b"x" * 1_000_001, [])])
        assert caught.value.key == b"large"
        assert await _read(place, place.facts, 0) == []
        await outbox.send(place.facts, 0, [(b"fits", b"x" * 999_000, [("h", b"1" * 100)])])
        assert len(await _read(place, place.facts, 0)) == 1


async def test_sending_nothing_is_nothing(place: Place) -> None:
    """No empty batch, no round trip."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        await outbox.send(place.facts, 0, [])


async def _with_facts(broker: Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("facts", 1, 1)])
    await admin.close()


async def test_records_for_a_broker_that_has_gone_wait_for_it_and_arrive_once(tmp_path: Path) -> None:
    """Time without a broker does not count: nobody could take them elsewhere."""
    with Broker(tmp_path) as broker:
        await _with_facts(broker)
        async with KafkaOutbox(broker.bootstrap, delivery_timeout_s=1.0) as outbox:
            await outbox.send("facts", 0, [(b"before", b"v", [])])
            await asyncio.to_thread(broker.stop)
            waiting = asyncio.create_task(outbox.send("facts", 0, [(b"meanwhile", b"v", [])]))
            await asyncio.sleep(4)
            assert not waiting.done()
            assert outbox.away
            await asyncio.to_thread(broker.start)
            await asyncio.wait_for(waiting, 60)
            assert not outbox.away
        keys = [key async for records in read_partition(broker.bootstrap, "facts", 0) for key, _, _ in records]
        assert keys == [b"before", b"meanwhile"]


async def test_an_outbox_is_left_within_seconds_while_its_broker_has_gone(tmp_path: Path) -> None:
    with Broker(tmp_path) as broker:
        await _with_facts(broker)
        async with KafkaOutbox(broker.bootstrap) as outbox:
            await outbox.send("facts", 0, [(b"k", b"v", [])])
            await asyncio.to_thread(broker.kill)
            waiting = asyncio.create_task(outbox.send("facts", 0, [(b"k", b"v", [])]))
            await asyncio.sleep(2)
            outbox.give_up()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 4
        waiting.cancel()


async def test_records_for_a_broker_that_stands_still_are_a_delivery_error(tmp_path: Path) -> None:
    """They may or may not have arrived: that is said, with what must happen now."""
    with Broker(tmp_path) as broker:
        await _with_facts(broker)
        running = broker.running()
        assert running is not None
        async with KafkaOutbox(broker.bootstrap, delivery_timeout_s=2.0) as outbox:
            await outbox.send("facts", 0, [(b"k", b"v", [])])
            os.kill(running.pid, signal.SIGSTOP)
            try:
                with pytest.raises(DeliveryError, match=r"1 records for facts/0 may not be in Kafka.*must stop"):
                    await outbox.send("facts", 0, [(b"k", b"v", [])])
                assert not await outbox.answers(0.5)
            finally:
                os.kill(running.pid, signal.SIGCONT)


async def test_a_partition_that_does_not_exist_is_a_delivery_error(place: Place) -> None:
    """The error says how many there are."""
    async with KafkaOutbox(place.bootstrap, delivery_timeout_s=1.0) as outbox:
        with pytest.raises(DeliveryError, match=r"-facts has 4 partitions, so there is no partition 99"):
            await outbox.send(place.facts, 99, [(b"k", b"v", [])])


async def test_a_topic_that_does_not_exist_is_counted_as_none(place: Place) -> None:
    """And asked for directly it is an error that says so."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        assert await outbox.partition_counts([place.facts, "no-such"]) == {place.facts: 4, "no-such": 0}
        with pytest.raises(LookupError, match="'no-such' does not exist"):
            outbox.partitions("no-such")


async def test_a_partition_is_read_from_any_offset_up_to_its_end_at_the_start(place: Place) -> None:
    """Records written while it is read are not waited for."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        await outbox.send(place.state, 2, [(b"k%d" % n, b"v", []) for n in range(100)])
        offsets = [
            offset
            async for records in read_partition(place.bootstrap, place.state, 2, start_offset=90)
            for _, _, offset in records
        ]
        assert offsets == list(range(90, 100))
        async for _ in read_partition(place.bootstrap, place.state, 2):
            await outbox.send(place.state, 2, [(b"late", b"v", [])])
    assert len(await _read(place, place.state, 2)) == 101


async def test_an_empty_partition_has_no_state_and_a_missing_one_is_an_error(place: Place) -> None:
    """The two must not be confused: one is a fresh start, the other a wrong address."""
    assert await _read(place, place.state, 0) == []
    with pytest.raises(StateReadError, match=r"/9 does not exist \(4 partitions do\)"):
        await _read(place, place.state, 9)
    with pytest.raises(StateReadError, match="no-such/0 does not exist"):
        await _read(place, "no-such", 0)


async def test_state_comes_back_in_large_pieces(place: Place) -> None:
    """Thousands of records at a time: that is why it loads fast (`python -m benchmarks recovery` says how fast)."""
    items: list[Item] = [(b"%032d" % n, b"x" * 64, []) for n in range(100_000)]
    async with KafkaOutbox(place.bootstrap) as outbox:
        await outbox.send(place.state, 3, items)
    pieces = [len(records) async for records in read_partition(place.bootstrap, place.state, 3)]
    assert sum(pieces) == 100_000
    assert len(pieces) < 50


async def test_a_process_at_work_waits_with_its_reading_for_a_broker_that_has_gone(tmp_path: Path) -> None:
    """A command has an error at once; a stage that gets a partition meanwhile must not end its worker."""
    with Broker(tmp_path) as broker:
        await _with_facts(broker)
        async with KafkaOutbox(broker.bootstrap) as outbox:
            await outbox.send("facts", 0, [(b"before", b"v", [])])
        await asyncio.to_thread(broker.stop)
        with pytest.raises(UnreachableStateError):
            await anext(read_partition(broker.bootstrap, "facts", 0))
        reading = asyncio.create_task(anext(read_partition(broker.bootstrap, "facts", 0, waits=True)))
        await asyncio.sleep(3)
        assert not reading.done()
        await asyncio.to_thread(broker.start)
        assert [key for key, _, _ in await asyncio.wait_for(reading, 60)] == [b"before"]
