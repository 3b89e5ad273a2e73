"""Writes many JSON objects at once: each field as a column of JSON texts, then a template for each object.

A record with a hundred values costs little this way: no Python object is made for a number, a time or a list, and all
values of a field are encoded by one call. The templates are read from the msgspec structs that describe the records,
so that the structs stay the only description of the format.

>>> class Point(msgspec.Struct, omit_defaults=True):
...     x: float
...     name: str = ""
>>> objects(Point, x=numbers(np.array([0.5, 1.0])), name=members("name", ["A", None]))
[b'{"x":0.5,"name":"A"}', b'{"x":1.0}']
"""

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.facts.facts import YEAR_1_MS, YEAR_9999_MS, rfc3339

Texts = list[bytes]
"""JSON texts."""
NULL = b"null"
_ENCODER = msgspec.json.Encoder()
FEW = 24
"""Below this number of times, one by one is faster."""
_DAY_MS = 86_400_000
_TIME = np.frombuffer(b'"0000-00-00T00:00:00.000Z"', np.uint8)
_TWO_DIGITS = np.frombuffer(b"".join(b"%02d" % number for number in range(100)), np.uint8).reshape(100, 2)
_THREE_DIGITS = np.frombuffer(b"".join(b"%03d" % number for number in range(1000)), np.uint8).reshape(1000, 3)


def texts(values: Iterable[Any]) -> Texts:
    """The JSON text of each value.

    >>> texts(["a", None, {"b": [1.5]}])
    [b'"a"', b'null', b'{"b":[1.5]}']
    """
    return _ENCODER.encode_lines(values).split(b"\n")[:-1]


def numbers(values: npt.NDArray[np.generic]) -> Texts:
    """The JSON text of each number (n,), or of each array of numbers (n, k).

    >>> numbers(np.array([1, 2])), numbers(np.array([[0.25], [1e22]]))
    ([b'1', b'2'], [b'[0.25]', b'[1e22]'])
    """
    if not len(values):
        return []
    written = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).replace(b"e+", b"e")
    if values.ndim == 1:
        return written[1:-1].split(b",")
    return [b"[%b]" % row for row in written[2:-2].split(b"],[")]


def times(times_ms: npt.NDArray[np.generic]) -> Texts:
    """Epoch milliseconds (n,) as `facts.rfc3339` writes them.

    >>> times(np.array([1_700_000_000_123, -1] * FEW))[:2]
    [b'"2023-11-14T22:13:20.123Z"', b'"1969-12-31T23:59:59.999Z"']
    """
    if len(times_ms) < FEW:
        return [b'"%b"' % rfc3339(time_ms).encode() for time_ms in times_ms.tolist()]
    days, ms = np.divmod(times_ms.astype(np.int64).clip(YEAR_1_MS, YEAR_9999_MS), _DAY_MS)
    different, places = np.unique(days, return_inverse=True)
    dates = np.datetime_as_string(different.astype("datetime64[D]")).astype("S10")
    written = np.tile(_TIME, (len(days), 1))
    written[:, 1:11] = dates.view(np.uint8).reshape(-1, 10)[places]
    seconds, minutes = ms // 1000, ms // 60_000
    written[:, 12:14] = _TWO_DIGITS[minutes // 60]
    written[:, 15:17] = _TWO_DIGITS[minutes % 60]
    written[:, 18:20] = _TWO_DIGITS[seconds % 60]
    written[:, 21:24] = _THREE_DIGITS[ms % 1000]
    return _fixed(written)


def base64_texts(rows: npt.NDArray[np.generic]) -> Texts:
    """The bytes of each row (n, k) as a JSON string in base64.

    >>> base64_texts(np.array([[1, 2], [3, 4]], np.uint8))
    [b'"AQI="', b'"AwQ="']
    """
    if not len(rows):
        return []
    content = np.ascontiguousarray(rows).view(np.uint8)
    size, missing = content.shape[1], -content.shape[1] % 3
    whole = np.zeros((len(rows), size + missing), np.uint8)
    whole[:, :size] = content
    written = np.full((len(rows), (size + missing) // 3 * 4 + 2), ord('"'), np.uint8)
    written[:, 1:-1] = np.frombuffer(b2a_base64(whole.tobytes(), newline=False), np.uint8).reshape(len(rows), -1)
    if missing:
        written[:, -1 - missing : -1] = ord("=")
    return _fixed(written)


def lists(entries: Sequence[bytes], counts: npt.NDArray[np.generic], frame: bytes = b"[%b]") -> Texts:
    """Arrays of the next entries each, by their counts (n,); objects of members with the frame `{%b}`.

    >>> lists([b"1", b"2", b"3"], np.array([2, 0, 1]))
    [b'[1,2]', b'[]', b'[3]']
    """
    ends = counts.cumsum().tolist()
    return [frame % b",".join(entries[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def objects(struct: type[msgspec.Struct], **columns: Sequence[bytes]) -> Texts:
    """The records of a struct: a column for each field, in the order of the struct.

    A field that the struct leaves out while it has its default needs a column of `members`. TypeError for other fields.
    """
    frame = _frame(struct, tuple(columns))
    return [frame % values for values in zip(*columns.values(), strict=True)]


def members(name: str, values: Sequence[Any]) -> Texts:
    """A member of objects that is left out where its value is None; never the first member.

    >>> members("a", [1, None])
    [b',"a":1', b'']
    """
    key, present = b',"%b":' % name.encode(), [value for value in values if value is not None]
    if not present:
        return [b""] * len(values)
    if len(present) == len(values):
        return [key + text for text in texts(values)]
    written = iter(texts(present))
    return [b"" if value is None else key + next(written) for value in values]


def counted(names: Sequence[bytes], counts: npt.NDArray[np.generic], shown: npt.NDArray[np.bool_]) -> Texts:
    """Objects from names to the numbers `counts` (n, names), of those that are `shown` (n, names).

    >>> counted([b'"a"', b'"b"'], np.array([[1, 2], [0, 0]]), np.array([[False, True], [False, False]]))
    [b'{"b":2}', b'{}']
    """
    entries = [
        b"%b:%b" % (names[at], number)
        for at, number in zip(shown.nonzero()[1].tolist(), numbers(counts[shown]), strict=True)
    ]
    return lists(entries, shown.sum(axis=1), b"{%b}")


class Encoded(dict[Any, bytes]):
    """The JSON texts of what a function gives for a key, each made on first use.

    >>> Encoded(str.upper).all(np.array(["a", "a"]))
    [b'"A"', b'"A"']
    """

    def __init__(self, value_of: Callable[[Any], Any]) -> None:
        super().__init__()
        self._value_of = value_of

    def __missing__(self, key: Any) -> bytes:
        text = self[key] = _ENCODER.encode(self._value_of(key))
        return text

    def all(self, keys: npt.NDArray[np.generic]) -> Texts:
        """The texts of keys (n,)."""
        return list(map(self.__getitem__, keys.tolist()))

    def all_known(self, keys: npt.NDArray[np.generic]) -> Texts:
        """The same; null for the key 0."""
        return [self[key] if key else NULL for key in keys.tolist()]


@lru_cache(maxsize=256)
def _frame(struct: type[msgspec.Struct], names: tuple[str, ...]) -> bytes:
    """The template of a struct's objects. TypeError unless `names` are its fields, in their order."""
    fields = msgspec.structs.fields(struct)
    if names != tuple(field.name for field in fields):
        raise TypeError(f"{struct.__name__} has the fields {[field.name for field in fields]}, not {list(names)}")
    parts = [
        b"%b" if struct.__struct_config__.omit_defaults and not field.required else b',"%b":%%b' % name.encode()
        for field in fields
        if (name := field.encode_name)
    ]
    return b"{" + b"".join(parts).removeprefix(b",") + b"}"


def _fixed(written: npt.NDArray[np.uint8]) -> Texts:
    """Rows of characters as bytes."""
    lines: Texts = np.ascontiguousarray(written).view(f"S{written.shape[1]}").ravel().tolist()
    return lines
