"""The roles in which processes of an application use Kafka."""

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """A worker has the roles of all its stages."""

    INGEST = "ingest"
    PROFILE = "profile"
    LEARN = "learn"
    ITEMS = "items"
    READER = "reader"
    """show, explain, recommend, similar, watch, `segments` but for publish, and programs that use the library."""
    SERVE = "serve"
    """The query service."""
    ERASER = "eraser"
    """erase."""
    ADMIN = "admin"
    """topics, rebuild, upgrade, key check and segments publish."""
    MONITOR = "monitor"
    """status, and whatever else measures how far the workers are behind."""
    PRODUCER = "producer"
    """traffic, replay, and the shop's own systems that write the inputs."""


_COMMANDS = {
    "erase": (Role.ERASER,),
    "topics": (Role.ADMIN,),
    "rebuild": (Role.ADMIN,),
    "upgrade": (Role.ADMIN,),
    "key": (Role.ADMIN,),
    "segments publish": (Role.ADMIN,),
    "status": (Role.MONITOR,),
    "traffic": (Role.PRODUCER,),
    "replay": (Role.PRODUCER,),
    "demo": (Role.ADMIN, Role.READER, Role.MONITOR),
}


def roles_of(command: str, stages: Collection[str] = ()) -> tuple[Role, ...]:
    """The roles of a command, given by the words after `liveprofile`; of a worker those of its stages.

    >>> [role.value for role in roles_of("segments publish")], [role.value for role in roles_of("watch changes")]
    (['admin'], ['reader'])
    """
    if command in ("worker", "doctor"):  # the doctor looks at what its stages and the status need
        more = (Role.MONITOR,) if command == "doctor" else ()
        return (*(role for role in Role if role.value in stages), *more)
    return _COMMANDS.get(command) or _COMMANDS.get(command.partition(" ")[0], (Role.READER,))
