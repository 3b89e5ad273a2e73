"""What routes of one profile share: its id, its snapshot or the problem in its place, the headers of the answer."""

import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request, Response

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.streams.errors import UserError
from liveprofile.streams.query.identity import home_of
from liveprofile.streams.serve.api.call import call_of
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.follow.waiting import Position, positions_of
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.envelope import Stored

JSON = "application/json"
READ_SCOPES = ("profile:read", "profile:read:*")
"""Scopes of routes of profiles: the whole, or any group."""
_ID = re.compile(r"[0-9a-fA-F]{32}")
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})")


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop's own id of a shopper: one of both."""

    user_id: str | None = None
    anonymous_id: str | None = None


def id_of(text: str) -> bytes:
    """A profile id as 16 bytes. A ProblemError for another text, which is not repeated: it may be a user id."""
    if not _ID.fullmatch(text):
        raise ProblemError(
            "bad-request", "profile_id is not 32 hexadecimal digits. For a shop's own id: POST /v1/profiles:lookup."
        )
    return bytes.fromhex(text)


def snapshot_of(service: Service, profile_id: bytes) -> Stored:
    """The snapshot of a profile. A ProblemError where there is none."""
    stored = service.store.snapshot(profile_id)
    if stored is None:
        raise absent(service, profile_id)
    return stored


def absent(service: Service, profile_id: bytes) -> ProblemError:
    """Why there is no snapshot."""
    if erased_ms := service.store.erased_ms(profile_id):
        return ProblemError("erased", f"The profile was erased at {rfc3339(erased_ms)}.")
    require_ready(service)
    return ProblemError("not-found", "There is no profile with this id.")


def require_ready(service: Service) -> None:
    """A ProblemError while the service catches up: what it does not find may be there."""
    if not service.follower.ready.is_set():
        progress = service.follower.progress()
        raise ProblemError(
            "not-ready", f"{progress.done:,} of {progress.total:,} records are read.", {"Retry-After": "2"}
        )


async def wait_for_own(request: Request[Any, Any, Any], service: Service, *keys: bytes) -> None:
    """Wait for the positions that the caller names, for the sake of these profiles.

    A ProblemError where they are not reached, or not known.
    """
    if (text := request.headers.get("liveprofile-after")) is None:
        return
    try:
        wanted = positions_of(text)
    except ValueError as error:
        raise ProblemError("bad-request", f"Liveprofile-After: {error}.") from None
    if unknown := service.waiting.unknown(wanted):
        raise ProblemError("bad-request", f"Liveprofile-After: nothing is known of positions in {unknown[0].topic!r}.")
    prefer = _WAIT.search(request.headers.get("prefer", ""))
    wait_s = min(float(prefer[1]) if prefer else 0.0, service.settings.serve.wait_most_s)
    if short := await service.waiting.until(wanted, wait_s, _homes(service, keys)):
        reached = ",".join(map(str, short))
        raise ProblemError(
            "not-up-to-position",
            f"After {wait_s:g} s the service is at {reached}.",
            {"Retry-After": "1"},
            reached=reached,
        )


def _homes(service: Service, keys: Iterable[bytes]) -> set[int]:
    count = sum(place.topic == service.settings.topics.profiles for place in service.follower.positions)
    return {home_of(key, count) for key in keys}


def headers_of(service: Service, stored: Stored) -> dict[str, str]:
    """The headers of an answer that is made of a snapshot."""
    topic = service.settings.topics.profiles
    headers = {
        "ETag": etag_of(stored),
        "Liveprofile-Position": str(Position(topic, stored.partition, stored.offset)),
    }
    age_s = service.follower.age_s(topic, stored.partition)
    if math.isfinite(age_s):
        headers["Age"] = str(int(age_s))
    return headers


def etag_of(stored: Stored) -> str:
    """Version, partition and offset of a snapshot.

    >>> etag_of(Stored(3, 88_121, 14, 0, b""))
    '"14-3-88121"'
    """
    return f'"{stored.number}-{stored.partition}-{stored.offset}"'


def is_known(request: Request[Any, Any, Any], etag: str) -> bool:
    """Whether the caller has the very answer."""
    known = request.headers.get("if-none-match")
    return known is not None and matches(known, etag)


def matches(known: str, etag: str) -> bool:
    """Whether the value of If-None-Match has an entity tag.

    >>> matches('"1-0-7", W/"2-0-9"', '"2-0-9"'), matches('"1-0-7"', '"2-0-9"')
    (True, False)
    """
    return known == "*" or etag in (one.strip().removeprefix("W/") for one in known.split(","))


def answer(value: bytes, headers: dict[str, str] | None = None, media_type: str = JSON) -> Response[bytes]:
    """An answer of bytes."""
    return Response(value, headers=headers, media_type=media_type)


def accepted(written: msgspec.Struct, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The answer to what is durable on Kafka by now, and carried out soon."""
    return Response(msgspec.json.encode(written), status_code=202, headers=headers, media_type=JSON)


def pseudonym_in(service: Service, wanted: Lookup) -> bytes:
    """The profile id behind a shop's own id. A ProblemError without a key, and for an id that is none."""
    if (wanted.user_id is None) == (wanted.anonymous_id is None):
        raise ProblemError("bad-request", "The body needs one of user_id and anonymous_id.")
    if service.pseudonym_of is None:
        raise ProblemError("bad-request", "This service has no pseudonym key: nobody is found by a shop's own id.")
    try:
        found = service.pseudonym_of(wanted.user_id or wanted.anonymous_id or "", wanted.user_id is None)
    except UserError as error:
        raise ProblemError("bad-request", error.message) from None
    return bytes.fromhex(found)


def note(request: Request[Any, Any, Any], profile_id: bytes, fields: tuple[str, ...] = ()) -> None:
    """What the audit is told: whose profile, and which fields; no value of them."""
    call = call_of(request)
    call.profiles.append(profile_id.hex())
    call.fields = fields
