"""First events of a clock that was wrong do not make a shopper known for decades."""

from support.activities import NOON_MS, activity
from support.folding import Shopper

from liveprofile.profiles.records.activity import Action

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S


def days_known(shopper: Shopper) -> float:
    return float(int(shopper.row["seen_ms"]) - int(shopper.row["first_ms"])) / 86_400_000


def test_one_event_of_2010_before_live_ones_makes_no_tenure_no_lifecycle_and_no_rhythm() -> None:
    shopper = Shopper()
    shopper.does(activity(at_s=-16 * YEAR_S), *(activity(at_s=at, offset=1 + at) for at in range(30)))
    assert days_known(shopper) < 1
    assert [change.after for change in shopper.on("lifecycle")] == ["new", "potential"], "as of thirty views"
    assert not shopper.row["visit_gap"].any()
    assert (int(shopper.row["sessions"]), int(shopper.row["events"])) == (1, 31)


def test_an_order_of_a_wrong_clock_is_of_the_day_that_the_clock_was_set() -> None:
    shopper = Shopper()
    shopper.does(activity(Action.PURCHASE, at_s=-16 * YEAR_S, total=50), activity(offset=1))
    assert int(shopper.row["last_order_ms"]) == NOON_MS
    assert int(shopper.row["spend_recent"]) == 5_000


def test_a_late_event_of_1995_does_not_make_the_shopper_known_since_then() -> None:
    shopper = Shopper()
    shopper.does(activity(), activity(at_s=60, offset=1), activity(at_s=-31 * YEAR_S, offset=2))
    assert days_known(shopper) < 1
    shopper.does(activity(at_s=-2 * YEAR_S, offset=3))
    assert days_known(shopper) > 700, "two years late may be true"


def test_a_shopper_of_some_days_who_returns_after_six_years_is_taken_at_their_word() -> None:
    shopper = Shopper()
    shopper.does(activity(), activity(at_s=3 * DAY_S, offset=1), activity(at_s=6 * YEAR_S, offset=2))
    assert days_known(shopper) > 2_000
