"""Readiness: a file and two probes that follow a worker, and a log that says how far a long load is."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs
from support.health_fakes import FakeQueue, FakeRuntime

from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime import readiness
from liveprofile.streams.runtime.probes import probes
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.readiness import tell_readiness


async def until(holds: Any) -> None:
    """Wait until something holds; TimeoutError after five seconds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)


async def ask(port: int, path: str) -> tuple[int, Any]:
    """Status and body of a probe's answer."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.json(content_type=None) if answer.status != 404 else None


async def test_the_file_is_there_while_the_worker_is_ready(tmp_path: Path) -> None:
    """Not before, not in a rebalance, not after; and one left behind by a kill is taken away first."""
    runtime, file = FakeRuntime(), tmp_path / "ready"
    file.write_text("of an earlier process")
    telling = asyncio.create_task(tell_readiness(runtime, file))  # type: ignore[arg-type]
    await until(lambda: not file.exists())
    for ready in (True, False, True):
        runtime.is_ready = ready
        await until(lambda ready=ready: file.exists() == ready)
    telling.cancel()
    await until(lambda: not file.exists())


async def test_a_file_that_cannot_be_written_stops_the_worker(tmp_path: Path) -> None:
    runtime = FakeRuntime(is_ready=True)
    await tell_readiness(runtime, tmp_path / "no-such-folder" / "ready")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        runtime.failed.result()


async def test_a_long_load_says_how_far_it_is_and_what_it_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LOG_EVERY_S", 0.1)
    progress = Progress(start=100, reached=350, end=1100, records=200)
    runtime = FakeRuntime(partition_queues=(FakeQueue(0, progress), FakeQueue(1)))
    with capture_logs() as lines:
        telling = asyncio.create_task(tell_readiness(runtime))  # type: ignore[arg-type]
        await until(lambda: lines)
        progress.records, runtime.is_ready = 900, True
        await until(lambda: lines[-1]["event"] == "worker ready")
        telling.cancel()
    assert (lines[0]["event"], lines[0]["loaded"], lines[0]["of"]) == ("loading profiles", 250, 1000)
    assert (lines[0]["records"], lines[-1]["records"]) == (200, 900)
    assert lines[0]["per_s"] > 0


async def test_probes_say_what_is_loaded_of_how_much() -> None:
    runtime, port = FakeRuntime(), free_port()
    async with probes(runtime, "127.0.0.1", port):  # type: ignore[arg-type]
        assert await ask(port, "/readyz") == (503, {"ready": False, "loading": []})
        done = FakeQueue(2)
        done.loaded.set()
        runtime.partition_queues = FakeQueue(0), FakeQueue(1, Progress(start=5, reached=10, end=25)), done
        waiting = {"stage": "profile", "partition": 0, "loaded": 0, "of": None}
        under_way = {"stage": "profile", "partition": 1, "loaded": 5, "of": 20}
        assert await ask(port, "/readyz") == (503, {"ready": False, "loading": [waiting, under_way]})
        runtime.is_ready, runtime.partition_queues = True, ()
        assert await ask(port, "/readyz") == (200, {"ready": True, "loading": []})


async def test_a_worker_is_alive_until_it_failed() -> None:
    runtime, port = FakeRuntime(), free_port()
    async with probes(runtime, "127.0.0.1", port):  # type: ignore[arg-type]
        assert await ask(port, "/livez") == (200, {"alive": True})
        runtime.failed.set_exception(RuntimeError("gone"))
        assert await ask(port, "/livez") == (503, {"alive": False, "failed": "RuntimeError"})
    with pytest.raises(RuntimeError):
        await runtime.failed


@pytest.mark.parametrize("path", ["/", "/profiles", "/metrics/x", "/livez/x"])
async def test_there_is_nothing_else_to_ask(path: str) -> None:
    port = free_port()
    async with probes(FakeRuntime(), "127.0.0.1", port):  # type: ignore[arg-type]
        assert await ask(port, path) == (404, None)


async def test_without_a_port_nothing_listens() -> None:
    async with probes(FakeRuntime(), "no such host", 0):  # type: ignore[arg-type]
        pass


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"cannot listen on 127.0.0.1:{port}.*worker.probe_port"):
            async with probes(FakeRuntime(), "127.0.0.1", port):  # type: ignore[arg-type]
                pass


async def test_a_worker_that_waits_for_a_dead_ones_session_says_so_and_how_long_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "WAITING_S", 0.05)
    monkeypatch.setattr(readiness, "LOG_EVERY_S", 0.1)
    monkeypatch.setattr(readiness, "LOOK_S", 0.01)
    with capture_logs() as lines:
        task = asyncio.create_task(tell_readiness(FakeRuntime()))  # type: ignore[arg-type]
        await until(lambda: len(lines) >= 2)
        task.cancel()
    assert all("waiting for the group" in line["event"] for line in lines)
    assert 15 <= lines[0]["at_most_s"] <= 20
