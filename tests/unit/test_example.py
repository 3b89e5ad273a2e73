"""The example record, byte by byte."""

import numpy as np
import pytest

from profiles import example


def records(count: int = 3, dims: int = 4) -> list[bytes]:
    return example.encode(
        np.arange(count * dims, dtype=np.int16).reshape(count, dims) - 5,
        partition=3,
        offsets=np.arange(count) + 1_000_000_000_000,
        event_times_ms=np.full(count, 1_700_000_000_000),
        versions=np.arange(count, dtype=np.uint32) + 7,
    )


def test_examples_survive_their_bytes() -> None:
    rows, readable = example.decode(records(), 4)
    assert readable.all()
    assert rows["vector"].tolist() == [[-5, -4, -3, -2], [-1, 0, 1, 2], [3, 4, 5, 6]]
    assert rows["offset"].tolist() == [1_000_000_000_000, 1_000_000_000_001, 1_000_000_000_002]
    assert set(rows["partition"].tolist()) == {3} and rows["version"].tolist() == [7, 8, 9]
    assert set(rows["event_time_ms"].tolist()) == {1_700_000_000_000}


def test_the_layout_is_the_documented_one() -> None:
    """Layout 1, dims 2, partition 3, offset 4, time 5, version 6, vector [7, -8], little-endian without gaps."""
    (record,) = example.encode(
        np.array([[7, -8]], dtype=np.int16),
        partition=3,
        offsets=np.array([4]),
        event_times_ms=np.array([5]),
        versions=np.array([6], dtype=np.uint32),
    )
    assert record.hex(" ") == ("01 02 00 03 00 04 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 06 00 00 00 07 00 f8 ff")


@pytest.mark.parametrize("bad", [None, b"", b"\x01", b"\x02" + records()[0][1:], records(1, 5)[0], bytes(33)])
def test_what_is_no_example_is_told_from_its_neighbours(bad: bytes | None) -> None:
    good = records(2)
    rows, readable = example.decode([good[0], bad, good[1]], 4)
    assert readable.tolist() == [True, False, True]
    assert rows["version"].tolist()[::2] == [7, 8]


def test_no_records_are_no_rows() -> None:
    rows, readable = example.decode([], 4)
    assert len(rows) == len(readable) == 0
