"""A profile whose clock was wrong is moved as a whole: no time of it stays behind, and none comes into being."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS

from liveprofile.profiles.fold.misdated import move_profile
from liveprofile.profiles.state.row import blank_rows

BY_MS = 6 * 366 * 86_400_000
SCALARS = ("first_ms", "session_start_ms", "session_seen_ms", "anomaly_session_ms", "last_order_ms")
TIMES = ("pending_ms", "pending_until_ms", "anomaly_due_ms")
SECONDS = ("member_s", "published_s", "recent_s", "slot_s", "declared_s", "device_s", "network_s", "country_s")


def profile() -> Any:
    """Somebody who did things within the minute before noon."""
    row = blank_rows(1, DIMS)[0]
    row["seen_ms"] = row["judged_ms"] = NOON_MS
    for at, name in enumerate(SCALARS):
        row[name] = NOON_MS - 1_000 * (at + 1)
    for name in TIMES:
        row[name].flat[0] = NOON_MS - 7_000
    for name in SECONDS:
        row[name].flat[0] = NOON_MS // 1000 - 8
    row["lifecycle_s"] = NOON_MS // 1000 - 9
    return row


def test_all_times_move_by_the_same_and_those_that_are_not_set_stay_so() -> None:
    before, after = profile(), profile()
    move_profile(after, NOON_MS + BY_MS)
    assert int(after["seen_ms"]) == int(after["judged_ms"]) == NOON_MS + BY_MS
    assert {name: int(after[name]) - int(before[name]) for name in SCALARS} == dict.fromkeys(SCALARS, BY_MS)
    for names, by in ((TIMES, BY_MS), (("lifecycle_s", *SECONDS), BY_MS // 1000)):
        for name in names:
            was = np.asarray(before[name]).astype(np.int64)
            assert np.array_equal(after[name], np.where(was != 0, was + by, 0)), name


@pytest.mark.parametrize("name", ["last_order_ms", "lifecycle_s"])
def test_what_never_happened_has_not_happened_after_the_move(name: str) -> None:
    row = profile()
    row[name] = 0
    move_profile(row, NOON_MS + BY_MS)
    assert row[name] == 0
