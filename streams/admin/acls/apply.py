"""Sets the rights of a principal on a running Kafka, as whoever may alter its access control lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest
from aiokafka.protocol.api import Request

from liveprofile.streams.admin.acls.grant import ANYTHING, OPERATION_CODES, Grant, PatternType, ResourceType, union
from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import ask

_TYPES = {ResourceType.TOPIC: 2, ResourceType.GROUP: 3, ResourceType.TRANSACTIONAL_ID: 5}
_PATTERNS = {PatternType.LITERAL: 3, PatternType.PREFIXED: 4}
_Value = TypeVar("_Value")
_ANY, _ALLOW = 1, 3
_KNOWN_WITHIN_S = 15.0
"""Longest wait until the broker goes by the new rules: it learns of them from the controller."""

Rule = tuple[int, str, int, int]
"""Resource type, name, pattern type and operation by Kafka's numbers; allowed to one principal."""


async def set_rights(bootstrap: Bootstrap, rights: Mapping[str, Sequence[Grant]]) -> None:
    """Allow each principal exactly its grants, from any host: what is missing is added, what is more is taken away.

    It returns when the broker goes by them. UserError if the rights may not be changed, NoKafkaError without a Kafka.
    """
    async with _admin(bootstrap) as admin:
        for principal, grants in rights.items():
            await _set(admin, principal, {rule for grant in grants for rule in _rules(grant)})


async def rights_of(bootstrap: Bootstrap, principal: str) -> tuple[Grant, ...]:
    """What a principal is allowed from any host, in the order of `union`; raises as `set_rights` does."""
    async with _admin(bootstrap) as admin:
        rules = await _present(admin, principal)
    return union(
        Grant(_by_number(_TYPES)[kind], name, _by_number(_PATTERNS)[pattern], (_by_number(OPERATION_CODES)[operation],))
        for kind, name, pattern, operation in rules
    )


def _by_number(numbers: Mapping[_Value, int]) -> dict[int, _Value]:
    return {number: value for value, number in numbers.items()}


async def _set(admin: AIOKafkaAdminClient, principal: str, wanted: set[Rule]) -> None:
    present = await _present(admin, principal)
    if more := present - wanted:
        await _change(admin, _DeleteAcls([(*rule[:3], principal, ANYTHING, rule[3], _ALLOW) for rule in sorted(more)]))
    if missing := wanted - present:
        new = [(*rule[:3], principal, ANYTHING, rule[3], _ALLOW) for rule in sorted(missing)]
        await _change(admin, _CreateAcls(new))
    async with asyncio.timeout(_KNOWN_WITHIN_S):
        while await _present(admin, principal) != wanted:  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.02)


async def _present(admin: AIOKafkaAdminClient, principal: str) -> set[Rule]:
    """What the principal is allowed now."""
    everything = DescribeAclsRequest(_ANY, None, _ANY, principal, None, _ANY, _ALLOW)
    response = await ask(admin, everything)
    _raise_for(response.error_code, response.error_message)
    return {
        (resource_type, name, pattern, operation)
        for resource_type, name, pattern, rules in response.resources
        for _, host, operation, _ in rules
        if host == ANYTHING
    }


async def _change(admin: AIOKafkaAdminClient, request: Request[Any]) -> None:
    response = await ask(admin, request)
    deletes = isinstance(request, _DeleteAcls)
    for code, message, *_ in response.filter_responses if deletes else response.creation_responses:
        _raise_for(code, message)


def _raise_for(code: int, message: str | None) -> None:
    if code:
        raise UserError(
            f"The rights on Kafka cannot be changed: {for_code(code).__name__}{f' ({message})' if message else ''}.",
            "Do it as a user who may alter the cluster, on brokers with an authoriser.",
        )


def _rules(grant: Grant) -> Iterable[Rule]:
    resource = _TYPES[grant.resource_type], grant.name, _PATTERNS[grant.pattern_type]
    return ((*resource, OPERATION_CODES[operation]) for operation in grant.operations)


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka is taken as untyped
    """Several rules in one request; aiokafka's own has one."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, rules: Sequence[tuple[Any, ...]]) -> None:
        self._rules = list(rules)

    def build(self, struct: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return struct(self._rules)


class _DeleteAcls(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]  # aiokafka is taken as untyped
    """The same, to take rules away."""

    API_KEY = DeleteAclsRequest_v1.API_KEY

    def __init__(self, rules: Sequence[tuple[Any, ...]]) -> None:
        self._rules = list(rules)

    def build(self, struct: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        return struct(self._rules)


@asynccontextmanager
async def _admin(bootstrap: Bootstrap) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    try:
        await admin.start()
    except (KafkaError, OSError) as problem:
        await admin.close()
        raise no_kafka(bootstrap, "Start the brokers, or give another address.") from problem
    try:
        yield admin
    finally:
        await admin.close()
