"""What of a topic's configuration is not safe, and that everything else is the operator's choice."""

from collections.abc import Mapping

import pytest

from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.runtime.topic_shape import Fault, Shape, faults_of, repair

TOPICS = Topics("shop", 3)
BY_NAME = {topic.name: topic for topic in TOPICS.all()}
BROKER: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": "604800000",
    "retention.bytes": "-1",
    "max.message.bytes": "1048588",
    "min.insync.replicas": "1",
    "max.compaction.lag.ms": str((1 << 63) - 1),
}
"""Defaults of a broker, which are in force where a topic has no value of its own."""
LIMIT = 1_000_000


def found(topic: Topic, copies: int = 1, **changed: str) -> dict[str, str]:
    """The faults of a topic as it is created, with some values changed, by the name of the value."""
    config = {**BROKER, **topic.config, **{name.replace("_", "."): value for name, value in changed.items()}}
    return {fault.name: fault.wanted for fault in faults_of(topic, Shape(copies, config), LIMIT)}


@pytest.mark.parametrize("topic", TOPICS.all(), ids=lambda topic: topic.name)
def test_topics_as_they_are_created_have_no_fault(topic: Topic) -> None:
    assert found(topic) == {}
    assert found(topic, copies=3, min_insync_replicas="2") == {}


@pytest.mark.parametrize("policy", ["delete", "compact,delete"])
def test_a_topic_of_latest_values_that_also_deletes_is_refused(policy: str) -> None:
    assert found(BY_NAME[TOPICS.state], cleanup_policy=policy) == {"cleanup.policy": "compact"}


@pytest.mark.parametrize("name", [TOPICS.clicks, TOPICS.activity, TOPICS.profile_changes])
def test_a_log_that_compacts_is_refused_an_input_too(name: str) -> None:
    assert found(BY_NAME[name], cleanup_policy="compact") == {"cleanup.policy": "delete"}


def test_a_log_that_stages_read_back_may_not_be_shorter_than_it_is_created_and_may_be_longer() -> None:
    activity = BY_NAME[TOPICS.activity]
    month = activity.config["retention.ms"]
    assert found(activity, retention_ms=str(int(month) - 1)) == {"retention.ms": month}
    assert found(activity, retention_ms=str(2 * int(month))) == found(activity, retention_ms="-1") == {}
    assert found(activity, retention_bytes="1000000000") == {"retention.bytes": "-1"}


@pytest.mark.parametrize("name", [TOPICS.clicks, TOPICS.dead_letters, TOPICS.profile_changes])
def test_how_long_inputs_and_outputs_are_kept_is_the_shops_own_choice(name: str) -> None:
    assert found(BY_NAME[name], retention_ms="3600000", retention_bytes="1000") == {}


def test_a_limit_of_records_below_what_workers_write_is_refused() -> None:
    wanted = BY_NAME[TOPICS.models].config["max.message.bytes"]
    assert found(BY_NAME[TOPICS.models], max_message_bytes="999999") == {"max.message.bytes": wanted}
    assert found(BY_NAME[TOPICS.models], max_message_bytes="1000000") == {}
    assert found(BY_NAME[TOPICS.clicks], max_message_bytes="1000") == {}


@pytest.mark.parametrize(("copies", "faults"), [(1, {}), (2, {}), (3, {"min.insync.replicas": "2"})])
def test_of_three_copies_two_must_have_a_record(copies: int, faults: dict[str, str]) -> None:
    assert found(BY_NAME[TOPICS.state], copies) == faults
    assert found(BY_NAME[TOPICS.clicks], copies) == {}


def test_the_commands_repair_all_faults_of_a_topic_at_once() -> None:
    faults = [
        Fault("shop.state", "cleanup.policy", "delete", "compact", "x"),
        Fault("shop.activity", "retention.ms", "1", "2", "x"),
        Fault("shop.state", "min.insync.replicas", "1", "2", "x"),
    ]
    first, second = repair("kafka:9092", faults).splitlines()
    assert first.endswith("--entity-name shop.state --add-config cleanup.policy=compact,min.insync.replicas=2")
    assert second.startswith("kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics")
