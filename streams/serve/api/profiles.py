"""Routes of profiles: one by its id, one by a shop's own id, several at once, and lists."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.streams.serve.api import undo
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.body import body_as
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import (
    READ_SCOPES,
    Lookup,
    answer,
    etag_of,
    headers_of,
    id_of,
    is_known,
    note,
    pseudonym_in,
    require_ready,
    snapshot_of,
    wait_for_own,
)
from liveprofile.streams.serve.api.times import time_of
from liveprofile.streams.serve.auth.seen import seen_snapshot
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.listing import Asked, listed
from liveprofile.streams.serve.store.page import Listed, Page

MOST_FIELDS = 50
FIELDS = Annotated[
    str | None, QueryParameter(description="Fields of the snapshot, with commas between them; all by default.")
]


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several profiles."""

    profile_ids: list[str]
    fields: list[str] | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """The profiles that there are, in the order of the question; the ids of the others."""

    profiles: list[ProfileSnapshot]
    missing: list[str]


def profile_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(
        "/v1/profiles/{profile_id:str}",
        operation_id="readProfile",
        opt={"scopes": READ_SCOPES},
        responses=answers(ProfileSnapshot, "The snapshot as it is on the topic."),
    )
    async def read(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        fields: FIELDS = None,
        version: Annotated[int | None, QueryParameter(ge=0, le=2**32 - 1, description="As of this version.")] = None,
        at: Annotated[str | None, QueryParameter(description="As of this time, RFC 3339.")] = None,
    ) -> Response[bytes]:
        """One profile, or what was published of it at an earlier version or time."""
        key = id_of(profile_id)
        await wait_for_own(request, service, key)
        if version is not None or at is not None:
            note(request, key)
            return undo.answer_at(service, call_of(request).who, key, version, at)
        return _snapshot(request, service, key, fields)

    @post(
        "/v1/profiles:lookup",
        operation_id="lookUpProfile",
        opt={"scopes": READ_SCOPES},
        status_code=200,
        responses=answers(ProfileSnapshot, "The snapshot as it is on the topic."),
    )
    async def look_up(request: Request[Any, Any, Any], fields: FIELDS = None) -> Response[bytes]:
        """One profile by a shop's own id, which becomes a pseudonym here and goes no further."""
        key = pseudonym_in(service, await body_as(request, Lookup))
        await wait_for_own(request, service, key)
        return _snapshot(request, service, key, fields)

    @post(
        "/v1/profiles:batch",
        operation_id="readProfiles",
        opt={"scopes": READ_SCOPES},
        status_code=200,
        responses=answers(BatchAnswer, "Or a line each for `Accept: application/x-ndjson`."),
    )
    async def batch(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Up to serve.batch_most profiles at once; missing ones are named."""
        wanted = await body_as(request, Batch)
        if len(wanted.profile_ids) > service.settings.serve.batch_most:
            raise ProblemError("bad-request", f"profile_ids has more than {service.settings.serve.batch_most} ids.")
        keys = [id_of(one) for one in wanted.profile_ids]
        await wait_for_own(request, service, *keys)
        call, fields = call_of(request), wanted.fields
        call.profiles += [key.hex() for key in keys]
        call.fields = tuple(fields or ())
        found = list(zip(keys, service.store.snapshots(keys), strict=True))
        values = [seen_snapshot(one.value, call.who, fields) for _, one in found if one is not None]
        missing = [key.hex() for key, one in found if one is None]
        if missing:
            require_ready(service)
        if "application/x-ndjson" in request.headers.get("accept", ""):
            lines = [*values, *(b'{"missing":"%s"}' % one.encode() for one in missing)]
            return answer(b"".join(line + b"\n" for line in lines), media_type="application/x-ndjson")
        return answer(b'{"profiles":[%s],"missing":%s}' % (b",".join(values), msgspec.json.encode(missing)))

    @get(
        "/v1/profiles",
        operation_id="listProfiles",
        opt={"scopes": READ_SCOPES},
        responses=answers(Page, "A page, in the order of ids."),
    )
    async def list_(
        request: Request[Any, Any, Any],
        segment: FromQuery[str | None] = None,
        lifecycle: FromQuery[str | None] = None,
        cluster: FromQuery[int | None] = None,
        kind: Annotated[str | None, QueryParameter(description="With an open anomaly of this kind.")] = None,
        severity: Annotated[
            int | None, QueryParameter(ge=0, le=100, description="With one of at least so much.")
        ] = None,
        seen_since: Annotated[str | None, QueryParameter(description="Last seen then or later, RFC 3339.")] = None,
        after: Annotated[str | None, QueryParameter(description="The last id of the page before.")] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    ) -> Response[bytes]:
        """Profiles by what they are, with the exact total, a page at a time."""
        require_ready(service)
        who = call_of(request).who
        if (kind is not None or severity is not None) and not (who.may("anomaly:read") or who.sees_field("anomalies")):
            raise ProblemError("not-allowed", "kind and severity need a view of anomalies.", scope="anomaly:read")
        if any(one is not None for one in (segment, lifecycle, cluster, seen_since)) and not who.sees_field("segments"):
            raise ProblemError("not-allowed", "These filters need a view of segments.", scope="profile:read:basic")
        since_ms = time_of("seen_since", seen_since)
        asked = Asked(segment, lifecycle, cluster, kind, severity, since_ms, id_of(after) if after else None, limit)
        page = listed(service.store.profiles, asked)
        if not who.sees_field("segments"):
            page = msgspec.structs.replace(page, profiles=[Listed(one.profile_id) for one in page.profiles])
        elif not who.sees_field("anomalies"):
            page = msgspec.structs.replace(
                page, profiles=[msgspec.structs.replace(one, severity=None) for one in page.profiles]
            )
        return answer(msgspec.json.encode(page))

    return [read, look_up, batch, list_]


def _snapshot(request: Request[Any, Any, Any], service: Service, key: bytes, fields: str | None) -> Response[bytes]:
    """A snapshot with its headers, or that it has not changed."""
    chosen = tuple(one.strip() for one in fields.split(",")) if fields else None
    if chosen is not None and len(chosen) > MOST_FIELDS:
        raise ProblemError("bad-request", f"fields has more than {MOST_FIELDS} names.")
    note(request, key, chosen or ())
    stored = snapshot_of(service, key)
    headers = headers_of(service, stored)
    if is_known(request, etag_of(stored)):
        return Response(b"", status_code=304, headers=headers)
    return answer(seen_snapshot(stored.value, call_of(request).who, chosen), headers)
