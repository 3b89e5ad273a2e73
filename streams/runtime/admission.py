"""Whether a process may work on the cluster's topics: whose they are, how they are configured, the key, their ids."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from liveprofile.streams.errors import MissingTopicError, SetupError
from liveprofile.streams.runtime.cluster_shape import warn_of_cluster
from liveprofile.streams.runtime.earlier_application import refuse_earlier
from liveprofile.streams.runtime.key_check import require_key
from liveprofile.streams.runtime.ownership import refuse_others
from liveprofile.streams.runtime.topic_shape import require_shapes
from liveprofile.streams.transport.connection import security_of

if TYPE_CHECKING:
    from liveprofile.streams.runtime.app import RuntimeConfig
    from liveprofile.streams.runtime.lineage import Lineage
    from liveprofile.streams.runtime.outbox import KafkaOutbox


SETUP_TRIES = 10
SETUP_WAIT_S = 0.2


async def require_own_topics(outbox: KafkaOutbox, config: RuntimeConfig) -> None:
    """SetupError where the topics belong to another application. Nothing is written."""
    await refuse_earlier(outbox, config.bootstrap, config.earlier_lineage, config.remembered)
    await refuse_others(outbox, config.bootstrap, config.lineage_topic, config.remembered)


async def admit(outbox: KafkaOutbox, config: RuntimeConfig, lineage: Lineage) -> None:
    """SetupError where the configuration, the key or the ids of the topics are not as profiles need them.

    A new application notes its key and its topics. Of two new ones that begin at once, the later one then finds the
    entries of the other.
    """
    await require_shapes(config.bootstrap, config.shapes, config.max_record_bytes)
    await warn_of_cluster(outbox, config.shapes, security_of(config.bootstrap).client_rack)
    await require_key(outbox, config)
    await lineage.begin()
    await require_own_topics(outbox, config)


async def require_topics(outbox: KafkaOutbox, config: RuntimeConfig, consumed: Sequence[str]) -> None:
    """Raise `SetupError` unless the topics exist, with the numbers of partitions that the application was set up with.

    Waits a little for topics that were created a moment ago.
    """
    for _ in range(SETUP_TRIES):
        counts = await outbox.partition_counts([*consumed, *config.partitions])
        if all(counts.values()):
            break
        await asyncio.sleep(SETUP_WAIT_S)
    for topic, found in counts.items():
        wanted = config.partitions.get(topic)
        if not found:
            raise MissingTopicError([topic], f"topic {topic!r} does not exist on {config.bootstrap}")
        if wanted is not None and found != wanted:
            raise SetupError(
                f"topic {topic!r} has {found} partitions, this application was set up with {wanted}: keys would "
                f"move between partitions",
                "Set `partitions` to what profiles were made with. For more, see Begin anew in docs/operations.md.",
            )
