"""Consumers of changes and anomalies on a real Kafka: repeats are dropped, gaps are healed, a restart goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from support.samples import anomaly, changed, snapshot_value

from liveprofile import (
    Anomalies,
    AsyncAnomalies,
    AsyncChanges,
    Changed,
    Changes,
    DecodeError,
    GapError,
    Healed,
    NoKafkaError,
    ProfileChanged,
    Topics,
)

pytestmark = pytest.mark.kafka

ANNA, BERT, CARL = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
async def topics(new_topics) -> Topics:
    found: Topics = await new_topics(partitions=2)
    return found


@pytest.fixture
async def producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as running:
        yield running


async def write(producer: AIOKafkaProducer, topic: str, records: Iterable[Any]) -> None:
    """Write records as workers do: keyed by profile id, with the fact's id as `ce_id`."""
    for record in records:
        headers = [("ce_id", record.fact_id.encode()), ("ce_time", b"2026-01-05T12:00:00.000Z")]
        key, value = record.profile_id.encode(), msgspec.json.encode(record)
        await producer.send_and_wait(topic, value, key=key, headers=headers)


async def write_snapshot(producer: AIOKafkaProducer, topics: Topics, profile_id: str, version: int) -> None:
    await producer.send_and_wait(topics.profiles, snapshot_value(profile_id, version), key=profile_id.encode())


def told(deliveries: Iterable[Changed | Healed]) -> list[tuple[str, str, int]]:
    """Kind, profile and version of each delivery, by profile."""
    return sorted(
        ("changed", one.profile_id[0], one.record.version)
        if isinstance(one, Changed)
        else ("healed", one.profile_id[0], one.snapshot.version)
        for one in deliveries
    )


async def read(bootstrap: str, group: str, topics: Topics, **options: Any) -> list[Changed | Healed]:
    """All that is delivered until nothing comes for a second."""
    async with AsyncChanges(bootstrap, group, topics=topics, idle_s=1.0, **options) as changes:
        return [one async for one in changes]


async def test_each_version_is_delivered_once_and_repeats_are_dropped(bootstrap, topics, producer, app_id) -> None:
    versions = [changed(ANNA, 1), changed(BERT, 1), changed(ANNA, 2), changed(ANNA, 1), changed(ANNA, 2)]
    await write(producer, topics.profile_changes, [*versions, changed(ANNA, 3)])
    found = await read(bootstrap, app_id, topics)
    assert told(found) == [("changed", "a", 1), ("changed", "a", 2), ("changed", "a", 3), ("changed", "b", 1)]
    assert all(isinstance(one, Changed) and one.time and one.time.year == 2026 for one in found)


async def test_a_gap_is_healed_with_the_profile_as_it_is_now(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, 1), changed(ANNA, 4), changed(ANNA, 5)])
    await write(producer, topics.profile_changes, [changed(ANNA, 6), changed(BERT, 1)])
    await write_snapshot(producer, topics, ANNA, 2)
    await write_snapshot(producer, topics, ANNA, 5)
    found = await read(bootstrap, app_id, topics)
    assert told(found) == [("changed", "a", 1), ("changed", "a", 6), ("changed", "b", 1), ("healed", "a", 5)]
    assert [one.first_missed for one in found if isinstance(one, Healed)] == [2]


async def test_a_snapshot_that_is_still_to_be_written_is_waited_for(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, 1), changed(ANNA, 4)])
    await write_snapshot(producer, topics, ANNA, 3)
    reading = asyncio.create_task(read(bootstrap, app_id, topics))
    await asyncio.sleep(4)
    assert not reading.done()
    await write_snapshot(producer, topics, ANNA, 4)
    assert told(await reading) == [("changed", "a", 1), ("healed", "a", 4)]


async def test_a_gap_that_cannot_be_healed_stops_the_consumer_and_nothing_of_it_is_lost(
    bootstrap, topics, producer, app_id
) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, 1), changed(ANNA, 4)])
    await write_snapshot(producer, topics, ANNA, 3)
    with pytest.raises(GapError, match="version 4 of profile aaaa") as caught:
        await read(bootstrap, app_id, topics, heal_s=0.5)
    assert caught.value.retryable
    assert told(await read(bootstrap, app_id, topics)) == [("changed", "a", 4)]


async def test_a_profile_that_was_erased_meanwhile_needs_no_healing(bootstrap, topics, producer, app_id) -> None:
    erased = msgspec.structs.replace(changed(ANNA, 9), origin="erasure")
    await write(producer, topics.profile_changes, [changed(ANNA, 1), changed(ANNA, 4), erased])
    await producer.send_and_wait(topics.profiles, None, key=ANNA.encode())
    found = await read(bootstrap, app_id, topics)
    assert told(found) == [("changed", "a", 1), ("changed", "a", 4), ("changed", "a", 9)]
    assert [one.is_erasure for one in found if isinstance(one, Changed)] == [False, False, True]


async def test_a_restart_continues_behind_what_was_handled(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, version) for version in range(1, 6)])
    async with AsyncChanges(bootstrap, app_id, topics=topics) as changes:
        async for change in changes:
            if change.record.version == 3:
                break
    assert told(await read(bootstrap, app_id, topics)) == [("changed", "a", 4), ("changed", "a", 5)]


async def test_a_record_whose_handling_failed_is_delivered_again(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, version) for version in range(1, 4)])
    with pytest.raises(RuntimeError, match="the mail server is away"):
        async with AsyncChanges(bootstrap, app_id, topics=topics, commit_every_s=0) as changes:
            async for change in changes:
                if change.record.version == 2:
                    raise RuntimeError("the mail server is away")
    assert told(await read(bootstrap, app_id, topics)) == [("changed", "a", 2), ("changed", "a", 3)]


async def test_two_members_of_a_group_share_the_partitions_and_lose_nothing(
    bootstrap, topics, producer, app_id
) -> None:
    profiles = [f"{number:032x}" for number in range(40)]
    await write(producer, topics.profile_changes, [changed(one, 1) for one in profiles])
    seen: list[str] = []

    async def member() -> None:
        async with AsyncChanges(bootstrap, app_id, topics=topics, idle_s=6.0, commit_every_s=0.1) as changes:
            async for change in changes:
                seen.append(change.profile_id)
                await asyncio.sleep(0.02)

    first = asyncio.create_task(member())
    await asyncio.sleep(1)
    second = asyncio.create_task(member())
    await asyncio.sleep(5)
    await write(producer, topics.profile_changes, [changed(one, 2) for one in profiles])
    await asyncio.gather(first, second)
    assert {one: seen.count(one) >= 2 for one in profiles} == dict.fromkeys(profiles, True)


async def test_a_new_group_may_begin_at_the_end(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, 1)])
    async with AsyncChanges(bootstrap, app_id, topics=topics, start="latest", idle_s=4.0) as changes:
        reading = asyncio.create_task(anext(changes))
        await asyncio.sleep(2)
        await write(producer, topics.profile_changes, [changed(ANNA, 2)])
        assert told([await reading]) == [("changed", "a", 2)]


async def test_fields_of_a_newer_program_are_dropped_and_what_cannot_be_read_is_raised_or_skipped(
    bootstrap, topics, producer, app_id
) -> None:
    newer = json.loads(msgspec.json.encode(changed(ANNA, 1))) | {"mood": "good"}
    await producer.send_and_wait(topics.profile_changes, json.dumps(newer).encode(), key=ANNA.encode())
    await producer.send_and_wait(topics.profile_changes, b'{"profile_id": 7}', key=ANNA.encode())
    await write(producer, topics.profile_changes, [changed(ANNA, 2)])
    with pytest.raises(DecodeError, match=r"profile-changes/\d/1: ProfileChanged: Expected `str`, got `int`"):
        await read(bootstrap, f"{app_id}-strict", topics)
    skipped: list[DecodeError] = []
    found = await read(bootstrap, app_id, topics, on_unreadable=skipped.append)
    assert (told(found), len(skipped)) == ([("changed", "a", 1), ("changed", "a", 2)], 1)


async def test_steps_of_an_anomaly_come_once_each(bootstrap, topics, producer, app_id) -> None:
    steps = [anomaly(ANNA, "raised", 1), anomaly(ANNA, "updated", 2), anomaly(ANNA, "updated", 2)]
    await write(producer, topics.profile_anomalies, [*steps, anomaly(ANNA, "cleared", 3), steps[0]])
    async with AsyncAnomalies(bootstrap, app_id, topics=topics, idle_s=1.0) as anomalies:
        assert [one.state async for one in anomalies] == ["raised", "updated", "cleared"]


async def test_a_program_without_an_event_loop_reads_the_same(bootstrap, topics, producer, app_id) -> None:
    await write(producer, topics.profile_changes, [changed(ANNA, 1), changed(ANNA, 1), changed(ANNA, 2)])
    await write(producer, topics.profile_anomalies, [anomaly(ANNA, "raised", 1)])

    def blocking() -> tuple[list[ProfileChanged], list[str]]:
        with Changes(bootstrap, app_id, topics=topics, idle_s=1.0) as changes:
            records = [one.record for one in changes if isinstance(one, Changed)]
        with Anomalies(bootstrap, app_id, topics=topics) as anomalies:
            found = []
            for one in anomalies:
                found.append(one.state)
                anomalies.stop()
        return records, found

    records, states = await asyncio.to_thread(blocking)
    assert ([one.version for one in records], states) == ([1, 2], ["raised"])


async def test_no_kafka_is_told_after_a_while(app_id) -> None:
    with pytest.raises(NoKafkaError, match=r"No Kafka answers at 127\.0\.0\.1:1") as caught:
        async with AsyncChanges("127.0.0.1:1", app_id, connect_s=0.5):
            pass
    assert caught.value.retryable
