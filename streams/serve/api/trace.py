"""The trace that a request belongs to: W3C Trace Context, level 1."""

from __future__ import annotations

import os
import re

_PARENT = re.compile(rb"([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")
_INVALID = b"ff"


def trace_of(header: bytes) -> tuple[str, bytes] | None:
    """Id of the trace, and the `traceparent` of the answer: the same trace, a span of its own. None for no good header.

    A later version than 00 may have more fields, which are passed over.

    >>> trace, answer = trace_of(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    >>> trace, answer.startswith(b"00-4bf92f3577b34da6a3ce929d0e0e4736-"), answer.endswith(b"-01")
    ('4bf92f3577b34da6a3ce929d0e0e4736', True, True)
    >>> trace_of(b"00-00000000000000000000000000000000-00f067aa0ba902b7-01") is None
    True
    """
    found = _PARENT.fullmatch(header)
    if found is None or found[1] == _INVALID or (found[1] == b"00" and found[4] is not None):
        return None
    span = os.urandom(8).hex().encode()
    return found[2].decode(), b"00-%s-%s-%s" % (found[2], span, found[3])
