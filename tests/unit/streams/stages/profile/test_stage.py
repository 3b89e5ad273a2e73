"""The stage as a whole on an outbox in memory: facts are durable before the profiles and the cursor behind them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from support.activities import activity
from support.ingest_fakes import MemoryOutbox
from support.learn_log import Given

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.stage import ProfileStage
from liveprofile.streams.transport.record import Item

TOPICS = Topics()
ANNA = b"a" * 32


class GatedOutbox(MemoryOutbox):
    """An outbox whose facts become durable when a test lets them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        self.durable: list[str] = []

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        if topic == TOPICS.profile_changes:
            self.asked.set()
            await self.gate.wait()
        self.durable += [topic] if items else []
        return await super().send(topic, partition, items)


async def nothing(*_: Any, **__: Any) -> AsyncIterator[list[Any]]:
    """An empty state topic."""
    for records in ():
        yield records


async def test_no_profile_is_written_before_the_facts_of_its_batch_are_durable() -> None:
    """Checkpoints come every few milliseconds here; one of them would fall between the fold and its facts."""
    outbox, acked = GatedOutbox(), asyncio.Event()
    config = ProfileStageConfig(TOPICS, Policy(), None, checkpoint_s=0.01, tick_s=3600)
    stage = ProfileStage(config, nothing, CloudEvents("shop", lambda: 0))
    await stage.start(outbox)
    await stage.assign(TOPICS.activity, 0)
    batch = [Given(at, activity(at_s=at, offset=at), TOPICS.activity, key=ANNA) for at in range(20)]
    handling = asyncio.create_task(stage.handle(TOPICS.activity, 0, batch, acked.set))
    await outbox.asked.wait()
    stage._checkpoints.hold((TOPICS.activity, 0), lambda: None, touched=1)  # as a batch before this one has left it
    await asyncio.sleep(0.2)
    assert TOPICS.state not in outbox.durable and not acked.is_set()
    outbox.gate.set()
    await handling
    async with asyncio.timeout(5):
        await acked.wait()
    assert outbox.durable.index(TOPICS.profile_changes) < outbox.durable.index(TOPICS.state)
    await stage.stop()
