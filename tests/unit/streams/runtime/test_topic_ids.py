"""Answers of brokers about topics: their ids, their configuration, and the errors among them."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from structlog.testing import capture_logs

from liveprofile.streams.runtime.topic_ids import Identity, MetadataRequest_v12, _TopicIdsRequest, _Uuid, identities
from liveprofile.streams.runtime.topic_shape import Shape, shapes

ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
UNKNOWN, DENIED, CLUSTER = (
    error.errno
    for error in (UnknownTopicOrPartitionError, TopicAuthorizationFailedError, ClusterAuthorizationFailedError)
)


class Client:
    """A client whose broker knows these topics: error code, name, id, partitions."""

    def __init__(self, *topics: tuple[int, str, UUID, int]) -> None:
        self._topics = topics
        self.asked: list[Any] = []

    def get_random_node(self) -> int:
        return 3

    async def send(self, node: int, request: Any) -> Any:
        self.asked.append((node, request))
        return SimpleNamespace(
            topics=[(code, name, one, False, [()] * count, 0, {}) for code, name, one, count in self._topics]
        )


async def test_a_topic_is_its_id_and_its_partitions_and_an_unknown_one_is_left_out() -> None:
    client = Client((0, "clicks", ID, 4), (UNKNOWN, "orders", UUID(int=0), 0))
    assert await identities(client, ["clicks", "orders"]) == {"clicks": Identity(str(ID), 4)}
    assert [node for node, _ in client.asked] == [3]


async def test_another_error_is_raised_with_the_topic() -> None:
    with pytest.raises(TopicAuthorizationFailedError, match="topic orders"):
        await identities(Client((0, "clicks", ID, 4), (DENIED, "orders", ID, 0)), ["clicks", "orders"])


def test_an_id_is_sixteen_bytes_and_no_more_are_read() -> None:
    data = BytesIO(_Uuid.encode(ID) + b"next")
    assert _Uuid.decode(data) == ID and data.read() == b"next"


def test_the_request_asks_by_name_and_creates_no_topic() -> None:
    request = _TopicIdsRequest(["clicks", "orders"]).build(MetadataRequest_v12)
    topics, create, *_ = request.to_object().values()
    assert [topic["name"] for topic in topics] == ["clicks", "orders"] and create is False


class Admin:
    """An admin client of a cluster with topics, and with answers to describe_configs."""

    def __init__(self, replicas: dict[str, list[int]], *resources: tuple[int, str, list[tuple[str, str]]]) -> None:
        self._replicas = replicas
        self._resources = resources
        self.wanted: list[str] = []

    async def describe_topics(self) -> Any:
        return [
            {"topic": name, "partitions": [{"replicas": [0] * count} for count in counts]}
            for name, counts in self._replicas.items()
        ]

    async def describe_configs(self, wanted: Any) -> Any:
        self.wanted += [one.name for one in wanted]
        return [SimpleNamespace(resources=[(code, "why", 2, name, entries)]) for code, name, entries in self._resources]


async def test_a_shape_has_the_fewest_copies_of_a_partition_and_the_values_in_force() -> None:
    admin = Admin({"clicks": [3, 2, 3], "other": [1]}, (0, "clicks", [("retention.ms", "5"), ("a", "b")]))
    assert await shapes(admin, ["clicks", "orders"]) == {"clicks": Shape(2, {"retention.ms": "5", "a": "b"})}  # type: ignore[arg-type]
    assert admin.wanted == ["clicks"], "only what exists is asked for"


async def test_without_any_of_the_topics_nothing_is_asked() -> None:
    admin = Admin({"other": [1]})
    assert await shapes(admin, ["clicks"]) == {} and not admin.wanted  # type: ignore[arg-type]


async def test_a_topic_that_may_not_be_read_is_said_and_one_that_is_gone_is_not_and_neither_has_a_shape() -> None:
    admin = Admin({"clicks": [1], "orders": [1]}, (DENIED, "clicks", []), (UNKNOWN, "orders", []))
    with capture_logs() as lines:
        assert await shapes(admin, ["clicks", "orders"]) == {}  # type: ignore[arg-type]
    assert [(line["log_level"], line["topic"]) for line in lines] == [("warning", "clicks")]


async def test_another_error_of_the_configuration_is_raised() -> None:
    with pytest.raises(ClusterAuthorizationFailedError, match="configuration of clicks: why"):
        await shapes(Admin({"clicks": [1]}, (CLUSTER, "clicks", [])), ["clicks"])  # type: ignore[arg-type]
