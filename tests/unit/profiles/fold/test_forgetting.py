"""Profiles without an activity for long are forgotten at their moment, and begin anew if the shopper comes back."""

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS, activity, erasure, tick
from support.folding import USER, Shopper, codes

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action

DAY_S = 86_400.0
YEAR = Policy(dims=DIMS).changed({"forget_after_days": 365.0})


class Store:
    """A store in memory, as RocksDB is one on disk."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}

    def get_many(self, keys):
        return [self.records.get(key) for key in keys]


def of(result) -> list[str]:
    return [change.reason.code.value for fact in result.changes for change in fact.record.changes]


def test_profiles_are_kept_by_default() -> None:
    shopper = Shopper()
    shopper.does(activity(), tick(40 * 365 * DAY_S))
    assert shopper.on("profile") == []
    assert Policy().forget_after_days == 0


@pytest.mark.parametrize("ticks_s", [[365 * DAY_S], [364 * DAY_S, 365 * DAY_S - 0.001, 500 * DAY_S], [900 * DAY_S]])
def test_an_idle_profile_is_forgotten_at_its_moment_whatever_the_ticks(ticks_s: list[float]) -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(Action.PURCHASE, total=80))
    *early, last = ticks_s
    for at_s in early:
        assert "FORGOTTEN" not in of(shopper.does(tick(at_s)))[-1:] or at_s >= 365 * DAY_S
    result = shopper.does(tick(last))
    *_, gone = shopper.published
    assert (gone.origin, gone.evidence, codes(gone.changes)) == ("erasure", [], ["FORGOTTEN"])
    assert "365 days" in gone.changes[0].message
    if not early or early[-1] < 365 * DAY_S:
        assert result.changes[-1].time_ms == NOON_MS + 365 * 86_400_000
    assert [record.version for record in shopper.published] == list(range(1, len(shopper.published) + 1))
    assert shopper.fold.snapshots([USER]) == [None]


def test_what_is_left_is_a_stub() -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(Action.PURCHASE, total=80, order="a", session="s", event_id="e", offset=7), tick(366 * DAY_S))
    row = shopper.row
    left = {name for name in row.dtype.names or () if np.any(row[name])}
    assert left == {"applied", "version", "erased_ms", "forgotten", "cluster"}
    records, _ = shopper.fold.checkpoint()
    assert len(dict(records)[USER] or b"") < 250


def test_somebody_who_comes_back_begins_anew_with_the_next_version() -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(Action.PURCHASE, total=80, order="a"), tick(400 * DAY_S))
    last = shopper.published[-1].version
    shopper.does(activity(Action.PURCHASE, at_s=500 * DAY_S, total=5, order="a", offset=1))
    row = shopper.row
    assert (int(row["orders"]), int(row["spent"]), int(row["events"])) == (1, 500, 1)
    assert int(row["first_ms"]) == NOON_MS + 500 * 86_400_000
    assert shopper.published[-1].version > last
    assert codes(shopper.on("lifecycle"))[-1] == "LIFECYCLE_CHANGED"


def test_without_a_tick_the_next_activity_forgets_first() -> None:
    ticked, alone = Shopper(YEAR), Shopper(YEAR)
    ticked.does(activity(), tick(366 * DAY_S), activity(at_s=500 * DAY_S, offset=1))
    alone.does(activity(), activity(at_s=500 * DAY_S, offset=1))
    assert alone.published == ticked.published
    one, other = alone.row.copy(), ticked.row.copy()
    one["applied"] = other["applied"] = 0
    assert one.tobytes() == other.tobytes()


def test_what_comes_late_from_before_stays_out() -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(), tick(366 * DAY_S))
    result = shopper.does(activity(at_s=5, offset=1), activity(at_s=364 * DAY_S, offset=2))
    assert (result.applied, result.erased, result.changes) == (0, 2, [])


def test_an_erasure_on_demand_of_a_forgotten_profile_is_for_good() -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(), tick(366 * DAY_S), erasure(400 * DAY_S))
    result = shopper.does(activity(at_s=500 * DAY_S, offset=1))
    assert (result.applied, result.erased) == (0, 1)
    assert codes(shopper.on("profile")) == ["FORGOTTEN", "ERASED"]


def test_a_checkpoint_takes_stubs_out_of_the_array_and_they_are_found_again() -> None:
    shopper = Shopper(YEAR)
    shopper.does(activity(), tick(366 * DAY_S))
    shopper.fold.checkpoint()
    assert len(shopper.fold.table) == 0
    assert shopper.fold.table.keys == [USER]
    assert int(shopper.row["forgotten"]) == 1
    shopper.does(activity(at_s=500 * DAY_S, offset=1))
    assert int(shopper.row["events"]) == 1


def test_a_profile_outside_of_the_memory_is_forgotten_at_the_same_moment() -> None:
    store = Store()
    fold, held = Fold(YEAR, store=store), Fold(YEAR)
    keys = [b"%032x" % at for at in range(20)]
    for one in (fold, held):
        one.apply(keys, [activity(at_s=at * DAY_S, offset=at) for at in range(20)], range(20))
        one.apply([b"\x00tick"], [tick(19 * DAY_S)], [20])
    store.records |= dict(fold.checkpoint()[0])
    fold.evict(0)
    assert len(fold.table) == 0
    found = [one.apply([b"\x00tick"], [tick(375.5 * DAY_S)], [21]) for one in (fold, held)]
    assert {fact.record.fact_id: fact.payload for fact in found[0].changes} == {
        fact.record.fact_id: fact.payload for fact in found[1].changes
    }
    assert of(found[0]).count("FORGOTTEN") == 11


def test_a_setting_that_is_turned_on_holds_for_profiles_of_before() -> None:
    before = Shopper()
    before.does(activity(), tick(3000 * DAY_S))
    after = Shopper(YEAR)
    after.fold.restore(before.fold.checkpoint()[0])
    after._offset = 10
    after.does(tick(3000 * DAY_S + 5))
    assert codes(after.on("profile")) == ["FORGOTTEN"]


@pytest.mark.parametrize("days", [-1.0, 0.5, 1e6, float("nan")])
def test_days_out_of_sense_are_refused(days: float) -> None:
    with pytest.raises(ValueError, match="forget_after_days"):
        Policy().changed({"forget_after_days": days})
