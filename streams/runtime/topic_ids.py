"""Reads the ids of topics from Kafka: a topic that was deleted and created again has the same name, but another id."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

UNKNOWN_TOPIC = 3
DENIED = 29
"""Error code of a topic that the client may not describe."""
PASSING = (0, 5, 72)
"""Codes of topics that are there: without an error, or with one of a leader that is being chosen."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a topic, which differs from that of another topic of the same name."""

    topic_id: str
    partitions: int


@dataclass(frozen=True, slots=True)
class TopicNow:
    """How a topic stands on its brokers."""

    name: str
    partitions: int
    copies: int
    """The fewest of a partition."""
    in_sync: int
    """The fewest of a partition."""
    leaderless: int
    """Partitions without a leader."""
    operations: int
    """Bits of what this client may do with it, by Kafka's codes of operations; negative where the broker says none."""


class _Uuid:
    """Sixteen bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


_NAME = CompactString("utf-8")
_BROKER = CompactArray(("node_id", Int32), ("host", _NAME), ("port", Int32), ("rack", _NAME), ("tags", TaggedFields))
_PARTITION = CompactArray(
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline_replicas", CompactArray(Int32)),
    ("tags", TaggedFields),
)
_TOPIC = CompactArray(
    ("error_code", Int16),
    ("name", _NAME),
    ("topic_id", _Uuid),
    ("is_internal", Boolean),
    ("partitions", _PARTITION),
    ("authorized_operations", Int32),
    ("tags", TaggedFields),
)


class MetadataResponse_v12(Response):  # type: ignore[misc]  # aiokafka has no types  # noqa: N801  as aiokafka calls its own
    """The first version with ids is 10; aiokafka 0.14 itself stops at 5."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", _BROKER),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        ("topics", _TOPIC),
        ("tags", TaggedFields),
    )


class MetadataRequest_v12(RequestStruct):  # type: ignore[misc]  # aiokafka has no types  # noqa: N801
    """Asks for topics by name, and creates none."""

    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = MetadataResponse_v12
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _NAME), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIdsRequest(Request[MetadataRequest_v12]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3

    def __init__(self, names: Collection[str], *, with_operations: bool = False) -> None:
        self._names = names
        self._with_operations = with_operations

    def build(self, request_struct_class: type[MetadataRequest_v12]) -> MetadataRequest_v12:
        wanted: list[tuple[Any, ...]] = [(UUID(int=0), name, {}) for name in self._names]
        return request_struct_class(wanted, False, self._with_operations, {})


async def identities(client: Any, names: Collection[str]) -> dict[str, Identity]:
    """Identities of existing topics, by name. `client` is a started aiokafka client.

    Raises `KafkaError` if the request fails, `NotImplementedError` for Kafka before 3.1.
    """
    response = await client.send(client.get_random_node(), _TopicIdsRequest(names))
    found = {}
    for code, name, topic_id, _, partitions, *_ in response.topics:
        if code == 0:
            found[name] = Identity(str(topic_id), len(partitions))
        elif code != UNKNOWN_TOPIC:
            raise for_code(code)(f"topic {name}")
    return found


async def topics_now(
    client: Any, names: Collection[str]
) -> tuple[list[tuple[Any, ...]], dict[str, TopicNow], list[str]]:
    """Brokers (number, host, port, rack, tags), the topics that exist by name, and those that may not be described.

    Raises `KafkaError` if the request fails, `NotImplementedError` for Kafka before 3.1.
    """
    response = await client.send(client.get_random_node(), _TopicIdsRequest(names, with_operations=True))
    found, denied = {}, []
    for code, name, _, _, partitions, operations, *_ in response.topics:
        if code == DENIED:
            denied.append(name)
        elif code in PASSING:
            copies = min((len(part[4]) for part in partitions), default=0)
            in_sync = min((len(part[5]) for part in partitions), default=0)
            leaderless = sum(part[2] < 0 for part in partitions)
            found[name] = TopicNow(name, len(partitions), copies, in_sync, leaderless, operations)
    return response.brokers, found, denied
