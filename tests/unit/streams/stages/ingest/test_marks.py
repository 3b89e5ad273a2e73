"""Marks stand behind the activities that they cover, on every partition; batches are acked when they are marked."""

import asyncio

import pytest
from support.ingest_fakes import DIMS, FakeRecord, MemoryOutbox, click, records

from liveprofile.profiles.records.activity import Kind, decode_heads
from liveprofile.profiles.records.coordinates import source_name
from liveprofile.streams.contract.marks import HEADER, KEY, decode_mark, encode_mark, lane_of, marks_in
from liveprofile.streams.stages.ingest import marks
from liveprofile.streams.stages.ingest.marks import Marks
from liveprofile.streams.stages.ingest.outgoing import MOST_CARRIER_BYTES, Outgoing
from liveprofile.streams.stages.ingest.slices import Fetched
from liveprofile.streams.stages.ingest.stage import IngestStage

from .test_stage import started

PARTITIONS = range(4)


class Log(MemoryOutbox):
    """What stands in `activity`, as the fold reads it."""

    def marked(self, number: int) -> list[list[str]]:
        """The places of each mark of a partition, as text."""
        read = [FakeRecord(value, key=key, headers=headers) for key, value, headers in self.sent["activity", number]]
        return [list(map(source_name, found)) for one in read if (found := marks_in([one]))]


async def marking(outbox: Log) -> IngestStage:
    """A stage that writes marks."""
    stage = await started(outbox)
    stage._marks = Marks(outbox, "activity", DIMS)
    return stage


def home_of(outbox: Log) -> int:
    """The partition with the first activity."""
    return next(number for number in PARTITIONS if any(key != KEY for key, _, _ in outbox.sent["activity", number]))


async def test_partitions_with_activities_are_marked_at_once_and_the_others_a_moment_later() -> None:
    """Only then the batch is acked."""
    outbox, acked = Log(), asyncio.Event()
    stage = await marking(outbox)
    await stage.handle("clicks", 2, records([click()] * 3, 40), acked.set)
    assert [len(outbox.marked(number)) for number in PARTITIONS].count(1) == 1 and not acked.is_set()
    assert outbox.marked(home_of(outbox)) == [["clicks/2/42"]]
    async with asyncio.timeout(5):
        await acked.wait()
    assert [outbox.marked(number) for number in PARTITIONS] == [[["clicks/2/42"]]] * 4
    await stage.stop()


async def test_the_last_activity_of_a_partition_carries_the_mark_and_a_tick_at_0_where_there_is_none() -> None:
    outbox = Log()
    stage = await marking(outbox)
    await stage.handle("clicks", 0, records([click()]), lambda: None)
    await stage.revoke([])
    home = home_of(outbox)
    for number in PARTITIONS:
        ((key, value, headers),) = outbox.sent["activity", number]
        (head,) = decode_heads([value or b""], DIMS)
        assert dict(headers)[HEADER] == encode_mark([0])
        assert (key == KEY, head["kind"], head["event_time_ms"] == 0) == (
            (False, Kind.EVENT, False) if number == home else (True, Kind.TICK, True)
        )
    assert stage.counters.activities == 1, "a tick at 0 is no activity"
    await stage.stop()


async def test_refused_records_are_covered_too() -> None:
    outbox = Log()
    stage = await marking(outbox)
    await stage.handle("searches", 1, records([b"no json", b"{}"], 7), lambda: None)
    await stage.revoke([])
    assert outbox.marked(3) == [["searches/1/8"]]
    await stage.stop()


async def test_a_batch_a_moment_after_a_mark_is_acked_with_the_next_mark_which_comes_by_itself() -> None:
    outbox, acked = Log(), asyncio.Event()
    stage = await marking(outbox)
    await stage.handle("clicks", 0, records([click()]), lambda: None)
    await stage.handle("clicks", 0, records([click(), click()], 1), acked.set)
    assert not acked.is_set()
    async with asyncio.timeout(5):
        await acked.wait()
    home = home_of(outbox)
    assert outbox.marked(home) == [["clicks/0/0"], ["clicks/0/2"]]
    assert [outbox.marked(number) for number in PARTITIONS if number != home] == [[["clicks/0/2"]]] * 3
    await stage.stop()


async def test_many_batches_of_a_moment_share_one_mark_with_the_newest_place_of_each_partition() -> None:
    outbox, acks = Log(), []
    stage = await marking(outbox)
    await stage.handle("clicks", 0, records([click()]), lambda: acks.append(0))
    for number in range(1, 4):
        await stage.handle("clicks", number % 2, records([click()], number), lambda: acks.append(1))
    await stage.revoke([])
    home = home_of(outbox)
    assert [sorted(one) for one in outbox.marked(home)] == [["clicks/0/0"], ["clicks/0/2", "clicks/1/3"]]
    assert [sorted(one) for one in outbox.marked((home + 1) % 4)] == [["clicks/0/2", "clicks/1/3"]]
    assert acks == [0, 1, 1, 1]
    await stage.stop()


async def test_a_mark_covers_only_batches_that_are_durable_and_the_one_that_it_leaves_with() -> None:
    """A batch under way beside it may still fail."""
    outbox, acks = Log(), []
    stage = await marking(outbox)
    out, other = Outgoing(), Outgoing()
    for one in (out, other):
        one.add_activity(0, b"a" * 32, b"value", (), 0)
    first = stage._marks.board(out, [Fetched("clicks", 0, records([b""], 5), 0, lambda: acks.append(1))])
    second = stage._marks.board(other, [Fetched("clicks", 1, records([b""], 8), 1 << 40, lambda: acks.append(2))])
    assert [len(one.activities[0][0][2]) for one in (out, other)] == [1, 0]
    second()
    await stage._marks.flush()
    assert acks == [2]
    assert {place for mark in outbox.marked(1) for place in mark} == {source_name((1 << 40) + 8)}
    first()
    await stage._marks.flush()
    assert acks == [2, 1]
    await stage.stop()


async def test_marks_are_30_ms_apart_however_fast_batches_come(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    outbox = Log()
    stage = await started(outbox)
    stage._marks = Marks(outbox, "activity", DIMS, clock=lambda: now[0])
    monkeypatch.setattr(marks, "LONGEST_S", 100.0)
    for offset in range(21):
        await stage.handle("clicks", 0, records([click()], offset), lambda: None)
        now[0] += 0.0101
    assert len(outbox.marked(home_of(outbox))) == 7
    await stage.stop()


async def test_an_idle_shop_writes_no_marks() -> None:
    outbox = Log()
    stage = await marking(outbox)
    await stage.handle("clicks", 0, records([click()]), lambda: None)
    await asyncio.sleep(3 * marks.LONGEST_S)
    assert len(outbox.marked(0)) == 1
    await stage.stop()


async def test_after_an_error_nothing_is_marked_or_acked() -> None:
    outbox, acks = Log(), []
    stage = await marking(outbox)
    await stage.handle("clicks", 0, records([click()]), lambda: None)
    await stage.handle("clicks", 0, records([click()], 1), lambda: acks.append(1))
    await stage.stop()
    await asyncio.sleep(2 * marks.LONGEST_S)
    assert (acks, sum(len(outbox.marked(number)) for number in PARTITIONS)) == ([], 1)


def test_a_record_that_may_be_as_large_as_records_may_be_carries_nothing_more() -> None:
    out = Outgoing()
    out.add_activity(0, b"a" * 32, bytes(MOST_CARRIER_BYTES + 1), (), 0)
    out.add_mark(0, encode_mark([5]), DIMS)
    (large, alone) = out.activities[0]
    assert (large[2], alone[0], len(alone[2])) == ((), KEY, 1)


def test_a_batch_knows_the_place_of_its_last_record() -> None:
    batch = Fetched("clicks", 3, records([b"", b""], 9), 7 << 40, lambda: None)
    assert batch.last_place == (7 << 40) + 10


def test_a_replaced_topic_goes_on_in_the_lane_of_the_one_before() -> None:
    assert lane_of(1 << 60 | 5 << 40 | 9) == lane_of(5 << 40 | 70)
    assert decode_mark(encode_mark([])) == ()
