"""Keys of the store: one byte for the kind, then what the record is about; all numbers are big-endian."""

from enum import Enum
from struct import Struct
from uuid import UUID

_U4 = Struct(">I")
_U8 = Struct(">Q")
ID_BYTES = 16
"""Bytes of a profile id: 32 hexadecimal digits."""


class Kind(bytes, Enum):
    """The kinds of records; their keys begin so."""

    PROFILE = b"P"
    """Profile id -> envelope and snapshot."""
    ROW = b"R"
    """Profile id -> its row, see `store.row`."""
    CHANGE = b"C"
    """Profile id, version -> envelope and change record."""
    ANOMALY = b"A"
    """Profile id, anomaly id, step -> envelope and anomaly record."""
    ERASED = b"E"
    """Profile id -> when it was erased, epoch milliseconds."""
    ITEM = b"I"
    """Key of `items` -> its value."""
    NEIGHBOURS = b"J"
    """Key of `item-neighbours` -> its value."""
    MODEL = b"M"
    """Key of `models` -> envelope without a value: the payload of a model is not kept."""
    MODEL_EVENT = b"L"
    """Offset -> envelope and event."""
    FLOW = b"F"
    """Hour, segment -> entered, left."""
    NAME = b"N"
    """Set of names, number -> name."""
    OFFSET = b"O"
    """Topic, partition -> the offset to go on at."""
    TOPIC = b"T"
    """Topic -> Kafka's id of it."""
    VERDICT = b"V"
    """Anomaly id -> the last verdict."""
    RULES = b"G"
    """Offset -> key and record of the topic `rules`."""
    EDIT = b"K"
    """Rules, partition of `activity` -> the offset at which workers took them up."""
    EDITED = b"D"
    """Profile id, version -> the rules whose edit caused it."""
    REFUSED = b"X"
    """Number -> a refused record, without what was sent."""
    REFUSED_COUNT = b"Y"
    """Day, reason, source -> refused records."""


def of_profile(kind: Kind, profile_id: bytes) -> bytes:
    """`profile_id` has 16 bytes."""
    return kind.value + profile_id


def of_change(profile_id: bytes, version: int) -> bytes:
    """Versions of a profile stand in their order."""
    return Kind.CHANGE.value + profile_id + _U4.pack(version)


def of_anomaly(profile_id: bytes, anomaly_id: str, step: int) -> bytes:
    """ValueError for an anomaly id that is no UUID."""
    return Kind.ANOMALY.value + profile_id + UUID(anomaly_id).bytes + _U4.pack(step)


def of_offset(topic: str, partition: int) -> bytes:
    """Topic names have no NUL."""
    return Kind.OFFSET.value + topic.encode() + b"\0" + _U4.pack(partition)


def of_flow(hour: int, name: str) -> bytes:
    """`hour` counts from 1970."""
    return Kind.FLOW.value + _U4.pack(hour) + name.encode()


def flow_of(key: bytes) -> tuple[int, str]:
    """The hour and the name of a key of `of_flow`."""
    return _U4.unpack_from(key, 1)[0], key[5:].decode()


def of_number(kind: Kind, number: int) -> bytes:
    """Numbers stand in their order."""
    return kind.value + _U8.pack(number)


def after(prefix: bytes) -> bytes:
    """The first key behind all keys that begin with `prefix`.

    >>> after(b"C\\x01"), after(b"C\\xff")
    (b'C\\x02', b'D')
    """
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,))
