"""The interface between runtime and stages: records, the outbox, and the methods of a stage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.record import Item, Record, TopicPartition

Ack = Callable[[], None]
"""Confirms that everything of one batch is durable. Idempotent; a call after the partition was revoked does nothing."""


@dataclass(frozen=True, slots=True)
class Write:
    """Records for one partition of one topic."""

    topic: str
    partition: int
    items: Sequence[Item]


class Outbox(Protocol):
    """Writes record batches for a stage, and waits until they are durable."""

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """Write `items` in order and return when all are durable (acks from every in-sync replica).

        Returns the broker's time of the last one in epoch milliseconds; None if the topic keeps its producers' times.

        Raises `DeliveryError` if the result is unknown (the process must stop and ack nothing), and `OversizeError`
        before anything is sent if one item does not fit a record batch (the caller can shorten it and retry).
        """

    async def send_all(self, writes: Iterable[Write]) -> None:
        """Write what is not empty, in no order; return when everything is durable. Raises as `send` does."""

    def reached(self, topic: str, partition: int) -> int:
        """An offset up to which all sent records are durable; -1 for none."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""

    def generation(self, topic: str) -> int:
        """How often the topic was replaced by another of its name and accepted by an operator."""

    def topic_id(self, topic: str) -> str:
        """Kafka's id of the topic; a replaced topic has another id. Empty if ids are not checked."""

    async def identify(self, topic: str) -> str:
        """As `topic_id`, of any topic, asked of Kafka now. Empty where it does not exist, or ids are not known."""

    async def acquire_token(self, name: str, places: Sequence[TopicPartition]) -> None:
        """Be the only one who writes `places`: the broker refuses what earlier holders of `name` still send there."""

    def layout(self, topic: str) -> int:
        """Number of the layout in which records of the topic are written; 0 where none was agreed on."""

    def owns(self, topic: str, partition: int) -> bool:
        """Whether this process still owns the partition, in the group generation it was assigned in."""

    def fail(self, error: BaseException) -> None:
        """Stop the process because of an error in a background task; nothing is acked or committed after it."""


class Stage(Protocol):
    """One step of the stream: it consumes topics, partition by partition, and acks record batches."""

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> tuple[str, ...]: ...

    async def start(self, outbox: Outbox) -> None:
        """Prepare; called once, before the first batch."""

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Process the next records of one partition, in offset order, never empty.

        One call at a time per partition; partitions are concurrent. Call `ack` only after everything of the batch is
        durable, perhaps at a later checkpoint. An exception stops the process, and nothing is acked.
        """

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint for these partitions, ack what it covers, and drop them.

        Called when no `handle` is active for them, before they are revoked: at a rebalance and at an orderly stop.
        """

    async def stop(self) -> None:
        """Release everything; called once, after the last `revoke`, or after an error; then nothing may be acked."""


@runtime_checkable
class LoadsPartitions(Protocol):
    """A stage that loads state as soon as it gets a partition, before the first batch arrives (optional)."""

    async def assign(self, topic: str, partition: int) -> None:
        """Load the partition's state. Awaited once after each assignment, before the partition's first `handle`.

        The worker is ready when this has returned for every partition. `revoke` follows even without any batch. If
        the partition is revoked before this has returned, it is cancelled and `revoke` does not follow.
        """


@runtime_checkable
class LoadsBehind(LoadsPartitions, Protocol):
    """A stage for which nobody waits: its partitions load after all others, of a worker that is ready (optional)."""

    @property
    def loads_behind(self) -> bool: ...


def loads_behind(stage: Stage) -> bool:
    """Whether nobody waits for the stage's partitions."""
    return isinstance(stage, LoadsBehind) and stage.loads_behind


@runtime_checkable
class InHaste(Protocol):
    """A stage whose records are fetched sooner, or later, than with company (optional)."""

    @property
    def haste(self) -> Haste: ...


def haste_of(stages: Iterable[Stage]) -> dict[str, Haste]:
    """How soon the records of each topic are wanted."""
    return {
        topic: stage.haste if isinstance(stage, InHaste) else Haste.WITH_COMPANY
        for stage in stages
        for topic in stage.topics
    }


@runtime_checkable
class TellsProgress(Protocol):
    """A stage with a long loading time that reports progress (optional)."""

    def progress(self, topic: str, partition: int) -> Progress | None:
        """Progress of loading a partition; None before it begins."""


@runtime_checkable
class TellsMovement(Protocol):
    """A stage that shows that it goes on within a batch that takes long (optional)."""

    def moved(self, topic: str, partition: int) -> object:
        """Anything that is another value whenever the work on the partition, or on all together, goes on."""


@runtime_checkable
class TellsMetrics(Protocol):
    """A stage that counts what it does (optional)."""

    def readings(self) -> Iterable[Reading]:
        """The readings of its metrics; called at each scrape."""


@runtime_checkable
class WritesAlone(Protocol):
    """A stage that is the only writer of some partitions: number n of a topic here, when it owns number n (optional).

    A fencing token for them is acquired before `assign`: a request in flight of an earlier owner is never written
    after the records that are read there.
    """

    @property
    def written_alone(self) -> tuple[str, ...]: ...
