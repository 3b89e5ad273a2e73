"""Crashes and stops of real worker processes: kill -9, SIGTERM, a failing stage, a process that stood still."""

import json
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from counting import Place, offline_fold, produce, read_counts

from liveprofile.streams.runtime.partition_state import read_partition

pytestmark = pytest.mark.kafka

Start = Callable[..., subprocess.Popen[bytes]]
Ask = Callable[[], Awaitable[dict[int, int]]]
Until = Callable[..., Awaitable[None]]
Exit = Callable[..., Awaitable[int]]


async def _all_committed(committed: Ask, end_offsets: Ask) -> bool:
    return await committed() == await end_offsets()


async def _some_committed(committed: Ask) -> bool:
    return any((await committed()).values())


async def _assert_state_is_the_fold(place: Place) -> None:
    for partition in range(place.partitions):
        assert await read_counts(place, partition) == await offline_fold(place, partition)


async def _facts_are_ahead(place: Place, committed: Ask) -> bool:
    """Whether facts were written whose input is not yet committed: a kill now makes them be written again."""
    consumer = AIOKafkaConsumer(bootstrap_servers=place.bootstrap)
    await consumer.start()
    try:
        places = [TopicPartition(place.facts, number) for number in range(place.partitions)]
        written = sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()
    return written > sum((await committed()).values()) + 300


async def _facts(place: Place) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    for partition in range(place.partitions):
        async for records in read_partition(place.bootstrap, place.facts, partition):
            found += [(b"%d/%s" % (partition, key), value) for key, value, _ in records if key and value]
    return found


async def test_after_kill_9_in_the_middle_the_state_equals_the_offline_fold(
    place: Place, start_worker: Start, committed: Ask, end_offsets: Ask, until: Until, exit_code: Exit
) -> None:
    """Two of three workers are killed while they count; facts sent again after that are the same to the byte."""
    await produce(place, 5_000)
    slow = ("--slow-s", "0.05", "--max-run", "100")
    first = start_worker(*slow, log="first")
    await until(lambda: _facts_are_ahead(place, committed))
    first.kill()
    second, third = start_worker(*slow, log="second"), start_worker(*slow, log="third")
    before = sum((await committed()).values())
    await until(lambda: _more(committed, before + 2_000))
    await until(lambda: _facts_are_ahead(place, committed))
    second.kill()
    await until(lambda: _all_committed(committed, end_offsets), within_s=90)
    third.send_signal(signal.SIGTERM)
    assert await exit_code(third) == 0
    await _assert_state_is_the_fold(place)
    facts = await _facts(place)
    assert len(set(facts)) == 20_000
    assert len(facts) > 20_000, "nothing was replayed: the kills came too late to show anything"
    assert {fact[1] for fact in facts if fact[0] == b"0/k0"} == {
        f"[{n}, {n * 50 - 50}, {_chain(n)}]".encode() for n in range(1, 101)
    }


def _chain(times: int) -> int:
    chain = 0
    for n in range(times):
        chain = (chain * 31 + n * 50) % 1_000_003
    return chain


async def _more(committed: Ask, than: int) -> bool:
    return sum((await committed()).values()) > than


async def test_sigterm_settles_commits_everything_and_exits_0_within_seconds(
    place: Place, start_worker: Start, committed: Ask, until: Until, exit_code: Exit, tmp_path: Path
) -> None:
    """After it, another worker replays nothing: all that was folded is durable, acked and committed."""
    await produce(place, 3_000)
    worker = start_worker("--slow-s", "0.1", "--max-run", "50", "--every-s", "30", log="first")
    await until(lambda: _facts_are_ahead(place, committed))
    worker.send_signal(signal.SIGTERM)
    assert await exit_code(worker, within_s=20) == 0
    first = _report(tmp_path / "first.log")
    assert 0 < first["applied"] < 12_000
    assert sum((await committed()).values()) == first["applied"]
    successor = start_worker(log="second")
    await until(lambda: _more(committed, 11_999))
    successor.send_signal(signal.SIGINT)
    assert await exit_code(successor, within_s=20) == 0
    second = _report(tmp_path / "second.log")
    assert (first["applied"] + second["applied"], second["replayed"]) == (12_000, 0)
    await _assert_state_is_the_fold(place)


def _report(log: Path) -> dict[str, int]:
    return json.loads([line for line in log.read_text().splitlines() if line.startswith("{")][-1])


async def test_a_failing_stage_ends_the_process_with_1_and_acks_nothing(
    place: Place, start_worker: Start, committed: Ask, exit_code: Exit, tmp_path: Path
) -> None:
    """One log line says what failed where, with its traceback; the run that failed is not committed."""
    await produce(place, 100)
    worker = start_worker("--fail-at", "k7", log="failing")
    assert await exit_code(worker, within_s=40) == 1
    log = (tmp_path / "failing.log").read_text()
    assert log.count("worker stopped by an error") == 1
    assert "a stage that fails at b'k7'" in log
    assert "in stage count, topic" in log
    assert log.count("Traceback") == 1
    assert await committed() == dict.fromkeys(range(4), 0)


async def test_a_worker_that_stood_still_beyond_its_session_writes_nothing_more(
    place: Place, start_worker: Start, committed: Ask, end_offsets: Ask, until: Until, exit_code: Exit, tmp_path: Path
) -> None:
    """Its partitions have a new owner: it ends with 1 instead of writing over the new owner's state."""
    await produce(place, 3_000)
    stalled = start_worker("--slow-s", "0.05", "--max-run", "50", log="stalled")
    await until(lambda: _some_committed(committed))
    stalled.send_signal(signal.SIGSTOP)
    successor = start_worker(log="successor")
    await until(lambda: _all_committed(committed, end_offsets), within_s=90)
    stalled.send_signal(signal.SIGCONT)
    assert await exit_code(stalled, within_s=40) == 1
    log = (tmp_path / "stalled.log").read_text()
    assert "FencedError" in log
    assert "Exception in thread" not in log
    successor.send_signal(signal.SIGTERM)
    assert await exit_code(successor) == 0
    await _assert_state_is_the_fold(place)
