"""The fold of item events into a partition's items. The same log gives the same records, in batches of any size.

An item event may arrive twice, because a profile stage that crashed folds its log again. Pairs at or below the
watermark of their `activity` partition are dropped. After a crash this fold may read records again of which some items
were already written: each item skips the records that it has applied.

An item without an event for `forget_after_days` leaves. The time is that of the events themselves: items are looked
through at the first record of each day.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.items.event import ENTRY, ItemEventKind, ItemUpdate, decode_item_update, decode_pairs, kind_of
from liveprofile.profiles.items.graph import ITEM, NEVER_MS, Items, take_pairs
from liveprofile.profiles.items.record import ItemNeighbours, ItemSnapshot
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.records.layouts import UnknownLayoutError

LAYOUT = 1
DAY_S = 86_400
_ENCODER = msgspec.json.Encoder()

Records = list[tuple[bytes, bytes | None]]
"""Keys and values; None removes a record."""


@dataclass(slots=True)
class ItemOutcome:
    """The result of a batch of item events."""

    pairs: int = 0
    item_updates: int = 0
    repeats: int = 0
    """Number of pairs that were counted before."""
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    """Offsets of skipped records, with the reason for each."""


class ItemFold:
    """One partition's items, and the only code that changes them."""

    def __init__(self, half_life_s: float, capacity: int = 1024, forget_after_days: float = 0.0) -> None:
        """`half_life_s` is that of popularity and co-occurrence; `capacity` is the initial room for items.

        Items leave after `forget_after_days` without an event; with 0 they stay for good.
        """
        self.half_life_s, self.forget_after_days = half_life_s, forget_after_days
        self.day = 0
        """The newest day of events, since 1970."""
        self.applied_through = -1
        self.watermarks: dict[int, int] = {}
        self.rows: Items = np.zeros(capacity, ITEM)
        self._places: dict[int, int] = {}
        self._free: list[int] = []
        self._used = 0
        """Places that were ever taken."""
        self._left: dict[int, None] = {}
        """Items that have left since the last checkpoint."""
        self._touched = np.zeros(capacity, bool)
        self._seen: dict[int, ItemUpdate] = {}

    def __len__(self) -> int:
        """Number of known items."""
        return len(self._places)

    def row(self, item: int) -> np.void:
        """The row of an item. KeyError for an unknown one."""
        found: np.void = self.rows[self._places[item]]
        return found

    def apply(self, values: Sequence[bytes | None], offsets: Sequence[int]) -> ItemOutcome:
        """Take the next records of the partition's item events, in order. `UnknownLayoutError` for newer ones."""
        outcome = ItemOutcome()
        blocks: list[npt.NDArray[np.void]] = []
        block_offsets: list[int] = []
        for value, offset in zip(values, offsets, strict=True):
            if offset <= self.applied_through:
                continue
            self.applied_through = offset
            try:
                if kind_of(value) == ItemEventKind.SIGHTING:
                    seen = decode_item_update(value or b"")
                    self._begin_day(seen.time_ms // (1000 * DAY_S), blocks, block_offsets)
                    self._see(seen, outcome)
                elif len(block := self._fresh(value or b"", outcome)):
                    self._begin_day(int(block["time_s"].max()) // DAY_S, blocks, block_offsets)
                    blocks.append(block)
                    block_offsets.append(offset)
            except UnknownLayoutError:
                raise
            except ValueError as error:
                outcome.unreadable.append((offset, str(error)))
        self._take_blocks(blocks, block_offsets)
        return outcome

    def _take_blocks(self, blocks: list[npt.NDArray[np.void]], offsets: list[int]) -> None:
        """Apply the pairs gathered so far, of the records at `offsets`."""
        if blocks:
            at = np.repeat(np.array(offsets), [len(block) for block in blocks])
            self._take(np.concatenate(blocks), at)
            blocks.clear()
            offsets.clear()

    def _begin_day(self, day: int, blocks: list[npt.NDArray[np.void]], offsets: list[int]) -> None:
        """At the first record of a new day, let items leave that had no event for too long."""
        if day <= self.day:
            return
        self.day = day
        if self.forget_after_days > 0:
            self._take_blocks(blocks, offsets)
            self._forget((day - self.forget_after_days) * DAY_S)

    def _forget(self, until_s: float) -> None:
        """Let items leave whose newest event is before a moment, epoch seconds."""
        rows = self.rows[: self._used]
        newest_s = np.maximum(rows["time_s"].astype(np.int64), rows["seen_ms"] // 1000)
        for place in np.flatnonzero((rows["item"] != 0) & (newest_s < until_s)).tolist():
            item = int(self.rows[place]["item"])
            del self._places[item]
            self._seen.pop(item, None)
            self._left[item] = None
            self._free.append(place)
            self.rows[place], self._touched[place] = np.zeros((), ITEM), False

    def _fresh(self, value: bytes, outcome: ItemOutcome) -> npt.NDArray[np.void]:
        """The pairs of a record that were not counted before; advances the watermark."""
        partition, coordinates, entries = decode_pairs(value)
        known = self.watermarks.get(partition, -1)
        fresh = entries[coordinates > known]
        if len(fresh):
            self.watermarks[partition] = int(coordinates[-1])
        outcome.pairs += len(fresh)
        outcome.repeats += len(entries) - len(fresh)
        return fresh

    def _take(self, pairs: npt.NDArray[np.void], offsets: npt.NDArray[np.int64]) -> None:
        """Apply pairs (n,) of the records at `offsets` (n,), except those of records that the item has applied."""
        items, inverse = np.unique(pairs["item"], return_inverse=True)
        places = self._places_of(items.tolist())[inverse]
        new = self.rows["applied"][places] < offsets
        pairs, places = pairs[new], places[new]
        take_pairs(self.rows, places, pairs, self.half_life_s)
        np.maximum.at(self.rows["applied"], places, offsets[new])
        self._touched[places] = True

    def _see(self, seen: ItemUpdate, outcome: ItemOutcome) -> None:
        """Keep an item update unless a later one is known."""
        place = int(self._places_of([seen.item])[0])  # first: it may replace `rows` by a larger array
        row = self.rows[place]
        if seen.time_ms >= row["seen_ms"]:
            row["seen_ms"] = seen.time_ms
            self._seen[seen.item] = seen
            outcome.item_updates += 1

    def _places_of(self, items: Sequence[int]) -> npt.NDArray[np.int64]:
        """The places of items (n,); new items get blank rows."""
        known, found, new = self._places, [], []
        for item in items:
            place = known.get(item)
            if place is None:
                place = known[item] = self._new_place()
                new.append(item)
            found.append(place)
        if new:
            self._make_blank(new)
        return np.array(found, np.int64)

    def _new_place(self) -> int:
        if self._free:
            return self._free.pop()
        self._used += 1
        return self._used - 1

    def _make_blank(self, new: list[int]) -> None:
        """Make blank rows for new items, doubling the array until they fit."""
        if self._used > len(self.rows):
            before = len(self.rows)
            rows = np.zeros(max(self._used, 2 * before), ITEM)
            rows[:before] = self.rows
            touched = np.zeros(len(rows), bool)
            touched[:before] = self._touched
            self.rows, self._touched = rows, touched
        places = [self._places[item] for item in new]
        self.rows["applied"][places], self.rows["seen_ms"][places] = -1, NEVER_MS
        self.rows["item"][places] = np.array(new, np.uint64)

    def checkpoint(self) -> tuple[Records, Records, bytes]:
        """Records of `items` and of `item-neighbours` changed since the last call, and the cursor to write last."""
        places = np.flatnonzero(self._touched)
        self._touched[places] = False
        (seen, self._seen), (left, self._left) = (self._seen, {}), (self._left, {})
        items: Records = [(b"%016x" % item, None) for item in left]
        items += [(b"%016x" % item, _snapshot(item_update)) for item, item_update in seen.items()]
        neighbours: Records = [(b"%016x" % item, None) for item in left]
        neighbours += [_neighbours(row) for row in self.rows[places]]
        cursor = {"layout": LAYOUT, "applied_through": self.applied_through, "day": self.day}
        marks = {str(partition): offset for partition, offset in sorted(self.watermarks.items())}
        return items, neighbours, orjson.dumps(cursor | {"watermarks": marks})

    def restore_items(self, values: Sequence[bytes]) -> None:
        """Load records of `items`. ValueError for a record of another format."""
        records = [msgspec.json.decode(value, type=ItemSnapshot) for value in values]
        places = self._places_of([int(record.item, 16) for record in records])
        self.rows["seen_ms"][places] = [record.seen_ms for record in records]

    def restore_neighbours(self, values: Sequence[bytes]) -> None:
        """Load records of `item-neighbours`. ValueError for a record of another format."""
        records = [msgspec.json.decode(value, type=ItemNeighbours) for value in values]
        for place, record in zip(
            self._places_of([int(one.item, 16) for one in records]).tolist(), records, strict=True
        ):
            row, count = self.rows[place], len(record.neighbours)
            row["applied"], row["time_s"], row["popularity"] = record.applied, record.time_s, record.popularity
            row["neighbour"][:count] = [int(other, 16) for other in record.neighbours]
            row["after"][:count], row["before"][:count] = record.after, record.before

    def restore_cursor(self, value: bytes) -> None:
        """Take the cursor. `UnknownLayoutError` for one of a newer program."""
        state = orjson.loads(value)
        if state.get("layout") != LAYOUT:
            raise UnknownLayoutError("an items cursor", f"number {state.get('layout')}", f"number {LAYOUT}")
        self.applied_through, self.day = state["applied_through"], state.get("day", 0)
        self.watermarks = {int(partition): offset for partition, offset in state["watermarks"].items()}


def _snapshot(seen: ItemUpdate) -> bytes:
    item_id, title, category, brand = seen.texts
    vector = (np.frombuffer(seen.vector, "<i2") / VECTOR_ONE).astype("<f2")
    price = seen.price / 100 if seen.price else None
    key = f"{seen.item:016x}"
    return _ENCODER.encode(
        ItemSnapshot(key, item_id, title, category, brand, price, seen.time_ms, b64encode(vector.tobytes()).decode())
    )


def _neighbours(row: np.void) -> tuple[bytes, bytes]:
    """Neighbours for a record. A weight is the shortest decimal number that is read back to the same bits."""
    count = int(np.count_nonzero(row["neighbour"]))
    key = f"{int(row['item']):016x}"
    record = {
        "item": key,
        "time_s": int(row["time_s"]),
        "popularity": row["popularity"],
        "neighbours": [f"{other:016x}" for other in row["neighbour"][:count].tolist()],
        "after": np.ascontiguousarray(row["after"][:count]),
        "before": np.ascontiguousarray(row["before"][:count]),
        "applied": int(row["applied"]),
    }
    return key.encode(), orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY)


def compile_items() -> None:
    """Apply one pair, which calls all compiled code."""
    take_pairs(np.zeros(1, ITEM), np.zeros(1, np.int64), np.zeros(1, ENTRY), 1.0)
