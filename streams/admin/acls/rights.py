"""The least rights of each role, by what its processes do.

    every worker   describes all topics of the application and their configuration before it starts, reads and writes
                   the lineage topic, and is in the consumer group
    a stage        reads what it consumes and what it restores from, writes its outputs, and takes fencing tokens for
                   the partitions that only it writes
    reader         reads outputs; for `explain` also `activity` and the state, for `--user` also the lineage topic
    serve          reads what it answers from; for `explain` also `activity` and the state; writes verdicts, the audit;
                   with the role producer it also writes events, with eraser erasures, with monitor it also
                   tells of workers and lag, with admin it publishes rules
    eraser         looks the profile up, appends the erasure to `activity`, and reads how long topics keep data
    monitor        reads how far each stage is: ends, commits, `progress`, and the first record that waits
    admin          makes and compares topics, sets offsets, rebuilds the state, notes rules, keys and layouts
    producer       writes inputs, and reads the lineage topic to see whose they are

Nothing needs a right on the cluster: since Kafka 2.8 a producer may be idempotent that may write any topic, and workers
need 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType, union
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.erasure import held_by
from liveprofile.streams.contract.topics import Topics, fencing_token_prefix
from liveprofile.streams.errors import UserError

_READ = (Operation.READ, Operation.DESCRIBE)
_WRITE = (Operation.WRITE, Operation.DESCRIBE)
_CHECK = (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)


def rights(roles: Iterable[Role], topics: Topics, groups: Iterable[str] = ()) -> tuple[Grant, ...]:
    """The union of what the roles need.

    `groups` are consumer groups of programs that read with the library, for the role reader. UserError for one that is
    the application's own: whoever may read in it may move the workers' offsets.
    """
    granted = chain.from_iterable(_BY_ROLE[role](topics) for role in roles)
    return union(chain(granted, _own_groups(topics, groups)))


def _ingest(topics: Topics) -> Iterator[Grant]:
    yield from _worker(topics)
    yield from _each(topics.inputs, _READ)
    yield from _each([topics.activity, topics.dead_letters, topics.item_events], _WRITE)


def _profile(topics: Topics) -> Iterator[Grant]:
    """Ticks go to `activity`. After a switch the state is a later generation's, with fencing tokens of its own."""
    yield from _worker(topics)
    yield from _each([topics.activity, topics.state], _READ)
    facts = [topics.profiles, topics.profile_changes, topics.profile_anomalies, topics.dead_letters]
    yield from _each([*facts, topics.activity, topics.state, topics.model_events], _WRITE)
    yield from _each([topics.examples, topics.item_events], _WRITE)
    yield from _each([topics.progress], (*_READ, *_WRITE))
    yield _beginning(ResourceType.TOPIC, topics.later_states, (*_READ, *_WRITE))
    yield _fencing_tokens(topics.group, Role.PROFILE)
    yield _rebuild_tokens(topics)


def _learn(topics: Topics) -> Iterator[Grant]:
    """Adoptions of models go to `activity`."""
    yield from _worker(topics)
    yield from _each([topics.examples, topics.models], _READ)
    yield from _each([topics.models, topics.activity, topics.model_events], _WRITE)
    yield _fencing_tokens(topics.group, Role.LEARN)


def _items(topics: Topics) -> Iterator[Grant]:
    state = [topics.items, topics.item_neighbours, topics.item_cursors]
    yield from _worker(topics)
    yield from _each([topics.item_events, *state], _READ)
    yield from _each(state, _WRITE)
    yield _fencing_tokens(topics.group, Role.ITEMS)


def _reader(topics: Topics) -> Iterator[Grant]:
    outputs = [topic.name for topic in topics.all() if not topic.is_input and not topic.is_internal]
    yield from _each([*outputs, topics.activity, topics.state, topics.lineage], _READ)
    yield _beginning(ResourceType.TOPIC, topics.later_states, _READ)


def _serve(topics: Topics) -> Iterator[Grant]:
    followed = [topics.profiles, topics.profile_changes, topics.profile_anomalies, topics.items, topics.item_neighbours]
    yield from _each([*followed, topics.models, topics.model_events, topics.activity, topics.state], _READ)
    yield from _each([topics.progress, topics.dead_letters, topics.rules], _READ)
    yield _beginning(ResourceType.TOPIC, topics.later_states, _READ)
    yield from _each([topics.feedback, topics.audit], _WRITE)


def _eraser(topics: Topics) -> Iterator[Grant]:
    """A topic that cannot be described would be missing among the deadlines, as if it held nothing."""
    yield from _each([topics.profiles, topics.state, topics.lineage], _READ)
    yield _beginning(ResourceType.TOPIC, topics.later_states, (*_READ, *_CHECK))
    yield from _each([topics.activity], _WRITE)
    yield from _each([*held_by(topics), topics.lineage], _CHECK)


def _admin(topics: Topics) -> Iterator[Grant]:
    """Whoever sets the offsets of a topic has to be allowed to read it."""
    yield from _each((topic.name for topic in topics.all()), (Operation.CREATE, *_CHECK))
    yield from _each([*topics.remembered, topics.lineage], _READ)
    yield from _each([topics.activity, topics.state, topics.lineage, topics.rules], _WRITE)
    yield from _each([topics.activity], (Operation.DELETE,))  # its records, in `topics accept`
    yield _beginning(ResourceType.TOPIC, topics.later_states, (Operation.CREATE, Operation.DELETE, *_READ, *_WRITE))
    yield from _earlier_lineage(topics)
    yield _literal(ResourceType.GROUP, topics.group, (Operation.READ,))
    yield _beginning(ResourceType.GROUP, topics.rebuild_groups, (Operation.READ, Operation.DELETE))
    yield _rebuild_tokens(topics)


def _producer(topics: Topics) -> Iterator[Grant]:
    yield from _each(topics.inputs, _WRITE)
    yield from _each([topics.lineage], _READ)
    yield from _earlier_lineage(topics)


def _monitor(topics: Topics) -> Iterator[Grant]:
    """Whoever tells how long the oldest record has waited, has to read it for its time."""
    yield from _each([*topics.inputs, topics.activity, topics.examples, topics.item_events], _READ)
    yield from _each([topics.progress, topics.lineage, topics.profile_anomalies, topics.model_events], _READ)
    yield from _each((topic.name for topic in topics.all()), (Operation.DESCRIBE,))
    yield _beginning(ResourceType.TOPIC, topics.later_states, (Operation.DESCRIBE,))
    yield _literal(ResourceType.GROUP, topics.group, (Operation.DESCRIBE,))


_BY_ROLE: Mapping[Role, Callable[[Topics], Iterator[Grant]]] = {
    Role.INGEST: _ingest,
    Role.PROFILE: _profile,
    Role.LEARN: _learn,
    Role.ITEMS: _items,
    Role.READER: _reader,
    Role.SERVE: _serve,
    Role.ERASER: _eraser,
    Role.ADMIN: _admin,
    Role.PRODUCER: _producer,
    Role.MONITOR: _monitor,
}


def _worker(topics: Topics) -> Iterator[Grant]:
    """What every worker does whatever its stages: it compares all topics with the lineage, also later states."""
    yield from _each((topic.name for topic in topics.all()), _CHECK)
    yield from _each([topics.lineage], (*_READ, *_WRITE))
    yield _beginning(ResourceType.TOPIC, topics.later_states, (Operation.DESCRIBE,))
    yield from _earlier_lineage(topics)
    yield _literal(ResourceType.GROUP, topics.group, (Operation.READ,))


def _earlier_lineage(topics: Topics) -> Iterator[Grant]:
    """It may not exist; but a broker refuses to say so to whoever may not describe it."""
    if topics.earlier_lineage:
        yield from _each([topics.earlier_lineage], _READ)


def _own_groups(topics: Topics, groups: Iterable[str]) -> Iterator[Grant]:
    for group in groups:
        if group == topics.group or group.startswith(f"{topics.group}."):
            raise UserError(
                f"{group} is a consumer group of the application itself: a reader in it could move the workers' "
                "offsets.",
                "Give the program's own group, the one that it passes to Changes or Anomalies.",
            )
        yield _literal(ResourceType.GROUP, group, (Operation.READ,))


def _fencing_tokens(group: str, role: Role) -> Grant:
    """Fencing tokens are transactional ids, one for each partition; a stage has the name of its role."""
    return _beginning(ResourceType.TRANSACTIONAL_ID, fencing_token_prefix(group, role.value), _WRITE)


def _rebuild_tokens(topics: Topics) -> Grant:
    """Those of later states, which the rebuilding worker and the serving one after it share."""
    return _beginning(ResourceType.TRANSACTIONAL_ID, topics.rebuild_groups, _WRITE)


def _each(names: Iterable[str], operations: tuple[Operation, ...]) -> Iterator[Grant]:
    return (_literal(ResourceType.TOPIC, name, operations) for name in names)


def _literal(resource_type: ResourceType, name: str, operations: tuple[Operation, ...]) -> Grant:
    return Grant(resource_type, name, PatternType.LITERAL, operations)


def _beginning(resource_type: ResourceType, name: str, operations: tuple[Operation, ...]) -> Grant:
    return Grant(resource_type, name, PatternType.PREFIXED, operations)
