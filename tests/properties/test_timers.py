"""What time alone changes is said at its exact moment, however far apart the ticks are that bring the news."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.activities import NOON_MS, activity, erasure, tick
from support.folding import POLICY
from support.time_passing import DAY_S, END_S, SEEDS, fold_all, shoppers, state_of, with_ticks

from liveprofile.profiles.fold.fold import Fold


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, few=st.integers(0, 5), many=st.integers(20, 300))
def test_the_spacing_of_ticks_does_not_matter(seed: int, few: int, many: int) -> None:
    moments = shoppers(seed)
    seldom, often = fold_all(with_ticks(moments, seed, few)), fold_all(with_ticks(moments, seed + 1, many))
    assert often[1] == seldom[1]
    assert state_of(often[0]) == state_of(seldom[0])


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 150), max_size=20))
def test_neither_batches_nor_room_for_notes_matter(seed: int, cuts: list[int]) -> None:
    moments = with_ticks(shoppers(seed), seed, 30)
    whole, parts = fold_all(moments), fold_all(moments, cuts, detections=200)
    assert parts[1] == whole[1]
    assert state_of(parts[0]) == state_of(whole[0])


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_timer_fires_at_its_millisecond_and_not_one_before(seed: int) -> None:
    fold, key = Fold(POLICY), b"%032x" % 0
    moments = shoppers(seed, count=15, users=1)
    fold.apply([one for _, one, _ in moments], [value for *_, value in moments], range(len(moments)))
    offset = len(moments) + 1
    fold.apply([b"\x00tick"], [tick(moments[-1][0])], [offset - 1])
    for _ in range(12):
        due = int(fold.table.row(key)["due_ms"])
        if not due:
            break
        before = fold.apply([b"\x00tick"], [tick((due - 1 - NOON_MS) / 1000)], [offset])
        assert not before.changes and not before.anomalies
        assert int(fold.table.row(key)["due_ms"]) == due
        then = fold.apply([b"\x00tick"], [tick((due - NOON_MS) / 1000)], [offset + 1])
        assert {fact.time_ms for fact in [*then.changes, *then.anomalies]} <= {due}
        assert {fact.record.origin for fact in then.changes} <= {"timer"}
        assert int(fold.table.row(key)["due_ms"]) > due or not int(fold.table.row(key)["due_ms"])
        offset += 2


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, after=st.integers(0, 10))
def test_an_erased_profile_never_fires(seed: int, after: int) -> None:
    moments = shoppers(seed, count=30, users=1)
    moments.append((moments[-1][0], moments[0][1], erasure(moments[-1][0])))
    fold, published = fold_all(moments)
    ticks = [tick(END_S + at) for at in range(after + 1)]
    result = fold.apply([b"\x00tick"] * len(ticks), ticks, range(1000, 1000 + len(ticks)))
    assert published and not result.changes and not result.anomalies
    assert int(fold.table.row(moments[0][1])["due_ms"]) == 0


def test_a_shopper_who_stays_away_goes_through_the_lifecycle_at_the_exact_times() -> None:
    moments = [(0.0, b"u", activity())]
    fold, _ = fold_all(moments)
    result = fold.apply([b"\x00tick"] * 2, [tick(0), tick(400 * DAY_S)], [1, 2])
    published = [
        ((fact.time_ms - NOON_MS) / 1000 / DAY_S, change.before, change.after)
        for fact in result.changes
        for change in fact.record.changes
        if change.path == "lifecycle"
    ]
    assert published == [(7.0, "new", "potential"), (60.0, "potential", "dormant"), (180.0, "dormant", "churned")]
