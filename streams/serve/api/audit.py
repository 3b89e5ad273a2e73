"""The audit of reads: who read which fields of whom, on a topic of its own; never a value, never a shop's own id."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice

import msgspec
import structlog

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.clock import now_ms
from liveprofile.streams.serve.api.call import Call
from liveprofile.streams.serve.follow.writer import NotWrittenError, Writer

log = structlog.get_logger(__name__)

EVERY_S = 0.2
AT_ONCE = 1_000
MOST_WAITING = 100_000
"""Records that wait for Kafka at most; what is beyond is counted and said."""
_ENCODER = msgspec.json.Encoder()


class Read(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of the topic `{app_id}.audit`."""

    time: str
    request_id: str
    token: str
    """Its name."""
    method: str
    route: str
    """With names for the ids in it."""
    status: int
    profiles: list[str] = []
    fields: tuple[str, ...] = ()


class Auditor:
    """Gathers records, and writes them a few times a second: a read does not wait for it."""

    def __init__(self, writer: Writer, topic: str) -> None:
        self._writer, self._topic = writer, topic
        self._waiting: deque[Read] = deque()
        self._dropped = 0
        self._task: asyncio.Task[None] | None = None

    def note(self, call: Call, method: str, status: int) -> None:
        """A request that concerned profiles, or was refused."""
        if not call.profiles and status not in (401, 403):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._dropped += 1
            return
        now = rfc3339(now_ms())
        read = Read(now, call.request_id, call.who.name, method, call.route, status, call.profiles, call.fields)
        self._waiting.append(read)

    def start(self) -> None:
        """Begin to write; in the event loop."""
        self._task = asyncio.create_task(self._write_all())

    async def stop(self) -> None:
        """Write what waits."""
        if self._task is not None:
            self._task.cancel()
            await self._write()

    async def _write_all(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self._write()

    async def _write(self) -> None:
        try:
            while self._waiting:
                values = [_ENCODER.encode(one) for one in islice(self._waiting, AT_ONCE)]
                for _ in range(await self._writer.send_all(self._topic, values)):
                    self._waiting.popleft()
        except NotWrittenError as error:
            log.warning(
                "reads are not audited yet: Kafka does not answer", waiting=len(self._waiting), problem=str(error)
            )
        if self._dropped:
            log.error("reads were not audited: too many waited for Kafka", reads=self._dropped)
            self._dropped = 0
