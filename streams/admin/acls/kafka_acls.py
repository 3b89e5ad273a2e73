"""Grants as commands of Kafka's own `kafka-acls.sh`, one for each resource."""

import shlex
from collections.abc import Iterator, Sequence

from liveprofile.streams.admin.acls.grant import Grant, ResourceType
from liveprofile.streams.admin.acls.names import camel_case

_OPTIONS = {
    ResourceType.TOPIC: "--topic",
    ResourceType.GROUP: "--group",
    ResourceType.TRANSACTIONAL_ID: "--transactional-id",
}


def kafka_acls(grants: Sequence[Grant], principal: str, host: str, bootstrap: str) -> str:
    """Lines for a shell. An ACL that is there already is left as it is."""
    return "\n".join(shlex.join(_words(grant, principal, host, bootstrap)) for grant in grants)


def _words(grant: Grant, principal: str, host: str, bootstrap: str) -> Iterator[str]:
    yield from ("kafka-acls.sh", "--bootstrap-server", bootstrap, "--add")
    yield from ("--allow-principal", principal, "--allow-host", host)
    for operation in grant.operations:
        yield from ("--operation", camel_case(operation))
    yield from (_OPTIONS[grant.resource_type], grant.name)
    yield from ("--resource-pattern-type", grant.pattern_type.lower())
