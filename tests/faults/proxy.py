"""A TCP proxy on loopback that can be slow, cut connections off, or reset them: a network that fails when told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from random import Random
from typing import Self

_CHUNK = 64 * 1024
_CHUNKS_UNDER_WAY = 64
"""Of one direction of a connection: what is behind waits with the sender."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST instead of FIN."""


class Proxy:
    """Forwards connections at 127.0.0.1:`port` to 127.0.0.1:`target`, in a thread and an event loop of its own.

    Every method returns at once and may be called from any thread; bytes keep their order whatever happens.
    """

    def __init__(self, target: int = 0, seed: int = 0) -> None:
        """`target` may be set later, before the first connection."""
        self.target = target
        self.connections = 0
        """Accepted so far."""
        self._random = Random(seed)
        self._delay_s = (0.0, 0.0)
        self._pipes: set[_Pipe] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name=f"proxy on {self.port}", daemon=True)

    @property
    def bootstrap(self) -> str:
        """`host:port` for Kafka clients."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def delay(self, low_s: float, high_s: float) -> None:
        """From now on let every piece take so long, each way: between these two, at random."""
        self._delay_s = (low_s, high_s)

    def cut(self) -> None:
        """Let nothing pass: connections stay open and are accepted, and neither side hears from the other."""
        self._call(self._open.clear)

    def heal(self) -> None:
        """Let everything pass again, also what waited meanwhile, and without delay."""
        self._delay_s = (0.0, 0.0)
        self._call(self._open.set)

    def reset(self) -> None:
        """Reset all connections that there are."""
        self._call(lambda: [pipe.reset() for pipe in self._pipes])

    def _call(self, action: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._socket))
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await self._open.wait()
        try:
            answers, upstream = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pipes = {_Pipe(reader, upstream, self._open, self._due), _Pipe(answers, writer, self._open, self._due)}
        self._pipes |= pipes
        running = [asyncio.create_task(pipe.run()) for pipe in pipes]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pipes -= pipes
            for task in running:
                task.cancel()
            upstream.close()
            writer.close()

    def _due(self) -> float:
        """When a piece that has come now may go out, by the loop's clock."""
        return self._loop.time() + self._random.uniform(*self._delay_s)


class _Pipe:
    """One direction of one connection: pieces read go out in order, none before it is due or while it is cut."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passes: asyncio.Event,
        due: Callable[[], float],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._passes = passes
        self._due = due
        self._under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_CHUNKS_UNDER_WAY)

    async def run(self) -> None:
        """Pass everything on until one side closes or fails."""
        reading = asyncio.create_task(self._read())
        try:
            with contextlib.suppress(OSError):
                await self._write()
        finally:
            reading.cancel()

    def reset(self) -> None:
        """End the connection with RST."""
        end = self._writer.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()

    async def _read(self) -> None:
        piece = b"-"
        while piece:
            try:
                piece = await self._reader.read(_CHUNK)
            except OSError:
                piece = b""
            await self._under_way.put((self._due(), piece))

    async def _write(self) -> None:
        while True:
            due, piece = await self._under_way.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await self._passes.wait()
            if not piece:
                return
            self._writer.write(piece)
            await self._writer.drain()
