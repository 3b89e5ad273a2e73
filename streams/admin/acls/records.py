"""Grants as records for programs, in the words of Kafka's protocol."""

from collections.abc import Sequence
from typing import Any

from liveprofile.streams.admin.acls.grant import Grant


def records(grants: Sequence[Grant], principal: str, host: str) -> list[dict[str, Any]]:
    """One for each resource."""
    return [
        {
            "principal": principal,
            "host": host,
            "permission_type": "ALLOW",
            "resource_type": grant.resource_type.value,
            "pattern_type": grant.pattern_type.value,
            "name": grant.name,
            "operations": [operation.value for operation in grant.operations],
        }
        for grant in grants
    ]
