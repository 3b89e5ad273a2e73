"""Hours and days of the week are those of the shop's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.activities import DIMS, activity
from support.folding import Shopper

from liveprofile.profiles.anomalies.outlier import AT
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.local_time import UTC, local_ms, offsets_table
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.time_zone import local_time

BERLIN = Policy(dims=DIMS).changed({"local_time": local_time("Europe/Berlin")})
UTC_POLICY = Policy(dims=DIMS)
HOUR_S, DAY_S = 3_600, 86_400
SUNDAY_2330_UTC_S = 3 * DAY_S + 11.5 * HOUR_S
"""2026-01-04 23:30 UTC, seconds after noon of the 1st: Monday, 00:30 in Berlin."""


def shopper(policy: Policy, *at_s: float) -> Shopper:
    one = Shopper(policy)
    for place, when in enumerate(at_s):
        one.does(activity(at_s=when, offset=place + 1))
    return one


@pytest.mark.parametrize("policy, hour, day", [(UTC_POLICY, 23, 6), (BERLIN, 0, 0)], ids=["UTC", "Berlin"])
def test_an_event_counts_at_the_hour_and_on_the_day_of_the_shop(policy: Policy, hour: int, day: int) -> None:
    row = shopper(policy, SUNDAY_2330_UTC_S).row
    assert (int(np.argmax(row["hours"])), int(np.argmax(row["days"]))) == (hour, day)
    assert (row["hours"][hour], row["days"][day]) == (VECTOR_ONE, VECTOR_ONE)


def test_the_hour_follows_the_change_to_summer_time() -> None:
    noon_of_july_s = 190 * DAY_S
    row = shopper(BERLIN, 0.0, noon_of_july_s).row
    assert sorted(np.flatnonzero(row["hours"]).tolist()) == [13, 14]


def test_a_snapshot_names_its_time_zone_unless_it_is_utc() -> None:
    shown = orjson.loads(_json(shopper(BERLIN, 0.0)))
    assert shown["hours"]["timezone"] == "Europe/Berlin"
    assert "timezone" not in orjson.loads(_json(shopper(UTC_POLICY, 0.0)))["hours"]


def test_the_time_zone_is_part_of_the_policys_digest_and_utc_is_not() -> None:
    digests = {Policy().digest, *(Settings(timezone=name).profile.policy.digest for name in ("Europe/Berlin", "UTC"))}
    assert len(digests) == 2
    assert Policy().changed({"local_time": UTC}).digest == Policy().digest


def test_the_default_settings_are_left_as_they_are() -> None:
    Settings(timezone="Asia/Tokyo")
    assert Settings().profile.policy.local_time == UTC


@pytest.mark.parametrize(
    "name, words", [("Europe/Berln", "did you mean Europe/Berlin"), ("../etc/passwd", "none of"), ("", "none of")]
)
def test_a_time_zone_that_does_not_exist_is_refused_with_the_nearest_name(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        local_time(name)


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Etc/UTC"]
TABLES = {name: offsets_table(local_time(name)) for name in ZONES}


@given(st.sampled_from(ZONES), st.integers(788_918_400, 4_102_444_799))
def test_local_time_is_that_of_the_time_zone_database(name: str, second: int) -> None:
    offset = datetime.fromtimestamp(second, ZoneInfo(name)).utcoffset()
    assert offset is not None
    assert local_ms(second * 1000, TABLES[name]) - second * 1000 == round(offset.total_seconds() * 1000)


@pytest.mark.parametrize("name", ZONES)
def test_each_change_of_an_offset_is_at_its_very_second(name: str) -> None:
    zone = ZoneInfo(name)
    for start_ms, offset_ms in local_time(name).offsets[1:]:
        before, after = (datetime.fromtimestamp(start_ms // 1000 + by, zone).utcoffset() for by in (-1, 0))
        assert before != after
        assert after is not None
        assert round(after.total_seconds() * 1000) == offset_ms


def test_an_unusual_hour_is_judged_by_local_time() -> None:
    nights = [day * DAY_S + 11.0 * HOUR_S for day in range(57, 87)]  # 23:00 UTC in March: midnight in Berlin
    in_summer_time = 90 * DAY_S + 9.0 * HOUR_S  # 21:00 UTC in April: 23:00 in Berlin
    berlin, utc = (shopper(policy, *nights, in_summer_time).row["anomaly_input"] for policy in (BERLIN, UTC_POLICY))
    assert berlin[AT.unusual_hour] == 0
    assert utc[AT.unusual_hour] > 200


def _json(one: Shopper) -> bytes:
    return msgspec.json.encode(one.snapshot)
