"""Items: what the fold of item events knows, and that repeats, crashes and late news leave no trace in it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest

from liveprofile.profiles.items.co_occurrence import PAIR
from liveprofile.profiles.items.event import HEAD, ItemUpdate, encode_item_update, encode_pairs, home_of
from liveprofile.profiles.items.fold import ItemFold
from liveprofile.profiles.items.graph import NEIGHBOURS
from liveprofile.profiles.records.layouts import UnknownLayoutError

NOON_S = 1_767_268_800
HOUR_S = 3_600


def pair(item: int, other: int, weight: float = 1.0, *, offset: int = 0, at_s: float = 0.0, after: int = 1) -> Any:
    """One pair as the profile stage makes it."""
    return (offset, round((NOON_S + at_s) * 1000), item, other, weight, after)


def block(*pairs: Any, partition: int = 0) -> bytes:
    """One record of pairs."""
    (records,) = encode_pairs(np.array(list(pairs), PAIR), partition, 1).values()
    return records[0]


def item_update(item: int, title: str, at_s: float = 0.0) -> bytes:
    """One record of an item as it looked."""
    return encode_item_update(
        ItemUpdate(item, round((NOON_S + at_s) * 1000), 1999, bytes(256), (f"id{item}", title, None, "b"))
    )


def fold_of(*values: bytes) -> ItemFold:
    """A fold that was given records one by one."""
    fold = ItemFold(HOUR_S)
    for offset, value in enumerate(values):
        fold.apply([value], [offset])
    return fold


def ties(fold: ItemFold, item: int) -> dict[int, tuple[float, float]]:
    """Weights after and before of an item's neighbours."""
    row = fold.row(item)
    columns = (row["neighbour"].tolist(), row["after"].tolist(), row["before"].tolist())
    return {other: (after, before) for other, after, before in zip(*columns, strict=True) if other}


def restored(fold: ItemFold) -> ItemFold:
    """A fold that was given all that another one has written."""
    items, neighbours, cursor = fold.checkpoint()
    again = ItemFold(HOUR_S)
    again.restore_items([value for _, value in items])
    again.restore_neighbours([value for _, value in neighbours])
    again.restore_cursor(cursor)
    return again


def test_neighbours_are_told_apart_by_what_came_first() -> None:
    fold = fold_of(block(pair(1, 2, 1.5), pair(1, 3, 0.5, after=0), pair(1, 0, 2.0)))
    assert ties(fold, 1) == {2: (1.5, 0.0), 3: (0.0, 0.5)}
    assert fold.row(1)["popularity"] == 2.0


def test_weights_halve_with_the_half_life_and_late_pairs_come_in_decayed() -> None:
    later = fold_of(block(pair(1, 2)), block(pair(1, 3, offset=1, at_s=HOUR_S)))
    assert ties(later, 1) == {2: (0.5, 0.0), 3: (1.0, 0.0)}
    late = fold_of(block(pair(1, 3, at_s=HOUR_S)), block(pair(1, 2, offset=1)))
    assert ties(late, 1) == {2: (0.5, 0.0), 3: (1.0, 0.0)}


def test_what_comes_once_pushes_nobody_out_and_what_keeps_coming_gets_in() -> None:
    known = [pair(1, other, 5.0) for other in range(2, 2 + NEIGHBOURS)]
    once = [pair(1, 100 + other, 0.1) for other in range(20)]
    fold = fold_of(block(*known, *once))
    assert set(ties(fold, 1)) == set(range(2, 2 + NEIGHBOURS))
    often = [pair(1, 99, 0.5, offset=1)] * 12
    fold.apply([block(*often)], [1])
    assert 99 in ties(fold, 1)
    assert len(ties(fold, 1)) == NEIGHBOURS


def test_pairs_that_a_crashed_profile_stage_sends_again_are_dropped() -> None:
    first = block(pair(1, 2, offset=5), pair(1, 3, offset=7))
    again = block(pair(1, 3, offset=7), pair(1, 2, offset=9))
    fold = ItemFold(HOUR_S)
    fold.apply([first, block(pair(1, 2, offset=3), partition=1)], [0, 1])
    result = fold.apply([again], [2])
    assert (result.pairs, result.repeats) == (1, 1)
    assert ties(fold, 1) == {2: (3.0, 0.0), 3: (1.0, 0.0)}


def test_the_latest_sighting_counts_whatever_the_order() -> None:
    fold = fold_of(item_update(1, "new", at_s=10), item_update(1, "old", at_s=0))
    ((key, value),), _, _ = fold.checkpoint()
    assert key == b"0000000000000001"
    assert orjson.loads(value)["title"] == "new"
    assert restored(fold_of(item_update(1, "new", at_s=10))).apply([item_update(1, "old")], [1]).item_updates == 0


def random_log(seed: int, records: int = 60) -> list[bytes]:
    """Records of pairs among few items, in the order of time, with sightings between them."""
    random = np.random.default_rng(seed)
    values, offset = [], 0
    for number in range(records):
        count = int(random.integers(1, 30))
        found = []
        for _ in range(count):
            offset += int(random.integers(2))
            item, other = random.integers(1, 60, 2).tolist()
            at_s = offset * 20.0 - float(random.exponential(100.0))
            found.append(pair(item, other % 50, float(random.exponential()), offset=offset, at_s=at_s))
        offset += 1
        values.append(block(*found))
        if number % 5 == 0:
            values.append(item_update(int(random.integers(1, 60)), f"title {number}", number))
    return values


def everything(fold: ItemFold) -> bytes:
    """All that a fold knows, in the order of digests."""
    rows = fold.rows[: len(fold)]
    return np.sort(rows, order="item").tobytes()


def in_runs(values: Sequence[bytes], cuts: Sequence[int], fold: ItemFold, start: int = 0) -> ItemFold:
    """The fold of records from `start` on, cut into runs."""
    for low, high in zip([start, *cuts], [*cuts, len(values)], strict=True):
        fold.apply(values[low:high], range(low, high))
    return fold


@pytest.mark.parametrize("seed", range(6))
def test_the_same_log_gives_the_same_items_whatever_its_runs(seed: int) -> None:
    values = random_log(seed)
    whole = in_runs(values, [], ItemFold(HOUR_S))
    cut = in_runs(values, [3, 4, 30, 31, 50], ItemFold(HOUR_S, capacity=1))
    assert everything(whole) == everything(cut)


@pytest.mark.parametrize("seed", range(6))
def test_a_crash_between_any_two_writes_of_a_checkpoint_changes_nothing(seed: int) -> None:
    """Items and neighbours of the second checkpoint may be durable or not, one by one; its cursor is not."""
    values, random = random_log(seed), np.random.default_rng(seed)
    whole = in_runs(values, [], ItemFold(HOUR_S))
    fold = in_runs(values[:20], [], ItemFold(HOUR_S))
    items, neighbours, cursor = fold.checkpoint()
    in_runs(values[:45], [], fold, start=20)
    more_items, more_neighbours, _ = fold.checkpoint()
    written = dict(neighbours) | {key: value for key, value in more_neighbours if random.random() < 0.5}
    seen = dict(items) | dict(more_items[: len(more_items) // 2])
    again = ItemFold(HOUR_S)
    again.restore_items(list(seen.values()))
    again.restore_neighbours(list(written.values()))
    again.restore_cursor(cursor)
    in_runs(values, [33], again, start=20)
    assert everything(again) == everything(whole)


def test_damaged_records_are_passed_over_and_told() -> None:
    fold = ItemFold(HOUR_S)
    damaged = [b"", b"\x09", None, block(pair(1, 2))[:-3], item_update(1, "x")[:40]]
    result = fold.apply([*damaged, block(pair(1, 2))], range(6))
    assert [offset for offset, _ in result.unreadable] == [0, 1, 2, 3, 4]
    assert ties(fold, 1) == {2: (1.0, 0.0)}


def test_every_pair_goes_to_the_partition_of_its_item() -> None:
    pairs = np.array([pair(item, 7, offset=item) for item in range(1, 40)], PAIR)
    records = encode_pairs(pairs, 3, 4)
    for target, blocks in records.items():
        fold = fold_of(*blocks)
        assert {home_of(int(item), 4) for item in fold.rows["item"][: len(fold)]} == {target}
    assert sum(len(fold_of(*blocks)) for blocks in records.values()) == 39


def test_the_pairs_of_one_activity_are_never_cut_apart() -> None:
    pairs = np.array([pair(4, 2 + place, offset=place // 7) for place in range(40_000)], PAIR)
    (blocks,) = encode_pairs(pairs, 0, 4).values()
    assert len(blocks) > 3
    fold, again = ItemFold(HOUR_S), ItemFold(HOUR_S)
    assert sum(fold.apply([value], [at]).pairs for at, value in enumerate(blocks)) == 40_000
    assert again.apply(blocks, range(len(blocks))).repeats == 0


def test_the_fold_has_room_for_more_items_than_it_began_with() -> None:
    """The sighting of item 1,025 was looked for in the array that had just been replaced by a larger one."""
    fold = ItemFold(HOUR_S)
    fold.apply([item_update(item, f"item {item}") for item in range(1, 1_201)], range(1_200))
    assert len(fold) == 1_200
    assert len(fold.checkpoint()[0]) == 1_200


@pytest.mark.parametrize("begin", [b"\x02\x01", b"\x01\x03"])
def test_an_item_event_of_a_newer_program_is_refused_and_not_lost(begin: bytes) -> None:
    with pytest.raises(UnknownLayoutError, match="an item event was written by a newer program"):
        ItemFold(HOUR_S).apply([begin + bytes(HEAD.size)], [0])


def test_a_cursor_of_a_newer_program_is_refused() -> None:
    with pytest.raises(UnknownLayoutError, match="an items cursor was written by a newer program"):
        ItemFold(HOUR_S).restore_cursor(b'{"layout":2}')


DAY_S = 86_400
MONTHS = 90.0


def short_lived() -> list[bytes]:
    """Item 1 is seen on the first day only, item 2 every ten days for half a year."""
    return [
        item_update(1, "once"),
        block(pair(1, 2, offset=1), pair(2, 1, offset=1)),
        *(block(pair(2, 0, offset=2 + at, at_s=at * 10 * DAY_S)) for at in range(19)),
    ]


@pytest.mark.parametrize("cuts", [[], [1, 5, 12], list(range(21))])
def test_an_item_without_an_event_for_long_leaves_with_all_its_records(cuts: list[int]) -> None:
    fold = ItemFold(HOUR_S, capacity=1, forget_after_days=MONTHS)
    values = short_lived()
    for low, high in zip([0, *cuts], [*cuts, len(values)], strict=True):
        fold.apply(values[low:high], range(low, high))
    assert len(fold) == 1
    items, neighbours, _ = fold.checkpoint()
    assert items == [(b"%016x" % 1, None)]
    assert [(key, value is None) for key, value in neighbours] == [(b"%016x" % 1, True), (b"%016x" % 2, False)]


def test_items_stay_for_good_unless_a_shop_lets_them_go() -> None:
    fold = ItemFold(HOUR_S)
    fold.apply(short_lived(), range(21))
    assert len(fold) == 2


def test_an_item_that_comes_back_begins_anew_in_a_place_of_its_own() -> None:
    fold = ItemFold(HOUR_S, capacity=1, forget_after_days=MONTHS)
    fold.apply(short_lived(), range(21))
    again = [item_update(1, "again", at_s=190 * DAY_S), item_update(3, "new", at_s=190 * DAY_S)]
    fold.apply(again, [21, 22])
    assert (len(fold), ties(fold, 1)) == (3, {})
    items, neighbours, _ = fold.checkpoint()
    latest = dict(items)
    assert latest[b"%016x" % 1] is not None
    assert dict(neighbours)[b"%016x" % 1] is None


def test_the_day_is_in_the_cursor_so_that_a_restart_looks_through_the_items_at_the_same_record() -> None:
    values = short_lived()
    whole, first = (ItemFold(HOUR_S, forget_after_days=MONTHS) for _ in range(2))
    whole.apply(values, range(len(values)))
    first.apply(values[:8], range(8))
    items, neighbours, cursor = first.checkpoint()
    again = ItemFold(HOUR_S, forget_after_days=MONTHS)
    again.restore_items([value for _, value in items if value is not None])
    again.restore_neighbours([value for _, value in neighbours if value is not None])
    again.restore_cursor(cursor)
    again.apply(values, range(len(values)))
    assert (len(again), again.day) == (len(whole), whole.day)
    assert again.row(2)["popularity"] == whole.row(2)["popularity"]
