"""The quick way for the one question that is asked all the time: a whole profile by its id.

A framework's routing and parsing cost several times what the read itself does. Whatever is not exactly this question
goes on to the framework, whose route gives the same answer; a test compares the two.
"""

import re
from collections.abc import Mapping
from typing import Any

from liveprofile.streams.serve.api.call import KEY, Call
from liveprofile.streams.serve.api.reading import etag_of, headers_of, matches
from liveprofile.streams.serve.service import Service

_PATH = re.compile(r"/v1/profiles/([0-9a-fA-F]{32})")
ROUTE = "/v1/profiles/{profile_id}"
_ELSEWHERE = (b"liveprofile-after", b"content-length", b"transfer-encoding")
"""Headers that ask for more than a read."""


class Quick:
    """An ASGI application before the framework's."""

    def __init__(self, inside: Any, service: Service) -> None:
        self._inside, self._service = inside, service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            found = _PATH.fullmatch(scope["path"])
            if found is not None and await self._answered(bytes.fromhex(found[1]), scope, send):
                return
        await self._inside(scope, receive, send)

    async def _answered(self, profile_id: bytes, scope: Any, send: Any) -> bool:
        call: Call = scope[KEY]
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        if not call.who.sees_all or any(name in headers for name in _ELSEWHERE):
            return False
        stored = self._service.store.snapshot(profile_id)
        if stored is None:
            return False
        call.route, call.profiles = ROUTE, [profile_id.hex()]
        out = [(name.lower().encode(), text.encode()) for name, text in headers_of(self._service, stored).items()]
        known = headers.get(b"if-none-match")
        if known is not None and matches(known.decode("latin-1"), etag_of(stored)):
            status, body = 304, b""
        else:
            status, body = 200, stored.value
            out += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": out})
        await send({"type": "http.response.body", "body": body})
        return True
