"""Checkpoints: acks cover exactly what was encoded, writes keep their order, errors ack nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from support.sends_all import SendsAll

from liveprofile.streams.runtime.checkpoint import Checkpointer, Write
from liveprofile.streams.transport.record import Item

PLACE = ("activity", 0)


class SlowOutbox(SendsAll):
    """Writes that a test lets through one by one."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun: list[str] = []
        self.durable: list[str] = []
        self.failure: BaseException | None = None
        self.refuse: Exception | None = None

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> None:
        names = [f"{topic}:{(key or b'').decode()}" for key, _, _ in items]
        self.begun += names
        await self.gate.wait()
        if self.refuse:
            raise self.refuse
        self.durable += names

    def partitions(self, topic: str) -> int:
        return 1

    def generation(self, topic: str) -> int:
        return 0

    def layout(self, topic: str) -> int:
        return 3

    def owns(self, topic: str, partition: int) -> bool:
        return True

    def fail(self, error: BaseException) -> None:
        self.failure = error


class Folding:
    """A partition in memory: keys touched since the last encoding."""

    def __init__(self, outbox: SlowOutbox, **settings: Any) -> None:
        self.touched: list[str] = []
        self.acked: list[str] = []
        self.checkpointer = Checkpointer(outbox, self._encode, **settings)  # type: ignore[arg-type]

    def fold(self, name: str) -> None:
        self.touched.append(name)
        self.checkpointer.hold(PLACE, lambda: self.acked.append(name), touched=1)

    def _encode(self, place: tuple[str, int]) -> Sequence[Sequence[Write]]:
        assert place == PLACE
        touched, self.touched = self.touched, []
        state = [Write("state", 0, [(key.encode(), b"", []) for key in touched])]
        return [state, [Write("cursor", 0, [(b"c", b"", [])])]]


async def _soon(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  the code under test has no event for it
            await asyncio.sleep(0.001)


async def test_profiles_are_durable_before_the_cursor_and_both_before_the_ack() -> None:
    """The order of the protocol."""
    outbox = SlowOutbox()
    outbox.gate.clear()
    folding = Folding(outbox, every_s=0.01)
    folding.fold("a")
    await _soon(lambda: outbox.begun == ["state:a"])
    assert folding.acked == []
    outbox.gate.set()
    await _soon(lambda: folding.acked == ["a"])
    assert outbox.durable == ["state:a", "cursor:c"]


async def test_a_checkpoint_waits_until_the_facts_of_what_it_would_hold_are_durable() -> None:
    """A stage holds this lock from the fold of a batch until its facts are durable: facts are never behind profiles."""
    outbox, facts = SlowOutbox(), asyncio.Lock()
    folding = Folding(outbox, every_s=0.01, quiet=lambda place: facts)
    async with facts:
        folding.fold("a")
        await asyncio.sleep(0.1)
        assert (outbox.begun, folding.touched, folding.acked) == ([], ["a"], [])
        outbox.durable.append("facts of a")
    await _soon(lambda: folding.acked == ["a"])
    assert outbox.durable == ["facts of a", "state:a", "cursor:c"]


async def test_the_last_checkpoint_waits_for_facts_too() -> None:
    outbox, facts = SlowOutbox(), asyncio.Lock()
    folding = Folding(outbox, every_s=60, quiet=lambda place: facts)
    async with facts:
        folding.fold("a")
        settling = asyncio.create_task(folding.checkpointer.settle([PLACE]))
        await asyncio.sleep(0.05)
        assert outbox.begun == []
    await settling
    assert folding.acked == ["a"]


async def test_writes_go_on_while_the_next_batch_is_folded() -> None:
    """The lock is for the encoding alone: a slow state topic does not hold up the fold."""
    outbox, facts = SlowOutbox(), asyncio.Lock()
    outbox.gate.clear()
    folding = Folding(outbox, every_s=0.01, quiet=lambda place: facts)
    folding.fold("a")
    await _soon(lambda: outbox.begun == ["state:a"])
    async with asyncio.timeout(1), facts:
        folding.fold("b")
    outbox.gate.set()
    await _soon(lambda: folding.acked == ["a", "b"])


async def test_what_is_folded_while_a_checkpoint_is_written_waits_for_the_next() -> None:
    """Handling goes on, and its ack is not given with writes that do not hold it."""
    outbox = SlowOutbox()
    outbox.gate.clear()
    folding = Folding(outbox, every_s=0.01)
    folding.fold("a")
    await _soon(lambda: outbox.begun == ["state:a"])
    folding.fold("b")
    await asyncio.sleep(0.05)
    assert outbox.begun == ["state:a"]
    outbox.gate.set()
    await _soon(lambda: folding.acked == ["a", "b"])
    assert outbox.durable == ["state:a", "cursor:c", "state:b", "cursor:c"]


async def test_many_runs_within_the_interval_are_one_checkpoint() -> None:
    """That is what makes state cheap."""
    outbox = SlowOutbox()
    folding = Folding(outbox, every_s=0.05)
    for name in "abc":
        folding.fold(name)
    await _soon(lambda: folding.acked == ["a", "b", "c"])
    assert outbox.durable == ["state:a", "state:b", "state:c", "cursor:c"]


async def test_enough_touched_entries_do_not_wait_for_the_interval() -> None:
    """A burst is checkpointed at once."""
    outbox = SlowOutbox()
    folding = Folding(outbox, every_s=60, every_touched=3)
    folding.fold("a")
    folding.fold("b")
    await asyncio.sleep(0.02)
    assert outbox.begun == []
    folding.fold("c")
    await _soon(lambda: folding.acked == ["a", "b", "c"])


async def test_settling_writes_what_is_left_and_forgets_the_partition() -> None:
    """Also while an earlier checkpoint is still being written."""
    outbox = SlowOutbox()
    outbox.gate.clear()
    folding = Folding(outbox, every_s=0.01)
    folding.fold("a")
    await _soon(lambda: outbox.begun == ["state:a"])
    folding.fold("b")
    settling = asyncio.create_task(folding.checkpointer.settle([PLACE, ("activity", 7)]))
    await asyncio.sleep(0.02)
    assert not settling.done()
    outbox.gate.set()
    await settling
    assert folding.acked == ["a", "b"]
    await folding.checkpointer.settle([PLACE])
    assert outbox.durable.count("cursor:c") == 2


async def test_a_failed_write_acks_nothing_and_stops_the_process() -> None:
    """The runtime is told, since no handler is waiting for the checkpoint."""
    outbox = SlowOutbox()
    outbox.refuse = ConnectionError("no broker")
    folding = Folding(outbox, every_s=0.01)
    folding.fold("a")
    await _soon(lambda: outbox.failure is outbox.refuse)
    assert folding.acked == []
    folding.fold("b")
    with pytest.raises(ConnectionError):
        await folding.checkpointer.settle([PLACE])
    assert folding.acked == []


async def test_dropping_acks_and_writes_nothing() -> None:
    """After an error elsewhere the state in memory is worth nothing."""
    outbox = SlowOutbox()
    folding = Folding(outbox, every_s=0.02)
    folding.fold("a")
    folding.checkpointer.drop()
    await asyncio.sleep(0.05)
    assert (outbox.begun, folding.acked) == ([], [])


@pytest.mark.parametrize("end", ["settled", "dropped"])
async def test_nothing_watches_over_a_partition_that_is_settled_or_dropped(end: str) -> None:
    """A worker gets and loses partitions for months."""

    def keepers() -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if task.get_name() == "checkpoints of activity/0"]

    folding = Folding(SlowOutbox(), every_s=60)
    folding.fold("a")
    assert len(keepers()) == 1
    if end == "settled":
        await folding.checkpointer.settle([PLACE])
    else:
        folding.checkpointer.drop()
    await asyncio.sleep(0)
    assert keepers() == []
