"""The client for programs without an event loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import sleep
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from liveprofile.client import calls
from liveprofile.client.calls import Call, Event, Frames, Written
from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.streams.serve.store.page import Listed

_Answer = TypeVar("_Answer")


class Client:
    """A connection to the query service at `url`; a context manager. `token` is that of `liveprofile token create`.

    Every method raises `ServiceError` for a problem that is left after repetitions, `httpx.TransportError` where
    nothing answers after them.
    """

    def __init__(self, url: str, token: str = "", *, timeout_s: float = 30.0, http: httpx.Client | None = None) -> None:
        """`http` replaces the connection, as where a program has its own proxies or certificates."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = http or httpx.Client(base_url=url, headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Disconnect."""
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._http.close()

    def profile(
        self,
        profile_id: str | None = None,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        after: str = "",
        wait_s: float = 2.0,
    ) -> ProfileSnapshot:
        """A profile, by its id or by a shop's own; with `after`, a token, one that has those events."""
        return self._ask(calls.read_profile(profile_id, user_id, anonymous_id, after, wait_s))

    def write(self, events: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Written:
        """Write up to 100 events, each with its `topic`; the token of the answer reads them back."""
        return self._ask(calls.write("/v1/events", events, key))

    def declare(self, declarations: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Written:
        """Write what shoppers declare about themselves."""
        return self._ask(calls.write("/v1/declarations", declarations, key))

    def feedback(self, told: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Written:
        """Write what shoppers think of tags, offers and attributes."""
        return self._ask(calls.write("/v1/feedback", told, key))

    def erase(
        self,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        unknown: bool = False,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Erase a shopper permanently; the deadlines by topic."""
        return self._ask(calls.erase(user_id, anonymous_id, unknown, key))

    def profiles(self, **filters: str | int) -> Iterator[Listed]:
        """All profiles that fit, such as `segment="vip"`, page by page."""
        after: str | None = None
        while True:
            page = self._ask(calls.page_of_profiles(filters, after))
            yield from page.profiles
            if (after := page.after) is None:
                return

    def get(self, path: str, *, after: str = "", wait_s: float = 2.0, **params: str) -> Any:
        """The answer of any other path, such as /v1/segments, as plain objects."""
        return self._ask(calls.get(path, params, after, wait_s))

    def stream(self, *, last_id: str = "", **filters: str | int) -> Iterator[Event]:
        """Changes and anomalies as they happen, for ever; after a break it goes on where it was."""
        frames, attempt = Frames(last_id), 0
        while True:
            wait_s: float | None = None
            try:
                with self._http.stream(
                    "GET", "/v1/stream", params=filters, headers=frames.begin(), timeout=httpx.Timeout(30.0)
                ) as answer:
                    if answer.status_code != 200:
                        wait_s = calls.wait_before_next(answer.status_code, answer.headers, attempt)
                        if wait_s is None:
                            raise calls.problem_of(answer.status_code, answer.read())
                    for line in answer.iter_lines() if answer.status_code == 200 else ():
                        if (event := frames.line(line)) is not None:
                            attempt = 0
                            yield event
            except httpx.TransportError:
                if calls.wait_before_next(503, {}, attempt) is None:
                    raise
            sleep(wait_s or calls.wait_before_next(503, {}, attempt) or calls.MOST_WAIT_S)
            attempt += 1

    def _ask(self, call: Call[_Answer]) -> _Answer:
        attempt = 0
        while True:
            try:
                answer = self._http.request(
                    call.method, call.path, params=call.params, content=call.body, headers=call.sent_headers
                )
            except httpx.TransportError:
                if (wait_s := calls.wait_before_next(503, {}, attempt)) is None:
                    raise
            else:
                if answer.is_success:
                    return call.decode(answer.content, answer.headers)
                if (wait_s := calls.wait_before_next(answer.status_code, answer.headers, attempt)) is None:
                    raise calls.problem_of(answer.status_code, answer.content)
            sleep(wait_s)
            attempt += 1
