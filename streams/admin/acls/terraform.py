"""Grants as `kafka_acl` resources of the Terraform provider Mongey/kafka, which has one for each operation."""

import json
import re
from collections.abc import Iterator, Sequence

from liveprofile.streams.admin.acls.grant import Grant, Operation, ResourceType
from liveprofile.streams.admin.acls.names import camel_case

_TYPES = {
    ResourceType.TOPIC: "Topic",
    ResourceType.GROUP: "Group",
    ResourceType.TRANSACTIONAL_ID: "TransactionalID",
}
_OTHER = re.compile(r"[^A-Za-z0-9-]")


def terraform(grants: Sequence[Grant], principal: str, host: str) -> str:
    """The resources in HCL; a resource's name is that of the principal and of what it may do."""
    return "\n\n".join(
        "\n".join(_resource(grant, operation, principal, host)) for grant in grants for operation in grant.operations
    )


def _resource(grant: Grant, operation: Operation, principal: str, host: str) -> Iterator[str]:
    user = principal.partition(":")[2]
    parts = user, grant.resource_type.lower(), grant.pattern_type.lower(), grant.name, operation.lower()
    yield f'resource "kafka_acl" "acl_{"_".join(map(_identifier, parts))}" {{'
    yield f'  resource_type                = "{_TYPES[grant.resource_type]}"'
    yield f"  resource_name                = {_quoted(grant.name)}"
    yield f'  resource_pattern_type_filter = "{camel_case(grant.pattern_type)}"'
    yield f"  acl_principal                = {_quoted(principal)}"
    yield f"  acl_host                     = {_quoted(host)}"
    yield f'  acl_operation                = "{camel_case(operation)}"'
    yield '  acl_permission_type          = "Allow"'
    yield "}"


def _identifier(text: str) -> str:
    """Letters, digits, hyphens and underscores; an underscore is doubled, so that a.b and a_b stay two.

    >>> _identifier("liveprofile.item-events"), _identifier("DESCRIBE_CONFIGS")
    ('liveprofile_item-events', 'DESCRIBE__CONFIGS')
    """
    return _OTHER.sub("_", text.replace("_", "__"))


def _quoted(text: str) -> str:
    """A string of HCL, in which nothing is a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
