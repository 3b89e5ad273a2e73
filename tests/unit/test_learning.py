"""The fold of examples, without Kafka."""

import numpy as np
import pytest

from models.clusterers.registry import create
from models.snapshot import decode, encode
from profiles import example
from streams.learn.learning import Learning, Schedule

DIMS = 4
SCHEDULE = Schedule(first_after=10, every=25)


def learning(after: int = -1) -> Learning:
    return Learning(create("kmeans", DIMS, clusters=3, warmup=8), SCHEDULE, after=after)


def examples(count: int, seed: int = 1, partition: int = 0, first: int = 0) -> list[bytes]:
    random = np.random.default_rng(seed)
    return example.encode(
        random.integers(-32767, 32768, (count, DIMS)).astype(np.int16),
        partition=partition,
        offsets=np.arange(count) + first,
        event_times_ms=np.arange(count) + 1000,
        versions=np.ones(count, dtype=np.uint32),
    )


def test_versions_are_due_by_the_number_of_examples_alone() -> None:
    values = examples(60)
    assert list(learning().take(range(60), values)) == [9, 24, 49]
    in_pieces = learning()
    dues = [due for at in range(0, 60, 7) for due in in_pieces.take(range(at, min(60, at + 7)), values[at : at + 7])]
    assert dues == [9, 24, 49]


def test_a_schedule_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="every=0"):
        Schedule(every=0)


def test_a_repeated_example_is_learnt_once() -> None:
    once, twice = learning(), learning()
    values = examples(20)
    list(once.take(range(20), values))
    list(twice.take(range(35), values[:15] + values[:15] + values[15:]))
    assert twice.examples == 20 and twice.repeats == 15
    assert twice.clusterer.snapshot() == once.clusterer.snapshot()


def test_partitions_have_watermarks_of_their_own() -> None:
    both = learning()
    list(both.take(range(20), examples(10) + examples(10, partition=1)))
    assert both.examples == 20 and both.watermarks == {0: 9, 1: 9}


def test_a_record_given_again_is_not_learnt_again() -> None:
    again = learning()
    list(again.take(range(20), examples(20)))
    list(again.take(range(5, 15), examples(10, seed=2, first=50)))
    assert again.examples == 20 and again.covers == 19


def test_an_unreadable_record_is_counted_and_covered() -> None:
    spoilt = learning()
    list(spoilt.take(range(3), [examples(1)[0], b"nonsense", None]))
    assert (spoilt.examples, spoilt.unreadable, spoilt.covers) == (1, 2, 2)


def test_records_that_never_came_are_listed_as_gaps() -> None:
    holed = learning(after=4)
    list(holed.take([5, 6, 9], examples(3)))
    assert holed.version(1).gaps == ((0, 4), (7, 8))


def test_event_time_is_the_latest_learnt() -> None:
    late = learning()
    values = examples(12)
    list(late.take(range(12), values[6:] + [b""] * 6))
    assert late.version(1).event_time_ms == 1011


@pytest.mark.parametrize("stop", [0, 3, 8, 10, 24, 40])
def test_resuming_from_a_version_equals_never_having_stopped(stop: int) -> None:
    values = examples(30) + examples(30, seed=2, partition=1)
    straight, first = learning(), learning()
    list(straight.take(range(60), values))
    list(first.take(range(stop), values[:stop]))
    resumed = Learning.resume(create("kmeans", DIMS, clusters=3, warmup=8), SCHEDULE, decode(encode(first.version(1))))
    list(resumed.take(range(stop, 60), values[stop:]))
    assert encode(resumed.version(2)) == encode(straight.version(2))
