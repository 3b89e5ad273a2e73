"""What a stage looks like to the runtime: the records it is given, the outbox it writes to, the calls it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, runtime_checkable

from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.record import Item, Record, TopicPartition

Ack = Callable[[], None]
"""Says that everything of one run is durable. Idempotent; a call after the partition was given up does nothing."""


class Outbox(Protocol):
    """Where a stage writes: prebuilt record batches, awaited until they are durable."""

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """Write `items` in order and return when all are durable (acks from every in-sync replica).

        Gives the broker's time of the last one in epoch milliseconds; None if the topic keeps its producers' times.

        Raises `DeliveryError` when that cannot be known (the process must stop and ack nothing), and `OversizeError`
        before anything is sent when one item cannot fit a record batch (the caller can trim it and try again).
        """

    def reached(self, topic: str, partition: int) -> int:
        """An offset up to which everything that was sent there is durable; -1 for nothing."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""

    def generation(self, topic: str) -> int:
        """How often the topic was replaced by another of its name, and an operator said to go on with it."""

    def topic_id(self, topic: str) -> str:
        """Kafka's id of the topic: another one of the same name has another. Empty where ids are not checked."""

    async def identify(self, topic: str) -> str:
        """As `topic_id`, of any topic, asked of Kafka now. Empty where it does not exist, or ids are not known."""

    async def fencing_token(self, name: str, places: Sequence[TopicPartition]) -> None:
        """Be the only one who writes `places`: the broker refuses what earlier holders of `name` still send there."""

    def layout(self, topic: str) -> int:
        """Number of the layout in which records of the topic are written; 0 where none was agreed on."""

    def owns(self, topic: str, partition: int) -> bool:
        """Whether this process still holds the partition, in the group generation it was assigned in."""

    def fail(self, error: BaseException) -> None:
        """Stop the process because of an error in a task of the stage's own; nothing is acked or committed after it."""


class Stage(Protocol):
    """One step of the stream: consumes topics, partition by partition, and says when a run of records is done."""

    @property
    def name(self) -> str: ...
    @property
    def topics(self) -> tuple[str, ...]: ...

    async def start(self, outbox: Outbox) -> None:
        """Make ready; called once, before the first run."""

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        """Take the next records of one partition, in offset order, never empty.

        One call at a time per partition, partitions concurrently. Call `ack` when, and only when, everything of the
        run is durable; it may be kept for a later checkpoint. An exception stops the process, and nothing is acked.
        """

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint for these partitions, ack what it covers, and forget them.

        Called when no `handle` runs for them, before they are given up: at a rebalance and at an orderly stop.
        """

    async def stop(self) -> None:
        """Release everything; called once, after the last `revoke`, or after an error, where nothing may be acked."""


@runtime_checkable
class LoadsPartitions(Protocol):
    """A stage that loads something as soon as it is given a partition, before the first run arrives (optional)."""

    async def assign(self, topic: str, partition: int) -> None:
        """Load what the partition needs. Awaited once after each assignment, before the partition's first `handle`.

        The worker is ready when this has returned for every partition. `revoke` follows even if no run ever came.
        It is cancelled, and `revoke` does not follow, when the partition is given up before it has returned.
        """


@runtime_checkable
class TellsProgress(Protocol):
    """A stage whose loading may take long, and that can tell how far it is (optional)."""

    def progress(self, topic: str, partition: int) -> Progress | None:
        """How far the loading of a partition is; None before it begins."""


@runtime_checkable
class WritesAlone(Protocol):
    """A stage that is the only writer of some partitions: number n of a topic here, when it owns number n (optional).

    They are claimed before `assign`: what an earlier owner still has under way never lands behind what is read there.
    """

    @property
    def written_alone(self) -> tuple[str, ...]: ...
