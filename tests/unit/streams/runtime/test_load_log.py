"""The log of a long load and of a wait for the group: when a line comes, and its numbers."""

from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from liveprofile.streams.runtime import readiness
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.readiness import LOG_EVERY_S, WAITING_S, Load

BEGIN_S = 1_000.5


class Clock:
    def __init__(self) -> None:
        self.now_s = BEGIN_S

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(readiness, "time", made)
    return made


def runtime(*progress: Progress | None) -> Any:
    queues = tuple(SimpleNamespace(progress=one) for one in progress)
    return SimpleNamespace(partition_queues=queues, config=SimpleNamespace(session_timeout_s=20.0))


def said(load: Load, clock: Clock, runtime: Any, *after_s: float) -> list[tuple[float, Any]]:
    """The lines of looks so many seconds after the begin."""
    found: list[tuple[float, Any]] = []
    for at in after_s:
        clock.now_s = BEGIN_S + at
        with capture_logs() as lines:
            load.look(runtime)
        found += [(at, line) for line in lines]
    return found


def test_a_load_is_logged_every_five_seconds_with_what_is_left(clock: Clock) -> None:
    first, second = Progress(start=100, reached=100, end=500), Progress(start=0, reached=0, end=600)
    load, running = Load(), runtime(first, second)
    assert not said(load, clock, running, 0.0)
    first.reached, first.records, second.reached, second.records = 200, 60, 100, 40
    assert not said(load, clock, running, 4.9)
    ((_, line),) = said(load, clock, running, 5.0, 5.1)
    assert (line["loaded"], line["of"], line["records"], line["seconds"]) == (200, 1000, 100, 5.0)
    assert (line["per_s"], line["eta_s"]) == (20, 20)
    ((_, line),) = said(load, clock, running, 9.9, 10.0)
    assert (line["per_s"], line["eta_s"], line["seconds"]) == (10, 40, 10.0)


def test_the_time_left_is_rounded_and_unknown_before_the_first_record(clock: Clock) -> None:
    progress = Progress(end=100)
    load, running = Load(), runtime(progress)
    ((_, line),) = said(load, clock, running, 0.0, 5.0)
    assert line["eta_s"] is None and line["per_s"] == 0
    progress.reached = progress.records = 60
    ((_, line),) = said(load, clock, running, 10.0)
    assert line["eta_s"] == 7 and line["per_s"] == 6


def test_a_partition_whose_end_is_not_known_yet_counts_nothing(clock: Clock) -> None:
    load, running = Load(), runtime(Progress(), Progress(start=0, reached=10, end=40), None)
    ((_, line),) = said(load, clock, running, 0.0, 5.0)
    assert (line["loaded"], line["of"]) == (10, 40)


def test_the_seconds_of_a_load_begin_with_its_first_progress(clock: Clock) -> None:
    load = Load()
    said(load, clock, runtime(None), 0.0, 2.0)
    said(load, clock, runtime(Progress(end=10)), 4.0)
    clock.now_s = BEGIN_S + 5.5
    with capture_logs() as lines:
        load.log("worker ready")
    assert lines[0]["seconds"] == 1.5


def test_a_wait_for_the_group_is_said_after_three_seconds_and_every_five(clock: Clock) -> None:
    lines = said(Load(), clock, runtime(), 0.0, 2.9, 3.0, 3.1, 7.9, 8.0, 12.9, 13.0, 30.0)
    assert [(at, line["at_most_s"]) for at, line in lines] == [(3.0, 17), (8.0, 12), (13.0, 7), (30.0, 1)]
    assert (WAITING_S, LOG_EVERY_S) == (3.0, 5.0)


def test_the_wait_begins_anew_when_partitions_were_taken_away(clock: Clock) -> None:
    load = Load()
    said(load, clock, runtime(None), 0.0, 10.0)
    lines = said(load, clock, runtime(), 10.1, 12.9, 13.0, 18.0)
    assert [(at, line["at_most_s"]) for at, line in lines] == [(13.0, 17), (18.0, 12)]
