"""Grants as a KafkaUser of Strimzi, which manages Kafka on Kubernetes. The operator makes the user and its ACLs."""

import json
import re
from collections.abc import Iterator, Sequence

from liveprofile.streams.admin.acls.grant import Grant, PatternType, ResourceType
from liveprofile.streams.admin.acls.names import camel_case
from liveprofile.streams.errors import UserError

_TYPES = {
    ResourceType.TOPIC: "topic",
    ResourceType.GROUP: "group",
    ResourceType.TRANSACTIONAL_ID: "transactionalId",
}
_PATTERNS = {PatternType.LITERAL: "literal", PatternType.PREFIXED: "prefix"}
_OF_A_CERTIFICATE = re.compile(r"User:(?:CN=)?")
_KUBERNETES_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")


def strimzi(grants: Sequence[Grant], principal: str, host: str) -> str:
    """The resource as YAML. UserError for a principal that no KafkaUser can have.

    A KafkaUser is called as its principal: `User:NAME` with a password (SCRAM), `User:CN=NAME` with a certificate. The
    name of the Kafka cluster stays to be filled in.
    """
    name = _OF_A_CERTIFICATE.sub("", principal, count=1)
    if not _KUBERNETES_NAME.fullmatch(name):
        raise UserError(
            f"{principal} cannot be a KafkaUser: {name} is no name of a Kubernetes resource.",
            "Give another one with --principal, up to 63 small letters, digits, dots and hyphens.",
        )
    authentication = "tls" if principal.startswith("User:CN=") else "scram-sha-512"
    return "\n".join([*_head(name, authentication), *(line for grant in grants for line in _rule(grant, host))])


def _head(name: str, authentication: str) -> Iterator[str]:
    yield "apiVersion: kafka.strimzi.io/v1  # v1beta2 before Strimzi 0.49"
    yield "kind: KafkaUser"
    yield "metadata:"
    yield f"  name: {_quoted(name)}"
    yield "  labels:"
    yield '    strimzi.io/cluster: "my-cluster"  # the name of your Kafka resource'
    yield "spec:"
    yield "  authentication:"
    yield f"    type: {authentication}"
    yield "  authorization:"
    yield "    type: simple"
    yield "    acls:"


def _rule(grant: Grant, host: str) -> Iterator[str]:
    yield "      - resource:"
    yield f"          type: {_TYPES[grant.resource_type]}"
    yield f"          name: {_quoted(grant.name)}"
    yield f"          patternType: {_PATTERNS[grant.pattern_type]}"
    yield f"        operations: [{', '.join(camel_case(operation) for operation in grant.operations)}]"
    yield f"        host: {_quoted(host)}"


def _quoted(text: str) -> str:
    """A string of JSON is one of YAML, too."""
    return json.dumps(text)
