"""Checks on what a test cannot plant in a small broker: rights, copies, racks, limits of the system."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from liveprofile.streams.admin.doctor import cluster, here
from liveprofile.streams.admin.doctor.case import Case, KafkaNow
from liveprofile.streams.admin.doctor.finding import Finding, Status
from liveprofile.streams.admin.doctor.quorum_time import ClockDifference
from liveprofile.streams.runtime.cluster_shape import ClusterNow, Node, notes
from liveprofile.streams.runtime.group_members import Group
from liveprofile.streams.runtime.topic_ids import TopicNow
from liveprofile.streams.runtime.topic_shape import Shape
from liveprofile.streams.settings import Settings
from liveprofile.streams.transport.connection import Connection
from liveprofile.streams.transport.security.settings import Security

ALL = sum(1 << code for code in range(3, 13))
READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS = (1 << code for code in (3, 4, 8, 10))
STAGES = ("ingest", "profile", "learn", "items")


def case(
    *,
    nodes: int = 3,
    copies: int = 3,
    in_sync: int = 3,
    least: int = 2,
    operations: int = ALL,
    config: Mapping[str, str] | None = None,
    rack: str = "",
    settings: Settings | None = None,
) -> Case:
    """A cluster whose topics are all alike."""
    settings = settings or Settings()
    names = [topic.name for topic in settings.topics.all()]
    topics = {
        topic.name: TopicNow(topic.name, topic.partitions, copies, in_sync, 0, operations)
        for topic in settings.topics.all()
    }
    brokers = tuple(Node(number, f"kafka-{number}:9092", f"rack-{number}") for number in range(nodes))
    values = {"min.insync.replicas": str(least)} | dict(config or {})
    kafka = KafkaNow(
        ClusterNow(brokers, topics),
        {name: Shape(copies, values) for name in names},
        {},
        Group("Stable", []),
        ClockDifference(0.0, 1.0),
        {},
    )
    return Case(settings, STAGES, Connection("kafka:9092", Security(client_rack=rack)), kafka)


def only(findings: object) -> Finding:
    """The one finding."""
    (found,) = findings  # type: ignore[misc]  # an iterator of findings
    return found  # type: ignore[no-any-return]


def test_three_copies_of_which_two_are_in_sync_are_fine() -> None:
    assert only(cluster.durability(case())).status is Status.OK


@pytest.mark.parametrize(
    ("changed", "status", "words", "step"),
    [
        ({"copies": 1, "in_sync": 1, "least": 1}, Status.WARN, "fewer than 3 copies on 3 brokers", "replication = 3"),
        ({"in_sync": 1}, Status.FAIL, "refuse writes", "--under-replicated-partitions"),
        ({"in_sync": 2}, Status.WARN, "have copies that are behind", "--under-replicated-partitions"),
        ({"least": 3}, Status.WARN, "a restart of any broker stops them", "min.insync.replicas=2"),
        (
            {"config": {"unclean.leader.election.enable": "true"}},
            Status.FAIL,
            "may lose confirmed records",
            "unclean.leader.election.enable=false",
        ),
    ],
)
def test_copies_that_do_not_keep_records_are_told_with_the_command(
    changed: dict[str, object], status: Status, words: str, step: str
) -> None:
    found = only(cluster.durability(case(**changed)))  # type: ignore[arg-type]
    assert (found.status, words in found.words, step in found.next_step) == (status, True, True), found


def test_one_broker_with_one_copy_is_no_cluster_to_warn_of() -> None:
    one = case(nodes=1, copies=1, in_sync=1, least=1)
    assert only(cluster.durability(one)).status is Status.OK
    assert one.kafka is not None
    assert list(notes(one.kafka.cluster, one.settings.topics.all(), "")) == []


def test_a_rack_is_fine_where_brokers_are_in_it_and_select_by_it() -> None:
    near = case(rack="rack-1")
    assert near.kafka is not None
    assert "replica.selector.class" in only(cluster.racks(near)).words
    selecting = replace(near, kafka=replace(near.kafka, broker_config={"replica.selector.class": "RackAware"}))
    assert only(cluster.racks(selecting)).status is Status.OK
    unknown = list(cluster.racks(case(rack="elsewhere")))
    assert unknown[0].status is Status.FAIL and "rack-0, rack-1, rack-2" in unknown[0].words


def test_rights_that_the_stages_lack_are_named_with_the_command_that_grants_them() -> None:
    assert only(cluster.permissions(case())).status is Status.OK
    found = only(cluster.permissions(case(operations=READ | DESCRIBE | DESCRIBE_CONFIGS)))
    assert found.status is Status.FAIL
    assert "dead-letters: not WRITE" in found.words
    assert "acls --role ingest --role profile --role learn --role items" in found.next_step


def test_a_topic_that_may_not_be_described_is_a_lack_of_rights_and_not_a_missing_topic() -> None:
    one = case()
    assert one.kafka is not None
    seen = one.kafka.cluster
    topics = {name: topic for name, topic in seen.topics.items() if name != "clicks"}
    hidden = replace(one, kafka=replace(one.kafka, cluster=ClusterNow(seen.nodes, topics, frozenset({"clicks"}))))
    assert "clicks: nothing" in only(cluster.permissions(hidden)).words
    assert only(cluster.topics(hidden)).status is Status.OK


def test_brokers_that_say_nothing_of_rights_are_not_taken_for_a_yes() -> None:
    assert only(cluster.permissions(case(operations=-(2**31)))).status is Status.SKIPPED


@pytest.mark.parametrize(("limit", "status"), [(200, Status.FAIL), (512, Status.WARN), (4_096, Status.OK)])
def test_few_open_files_are_told(limit: int, status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    found = only(here.open_files(case()))
    assert found.status is status
    assert ("ulimit -n 1024" in found.next_step) is (status is not Status.OK)


@pytest.mark.parametrize(("free_mib", "status"), [(10, Status.FAIL), (500, Status.WARN), (9_000, Status.OK)])
def test_a_full_disk_is_told(free_mib: int, status: Status, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here.shutil, "disk_usage", lambda _: SimpleNamespace(free=free_mib << 20))
    tmp_path.chmod(0o700)
    assert only(here.folders(case(settings=Settings(data_dir=str(tmp_path))))).status is status


def test_a_package_of_another_version_is_told_with_the_command_that_installs_the_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert only(here.versions(case())).status is Status.OK
    version = here.version
    monkeypatch.setattr(here, "version", lambda name: "0.9.0" if name == "aiokafka" else version(name))
    found = only(here.versions(case()))
    assert (found.status, "aiokafka 0.9.0" in found.words) == (Status.FAIL, True)
    assert found.next_step == "pip install 'aiokafka==0.14.0'"
