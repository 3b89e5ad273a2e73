"""The users of a secured embedded broker: each has the rights of its roles for one application, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from liveprofile.streams.admin.acls.apply import set_rights
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.security.secured import Secured
from liveprofile.streams.contract.topics import Topics

WORKER, BOARD = "worker", "board"
USERS: Mapping[str, Sequence[Role]] = {
    WORKER: (Role.INGEST, Role.PROFILE, Role.LEARN, Role.ITEMS),
    BOARD: (Role.READER, Role.MONITOR),
    **{role.value: (role,) for role in Role},
}
"""One user for each role, one for a worker of all stages, and one for the board of the demo."""


def let_in(broker: Broker, topics: Topics) -> Secured:
    """Make `USERS` on a secured broker that runs, with their rights on the topics of one application.

    What they were allowed on those of another one is taken away. BrokerError if the broker is not secured.
    """
    secured = broker.admit(USERS)
    granted = {f"User:{user}": rights(roles, topics) for user, roles in USERS.items()}
    asyncio.run(set_rights(secured.superuser, granted))
    return secured
