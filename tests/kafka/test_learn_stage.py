"""The learn stage on a real broker: killed and restarted, it gives the versions that the examples themselves give."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from support.model_versions import versions
from support.training_examples import cluster_learners, learnt, relearnt

from liveprofile.models.clusterers.adoption import read_clusters
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule
from liveprofile.models.snapshot import ModelVersion
from liveprofile.models.snapshot_records import from_records
from liveprofile.profiles.records import activity, training_example
from liveprofile.streams.contract.layouts import newest_layouts
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.stages.learn.stage import LearnStage

pytestmark = pytest.mark.kafka

DIMS = 16
SCHEDULE = Schedule(first_after=100, every=250)
OPTIONS: dict[str, dict[str, Any]] = {"kmeans": {"clusters": 8}, "dbstream": {"radius": 0.4}}


class OwningOutbox(KafkaOutbox):
    """An outbox outside a consumer group, whose partitions nobody takes away."""

    counts: Mapping[str, int]

    def partitions(self, topic: str) -> int:
        return self.counts[topic]

    def generation(self, topic: str) -> int:
        return 0

    def layout(self, topic: str) -> int:
        return 9

    def owns(self, topic: str, partition: int) -> bool:
        return True


def make(name: str, first_id: int = 0) -> Any:
    return cluster_learners(SCHEDULE, DIMS, first_id, name, **OPTIONS[name])


def values(count: int) -> list[bytes]:
    """Examples about 8 places from two partitions of activity, every tenth sent twice."""
    random = np.random.default_rng(11)
    places = random.normal(0, 0.25, (8, DIMS))
    vectors = np.rint((places[random.integers(8, size=count)] + random.normal(0, 0.04, (count, DIMS))) * 32767)
    records: list[bytes] = []
    for i, vector in enumerate(vectors.astype(np.int16)):
        row = training_example.blank_examples(ExampleKind.PLACE, 1, DIMS, partition=i % 2)
        row["vector"], row["offset"], row["event_time_ms"], row["version"] = vector, i // 2, 1_700_000_000_000 + i, 1
        (record,) = training_example.encode(row)
        records += [record, record] if i % 10 == 0 else [record]
    return records


async def read_latest(bootstrap: str, topic: str, partition: int) -> dict[bytes, bytes]:
    """The latest value of every key that has one, in the order of their writing."""
    latest: dict[bytes, bytes] = {}
    async for records in read_partition(bootstrap, topic, partition):
        for key, value, _ in records:
            assert key is not None
            latest.pop(key, None)
            if value is not None:
                latest[key] = value
    return latest


async def live(bootstrap: str, topics: Topics, name: str, *, until: int) -> int:
    """One life of a worker: takes runs from the committed offset on, commits what is acked, is gone at `until`.

    Gives the committed offset: where the next life begins.
    """
    place = TopicPartition(topics.examples, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=topics.app_id, enable_auto_commit=False, max_poll_records=77
    )
    stage = LearnStage(topics, partial(make, name), partial(read_latest, bootstrap))
    acked: list[int] = []
    async with OwningOutbox(bootstrap) as outbox, consumer:
        consumer.assign([place])
        consumer.seek(place, await consumer.committed(place) or 0)
        outbox.counts = await outbox.partition_counts([topics.activity])
        await stage.start(outbox)
        while await consumer.position(place) < until:
            for run in (await consumer.getmany(place, timeout_ms=500)).values():
                await stage.handle(place.topic, 0, run, partial(acked.append, run[-1].offset + 1))
                if acked:
                    await consumer.commit({place: acked[-1]})
        return await consumer.committed(place) or 0


async def records_of(bootstrap: str, topic: str, partition: int) -> list[Any]:
    """All records of a partition."""
    place = TopicPartition(topic, partition)
    records: list[Any] = []
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            records += (await consumer.getmany(place, timeout_ms=500)).get(place, [])
    return records


def offline(model: ModelVersion, sent: list[bytes], name: str = "kmeans") -> bool:
    """Whether a version is what the examples that it says it covers give, computed without Kafka."""
    return relearnt(make(name), model, [(b"profile", value, at) for at, value in enumerate(sent)]) == learnt(model)


@pytest.mark.parametrize("name", sorted(OPTIONS))
async def test_versions_equal_the_fold_of_what_they_cover_through_restarts(
    name: str, bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    sent = values(1200)
    async with OwningOutbox(bootstrap) as outbox:
        await outbox.send(topics.examples, 0, [(b"profile", value, []) for value in sent])

    for until in (60, 300, 310, 901, len(sent)):
        await live(bootstrap, topics, name, until=until)

    shelf = versions(await read_latest(bootstrap, topics.models, 0))
    assert list(shelf) == [f"models@{number}".encode() for number in (3, 4, 5)]
    for key, model in shelf.items():
        assert model.gaps == () and model.learners["clusterer"].examples == {3: 500, 4: 750, 5: 1000}[model.version], (
            key
        )
        assert offline(model, sent, name)


async def test_every_partition_of_activity_learns_of_every_version_in_order(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=3)
    sent = values(600)
    async with OwningOutbox(bootstrap) as outbox:
        await outbox.send(topics.examples, 0, [(b"profile", value, []) for value in sent])
    await live(bootstrap, topics, "kmeans", until=400)
    await live(bootstrap, topics, "kmeans", until=len(sent))

    shelf = versions(await read_latest(bootstrap, topics.models, 0))
    for partition in range(3):
        records = await records_of(bootstrap, topics.activity, partition)
        heads = activity.decode_heads([record.value for record in records], 128)
        assert set(heads["kind"].tolist()) == {activity.Kind.ADOPT}
        adopted = [read_clusters(activity.decode_tail(record.value, 128).adopted) for record in records]
        # the second life cannot know whether the first one's last adoption was written, so it says it again
        assert [each.label for each in adopted] == ["kmeans@1", "kmeans@2", "kmeans@2", "kmeans@3"]
        assert records[1].value == records[2].value
        for each in adopted:
            (kept,) = shelf[b"models@%d" % each.version].adopted
            assert each.centres.tobytes() == read_clusters(kept).centres.tobytes()


async def test_a_damaged_newest_version_on_the_topic_gives_way_to_the_one_before(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    sent = values(1000)
    async with OwningOutbox(bootstrap) as outbox:
        await outbox.send(topics.examples, 0, [(b"profile", value, []) for value in sent])
        committed = await live(bootstrap, topics, "kmeans", until=600)
        early = await read_latest(bootstrap, topics.models, 0)
        damaged = bytearray(early[b"models@3"])
        damaged[200] ^= 4
        await outbox.send(topics.models, 0, [(b"models@3", bytes(damaged), [])])
    await live(bootstrap, topics, "kmeans", until=len(sent))

    shelf = await read_latest(bootstrap, topics.models, 0)
    before, after = from_records(early, b"models@2"), from_records(shelf, b"models@4")
    assert after.gaps == ((before.covers + 1, committed - 1),)
    assert offline(after, sent)


async def test_in_the_real_runtime_a_second_worker_goes_on_where_the_first_one_stopped(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    sent = values(900)
    partitions = {topics.examples: 1, topics.activity: 2}
    config = RuntimeConfig(
        topics.group,
        bootstrap,
        partitions,
        lineage_topic=topics.lineage,
        remembered=topics.remembered,
        layouts=newest_layouts(topics),
        max_batch_records=70,
    )
    read = partial(read_latest, bootstrap)
    for part, last in ((sent[:400], b"models@2"), (sent[400:], b"models@4")):
        stage = LearnStage(topics, partial(make, "kmeans"), read)
        async with Runtime([stage], config) as runtime:
            await runtime.ready()
            async with KafkaOutbox(bootstrap) as outbox:
                await outbox.send(topics.examples, 0, [(b"profile", value, []) for value in part])
            async with asyncio.timeout(30):
                while last not in await read(topics.models, 0):
                    runtime.raise_failure()
                    await asyncio.sleep(0.2)
    for model in versions(await read(topics.models, 0)).values():
        assert model.gaps == () and offline(model, sent)
