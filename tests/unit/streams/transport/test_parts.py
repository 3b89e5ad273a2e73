"""Smaller parts of the transport: the fence, the version check, settings, record sizes, what may be logged."""

import pytest

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.fence import Fence, FencedError
from liveprofile.streams.runtime.record_size import OversizeError, record_size
from liveprofile.streams.runtime.stage import LoadsPartitions
from liveprofile.streams.runtime.worker import _plain_traceback
from liveprofile.streams.transport.versions import UncheckedVersionError, require_checked_versions


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_fence_stays_open_while_the_process_beats_in_time() -> None:
    """Gaps up to the session are fine."""
    clock = Clock()
    fence = Fence(20.0, lambda: True, clock)
    for _ in range(5):
        clock.now_s += 19.0
        fence.check()


def test_a_fence_closes_for_good_after_a_gap_longer_than_the_session() -> None:
    """It does not open again because the next beats are in time."""
    clock = Clock()
    fence = Fence(20.0, lambda: True, clock)
    clock.now_s += 31.0
    for _ in range(3):
        with pytest.raises(FencedError, match="stood still for 31 s, its session is 20 s"):
            fence.check()
        clock.now_s += 0.5


def test_a_fence_does_not_mind_a_slow_start_before_anything_is_owned() -> None:
    """Compiling or loading a model may stop the loop for a minute; nobody else can have what is not owned yet."""
    clock, owned = Clock(), False
    fence = Fence(20.0, lambda: True, clock, owns_any=lambda: owned)
    clock.now_s += 57.0
    fence.check()
    owned = True
    clock.now_s += 1.0
    fence.check()
    clock.now_s += 21.0
    with pytest.raises(FencedError, match="stood still for 21 s"):
        fence.check()


def test_a_fence_is_closed_while_the_group_has_put_the_process_out() -> None:
    """Whatever the clock says."""
    with pytest.raises(FencedError, match="put this worker out"):
        Fence(20.0, lambda: False, Clock()).check()


def test_another_faust_than_the_checked_one_is_refused_with_the_next_step() -> None:
    """Private hooks may mean something else there."""
    require_checked_versions()
    with pytest.raises(UncheckedVersionError, match=r"0\.15\.3 is installed.*hooks that were read in 9\.9.*install"):
        require_checked_versions({"faust-streaming": "9.9"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"session_timeout_s": 50.0}, r"session_timeout_s is 50.0, more than request_timeout_s \(40.0\)"),
        ({"drain_timeout_s": 90.0}, r"drain_timeout_s is 90.0, more than rebalance_timeout_s \(60.0\)"),
        ({"max_queued_batches": 0}, "max_queued_batches is 0; it must be at least 1"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(settings: dict[str, float], said: str) -> None:
    """Each error names the setting, its value and the limit."""
    with pytest.raises(ValueError, match=said):
        RuntimeConfig("app", "127.0.0.1:9092", **settings)  # type: ignore[arg-type]


def test_the_size_of_a_record_counts_key_value_and_headers() -> None:
    """A tombstone without key has the overhead only."""
    assert record_size((None, None, [])) == 128
    assert record_size((b"k" * 10, b"v" * 100, [("name", b"12345")])) == 128 + 10 + 100 + 19


def test_an_oversize_error_carries_what_a_caller_needs_to_shorten_it() -> None:
    """Key, size and limit, as values and in words."""
    error = OversizeError(b"abc", 2_000_000, 1_000_000)
    assert (error.key, error.size, error.limit) == (b"abc", 2_000_000, 1_000_000)
    assert "a record of 2,000,000 bytes (key b'abc') is over the limit of 1,000,000 bytes; shorten" in str(error)


def test_a_stage_need_not_load_partitions() -> None:
    """`assign` is optional."""

    class Loads:
        async def assign(self, topic: str, partition: int) -> None: ...

    assert isinstance(Loads(), LoadsPartitions)
    assert not isinstance(object(), LoadsPartitions)


def test_the_traceback_that_is_logged_shows_no_local_values() -> None:
    """They hold what shoppers typed."""

    def fold(query: str) -> None:
        raise KeyError(len(query))

    with pytest.raises(KeyError) as caught:
        fold("my very private query")
    text = _plain_traceback(caught.value)
    assert "raise KeyError(len(query))" in text
    assert "very private" not in text.replace('fold("my very private query")', "")
