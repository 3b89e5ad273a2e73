"""The HTTP port of a worker: the probes `/livez`, `/readyz` and `/startupz`, and its metrics; no data of shoppers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from liveprofile.streams.metrics.registry import registry
from liveprofile.streams.metrics.scrape import scrape
from liveprofile.streams.runtime.absence import failure_of
from liveprofile.streams.runtime.health import Health
from liveprofile.streams.runtime.probe_server import HEADERS, answer, listening
from liveprofile.streams.runtime.readings import WorkerReadings
from liveprofile.streams.runtime.runtime import Runtime

STALL_S = 120.0
"""How long a partition with work may stand still."""
Digests = tuple[str, str]
"""Of the settings, and of the policy of the fold."""


@asynccontextmanager
async def probes(
    runtime: Runtime, host: str, port: int, *, stall_s: float = STALL_S, digests: Digests = ("", "")
) -> AsyncIterator[None]:
    """Answer probes and scrapes while the context is open; no server if `port` is 0. UserError if the port is taken."""
    if not port:
        yield
        return
    health = Health(runtime, stall_s)
    config, policy = digests
    answers = Answers(runtime, health, WorkerReadings(runtime, health, config=config, policy=policy))
    paths = {
        "/livez": answers.livez,
        "/readyz": answers.readyz,
        "/startupz": answers.startupz,
        "/metrics": answers.metrics,
    }
    async with listening(host, port, paths):
        watching = asyncio.create_task(_watch(runtime, health), name="health")
        yield
        watching.cancel()


async def _watch(runtime: Runtime, health: Health) -> None:
    """A worker that nobody watches any more would never be found dead: an error ends it."""
    try:
        await health.watch()
    except Exception as error:
        runtime.fail(error)


class Answers:
    """What is answered to each path."""

    def __init__(self, runtime: Runtime, health: Health, readings: WorkerReadings) -> None:
        self._runtime, self._health, self._readings = runtime, health, readings

    async def livez(self, request: web.Request) -> web.Response:
        """Whether a restart would not help: work goes on, or there is none, or Kafka is away."""
        failure, stalls = failure_of(self._runtime.failed), self._health.stalls
        body: dict[str, Any] = {"alive": failure is None and not stalls}
        if failure is not None:
            body["failed"] = type(failure).__name__
        if stalls:
            body["stalled"] = [one.told() for one in stalls]
        return answer(body | self._kafka(), ok=body["alive"])

    async def readyz(self, request: web.Request) -> web.Response:
        """Whether all partitions are loaded, and Kafka answers."""
        ready = self._health.is_ready
        return answer({"ready": ready, "loading": still_loading(self._runtime)} | self._kafka(), ok=ready)

    async def startupz(self, request: web.Request) -> web.Response:
        """Whether the worker was ready once."""
        started = self._health.has_started or self._runtime.is_ready
        return answer({"started": started, "loading": still_loading(self._runtime)}, ok=started)

    async def metrics(self, request: web.Request) -> web.Response:
        """All metrics, in the format that was asked for.

        They are read at once, in the event loop; the text is made beside it, because that takes 10 to 20 ms.
        """
        accept, encodings = request.headers.get("Accept", ""), request.headers.get("Accept-Encoding", "")
        read = list(self._readings())
        body, headers = await asyncio.to_thread(lambda: scrape(registry(read), accept, encodings))
        return web.Response(body=body, headers=HEADERS | headers)

    def _kafka(self) -> dict[str, str]:
        away = self._runtime.outbox.away or not self._health.kafka_answers
        return {"kafka": "does not answer"} if away else {}


def still_loading(runtime: Runtime) -> list[dict[str, Any]]:
    """The partitions that are not loaded yet, and their progress in offsets; `of` is None until it is known."""
    found = [(queue, queue.progress) for queue in runtime.partition_queues if not queue.loaded.is_set()]
    return [
        {
            "stage": queue.stage.name,
            "partition": queue.partition,
            "loaded": progress.done if progress else 0,
            "of": progress.total if progress else None,
        }
        for queue, progress in found
    ]
