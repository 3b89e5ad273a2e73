"""Whether a process may work on the cluster's topics: whose they are, how they are configured, the key, their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liveprofile.streams.runtime.earlier_application import refuse_earlier
from liveprofile.streams.runtime.key_check import require_key
from liveprofile.streams.runtime.ownership import refuse_others
from liveprofile.streams.runtime.topic_shape import require_shapes

if TYPE_CHECKING:
    from liveprofile.streams.runtime.app import RuntimeConfig
    from liveprofile.streams.runtime.lineage import Lineage
    from liveprofile.streams.runtime.outbox import KafkaOutbox


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
    await require_key(outbox, config)
    await lineage.begin()
    await require_own_topics(outbox, config)
