"""What stands in an application's topics, and what of it waits; tests/faults/oracle.py judges it."""

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.partition_state import read_partition


async def latest(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """The latest value of every key of a partition that has one, in the order of their writing."""
    values: dict[bytes, bytes] = {}
    async for records in read_partition(bootstrap, topic, partition):
        for key, value, _ in records:
            if key is not None:
                values.pop(key, None)
                if value is not None:
                    values[key] = value
    return values


async def live_state(bootstrap: str, topics: Topics) -> dict[bytes, bytes]:
    """The state records of all profiles."""
    state: dict[bytes, bytes] = {}
    for partition in range(topics.partitions):
        records = await latest(bootstrap, topics.state, partition)
        state |= {key: value for key, value in records.items() if not key.startswith(b"\x00")}
    return state


async def live_facts(bootstrap: str, topics: Topics) -> dict[str, bytes]:
    """Payloads of changes and anomalies by id. A repeat with another payload fails."""
    facts: dict[str, bytes] = {}
    for topic in (topics.profile_changes, topics.profile_anomalies):
        async for record in records_of(bootstrap, topic, topics.partitions):
            fact_id = dict(record.headers)["ce_id"].decode()
            known = facts.setdefault(fact_id, record.value)
            place = f"{topic}/{record.partition}/{record.offset}"
            assert known == record.value, f"{fact_id} at {place} was said twice, with another payload"
    return facts


async def records_of(bootstrap: str, topic: str, partitions: int) -> AsyncIterator[Any]:
    """All records of a topic with their headers, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            while await consumer.position(place) < ends[place]:
                for records in (await consumer.getmany(place, timeout_ms=500)).values():
                    for record in records:
                        yield record
    finally:
        await consumer.stop()


async def waiting(bootstrap: str, topics: Topics, *more: str) -> int:
    """Records of inputs, of `activity` and of `more` topics that the application has not acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await admin.start()
    await consumer.start()
    try:
        names = (*topics.inputs, topics.activity, *more)
        places = [TopicPartition(name, number) for name in names for number in range(topics.partitions)]
        ends = await consumer.end_offsets(places)
        committed = await admin.list_consumer_group_offsets(topics.group)
        return sum(end - max(0, committed[place].offset if place in committed else 0) for place, end in ends.items())
    finally:
        await consumer.stop()
        await admin.close()
