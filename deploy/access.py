"""Topics and rights of each stage as the chart needs them: with marks where an application has names of its own.

The chart replaces `@prefix@` by topic_prefix, `@group@` by the consumer group, and `@app@` by app_id.
"""

from collections.abc import Mapping
from typing import Any

from liveprofile.streams.admin.acls.names import camel_case
from liveprofile.streams.admin.acls.records import records
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.contract.topics import Topic, Topics

STAGES = (Role.INGEST, Role.PROFILE, Role.LEARN, Role.ITEMS)
_MARKED = Topics("@app@", partitions=2, prefix="@prefix@")
_PATTERNS = {"LITERAL": "literal", "PREFIXED": "prefix"}
_TYPES = {"TOPIC": "topic", "GROUP": "group", "TRANSACTIONAL_ID": "transactionalId"}


def access() -> dict[str, Any]:
    """All topics, and the access control lists of each stage, in the words of Strimzi."""
    return {
        "topics": [_topic(topic) for topic in _MARKED.all()],
        "acls": {stage.value: [_acl(one) for one in records(rights([stage], _MARKED), "", "*")] for stage in STAGES},
    }


def _topic(topic: Topic) -> dict[str, Any]:
    """A topic; one with a single partition keeps it whatever the setting `partitions` is."""
    return {
        "name": _mark(topic.name),
        "single": topic.partitions == 1,
        "input": topic.is_input,
        "config": dict(topic.config),
    }


def _acl(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resource": {
            "type": _TYPES[record["resource_type"]],
            "name": _mark(record["name"]),
            "patternType": _PATTERNS[record["pattern_type"]],
        },
        "operations": [camel_case(operation) for operation in record["operations"]],
        "host": "*",
    }


def _mark(name: str) -> str:
    return name.replace(_MARKED.group, "@group@")
