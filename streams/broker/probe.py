"""One Kafka metadata request over a plain socket: does a broker answer, and of which cluster?

It does not use a client library, because start, stop and status are synchronous, also inside a running event loop.
Layout: Metadata v12, request header v2, response header v1, from the Kafka protocol guide (https://kafka.apache.org/protocol).
"""

import socket
import ssl
import struct
from dataclasses import dataclass

_METADATA, _VERSION, _CORRELATION = 3, 12, 7
_LARGEST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """The metadata response: the cluster's id, and the node ids of the brokers that are ready for clients."""

    cluster_id: str
    brokers: frozenset[int]


def ask(port: int, timeout_s: float = 2.0, tls: ssl.SSLContext | None = None) -> Answer | None:
    """The answer of the broker on 127.0.0.1:`port`, or None if there is none (yet); `tls` if its listener has TLS."""
    try:
        with _connected(port, timeout_s, tls) as connection:
            connection.sendall(_request())
            (length,) = struct.unpack(">i", _read(connection, 4))
            if not 0 < length <= _LARGEST_ANSWER:
                return None
            return _parse(_read(connection, length))
    except (OSError, EOFError, ValueError, IndexError, struct.error):
        return None


def _connected(port: int, timeout_s: float, tls: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
    if tls is None:
        return plain
    try:
        return tls.wrap_socket(plain, server_hostname="127.0.0.1")
    except BaseException:
        plain.close()
        raise


def _request() -> bytes:
    client = b"liveprofile"
    header = struct.pack(f">hhih{len(client)}sB", _METADATA, _VERSION, _CORRELATION, len(client), client, 0)
    no_topics_no_creation_no_authorizations_no_tags = b"\x01\x00\x00\x00"
    message = header + no_topics_no_creation_no_authorizations_no_tags
    return struct.pack(">i", len(message)) + message


def _parse(answer: bytes) -> Answer:
    cursor = _Cursor(answer)
    if cursor.int32() != _CORRELATION:
        raise ValueError("another request's answer")
    cursor.skip(1 + 4)  # no tags in the header; throttle time
    brokers = set()
    for _ in range(cursor.varint() - 1):
        brokers.add(cursor.int32())
        cursor.string()  # host
        cursor.skip(4)  # port
        cursor.string()  # rack
        cursor.skip(1)  # no tags
    return Answer(cursor.string() or "", frozenset(brokers))


def _read(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise EOFError("the connection was closed")
        received += part
    return bytes(received)


class _Cursor:
    """Reads the protocol's types one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def skip(self, count: int) -> None:
        self._at += count

    def int32(self) -> int:
        (value,) = struct.unpack_from(">i", self._data, self._at)
        self._at += 4
        return int(value)

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def string(self) -> str | None:
        length = self.varint() - 1
        if length < 0:
            return None
        self._at += length
        return self._data[self._at - length : self._at].decode()
