"""The stream: from a change that is durable on Kafka to 300 clients, and what they miss or get twice through kills.

Clients read with plain sockets, in one process. Each comes back with its last id when the service was killed.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import orjson
from aiokafka import AIOKafkaProducer

from liveprofile.streams.contract.topics import Topics

CLIENTS, RATE_PER_S, SECONDS = 300, 94, 20.0
WARM_S = 3.0
KILLS, KILLED_CLIENTS = 20, 30
PATIENCE_S = 60.0
_NUMBER = re.compile(rb'"message":"(\d+)\.')


class Reader:
    """One client."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._last = b""
        self.seen: Counter[int] = Counter()
        self.arrived_s: dict[int, float] = {}
        self.is_live = asyncio.Event()

    async def run(self) -> None:
        """Read until cancelled; come back after an end."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._read()
            await asyncio.sleep(0.1)

    async def _read(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            resumed = b"Last-Event-ID: " + self._last + b"\r\n" if self._last else b""
            writer.write(b"GET /v1/stream?topics=changes HTTP/1.1\r\nHost: localhost\r\n" + resumed + b"\r\n")
            name, number = b"", None
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    name = line[4:].strip()
                elif line.startswith(b"data: ") and (found := _NUMBER.search(line)):
                    number = int(found[1])
                elif line.startswith(b"event: live"):
                    self.is_live.set()
                elif line == b"\n" and name:  # a frame counts once it is whole
                    self._last, name = name, b""
                    if number is not None:
                        self.seen[number] += 1
                        self.arrived_s.setdefault(number, time.perf_counter())
                        number = None
        finally:
            writer.close()


def run(port: int, bootstrap: str, topics: Topics, restart: Callable[[], float]) -> dict[str, Any]:
    """`sse_p50_ms`, `sse_p99_ms`; `sse_lost`, `sse_doubled` through kills of the service by `restart`."""
    return asyncio.run(_run(port, bootstrap, topics, restart))


async def _run(port: int, bootstrap: str, topics: Topics, restart: Callable[[], float]) -> dict[str, Any]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        times_ms = await _latencies(port, producer, topics)
        lost, doubled = await _through_kills(port, producer, topics, restart)
    finally:
        await producer.stop()
    p50, p99 = np.percentile(times_ms, (50, 99))
    return {
        "sse_clients": CLIENTS,
        "sse_p50_ms": round(float(p50), 1),
        "sse_p99_ms": round(float(p99), 1),
        "sse_kills": KILLS,
        "sse_lost": lost,
        "sse_doubled": doubled,
    }


async def _latencies(port: int, producer: Any, topics: Topics) -> list[float]:
    """Milliseconds from a change's acknowledgement to each client."""
    readers, tasks = await _connected(port, CLIENTS)
    acked_s: dict[int, float] = {}
    began_s = time.perf_counter()
    for number in range(int(RATE_PER_S * SECONDS)):
        await asyncio.sleep(max(0.0, began_s + number / RATE_PER_S - time.perf_counter()))
        await producer.send_and_wait(topics.profile_changes, _change(number), key=b"%032x" % number)
        acked_s[number] = time.perf_counter()
    await _until(lambda: all(len(one.seen) == len(acked_s) for one in readers))
    await _cancelled(tasks)
    warm = range(int(RATE_PER_S * WARM_S), len(acked_s))
    return [max(0.0, one.arrived_s[number] - acked_s[number]) * 1000 for one in readers for number in warm]


async def _through_kills(port: int, producer: Any, topics: Topics, restart: Callable[[], float]) -> tuple[int, int]:
    """Changes that a client did not get, and that one got twice, while the service was killed over and over."""
    readers, tasks = await _connected(port, KILLED_CLIENTS)
    numbers, done = iter(range(1_000_000, 2_000_000)), asyncio.Event()
    sent: list[int] = []

    async def write() -> None:
        while not done.is_set():
            number = next(numbers)
            await producer.send_and_wait(topics.profile_changes, _change(number), key=b"%032x" % number)
            sent.append(number)
            await asyncio.sleep(1 / RATE_PER_S)

    writing = asyncio.create_task(write())
    for _ in range(KILLS):
        await asyncio.to_thread(restart)
        await asyncio.sleep(0.5)
    done.set()
    await writing
    with suppress(TimeoutError):
        await _until(lambda: all(len(one.seen) == len(sent) for one in readers))
    await _cancelled(tasks)
    lost = sum(number not in one.seen for one in readers for number in sent)
    return lost, sum(count - 1 for one in readers for count in one.seen.values())


async def _connected(port: int, count: int) -> tuple[list[Reader], list[asyncio.Task[None]]]:
    readers = [Reader(port) for _ in range(count)]
    tasks = [asyncio.create_task(one.run()) for one in readers]
    async with asyncio.timeout(PATIENCE_S):
        for one in readers:
            await one.is_live.wait()
    return readers, tasks


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - readers tell nobody
            await asyncio.sleep(0.1)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _change(number: int) -> bytes:
    """A version with one change, and its number in the message."""
    reason = {"code": "INTEREST_ENTERED", "rule": "share-enters@1", "threshold": 0.25, "observed": 0.4}
    one = {"path": "interests.short", "op": "replace", "before": ["a"], "after": ["a", "b"], "reason": reason}
    record = {"profile_id": f"{number:032x}", "version": 1, "origin": "live", "evidence": [], "models": {}}
    return orjson.dumps(record | {"changes": [one | {"message": f"{number}. It changed."}]})
