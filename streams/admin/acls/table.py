"""The rights of all roles as a table in Markdown, for the documentation."""

from collections.abc import Iterator, Sequence

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType
from liveprofile.streams.admin.acls.names import camel_case
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.contract.topics import Topics

_OTHER = (Operation.DESCRIBE_CONFIGS, Operation.CREATE, Operation.DELETE)


def rights_table(topics: Topics) -> str:
    """A row for each role. Describe is left out where Read or Write or DescribeConfigs goes with it."""
    head = ["role", "reads", "writes", "besides", "consumer groups", "transactional ids"]
    rows = [head, ["---"] * len(head), *(_row(role, topics) for role in Role)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(role: Role, topics: Topics) -> list[str]:
    granted = rights([role], topics)
    of_topics = [grant for grant in granted if grant.resource_type is ResourceType.TOPIC]
    return [
        f"`{role.value}`",
        _names(of_topics, Operation.READ, topics),
        _names(of_topics, Operation.WRITE, topics),
        "; ".join(_besides(of_topics, topics)),
        _whole(granted, ResourceType.GROUP),
        _whole(granted, ResourceType.TRANSACTIONAL_ID),
    ]


def _names(grants: Sequence[Grant], operation: Operation, topics: Topics) -> str:
    """What the operation is allowed on; the inputs, and all topics, in a word."""
    named = [grant for grant in grants if operation in grant.operations]
    left, words = {_shown(grant): None for grant in named}, []
    for word, names in (("all topics", [topic.name for topic in topics.all()]), ("inputs", list(topics.inputs))):
        shown = {f"`{name}`" for name in names}
        if shown <= left.keys():
            words.append(word)
            left = {name: None for name in left if name not in shown}
    return ", ".join([*words, *left])


def _besides(grants: Sequence[Grant], topics: Topics) -> Iterator[str]:
    if only := [_shown(grant) for grant in grants if grant.operations == (Operation.DESCRIBE,)]:
        yield f"Describe: {', '.join(only)}"
    for operation in _OTHER:
        if names := _names(grants, operation, topics):
            yield f"{camel_case(operation)}: {names}"


def _whole(grants: Sequence[Grant], resource_type: ResourceType) -> str:
    """Resources of a type with their operations."""
    found = (grant for grant in grants if grant.resource_type is resource_type)
    return "; ".join(f"{', '.join(map(camel_case, grant.operations))}: {_shown(grant)}" for grant in found)


def _shown(grant: Grant) -> str:
    return f"`{grant.name}{'*' if grant.pattern_type is PatternType.PREFIXED else ''}`"
