"""The runtime: one Faust app that gives record batches to stages, settles before rebalances, and stops at any error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from liveprofile.streams.contract.topics import fencing_token_prefix
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.runtime.absence import STOP_S, failure_of, stop_faust, while_kafka_answers
from liveprofile.streams.runtime.admission import admit, require_own_topics, require_topics
from liveprofile.streams.runtime.app import RuntimeConfig, build_app
from liveprofile.streams.runtime.fence import Fence
from liveprofile.streams.runtime.lineage import Lineage
from liveprofile.streams.runtime.native_threads import limit_native_threads
from liveprofile.streams.runtime.partition_queue import PartitionQueue
from liveprofile.streams.runtime.runs import StageRuns
from liveprofile.streams.runtime.runtime_outbox import RuntimeOutbox
from liveprofile.streams.runtime.settle_timeout import SettleTimeoutError
from liveprofile.streams.runtime.stage import Stage, WritesAlone, loads_behind
from liveprofile.streams.transport.reachability import BROKERS, LONGEST_WAIT_S
from liveprofile.streams.transport.record import TopicPartition
from liveprofile.streams.transport.record_batch import RecordBatch
from liveprofile.streams.transport.standing import NOWHERE, Standing


class Runtime:
    """Runs stages until its context ends or anything fails: `async with Runtime(stages, config) as runtime: ...`.

    Its exit settles: batches in progress are finished, every stage writes its final checkpoint, and acked offsets are
    committed. After a failure nothing more is acked, and the exit raises the error.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        config: RuntimeConfig,
        before_join: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`before_join` is awaited when all is prepared but the membership: a successor waits there for its turn."""
        self.config = config
        self._before_join = before_join
        self.stages = tuple(stages)
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done with the exception as soon as anything fails."""
        self.runs = {stage.name: StageRuns() for stage in self.stages}
        """What each stage has run, by its name."""
        self.assignments = 0
        """How often the group has given partitions, or none, to this process."""
        self._queues: dict[TopicPartition, PartitionQueue] = {}
        self._owned: set[TopicPartition] = set()
        self._assigned = asyncio.Event()
        self._stopping = False
        self._watchers: list[asyncio.Task[None]] = []
        self._fence = Fence(config.session_timeout_s, self._in_group, owns_any=lambda: bool(self._owned))
        self.outbox = RuntimeOutbox(
            config,
            check=self.check_may_write,
            owns=self.owns,
            generation=lambda topic: self.lineage.generation(topic),
            topic_id=lambda topic: self.lineage.topic_id(topic),
            layout=lambda topic: self.lineage.layout(topic),
            fail=self.fail,
            sent=self._note_sent,
        )
        self.lineage = Lineage(self.outbox, config.bootstrap, config.lineage_topic, config.remembered, config.layouts)
        self._app = build_app(config, self.stages, take=self._take, settle=self._settle)
        self._app.on_partitions_assigned.connect(self._on_assigned)

    async def __aenter__(self) -> Self:
        limit_native_threads()
        BROKERS.longest_s = min(LONGEST_WAIT_S, self.config.session_timeout_s / 3)  # a member must be back in time
        await self.outbox.__aenter__()
        try:
            await require_own_topics(self.outbox, self.config)
            await require_topics(self.outbox, self.config, [topic for stage in self.stages for topic in stage.topics])
            await admit(self.outbox, self.config, self.lineage)
            for stage in self.stages:
                await stage.start(self.outbox)
            self._watch(self._fail_with_the_app())
            self._watch(self._fail_with(self._fence.keep_beating()))
            self._watch(self._fail_with(self.lineage.keep_looking()))
            self._watch(self._fail_with(self.outbox.keep_tokens()))
            if self._before_join is not None:
                await self._before_join()
            await self._start_app()
        except BaseException as error:
            await self._stop(error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop(error)
        if error is None:
            self.raise_failure()

    async def ready(self) -> None:
        """Wait until partitions are assigned and every stage has loaded its own. Raises the first error meanwhile."""
        await self._unless_failed(self._assigned.wait())
        await self._unless_failed(self._all_loaded())

    @property
    def is_ready(self) -> bool:
        """Whether this process has joined its group and loaded all its partitions; probes return this."""
        loaded = all(queue.is_ready for queue in self._queues.values())
        return self._assigned.is_set() and loaded and not self.failed.done()

    @property
    def is_assigned(self) -> bool:
        """Whether the group has given this process its partitions, be it none."""
        return self._assigned.is_set()

    @property
    def has_joined(self) -> bool:
        """Whether this process has asked the group for partitions: its stages are prepared."""
        return bool(self._app.started)

    def standing(self, topic: str, partition: int) -> Standing:
        """How far the consumer is on an assigned partition."""
        return self._app.consumer.standing(topic, partition) if self._owned else NOWHERE

    @property
    def partition_queues(self) -> tuple[PartitionQueue, ...]:
        """The queues of the assigned partitions, loaded or not."""
        return tuple(self._queues.values())

    def fail(self, error: BaseException) -> None:
        """Stop the work: the first error counts, and nothing is acked or checkpointed from here on."""
        if not self.failed.done():
            self.failed.set_exception(error)
            self.failed.exception()  # the exit raises it: no warning if nobody awaits it
        for queue in self._queues.values():
            queue.cancel()

    def raise_failure(self) -> None:
        """Raise the first error, if there was one."""
        if self.failed.done():
            self.failed.result()

    def owns(self, topic: str, partition: int) -> bool:
        """Whether the partition is assigned here, in the group generation it was assigned in."""
        return (topic, partition) in self._owned and self._in_group() and not self.failed.done()

    def check_may_write(self) -> None:
        """Raise if this process must not write: after an earlier failure, or if it is fenced."""
        self.raise_failure()
        self._fence.check()

    def _in_group(self) -> bool:
        return not self._owned or self._app.consumer.in_group

    def _note_sent(self, topics: Collection[str]) -> None:
        """Have topics fetched at once where a stage here goes on with what another has just written."""
        if self._owned:
            self._app.consumer.note_written(topics)

    def _take(self, stage: Stage, batches: Sequence[RecordBatch]) -> None:
        for batch in batches:
            if batch.receipt.given_up or self.failed.done() or self._stopping:
                continue
            queue = self._queue(stage, batch.topic, batch.partition)
            if queue.put(batch):
                self._app.consumer.pause((batch.topic, batch.partition))

    def _queue(self, stage: Stage, topic: str, partition: int) -> PartitionQueue:
        queue = self._queues.get((topic, partition))
        if queue is None:
            queue = self._queues[(topic, partition)] = PartitionQueue(
                stage,
                topic,
                partition,
                capacity=self.config.max_queued_batches,
                on_room=lambda: self._app.consumer.resume((topic, partition)),
                on_error=self.fail,
                prepare=lambda: self._prepare(stage, partition),
                runs=self.runs[stage.name],
            )
        return queue

    async def _prepare(self, stage: Stage, partition: int) -> None:
        """Wait for everything that a ready worker has loaded, if nobody waits for this stage; take its token."""
        if loads_behind(stage):
            await self._all_loaded()
        await self._fencing_token(stage, partition)

    async def _fencing_token(self, stage: Stage, partition: int) -> None:
        """Fence earlier owners off the topics that only this stage writes, including their requests in flight."""
        if isinstance(stage, WritesAlone) and stage.written_alone:
            places = [(topic, partition) for topic in stage.written_alone]
            name = f"{fencing_token_prefix(self.config.app_id, stage.name)}{partition}"
            await self.outbox.acquire_token(name, places)

    async def _on_assigned(self, app: Any, assigned: Collection[Any], **_: Any) -> None:
        if self._stopping:
            return
        self._fence.check()
        self.assignments += 1
        self._owned = {(tp.topic, tp.partition) for tp in assigned}
        for stage in self.stages:
            for topic, partition in sorted(self._owned):
                if topic in stage.topics:
                    self._queue(stage, topic, partition)
        self._assigned.set()

    async def _settle(self) -> None:
        """Finish batches in progress and let the stages checkpoint and ack them; after a failure only drop them."""
        queues, self._queues = self._queues, {}
        self._assigned.clear()
        if self.failed.done():
            return
        try:
            self._fence.check()
            async with asyncio.timeout(self.config.drain_timeout_s):
                await self._close(queues)
        except TimeoutError as error:
            late = SettleTimeoutError(
                f"batches or the last checkpoint took more than drain_timeout_s ({self.config.drain_timeout_s} s)"
            )
            self.fail(late)
            raise late from error
        except Exception as error:
            self.fail(error)
            raise
        self.outbox.release_tokens()
        self._owned.clear()

    async def _close(self, queues: dict[TopicPartition, PartitionQueue]) -> None:
        await self._unless_failed(asyncio.gather(*(queue.close() for queue in queues.values())))
        for stage in self.stages:
            if mine := [place for place, queue in queues.items() if queue.stage is stage and queue.loaded.is_set()]:
                await stage.revoke(mine)

    async def _start_app(self) -> None:
        starting = asyncio.ensure_future(self._app.start())
        await self._unless_failed(starting)

    async def _all_loaded(self) -> None:
        for queue in list(self._queues.values()):
            if not queue.is_ready:
                await queue.loaded.wait()

    async def _unless_failed(self, work: Coroutine[Any, Any, Any] | asyncio.Future[Any]) -> None:
        task = asyncio.ensure_future(work)
        await asyncio.wait((task, self.failed), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        self.raise_failure()
        await task

    def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        self._watchers.append(asyncio.create_task(work))

    async def _fail_with_the_app(self) -> None:
        await self._app.wait_until_stopped()
        if self._app.crashed:
            self.fail(self._app.crash_reason or RuntimeError("Faust crashed without a reason"))

    async def _fail_with(self, watch: Coroutine[Any, Any, None]) -> None:
        try:
            await watch
        except Exception as error:
            self.fail(error)

    async def _stop(self, error: BaseException | None) -> None:
        """Settle and commit unless something failed, then stop everything that was started."""
        self._stopping = True
        if error is not None:
            self.fail(error)
        try:
            await self._settle_and_commit()
        except Exception as problem:
            self.fail(problem)
        for watcher in self._watchers:
            watcher.cancel()
        await self._stop_app()
        await self._stop_stages()
        await self.outbox.__aexit__(None, None, None)

    async def _settle_and_commit(self) -> None:
        """Settle and commit before Faust stops, so that neither its stop nor a rebalance can interfere."""
        if self._app.started and not self.failed.done():
            async with asyncio.timeout(STOP_S + self.config.drain_timeout_s):
                await while_kafka_answers(self._app.consumer.wait_empty(), self.outbox, self.config.bootstrap)

    async def _stop_app(self) -> None:
        away = self.outbox.away or isinstance(failure_of(self.failed), NoKafkaError)
        if away:
            self.outbox.give_up()
        await stop_faust(self._app, away=away)

    async def _stop_stages(self) -> None:
        for stage in self.stages:
            try:
                await stage.stop()
            except Exception as error:
                self.fail(error)
