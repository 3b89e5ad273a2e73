"""The line of the log about what ingest put right: once a minute, with what is new since the last one."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from liveprofile.streams.stages.ingest.counters import IngestCounters
from liveprofile.streams.stages.ingest.heavy_hitters import Heavy
from liveprofile.streams.stages.ingest.report import EVERY_S, Report

BEGIN_S = 500.0


class Clock:
    def __init__(self) -> None:
        self.now_s = BEGIN_S

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def said(report: Report, clock: Clock, *after_s: float) -> list[tuple[float, dict[str, Any]]]:
    """The numbers of the lines of looks so many seconds after the begin."""
    found = []
    for at in after_s:
        clock.now_s = BEGIN_S + at
        with capture_logs() as lines:
            report.say_if_due()
        found += [(at, {k: v for k, v in one.items() if k not in ("event", "log_level")}) for one in lines]
    return found


def test_a_line_comes_once_a_minute_and_has_only_what_is_new(clock: Clock) -> None:
    counters = IngestCounters()
    counters.currencies["GBP", True] = 3
    report = Report(counters, clock)
    assert said(report, clock, 0.0, 59.9, 60.0, 119.0) == [(60.0, {"amounts in GBP converted": 3})]
    counters.currencies["GBP", True] += 2
    counters.passed_over["impression"] += 1
    expected = {"passed over impression": 1, "amounts in GBP converted": 2}
    assert said(report, clock, 119.9, 120.0, 179.9) == [(120.0, expected)] and EVERY_S == 60.0


def test_a_minute_in_which_nothing_happened_has_no_line_and_the_next_look_is_a_minute_later(clock: Clock) -> None:
    counters = IngestCounters()
    report = Report(counters, clock)
    assert said(report, clock, 60.0) == []
    counters.passed_over["impression"] += 1
    assert said(report, clock, 60.1, 119.9, 120.0) == [(120.0, {"passed over impression": 1})]


def test_an_unlikely_share_is_said_at_once_with_three_digits(clock: Clock) -> None:
    with capture_logs() as lines:
        Report(IngestCounters(), clock).heavy(Heavy("ab", 1_234, 0.123_456))
    assert [(one["profile"], one["events"], one["share"]) for one in lines] == [("ab", 1_234, 0.123)]
