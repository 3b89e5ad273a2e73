"""Rebalances: nothing is lost, what was acked is committed first, and two stages may run in different workers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from counting import Count, CountingStage, Place, offline_fold, produce, read_counts

from liveprofile.streams.runtime.runtime import Runtime

pytestmark = pytest.mark.kafka


async def _assert_state_is_the_fold(place: Place) -> None:
    for partition in range(place.partitions):
        assert await read_counts(place, partition) == await offline_fold(place, partition)


async def test_two_workers_share_the_partitions_and_count_everything_once(
    place: Place, until: Callable[..., Awaitable[None]], committed: Callable[[], Awaitable[dict[int, int]]]
) -> None:
    """A second worker joins and leaves in the middle: nothing lost, and nothing replayed, since commits go first."""
    await produce(place, 2_000)
    first, second = (CountingStage(place, slow_s=0.1) for _ in range(2))
    async with Runtime([first], place.config(max_batch_records=50)) as one:
        await one.ready()
        await until(lambda: first.applied > 500)
        async with Runtime([second], place.config(max_batch_records=50)) as two:
            await two.ready()
            await until(lambda: second.applied > 500 and len(first.counts) == 2)
            assert len(second.counts) == 2
        await until(lambda: first.applied + second.applied >= 8_000)
    assert (first.applied + second.applied, first.replayed + second.replayed) == (8_000, 0)
    assert await committed() == dict.fromkeys(range(4), 2_000)
    await _assert_state_is_the_fold(place)


async def test_what_was_acked_is_committed_before_partitions_are_given_up(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    """Stock Faust forgets acked offsets first (faust #502): the next owner would see them all again."""
    await produce(place, 500)
    first, second = (CountingStage(place) for _ in range(2))
    async with Runtime([first], place.config(commit_every_s=60.0)) as one:
        await one.ready()
        await until(lambda: first.applied == 2_000)
        async with Runtime([second], place.config(commit_every_s=60.0)) as two:
            await two.ready()
            await produce(place, 500, start=500)
            await until(lambda: first.applied + second.applied == 4_000)
    assert first.replayed + second.replayed == 0
    assert second.applied > 0
    await _assert_state_is_the_fold(place)


async def test_many_joins_and_leaves_lose_nothing(place: Place, until: Callable[..., Awaitable[None]]) -> None:
    """Workers come and go while records keep arriving; counts and order end equal to the offline fold."""
    stages = [CountingStage(place, slow_s=0.005) for _ in range(5)]

    async def come_and_go(stage: CountingStage, after_s: float, for_s: float) -> None:
        await asyncio.sleep(after_s)
        async with Runtime([stage], place.config(max_batch_records=100)):
            await asyncio.sleep(for_s)

    async def keep_producing() -> None:
        for start in range(0, 2_000, 100):
            await produce(place, 100, start=start)
            await asyncio.sleep(0.15)

    async with Runtime([stages[0]], place.config(max_batch_records=100)) as steady:
        await asyncio.gather(
            keep_producing(),
            *(come_and_go(stage, 0.7 * n, 1.0) for n, stage in enumerate(stages[1:], start=1)),
        )
        await until(lambda: sum(stage.applied for stage in stages) == 8_000)
        await steady.ready()
    assert sum(stage.replayed for stage in stages) == 0
    await _assert_state_is_the_fold(place)


async def test_workers_with_different_stages_share_one_group(
    place: Place, until: Callable[..., Awaitable[None]]
) -> None:
    """`--stages` splits the work over processes: each gets partitions of its own stages' topics only."""
    follow = Place(place.app_id, place.bootstrap)

    class Following(CountingStage):
        name = "follow"

        async def handle(self, topic, partition, run, ack):  # type: ignore[no-untyped-def]
            self.applied += len(run)
            ack()

        async def assign(self, topic: str, partition: int) -> None:
            self.counts[partition] = {}

        async def revoke(self, partitions) -> None:  # type: ignore[no-untyped-def]
            for _, partition in partitions:
                del self.counts[partition]

    counting, following = CountingStage(place), Following(follow)
    following.topics = (place.facts,)
    await produce(place, 300)
    async with Runtime([counting], place.config()) as one, Runtime([following], place.config()) as two:
        await one.ready()
        await two.ready()
        assert (len(counting.counts), len(following.counts)) == (4, 4)
        await until(lambda: counting.applied == 1_200 and following.applied == 1_200)


def test_the_chain_notices_another_order() -> None:
    """The check of these tests can fail: the same offsets in another order give another state."""
    forth, back = Count(), Count()
    for offset in range(10):
        forth.add(offset)
        back.add(9 - offset)
    assert Counter([forth.times, back.times]) == {10: 2}
    assert forth.chain != back.chain
