"""Frames of server-sent events, and the ids by which a client goes on where it was, at any replica.

An id is the offset behind the last record of each partition that was delivered, in the order of topics and partitions,
as variable-length numbers in base64url. It says all that a server needs to know.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

HEARTBEAT = b": \n\n"
RETRY = b"retry: 2000\n\n"


def packed(offsets: Sequence[int]) -> str:
    """An id.

    >>> packed([0, 300, 7]), unpacked(packed([0, 300, 7]))
    ('AKwCBw', [0, 300, 7])
    """
    out = bytearray()
    for number in offsets:
        while number >= 0x80:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return urlsafe_b64encode(out).rstrip(b"=").decode()


def unpacked(text: str) -> list[int]:
    """The offsets in an id. ValueError for another text."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if shift > 70:
            raise ValueError("a number of an id is too long")
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    if shift:
        raise ValueError("an id ends within a number")
    return numbers


def frame(event: str, event_id: str, data: bytes) -> bytes:
    """One event. `data` is JSON, so it has no line breaks; those of a foreign writer would each begin a line.

    >>> frame("change", "AQ", b'{"version":1}')
    b'id: AQ\\nevent: change\\ndata: {"version":1}\\n\\n'
    """
    lines = b"\ndata: ".join(data.splitlines() or [b""])
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (event_id.encode(), event.encode(), lines)
