"""One address for the probes of all processes: `/livez`, `/readyz`, `/startupz`, and `/targets` for a scraper.

Each answer names every process with the address of its own page; figures are there, one page a process. `/targets` is
what Prometheus reads as `http_sd_configs`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from liveprofile.streams.runtime.probe_server import HEADERS, answer, listening
from liveprofile.streams.runtime.processes.child import Child
from liveprofile.streams.runtime.processes.supervisor import Supervisor

PATIENCE_S = 2.0
"""A process whose event loop does not answer for so long counts as not alive."""


@asynccontextmanager
async def pages(supervisor: Supervisor, host: str, port: int) -> AsyncIterator[None]:
    """Answer while the context is open; no server if `port` is 0. UserError if the port is taken."""
    if not port:
        yield
        return
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:
        paths = {
            "/livez": partial(_livez, supervisor, session),
            "/readyz": partial(_readyz, supervisor),
            "/startupz": partial(_startupz, supervisor),
            "/targets": partial(_targets, supervisor),
        }
        async with listening(host, port, paths):
            yield


async def _livez(supervisor: Supervisor, session: aiohttp.ClientSession, request: web.Request) -> web.Response:
    """Alive: no process that was ready once stands still. One that is being started again does not count."""
    children = [child for child in supervisor.children.values() if child.was_ready and child.exit_code is None]
    answers = await asyncio.gather(*(_is_alive(session, child) for child in children))
    silent = [child.place.name for child, alive in zip(children, answers, strict=True) if not alive]
    return answer({"alive": not silent, "silent": silent, "processes": _processes(supervisor)}, ok=not silent)


async def _readyz(supervisor: Supervisor, request: web.Request) -> web.Response:
    count = len(supervisor.places)
    ready = supervisor.ready == count
    words = f"{supervisor.ready} of {count} processes ready"
    return answer({"ready": ready, "words": words, "processes": _processes(supervisor)}, ok=ready)


async def _startupz(supervisor: Supervisor, request: web.Request) -> web.Response:
    done = supervisor.started_up
    return answer({"started": done, "processes": _processes(supervisor)}, ok=done)


async def _targets(supervisor: Supervisor, request: web.Request) -> web.Response:
    found = [
        {"targets": [urlsplit(place.page).netloc], "labels": {"instance_id": place.name}}
        for place in supervisor.places
        if place.page
    ]
    return web.json_response(found, headers=HEADERS)


async def _is_alive(session: aiohttp.ClientSession, child: Child) -> bool:
    try:
        async with session.get(f"{child.place.page}/livez") as answer:
            return answer.status == 200 or child.exit_code is not None
    except (aiohttp.ClientError, TimeoutError, OSError):
        return child.exit_code is not None


def _processes(supervisor: Supervisor) -> dict[str, Any]:
    """Every process by its instance id."""
    return {
        name: {
            "pid": child.pid,
            "running": child.exit_code is None,
            "ready": child.is_ready,
            "restarts": supervisor.restarts[name],
            "page": child.place.page,
        }
        for name, child in supervisor.children.items()
    }
