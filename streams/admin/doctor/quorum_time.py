"""The time of Kafka's clock, without writing anything: the controllers' leader says when it last caught up with itself.

DescribeQuorum tells for each voter when it was last up to date; for the leader that is the moment of the answer, by its
own clock. Clusters with ZooKeeper do not have it, and it needs Describe on the cluster.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

_NAME = CompactString("utf-8")
_TOPIC = "__cluster_metadata"
_REPLICA = CompactArray(
    ("replica_id", Int32),
    ("log_end_offset", Int64),
    ("last_fetch_ms", Int64),
    ("last_caught_up_ms", Int64),
    ("tags", TaggedFields),
)


class DescribeQuorumResponse_v1(Response):  # type: ignore[misc]  # aiokafka has no types  # noqa: N801  as aiokafka calls its own
    """The first version with times."""

    API_KEY = 55
    API_VERSION = 1
    SCHEMA = Schema(
        ("error_code", Int16),
        (
            "topics",
            CompactArray(
                ("name", _NAME),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("leader_id", Int32),
                        ("leader_epoch", Int32),
                        ("high_watermark", Int64),
                        ("voters", _REPLICA),
                        ("observers", _REPLICA),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class DescribeQuorumRequest_v1(RequestStruct):  # type: ignore[misc]  # aiokafka has no types  # noqa: N801
    """Asks for the quorum of the cluster's own metadata."""

    FLEXIBLE_VERSION = True
    API_KEY = 55
    API_VERSION = 1
    RESPONSE_TYPE = DescribeQuorumResponse_v1
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("name", _NAME),
                ("partitions", CompactArray(("partition", Int32), ("tags", TaggedFields))),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _QuorumRequest(Request[DescribeQuorumRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 55

    def build(self, request_struct_class: type[DescribeQuorumRequest_v1]) -> DescribeQuorumRequest_v1:
        return request_struct_class([(_TOPIC, [(0, {})], {})], {})


@dataclass(frozen=True, slots=True)
class ClockDifference:
    """How far the clock of this machine is ahead of Kafka's."""

    ahead_ms: float
    """Negative: it is behind."""
    within_ms: float
    """Half of the round trip: the difference is not known more exactly."""


async def clock_difference(client: Any, now_ms: Callable[[], float] = lambda: time.time() * 1000) -> ClockDifference:
    """Compare the clocks. KafkaError or NotImplementedError where Kafka does not tell; `client` is aiokafka's."""
    began_ms, began_s = now_ms(), time.monotonic()
    response = await client.send(client.get_random_node(), _QuorumRequest())
    half_ms = (time.monotonic() - began_s) * 500
    if response.error_code:
        raise for_code(response.error_code)("the quorum")
    ((_, partitions, *_),) = response.topics
    ((_, code, leader, _, _, voters, *_),) = partitions
    if code:
        raise for_code(code)("the quorum")
    theirs_ms = next((caught_up for number, _, _, caught_up, *_ in voters if number == leader), -1)
    if theirs_ms < 0:
        raise NotImplementedError("the leader tells no time")
    return ClockDifference(began_ms + half_ms - theirs_ms, half_ms)
