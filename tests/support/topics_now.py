"""What stands in an application's topics, and what of it waits; tests/faults/oracle.py judges it."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streams.runtime.partition_state import read_partition
from streams.topics import Topics


async def latest(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """The latest value of every key of a partition."""
    values: dict[bytes, bytes] = {}
    async for records in read_partition(bootstrap, topic, partition):
        values.update((key, value) for key, value, _ in records if key is not None and value is not None)
    return values


async def live_state(bootstrap: str, topics: Topics) -> dict[bytes, bytes]:
    """The state records of all profiles."""
    state: dict[bytes, bytes] = {}
    for partition in range(topics.partitions):
        records = await latest(bootstrap, topics.state, partition)
        state |= {key: value for key, value in records.items() if not key.startswith(b"\x00")}
    return state


async def live_facts(bootstrap: str, topics: Topics) -> tuple[dict[str, bytes], int]:
    """Payloads of changes and anomalies by id, and how many were repeats. A repeat with another payload fails."""
    facts: dict[str, bytes] = {}
    repeats = 0
    for topic in (topics.profile_changes, topics.profile_anomalies):
        for place, record in await _records(bootstrap, topic, topics.partitions):
            fact_id = dict(record.headers)["ce_id"].decode()
            known = facts.setdefault(fact_id, record.value)
            assert known == record.value, f"{fact_id} at {place} was said twice, with another payload"
            repeats += known is not record.value
    return facts, repeats


async def _records(bootstrap: str, topic: str, partitions: int) -> list[tuple[TopicPartition, object]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                for records in (await consumer.getmany(place, timeout_ms=500)).values():
                    found += [(place, record) for record in records]
        return found
    finally:
        await consumer.stop()


async def waiting(bootstrap: str, topics: Topics) -> int:
    """Records of inputs and `activity` that the application has not acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await admin.start()
    await consumer.start()
    try:
        names = (*topics.inputs, topics.activity)
        places = [TopicPartition(name, number) for name in names for number in range(topics.partitions)]
        ends = await consumer.end_offsets(places)
        committed = await admin.list_consumer_group_offsets(topics.app_id)
        return sum(end - max(0, committed[place].offset if place in committed else 0) for place, end in ends.items())
    finally:
        await consumer.stop()
        await admin.close()
