"""Finds out whether an error comes of a right that a user of Kafka does not have."""

from __future__ import annotations

from collections.abc import Iterator

_DENIALS = frozenset(
    {
        "TopicAuthorizationFailedError",
        "GroupAuthorizationFailedError",
        "ClusterAuthorizationFailedError",
        "TransactionalIdAuthorizationFailed",
    }
)
"""aiokafka's classes, by name: most commands end without an error, and need not import it for this."""


def denial_in(error: BaseException) -> BaseException | None:
    """The first denial among an error, its causes and the members of groups; None if there is none."""
    return next((one for one in _related(error, set()) if type(one).__name__ in _DENIALS), None)


def _related(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (*members, error.__cause__, error.__context__):
        if other is not None:
            yield from _related(other, seen)
