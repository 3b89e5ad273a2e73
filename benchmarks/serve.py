"""The query service over profiles of real size: catch-up, restart, reads at a fixed rate and as fast as they come.

A broker on this machine has the snapshots, and the service is a process of its own, as users run it. The reader is a
third process. At a fixed rate, a read's time counts from the moment at which it was due: a service that falls behind
is not measured less often (no coordinated omission). Then clients follow the stream, and the service is killed; at the
end events are posted and read back, beside a worker.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import orjson
import psutil

from benchmarks import serve_stream, serve_tokens
from benchmarks.http_load import closed_loop, fixed_rate, posted
from benchmarks.serve_data import written
from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.topics import Topics

PROFILES = 100_000
RATE_PER_S, SECONDS = 500, 20.0
CONNECTIONS = 16
BATCH = 100

Progress = Callable[[str], None]


def run(progress: Progress, profiles: int = PROFILES) -> dict[str, Any]:
    """The figures of the service; times of reads in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "broker") as broker:
        topics = Topics("bench", 4)
        asyncio.run(create_topics(broker.bootstrap, topics))
        ids, size = asyncio.run(written(broker.bootstrap, topics, profiles))
        progress(f"{profiles:,} snapshots of {size:,} bytes on average are on Kafka")
        service = _Service(broker.bootstrap, folder)
        catch_up_s = service.start()
        progress(f"caught up in {catch_up_s:.1f} s")
        figures = _reads(progress, service, ids)
        figures["memory_mb"] = service.memory_mb()
        restart_s = service.restart()
        progress(f"ready again {restart_s:.1f} s after a kill")
        figures |= serve_stream.run(service.port, broker.bootstrap, topics, service.restart)
        lost, doubled = figures["sse_lost"], figures["sse_doubled"]
        progress(
            f"stream: p99 {figures['sse_p99_ms']} ms; through {figures['sse_kills']} kills {lost} lost, {doubled} twice"
        )
        figures |= serve_tokens.run(service.port, service.settings, folder)
        progress(f"posted, then read with the token: p99 {figures['token_p99_ms']} ms, {figures['token_stale']} stale")
        service.stop()
    return {
        "profiles": profiles,
        "snapshot_bytes": size,
        "catch_up_s": round(catch_up_s, 1),
        "catch_up_per_s": round(profiles / catch_up_s),
        "restart_s": round(restart_s, 1),
        **figures,
    }


def _reads(progress: Progress, service: "_Service", ids: list[str]) -> dict[str, Any]:
    draw = Random(1)
    paths = [f"/v1/profiles/{draw.choice(ids)}" for _ in range(20_000)]
    asyncio.run(closed_loop(service.port, paths[:2_000], CONNECTIONS))  # warm
    at_rate = asyncio.run(fixed_rate(service.port, paths, RATE_PER_S, SECONDS))
    progress(f"{RATE_PER_S}/s: p50 {at_rate['p50_ms']} ms, p99 {at_rate['p99_ms']} ms")
    used = service.cpu_s()
    closed = asyncio.run(closed_loop(service.port, paths, CONNECTIONS))
    per_core = closed["count"] / (service.cpu_s() - used)
    progress(f"as fast as they come: {closed['per_s']:,.0f}/s, {per_core:,.0f} a second of a core")
    bodies = [orjson.dumps({"profile_ids": draw.sample(ids, BATCH)}) for _ in range(300)]
    batches = asyncio.run(posted(service.port, "/v1/profiles:batch", bodies))
    progress(f"batches of {BATCH}: p99 {batches['p99_ms']} ms")
    return {
        "read_p50_ms": at_rate["p50_ms"],
        "read_p99_ms": at_rate["p99_ms"],
        "reads_per_s": round(closed["per_s"]),
        "reads_per_core_s": round(per_core),
        "batch100_p50_ms": batches["p50_ms"],
        "batch100_p99_ms": batches["p99_ms"],
    }


class _Service:
    """`liveprofile serve` in a process of its own."""

    def __init__(self, bootstrap: str, folder: str) -> None:
        self.port = free_port()
        self.settings = {
            "LIVEPROFILE_BOOTSTRAP": bootstrap,
            "LIVEPROFILE_APP_ID": "bench",
            "LIVEPROFILE_DATA_DIR": folder,
            "LIVEPROFILE_SERVE__PORT": str(self.port),
            "LIVEPROFILE_SERVE__REQUESTS_PER_S": "1000000",
            "LIVEPROFILE_PSEUDONYM_KEY": "a key for benchmarks only",
        }
        self._environ = os.environ | self.settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds until it is ready."""
        began_s = time.perf_counter()
        self._process = subprocess.Popen([sys.executable, "-m", "liveprofile", "serve"], env=self._environ)
        while not self._is_ready():
            if self._process.poll() is not None:
                raise SystemExit("`liveprofile serve` has ended: see above.")
            time.sleep(0.02)
        return time.perf_counter() - began_s

    def restart(self) -> float:
        """Killed, and seconds until it is ready again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        return self.start()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(30)

    def memory_mb(self) -> int:
        assert self._process is not None
        return round(psutil.Process(self._process.pid).memory_info().rss / 2**20)

    def cpu_s(self) -> float:
        assert self._process is not None
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
