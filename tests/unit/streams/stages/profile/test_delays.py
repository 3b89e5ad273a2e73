"""Delays: how long events took, by what the headers of the log tell, once a batch."""

from types import SimpleNamespace
from typing import Any

from liveprofile.streams.contract.arrival import ARRIVED, Arrival, arrival_header, arrival_of
from liveprofile.streams.stages.ingest.outgoing import Outgoing
from liveprofile.streams.stages.profile.delays import Arrivals, Delays

NOW_MS = 1_700_000_010_000


def record(offset: int, arrived_ms: int | None = None, activities: int = 1, key: bytes = b"a" * 32) -> Any:
    headers = () if arrived_ms is None else (arrival_header(Arrival(arrived_ms, activities)),)
    return SimpleNamespace(offset=offset, headers=headers, key=key)


def counted() -> tuple[Arrivals, Delays]:
    delays = Delays(now_s=lambda: NOW_MS / 1000)
    return Arrivals(delays), delays


def test_each_activity_counts_with_the_time_that_stands_before_it() -> None:
    arrivals, delays = counted()
    arrivals.count([record(0, NOW_MS - 2_000, 2), record(1), record(2, NOW_MS - 400)], [])
    assert (delays.folded.count, round(delays.folded.sum, 3)) == (3, 4.4)
    assert delays.said.count == 0


def test_a_fact_counts_from_the_arrival_of_what_caused_it_also_out_of_an_earlier_batch() -> None:
    arrivals, delays = counted()
    arrivals.count([record(0, NOW_MS - 2_000, 2)], [])
    arrivals.count([record(1), record(2, NOW_MS - 500)], [1, 2, 2])
    assert (delays.said.count, round(delays.said.sum, 3)) == (3, 3.0)


def test_facts_of_ticks_and_records_of_older_programs_do_not_count() -> None:
    arrivals, delays = counted()
    arrivals.count([record(0)], [0])
    arrivals.count([record(1, NOW_MS - 500), record(2, key=b"\x00tick")], [2])
    assert (delays.folded.count, delays.said.count) == (1, 0)


def test_a_brokers_clock_that_is_ahead_gives_no_negative_time() -> None:
    arrivals, delays = counted()
    arrivals.count([record(0, NOW_MS + 5_000)], [0])
    assert delays.folded.sum == delays.said.sum == 0.0


def test_a_header_that_cannot_be_read_is_none() -> None:
    assert arrival_of([(ARRIVED, b"short")]) is None
    assert arrival_of([("traceparent", b"00-1")]) is None


def test_ingest_tells_the_mean_arrival_on_the_first_activity_of_each_partition() -> None:
    out, trace = Outgoing(), (("traceparent", b"00-1"),)
    out.add_activity(3, b"one", b"value", trace, 1_000)
    out.add_activity(3, b"two", b"value", (), 3_000)
    out.add_activity(5, b"three", b"value", (), 7_000)
    out.note_arrivals()
    first, second = out.activities[3]
    assert first[2][0] == trace[0], "the trace stays"
    assert (arrival_of(first[2]), second[2]) == (Arrival(2_000, 2), ())
    assert arrival_of(out.activities[5][0][2]) == Arrival(7_000, 1)


def test_a_log_with_gaps_is_counted_the_same() -> None:
    arrivals, delays = counted()
    arrivals.count([record(0, NOW_MS - 500), record(7, key=b"\x00tick"), record(9)], [7, 9])
    assert (delays.said.count, delays.said.sum) == (1, 0.5)
