"""The item event: the only input of the item fold, with its byte layout.

    head   layout, kind, partition of `activity`, a spare word, base offset in it (<BBHIq)
    PAIRS      packed `ENTRY`s, in the order of their offsets, of one partition of `activity`
    SIGHTING   packed `SIGHTING`, a vector of int16, JSON array [item_id, title, category, brand]

Profile workers write PAIRS, many to a record. Ingest writes a SIGHTING when an item is new or its attributes changed.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.records.layouts import UnknownLayoutError

LAYOUT = 1
MOST_PAIRS = 8_192
"""Approximate pairs in a record: those of one activity stay together, so that a repeat is dropped whole."""

HEAD = struct.Struct("<BBHIq")
SEEN = struct.Struct("<QqqH")
"""Item, event time (ms), price in minor units (0: unknown), dimensions."""
ENTRY = np.dtype(
    [
        ("offset", "<u4"),  # of the activity, above the record's base
        ("time_s", "<u4"),
        ("item", "<u8"),
        ("other", "<u8"),  # 0: the item itself was viewed
        ("weight", "<f4"),  # negative: other came before item
    ]
)

Pairs = npt.NDArray[np.void]


class ItemEventKind(IntEnum):
    """The kind of an item event."""

    PAIRS = 1
    SIGHTING = 2


class ItemUpdate(NamedTuple):
    """The attributes of an item when it was viewed."""

    item: int
    """digest64 of the item id."""
    time_ms: int
    price: int
    """Minor units, of one piece; 0 if unknown."""
    vector: bytes
    """int16, `VECTOR_ONE` is 1.0."""
    texts: tuple[str | None, ...]
    """Item id, title, category, brand."""


def home_of(item: Any, partitions: Any) -> Any:
    """The partition of an item; accepts one digest or an array of them."""
    return item % partitions


def encode_pairs(pairs: Pairs, partition: int, targets: int) -> dict[int, list[bytes]]:
    """The records of pairs (n,) of one partition of `activity`, see `co_occurrence.PAIR`, by target partition.

    Pairs must be in the order of their offsets, and stay in it. ValueError where they span more than 2^32 offsets.
    """
    entries = np.empty(len(pairs), ENTRY)
    base = int(pairs["offset"][0]) if len(pairs) else 0
    if len(pairs) and int(pairs["offset"][-1]) - base >= 1 << 32:
        raise ValueError("pairs of one run span more than 2^32 offsets: fold smaller runs")
    entries["offset"] = pairs["offset"] - base
    entries["time_s"] = np.clip(pairs["time_ms"] // 1000, 1, 2**32 - 1)
    entries["item"], entries["other"] = pairs["item"], pairs["other"]
    entries["weight"] = np.where((pairs["after"] != 0) | (pairs["other"] == 0), pairs["weight"], -pairs["weight"])
    homes = home_of(pairs["item"], np.uint64(targets))
    head = HEAD.pack(LAYOUT, ItemEventKind.PAIRS, partition, 0, base)
    records: dict[int, list[bytes]] = {}
    for target in range(targets):
        own = entries[homes == target]
        if len(own):
            records[target] = [head + part.tobytes() for part in _parts(own)]
    return records


def _parts(entries: Pairs) -> Iterator[Pairs]:
    """Cuts of about `MOST_PAIRS`, never through the pairs of one activity."""
    start = 0
    while start < len(entries):
        end = start + MOST_PAIRS
        if end < len(entries):
            end = int(np.searchsorted(entries["offset"], entries["offset"][end - 1], side="right"))
        yield entries[start:end]
        start = end


def decode_pairs(value: bytes) -> tuple[int, npt.NDArray[np.int64], Pairs]:
    """Partition of `activity`, offsets in it (n,) and entries (n,). ValueError where the record is damaged."""
    _, _, partition, _, base = HEAD.unpack_from(value)
    entries = np.frombuffer(value, ENTRY, offset=HEAD.size)
    return partition, entries["offset"].astype(np.int64) + base, entries


def encode_item_update(seen: ItemUpdate) -> bytes:
    """The record of one item update."""
    head = HEAD.pack(LAYOUT, ItemEventKind.SIGHTING, 0, 0, 0)
    fixed = SEEN.pack(seen.item, seen.time_ms, seen.price, len(seen.vector) // 2)
    return head + fixed + seen.vector + orjson.dumps(seen.texts)


def decode_item_update(value: bytes) -> ItemUpdate:
    """The item update of `encode_item_update`. ValueError where the record is damaged."""
    try:
        item, time_ms, price, dims = SEEN.unpack_from(value, HEAD.size)
        start = HEAD.size + SEEN.size
        end = start + 2 * dims
        texts = orjson.loads(value[end:])
    except (struct.error, orjson.JSONDecodeError) as error:
        raise ValueError(f"a damaged sighting of {len(value)} bytes: {error}") from error
    if not isinstance(texts, list) or len(texts) != 4 or any(not isinstance(one, str | None) for one in texts):
        raise ValueError(f"a damaged sighting of {len(value)} bytes: its texts are {str(texts)[:60]}")
    return ItemUpdate(item, time_ms, price, value[start:end], tuple(texts))


def _is_newer(layout: int, kind: int) -> bool:
    """Whether the first two bytes, the same in every layout, are those of a newer program."""
    return 1 <= kind < 32 and (LAYOUT < layout < 32 or (layout == LAYOUT and kind > max(ItemEventKind)))


def kind_of(value: bytes | None) -> ItemEventKind:
    """What a record is. `UnknownLayoutError` for one of a newer program, ValueError for one that is none."""
    if value is None or len(value) < HEAD.size or value[0] != LAYOUT or value[1] not in (1, 2):
        if value is not None and len(value) >= HEAD.size and _is_newer(value[0], value[1]):
            raise UnknownLayoutError("an item event", f"number {value[0]}, kind {value[1]}", f"number {LAYOUT}")
        raise ValueError(f"no item event: it begins with {value[:2].hex() if value else 'nothing'}")
    return ItemEventKind(value[1])
