"""The service: store, follower and what is made of them, for the handlers of the interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from liveprofile.streams.admin.erasure import Deadline, erase_and_tell
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.serve.follow.follower import Follower
from liveprofile.streams.serve.follow.waiting import Waiting
from liveprofile.streams.serve.follow.writer import Writer
from liveprofile.streams.serve.push.hub import Hub
from liveprofile.streams.serve.rules.publisher import Publisher
from liveprofile.streams.serve.status import Lookout
from liveprofile.streams.serve.store.similar import Directions
from liveprofile.streams.serve.store.store import Store
from liveprofile.streams.settings import Settings
from liveprofile.streams.transport.connection import Bootstrap

PseudonymOf = Callable[[str, bool], str]
"""The profile id of a user id, or of an anonymous id."""


@dataclass(slots=True)
class Service:
    """Everything that a handler needs."""

    settings: Settings
    bootstrap: Bootstrap
    store: Store
    follower: Follower
    hub: Hub
    waiting: Waiting
    directions: Directions
    writer: Writer
    publisher: Publisher
    """Puts rules in force."""
    lookout: Lookout
    """Sees what workers do."""
    pseudonym_of: PseudonymOf | None = None
    """None where there is no key: then nobody is found by a user id."""
    eraser: Callable[[Bootstrap, Topics, bytes, int], Awaitable[tuple[int, list[Deadline]]]] = erase_and_tell
    """Erases a profile; the partition that has the erasure, and by when topics are clean."""
