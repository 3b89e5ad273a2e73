"""Reading begins where it ended, and never elsewhere without a word."""

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from liveprofile.streams.errors import SetupError
from liveprofile.streams.transport.positions import begin_at

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
