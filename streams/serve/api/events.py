"""Routes that write what shoppers do: events of all inputs, declarations, feedback; durable before the answer."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Operation

from liveprofile.streams.admin.input_check import refusal_of
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.inputs import INPUTS, MAX_RECORD_BYTES
from liveprofile.streams.serve.api.answers import answers
from liveprofile.streams.serve.api.event_bodies import (
    MOST_EVENTS,
    DeclarationsOperation,
    EventsOperation,
    FeedbackOperation,
)
from liveprofile.streams.serve.api.idempotency import Idempotency
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import accepted
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.serve.follow.writer import Outgoing
from liveprofile.streams.serve.service import Service

TOKEN = "Liveprofile-Token"
_NDJSON = ("application/x-ndjson", "application/ndjson")
_RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MANY = msgspec.json.Decoder(list[msgspec.Raw])
_ID = msgspec.json.Decoder(str | int | None)


class Written(msgspec.Struct, frozen=True):
    """Events that are durable on Kafka."""

    written: int
    positions: list[str]
    """Where each stands, in the order of the events. A plus: a read with this position has the event in it."""


def event_routes(service: Service) -> list[HTTPRouteHandler]:
    """The handlers."""
    idempotency = Idempotency()

    def writing(path: str, operation_id: str, of: type[Operation], kind: str | None, about: str) -> HTTPRouteHandler:
        """The handler of a path; `kind` is the input of all its events, None where each names its own."""

        @post(
            path,
            operation_id=operation_id,
            operation_class=of,
            summary=path.rpartition("/")[2].capitalize(),
            description=about,
            opt={"scopes": ("event:write",)},
            status_code=202,
            responses=answers(Written, "What was sent is durable on Kafka.", status=202),
        )
        async def write(request: Request[Any, Any, Any]) -> Response[bytes]:
            return await idempotency.once(request, lambda seed: _write(request, service, kind, seed))

        return write

    many = "Write an event, or up to 100 of them: a list, or a line each. All are written, or none is."
    declared = "Write what shoppers declare about themselves."
    judged = "Write what shoppers think of tags, offers and attributes."
    return [
        writing("/v1/events", "writeEvents", EventsOperation, None, many),
        writing("/v1/declarations", "writeDeclarations", DeclarationsOperation, "declarations", declared),
        writing("/v1/feedback", "writeFeedback", FeedbackOperation, "feedback", judged),
    ]


async def _write(request: Request[Any, Any, Any], service: Service, kind: str | None, seed: str) -> Response[bytes]:
    """Judge all events of a request, then write them. A ProblemError names the first wrong one."""
    parts = _parts(request.headers.get("content-type", ""), await request.body())
    if not 0 < len(parts) <= MOST_EVENTS:
        raise ProblemError("bad-request", f"The body has {len(parts)} events; 1 to {MOST_EVENTS} are taken at once.")
    at_ms = now_ms()
    oldest_ms = round(service.settings.ingest.oldest_event_days * 86_400_000)
    prefix = service.settings.topics.prefix
    records = []
    for index, raw in enumerate(parts):
        topic, fields = _topic_of(index, raw, kind)
        value = _value(fields, f"{seed}/{index}" if seed else "")
        if len(value) > MAX_RECORD_BYTES:
            raise _wrong(index, "too-large", f"it has more than {MAX_RECORD_BYTES:,} bytes.")
        if (refusal := refusal_of(topic, value, now_ms=at_ms, oldest_ms=oldest_ms)) is not None:
            raise _wrong(index, refusal.reason.value, refusal.words)
        records.append(Outgoing(f"{prefix}{topic}", _key(index, fields), value, read_back=True))
    positions = await service.writer.send_each(records)
    headers = {TOKEN: ",".join(str(one) for one in _newest(positions))}
    return accepted(Written(len(positions), [str(one) for one in positions]), headers)


def _parts(content_type: str, body: bytes) -> Sequence[bytes]:
    """The events of a body, undecoded."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in _NDJSON:
        return [line for line in body.split(b"\n") if line.strip()]
    if media_type != "application/json":
        raise ProblemError(
            "unsupported-media-type", "Send an event or a list with Content-Type: application/json, or lines as NDJSON."
        )
    if body.lstrip()[:1] != b"[":
        return [body]
    try:
        return [bytes(one) for one in _MANY.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ProblemError("bad-request", "The body is no list of JSON.") from None


def _topic_of(index: int, raw: bytes, kind: str | None) -> tuple[str, dict[str, msgspec.Raw]]:
    """The input that an event goes to, and its other fields as they were sent."""
    try:
        fields = _RECORD.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _wrong(index, "malformed-json", "it is no JSON object in UTF-8.") from None
    if kind is not None:
        return kind, fields
    try:
        topic = msgspec.json.decode(fields.pop("topic", msgspec.Raw(b"null")), type=str | None)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        topic = None
    if topic not in INPUTS:
        raise _wrong(index, "unknown-topic", f"topic must be one of {', '.join(INPUTS)}.")
    return topic, fields


def _value(fields: dict[str, msgspec.Raw], seed: str) -> bytes:
    """The record; with a key of the request, an event without an id of its own gets one that a repetition has, too."""
    if seed and bytes(fields.get("event_id", b"null")) == b"null":
        fields = fields | {"event_id": msgspec.Raw(b'"%s"' % sha256(seed.encode()).hexdigest()[:32].encode())}
    return msgspec.json.encode(fields)


def _key(index: int, fields: dict[str, msgspec.Raw]) -> bytes:
    """The key that producers give such a record: the shopper's own id."""
    try:
        ids = [_ID.decode(fields.get(name, msgspec.Raw(b"null"))) for name in ("user_id", "anonymous_id")]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _wrong(index, "wrong-type", "user_id and anonymous_id must be texts or whole numbers.") from None
    return str(next((one for one in ids if one is not None), "")).encode()


def _newest(positions: Iterable[Position]) -> list[Position]:
    """The last position of each partition: it stands for those before it."""
    newest: dict[tuple[str, int], Position] = {}
    for one in positions:
        newest[one.topic, one.partition] = max(one, newest.get((one.topic, one.partition), one))
    return list(newest.values())


def _wrong(index: int, reason: str, words: str) -> ProblemError:
    """The problem of one event, without a value of it; nothing of the request is written."""
    return ProblemError("wrong-event", f"Event {index}: {words} Nothing was written.", index=index, reason=reason)
