"""A small HTTP client for load: kept connections, one request at a time on each, times of every answer."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

WARM_S = 2.0
"""The beginning that does not count."""


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "_Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))

    async def ask(self, request: bytes) -> int:
        """Send a request and read the whole answer; its status."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        at = head.lower().index(b"content-length: ") + 16
        await self._reader.readexactly(int(head[at : head.index(b"\r", at)]))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def closed_loop(port: int, paths: Sequence[str], connections: int) -> dict[str, Any]:
    """As fast as answers come, over so many connections."""
    waiting = [_get(path) for path in paths]

    async def work() -> None:
        connection = await _Connection.open(port)
        while waiting:
            assert await connection.ask(waiting.pop()) == 200
        connection.close()

    began_s = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return {"count": len(paths), "per_s": len(paths) / (time.perf_counter() - began_s)}


async def fixed_rate(port: int, paths: Sequence[str], per_s: float, seconds: float, most: int = 64) -> dict[str, Any]:
    """At fixed times, whether earlier answers have come or not; a time counts from when the request was due."""
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(most):
        free.put_nowait(await _Connection.open(port))
    times_ms: list[float] = []
    began_s = time.perf_counter()

    async def one(due_s: float, request: bytes) -> None:
        connection = await free.get()
        assert await connection.ask(request) == 200
        free.put_nowait(connection)
        if due_s - began_s > WARM_S:
            times_ms.append((time.perf_counter() - due_s) * 1000)

    tasks = []
    for at in range(int(per_s * (seconds + WARM_S))):
        due_s = began_s + at / per_s
        if (ahead_s := due_s - time.perf_counter()) > 0:
            await asyncio.sleep(ahead_s)
        tasks.append(asyncio.create_task(one(due_s, _get(paths[at % len(paths)]))))
    await asyncio.gather(*tasks)
    return _percentiles(times_ms)


async def posted(port: int, path: str, bodies: Sequence[bytes]) -> dict[str, Any]:
    """One after the other, over one connection."""
    connection, times_ms = await _Connection.open(port), []
    for body in bodies:
        began_s = time.perf_counter()
        assert await connection.ask(_post(path, body)) == 200
        times_ms.append((time.perf_counter() - began_s) * 1000)
    connection.close()
    return _percentiles(times_ms)


def _percentiles(times_ms: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(times_ms, (50, 99))
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}
