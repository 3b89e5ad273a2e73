"""Three nodes form one cluster that goes on without one of them, refuses to write without two, and loses nothing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from support.topics_now import records_of

from liveprofile.streams.admin.topics import create_topics, topic_faults, topic_shapes
from liveprofile.streams.broker import BrokerError
from liveprofile.streams.broker.cluster import Cluster
from liveprofile.streams.contract.topics import Topic, Topics

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes; each test leaves all of them running."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


async def test_every_node_knows_the_others_and_internal_topics_have_three_copies(cluster: Cluster) -> None:
    assert cluster.answers() and len(cluster.bootstrap.split(",")) == 3
    for node in cluster.nodes:
        admin = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap)
        await admin.start()
        try:
            assert len((await admin.describe_cluster())["brokers"]) == 3
            assert await _copies_of_offsets(admin) == {3}
        finally:
            await admin.close()


async def test_one_node_killed_writes_go_on_two_killed_they_are_refused_and_after_a_restart_all_is_there(
    cluster: Cluster,
) -> None:
    await create_topics(cluster.bootstrap, [Topic("kept", 3)], replication=3)
    _, second, third = cluster.nodes
    ports = cluster.bootstrap
    assert await _written(cluster, "with three", 30.0)
    third.kill()
    assert await _written(cluster, "with two", 30.0)
    second.kill()
    assert not await _written(cluster, "with one", 5.0)
    second.start()
    assert await _written(cluster, "with two again", 30.0)
    third.start()
    assert cluster.answers() and cluster.bootstrap == ports
    confirmed = {"with three", "with two", "with two again"}
    assert confirmed <= set(await _all_values(cluster)) <= {*confirmed, "with one"}  # it may have arrived unconfirmed


async def test_topics_with_three_copies_are_created_so_that_two_must_have_a_record(cluster: Cluster) -> None:
    topics = Topics("durable", 1)
    await create_topics(cluster.bootstrap, topics, replication=3)
    assert await topic_faults(cluster.bootstrap, topics, 1_000_000) == []
    real = await topic_shapes(cluster.bootstrap, topics)
    assert {(shape.copies, shape.config["min.insync.replicas"]) for shape in real.values()} == {(3, "2")}


def test_another_number_of_nodes_is_refused(cluster: Cluster) -> None:
    with pytest.raises(BrokerError, match="has 3 nodes, not 5"):
        Cluster(cluster.folder, 5)


def test_a_cluster_leaves_no_process_and_keeps_its_ports(tmp_path: Path) -> None:
    with Cluster(tmp_path, 1) as alone:
        assert alone.answers()
        found = Cluster(tmp_path, 1)
        assert found.bootstrap == alone.bootstrap and found.answers()
    assert not found.answers() and found.nodes[0].running() is None


async def _copies_of_offsets(admin: AIOKafkaAdminClient) -> set[int]:
    """How many copies the partitions of the offsets topic have, which Kafka makes when somebody asks for a group."""
    copies: set[int] = set()
    while not copies:
        with contextlib.suppress(KafkaError):
            await admin.find_coordinator("any group")
        (topic,) = await admin.describe_topics(["__consumer_offsets"])
        copies = {len(partition["replicas"]) for partition in topic["partitions"]}
    return copies


async def _written(cluster: Cluster, text: str, within_s: float) -> bool:
    """Whether a record to every partition was confirmed by all replicas that must be in sync."""
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap, acks="all", request_timeout_ms=round(within_s * 1000)
    )
    try:
        await producer.start()
        for partition in range(3):
            await producer.send_and_wait("kept", text.encode(), partition=partition)
    except KafkaError:
        return False
    finally:
        await producer.stop()
    return True


async def _all_values(cluster: Cluster) -> list[str]:
    return [record.value.decode() async for record in records_of(cluster.bootstrap, "kept", 3)]
