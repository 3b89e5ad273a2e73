"""Reading begins where it ended, and never elsewhere without a word."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from liveprofile.streams.errors import SetupError
from liveprofile.streams.transport.positions import begin_at, seek_to_committed

PLACE = TopicPartition("clicks", 3)


@pytest.mark.parametrize(("committed", "begins"), [(None, 5), (5, 5), (7, 7), (9, 9)])
def test_a_committed_offset_in_the_log_is_where_reading_begins(committed: int | None, begins: int) -> None:
    with capture_logs() as said:
        assert begin_at(PLACE, committed, first=5, end=9) == begins
    assert not said


def test_records_that_retention_took_are_counted_in_an_error() -> None:
    with capture_logs() as said:
        assert begin_at(PLACE, 2, first=5, end=9) == 5
    assert [(one["log_level"], one["topic"], one["partition"], one["records"]) for one in said] == [
        ("error", "clicks", 3, 3)
    ]


def test_a_log_that_lost_what_was_read_is_refused() -> None:
    with pytest.raises(
        SetupError, match=r"clicks/3 ends at offset 9, and 2 records beyond it were read.*accept clicks"
    ):
        begin_at(PLACE, 11, first=5, end=9)


class Consumer:
    """aiokafka's consumer with these committed offsets, and a log from 5 to `end`."""

    def __init__(self, committed: dict[TopicPartition, int | None], end: int = 9, revoked: Any = ()) -> None:
        self._committed, self._end, self._revoked = committed, end, revoked
        self.positions: dict[TopicPartition, int] = {}

    async def seek_to_committed(self) -> dict[TopicPartition, int | None]:
        return self._committed

    async def beginning_offsets(self, places: Any) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, min(5, self._end))

    async def end_offsets(self, places: Any) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self._end)

    def assignment(self) -> set[TopicPartition]:
        return self._committed.keys() - set(self._revoked)

    def seek(self, place: TopicPartition, position: int) -> None:
        self.positions[place] = position


OTHER = TopicPartition("clicks", 4)


async def test_each_assigned_partition_is_read_from_its_own_position() -> None:
    consumer = Consumer({PLACE: 7, OTHER: 8})
    with capture_logs() as said:
        assert await seek_to_committed(consumer) == {PLACE: 7, OTHER: 8}
    assert consumer.positions == {PLACE: 7, OTHER: 8} and not said


async def test_a_partition_that_was_revoked_meanwhile_gets_no_position() -> None:
    consumer = Consumer({PLACE: 7, OTHER: 8}, revoked=[OTHER])
    await seek_to_committed(consumer)
    assert consumer.positions == {PLACE: 7}


async def test_partitions_with_records_and_without_a_committed_offset_are_counted_in_a_warning() -> None:
    consumer = Consumer({PLACE: None, OTHER: 8})
    with capture_logs() as said:
        await seek_to_committed(consumer)
    assert consumer.positions == {PLACE: 5, OTHER: 8}
    assert [(one["log_level"], one["partitions"], one["of"]) for one in said] == [("warning", 1, 2)]


async def test_an_empty_log_without_a_committed_offset_is_a_new_one_and_no_reason_to_warn() -> None:
    with capture_logs() as said:
        await seek_to_committed(Consumer({PLACE: None}, end=0))
    assert not said
