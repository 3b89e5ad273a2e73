"""The supervisor over small processes that speak a worker's words: which end is answered by what."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from liveprofile.streams.runtime.processes import supervisor as module
from liveprofile.streams.runtime.processes.child import Place
from liveprofile.streams.runtime.processes.supervisor import Supervisor

WORKER = """
import os, signal, sys, time
folder, name, ending = sys.argv[1:4]
count = len([one for one in os.listdir(folder) if one.startswith(name + ".")])
with open(f"{folder}/.{name}", "w") as file: file.write(str(os.getpid()))
os.rename(f"{folder}/.{name}", f"{folder}/{name}.{count}")
if ending == "unprepared" and count: sys.exit(3)
if ending == "refuses": sys.exit(3)
if ending == "no-kafka": sys.exit(4)
def stop(*_):
    if ending == "slow-to-end": print("left", flush=True); time.sleep(3)
    if ending != "deaf": sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("prepared", flush=True)
sys.stdin.readline()
print("ready", flush=True)
if ending == "crashes-once" and not count: time.sleep(0.1); os._exit(1)
if ending == "refuses-later": time.sleep(0.2); os._exit(3)
while True: time.sleep(0.05)
"""


def places(folder: Path, *endings: str) -> list[Place]:
    """One place a word that says how its processes end."""
    return [
        Place(f"w-{number}", [sys.executable, "-S", "-c", WORKER, str(folder), f"w-{number}", ending])
        for number, ending in enumerate(endings, 1)
    ]


def pids(folder: Path, name: str) -> list[int]:
    """The processes that a place has had, in their order."""
    return [int(one.read_text()) for one in sorted(folder.glob(f"{name}.*"))]


async def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait until something holds. TimeoutError if it does not."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(
    folder: Path, *endings: str, ready_file: Path | None = None
) -> AsyncIterator[tuple[Supervisor, "asyncio.Task[int]"]]:
    """A supervisor of such processes; it has stopped when this is left."""
    one = Supervisor(places(folder, *endings), ready_file)
    task = asyncio.create_task(one.run())
    try:
        yield one, task
    finally:
        one.stop()
        await asyncio.wait_for(task, 30)


async def test_a_process_that_dies_is_started_again_under_its_name_and_all_are_ready_again(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    (tmp_path / "seen").mkdir()
    async with running(tmp_path / "seen", "lives", "crashes-once", ready_file=ready) as (one, task):
        await until(lambda: len(pids(tmp_path / "seen", "w-2")) == 2 and one.ready == 2)
        assert ready.exists()
        assert one.restarts == {"w-1": 0, "w-2": 1}
        assert len(pids(tmp_path / "seen", "w-1")) == 1
    assert task.result() == 0
    assert not ready.exists()


@pytest.mark.parametrize(("ending", "code"), [("refuses", 3), ("refuses-later", 3), ("no-kafka", 4)])
async def test_an_end_for_a_person_stops_all_and_is_the_exit_code(tmp_path: Path, ending: str, code: int) -> None:
    one = Supervisor(places(tmp_path, "lives", ending))
    assert await asyncio.wait_for(one.run(), 20) == code
    assert all(child.exit_code is not None for child in one.children.values())
    assert len(pids(tmp_path, "w-2")) == 1


async def test_a_rolling_restart_replaces_every_process_once_and_keeps_the_names(tmp_path: Path) -> None:
    async with running(tmp_path, "lives", "lives") as (one, task):
        await until(lambda: one.ready == 2)
        os.kill(os.getpid(), signal.SIGUSR1)

        def replaced() -> bool:
            seconds = [pids(tmp_path, name)[1:] for name in ("w-1", "w-2")]
            return [[child.pid] for child in one.children.values()] == seconds and one.ready == 2

        await until(replaced)
        assert one.restarts == {"w-1": 0, "w-2": 0}
    assert task.result() == 0


async def test_a_successor_does_not_wait_for_the_end_of_a_process_that_has_left(tmp_path: Path) -> None:
    async with running(tmp_path, "slow-to-end") as (one, task):
        await until(lambda: one.ready == 1)
        predecessor = one.children["w-1"]
        one.restart_in_turn()
        await until(lambda: any(successor.is_ready for successor in one._successors.values()))
        assert predecessor.exit_code is None
        await until(lambda: one.ready == 1)
        assert (predecessor.exit_code, one.children["w-1"].pid) == (0, pids(tmp_path, "w-1")[1])
    assert task.result() == 0


async def test_a_successor_that_cannot_prepare_leaves_its_predecessor_at_work(tmp_path: Path) -> None:
    async with running(tmp_path, "unprepared", "lives") as (one, task):
        await until(lambda: one.ready == 2)
        before = {name: child.pid for name, child in one.children.items()}
        one.restart_in_turn()
        await until(lambda: len(pids(tmp_path, "w-1")) == 2)
        await asyncio.sleep(0.3)
        assert {name: child.pid for name, child in one.children.items()} == before
        assert one.ready == 2
    assert task.result() == 0


async def test_a_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    one = Supervisor(places(tmp_path, "deaf", "lives"))
    task = asyncio.create_task(one.run())
    await until(lambda: one.ready == 2)
    os.kill(os.getpid(), signal.SIGTERM)
    await until(lambda: one.is_stopping)
    await asyncio.sleep(0.1)
    assert not task.done()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(task, 5) == 1


async def test_a_process_that_does_not_stop_in_time_is_killed_and_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = module.Child.stop
    monkeypatch.setattr(module.Child, "stop", lambda child: stop(child, grace_s=0.2))
    one = Supervisor(places(tmp_path, "deaf", "lives"))
    task = asyncio.create_task(one.run())
    await until(lambda: one.ready == 2)
    one.stop()
    assert await asyncio.wait_for(task, 5) == 1
