"""Unprocessed: what is not processed counts, wherever it is; and its age is that of its oldest record."""

from types import SimpleNamespace
from typing import Any

import pytest

from liveprofile.streams.runtime.lag import LagClock, Unprocessed, first_unprocessed, unprocessed_of
from liveprofile.streams.transport.standing import NOWHERE, Standing


def queue(oldest: Any = None, reached: int | None = None) -> Any:
    return SimpleNamespace(oldest=oldest, reached=reached)


def batch(offset: int, timestamp: int = 0, records: int = 1) -> Any:
    return SimpleNamespace(records=[SimpleNamespace(offset=offset + at, timestamp=timestamp) for at in range(records)])


@pytest.mark.parametrize(
    ("standing", "waiting", "position", "records"),
    [
        pytest.param(Standing(10, None, 10), queue(), 10, 0, id="all was read by an earlier owner"),
        pytest.param(Standing(10, None, 25), queue(), 10, 15, id="nothing was fetched yet"),
        pytest.param(Standing(20, 20, 25), queue(batch(12), reached=12), 12, 13, id="a batch is in progress"),
        pytest.param(Standing(20, 20, 25), queue(reached=15), 15, 10, id="a batch is between consumer and queue"),
        pytest.param(Standing(25, 25, 25), queue(reached=25), 25, 0, id="all is processed"),
        pytest.param(Standing(26, 25, 26), queue(reached=25), 26, 0, id="the last record is a transaction's marker"),
        pytest.param(NOWHERE, queue(batch(3, records=4)), 3, 4, id="the end is not known"),
        pytest.param(NOWHERE, queue(), None, 0, id="nothing is known"),
    ],
)
def test_lag_is_the_end_less_what_is_processed(
    standing: Standing, waiting: Any, position: int | None, records: int
) -> None:
    assert first_unprocessed(waiting, standing) == position
    assert unprocessed_of(waiting, standing).records == records


def test_an_end_that_was_asked_for_counts_where_the_last_response_to_a_fetch_is_older() -> None:
    assert unprocessed_of(queue(reached=5), Standing(5, 5, 5), end=9).records == 4
    assert unprocessed_of(queue(reached=9), Standing(9, 9, 9), end=5).records == 0


def test_the_age_is_the_brokers_time_of_the_oldest_record_and_nothing_where_there_is_none() -> None:
    clock = LagClock(lambda: 1000.0)
    waiting = queue(batch(3, timestamp=990_500))
    assert clock.seconds(unprocessed_of(waiting, Standing(4, 4, 4)), 3) == 9.5
    assert clock.seconds(Unprocessed(0, None), 4) == 0.0
    assert clock.seconds(Unprocessed(1, 1_000_900), 4) == 0.0, "a broker's clock may be ahead"


def test_a_record_that_was_not_fetched_has_the_age_since_it_was_seen() -> None:
    """Whenever the position moves, it is another record."""
    times = iter([10.0, 12.0, 13.0, 15.0])
    clock = LagClock(lambda: next(times))
    ages = [clock.seconds(Unprocessed(5, None), position) for position in (1, 1, 2, 2)]
    assert ages == [0.0, 2.0, 0.0, 2.0]
