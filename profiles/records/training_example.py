"""The training example record: the input of the learners, with its byte layout.

The key is the profile id. The value is a head, a body by its kind, and for some kinds a text: little-endian, see
`example_dtype`. It holds its place in `activity`, its time, and numbers. It holds no data that identifies a person.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.records.layouts import Family, UnknownLayoutError

LAYOUT = 4
"""The present layout, the first byte of a record. A changed body gets the next number, as a test checks."""
NUMBERED = 4
"""The first layout with `ordinal`."""

_START = struct.Struct("<BBH")


_HEAD: list[tuple[Any, ...]] = [
    ("layout", "u1"),  # LAYOUT
    ("kind", "u1"),  # ExampleKind
    ("dims", "<u2"),  # number of values in its vector, inputs or scores
    ("partition", "<u2"),  # partition of activity
    ("offset", "<i8"),  # offset in that partition
    ("ordinal", "<u4"),  # place among the examples of this kind that the record at the offset gave, from 0 on
    ("event_time_ms", "<i8"),  # time of the cause of the example, epoch milliseconds
]


_ORDINAL = slice(14, 18)
"""The bytes of `ordinal`, which is in the head of every kind."""


def _body(kind: ExampleKind, dims: int) -> list[tuple[Any, ...]]:
    """The fields of one kind of example."""
    return {
        ExampleKind.PLACE: [
            ("version", "<u4"),  # the profile's version after the change
            ("topic", "<u4"),  # digest of its largest long-term topic; 0 for none
            ("vector", "<i2", (dims,)),  # first dims of the unit long-interest vector times VECTOR_ONE
        ],
        ExampleKind.LABELLED: [
            ("task", "u1"),  # place in row.TASKS
            ("label", "u1"),  # 1: it happened
            ("probability", "<f4"),  # the predicted probability
            ("input", "<i2", (dims,)),  # see profiles.predictions.inputs
        ],
        ExampleKind.REVIEW: [("stars", "u1"), ("vector", "<i2", (dims,))],  # stars times 10
        ExampleKind.SESSION: [("day", "<u4"), ("score", "<f4", (dims,))],  # days since 1970, by row.ANOMALIES
        ExampleKind.ENTRY: [
            ("entry", "<u4"),  # digest of the topic of the first activity that had one
            ("cluster", "<i4"),  # -1 for none
            ("bought", "u1"),  # 1: ordered at least once
            ("order", "<f4"),  # location of log2(order in minor units); 0 without one
            ("share", "<f4", (dims,)),  # of the topics that the text names, in its order; 0 beyond them
        ],
    }[kind]


TEXTUAL = frozenset({ExampleKind.PLACE, ExampleKind.ENTRY})
"""Kinds that end with a text; the others have their size exactly."""


@lru_cache(maxsize=32)
def example_dtype(kind: ExampleKind, dims: int) -> np.dtype[np.void]:
    """The layout of a kind of example with `dims` numbers, unaligned."""
    return np.dtype([*_HEAD, *_body(kind, dims)])


EXAMPLES = {kind: Family(f"example-{kind.name.lower()}", partial(example_dtype, kind), LAYOUT) for kind in ExampleKind}
"""All layouts of each kind of example."""


class Example(NamedTuple):
    """One example for the learners."""

    kind: int
    partition: int
    """Of `activity`."""
    offset: int
    """In that partition."""
    ordinal: int | None
    """Place among the examples of its kind that the record at the offset gave, from 0 on; with the offset it identifies
    a repeat. None in records of older programs."""
    time_ms: int
    row: np.void
    """Head and body, see `example_dtype`."""
    text: str
    checksum: int
    """CRC-32 of key and value: distinguishes a repeat from another example where there is no ordinal."""


def blank_examples(kind: ExampleKind, count: int, dims: int, partition: int) -> npt.NDArray[np.void]:
    """`count` blank examples; the caller fills in bodies, offsets and times."""
    rows = np.zeros(count, dtype=example_dtype(kind, dims))
    rows["layout"], rows["kind"], rows["dims"], rows["partition"] = LAYOUT, kind, dims, partition
    return rows


def encode(rows: npt.NDArray[np.void], texts: Sequence[str] = ()) -> list[bytes]:
    """Records of the examples (n,), each with its text.

    Send those of a kind in ascending order of `offset` and `ordinal`: the learner takes one that is not above the last
    one for a repeat.
    """
    size, data = rows.itemsize, rows.tobytes()
    records = [data[at : at + size] for at in range(0, len(data), size)]
    return [record + text.encode() for record, text in zip(records, texts, strict=True)] if texts else records


def decode(key: bytes | None, value: bytes | None) -> Example | None:
    """An example, of any known layout; None for a record that is none. `UnknownLayoutError` for a newer program's."""
    if value is None or len(value) < _START.size:
        return None
    number, kind, dims = _START.unpack_from(value)
    layout = EXAMPLES[ExampleKind(kind)].of_number(number) if kind in EXAMPLES else None
    if layout is None:
        _refuse_newer(value)
        return None
    family = EXAMPLES[ExampleKind(kind)]
    dtype = family.dtype(layout.fingerprint, dims)
    size = dtype.itemsize
    if len(value) < size or (len(value) > size and kind not in TEXTUAL):
        return None
    row = family.migrate(np.frombuffer(value, dtype=dtype, count=1), layout.fingerprint, dims)[0]
    _, _, _, partition, offset, numbered, time_ms = row.item()[:7]
    ordinal = numbered if layout.number >= NUMBERED else None
    text = value[size:].decode("utf-8", "replace")
    return Example(kind, partition, offset, ordinal, time_ms, row, text, zlib.crc32(value, zlib.crc32(key or b"")))


def without_ordinal(record: bytes) -> bytes:
    """A record of `encode` in the layout before ordinals, for programs that read no other."""
    return bytes([NUMBERED - 1]) + record[1 : _ORDINAL.start] + record[_ORDINAL.stop :]


def _refuse_newer(value: bytes) -> None:
    """`UnknownLayoutError` if the first four bytes, the same in every layout, are those of a newer program."""
    number, kind, dims = _START.unpack_from(value)
    newer = LAYOUT < number < 32 or (number == LAYOUT and kind > max(ExampleKind))
    if newer and kind < 32 and dims <= 4096 and len(value) >= np.dtype(_HEAD).itemsize:
        raise UnknownLayoutError("an example", f"number {number}, kind {kind}", f"number {LAYOUT}")
