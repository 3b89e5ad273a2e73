"""Static membership: a worker that is back within its session has its partitions at once; two of one name cannot be."""

import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from signal import SIGTERM

import pytest
from counting import Place, offline_fold, produce, read_counts

pytestmark = pytest.mark.kafka

Start = Callable[..., subprocess.Popen[bytes]]
Ask = Callable[[], Awaitable[dict[int, int]]]
Until = Callable[..., Awaitable[None]]
Exit = Callable[..., Awaitable[int]]

LONG_SESSION = ("--session-s", "30")


async def _all(committed: Ask, end_offsets: Ask) -> bool:
    return await committed() == await end_offsets()


async def test_a_killed_worker_with_a_name_is_back_long_before_its_session_ends(
    place: Place, start_worker: Start, committed: Ask, end_offsets: Ask, until: Until, exit_code: Exit
) -> None:
    """Twice over, beside a second worker that keeps its own partitions meanwhile; nothing is lost or counted twice."""
    await produce(place, 500)
    start_worker("--instance", "b", *LONG_SESSION, log="b")
    worker = start_worker("--instance", "a", *LONG_SESSION, log="a")
    await until(lambda: _all(committed, end_offsets))
    for start in (500, 1_000):
        worker.kill()
        worker.wait()
        await produce(place, 500, start=start)
        began = time.monotonic()
        worker = start_worker("--instance", "a", *LONG_SESSION, log="a")
        await until(lambda: _all(committed, end_offsets))
        assert time.monotonic() - began < 20
    for partition in range(place.partitions):
        assert await read_counts(place, partition) == await offline_fold(place, partition)


async def test_of_two_workers_with_one_name_the_older_ends_with_an_error(
    place: Place,
    start_worker: Start,
    committed: Ask,
    end_offsets: Ask,
    until: Until,
    exit_code: Exit,
    tmp_path: Path,
) -> None:
    """The group gives the place to the newer one; the older one must not go on in the belief that it has it."""
    await produce(place, 500)
    older = start_worker("--instance", "a", *LONG_SESSION, log="older")
    await until(lambda: _all(committed, end_offsets))
    newer = start_worker("--instance", "a", *LONG_SESSION, log="newer")
    assert await exit_code(older, within_s=40) == 1
    assert "another worker runs under its instance_id" in (tmp_path / "older.log").read_text()
    await produce(place, 500, start=500)
    await until(lambda: _all(committed, end_offsets))
    newer.send_signal(SIGTERM)
    assert await exit_code(newer) == 0
    for partition in range(place.partitions):
        assert await read_counts(place, partition) == await offline_fold(place, partition)
