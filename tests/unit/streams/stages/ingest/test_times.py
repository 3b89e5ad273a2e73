"""Times are read as people write them, and years beyond sense are refused."""

from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from liveprofile.streams.contract.inputs.common import EARLIEST_MS, FLOOR_YEAR, LAST_YEAR, LATEST_MS
from liveprofile.streams.contract.refusals import GENERAL_WORDS, Reason, RefusedError
from liveprofile.streams.stages.ingest.times import event_time_ms

NOON_MS = 1_789_992_000_000
"""2026-09-21 12:00:00 UTC."""


@pytest.mark.parametrize(
    "ts",
    [
        "2026-09-21T12:00:00Z",
        "2026-09-21t12:00:00z",
        "2026-09-21 12:00:00 UTC",
        "2026-09-21 12:00:00 utc",
        "2026-09-21 12:00:00 GMT",
        "2026-09-21 12:00:00.000000 UTC",
        "2026-09-21 14:00:00 +0200",
        "2026-09-21 14:00:00 +02:00",
        "2026-09-21 14:00:00+02",
        "2026-09-21 12:00:00 +0000 UTC",
        "2026/09/21 12:00:00",
        "2026-09-21T12:00",
        " 2026-09-21T12:00:00,000Z ",
        "20260921T120000Z",
        "20260921120000",
        20260921120000,
        20260921120000.0,
        "202609211200",
        202609211200,
        "20260921120000000",
        "20260921120000000000",
        NOON_MS,
        NOON_MS // 1000,
        float(NOON_MS // 1000),
        str(NOON_MS),
        f"{NOON_MS // 1000}.000",
    ],
)
def test_the_same_moment_is_the_same_however_it_is_written(ts: str | int | float) -> None:
    assert event_time_ms(ts) == NOON_MS


def test_a_date_alone_is_its_midnight_in_utc() -> None:
    midnight = NOON_MS - 43_200_000
    assert event_time_ms("2026-09-21") == event_time_ms("20260921") == event_time_ms(20260921) == midnight


@pytest.mark.parametrize(
    "ts",
    [
        *(
            "20261321",
            20261321,
            "20260921250000",
            26120921121320,
            "99991231",
            NOON_MS * 1000,
            NOON_MS * 10,
            99999999999,
        ),
        *("2612-09-21T12:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 0, -1, "0", "1e999", "²"),
        *(
            "UTC",
            "Z",
            "2026-09-21 12:00:00 CET",
            "12:00",
            f"{FLOOR_YEAR - 1}-12-31T23:59:59Z",
            f"{LAST_YEAR + 1}-01-01",
        ),
    ],
)
def test_what_lies_in_no_plausible_year_is_refused(ts: str | int | float) -> None:
    with pytest.raises(RefusedError) as refused:
        event_time_ms(ts)
    assert refused.value.refusal.reason is Reason.BAD_TIME


@given(st.integers() | st.floats() | st.text(max_size=80) | st.integers().map(str))
@example(-1.797693134862316e305)  # a thousand times as much is infinite
def test_every_time_that_is_taken_lies_in_a_plausible_year(ts: str | int | float) -> None:
    try:
        assert EARLIEST_MS <= event_time_ms(ts) <= LATEST_MS
    except RefusedError as refused:
        assert refused.refusal.reason is Reason.BAD_TIME


@given(st.datetimes(datetime(FLOOR_YEAR, 1, 1), datetime(LAST_YEAR, 12, 31)))
def test_compact_digits_are_the_date_that_they_spell(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert event_time_ms(f"{whole:%Y%m%d%H%M%S}") == event_time_ms(int(f"{whole:%Y%m%d%H%M%S}"))
    assert event_time_ms(f"{whole:%Y%m%d%H%M%S}") == round(whole.timestamp()) * 1000


def test_the_words_name_the_year_that_the_code_has() -> None:
    assert f"from the year {FLOOR_YEAR} on" in GENERAL_WORDS[Reason.BAD_TIME]
