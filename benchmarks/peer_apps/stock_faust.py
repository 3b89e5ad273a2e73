"""Stock Faust: an agent that ingests into a topic, an agent that folds against a Table, `send` a record.

Configured as a careful user does: at least once, acks=all, sessions of 10 s so that a killed process is missed soon,
the Table in memory (faster than RocksDB). With `PEER_TAKE=1` both agents take up to 1,000 events at a time, waiting 25
ms for company, and the producer lingers as long: then the engine is called for whole batches, and the Table chooses
partitions by key, because a batch has several. Otherwise: the Table goes to the changelog at once, offsets are
committed on their own every 2.8 s, and nothing ties the two.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import faust

from benchmarks.peer_apps.engine import Ingest, Place, keepers

TAKE = os.environ.get("PEER_TAKE") == "1"
MOST, WITHIN_S = 1_000, 0.025

place = Place.from_environment()
shop = place.shop
app = faust.App(
    os.environ["PEER_NAME"],
    broker=f"aiokafka://{shop.bootstrap}",
    store="memory://",
    datadir=place.folder,
    topic_partitions=shop.topics.partitions,
    processing_guarantee="at_least_once",
    producer_acks=-1,
    producer_linger=WITHIN_S if TAKE else 0.0,
    producer_max_batch_size=128 * 1024,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=10.0,
    broker_heartbeat_interval=3.0,
    topic_disable_leader=True,
    web_enabled=False,
    autodiscover=False,
    key_serializer="raw",
    value_serializer="raw",
)
raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
inputs = app.topic(*shop.topics.inputs, **raw)
activity = app.topic(place.activity, partitions=shop.topics.partitions, **raw)
facts = app.topic(place.facts, partitions=shop.topics.partitions, **raw)
profiles = app.Table(
    "profiles",
    default=bytes,
    key_type=bytes,
    value_type=bytes,
    partitions=shop.topics.partitions,
    use_partitioner=TAKE,
)
engine, keeper = Ingest(shop), keepers(shop)


async def ingested(messages: Sequence[Any]) -> None:
    """Write the activities of some records."""
    for one in messages:
        arrival_ms = round(one.timestamp * 1000)
        for key, value in engine.activities(one.topic, one.partition, one.offset, one.value, arrival_ms):
            await activity.send(key=key, value=value)


async def folded(partition: int, messages: Sequence[Any]) -> None:
    """Fold some activities of one partition, keep the profiles, send the facts."""
    keep = keeper(partition)
    for one in messages:
        if not keep.has(one.key):
            keep.restore(one.key, profiles.get(one.key) or None)
    keys, values = [one.key for one in messages], [one.value for one in messages]
    found = keep.apply(keys, values, [one.offset for one in messages])
    for key, stored in keep.states().items():
        profiles[key] = stored
    for key, value, headers in found:
        await facts.send(key=key, value=value, headers=headers)


@app.agent(inputs)  # type: ignore[untyped-decorator]  # Faust is taken as untyped
async def ingest(stream: Any) -> None:
    """Validate, pseudonymise, encode."""
    if TAKE:
        async for events in stream.take_events(MOST, within=WITHIN_S):
            await ingested([event.message for event in events])
    else:
        async for event in stream.events():
            await ingested([event.message])


@app.agent(activity)  # type: ignore[untyped-decorator]  # Faust is taken as untyped
async def fold(stream: Any) -> None:
    """Fold."""
    if TAKE:
        async for events in stream.take_events(MOST, within=WITHIN_S):
            by_partition = defaultdict(list)
            for event in events:
                by_partition[event.message.partition].append(event.message)
            for partition, messages in by_partition.items():
                await folded(partition, messages)
    else:
        async for event in stream.events():
            await folded(event.message.partition, [event.message])


if __name__ == "__main__":
    app.main()
