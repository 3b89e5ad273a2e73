"""What both clients share, without a connection: requests, answers, waits, and the frames of a stream."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.facts.facts import AnomalyChanged, ProfileChanged
from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.streams.serve.api.problems import ProblemDetails
from liveprofile.streams.serve.store.page import Page

TRIES = 6
"""How often a request is sent until its problem is raised."""
MOST_WAIT_S = 30.0
_Answer = TypeVar("_Answer")


class ServiceError(LiveprofileError):
    """A problem that the service answers; `problem` has its type, status and detail."""

    next_step = "Read what the address in `problem.type` says."

    def __init__(self, problem: ProblemDetails) -> None:
        """What the service has answered."""
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retryable = problem.status in (429, 503)

    @property
    def kind(self) -> str:
        """The end of the problem's type, such as not-found."""
        return self.problem.type.rpartition("/")[2]


class Written(msgspec.Struct, frozen=True):
    """Events that are durable; `token` is what a read that has them is asked with."""

    written: int
    positions: list[str]
    token: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A frame of the stream: a change, an anomaly, `live`, or `reset` where the id is too old."""

    kind: str
    id: str
    record: ProfileChanged | AnomalyChanged | None
    not_shown: int = 0


@dataclass(frozen=True, slots=True)
class Call(Generic[_Answer]):
    """A request, and what is made of its answer (body, headers)."""

    method: str
    path: str
    decode: Callable[[bytes, Mapping[str, str]], _Answer]
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent_headers(self) -> dict[str, str]:
        """Its headers, with the type of its body."""
        return {**self.headers, **({"Content-Type": "application/json"} if self.body is not None else {})}


def read_profile(
    profile_id: str | None, user_id: str | None, anonymous_id: str | None, after: str, wait_s: float
) -> Call[ProfileSnapshot]:
    """A profile by one of three ids; a shop's own is in the body, never in an address. ValueError for none or two."""
    if sum(one is not None for one in (profile_id, user_id, anonymous_id)) != 1:
        raise ValueError("a profile is read by one of profile_id, user_id and anonymous_id")
    headers = _fresh(after, wait_s)
    if profile_id is not None:
        return Call("GET", f"/v1/profiles/{profile_id}", _snapshot, headers=headers)
    wanted = {"user_id": user_id} if user_id is not None else {"anonymous_id": anonymous_id}
    return Call("POST", "/v1/profiles:lookup", _snapshot, body=_json(wanted), headers=headers)


def write(path: str, events: Sequence[Mapping[str, Any]], key: str | None) -> Call[Written]:
    """Events, under a key by which the service knows a repetition."""
    return Call("POST", path, _written, body=_json(list(events)), headers={"Idempotency-Key": key or uuid.uuid4().hex})


def page_of_profiles(filters: Mapping[str, str | int], after: str | None) -> Call[Page]:
    """A page of a list."""
    params = {name: str(value) for name, value in filters.items()} | ({"after": after} if after else {})
    return Call("GET", "/v1/profiles", lambda body, _: msgspec.json.decode(body, type=Page), params=params)


def erase(user_id: str | None, anonymous_id: str | None, unknown: bool, key: str | None) -> Call[dict[str, Any]]:
    """The erasure of a shopper; the answer has the deadlines by topic."""
    wanted = {"user_id": user_id, "anonymous_id": anonymous_id, "unknown": unknown}
    body = _json({name: value for name, value in wanted.items() if value is not None})
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return Call("POST", "/v1/profiles:erase", lambda answer, _: dict(json.loads(answer)), body=body, headers=headers)


def get(path: str, params: Mapping[str, str], after: str, wait_s: float) -> Call[Any]:
    """Any other question; its answer as plain objects."""
    return Call("GET", path, lambda body, _: json.loads(body), params=params, headers=_fresh(after, wait_s))


def problem_of(status: int, body: bytes) -> ServiceError:
    """The problem of an answer; also of one that somebody between has made."""
    try:
        return ServiceError(msgspec.json.decode(body, type=ProblemDetails))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ServiceError(ProblemDetails("about:blank", "No answer of the service", status, "It has no problem."))


def wait_before_next(status: int, headers: Mapping[str, str], attempt: int) -> float | None:
    """Seconds until a request is worth sending again, by the answer or doubling; None for a final answer.

    >>> wait_before_next(503, {"retry-after": "3"}, 0), wait_before_next(503, {}, 2), wait_before_next(404, {}, 0)
    (3.0, 0.8, None)
    """
    if status not in (429, 503) or attempt + 1 >= TRIES:
        return None
    asked = headers.get("retry-after", "")
    return min(float(asked) if asked.isdigit() else 0.2 * 2**attempt, MOST_WAIT_S)


class Frames:
    """Makes events of the lines of a stream, and keeps the id from which it goes on."""

    def __init__(self, last_id: str) -> None:
        """`last_id` is the id to go on from; empty for what happens from now on."""
        self.last_id = last_id
        self._fields: dict[str, str] = {}

    def begin(self) -> dict[str, str]:
        """A connection is opened: the headers that it needs. Half a frame of the one before is dropped."""
        self._fields = {}
        return {"Accept": "text/event-stream"} | ({"Last-Event-ID": self.last_id} if self.last_id else {})

    def line(self, text: str) -> Event | None:
        """The next line; an event where it ends one."""
        if text:
            name, _, value = text.partition(":")
            if name:
                value, before = value.removeprefix(" "), self._fields.get(name)
                self._fields[name] = f"{before}\n{value}" if name == "data" and before is not None else value
            return None
        fields, self._fields = self._fields, {}
        if "event" not in fields:
            return None
        self.last_id = fields.get("id", self.last_id)
        return _event(fields["event"], self.last_id, fields.get("data", "").encode())


def _event(kind: str, event_id: str, data: bytes) -> Event:
    record: ProfileChanged | AnomalyChanged | None = None
    if kind == "change":
        record = ProfileChanged.decode(data)
    elif kind == "anomaly":
        record = AnomalyChanged.decode(data)
    found = json.loads(data or b"null")
    return Event(kind, event_id, record, int(found.get("not_shown", 0)) if isinstance(found, dict) else 0)


def _fresh(after: str, wait_s: float) -> dict[str, str]:
    return {"Liveprofile-After": after, "Prefer": f"wait={round(wait_s)}"} if after else {}


def _snapshot(body: bytes, _: Mapping[str, str]) -> ProfileSnapshot:
    return ProfileSnapshot.decode(body)


def _written(body: bytes, headers: Mapping[str, str]) -> Written:
    found = msgspec.json.decode(body, type=Written)
    return msgspec.structs.replace(found, token=headers.get("liveprofile-token", ""))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
