"""Questions about profiles for programs: each opens a reader of its own, asks once, and closes it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.items.recommend import Recommendation
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query import profile
from liveprofile.streams.query.explain import Explanation
from liveprofile.streams.query.explain import explain as explained
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.query.recommend import recommended
from liveprofile.streams.transport.connection import Bootstrap

DIMS = 128
HALF_LIFE_S = 30 * 86_400.0
ClientArguments = Mapping[str, Any] | None
"""Further arguments of aiokafka's clients, such as `security_protocol`."""


async def read_profile_async(
    bootstrap: Bootstrap, profile_id: str, *, topics: Topics | None = None, connection: ClientArguments = None
) -> ProfileSnapshot:
    """As `read_profile`, to be awaited."""
    async with open_reader(bootstrap, connection, quiet=False) as reader:
        return ProfileSnapshot.decode(await profile.find_value(reader, topics or Topics(), profile_id))


def read_profile(
    bootstrap: Bootstrap, profile_id: str, *, topics: Topics | None = None, connection: ClientArguments = None
) -> ProfileSnapshot:
    """The latest snapshot of a profile, from the compacted topic `profiles`.

    `profile_id` is a whole id, or the start of one; `topics` names topics that do not have the usual names. It reads a
    partition, or for the start of an id all of them: some 100,000 profiles a second. Raises `NoProfileError` where
    there is none, `UserError` where it was erased or several begin so, `NoKafkaError` where no Kafka answers.
    """
    return asyncio.run(read_profile_async(bootstrap, profile_id, topics=topics, connection=connection))


async def explain_async(
    bootstrap: Bootstrap,
    profile_id: str,
    path: str,
    *,
    at: datetime | None = None,
    topics: Topics | None = None,
    dims: int = DIMS,
    policy: Policy | None = None,
    connection: ClientArguments = None,
) -> Explanation:
    """As `explain`, to be awaited."""
    async with open_reader(bootstrap, connection, quiet=False) as reader:
        return await explained(reader, topics or Topics(), profile_id, path, at=at, policy=policy or Policy(dims=dims))


def explain(
    bootstrap: Bootstrap,
    profile_id: str,
    path: str,
    *,
    at: datetime | None = None,
    topics: Topics | None = None,
    dims: int = DIMS,
    policy: Policy | None = None,
    connection: ClientArguments = None,
) -> Explanation:
    """Why a path of a profile is as it is, or was `at` a time: the change that made it so, its reason and its events.

    `path` is one of docs/reference.md, the start of one, a member of a set such as segments.loyal, or anomalies.
    Of segments that the profile is not in, `absence` says what their rules need. `policy` is that of the workers, the
    included one with `dims` by default. Raises `UserError` where there is nothing to explain, with what to ask instead.
    """
    asked = explain_async(
        bootstrap, profile_id, path, at=at, topics=topics, dims=dims, policy=policy, connection=connection
    )
    return asyncio.run(asked)


async def recommend_async(
    bootstrap: Bootstrap,
    profile_id: str,
    most: int = 10,
    *,
    again: bool = False,
    topics: Topics | None = None,
    half_life_s: float = HALF_LIFE_S,
    connection: ClientArguments = None,
) -> list[Recommendation]:
    """As `recommend`, to be awaited."""
    async with open_reader(bootstrap, connection, quiet=False) as reader:
        return await recommended(reader, topics or Topics(), profile_id, most, half_life_s=half_life_s, again=again)


def recommend(
    bootstrap: Bootstrap,
    profile_id: str,
    most: int = 10,
    *,
    again: bool = False,
    topics: Topics | None = None,
    half_life_s: float = HALF_LIFE_S,
    connection: ClientArguments = None,
) -> list[Recommendation]:
    """Up to `most` items for a profile, the best first, each with its reason; it reads all items there are.

    `again` keeps what was just bought; `half_life_s` is that of the items' popularity, as in the setting. Raises
    `UserError` where there is no such profile, or no item is known.
    """
    asked = recommend_async(
        bootstrap, profile_id, most, again=again, topics=topics, half_life_s=half_life_s, connection=connection
    )
    return asyncio.run(asked)
