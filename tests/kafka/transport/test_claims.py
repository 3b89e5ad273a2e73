"""Claims: once a partition has a new owner, nothing that the old one still has under way lands behind its writes."""

import asyncio
import gc
import os
import subprocess
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from counting import Place, make_topics, offline_fold, produce, read_counts

from liveprofile.streams.broker import Broker
from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.transport.record import Item

pytestmark = pytest.mark.kafka

Ask = Callable[[], Awaitable[dict[int, int]]]
Until = Callable[..., Awaitable[None]]


def _items(*values: str) -> list[Item]:
    return [(b"k", value.encode(), []) for value in values]


async def _values(place: Place, topic: str, partition: int) -> list[bytes | None]:
    return [value async for records in read_partition(place.bootstrap, topic, partition) for _, value, _ in records]


@asynccontextmanager
async def _owner(place: Place) -> AsyncIterator[KafkaOutbox]:
    """A process that has claimed partition 0 of state and facts."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        await outbox.acquire_token(f"{place.app_id}.count.0", [(place.state, 0), (place.facts, 0)])
        yield outbox


async def test_an_owner_writes_as_before_and_readers_see_nothing_of_the_claim(place: Place) -> None:
    """Several batches, the same partition claimed again, another one that nobody claimed."""
    async with _owner(place) as outbox:
        await outbox.send(place.state, 0, _items("1", "2"))
        await outbox.acquire_token(f"{place.app_id}.count.0", [(place.state, 0), (place.facts, 0)])
        await outbox.send(place.state, 0, [(b"k", b"v" * 1000, [])] * 5_000)
        await outbox.send(place.state, 1, _items("other"))
    found = await _values(place, place.state, 0)
    assert (found[:2], len(found)) == ([b"1", b"2"], 5_002)
    assert await _values(place, place.state, 1) == [b"other"]


async def test_what_an_earlier_owner_sends_is_refused_in_every_partition_it_had(place: Place) -> None:
    """Also where the new owner has not written a record yet: the claim itself is what shuts the old one out."""
    async with _owner(place) as old, _owner(place) as new:
        for topic in (place.state, place.facts):
            with pytest.raises(DeliveryError, match="another worker owns the partition"):
                await old.send(topic, 0, _items("stale"))
        await new.send(place.state, 0, _items("new"))
        assert await _values(place, place.state, 0) == [b"new"]
        assert await _values(place, place.facts, 0) == []


async def test_batches_that_were_under_way_when_the_claim_went_over_never_land(place: Place) -> None:
    """They were handed over in good time and held up on their way, as behind a broken connection."""
    async with _owner(place) as old:
        await old.send(place.state, 0, _items("before"))
        await_connection, held_up = asyncio.Event(), old._started().client.send

        async def slow(*args: object, **options: object) -> object:
            await await_connection.wait()
            return await held_up(*args, **options)

        old._started().client.send = slow
        late = asyncio.create_task(old.send(place.state, 0, _items("stale")))
        async with _owner(place) as new:
            assert await _values(place, place.state, 0) == [b"before"]
            await new.send(place.state, 0, _items("new"))
            await_connection.set()
            with pytest.raises(DeliveryError, match="another worker owns"):
                await late
    assert await _values(place, place.state, 0) == [b"before", b"new"]


async def test_when_a_claim_is_taken_the_earlier_owner_has_written_its_last(place: Place) -> None:
    """It writes as fast as it can while it is shut out, twenty times over; the end stays where the claim found it."""
    log = TopicPartition(place.state, 0)
    reader = AIOKafkaConsumer(bootstrap_servers=place.bootstrap)
    await reader.start()
    try:
        async with _owner(place) as old, KafkaOutbox(place.bootstrap) as new:
            for _ in range(20):
                await old.acquire_token(f"{place.app_id}.count.0", [(place.state, 0)])
                writing = [asyncio.create_task(_write_on(old, place)) for _ in range(5)]
                await asyncio.sleep(0.05)
                await new.acquire_token(f"{place.app_id}.count.0", [(place.state, 0)])
                end = await reader.end_offsets([log])
                await asyncio.gather(*writing)
                assert await reader.end_offsets([log]) == end
    finally:
        await reader.stop()
    assert len(await _values(place, place.state, 0)) > 20


async def _write_on(outbox: KafkaOutbox, place: Place) -> None:
    """Until it is refused."""
    with pytest.raises(DeliveryError, match="another worker owns"):
        while True:
            await outbox.send(place.state, 0, _items("old"))


async def test_a_renewed_claim_goes_on_and_a_lost_one_says_so(place: Place) -> None:
    """Renewal disturbs no batch under way."""
    async with _owner(place) as old:
        sends = [asyncio.create_task(old.send(place.state, 0, _items(str(n)))) for n in range(20)]
        await asyncio.gather(old.renew_tokens(), *sends)
        await old.send(place.state, 0, _items("after"))
        async with _owner(place):
            with pytest.raises(DeliveryError, match="could not be renewed"):
                await old.renew_tokens()
    assert len(await _values(place, place.state, 0)) == 21


async def test_a_claim_that_was_cut_short_does_not_stop_the_next(place: Place) -> None:
    """Its empty transaction is open: the next claim ends it."""
    async with KafkaOutbox(place.bootstrap) as outbox:
        for after_s in (0.005, 0.02, 0.04):
            with pytest.raises((TimeoutError, DeliveryError)):
                async with asyncio.timeout(after_s):
                    while True:
                        await outbox.acquire_token(f"{place.app_id}.count.0", [(place.state, 0)])
        async with asyncio.timeout(10), _owner(place) as owner:
            await owner.send(place.state, 0, _items("new"))
    assert await _values(place, place.state, 0) == [b"new"]


async def test_a_check_that_closes_while_batches_wait_keeps_them_in_the_process(place: Place) -> None:
    """Asked again right before the socket: a process may have stood still after it had handed them over."""
    closed = False

    def check() -> None:
        if closed:
            raise ConnectionError("paused for too long")

    async with KafkaOutbox(place.bootstrap, before_send=check) as outbox:
        await outbox.send(place.facts, 0, _items("before"))
        sending = asyncio.create_task(outbox.send(place.facts, 0, _items("late")))
        await asyncio.sleep(0)
        closed = True
        with pytest.raises(DeliveryError, match="paused for too long"):
            await sending
    assert await _values(place, place.facts, 0) == [b"before"]


async def test_a_worker_that_wakes_without_noticing_is_stopped_by_the_broker(
    place: Place,
    start_worker: Callable[..., subprocess.Popen[bytes]],
    committed: Ask,
    end_offsets: Ask,
    until: Until,
    exit_code: Callable[..., Awaitable[int]],
    tmp_path: Path,
) -> None:
    """Its fence is taken out on purpose: every write of the zombie is refused, and none stands behind the owner's."""
    await produce(place, 3_000)
    zombie = start_worker("--slow-s", "0.05", "--max-run", "50", "--blind", log="zombie")
    await until(lambda: _some(committed))
    zombie.send_signal(SIGSTOP)
    successor = start_worker(log="successor")
    await until(lambda: _all(committed, end_offsets), within_s=90)
    zombie.send_signal(SIGCONT)
    assert await exit_code(zombie, within_s=40) == 1
    assert "another worker owns the partition" in (tmp_path / "zombie.log").read_text()
    successor.send_signal(SIGTERM)
    assert await exit_code(successor) == 0
    for partition in range(place.partitions):
        assert await read_counts(place, partition) == await offline_fold(place, partition)
        assert await _stale_writes(place, partition) == 0


async def _some(committed: Ask) -> bool:
    return any((await committed()).values())


async def _all(committed: Ask, end_offsets: Ask) -> bool:
    return await committed() == await end_offsets()


async def _stale_writes(place: Place, partition: int) -> int:
    """State records that stand behind a newer one of the same key."""
    newest: dict[bytes | None, int] = {}
    stale = 0
    async for records in read_partition(place.bootstrap, place.state, partition):
        for key, value, _ in records:
            offset = int((value or b"-1").decode().strip("[]").split(",")[-2 if b"," in (value or b"") else 0])
            stale += offset < newest.get(key, -1)
            newest[key] = max(offset, newest.get(key, -1))
    return stale


async def test_a_claim_outlives_the_broker_that_gave_it(tmp_path: Path, until: Until) -> None:
    """Killed and started again, the broker still refuses the earlier owner, and the later one goes on."""
    with Broker(tmp_path / "broker") as broker:
        place = Place("outlived", broker.bootstrap)
        await make_topics(place)
        async with _owner(place) as old, _owner(place) as new:
            await new.send(place.state, 0, _items("before"))
            running = broker.running()
            assert running is not None
            os.kill(running.pid, SIGKILL)
            await until(lambda: not broker.answers())
            await asyncio.to_thread(broker.start)
            with pytest.raises(DeliveryError, match="another worker owns the partition"):
                await old.send(place.state, 0, _items("stale"))
            await new.send(place.state, 0, _items("after"))
        assert await _values(place, place.state, 0) == [b"before", b"after"]


async def test_a_batch_that_was_sent_under_a_claim_is_freed_at_once(place: Place) -> None:
    """Half a megabyte each: they must not wait for the garbage collector, which workers let run rarely."""
    async with _owner(place) as outbox:
        producer, sent = outbox._started(), []
        create = producer.create_batch

        def remembered() -> object:
            batch = create()
            sent.append(weakref.ref(batch))
            return batch

        producer.create_batch = remembered
        gc.disable()
        try:
            for _ in range(5):
                await outbox.send(place.state, 0, _items("1"))
            alive = sum(batch() is not None for batch in sent)
            assert alive <= 2, "aiokafka itself keeps the last one until the next"
        finally:
            gc.enable()
