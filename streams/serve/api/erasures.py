"""Routes that erase a shopper for good, as `liveprofile erase` does, and tell by when each topic is clean."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from litestar.params import FromPath, QueryParameter

from liveprofile.streams.admin.erasure import Deadline
from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.body import body_as
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.event_bodies import describe
from liveprofile.streams.serve.api.idempotency import Idempotency
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import Lookup, accepted, id_of, pseudonym_in, require_ready
from liveprofile.streams.serve.follow.writer import NotWrittenError
from liveprofile.streams.serve.service import Service


class Wanted(Lookup, frozen=True, forbid_unknown_fields=True):
    """Whom to erase, by one of a shop's own ids."""

    unknown: bool = False
    """Close an id that nothing is known of, too."""


class CleanBy(msgspec.Struct, frozen=True):
    """The time by which a topic has no data of the shopper."""

    topic: str
    clean_by: str | None
    """RFC 3339; null: never, as the topic is configured."""
    how: str
    holds: str


class Erased(msgspec.Struct, frozen=True):
    """An erasure that is durable on Kafka; a running worker applies it within seconds."""

    profile_id: str
    before: str
    """profile, erased or unknown."""
    topic: str
    partition: int
    deadlines: list[CleanBy]


@dataclass
class EraseOperation(Operation):
    """Erases by a shop's own id."""

    def __post_init__(self) -> None:
        """Describe the body."""
        [_], components = msgspec.json.schema_components([Wanted], ref_template="#/components/schemas/{name}")
        schema: Any = components["Wanted"]
        describe(self, RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True))


def erasure_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""
    idempotency = Idempotency()

    @delete(
        "/v1/profiles/{profile_id:str}",
        operation_id="eraseProfile",
        opt={"scopes": ("erase",)},
        status_code=202,
        responses=answers(Erased, "The erasure is durable on Kafka.", status=202),
    )
    async def by_id(
        request: Request[Any, Any, Any],
        profile_id: FromPath[str],
        unknown: Annotated[bool, QueryParameter(description="Close an id that nothing is known of, too.")] = False,
    ) -> Response[bytes]:
        """Erase a profile permanently. Later events of the same shopper are dropped; there is no undo."""
        return await _erased(request, service, id_of(profile_id), also_unknown=unknown)

    @post(
        "/v1/profiles:erase",
        operation_id="eraseShopper",
        operation_class=EraseOperation,
        opt={"scopes": ("erase",)},
        status_code=202,
        responses=answers(Erased, "The erasure is durable on Kafka.", status=202),
    )
    async def by_own_id(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Erase a shopper permanently by a shop's own id. Several ids of one person are erased one by one."""

        async def carry_out(_: str) -> Response[bytes]:
            wanted = await body_as(request, Wanted)
            return await _erased(request, service, pseudonym_in(service, wanted), also_unknown=wanted.unknown)

        return await idempotency.once(request, carry_out)

    return [by_id, by_own_id]


async def _erased(
    request: Request[Any, Any, Any], service: Service, key: bytes, *, also_unknown: bool
) -> Response[bytes]:
    """An id that nothing is known of is most often a typing mistake: then nothing is done, unless it is asked for."""
    call_of(request).profiles.append(key.hex())
    is_known = service.store.snapshot(key) is not None
    before = "profile" if is_known else "erased" if service.store.erased_ms(key) else "unknown"
    if before == "unknown" and not also_unknown:
        require_ready(service)
        raise ProblemError(
            "not-found",
            "Nothing is known of this id. With `unknown` it is closed all the same: later events of it are dropped.",
        )
    try:
        dims = service.settings.profile.policy.dims
        partition, places = await service.eraser(service.bootstrap, service.settings.topics, key.hex().encode(), dims)
    except UserError as error:
        raise NotWrittenError(type(error).__name__) from error
    now = datetime.now(UTC)
    found = Erased(
        key.hex(), before, service.settings.topics.activity, partition, [_clean_by(one, now) for one in places]
    )
    return accepted(found)


def _clean_by(place: Deadline, now: datetime) -> CleanBy:
    by = None if place.days is None else (now + timedelta(days=place.days)).isoformat(timespec="minutes")
    return CleanBy(place.topic, by, place.how, place.holds)
