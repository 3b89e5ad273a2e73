"""The lineage: which topics are remembered, when a replaced one is refused, and what a running worker overlooks."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from support.lineage_log import LINEAGE, Cluster

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime import lineage as module
from liveprofile.streams.runtime.lineage import Entry, Lineage, forget_entry, read_entries, write_entries
from liveprofile.streams.runtime.topic_ids import Identity

CONSEQUENCES = {"activity": "activities would count twice", "state": "profiles would be lost"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    found = Cluster(activity=Identity("a", 4), state=Identity("s", 4))
    found.read_by(monkeypatch, "lineage")
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    return found


def lineage(cluster: Cluster, topic: str = LINEAGE, **layouts: int) -> Lineage:
    return Lineage(cluster, "here:9092", topic, CONSEQUENCES, layouts)  # type: ignore[arg-type]


async def entries(cluster: Cluster) -> dict[str, Entry]:
    return await read_entries("here:9092", LINEAGE)


async def looked(running: Lineage, times: int = 3) -> None:
    """Let a worker look some times; raises what it raises."""
    async with asyncio.timeout(5.0):
        task = asyncio.create_task(running.keep_looking())
        await asyncio.wait([task], timeout=times * 0.02)
        if not task.done():
            task.cancel()
            return
        task.result()


async def test_a_new_application_remembers_its_topics_once_and_not_the_lineage_itself(cluster: Cluster) -> None:
    await lineage(cluster).begin()
    assert await entries(cluster) == {"activity": Entry("a", 4), "state": Entry("s", 4)}
    await lineage(cluster).begin()
    assert cluster.sends == 1


@pytest.mark.parametrize("name", ["activity", "state"])
async def test_a_topic_that_was_created_again_is_refused_with_its_consequence(cluster: Cluster, name: str) -> None:
    await lineage(cluster).begin()
    cluster.topics[name] = Identity("another", 4)
    with pytest.raises(SetupError, match=rf"'{name}' was deleted and created again .*: {CONSEQUENCES[name]}"):
        await lineage(cluster).begin()


async def test_an_id_is_compared_by_its_text(cluster: Cluster) -> None:
    await lineage(cluster).begin()
    cluster.topics["state"] = Identity("".join(["s"]), 4)
    await lineage(cluster).begin()
    assert Entry("abc", 4).difference(Identity("".join(["a", "bc"]), 4)) is None


async def test_a_topic_with_more_or_fewer_partitions_or_without_itself_is_refused(cluster: Cluster) -> None:
    await lineage(cluster).begin()
    for partitions in (3, 5):
        cluster.topics["state"] = Identity("s", partitions)
        with pytest.raises(SetupError, match=rf"'state' has {partitions} partitions, it had 4"):
            await lineage(cluster).begin()
    del cluster.topics["state"]
    with pytest.raises(SetupError, match="'state' does not exist any more"):
        await lineage(cluster).begin()


async def test_without_a_lineage_topic_nothing_is_checked_and_nothing_is_known(cluster: Cluster) -> None:
    unchecked = lineage(cluster, topic="")
    await unchecked.begin()
    await asyncio.wait_for(unchecked.keep_looking(), 1.0)
    assert cluster.sends == 0
    assert (unchecked.topic_id("state"), unchecked.generation("state"), unchecked.layout("state")) == ("", 0, 0)


async def test_a_new_topic_is_written_in_the_newest_layout_and_an_old_one_in_the_agreed(cluster: Cluster) -> None:
    old = Entry("s", 4, generation=2, layout=1)
    await write_entries(cluster, LINEAGE, {"state": old})  # type: ignore[arg-type]
    begun = lineage(cluster, state=3, activity=2)
    await begun.begin()
    assert [begun.layout(name) for name in ("state", "activity", "unknown")] == [1, 2, 0]
    assert [begun.generation(name) for name in ("state", "activity", "unknown")] == [2, 0, 0]
    assert [begun.topic_id(name) for name in ("state", "activity", "unknown")] == ["s", "a", ""]
    assert (await entries(cluster))["activity"] == Entry("a", 4, layout=2)


async def test_a_layout_of_a_newer_program_is_refused_and_the_newest_known_is_not(cluster: Cluster) -> None:
    await write_entries(cluster, LINEAGE, {"state": Entry("s", 4, layout=3)})  # type: ignore[arg-type]
    await lineage(cluster, state=3).begin()
    with pytest.raises(SetupError, match=r"'state' is written in layout 3 by a newer program.* up to 2"):
        await lineage(cluster, state=2).begin()


async def test_a_running_worker_stops_for_a_topic_that_is_another_at_once(cluster: Cluster) -> None:
    running = lineage(cluster)
    await running.begin()
    await looked(running)
    cluster.topics["state"] = Identity("another", 4)
    with pytest.raises(SetupError, match="'state' was deleted and created again"):
        await looked(running)


async def test_a_running_worker_forgives_a_topic_that_is_missing_once_and_not_twice(cluster: Cluster) -> None:
    running = lineage(cluster)
    await running.begin()
    state, looks = cluster.topics.pop("state"), 0
    identities = cluster.identities

    async def lagging(names: Any) -> Any:
        nonlocal looks
        looks += 1
        cluster.topics = {name: one for name, one in cluster.topics.items() if name != "state"}
        if looks != missing_at:
            cluster.topics["state"] = state
        return await identities(names)

    cluster.identities = lagging  # type: ignore[method-assign]
    missing_at = 2
    await looked(running, 6)
    assert looks > 3
    cluster.identities = identities  # type: ignore[method-assign]
    del cluster.topics["state"]
    with pytest.raises(SetupError, match="'state' does not exist any more"):
        await looked(running, 6)


async def test_a_running_worker_looks_again_after_an_error_of_the_broker(cluster: Cluster) -> None:
    running = lineage(cluster)
    await running.begin()
    cluster.errors = [KafkaConnectionError(), OSError()]
    await looked(running, 5)
    assert not cluster.errors


async def test_a_generation_of_an_abandoned_rebuild_may_go_and_one_that_is_remembered_may_not(
    cluster: Cluster,
) -> None:
    cluster.topics |= {"state.1": Identity("s1", 4), "state.2": Identity("s2", 4)}
    later = {"state.1": Entry("s1", 4), "state.2": Entry("s2", 4)}
    await write_entries(cluster, LINEAGE, later)  # type: ignore[arg-type]
    running = lineage(cluster)
    await running.begin()
    await forget_entry(cluster, LINEAGE, "state.1")  # type: ignore[arg-type]
    del cluster.topics["state.1"]
    await looked(running, 5)
    assert running.topic_id("state.1") == "" and running.topic_id("state.2") == "s2"
    assert running.topic_id("state") == "s", "what every worker checks is never forgotten"
    del cluster.topics["state.2"]
    with pytest.raises(SetupError, match=r"'state.2' does not exist any more.*begin again from nothing"):
        await looked(running, 6)


async def test_a_kafka_without_ids_is_refused_with_the_version_that_has_them(cluster: Cluster) -> None:
    cluster.errors = [NotImplementedError()]
    with pytest.raises(SetupError, match=r"here:9092 does not return the ids of topics.*Apache Kafka 3.1"):
        await lineage(cluster).begin()
