"""The headers of a record that ingest heeds."""

import re

from liveprofile.streams.contract.inputs.common import READ_BACK_HEADER, REPLAYED_HEADER
from liveprofile.streams.transport.record import Headers

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


_READ_BACK: Headers = ((READ_BACK_HEADER, b"1"),)


def passed_on(headers: Headers) -> Headers:
    """The headers that activities get: the trace context, and that the profile is going to be read."""
    return (*trace_of(headers), *(_READ_BACK if _is_set(headers, READ_BACK_HEADER) else ()))


def trace_of(headers: Headers) -> Headers:
    """The trace context to pass on (W3C traceparent), if there is a well-formed one."""
    for name, value in headers:
        if name == "traceparent" and isinstance(value, bytes) and _TRACEPARENT.fullmatch(value):
            return ((name, value),)
    return ()


def is_replayed(headers: Headers) -> bool:
    """Whether the record says that it is of the past."""
    return _is_set(headers, REPLAYED_HEADER)


def _is_set(headers: Headers, wanted: str) -> bool:
    return any(name == wanted and value not in (None, b"", b"0") for name, value in headers)
