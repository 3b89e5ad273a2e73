"""Refused records are told in the log: at once, and then at most once a minute."""

import asyncio
from collections import Counter
from types import SimpleNamespace

from structlog.testing import capture_logs

from liveprofile.streams.runtime.refusals import EVERY_S, Refusals, tell_refusals


def test_the_first_refusal_is_told_at_once_and_further_ones_together_a_minute_later() -> None:
    now, counts = [0.0], Counter[str]()
    refusals = Refusals(lambda: counts, lambda: now[0])
    assert refusals.news() == {}
    counts["no_shopper"] += 1
    assert refusals.news() == {"no_shopper": 1}
    counts.update({"no_shopper": 4, "invalid_json": 9})
    assert refusals.news() == {}
    now[0] = EVERY_S
    assert refusals.news() == {"invalid_json": 9, "no_shopper": 4}
    now[0] = 2 * EVERY_S
    assert refusals.news() == {}


def test_refusals_that_begin_again_are_told_at_once_again() -> None:
    now, counts = [0.0], Counter({"no_shopper": 1})
    refusals = Refusals(lambda: counts, lambda: now[0])
    refusals.news()
    now[0] = 10 * EVERY_S
    counts["no_shopper"] += 2
    assert refusals.news() == {"no_shopper": 2}


async def test_the_line_has_the_reasons_and_the_way_to_the_records_but_no_record() -> None:
    stages = [SimpleNamespace(counters=SimpleNamespace(refused=Counter(no_shopper=3))), SimpleNamespace()]
    with capture_logs() as lines:
        task = asyncio.create_task(tell_refusals(stages))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        task.cancel()
    [line] = lines
    assert (line["event"], line["records"], line["reasons"]) == ("records refused", 3, {"no_shopper": 3})
    assert "dead-letters" in line["next"]
