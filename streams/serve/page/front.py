"""The front: sends the page's files, signs browsers in and out, and shows their cookie to the door as a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from liveprofile.streams.serve.api.door import PRINCIPAL, SAFETY, STILL
from liveprofile.streams.serve.api.problems import MEDIA_TYPE, ProblemError
from liveprofile.streams.serve.auth.scopes import ADMIN, Principal
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.serve.page.files import File, Files
from liveprofile.streams.serve.page.sessions import Sessions, cookie_of, set_cookie

SESSION = "/session"
MOST_BODY_BYTES = 4096
BY_LINK = Principal("page", frozenset({ADMIN}))
"""Who signed in by the link of the service: whoever started it, who may do all that the service can."""


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a sign-in: one of both."""

    token: str | None = None
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """An ASGI application before the door."""

    door: Any
    tokens: Tokens
    sessions: Sessions
    files: Files

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.door(scope, receive, send)
            return
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        file = self.files.find(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        if file is not None:
            await _send_file(file, headers, scope["method"], send)
        elif scope["path"] == SESSION and scope["method"] in ("POST", "DELETE"):
            await self._session(scope, headers, receive, send)
        else:
            await self.door(self._with_token(scope, headers), receive, send)

    def _with_token(self, scope: Any, headers: Mapping[bytes, bytes]) -> Any:
        """The request with what its cookie allows. The cookie of a browser counts for the page's own requests alone."""
        if b"authorization" in headers or not _is_own(scope["method"], headers):
            return scope
        value = cookie_of(headers.get(b"cookie", b""))
        if value is None:
            return scope
        if self.sessions.knows(value):
            return {**scope, PRINCIPAL: BY_LINK, STILL: partial(self.sessions.knows, value)}
        if self.tokens.principal(value) is None:  # revoked: as if there were no cookie
            return scope
        return {**scope, "headers": [*scope["headers"], (b"authorization", b"Bearer " + value.encode("latin-1"))]}

    async def _session(self, scope: Any, headers: Mapping[bytes, bytes], receive: Any, send: Any) -> None:
        secure = scope.get("scheme") == "https"
        if not _is_own(scope["method"], headers):
            await _refuse(ProblemError("wrong-host", "Only the page itself signs in and out."), send)
            return
        value: str | None = ""
        if scope["method"] == "POST":
            try:
                value = self._signed_in(msgspec.json.decode(await _body(receive), type=SignIn))
            except (msgspec.MsgspecError, ValueError):
                await _refuse(ProblemError("bad-request", "The body needs one of token and once."), send)
                return
        if value is None:
            await _refuse(ProblemError("no-token", "The token or link is unknown, revoked, used or too old."), send)
            return
        cookie = (b"set-cookie", set_cookie(value, secure=secure))
        await send({"type": "http.response.start", "status": 204, "headers": [*SAFETY, cookie]})
        await send({"type": "http.response.body", "body": b""})

    def _signed_in(self, given: SignIn) -> str | None:
        """The cookie for a token or a link; None for one that is not good."""
        if given.token is not None:
            return given.token if self.tokens.principal(given.token) else None
        return self.sessions.use(given.once or "")


def _is_own(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request is the page's own, or changes nothing."""
    return method in ("GET", "HEAD") or headers.get(b"sec-fetch-site", b"same-origin") in (b"same-origin", b"none")


async def _body(receive: Any) -> bytes:
    """The body of a sign-in. ValueError for one that is none, by its size."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BODY_BYTES:
            raise ValueError("the body is too large")
        if not message.get("more_body"):
            return body


async def _send_file(file: File, headers: Mapping[bytes, bytes], method: str, send: Any) -> None:
    common = [
        *(one for one in SAFETY if one[0] != b"cache-control"),
        (b"cache-control", file.cache),
        (b"etag", file.etag),
    ]
    if headers.get(b"if-none-match") == file.etag:
        await send({"type": "http.response.start", "status": 304, "headers": common})
        await send({"type": "http.response.body", "body": b""})
        return
    is_packed = b"gzip" in headers.get(b"accept-encoding", b"")
    body = file.packed if is_packed else file.body
    about = [
        (b"content-type", file.media_type),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"accept-encoding"),
    ]
    if is_packed:
        about.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": [*about, *common]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _refuse(problem: ProblemError, send: Any) -> None:
    headers = [*SAFETY, (b"content-type", MEDIA_TYPE.encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body})
