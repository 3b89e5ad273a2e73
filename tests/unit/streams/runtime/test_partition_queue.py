"""Lanes: one run at a time in order, bounded, closing after the run in hand, loud about errors."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from liveprofile.streams.runtime.partition_queue import PartitionQueue
from liveprofile.streams.runtime.stage import Ack
from liveprofile.streams.transport.ledger import Ledger
from liveprofile.streams.transport.record import Record
from liveprofile.streams.transport.record_batch import RecordBatch


class Gated:
    """A stage whose handler waits for a test."""

    name = "gated"
    topics = ("t",)

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.begun: list[int] = []
        self.done: list[int] = []
        self.error: BaseException | None = None

    async def start(self, outbox: Any) -> None: ...

    async def revoke(self, partitions: Any) -> None: ...

    async def stop(self) -> None: ...

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        self.begun.append(len(run))
        await self.gate.wait()
        if self.error:
            raise self.error
        self.done.append(len(run))


class Loading(Gated):
    """A stage that loads its partition first."""

    def __init__(self) -> None:
        super().__init__()
        self.loading = asyncio.Event()
        self.loads_behind = False

    async def assign(self, topic: str, partition: int) -> None:
        await self.loading.wait()


def _run(size: int) -> RecordBatch:
    return RecordBatch("t", 0, [object()] * size, Ledger().hand_out(0, size))  # type: ignore[list-item]


def _lane(
    stage: Gated, *, room: Callable[[], None] = lambda: None, errors: list[BaseException] | None = None
) -> PartitionQueue:
    found = [] if errors is None else errors
    return PartitionQueue(stage, "t", 0, capacity=2, on_room=room, on_error=found.append)


async def test_runs_are_handled_one_at_a_time_in_order() -> None:
    """The second waits for the first."""
    stage = Gated()
    lane = _lane(stage)
    for size in (1, 2, 3):
        lane.put(_run(size))
    await asyncio.sleep(0.01)
    assert stage.begun == [1]
    stage.gate.set()
    await asyncio.sleep(0.01)
    assert stage.done == [1, 2, 3]
    await lane.close()


async def test_a_lane_says_when_it_is_full_and_when_it_has_room_again() -> None:
    """Full at two waiting runs; room is told once, when one of them is taken."""
    stage, rooms = Gated(), []
    lane = _lane(stage, room=lambda: rooms.append(1))
    await asyncio.sleep(0)
    assert not lane.put(_run(1))
    await asyncio.sleep(0.01)
    assert [lane.put(_run(2)), lane.put(_run(3))] == [False, True]
    assert rooms == []
    stage.gate.set()
    await asyncio.sleep(0.01)
    assert rooms == [1]
    await lane.close()


async def test_closing_finishes_the_run_in_hand_and_drops_the_rest() -> None:
    """What is dropped was never acked: the next owner reads it again."""
    stage = Gated()
    lane = _lane(stage)
    lane.put(_run(1))
    lane.put(_run(2))
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(lane.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    stage.gate.set()
    await closing
    assert stage.done == [1]


async def test_nothing_is_handled_before_the_partition_is_loaded() -> None:
    """And the lane is ready only then."""
    stage = Loading()
    lane = _lane(stage)
    lane.put(_run(1))
    await asyncio.sleep(0.01)
    assert (stage.begun, lane.loaded.is_set()) == ([], False)
    stage.loading.set()
    await asyncio.sleep(0.01)
    assert (stage.begun, lane.loaded.is_set()) == ([1], True)
    stage.gate.set()
    await lane.close()


@pytest.mark.parametrize("behind", [True, False])
async def test_a_worker_does_not_wait_for_a_stage_that_loads_behind(behind: bool) -> None:
    stage = Loading()
    stage.loads_behind = behind
    lane = _lane(stage)
    await asyncio.sleep(0)
    assert lane.is_ready == behind and not lane.loaded.is_set()
    stage.loading.set()
    await asyncio.wait_for(lane.loaded.wait(), 5)
    assert lane.is_ready
    await lane.close()


async def test_an_error_is_told_once_with_its_place_and_ends_the_lane() -> None:
    """Later runs are not touched: their order would be broken."""
    stage, errors = Gated(), []
    stage.error = ValueError("bad fold")
    stage.gate.set()
    lane = _lane(stage, errors=errors)
    lane.put(_run(1))
    lane.put(_run(2))
    await asyncio.sleep(0.01)
    assert (errors, stage.begun) == ([stage.error], [1])
    assert stage.error.__notes__ == ["in stage gated, topic t, partition 0"]


async def test_a_cancellation_from_inside_the_stage_is_an_error_too() -> None:
    """Else the partition would stand still for ever without a word."""
    stage, errors = Gated(), []
    stage.error = asyncio.CancelledError()
    stage.gate.set()
    _lane(stage, errors=errors).put(_run(1))
    await asyncio.sleep(0.01)
    assert "was cancelled, but the queue was not" in str(errors[0])


async def test_a_partition_is_claimed_before_it_is_loaded() -> None:
    """Else what an earlier owner still sends could land behind what was read."""
    stage, claimed = Loading(), asyncio.Event()
    stage.loading.set()
    lane = PartitionQueue(
        stage, "t", 0, capacity=2, on_room=lambda: None, on_error=lambda error: None, prepare=claimed.wait
    )
    await asyncio.sleep(0)
    assert not lane.loaded.is_set()
    claimed.set()
    async with asyncio.timeout(5):
        await lane.loaded.wait()
    await lane.close()


async def test_a_claim_that_fails_stops_the_process_and_loads_nothing() -> None:
    """It says where."""

    async def refuse() -> None:
        raise ConnectionError("no coordinator")

    errors: list[BaseException] = []
    lane = PartitionQueue(Loading(), "t", 0, capacity=2, on_room=lambda: None, on_error=errors.append, prepare=refuse)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not lane.loaded.is_set()
    assert "topic t, partition 0" in errors[0].__notes__[0]
