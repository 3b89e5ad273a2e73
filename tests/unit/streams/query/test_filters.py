"""Records are chosen by profile, path, segment, kind and severity; all that is asked for must fit."""

from typing import Any

import pytest

from liveprofile.streams.query.filters import Filters

CHANGE: dict[str, Any] = {
    "profile_id": "3f2a91",
    "changes": [
        {"path": "interests.long", "before": [], "after": ["fashion"]},
        {"path": "segments", "before": ["new"], "after": ["new", "loyal"]},
    ],
}
ANOMALY: dict[str, Any] = {"profile_id": "3f2a91", "kind": "velocity", "severity": 71}


@pytest.mark.parametrize(
    "filters, taken",
    [
        (Filters(), True),
        (Filters(profile="3f2a"), True),
        (Filters(profile="3F2A…"), True),
        (Filters(profile="aa"), False),
        (Filters(path="interests"), True),
        (Filters(path="interests.long"), True),
        (Filters(path="interest"), False),
        (Filters(segment="loyal"), True),
        (Filters(segment="new"), False),
        (Filters(profile="3f2a", path="brands"), False),
        (Filters(kind="velocity"), False),
    ],
)
def test_a_change_is_chosen_by_what_it_says(filters: Filters, taken: bool) -> None:
    assert filters.take(CHANGE) is taken


@pytest.mark.parametrize(
    "filters, taken",
    [
        (Filters(kind="velocity", min_severity=71), True),
        (Filters(min_severity=72), False),
        (Filters(kind="spend"), False),
        (Filters(path="interests"), False),
    ],
)
def test_an_anomaly_is_chosen_by_kind_and_severity(filters: Filters, taken: bool) -> None:
    assert filters.take(ANOMALY) is taken


@pytest.mark.parametrize("record", [{}, {"changes": None}, {"changes": ["x", 3]}, {"severity": "high"}])
def test_a_record_of_another_shape_is_passed_over(record: dict[str, Any]) -> None:
    assert not Filters(path="x", min_severity=1).take(record)
