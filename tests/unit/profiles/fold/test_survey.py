"""A look at a batch says what checks of its columns say, and a shorter way that it opens gives the same bytes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import DIMS, activity, erasure, random_log, tick
from support.folding import POLICY, USER

from liveprofile.profiles.fold.cursor import Cursor
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.survey import MOST_LANES, Surveyor, leave_out_gone
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.local_time import LocalTime
from liveprofile.profiles.predictions.cold_start import PRIORS
from liveprofile.profiles.records.activity import Action, Kind, decode_heads, source_code

NUMBERS = {
    "layout": (0, 4, 200),
    "kind": (0, 0, 0, 1, 3, 99),
    "action": (*range(16), 200),
    "dims": (DIMS, DIMS, 16),
    "event_time_ms": (-1, 0, 1_767_268_800_000, 1_767_268_800_001, 1 << 60),
    "source": (*(source_code(topic, 0, at) for topic in ("clicks", "reviews") for at in (0, 5, 9)), 0xFF << 56),
    "line": (0, 0, 1, 65_535),
    "order": (0, 7, 1 << 63),
    "order_total": (0, 500, -5),
}
HEADS = st.lists(st.tuples(*map(st.sampled_from, NUMBERS.values())), max_size=12)
REACHED_MS = 1_767_268_800_000


def heads_of(rows: list[tuple[int, ...]]) -> np.ndarray[Any, Any]:
    """Heads with these numbers."""
    heads = decode_heads([activity()] * len(rows), DIMS).copy()
    for at, row in enumerate(rows):
        for name, value in zip(NUMBERS, row, strict=True):
            heads[name][at] = value
    return heads


@settings(deadline=None)
@given(HEADS)
def test_a_look_says_what_the_columns_say(rows: list[tuple[int, ...]]) -> None:
    heads = heads_of(rows)
    look = Surveyor().look(heads, DIMS, REACHED_MS)
    action, times, first = heads["action"], heads["event_time_ms"], heads["line"] == 0
    known = (heads["layout"] == 4) & (heads["kind"] <= max(Kind)) & (action <= max(Action)) & (heads["dims"] == DIMS)
    bought = action == Action.PURCHASE
    assert look.foreign == (~known).sum()
    assert look.controls == (heads["kind"] != Kind.EVENT).sum()
    assert look.wrong == sum(row[4] in (-1, 1 << 60) or row[5] == 0xFF << 56 for row in rows)
    assert look.statements == np.isin(action, (Action.DECLARE, Action.CORRECT)).sum()
    assert look.reviews == (action == Action.REVIEW).sum()
    assert look.orders == (bought & (heads["order"] != 0)).sum()
    assert look.nameless == (bought & (heads["order"] == 0) & first & (heads["order_total"] > 0)).sum()
    assert look.newest_ms == max(times[first].tolist(), default=0) or look.newest_ms == 0 >= times[first].max()
    assert look.later == (times[first] > REACHED_MS).sum()
    assert (look.earliest_ms, look.latest_ms) == ((times.min(), times.max()) if rows else (0, 0))
    assert look.lanes == len({row[5] >> 40 for row in rows})


@settings(deadline=None)
@given(HEADS, st.lists(st.sampled_from(NUMBERS["source"]), max_size=3))
def test_a_batch_that_goes_on_is_one_of_which_nothing_was_seen(rows: list[tuple[int, ...]], seen: list[int]) -> None:
    heads = heads_of(rows)
    one, other = Cursor(), Cursor()
    for source in seen:
        for cursor in (one, other):
            cursor.reach(source >> 40, (source & (1 << 40) - 1) << 16)
    surveyor = Surveyor()
    look = surveyor.look(heads, DIMS, 0)
    goes_on = bool(look.in_order) and one.goes_on(surveyor.lanes(look.lanes))
    fresh = other.unseen(heads)
    assert goes_on == bool(fresh.all())
    assert not goes_on or (one.sources, one.moved) == (other.sources, other.moved)


@pytest.mark.parametrize("count", [MOST_LANES, MOST_LANES + 1])
def test_a_batch_of_more_input_partitions_than_there_is_room_for_is_looked_at_in_full(count: int) -> None:
    values = [activity(offset=at, source=("clicks", at)) for at in range(count)]
    look = Surveyor().look(decode_heads(values, DIMS), DIMS, 0)
    assert (look.lanes, look.in_order) == (MOST_LANES, int(count == MOST_LANES))
    assert Fold(POLICY).apply([USER] * count, values, range(count)).applied == count


def test_activities_after_an_erasure_are_counted_and_those_before_are_not() -> None:
    fold = Fold(POLICY)
    fold.apply([USER] * 2, [activity(offset=1), erasure(5)], [0, 1])
    places = fold.table.places([USER, USER])
    wanted = np.ones(2, dtype=bool)
    assert leave_out_gone(fold.table.rows, places, np.array([1, 2]), wanted) == 1
    assert wanted.tolist() == [True, False]


@pytest.mark.parametrize("size", [1, 3, 64])
def test_small_batches_give_the_bytes_of_one_large_batch(size: int) -> None:
    log = random_log(7, 400)
    whole, parts = Fold(POLICY), Fold(POLICY)
    whole.apply(log.keys, log.values, range(len(log.keys)))
    for low in range(0, len(log.keys), size):
        of = slice(low, low + size)
        parts.apply(log.keys[of], log.values[of], range(low, min(low + size, len(log.keys))))
    assert parts.checkpoint() == whole.checkpoint()


def test_the_context_is_made_again_only_when_a_part_of_it_is_another_one() -> None:
    fold = Fold(POLICY)
    fold.apply([USER], [activity(offset=1)], [0])
    before = fold.context
    fold.apply([USER], [activity(offset=2, at_s=5)], [1])
    assert fold.context is before
    priors = {"what": PRIORS, "name": "priors", "version": 1, "covers": 1, "groups": {}}
    fold.cursor.adopt(priors, 0)
    adopted = fold.context
    assert adopted is not before
    orders = [activity(Action.PURCHASE, offset=3 + at, at_s=9 + at, order=f"o-{at}", total=9.0) for at in range(60)]
    fold.apply([USER] * 61, [*orders, tick(99)], range(2, 63))
    assert fold.context is not adopted and fold.context.order_location == fold.cursor.population.location


def test_the_context_has_the_offsets_of_the_shop_s_time_zone() -> None:
    zoned = Fold(Policy(dims=DIMS, local_time=LocalTime("a zone", ((0, 3_600_000),))))
    assert zoned.context.utc_offsets.tolist() == [[0, 3_600_000]]
