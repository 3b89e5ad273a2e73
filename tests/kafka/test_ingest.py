"""Ingest in the real runtime, on a real broker: hostile records stop nothing, and none of them is lost."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from support.hostile import hostile_records
from support.ingest_fakes import DIMS, DictCache, HalfNamedTopics, HashEmbedder

from liveprofile.profiles.records.activity import decode_heads, source_name
from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage

pytestmark = pytest.mark.kafka

COUNT = 2_500
LARGEST_SENT = 900_000
"""A broker refuses larger records itself."""


def make_config(topics: Topics, bootstrap: str) -> RuntimeConfig:
    return RuntimeConfig(topics.group, bootstrap, {t.name: t.partitions for t in topics.all()}, max_batch_records=300)


def make_stage(topics: Topics, embedder: HashEmbedder | None = None) -> IngestStage:
    return IngestStage(
        key=PseudonymKey(b"a key of the tests"),
        embedding=EmbeddingService(embedder or HashEmbedder(), DictCache(), HalfNamedTopics()),
        activity_topic=topics.activity,
        dead_letters_topic=topics.dead_letters,
        topics=topics.inputs,
        clock_ms=lambda: time.time_ns() // 1_000_000,
    )


async def send_hostile(bootstrap: str, topics: Topics) -> set[str]:
    """Sends the records to all partitions of all inputs; gives the place of each."""
    names = dict(zip(INPUTS, topics.inputs, strict=True))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        sent = [
            (hostile.topic, await producer.send(names[hostile.topic], hostile.value, hostile.key or b"", place % 2))
            for place, hostile in enumerate(hostile_records(COUNT, seed=11))
            if len(hostile.value or b"") < LARGEST_SENT
        ]
        metadata = [(kind, await future) for kind, future in sent]
    return {f"{kind}/{record.partition}/{record.offset}" for kind, record in metadata}


async def values_of(bootstrap: str, topic: str, partitions: int) -> list[bytes]:
    """All values of a topic."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    values: list[Any] = []
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                values += [record.value for record in records]
    return values


async def test_every_hostile_record_becomes_activities_or_a_dead_letter(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    sent = await send_hostile(bootstrap, topics)
    stage = make_stage(topics)
    async with Runtime([stage], make_config(topics, bootstrap)) as runtime:
        async with asyncio.timeout(90):
            while stage.counters.records < len(sent):
                runtime.raise_failure()
                await asyncio.sleep(0.1)

    activities = await values_of(bootstrap, topics.activity, 2)
    letters = [orjson.loads(value) for value in await values_of(bootstrap, topics.dead_letters, 2)]
    prefix = len(topics.prefix)
    accepted = {source_name(code) for code in decode_heads(activities, DIMS)["source"]}
    sources = [letter["source"] for letter in letters]
    refused = Counter(f"{at['topic'][prefix:]}/{at['partition']}/{at['offset']}" for at in sources)
    assert accepted | set(refused) == sent
    assert not accepted & set(refused)
    assert set(refused.values()) == {1}
    assert {letter["reason"] for letter in letters} <= set(Reason)


async def test_a_model_that_fails_stops_the_worker_and_loses_nothing(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    config = make_config(topics, bootstrap)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for number in range(100):
            value = orjson.dumps({"user_id": f"u{number}", "query": f"red vase {number}"})
            await producer.send_and_wait(topics.searches, value, partition=number % 2)

    failing = make_stage(topics, HashEmbedder(OSError("the model is gone")))
    with pytest.raises(Exception, match="the model is gone"):
        async with Runtime([failing], config) as runtime:
            async with asyncio.timeout(60):
                await runtime.failed
    assert await values_of(bootstrap, topics.activity, 2) == []

    healthy = make_stage(topics)
    async with Runtime([healthy], config) as runtime:
        async with asyncio.timeout(60):
            while healthy.counters.activities < 100:
                runtime.raise_failure()
                await asyncio.sleep(0.1)
    assert len(await values_of(bootstrap, topics.activity, 2)) == 100
