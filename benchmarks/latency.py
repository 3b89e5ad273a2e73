"""Click to change, end to end, at the demo's rate: from the event's time stamp to the arrival of the change it caused.

Everything runs on one machine: broker, worker, traffic and this consumer. Beside it stands what the broker alone takes:
a record written and read back by plain aiokafka.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.shop import MODEL, Shop, open_shop

RATE, USERS, WARM_S, MEASURE_S = 200, 2_000, 10.0, 40.0
STOP_S = 30.0
"""What a worker may take to write its last checkpoint and leave."""

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Percentiles in milliseconds over 40 s after 10 s of warming up."""
    with open_shop() as shop:
        trips = asyncio.run(round_trips(shop))
        progress(f"the broker alone: p50 {np.percentile(trips, 50):.1f} ms")
        traffic = ("traffic", "--rate", str(RATE), "--users", str(USERS), "--for", "120")
        with running(shop, "worker"), running(shop, *traffic):
            latencies, changes = asyncio.run(watch_changes(shop, progress))
    p50, p95, p99 = np.percentile(latencies, [50, 95, 99])
    return {
        "p50_ms": round(float(p50), 1),
        "p95_ms": round(float(p95), 1),
        "p99_ms": round(float(p99), 1),
        "changes": changes,
        "events_per_s": RATE,
        "broker_round_trip_p50_ms": round(float(np.percentile(trips, 50)), 1),
        "broker_round_trip_p99_ms": round(float(np.percentile(trips, 99)), 1),
    }


@contextmanager
def running(shop: Shop, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A command of liveprofile in a process, a worker once it is ready; it is ended with the block."""
    process = start_worker(shop, *words) if words[0] == "worker" else start_command(shop, *words)
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]", within_s: float = STOP_S) -> None:
    """SIGTERM, and kill -9 for what is there `within_s` later."""
    process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start_worker(shop: Shop, *words: str) -> "subprocess.Popen[bytes]":
    """A worker that is ready. SystemExit if it ends before."""
    ready = Path(shop.settings.data_dir) / "ready"
    ready.unlink(missing_ok=True)  # of a worker that was killed
    worker = start_command(shop, *(words or ("worker",)), "--ready-file", str(ready))
    try:
        while not ready.exists():
            if worker.poll() is not None:
                log = Path(shop.settings.data_dir) / "worker.log"
                raise SystemExit(f"the worker ended with {worker.returncode}:\n{log.read_text()[-2_000:]}")
            time.sleep(0.05)
    except BaseException:
        worker.kill()
        raise
    return worker


def start_command(shop: Shop, *words: str) -> "subprocess.Popen[bytes]":
    """A command of liveprofile in a process; what it says goes to NAME.log in the data folder."""
    environment = os.environ | {
        "LIVEPROFILE_APP_ID": shop.settings.app_id,
        "LIVEPROFILE_BOOTSTRAP": shop.bootstrap,
        "LIVEPROFILE_DATA_DIR": shop.settings.data_dir,
        "LIVEPROFILE_MODEL_DIR": str(MODEL),
        "LIVEPROFILE_PARTITIONS": str(shop.settings.partitions),
        "LIVEPROFILE_PSEUDONYM_KEY": "a key for benchmarks only",
    }
    log = Path(shop.settings.data_dir) / f"{words[0]}.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "liveprofile", *words]
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


async def watch_changes(shop: Shop, progress: Progress) -> tuple[list[float], int]:
    """Latencies of the changes that arrive after the warm-up, in milliseconds."""
    latencies: list[float] = []
    began = time.monotonic()
    consumer = AIOKafkaConsumer(shop.topics.profile_changes, bootstrap_servers=shop.bootstrap)
    await consumer.start()
    try:
        while (elapsed_s := time.monotonic() - began) < WARM_S + MEASURE_S:
            fetched = await consumer.getmany(timeout_ms=200)
            now_ms = time.time() * 1000
            for record in (record for records in fetched.values() for record in records):
                cause = datetime.fromisoformat(dict(record.headers)["ce_time"].decode())
                if elapsed_s > WARM_S:
                    latencies.append(now_ms - cause.timestamp() * 1000)
    finally:
        await consumer.stop()
    progress(f"{len(latencies)} changes in {MEASURE_S:.0f} s")
    return latencies, len(latencies)


async def round_trips(shop: Shop, count: int = 300) -> list[float]:
    """Milliseconds from writing a record to reading it back, one at a time."""
    consumer = AIOKafkaConsumer(shop.topics.dead_letters, bootstrap_servers=shop.bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=shop.bootstrap, acks="all")
    await consumer.start()
    await producer.start()
    trips = []
    try:
        await consumer.seek_to_end()
        for _ in range(count):
            began = time.perf_counter()
            await producer.send(shop.topics.dead_letters, b"x" * 200)
            await consumer.getone()
            trips.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.005)
    finally:
        await producer.stop()
        await consumer.stop()
    return trips
