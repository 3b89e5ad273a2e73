"""Tells from the first bytes of a value what kind of file or message it is, without showing any of them."""

_SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x82SNAPPY\x00", "snappy"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"Obj\x01", "Avro file"),
    (b"PAR1", "Parquet file"),
    (b"\xef\xbb\xbf", "UTF-8 with a byte order mark"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_CONFLUENT_LEAST = 6
"""A zero byte, four bytes of a schema id, and a value."""
_OPENINGS = {"{": "an object", "[": "a list", '"': "a text", "<": "markup"}
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\r\n")
_LOOKED_AT = 256
"""Bytes that decide between text and binary."""


def kind_of(value: bytes) -> str:
    r"""What the value seems to be, in words of a closed list.

    >>> [kind_of(value) for value in (b'{"a": 1', b"\x1f\x8b\x08", b"\x00\x00\x00\x00\x07\x02a", b"{\x00}\x00")]
    ['text: an object', 'gzip', 'schema registry frame', 'UTF-16']
    """
    if not value:
        return "nothing"
    for start, kind in _SIGNATURES:
        if value.startswith(start):
            return kind
    if wide := _width(value[:8]):
        return wide
    if value[0] == 0 and len(value) >= _CONFLUENT_LEAST and value[1:5].strip(b"\x00"):
        return "schema registry frame"
    return _text_or_binary(value[:_LOOKED_AT])


def _width(start: bytes) -> str:
    """UTF-16 or UTF-32 without a mark, by where the zero bytes of Latin letters are; empty for neither."""
    zeros = [place % 4 for place, byte in enumerate(start) if byte == 0]
    if len(start) == 8 and zeros in ([1, 2, 3, 1, 2, 3], [0, 1, 2, 0, 1, 2]):
        return "UTF-32"
    if len(start) >= 4 and start[0::2].strip(b"\x00") and start[1::2].strip(b"\x00") == b"":
        return "UTF-16"
    if len(start) >= 4 and start[1::2].strip(b"\x00") and start[0::2].strip(b"\x00") == b"":
        return "UTF-16"
    return ""


def _text_or_binary(start: bytes) -> str:
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3 or len(start) < _LOOKED_AT:
            return "binary" if _CONTROLS.intersection(start) else "text in another encoding"
        text = start[: error.start].decode("utf-8")
    if _CONTROLS.intersection(start):
        return "binary"
    opening = text.lstrip()[:1]
    return f"text: {_OPENINGS.get(opening, 'other')}"
