"""The oracle: what must be true of an application's topics, worked out by folding its `activity` offline."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from profiles.cursor import CURSOR_KEY, Cursor
from profiles.fold import Fold
from profiles.policy import Policy
from streams.runtime.partition_state import read_partition
from streams.topics import Topics

BATCH = 1_000


@dataclass
class Expected:
    """What an offline fold of `activity` says."""

    state: dict[bytes, bytes] = field(default_factory=dict)
    facts: dict[str, bytes] = field(default_factory=dict)
    applied: int = 0
    resent: int = 0
    duplicates: int = 0
    erased: int = 0


async def latest(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """The latest value of every key of a partition."""
    values: dict[bytes, bytes] = {}
    async for records in read_partition(bootstrap, topic, partition):
        values.update((key, value) for key, value, _ in records if key is not None and value is not None)
    return values


async def live_state(bootstrap: str, topics: Topics) -> tuple[dict[bytes, bytes], list[int]]:
    """The state records of all partitions but the cursors, and up to where each partition is applied."""
    state: dict[bytes, bytes] = {}
    applied = []
    for partition in range(topics.partitions):
        records = await latest(bootstrap, topics.state, partition)
        applied.append(Cursor.decode(records.pop(CURSOR_KEY)).applied_through if CURSOR_KEY in records else -1)
        state |= {key: value for key, value in records.items() if not key.startswith(b"\x00")}
    return state, applied


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


async def expected(bootstrap: str, topics: Topics, embedder: str, applied: list[int]) -> Expected:
    """Fold each partition of `activity` up to the offset in `applied`, in memory."""
    result = Expected()
    for partition in range(topics.partitions):
        log = [
            record
            async for records in read_partition(bootstrap, topics.activity, partition)
            for record in records
            if record[2] <= applied[partition]
        ]
        fold = Fold(Policy(), embedder, partition)
        for low in range(0, len(log), BATCH):
            keys, values, offsets = zip(*log[low : low + BATCH], strict=True)
            outcome = fold.apply(keys, [value or b"" for value in values], offsets)
            facts = [*outcome.changes, *outcome.anomalies]
            result.facts |= {fact.record.fact_id: fact.payload for fact in facts}
            result.applied += outcome.applied
            result.resent += outcome.resent
            result.duplicates += outcome.duplicates
            result.erased += outcome.erased
        records, _ = fold.checkpoint()
        result.state |= {key: value for key, value in records if not key.startswith(b"\x00")}
    return result


async def until_written(bootstrap: str, topic: str, partitions: int, count: int) -> None:
    """Wait until a topic holds so many records, looking fifty times a second."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        while sum((await consumer.end_offsets(places)).values()) < count:  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.02)
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
