"""The route of the stream: changes and anomalies as server-sent events."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.response import Stream

from liveprofile.streams.query.filters import Filters
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import READ_SCOPES, id_of, require_ready
from liveprofile.streams.serve.auth.scopes import Principal
from liveprofile.streams.serve.push.frames import unpacked
from liveprofile.streams.serve.push.wanted import Wanted
from liveprofile.streams.serve.service import Service

KINDS = ("changes", "anomalies")
HEADERS = {"X-Accel-Buffering": "no", "Connection": "keep-alive"}


def stream_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(
        "/v1/stream",
        operation_id="stream",
        opt={"scopes": (*READ_SCOPES, "anomaly:read")},
        media_type="text/event-stream",
        responses=answers(str, "Server-sent events.", media_type="text/event-stream"),
    )
    async def stream(
        request: Request[Any, Any, Any],
        topics: Annotated[
            str, QueryParameter(description="changes, anomalies, or both with a comma.")
        ] = "changes,anomalies",
        path: Annotated[str | None, QueryParameter(description="Changes of this path, or below it.")] = None,
        segment: Annotated[str | None, QueryParameter(description="Who enters or leaves it.")] = None,
        profile: Annotated[str | None, QueryParameter(description="A profile id.")] = None,
        kind: Annotated[str | None, QueryParameter(description="A kind of anomaly.")] = None,
        severity: Annotated[int | None, QueryParameter(ge=0, le=100, description="Of at least so much.")] = None,
        max_rate: Annotated[
            float | None, QueryParameter(gt=0, le=10_000, description="Frames a second at most.")
        ] = None,
        last_event_id: Annotated[str | None, QueryParameter(description="As the header.")] = None,
    ) -> Stream:
        """Changes and anomalies as they happen; with Last-Event-ID from there on, at any replica."""
        require_ready(service)
        if service.hub.is_full:
            raise ProblemError("too-many-requests", "The stream has no room for a client.", {"Retry-After": "5"})
        who, chosen = call_of(request).who, _kinds(topics)
        wanted = _wanted(who, chosen, path, segment, profile, kind, severity, service.hub.changes_topic)
        if profile is not None:
            call_of(request).profiles.append(id_of(profile).hex())
        offsets = _offsets(request.headers.get("last-event-id") or last_event_id, len(service.hub.places))
        frames = service.hub.stream(wanted, offsets, max_rate, call_of(request).still)
        return Stream(frames, media_type="text/event-stream", headers=HEADERS)

    return [stream]


def _kinds(text: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    if not chosen or any(one not in KINDS for one in chosen):
        raise ProblemError("bad-request", f"topics are {' and '.join(KINDS)}, with a comma between them.")
    return chosen


def _wanted(
    who: Principal,
    chosen: tuple[str, ...],
    path: str | None,
    segment: str | None,
    profile: str | None,
    kind: str | None,
    severity: int | None,
    changes_topic: str,
) -> Wanted:
    """Filters by what the token sees. A ProblemError where it sees nothing of what is asked for."""
    if path is not None and not who.sees_path(path):
        raise ProblemError(
            "not-allowed", f"The token {who.name!r} does not see changes of this path.", scope="profile:read"
        )
    changes = Filters(profile=profile, path=path, segment=segment) if "changes" in chosen and who.groups else None
    sees_anomalies = who.may("anomaly:read") or who.sees_field("anomalies")
    anomalies = None
    if "anomalies" in chosen and sees_anomalies and path is None and segment is None:
        anomalies = Filters(profile=profile, kind=kind, min_severity=severity)
    if changes is not None and (kind is not None or severity is not None):
        changes = None
    if changes is None and anomalies is None:
        raise ProblemError("not-allowed", f"The token {who.name!r} sees nothing of this stream.", scope="anomaly:read")
    return Wanted(who, changes, anomalies, changes_topic)


def _offsets(text: str | None, count: int) -> list[int] | None:
    if not text:
        return None
    try:
        offsets = unpacked(text)
    except (ValueError, UnicodeEncodeError):
        offsets = []
    if len(offsets) != count:
        raise ProblemError("bad-request", "Last-Event-ID is not an id of this stream: begin again without it.")
    return offsets
