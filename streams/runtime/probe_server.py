"""The HTTP server behind probes, of a worker as of the supervisor of several: it listens, and answers in JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from liveprofile.streams.errors import UserError

HEADERS = {"Server": "liveprofile", "Cache-Control": "no-store"}
Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def listening(host: str, port: int, paths: Mapping[str, Handler]) -> AsyncIterator[None]:
    """Answer GET requests of these paths while the context is open. UserError if the port is taken."""
    app = web.Application()
    for path, handler in paths.items():
        app.router.add_get(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise UserError(
                f"Probes cannot listen on {host}:{port} ({error.strerror or error}).",
                "Give worker.probe_port another port, or 0 for no probes.",
            ) from None
        yield
    finally:
        await runner.cleanup()


def answer(body: dict[str, Any], *, ok: bool) -> web.Response:
    """200, or 503 where the answer to a probe is no."""
    return web.json_response(body, status=200 if ok else 503, headers=HEADERS)
