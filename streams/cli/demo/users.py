"""As whom each process of the demo connects: on a secured broker each as a user of its own."""

from __future__ import annotations

from dataclasses import dataclass

from liveprofile.streams.admin.acls.embedded import BOARD, WORKER, let_in
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.transport.connection import Connection


@dataclass(frozen=True, slots=True)
class Users:
    """The connections of the demo."""

    admin: Connection
    """Makes topics."""
    worker: Connection
    producer: Connection
    """The shop traffic."""
    board: Connection
    """What the screen shows."""
    service: Connection
    """The query service behind the page."""

    @classmethod
    def all_the_same(cls, connection: Connection) -> Users:
        """Where nobody has to say who it is, or where the settings say who all of them are."""
        return cls(connection, connection, connection, connection, connection)


def users_of(broker: Broker | None, topics: Topics) -> Users | None:
    """The users of the demo's broker, with their rights; None if it is open or not the demo's."""
    if broker is None or broker.secured is None:
        return None
    secured = let_in(broker, topics)
    users = (Role.ADMIN.value, WORKER, Role.PRODUCER.value, BOARD, Role.SERVE.value)
    return Users(*(secured.connection(user) for user in users))
