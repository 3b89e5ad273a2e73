"""Where a runtime begins to read: without committed offsets, with some that the log lost, with some beyond its end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from counting import CountingStage, Place, produce
from structlog.testing import capture_logs
from support.topics import expire

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.runtime import Runtime

pytestmark = pytest.mark.kafka


async def commit(place: Place, offset: int) -> None:
    """Set the group's offset of every partition."""
    places = [TopicPartition(place.input, partition) for partition in range(place.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=place.bootstrap, group_id=place.app_id, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, offset))
    finally:
        await consumer.stop()


async def test_without_committed_offsets_everything_is_read(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    await produce(place, 100)
    stage = CountingStage(place)
    async with Runtime([stage], place.config()) as runtime:
        await runtime.ready()
        await until(lambda: stage.applied == 400)


async def test_records_that_retention_took_unread_are_counted_and_reading_goes_on(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    await produce(place, 100)
    await commit(place, 10)
    await expire(place.bootstrap, place.input, 2, 50)
    stage = CountingStage(place)
    with capture_logs() as published:
        async with Runtime([stage], place.config()) as runtime:
            await runtime.ready()
            await until(lambda: stage.applied == 3 * 90 + 50)
    assert [(one["partition"], one["records"]) for one in published if one["log_level"] == "error"] == [(2, 40)]


async def test_a_log_that_ends_before_what_was_read_stops_the_worker(place: Place) -> None:
    await produce(place, 5)
    await commit(place, 9)
    with pytest.raises(SetupError, match="4 records beyond it were read"):
        async with asyncio.timeout(30), Runtime([CountingStage(place)], place.config()) as runtime:
            await runtime.ready()
