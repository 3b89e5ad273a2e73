"""A grant: what a principal may do with a resource of Kafka. Everything that is not granted is denied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANYTHING = "*"
"""Kafka's name of all resources of a type; no role is granted it."""


class ResourceType(StrEnum):
    """A type of resource, as Kafka's protocol calls it."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    TRANSACTIONAL_ID = "TRANSACTIONAL_ID"


class PatternType(StrEnum):
    """Whether a name is that of one resource, or the beginning of the names of several."""

    LITERAL = "LITERAL"
    PREFIXED = "PREFIXED"


class Operation(StrEnum):
    """An operation, as Kafka's protocol calls it. Read, Write and Delete imply Describe in Kafka's own authoriser."""

    CREATE = "CREATE"
    DELETE = "DELETE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    READ = "READ"
    WRITE = "WRITE"


OPERATION_CODES = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}
"""Kafka's numbers of operations on the wire."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """The operations that are allowed on a resource, or on all resources whose names have one beginning."""

    resource_type: ResourceType
    name: str
    pattern_type: PatternType
    operations: tuple[Operation, ...]

    def __post_init__(self) -> None:
        if self.name in ("", ANYTHING) or not self.operations:
            raise ValueError(f"{self}: a grant names a resource other than {ANYTHING}, and an operation")


def union(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """One grant for each resource with all its operations; resources and operations are in alphabetical order.

    >>> topic = ResourceType.TOPIC, "clicks", PatternType.LITERAL
    >>> (both,) = union([Grant(*topic, (Operation.READ,)), Grant(*topic, (Operation.DESCRIBE, Operation.READ))])
    >>> [operation.value for operation in both.operations]
    ['DESCRIBE', 'READ']
    """
    operations: defaultdict[tuple[ResourceType, str, PatternType], set[Operation]] = defaultdict(set)
    for grant in grants:
        operations[grant.resource_type, grant.name, grant.pattern_type].update(grant.operations)
    return tuple(sorted(Grant(*resource, tuple(sorted(allowed))) for resource, allowed in operations.items()))
