"""Routes of anomalies: all that are open or were, by severity; one; and a verdict on one."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from liveprofile.profiles.facts.facts import AnomalyChanged, rfc3339
from liveprofile.streams.clock import now_ms
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.body import body_as
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.locale import VARY, Locale, language_of, record_in
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import accepted, answer, require_ready
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.anomalies import Anomaly

STATE = Literal["open", "raised", "updated", "cleared"]


class AnomalyPage(msgspec.Struct, frozen=True):
    """A page of anomalies at their last step, the most severe first, then the latest."""

    total: int
    anomalies: list[AnomalyChanged]
    after: str | None
    """What to ask for the next page with; null on the last one."""


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody found out about an anomaly."""

    verdict: Literal["real", "false-alarm"]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Judged(msgspec.Struct, frozen=True):
    """A verdict that is durable on Kafka."""

    anomaly_id: str
    verdict: str
    by: str
    """Name of the token."""
    time: str
    position: str
    """Where its record is."""


class AnomalyAnswer(msgspec.Struct, frozen=True):
    """An anomaly at its last step, with the last verdict."""

    anomaly: AnomalyChanged
    verdict: dict[str, Any] | None


def anomaly_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(
        "/v1/anomalies",
        operation_id="listAnomalies",
        opt={"scopes": ("anomaly:read",)},
        responses=answers(AnomalyPage, "A page of anomalies."),
    )
    async def list_(
        request: Request[Any, Any, Any],
        in_state: Annotated[
            STATE | None, QueryParameter(name="state", description="open: all but cleared ones.")
        ] = None,
        kind: FromQuery[str | None] = None,
        severity: Annotated[int | None, QueryParameter(ge=0, le=100, description="At least so much.")] = None,
        after: Annotated[str | None, QueryParameter(description="The last id of the page before.")] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        locale: Locale = None,
    ) -> Response[bytes]:
        """Anomalies of all profiles."""
        require_ready(service)
        language = language_of(request, service, locale)
        found = sorted(
            (one for one in _all(service) if _fits(one, in_state, kind, severity)), key=lambda one: one.order
        )
        total = len(found)
        if after is not None:
            last = service.store.anomalies.by_id.get(after)
            if last is None:
                raise ProblemError("bad-request", "after names no anomaly: begin again without it.")
            found = [one for one in found if one.order > last.order]
        page = found[:limit]
        values = [record_in(last, language) for last in map(service.store.anomalies.last, page) if last is not None]
        more = page[-1].anomaly_id if len(found) > limit else None
        tail = msgspec.json.encode({"after": more})
        return answer(b'{"total":%d,"anomalies":[%s],' % (total, b",".join(values)) + tail[1:], VARY)

    @get(
        "/v1/anomalies/{anomaly_id:str}",
        operation_id="readAnomaly",
        opt={"scopes": ("anomaly:read",)},
        responses=answers(AnomalyAnswer, "The anomaly."),
    )
    async def read(
        request: Request[Any, Any, Any], anomaly_id: FromPath[str], locale: Locale = None
    ) -> Response[bytes]:
        """One anomaly at its last step, with the last verdict that this replica knows."""
        one, language = _one(service, anomaly_id), language_of(request, service, locale)
        call_of(request).profiles.append(one.profile_id.hex())
        verdict = msgspec.json.encode(service.store.verdict(one.anomaly_id))
        last = service.store.anomalies.last(one)
        shown = b"null" if last is None else record_in(last, language)
        return answer(b'{"anomaly":%s,"verdict":%s}' % (shown, verdict), VARY)

    @post(
        "/v1/anomalies/{anomaly_id:str}/verdict",
        operation_id="judgeAnomaly",
        opt={"scopes": ("anomaly:verdict",)},
        status_code=202,
        responses=answers(Judged, "The verdict is durable on Kafka.", status=202),
    )
    async def judge(request: Request[Any, Any, Any], anomaly_id: FromPath[str]) -> Response[bytes]:
        """Say whether an anomaly was real: a record of the topic `feedback`."""
        verdict, one, call = await body_as(request, Verdict), _one(service, anomaly_id), call_of(request)
        call.profiles.append(one.profile_id.hex())
        now = rfc3339(now_ms())
        record = {
            "event_id": f"{one.anomaly_id}/{call.request_id}",
            "about": "anomaly",
            "name": one.anomaly_id,
            "verdict": verdict.verdict,
            "kind": one.kind,
            "reason": verdict.reason,
            "by": call.who.name,
            "ts": now,
        }
        topic = service.settings.topics.feedback
        position = await service.writer.send(topic, one.profile_id.hex().encode(), msgspec.json.encode(record))
        return accepted(Judged(one.anomaly_id, verdict.verdict, call.who.name, now, str(position)))

    return [list_, read, judge]


def _all(service: Service) -> list[Anomaly]:
    return list(service.store.anomalies.by_id.values())


def _fits(one: Anomaly, state: str | None, kind: str | None, severity: int | None) -> bool:
    return (
        (state is None or one.state == state or (state == "open" and one.state != "cleared"))
        and (kind is None or one.kind == kind)
        and (severity is None or one.severity >= severity)
    )


def _one(service: Service, anomaly_id: str) -> Anomaly:
    found = service.store.anomalies.by_id.get(anomaly_id.lower())
    if found is None:
        require_ready(service)
        raise ProblemError("not-found", "There is no anomaly with this id.")
    return found
