"""What a crash or a late event repeats does not take a profile back to an earlier moment."""

from support.activities import activity, tick
from support.folding import POLICY, USER, Shopper

from liveprofile.profiles.fold.fold import Fold

DAY_S = 86_400.0


def test_a_tick_that_is_replayed_skips_a_profile_that_is_ahead_of_the_cursor() -> None:
    """The profile was written and the cursor was not: the tick comes again, and is not the profile's next record."""
    keys, values = [USER, b"\x00tick", USER], [activity(), tick(8 * DAY_S), activity(at_s=8 * DAY_S + 5, offset=1)]
    fold = Fold(POLICY)
    fold.apply(keys, values, range(3))
    records, _ = fold.checkpoint()
    again = Fold(POLICY)
    again.restore(records)
    before = again.table.row(USER).copy()
    again.apply([USER], values[:1], [0])
    result = again.apply([b"\x00tick"], [tick(400 * DAY_S)], [1])
    assert (result.changes, int(again.table.row(USER)["applied"])) == ([], 2)
    assert again.table.row(USER).tobytes() == before.tobytes()


def test_a_late_event_is_judged_at_the_newest_moment_known_not_at_its_own() -> None:
    """A tick has found the shopper away; an event from before that does not bring the lifecycle back."""
    shopper = Shopper()
    shopper.does(activity(), tick(8 * DAY_S))
    assert [change.after for change in shopper.on("lifecycle")] == ["new", "potential"]
    shopper.does(*(activity(at_s=at - 9, offset=1 + at) for at in range(3)))
    assert [change.after for change in shopper.on("lifecycle")] == ["new", "potential"]
