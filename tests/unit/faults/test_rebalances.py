"""A storm of rebalances is over when each partition that a stage reads has an owner, and not before."""

from types import SimpleNamespace
from typing import Any

import pytest

from liveprofile.streams.contract.topics import Topics
from tests.faults.group import Group
from tests.faults.runs.rebalances import _all_owned, steps

TOPICS = Topics("shop", partitions=2)
READ = (*TOPICS.inputs, TOPICS.activity, TOPICS.item_events)
EVERYTHING = [*((topic, number) for topic in READ for number in (0, 1)), (TOPICS.examples, 0)]
SHOP: Any = SimpleNamespace(topics=TOPICS)


def seen(owned: list[tuple[str, int]], *, stable: bool = True) -> Group:
    return Group(stable, tuple(sorted(owned)), 2)


def test_all_is_owned_when_every_stage_has_its_partitions_once() -> None:
    assert _all_owned(SHOP, seen(EVERYTHING))
    assert not _all_owned(SHOP, seen(EVERYTHING, stable=False))
    assert not _all_owned(SHOP, seen([*EVERYTHING, EVERYTHING[0]])), "two owners"


@pytest.mark.parametrize("missing", range(len(EVERYTHING)))
def test_one_partition_without_an_owner_is_enough_to_wait_for(missing: int) -> None:
    assert not _all_owned(SHOP, seen(EVERYTHING[:missing] + EVERYTHING[missing + 1 :]))


def test_the_number_of_workers_goes_up_and_down_by_one() -> None:
    walk = steps(2)
    assert [next(walk) for _ in range(9)] == [3, 4, 3, 2, 1, 2, 3, 2, 3]
