"""The application: all routes behind the door, with problems for answers where something is wrong."""

from typing import Any

import structlog
from litestar import Litestar, MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from liveprofile.streams.serve.api.anomalies import anomaly_routes
from liveprofile.streams.serve.api.call import call_of, require
from liveprofile.streams.serve.api.door import Door, House
from liveprofile.streams.serve.api.erasures import erasure_routes
from liveprofile.streams.serve.api.events import event_routes
from liveprofile.streams.serve.api.history import history_routes
from liveprofile.streams.serve.api.meta import meta_routes
from liveprofile.streams.serve.api.metrics import metrics_routes
from liveprofile.streams.serve.api.nearby import nearby_routes
from liveprofile.streams.serve.api.problems import MEDIA_TYPE, ProblemError, no_kafka
from liveprofile.streams.serve.api.profiles import profile_routes
from liveprofile.streams.serve.api.quick import Quick
from liveprofile.streams.serve.api.rule_edits import rule_edit_routes
from liveprofile.streams.serve.api.rules import rule_routes
from liveprofile.streams.serve.api.segments import segment_routes
from liveprofile.streams.serve.api.stream import stream_routes
from liveprofile.streams.serve.api.streams import stream_state_routes
from liveprofile.streams.serve.follow.writer import NotWrittenError
from liveprofile.streams.serve.rules.rulebook import Rulebook
from liveprofile.streams.serve.service import Service

log = structlog.get_logger(__name__)

_KINDS = {400: "bad-request", 404: "not-found", 405: "wrong-method", 413: "too-large", 415: "unsupported-media-type"}


def application(service: Service, house: House) -> Door:
    """The ASGI application."""
    rulebook = Rulebook(service.store, service.publisher)
    routes = [
        *profile_routes(service),
        *history_routes(service),
        *nearby_routes(service),
        *anomaly_routes(service),
        *segment_routes(service),
        *event_routes(service),
        *erasure_routes(service),
        *rule_routes(service, rulebook),
        *rule_edit_routes(service, rulebook),
        *stream_state_routes(service),
        *meta_routes(service),
        *stream_routes(service),
        *metrics_routes(service, house.requests),
    ]
    inside = Litestar(
        routes,
        guards=[require],
        openapi_config=_openapi(),
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _of_litestar,
            NotWrittenError: _not_written,
            Exception: _failed,
        },
        logging_config=None,
    )
    return Door(Quick(inside, service), house)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Liveprofile",
        version="1",
        description="Profiles of shoppers, their changes and anomalies: read, explained, at any version.",
        path="/v1/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/", media_type=MediaType.JSON)],
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
    )


def _problem(_: Request[Any, Any, Any], problem: ProblemError) -> Response[bytes]:
    return Response(problem.body, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def _of_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses. The values of parameters are not repeated: they may be ids."""
    kind = _KINDS.get(error.status_code)
    if kind is None:
        return _failed(request, error)
    detail = error.detail or ""
    if kind == "bad-request":
        extra = error.extra if isinstance(error.extra, list) else []
        wrong = [f"{one.get('key')}: {one.get('message')}" for one in extra if isinstance(one, dict)]
        detail = "; ".join(wrong) or "A parameter is wrong."
    if kind == "not-found":
        detail = "There is no such page."
    if kind == "wrong-method":
        detail = f"{request.method} is not answered here."
    return _problem(request, ProblemError(kind, detail, error.headers))


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of the service: the log has it, the answer only the way to it."""
    log.error("a request failed", **call_of(request).for_log, problem=type(error).__name__, exc_info=error)
    return _problem(request, ProblemError("internal", "The service could not answer; its log has the Request-Id."))


def _not_written(request: Request[Any, Any, Any], _: NotWrittenError) -> Response[bytes]:
    text = "Kafka did not confirm the record: it may be there or not. Repeat it."
    return _problem(request, no_kafka(text))
