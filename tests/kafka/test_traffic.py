"""Traffic into a real Kafka: nothing lost, nothing doubled, each shopper in order, and clear errors."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import islice

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.producers.traffic import TOPICS, Progress, run
from liveprofile.streams.simulator.labels import LabelBook
from liveprofile.streams.simulator.simulator import Simulator

pytestmark = pytest.mark.kafka
NewTopics = Callable[..., Awaitable[Topics]]


def never(_: Progress) -> bool:
    return False


async def read_all(
    bootstrap: str, topics: list[str], partitions: int
) -> dict[TopicPartition, list[tuple[bytes, bytes]]]:
    """Everything in the topics, by partition."""
    places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: dict[TopicPartition, list[tuple[bytes, bytes]]] = defaultdict(list)
        while sum(map(len, found.values())) < sum(ends.values()):
            for place, records in (await consumer.getmany(timeout_ms=1_000)).items():
                found[place] += [(record.key, record.value) for record in records]
        return found
    finally:
        await consumer.stop()


async def test_every_event_arrives_once_in_its_shoppers_order_where_the_default_partitioner_puts_it(
    bootstrap: str, app_id: str, new_topics: NewTopics
) -> None:
    topics = await new_topics(partitions=3)
    shop = Simulator(7, 500, user_events_per_s=0.01, broken_share=0.001)
    async with Sender(bootstrap, TOPICS, prefix=topics.prefix) as sender:
        sent = await run(islice(shop.events(), 20_000), sender, LabelBook(), rate=0, live=False, stop=never)
    found = await read_all(bootstrap, list(topics.inputs), 3)
    assert sent.sent == sum(sender.added.values()) == sum(map(len, found.values())) == 20_000
    wanted = defaultdict(list)
    for event in islice(shop.events(), 20_000):
        if event.key:
            wanted[topics.prefix + event.topic, event.key].append(event.value())
    arrived = defaultdict(list)
    for place, records in found.items():
        for key, value in records:
            if key is not None:
                assert DefaultPartitioner()(key, [0, 1, 2], [0, 1, 2]) == place.partition
                arrived[place.topic, key].append(value)
    assert arrived == wanted


@pytest.mark.parametrize("rate", [50.0, 2_000.0])
async def test_a_rate_is_kept_and_stopping_sends_what_was_begun(
    bootstrap: str, new_topics: NewTopics, rate: float
) -> None:
    topics = await new_topics(partitions=2)
    shop = Simulator(7, 500, user_events_per_s=0.01)
    async with Sender(bootstrap, TOPICS, prefix=topics.prefix) as sender:
        sent = await run(shop.events(), sender, LabelBook(), rate=rate, live=True, stop=never, seconds=2)
    assert sent.sent == pytest.approx(2 * rate, rel=0.3)
    assert sum(map(len, (await read_all(bootstrap, list(topics.inputs), 2)).values())) == sent.sent


async def test_a_missing_topic_is_named(bootstrap: str, app_id: str) -> None:
    with pytest.raises(UserError, match=f"no topic {app_id}-clicks"):
        async with Sender(bootstrap, TOPICS, prefix=f"{app_id}-"):
            pass


async def test_no_broker_is_a_clear_error_and_leaves_nothing_open() -> None:
    with pytest.raises(UserError, match=r"No Kafka answers at 127\.0\.0\.1:1"):
        async with Sender("127.0.0.1:1", TOPICS):
            pass
    assert len(asyncio.all_tasks()) == 1
