"""Progress is published once facts are durable, before the cursor that skips them, and never falls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from support.activities import activity
from support.ingest_fakes import MemoryOutbox
from support.learn_log import Given

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.coordinates import source_code
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.inputs.common import READ_BACK_HEADER
from liveprofile.streams.contract.marks import encode_mark, mark_alone, marked
from liveprofile.streams.contract.partition_progress import PartitionProgress, decode_progress
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.stage import ProfileStage
from liveprofile.streams.transport.record import Item

TOPICS = Topics()
ANNA = b"a" * 32
DIMS = Policy().dims


class Watched(MemoryOutbox):
    """An outbox that notes the order of topics, and holds facts back until a test lets them go."""

    def __init__(self) -> None:
        super().__init__()
        self.facts_may_go = asyncio.Event()
        self.facts_may_go.set()
        self.order: list[str] = []

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        if topic == TOPICS.profile_changes:
            await self.facts_may_go.wait()
        self.order.append(topic)
        return await super().send(topic, partition, items)

    def fail(self, error: BaseException) -> None:
        raise error

    @property
    def told(self) -> list[PartitionProgress]:
        """What stands in `progress`."""
        return [found for value in self.values(TOPICS.progress) if (found := decode_progress(value))]


def place(offset: int) -> int:
    return source_code("clicks", 0, offset)


def batch(first: int, count: int, mark: Sequence[int] = ()) -> list[Given]:
    """Activities of Anna; the last one carries the mark."""
    items: list[Item] = [(ANNA, activity(at_s=at, offset=at), ()) for at in range(first, first + count)]
    if mark:
        items[-1] = marked(items[-1], encode_mark(mark))
    return [given(first + at, item) for at, item in enumerate(items)]


def given(offset: int, item: Item) -> Given:
    key, value, headers = item
    return Given(offset, value, TOPICS.activity, key=key, headers=headers)


def alone(offset: int, *places: int) -> list[Given]:
    """A record that is there for its mark."""
    return [given(offset, mark_alone(encode_mark(places), DIMS))]


def reading(records: Sequence[PartitionProgress] = ()) -> Any:
    """A reader of a `progress` with these records of partition 0, and of an empty state."""

    async def read(topic: str, partition: int, **_: Any) -> AsyncIterator[list[Any]]:
        if topic == TOPICS.progress:
            yield [(b"0", one.encode(), at) for at, one in enumerate(records)]

    return read


Open = Callable[..., Awaitable[ProfileStage]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    stages: list[ProfileStage] = []

    async def begin(
        outbox: Watched, before: Sequence[PartitionProgress] = (), checkpoint_s: float = 3600
    ) -> ProfileStage:
        config = ProfileStageConfig(TOPICS, Policy(), None, checkpoint_s=checkpoint_s, tick_s=3600)
        events = CloudEvents("shop", lambda: 0)
        stages.append(ProfileStage(config, reading(before), events, publishes_progress=True))
        await stages[-1].start(outbox)
        await stages[-1].assign(TOPICS.activity, 0)
        return stages[-1]

    yield begin
    for stage in stages:
        await stage.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what it waits for is told by no event
            await asyncio.sleep(0.005)


async def test_a_mark_is_published_when_the_facts_before_it_are_durable_and_not_before(opened: Open) -> None:
    outbox = Watched()
    stage = await opened(outbox)
    outbox.facts_may_go.clear()
    handling = asyncio.create_task(stage.handle(TOPICS.activity, 0, batch(0, 5, [place(4)]), lambda: None))
    await asyncio.sleep(0.2)
    assert not any(one.inputs for one in outbox.told)
    outbox.facts_may_go.set()
    await handling
    await until(lambda: bool(outbox.told[-1].inputs))
    assert (outbox.told[-1].inputs, outbox.told[-1].through, outbox.told[-1].loading) == ({"clicks/0": 4}, 4, False)


async def test_a_record_that_is_there_for_its_mark_is_not_folded_and_leaves_no_gap(opened: Open) -> None:
    outbox = Watched()
    stage = await opened(outbox)
    await stage.handle(TOPICS.activity, 0, alone(0, place(7)), lambda: None)
    await stage.handle(TOPICS.activity, 0, [*alone(1, place(8)), *batch(2, 1)], lambda: None)
    partition = stage._partitions[0]
    assert (partition.fold.cursor.applied_through, stage.counters.applied) == (2, 1)
    await until(lambda: outbox.told[-1].inputs == {"clicks/0": 8})


async def test_what_a_cursor_skips_after_a_crash_was_published_before_it(opened: Open) -> None:
    outbox, acked = Watched(), asyncio.Event()
    stage = await opened(outbox, checkpoint_s=0.001)
    await until(lambda: bool(outbox.told))
    assert stage._progress is not None and stage._progress._task is not None
    stage._progress._task.cancel()  # only checkpoints publish from here on
    await stage.handle(TOPICS.activity, 0, batch(0, 3, [place(2)]), acked.set)
    async with asyncio.timeout(10):
        await acked.wait()
    assert outbox.told[-1].inputs == {"clicks/0": 2}
    last_told = len(outbox.order) - 1 - outbox.order[::-1].index(TOPICS.progress)
    assert last_told < outbox.order.index(TOPICS.state)


async def test_a_new_owner_begins_with_what_was_published_and_never_tells_less(opened: Open) -> None:
    outbox = Watched()
    before = [PartitionProgress(through=9, at_ms=5, assignments=1, inputs={"clicks/0": 9, "reviews/1": 3})]
    stage = await opened(outbox, before)
    await stage.handle(TOPICS.activity, 0, batch(0, 4, [place(3)]), lambda: None)  # folded again after a crash
    await until(lambda: any(not one.loading for one in outbox.told))
    assert {one.through for one in outbox.told} == {9}
    assert all(one.inputs == {"clicks/0": 9, "reviews/1": 3} for one in outbox.told)
    assert outbox.told[-1].assignments == 2


async def test_what_a_checkpoint_covers_is_told_when_it_is_durable(opened: Open) -> None:
    outbox, acked = Watched(), asyncio.Event()
    stage = await opened(outbox, checkpoint_s=0.05)
    await stage.handle(TOPICS.activity, 0, batch(0, 3, [place(2)]), acked.set)
    await until(lambda: bool(outbox.told) and outbox.told[-1].inputs == {"clicks/0": 2})
    assert outbox.told[-1].shown == {}
    await until(lambda: outbox.told[-1].shown == {"clicks/0": 2})
    assert TOPICS.profiles in outbox.order and acked.is_set()


async def test_a_checkpoint_while_published_records_are_folded_again_covers_no_more_than_before(opened: Open) -> None:
    outbox = Watched()
    before = [PartitionProgress(through=9, at_ms=5, inputs={"clicks/0": 9}, shown={"clicks/0": 1})]
    stage = await opened(outbox, before, checkpoint_s=0.001)
    acked = asyncio.Event()
    await stage.handle(TOPICS.activity, 0, batch(0, 4, [place(3)]), acked.set)
    async with asyncio.timeout(10):
        await acked.wait()
    await asyncio.sleep(0.2)  # a publication more
    assert {one.shown["clicks/0"] for one in outbox.told} == {1}
    await stage.handle(TOPICS.activity, 0, batch(4, 6, [place(9)]), lambda: None)
    await until(lambda: outbox.told[-1].shown == {"clicks/0": 9})


async def test_who_is_going_to_be_read_is_shown_at_once_with_the_facts(opened: Open) -> None:
    outbox = Watched()
    stage = await opened(outbox, checkpoint_s=60.0)
    key, value, _ = (ANNA, activity(at_s=0, offset=0), ())
    await stage.handle(TOPICS.activity, 0, [given(0, (key, value, ()))], lambda: None)
    assert TOPICS.profiles not in outbox.order
    again = (ANNA, activity(at_s=1, offset=1), ((READ_BACK_HEADER, b"1"),))
    await stage.handle(TOPICS.activity, 0, [given(1, again)], lambda: None)
    [shown] = outbox.values(TOPICS.profiles)
    assert shown is not None and ProfileSnapshot.decode(shown).events.total == 2


async def test_a_partition_is_said_to_be_loading_until_it_is_loaded(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ProfileStage._load

    async def slowly(stage: ProfileStage, number: int) -> Any:
        await until(lambda: bool(outbox.told))
        return await load(stage, number)

    outbox = Watched()
    monkeypatch.setattr(ProfileStage, "_load", slowly)
    await opened(outbox)
    await until(lambda: len(outbox.told) == 2)
    assert [one.loading for one in outbox.told] == [True, False]


async def test_marks_of_one_moment_are_published_together(opened: Open) -> None:
    outbox = Watched()
    stage = await opened(outbox)
    await until(lambda: len(outbox.told) >= 1)
    before = len(outbox.told)
    for at in range(40):
        await stage.handle(TOPICS.activity, 0, alone(at, place(at)), lambda: None)
    await until(lambda: outbox.told[-1].inputs == {"clicks/0": 39})
    assert len(outbox.told) - before <= 4


async def test_marks_alone_are_checkpointed_at_leisure(opened: Open) -> None:
    outbox, acks = Watched(), []
    stage = await opened(outbox, checkpoint_s=0.001)
    await stage.handle(TOPICS.activity, 0, alone(0, place(0)), lambda: acks.append(0))
    await asyncio.sleep(0.1)
    assert acks == []
    await stage.handle(TOPICS.activity, 0, batch(1, 1), lambda: acks.append(1))
    await until(lambda: acks == [0, 1])
