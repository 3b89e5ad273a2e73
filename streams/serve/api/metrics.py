"""The route of the metrics: the text format of Prometheus, without data of shoppers."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from liveprofile.streams.metrics.registry import registry
from liveprofile.streams.metrics.scrape import scrape
from liveprofile.streams.serve.api.readings import ServiceReadings
from liveprofile.streams.serve.api.requests import Requests
from liveprofile.streams.serve.service import Service


def metrics_routes(service: Service, requests: Requests) -> list[HTTPRouteHandler]:
    """The handler."""
    readings = ServiceReadings(service, requests)

    @get("/metrics", opt={"scopes": ("metrics:read",)}, include_in_schema=False)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """All metrics, in the format that was asked for."""
        asked = request.headers
        found = scrape(registry(readings()), asked.get("accept", ""), asked.get("accept-encoding", ""))
        return Response(found.body, headers=found.headers)

    return [metrics]
