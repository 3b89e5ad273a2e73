"""Compares the configuration of real topics with what the application needs; each difference has its repair.

    cleanup.policy        exactly as wanted: profiles on a topic that deletes would vanish, events on one that compacts
    retention.ms          of internal logs at least as wanted: stages read them back
    retention.bytes       of internal logs no limit, for the same reason
    max.message.bytes     at least the largest record that a worker writes
    min.insync.replicas   2 or more where there are 3 copies: with 1, one broker decides alone what is durable; and
                          never more than there are copies, which would refuse every write

Inputs are the shop's: of them only the cleanup policy is compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, UnknownTopicOrPartitionError, for_code

from liveprofile.streams.contract.topics import Topic
from liveprofile.streams.errors import SetupError
from liveprofile.streams.transport.connection import Bootstrap, client_arguments

log = structlog.get_logger(__name__)

CONFIRMED_BY = 2
"""Copies that must have a record before it counts as durable, where there are `COPIES` or more."""
COPIES = 3
UNLIMITED = -1


@dataclass(frozen=True)
class Shape:
    """A real topic."""

    copies: int
    """The fewest copies of a partition."""
    config: Mapping[str, str]
    """The values in force, those of the broker's defaults included."""


@dataclass(frozen=True)
class Fault:
    """A value of a topic's configuration with which the application is not safe."""

    topic: str
    name: str
    found: str
    wanted: str
    why: str

    @property
    def words(self) -> str:
        """For a person.

        >>> Fault("shop.state", "cleanup.policy", "delete", "compact", "profiles would vanish").words
        'shop.state has cleanup.policy=delete, needed is compact: profiles would vanish'
        """
        return f"{self.topic} has {self.name}={self.found}, needed is {self.wanted}: {self.why}"


def repair(bootstrap: Bootstrap, faults: Sequence[Fault]) -> str:
    """The commands of Kafka that repair the faults, one for each topic.

    >>> told = repair("kafka:9092", [Fault("shop.state", "cleanup.policy", "delete", "compact", "profiles vanish")])
    >>> told.endswith("--entity-type topics --entity-name shop.state --add-config cleanup.policy=compact")
    True
    """
    lines = []
    for topic in dict.fromkeys(fault.topic for fault in faults):
        values = ",".join(
            f"{one.name}=[{one.wanted}]" if "," in one.wanted else f"{one.name}={one.wanted}"
            for one in faults
            if one.topic == topic
        )
        lines.append(
            f"kafka-configs.sh --bootstrap-server {bootstrap} --alter --entity-type topics --entity-name {topic} "
            f"--add-config {values}"
        )
    return "\n".join(lines)


def faults_of(topic: Topic, real: Shape, max_record_bytes: int) -> Iterator[Fault]:
    """All faults of a topic."""
    config = real.config

    def fault(name: str, wanted: str, why: str) -> Fault:
        return Fault(topic.name, name, config.get(name, ""), wanted, why)

    wanted = topic.config.get("cleanup.policy", "delete")
    if config.get("cleanup.policy") != wanted:
        lost = (
            "all but the last record of a key would vanish"
            if wanted == "delete"
            else "what is not written again would vanish"
        )
        yield fault("cleanup.policy", wanted, lost)
    if topic.is_input:
        return
    if "retention.ms" in topic.config and topic.is_internal:
        kept, needed = int(config.get("retention.ms", UNLIMITED)), int(topic.config["retention.ms"])
        if kept != UNLIMITED and kept < needed:
            yield fault("retention.ms", str(needed), "records would be gone before they are read, or read again")
        if int(config.get("retention.bytes", UNLIMITED)) != UNLIMITED:
            yield fault("retention.bytes", str(UNLIMITED), "on a busy day records would be gone before they are read")
    if int(config.get("max.message.bytes", max_record_bytes)) < max_record_bytes:
        yield fault("max.message.bytes", topic.config["max.message.bytes"], "the largest records would be refused")
    in_sync = int(config.get("min.insync.replicas", 1))
    if in_sync > real.copies:
        yield fault("min.insync.replicas", str(real.copies), f"with {real.copies} copies nothing could be written")
    if real.copies >= COPIES and int(config.get("min.insync.replicas", CONFIRMED_BY)) < CONFIRMED_BY:
        yield fault("min.insync.replicas", str(CONFIRMED_BY), "one broker alone would decide what is durable")


async def shapes(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, Shape]:
    """The real shape of each topic that exists, and whose configuration may be read."""
    copies = {
        topic["topic"]: min((len(part["replicas"]) for part in topic["partitions"]), default=0)
        for topic in await admin.describe_topics()
    }
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names if name in copies]
    if not wanted:
        return {}
    found: dict[str, Shape] = {}
    for response in await admin.describe_configs(wanted):
        for code, message, _, name, entries in response.resources:
            _raise_unless_expected(name, code, message)
            if code == 0:
                found[name] = Shape(copies[name], {entry[0]: entry[1] for entry in entries})
    return found


def _raise_unless_expected(name: str, code: int, message: Any) -> None:
    error = for_code(code)
    if error is TopicAuthorizationFailedError:
        log.warning(
            "topic configuration not checked",
            topic=name,
            reason="DescribeConfigs on it is not allowed",
            next="grant what `liveprofile acls` prints for the role",
        )
    elif code and error is not UnknownTopicOrPartitionError:
        raise error(f"configuration of {name}: {message}")


async def find_faults(bootstrap: Bootstrap, topics: Sequence[Topic], max_record_bytes: int) -> list[Fault]:
    """The faults of all topics that exist, in the order of `topics`. Raises KafkaError where Kafka does not answer."""
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    try:
        await admin.start()
        real = await shapes(admin, [topic.name for topic in topics])
    finally:
        await admin.close()
    return faults_among(topics, real, max_record_bytes)


def faults_among(topics: Sequence[Topic], real: Mapping[str, Shape], max_record_bytes: int) -> list[Fault]:
    """The faults of the topics whose real configuration is given, in the order of `topics`."""
    return [
        fault
        for topic in topics
        if topic.name in real
        for fault in faults_of(topic, real[topic.name], max_record_bytes)
    ]


async def require_shapes(bootstrap: Bootstrap, topics: Sequence[Topic], max_record_bytes: int) -> None:
    """`SetupError` with the commands that repair it, if the application would not be safe on its topics."""
    if topics and (faults := await find_faults(bootstrap, topics, max_record_bytes)):
        told = "; ".join(fault.words for fault in faults)
        raise SetupError(f"the topics are not configured as profiles need them: {told}", repair(bootstrap, faults))
