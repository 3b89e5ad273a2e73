"""The door: every request passes it before it is routed, and every answer on its way out.

It knows who asks, limits how often and how much, and adds the headers that all answers have. It is plain ASGI, since a
read costs less than a layer of a framework.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any

import structlog

from liveprofile.streams.serve.api.call import KEY, Call
from liveprofile.streams.serve.api.problems import MEDIA_TYPE, ProblemError
from liveprofile.streams.serve.api.requests import Requests
from liveprofile.streams.serve.api.trace import trace_of
from liveprofile.streams.serve.auth.limits import Limits
from liveprofile.streams.serve.auth.scopes import LOCAL, Principal
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.transport.security.cleartext import host_of, is_loopback

log = structlog.get_logger(__name__)

Scope = Any
Audit = Callable[[Call, str, int], None]
"""Called with a call, its method and its status, when it is answered."""
OPEN = ("/livez", "/readyz", "/startupz")
"""Paths that tell nothing and need no token."""
SAFETY = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
]
"""Headers of every answer; the page's files have another Cache-Control."""
PRINCIPAL = "liveprofile.principal"
"""Who asks, in the scope of a request, where the page's front knows it."""
REFUSED = "liveprofile.refused"
"""What is wrong with the token of a request, where that is known."""
STILL = "liveprofile.still"
"""Whether PRINCIPAL is good for longer: a function, for streams that are open for hours."""
_BEARER = b"bearer "
_MOST_ID = 64
_PROCESS, _NUMBERS = os.urandom(4).hex(), count()
"""Request ids: a random beginning for each process, then numbers."""


@dataclass(frozen=True, slots=True)
class House:
    """What the door goes by."""

    tokens: Tokens
    limits: Limits
    most_body_bytes: int
    audit: Audit = lambda call, method, status: None
    requests: Requests = field(default_factory=Requests)


class Door:
    """An ASGI application before another one."""

    def __init__(self, inside: Any, house: House) -> None:
        self._inside, self._house = inside, house
        self._policy = house.limits.policy.encode()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        began_s = time.perf_counter()
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        trace = trace_of(headers[b"traceparent"]) if b"traceparent" in headers else None
        trace_id = trace[0] if trace else ""
        call = Call(LOCAL, _request_id(headers, trace_id), began_s, trace_id)
        answer = _Answer(send, call, self._house, scope["method"], self._policy)
        answer.trace = trace[1] if trace else b""
        try:
            if scope["path"] not in OPEN:
                call.who = scope.get(PRINCIPAL) or self._who(headers, scope.get(REFUSED))
                call.still = scope.get(STILL) or (lambda: self._is_still(call.who, headers))
                self._limit(call, answer)
            scope[KEY] = call
            await self._inside(scope, self._measured(receive, headers), answer.send)
        except ProblemError as problem:
            await answer.refuse(problem)
        except Exception as error:
            log.error("a request failed", **call.for_log, problem=repr(error), exc_info=True)
            if answer.status:
                raise
            await answer.refuse(ProblemError("internal", "The service could not answer; its log has the Request-Id."))
        finally:
            if answer.status:
                self._house.requests.note(call.route, scope["method"], answer.status, answer.took_s, answer.size)

    def _who(self, headers: Mapping[bytes, bytes], refused: str | None) -> Principal:
        given = headers.get(b"authorization", b"")
        if given[: len(_BEARER)].lower() == _BEARER:
            who = self._house.tokens.principal(given[len(_BEARER) :].decode("latin-1").strip())
            if who is not None:
                return who
        if given or self._house.tokens.any():
            raise ProblemError(
                "no-token",
                refused or ("The token is unknown or revoked." if given else "This needs a token."),
                {"WWW-Authenticate": 'Bearer realm="liveprofile"' + (', error="invalid_token"' if given else "")},
            )
        # A page of another site may have its name resolve to this machine: then the host is that name.
        if not _is_this_machine(headers.get(b"host", b"localhost")):
            raise ProblemError("wrong-host", "There are no tokens, so only requests to localhost are answered.")
        return LOCAL

    def _is_still(self, who: Principal, headers: Mapping[bytes, bytes]) -> bool:
        try:
            return self._who(headers, None) == who
        except ProblemError:
            return False

    def _limit(self, call: Call, answer: "_Answer") -> None:
        judged = self._house.limits.take(call.who.name)
        answer.limit = b'"requests";r=%d;t=%d' % (judged.remaining, judged.reset_s)
        if not judged.allowed:
            raise ProblemError(
                "too-many-requests",
                f"{call.who.name!r} has asked more than {self._house.limits.per_s:.0f} times in a second.",
                {"Retry-After": str(judged.reset_s)},
            )

    def _measured(self, receive: Any, headers: Mapping[bytes, bytes]) -> Any:
        """Receives the body up to the limit. A ProblemError for more."""
        most = self._house.most_body_bytes
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > most:
            raise _too_large(most)
        if not length and b"transfer-encoding" not in headers:
            return receive
        received = 0

        async def measured() -> Any:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most)
            return message

        return measured


class _Answer:
    """Sends the answer, with the headers that all answers have."""

    __slots__ = (
        "_call", "_house", "_method", "_policy", "_send", "limit", "size", "status", "took_s", "trace",
    )  # fmt: skip

    def __init__(self, send: Any, call: Call, house: House, method: str, policy: bytes) -> None:
        self._send, self._call, self._house, self._method, self._policy = send, call, house, method, policy
        self.limit = self.trace = b""
        self.status = self.size = 0
        self.took_s = 0.0
        """Until the head of the answer."""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            call, self.status = self._call, message["status"]
            headers = message["headers"] = [*message.get("headers", ()), *SAFETY]
            headers.append((b"request-id", call.request_id.encode()))
            self.took_s = time.perf_counter() - call.began_s
            headers.append((b"server-timing", b"app;dur=%.2f" % (self.took_s * 1000)))
            if self.trace:
                headers.append((b"traceparent", self.trace))
            if self.limit:
                headers += [(b"ratelimit-policy", self._policy), (b"ratelimit", self.limit)]
            self._house.audit(call, self._method, self.status)
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, problem: ProblemError) -> None:
        body = problem.body
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in problem.headers.items()]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"" if self._method == "HEAD" else body})


def _too_large(most: int) -> ProblemError:
    return ProblemError("too-large", f"The body is larger than {most} bytes.", limit=most)


@lru_cache(maxsize=256)
def _is_this_machine(host: bytes) -> bool:
    return is_loopback(host_of(host.decode("latin-1")))


def _request_id(headers: Mapping[bytes, bytes], trace_id: str) -> str:
    """The caller's own, if it is short and plain; else that of its trace; else a new one."""
    given = headers.get(b"request-id", b"")
    if 0 < len(given) <= _MOST_ID and given.replace(b"-", b"").replace(b"_", b"").isalnum():
        return given.decode("ascii")
    return trace_id or f"{_PROCESS}{next(_NUMBERS):08x}"
