"""HTTP probes of a worker: `/livez` (alive) and `/readyz` (loaded); nothing else, and no data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiohttp import web

from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.runtime import Runtime

HEADERS = {"Server": "liveprofile", "Cache-Control": "no-store"}


@asynccontextmanager
async def probes(runtime: Runtime, host: str, port: int) -> AsyncIterator[None]:
    """Answer probes while the context is open; no server if `port` is 0. UserError if the port is taken."""
    if not port:
        yield
        return
    app = web.Application()
    app.router.add_get("/livez", partial(_livez, runtime))
    app.router.add_get("/readyz", partial(_readyz, runtime))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise UserError(
            f"Probes cannot listen on {host}:{port} ({error.strerror or error}).",
            "Give worker.probe_port another port, or 0 for no probes.",
        ) from None


async def _livez(runtime: Runtime, request: web.Request) -> web.Response:
    return _answer({"alive": not runtime.failed.done()}, ok=not runtime.failed.done())


async def _readyz(runtime: Runtime, request: web.Request) -> web.Response:
    ready = runtime.is_ready
    return _answer({"ready": ready, "loading": still_loading(runtime)}, ok=ready)


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


def _answer(body: dict[str, Any], *, ok: bool) -> web.Response:
    return web.json_response(body, status=200 if ok else 503, headers=HEADERS)
