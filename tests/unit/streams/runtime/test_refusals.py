"""Refused records are told in the log, by input: at once, then at most once a minute, and when they have ended."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from liveprofile.streams.runtime.refusals import BEGAN, ENDED, EVERY_S, MORE, Line, Refusals, _log, tell_refusals


def test_the_first_refusal_is_told_at_once_and_further_ones_together_a_minute_later() -> None:
    now, counts = [0.0], Counter[str]()
    refusals = Refusals(lambda: now[0])
    assert refusals.line(counts) is None
    counts["no-text"] += 1
    assert refusals.line(counts) == Line(BEGAN, 1, {"no-text": 1})
    counts.update({"no-text": 4, "malformed-json": 9})
    assert refusals.line(counts) is None
    now[0] = EVERY_S
    assert refusals.line(counts) == Line(MORE, 13, {"malformed-json": 9, "no-text": 4})


def test_a_minute_without_a_refusal_ends_them_with_all_that_were_refused() -> None:
    now, counts = [0.0], Counter({"no-text": 1})
    refusals = Refusals(lambda: now[0])
    refusals.line(counts)
    counts["no-text"] += 2
    now[0] = EVERY_S
    refusals.line(counts)
    now[0] = 2 * EVERY_S - 1
    assert refusals.line(counts) is None
    now[0] = 2 * EVERY_S
    assert refusals.line(counts) == Line(ENDED, 3, {"no-text": 3})
    now[0] = 9 * EVERY_S
    assert refusals.line(counts) is None


def test_refusals_that_begin_again_are_told_at_once_again_and_counted_anew() -> None:
    now, counts = [0.0], Counter({"no-text": 1})
    refusals = Refusals(lambda: now[0])
    refusals.line(counts)
    now[0] = EVERY_S
    refusals.line(counts)
    now[0] += 1
    counts["no-text"] += 2
    assert refusals.line(counts) == Line(BEGAN, 2, {"no-text": 2})
    now[0] += EVERY_S
    assert refusals.line(counts) == Line(ENDED, 2, {"no-text": 2})


async def test_each_input_has_lines_of_its_own_with_the_way_to_the_records_but_no_record() -> None:
    by_input = {"clicks": Counter({"missing-user": 3})}
    stages = [SimpleNamespace(counters=SimpleNamespace(refused_by_input=by_input)), SimpleNamespace()]
    with capture_logs() as lines:
        task = asyncio.create_task(tell_refusals(stages))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        task.cancel()
    assert lines == [
        {
            "event": BEGAN,
            "log_level": "warning",
            "input": "clicks",
            "records": 3,
            "reasons": {"missing-user": 3},
            "next": "liveprofile watch dead-letters --from start",
        }
    ]


@pytest.mark.parametrize(("event", "level"), [(BEGAN, "warning"), (MORE, "warning"), (ENDED, "info")])
def test_refusals_that_go_on_are_a_warning_with_the_next_step_and_their_end_is_no_warning(
    event: str, level: str
) -> None:
    with capture_logs() as lines:
        _log("clicks", Line("".join([*event]), 2, {"no-text": 2}))
    assert [(line["event"], line["log_level"], "next" in line) for line in lines] == [(event, level, event != ENDED)]
