"""A tick fires a number of profiles, and none is needed where nothing is due: the facts are those of all ticks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import NOON_MS, activity, tick
from support.folding import POLICY
from support.time_passing import SEEDS, ChangeRecord, fold_all, keep, shoppers, state_of, with_ticks

from liveprofile.profiles.fold import fold as fold_module
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.state.due_index import NEVER

TICK = b"\x00tick"


def fold_with_ticks_that_are_needed(moments: list[ChangeRecord]) -> tuple[Fold, dict[str, bytes], int]:
    """The fold of a log without the ticks before which it rests, its facts, and how many ticks there were."""
    fold, offset, ticks = Fold(POLICY), 0, 0
    published: dict[str, bytes] = {}
    for at_s, key, value in moments:
        if key == TICK and NOON_MS + at_s * 1000 < fold.rests_until_ms():
            continue
        ticks += key == TICK
        keep(published, fold.apply([key], [value], [offset]))
        offset += 1
    return fold, published, ticks


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, many=st.integers(20, 300))
def test_ticks_while_the_fold_rests_would_change_nothing(seed: int, many: int) -> None:
    moments = with_ticks(shoppers(seed), seed, many)
    fold, published, ticks = fold_with_ticks_that_are_needed(moments)
    whole = fold_all(moments)
    assert published == whole[1]
    assert state_of(fold) == state_of(whole[0])
    assert ticks <= sum(key == TICK for _, key, _ in moments)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, at_once=st.integers(1, 3))
def test_it_does_not_matter_how_many_profiles_a_tick_fires(seed: int, at_once: int) -> None:
    moments = with_ticks(shoppers(seed, users=9), seed, 20)
    whole = fold_all(moments)
    fold, offset = Fold(POLICY), 0
    published: dict[str, bytes] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_module, "FIRED_AT_ONCE", at_once)
        for _, key, value in moments:
            result = fold.apply([key], [value], [offset])
            keep(published, result)
            while result.more_due:
                offset += 1
                result = fold.apply([TICK], [value], [offset])
                keep(published, result)
                assert len({fact.record.profile_id for fact in result.changes}) <= at_once
            offset += 1
    assert published == whole[1]
    assert state_of(fold) == state_of(whole[0])


def test_a_fold_without_timers_rests_for_ever_and_one_with_news_does_not() -> None:
    fold = Fold(POLICY)
    fold.apply([TICK], [tick(0.0)], [0])
    assert fold.rests_until_ms() == NEVER
    fold.apply([b"%032x" % 1], [activity(at_s=1.0)], [1])
    assert fold.rests_until_ms() == 0
    fold.apply([TICK], [tick(2.0)], [2])
    due_ms = int(fold.table.row(b"%032x" % 1)["due_ms"])
    assert fold.rests_until_ms() == due_ms > NOON_MS


def test_while_past_events_are_replayed_each_tick_counts() -> None:
    fold = Fold(POLICY)
    for offset in range(3):
        fold.apply([b"%032x" % 1], [activity(at_s=60.0 * offset, offset=offset)], [offset])
    fold.apply([TICK], [tick(40 * 86_400.0)], [3])
    assert fold.cursor.time.past_ms and fold.rests_until_ms() == 0
