"""Topics on a real broker: made as declared, made once, refused when they differ."""

from collections.abc import Awaitable, Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from liveprofile.streams.admin.topics import TopicError, create_topics, list_topics
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.errors import NoKafkaError

pytestmark = pytest.mark.kafka
NewTopics = Callable[..., Awaitable[Topics]]


async def test_a_record_written_to_a_created_topic_is_read_back(bootstrap: str, new_topics: NewTopics) -> None:
    topics = await new_topics(partitions=2)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topics.clicks, b"a click", key=b"ann")
    async with AIOKafkaConsumer(topics.clicks, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"ann", b"a click")


async def test_topics_are_created_once_and_a_second_call_creates_none(bootstrap: str, app_id: str) -> None:
    topics = Topics(app_id, 2, prefix=f"{app_id}-")
    assert sorted(await create_topics(bootstrap, topics)) == sorted(topic.name for topic in topics.all())
    assert await create_topics(bootstrap, topics) == []


async def test_topics_have_the_partitions_and_configuration_that_are_declared(
    bootstrap: str, new_topics: NewTopics
) -> None:
    topics = await new_topics(partitions=3)
    assert await list_topics(bootstrap, topics) == {topic.name: topic.partitions for topic in topics.all()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics.all()]
        (response,) = await admin.describe_configs(wanted)
    finally:
        await admin.close()
    real = {name: {entry[0]: entry[1] for entry in entries} for _, _, _, name, entries in response.resources}
    for topic in topics.all():
        assert {key: real[topic.name][key] for key in topic.config} == dict(topic.config)


async def test_another_number_of_partitions_is_refused_and_nothing_is_created(bootstrap: str, app_id: str) -> None:
    topics = Topics(app_id, 4, prefix=f"{app_id}-")
    await create_topics(bootstrap, [Topic(topics.state, 2)])
    with pytest.raises(TopicError, match=rf"{topics.state} has 2 instead of 4"):
        await create_topics(bootstrap, topics)
    present = await list_topics(bootstrap, topics)
    assert {name for name, partitions in present.items() if partitions} == {topics.state}


async def test_an_unknown_topic_is_not_created_by_writing_to_it(bootstrap: str, app_id: str) -> None:
    assert await list_topics(bootstrap, [Topic(f"{app_id}-typo", 1)]) == {f"{app_id}-typo": None}


async def test_no_cluster_is_told_with_the_next_step(app_id: str) -> None:
    with pytest.raises(NoKafkaError, match="liveprofile broker start"):
        await list_topics("127.0.0.1:1", Topics(app_id))
