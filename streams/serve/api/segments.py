"""Routes of segments: sizes, members, flows, overlaps."""

from typing import Annotated, Any, get_args

import msgspec
import orjson
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.clock import now_ms
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import answer, id_of, require_ready
from liveprofile.streams.serve.api.times import time_of
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.flows import Flow
from liveprofile.streams.serve.store.listing import Asked, listed
from liveprofile.streams.serve.store.publications import Cause

DAY_MS = 86_400_000
SCOPES = ("segment:read",)


class Sizes(msgspec.Struct, frozen=True):
    """How many profiles are where; exact."""

    profiles: int
    rules: str
    """Name and version of the rules of the newest snapshot."""
    segments: dict[str, int]
    lifecycle: dict[str, int]


class Segment(msgspec.Struct, frozen=True):
    """One segment."""

    name: str
    size: int
    share: float
    """Of all profiles, 0 to 1."""
    day: Flow
    """What moved in the last 24 hours."""


class Member(msgspec.Struct, frozen=True):
    """A profile in a segment."""

    profile_id: str
    since: str | None
    version: int


class Members(msgspec.Struct, frozen=True):
    """A page of members, in the order of ids."""

    segment: str
    total: int
    members: list[Member]
    after: str | None
    """What to ask for the next page with; null on the last one."""


class FlowsSince(msgspec.Struct, frozen=True):
    """What entered and left, by the times of events, in whole hours."""

    since: str
    segments: dict[str, Flow]
    lifecycle: dict[str, Flow]
    causes: dict[str, dict[str, Flow]]
    """Of the segments: what moved by an event, by time, by an edit of the rules, by the shopper's own word."""


class Overlap(msgspec.Struct, frozen=True):
    """How many profiles two segments share."""

    segments: tuple[str, str]
    both: int
    either: int


class Overlaps(msgspec.Struct, frozen=True):
    """Every pair of segments that shares a profile, the largest first."""

    overlaps: list[Overlap]


def segment_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""
    profiles = service.store.profiles

    @get(
        "/v1/segments",
        operation_id="listSegments",
        opt={"scopes": SCOPES},
        responses=answers(Sizes, "Sizes."),
    )
    async def sizes() -> Response[bytes]:
        """The sizes of all segments and lifecycle states."""
        require_ready(service)
        found = Sizes(len(profiles), profiles.rules, profiles.segment_sizes(), profiles.state_sizes())
        return answer(msgspec.json.encode(found))

    @get(
        "/v1/segments/flows",
        operation_id="readFlows",
        opt={"scopes": SCOPES},
        responses=answers(FlowsSince, "Flows."),
    )
    async def flows(
        since: Annotated[str | None, QueryParameter(description="RFC 3339; a day ago by default.")] = None,
    ) -> Response[bytes]:
        """How many profiles entered and left each segment and lifecycle state."""
        since_ms = time_of("since", since)
        since_ms = now_ms() - DAY_MS if since_ms is None else since_ms
        counts = service.store.flows
        causes = {one: counts.since(since_ms, f"{one}:segments") for one in get_args(Cause)}
        found = FlowsSince(
            rfc3339(since_ms), counts.since(since_ms, "segments"), counts.since(since_ms, "lifecycle"), causes
        )
        return answer(msgspec.json.encode(found))

    @get(
        "/v1/segments/overlap",
        operation_id="readOverlap",
        opt={"scopes": SCOPES},
        responses=answers(Overlaps, "Pairs."),
    )
    async def overlap() -> Response[bytes]:
        """How many profiles each two segments share."""
        require_ready(service)
        numbers = sorted(profiles.segment_names.by_name.items())
        found = []
        for at, (name, number) in enumerate(numbers):
            for other, another in numbers[at + 1 :]:
                both = profiles.segments[number].intersection_cardinality(profiles.segments[another])
                if both:
                    either = profiles.segments[number].union_cardinality(profiles.segments[another])
                    found.append(Overlap((name, other), both, either))
        found.sort(key=lambda one: (-one.both, one.segments))
        return answer(msgspec.json.encode(Overlaps(found)))

    @get(
        "/v1/segments/{name:str}",
        operation_id="readSegment",
        opt={"scopes": SCOPES},
        responses=answers(Segment, "The segment."),
    )
    async def one(name: FromPath[str]) -> Response[bytes]:
        """One segment: its size, and what moved in a day."""
        size = profiles.segment_sizes()[_known(service, name)]
        day = service.store.flows.since(now_ms() - DAY_MS, "segments").get(name, Flow())
        return answer(msgspec.json.encode(Segment(name, size, round(size / max(len(profiles), 1), 6), day)))

    @get(
        "/v1/segments/{name:str}/members",
        operation_id="listMembers",
        opt={"scopes": SCOPES},
        responses=answers(Members, "A page of members."),
    )
    async def members(
        request: Request[Any, Any, Any],
        name: FromPath[str],
        after: Annotated[str | None, QueryParameter(description="The last id of the page before.")] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    ) -> Response[bytes]:
        """Who is in a segment, and since when."""
        name = _known(service, name)
        page = listed(profiles, Asked(segment=name, after=id_of(after) if after else None, limit=limit))
        call_of(request).profiles += [one.profile_id for one in page.profiles]
        stored = service.store.snapshots([bytes.fromhex(one.profile_id) for one in page.profiles])
        since = [_since(one.value, name) if one is not None else None for one in stored]
        found = [Member(one.profile_id, when, one.version) for one, when in zip(page.profiles, since, strict=True)]
        return answer(msgspec.json.encode(Members(name, page.total, found, page.after)))

    return [sizes, flows, overlap, one, members]


def _known(service: Service, name: str) -> str:
    """A segment's name. A ProblemError for a name that nobody was ever in."""
    require_ready(service)
    if service.store.profiles.segment_names.find(name) is None:
        raise ProblemError("not-found", "Nobody was ever in a segment with this name.")
    return name


def _since(value: bytes, name: str) -> str | None:
    segments = orjson.loads(value).get("segments") or ()
    return next((one.get("since") for one in segments if one.get("name") == name), None)
