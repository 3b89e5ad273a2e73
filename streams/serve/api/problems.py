"""Problems: every error of the interface, as problem details of RFC 9457 with a type that is documented."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import orjson

from liveprofile.errors import LiveprofileError

PATH = "/v1/problems/"
MEDIA_TYPE = "application/problem+json"


class ProblemType(NamedTuple):
    """A kind of problem."""

    status: int
    title: str
    meaning: str
    """What happened, and what a caller does."""


TYPES: Mapping[str, ProblemType] = {
    "bad-request": ProblemType(
        400, "A parameter is wrong", "The detail names the parameter and its limit: correct it."
    ),
    "wrong-event": ProblemType(
        400, "An event is wrong", "`index` and `reason` name it; nothing was written. Correct it: docs/schemas."
    ),
    "no-token": ProblemType(401, "No valid token", "Send `Authorization: Bearer TOKEN`; `liveprofile token create`."),
    "not-allowed": ProblemType(403, "The token may not do this", "`scope` names what is missing."),
    "wrong-host": ProblemType(
        403,
        "Another host was asked for",
        "Without tokens, only requests to this machine by its own names are answered.",
    ),
    "not-found": ProblemType(404, "Nothing is there", "No such profile, segment, anomaly or page."),
    "wrong-method": ProblemType(405, "Another method is needed", "The header Allow has those that there are."),
    "erased": ProblemType(410, "The profile was erased", "Nothing of it is left; delete what you keep of it."),
    "changed-meanwhile": ProblemType(
        412, "The rules were changed meanwhile", "Read the rules in force, and decide again: `GET /v1/rules`."
    ),
    "version-taken": ProblemType(
        409, "The version has another content", "Name and version stand for one content: count `version` up."
    ),
    "wrong-rules": ProblemType(422, "The rules are wrong", "`problems` has every fault, with its rule and line."),
    "no-precondition": ProblemType(
        428, "If-Match is missing", "Send `If-Match` with the ETag of `GET /v1/rules`, the rules that are replaced."
    ),
    "too-large": ProblemType(413, "The body is too large", "`limit` is the most bytes of a body: send less at once."),
    "key-reused": ProblemType(
        422, "The Idempotency-Key had another body", "A key stands for one request: take a new one for another body."
    ),
    "unsupported-media-type": ProblemType(415, "The body is not JSON", "Send `Content-Type: application/json`."),
    "too-many-requests": ProblemType(
        429, "Too many requests", "Wait for the seconds in Retry-After; the header RateLimit has what is left."
    ),
    "internal": ProblemType(500, "The service failed", "The log has the fault, by the Request-Id of the answer."),
    "no-kafka": ProblemType(503, "Kafka does not answer", "What needs Kafka cannot be done now: repeat it later."),
    "not-ready": ProblemType(503, "The service catches up", "Repeat it after the seconds in Retry-After."),
    "not-up-to-position": ProblemType(
        503,
        "The position is not reached yet",
        "`reached` is how far the service is. Repeat it; with `Prefer: wait=SECONDS` the service waits for it.",
    ),
    "not-kept": ProblemType(
        409, "The history does not reach so far back", "`oldest` is the oldest version that can be shown."
    ),
    "too-slow": ProblemType(503, "It took too long", "Ask for less, or repeat it later."),
}
"""Every type of problem by the end of its address."""


class RuleFault(msgspec.Struct, frozen=True):
    """Something that is wrong with a rule file."""

    rule: str
    """Name of the rule; empty where it is the file."""
    text: str
    line: int | None
    """Where the rule stands in the file, from 1."""


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details, RFC 9457."""

    type: str
    """The address of the type; the page there says what it means."""
    title: str
    status: int
    detail: str
    scope: str | None = None
    limit: int | None = None
    reached: str | None = None
    oldest: int | None = None
    index: int | None = None
    """Of an event, from 0."""
    reason: str | None = None
    """Why an event is refused, by the codes of dead letters."""
    problems: list[RuleFault] | None = None
    """Of a rule file."""


class ProblemError(LiveprofileError):
    """A request that is answered with a problem."""

    next_step = "Read what the type of the problem says."

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        """`kind` is one of `TYPES`; `extra` are further members of `ProblemDetails`."""
        super().__init__(detail)
        found = TYPES[kind]
        self.status = found.status
        self.headers = dict(headers or {})
        self.details = ProblemDetails(f"{PATH}{kind}", found.title, found.status, detail, **extra)

    @property
    def body(self) -> bytes:
        """The body of the answer."""
        return msgspec.json.encode(self.details)


def no_kafka(detail: str) -> ProblemError:
    """What needs Kafka cannot be done now."""
    return ProblemError("no-kafka", detail, {"Retry-After": "5"})


def as_page(kind: str) -> bytes | None:
    """What the address of a type answers; None for an unknown one."""
    found = TYPES.get(kind)
    return orjson.dumps({"type": f"{PATH}{kind}", **found._asdict()}) if found else None
