"""The Faust consumer that delivers what an agent reads in one fetch as one event, and commits acked batches only."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP

from liveprofile.streams.transport.fetching import BatchConsumerThread
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.ledger import Ledger
from liveprofile.streams.transport.pacing import FetchPace
from liveprofile.streams.transport.private_hooks.of_faust import OpenConsumer
from liveprofile.streams.transport.record import Record
from liveprofile.streams.transport.record_batch import RecordBatch
from liveprofile.streams.transport.standing import Standing
from liveprofile.streams.transport.versions import require_checked_versions

LONGEST_FETCH_S = 1.0


class BatchConsumer(OpenConsumer):
    """Faust's Kafka consumer with delivery and acks of its own: whole runs in, run receipts out.

    Stock delivery starts two tasks per message, keeps a set and an interval tree of offsets per partition, and drops
    acked but uncommitted offsets when partitions are revoked (faust #502). Here one `Ledger` per partition counts
    batches. It is closed only after `wait_empty`, which Faust calls both when partitions are revoked and when the app
    stops: it settles batches in progress and commits all of them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledgers: dict[TP, Ledger] = {}
        self._full: set[TP] = set()
        self._room = asyncio.Event()
        self._committing = asyncio.Lock()
        self._settling = asyncio.Lock()

    def new_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def pause(self, tp: TP) -> None:
        """Stop fetching from a partition with a full buffer, until `resume`."""
        self._full.add(tp)

    def resume(self, tp: TP) -> None:
        """Fetch from the partition again, at once."""
        self._full.discard(tp)
        self._room.set()
        self.thread.interrupt()

    def note_written(self, topics: Collection[str]) -> None:
        """Fetch from topics at once where that is wanted, because this process has written to them."""
        haste = self.transport.pace.haste
        if hurried := [topic for topic in topics if haste.get(topic) is Haste.AT_ONCE]:
            self.thread.hurry(hurried)

    def give_up(self) -> None:
        """Wait for no broker any more, so that the consumer can be stopped."""
        self.thread.give_up()

    def standing(self, topic: str, partition: int) -> Standing:
        """How far the consumer is on a partition."""
        tp = TP(topic, partition)
        fetched, end = self.thread.fetch_position(tp)
        ledger = self.ledgers.get(tp)
        return Standing(fetched, ledger.handed_out if ledger is not None else None, end)

    @property
    def in_group(self) -> bool:
        """Whether the group counts this process among its members, as far as its last heartbeat or commit told."""
        return bool(self.thread.in_group)

    async def drain(self, fetcher: Any) -> None:
        """Deliver until Faust stops the fetcher; what stops a consumer is no error then."""
        try:
            await self._deliver_until_stopped(fetcher)
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            # Faust would take a cancellation during a rebalance for a crash, also while it is stopping.
            if not (fetcher.should_stop or self.app.should_stop):
                raise

    async def _deliver_until_stopped(self, fetcher: Any) -> None:
        while not (self.should_stop or fetcher.should_stop):
            await asyncio.sleep(0)
            if not self.flow_active:
                await self.wait(self.can_resume_flow)
                continue
            wanted = self.active_partitions() - self._full
            if wanted:
                await self._fetch_and_deliver(wanted)
            else:
                await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        self._room.clear()
        await self.wait(self._room, timeout=LONGEST_FETCH_S)

    async def _fetch_and_deliver(self, wanted: Collection[TP]) -> None:
        generation = self.app.consumer_generation_id
        fetched = await self.fetch(wanted, LONGEST_FETCH_S)
        by_agent: defaultdict[str, list[tuple[TP, Sequence[Record]]]] = defaultdict(list)
        for tp, records in fetched.items():
            by_agent[self.transport.agents[tp.topic]].append((tp, records))
        for together in by_agent.values():
            # Skipped records were fetched for an ended assignment; they are read again from the last commit.
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            await self._deliver(together)

    async def _deliver(self, fetched: Sequence[tuple[TP, Sequence[Record]]]) -> None:
        """Deliver the records of several partitions as one event of their agent."""
        batches = []
        for tp, records in fetched:
            receipt = self.ledgers.setdefault(tp, Ledger()).hand_out(records[0].offset, records[-1].offset + 1)
            batches.append(RecordBatch(tp.topic, tp.partition, records, receipt))
        tp, records = fetched[0]
        message = self.message_of(tp, records[-1])
        message.value = batches
        message.tracked = True  # by the ledger: Faust's own set of unacked messages stays empty
        await self.callback(message)

    def ack(self, message: Any) -> bool:
        """Do nothing: a batch is acked by its receipt, whatever streams and agents do with the event."""
        return False

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit the position of every ledger that moved; returns whether anything was committed."""
        async with self._committing:
            offsets = {tp: end for tp, ledger in self.ledgers.items() if (end := ledger.uncommitted) is not None}
            moved = {tp: self.ledgers[tp] for tp in offsets}
            if not offsets or not await self.store(offsets):
                return False
            for tp, ledger in moved.items():
                ledger.committed(offsets[tp])
            return True

    async def wait_empty(self) -> None:
        """Finish batches in progress and commit their acks, before partitions are revoked or the app stops."""
        async with self._settling:
            await self.transport.settle()
            await self.force_commit()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let Faust stop the flow, settle and commit; only then drop the partitions."""
        await super().on_partitions_revoked(revoked)
        if self.app.should_stop:
            await self.wait_empty()  # Faust skips this during a stop
        for tp in revoked:
            if (ledger := self.ledgers.pop(tp, None)) is not None:
                ledger.close()
        self._full.difference_update(revoked)


class BatchTransport(driver.Transport):  # type: ignore[misc]  # Faust is taken as untyped
    """The transport to give to a Faust app: `app.transport = BatchTransport(...)`, before the app starts."""

    Consumer = BatchConsumer

    def __init__(
        self,
        app: Any,
        settle: Callable[[], Awaitable[None]],
        agents: Mapping[str, str],
        pace: FetchPace | None = None,
        *,
        rack: str = "",
    ) -> None:
        """`settle` finishes batches in progress and acks them; it is awaited before every revocation and stop.

        `agents` has the name of the agent that reads a topic. `pace` says when topics are fetched; none: always.
        `rack` is where copies are fetched from if there are any; empty: from the leaders.
        """
        require_checked_versions()
        super().__init__(app.conf.broker_consumer, app)
        self.settle = settle
        self.agents = agents
        self.pace = pace or FetchPace(0.0)
        self.rack = rack
