"""The error for a user of Kafka who may not do what a role needs: it names the role, and the right that is missing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from liveprofile.streams.admin.acls.grant import Grant, PatternType, ResourceType
from liveprofile.streams.admin.acls.names import camel_case
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import MissingTopicError, SetupError
from liveprofile.streams.runtime.topic_ids import identities
from liveprofile.streams.transport.connection import Bootstrap, client_arguments
from liveprofile.streams.transport.denial import denial_in
from liveprofile.streams.transport.private_hooks.of_aiokafka import admin_client_of

_KINDS = {
    "TopicAuthorizationFailedError": (ResourceType.TOPIC, "topic"),
    "GroupAuthorizationFailedError": (ResourceType.GROUP, "consumer group"),
    "TransactionalIdAuthorizationFailed": (ResourceType.TRANSACTIONAL_ID, "transactional id"),
}
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class DeniedError(SetupError):
    """Kafka does not let the user do what the roles of the process need."""

    next_step = "Grant what `liveprofile acls` prints for the role."


def explain(error: Exception, roles: Sequence[Role], topics: Topics, bootstrap: Bootstrap) -> DeniedError | None:
    """The error to show instead of one that comes of a missing right; None for any other one.

    A topic that a user may not describe looks as if it did not exist: for `MissingTopicError` Kafka is asked again.
    """
    denial = denial_in(error)
    if denial is None and isinstance(error, MissingTopicError):
        denial = asyncio.run(_hidden(bootstrap, error.topics))
    return _denied(denial, roles, topics) if denial is not None else None


async def _hidden(bootstrap: Bootstrap, names: Iterable[str]) -> BaseException | None:
    """The denial for a topic that may exist; None if Kafka says that it does not, or says nothing."""
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    try:
        await admin.start()
        await identities(admin_client_of(admin), list(names))
    except (KafkaError, OSError, NotImplementedError) as problem:
        return denial_in(problem)
    finally:
        await admin.close()
    return None


def _denied(denial: BaseException, roles: Sequence[Role], topics: Topics) -> DeniedError:
    kind, word = _KINDS.get(type(denial).__name__, (None, "cluster"))
    needed = [(grant, name) for grant in rights(roles, topics) for name in _named(denial, grant, kind)]
    if needed:
        operations = ", ".join(camel_case(operation) for operation in needed[0][0].operations)
        right = f"{operations} on the {word} {needed[0][1]}"
    elif kind is ResourceType.TOPIC:
        right = "a right on one of its topics"
    elif kind is not None:
        of_kind = [grant for grant in rights(roles, topics) if grant.resource_type is kind]
        right = "; ".join(_words(grant, word) for grant in of_kind) or f"a right on a {word}"
    else:  # Kafka says it of the cluster where a producer may write no topic at all
        writes = [grant for grant in rights(roles, topics) if "WRITE" in grant.operations]
        right = f"Write on its topics, such as {writes[0].name}" if writes else "what it asks for: see its role"
    called = " and ".join(role.value for role in roles)
    words = " ".join(f"--role {role.value}" for role in roles)
    return DeniedError(
        f"Kafka does not let this user do what the role {called} needs: {right} ({type(denial).__name__}).",
        f"Grant what this prints, and is not there yet: liveprofile acls {words}.",
    )


def _named(denial: BaseException, grant: Grant, kind: ResourceType | None) -> list[str]:
    """The names in a denial that a grant is about."""
    if grant.resource_type is not kind:
        return []
    names = _NAME.findall(" ".join(str(one) for one in denial.args))
    prefixed = grant.pattern_type is PatternType.PREFIXED
    return [name for name in names if name == grant.name or (prefixed and name.startswith(grant.name))]


def _words(grant: Grant, word: str) -> str:
    operations = ", ".join(camel_case(operation) for operation in grant.operations)
    return f"{operations} on the {word} {grant.name}{'*' if grant.pattern_type is PatternType.PREFIXED else ''}"
