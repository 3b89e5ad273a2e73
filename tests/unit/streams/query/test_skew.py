"""Which partition lags alone, whose activities it gets, and how the status says it."""

from liveprofile.streams.query.lag import NONE, Lag, lag_of
from liveprofile.streams.query.positions import Standing
from liveprofile.streams.query.skew import HotProfile, Laggard, hottest, lag_alone
from liveprofile.streams.query.status import in_words
from liveprofile.streams.runtime.group_members import Group, Member

ANNA, BERT = b"a" * 32, b"b" * 32
WORKERS = Group("Stable", [Member("worker-1", "10.0.0.1", [("activity", 0)])])


def standing(*seconds: float) -> Standing:
    lags = {("profile", "activity", number): Lag(round(one * 100), one) for number, one in enumerate(seconds)}
    return Standing(0, lags, {("clicks", 0): Lag(round(max(seconds) * 100), max(seconds))})


def test_a_partition_lags_alone_only_beside_others_of_its_stage_that_keep_up() -> None:
    assert lag_alone(standing(0.1, 12.0, 0.0).stages) == [("profile", "activity", 1)]
    assert lag_alone(standing(9.0, 12.0, 0.0).stages) == []
    assert lag_alone(standing(0.1, 0.9, 0.0).stages) == [], "less than a second is no lag"
    assert lag_alone(standing(12.0).stages) == [], "there is no other"
    mixed = {
        ("profile", "activity", 0): Lag(9, 9.0),
        ("profile", "activity", 1): NONE,
        ("learn", "examples", 0): Lag(9, 9.0),
    }
    assert lag_alone(mixed) == [("profile", "activity", 0)]


def test_a_profile_is_hot_by_its_share_of_activities_without_control_records() -> None:
    assert hottest([ANNA] * 71 + [BERT] * 29 + [b"\x00tick", b"\x00mark", None]) == HotProfile("a" * 32, 0.71, 100)
    assert hottest([b"%032d" % number for number in range(100)]) is None
    assert hottest([b"\x00tick"]) is None


def test_the_summary_names_the_profile_that_is_in_the_way_by_pseudonym() -> None:
    hot = Laggard("profile", "activity", 3, 12.34, "hot_profile", HotProfile("3f9a" * 8, 0.712, 5_000, ["bot"]))
    assert in_words(standing(12.3, 0.0), WORKERS, [hot]) == (
        "partition 3 of activity lags alone, 12.3 s: profile 3f9a3f9a… makes 71% of its last 5,000 activities "
        "(open: bot)"
    )


def test_the_summary_says_who_is_missing_and_who_is_late() -> None:
    assert in_words(standing(0.3, 0.0), WORKERS, []) == "all partitions keep up"
    assert in_words(standing(3.0, 2.5), WORKERS, []) == "the stream is 3.0 s behind, in profile: 300 input records wait"
    assert in_words(standing(3.0), Group("Empty", []), []) == "no worker is in the group, and 300 input records wait"
    assert in_words(standing(0.0), Group("Empty", []), []) == "no worker is in the group, and nothing waits"
    alone = Laggard("profile", "activity", 1, 9.0, "no_owner")
    assert in_words(standing(9.0), WORKERS, [alone]).endswith("no worker has it")


def test_a_lag_is_never_negative_and_markers_of_transactions_are_no_records() -> None:
    assert lag_of(9, 20, None, 1_000) == NONE
    assert lag_of(9, 20, 2_000, 1_000) == Lag(10, 0.0), "the broker's clock is ahead of this one"
    assert lag_of(30, 20, 500, 1_000) == NONE
