"""Routes of the streams: topics, partitions with rate and lag, workers; and what was refused."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter
from msgspec.structs import replace

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.clock import now_ms
from liveprofile.streams.query.status import Part, Status, laggard_in_words
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError, no_kafka
from liveprofile.streams.serve.api.reading import answer
from liveprofile.streams.serve.api.times import time_of
from liveprofile.streams.serve.auth.scopes import ANOMALY
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.refused import DAY_MS, Refused

SCOPES = ("stream:read",)


class TopicRate(msgspec.Struct, frozen=True):
    """A topic that stages read."""

    topic: str
    stage: str
    partitions: int
    records: int
    """Ever written, as offsets count them."""
    records_per_s: float | None
    """Written, since the look before; null after the first."""
    lag_records: int
    lag_seconds: float
    """Of the partition that is furthest behind."""


class Streams(msgspec.Struct, frozen=True):
    """What workers do, at one moment."""

    status: Status
    topics: list[TopicRate]


class RefusedCount(msgspec.Struct, frozen=True):
    """Refused records of one reason and source."""

    reason: str
    source: str
    count: int


class RefusedPage(msgspec.Struct, frozen=True):
    """What was refused, by the day, without what was sent."""

    since: str
    total: int
    counts: list[RefusedCount]
    """The most first; of whole days."""
    samples: list[Refused]
    """The newest first."""
    command: str
    """Shows the dead letters with the structure of each record."""


def stream_state_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get("/v1/streams", operation_id="readStreams", opt={"scopes": SCOPES}, responses=answers(Streams, "Streams."))
    async def streams(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Topics with rates, partitions with lag by stage, workers, checkpoints; at most two seconds old."""
        try:
            found, before = await service.lookout.look()
        except TimeoutError:
            raise ProblemError("too-slow", "Kafka did not tell it in time.", {"Retry-After": "5"}) from None
        except LiveprofileError as error:
            raise no_kafka(str(error)) from None
        if not call_of(request).who.may(ANOMALY):
            found = _without_anomalies(found)
        age = str(max(0, (now_ms() - found.at_ms) // 1000))
        return answer(msgspec.json.encode(Streams(found, _rates(found, before))), {"Age": age})

    @get(
        "/v1/refused",
        operation_id="listRefused",
        opt={"scopes": SCOPES},
        responses=answers(RefusedPage, "Refused records."),
    )
    async def refused(
        reason: FromQuery[str | None] = None,
        source: FromQuery[str | None] = None,
        since: Annotated[str | None, QueryParameter(description="RFC 3339; by default as far back as is kept.")] = None,
        limit: Annotated[int, QueryParameter(ge=0, le=1000)] = 100,
    ) -> Response[bytes]:
        """Refused records by reason and source, and the newest of them: reason, field, position, size; no value."""
        kept_ms = now_ms() - int(service.settings.serve.history_days * DAY_MS)
        since_ms = time_of("since", since) or kept_ms

        def fits(one: Any) -> bool:
            return reason in (None, one.reason) and source in (None, one.source)

        counts = [RefusedCount(*key, count) for key, count in service.store.refused.counts(since_ms).items()]
        counts = sorted(filter(fits, counts), key=lambda one: (-one.count, one.reason, one.source))
        samples = [one for one in service.store.refused.newest() if fits(one) and one.refused_ms >= since_ms]
        command = "liveprofile watch dead-letters --from start --no-follow"
        page = RefusedPage(rfc3339(since_ms), sum(one.count for one in counts), counts, samples[:limit], command)
        return answer(msgspec.json.encode(page))

    return [streams, refused]


def _without_anomalies(status: Status) -> Status:
    """Which anomalies of a hot profile are open is not said to who may not see anomalies."""
    laggards = [
        replace(one, profile=replace(one.profile, anomalies=[])) if one.profile else one for one in status.laggards
    ]
    summary = "; ".join(map(laggard_in_words, laggards)) if laggards else status.summary
    return replace(status, laggards=laggards, summary=summary)


def _rates(now: Status, before: Status | None) -> list[TopicRate]:
    """By topic, in the order of the stages."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in now.partitions:
        found.setdefault((part.topic, part.stage), []).append(part)
    earlier: dict[str, int] = {}
    for part in before.partitions if before else ():
        earlier[part.topic] = earlier.get(part.topic, 0) + part.end
    seconds = (now.at_ms - before.at_ms) / 1000 if before else 0.0
    return [
        TopicRate(
            topic,
            stage,
            len(parts),
            records := sum(part.end for part in parts),
            round(max(0, records - earlier[topic]) / seconds, 2) if seconds > 0 and topic in earlier else None,
            sum(part.lag_records for part in parts),
            max(part.lag_seconds for part in parts),
        )
        for (topic, stage), parts in found.items()
    ]
