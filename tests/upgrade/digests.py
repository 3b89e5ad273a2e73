"""Digests of what the program makes of a log: one for each part, so that a difference says where it is."""

import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from liveprofile.models.snapshot_records import from_records, is_manifest
from liveprofile.profiles.items.fold import ItemFold
from liveprofile.profiles.records.activity import decode_heads, decode_tail
from liveprofile.profiles.records.training_example import decode as decode_example
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.contract.topics import Topics
from tests.upgrade import normal
from tests.upgrade.program import End

Digests = dict[str, str]
"""Hex digest by part; fields of profiles and of activities are parts of their own, such as state.interest."""
DIGITS = 16
"""Hex digits kept of each digest."""
DIMS = 128
"""Dimensions of the vectors in all logs."""


class Part:
    """The lines of one part of the output, hashed partition by partition, and written to a file where one is wanted."""

    def __init__(self, name: str, dump: Path | None) -> None:
        self.name = name
        self.count = 0
        self._hashes: defaultdict[int, Any] = defaultdict(sha256)
        self._file = _opened(dump / f"{name}.jsonl.gz") if dump else None

    def add(self, line: bytes, partition: int = 0) -> None:
        """Take the next line of a partition."""
        self.count += 1
        self._hashes[partition].update(line + b"\n")
        if self._file is not None:
            self._file.write(line + b"\n")

    def digest(self) -> str:
        """Of all lines so far: how many, and what."""
        if self._file is not None:
            self._file.close()
        return f"{self.count}:{_whole(self._hashes)}"


def _whole(hashes: Mapping[int, Any]) -> str:
    """One digest of those of all partitions."""
    return sha256(b"".join(one.digest() for _, one in sorted(hashes.items()))).hexdigest()[:DIGITS]


def _opened(path: Path) -> io.IOBase:
    path.parent.mkdir(parents=True, exist_ok=True)
    return gzip.GzipFile(path, "wb", compresslevel=1, mtime=0)


class Net:
    """Takes all that the stages send and hold, and gives the digests."""

    def __init__(self, topics: Topics, dump: Path | None = None) -> None:
        """Where `dump` is given, the lines are written there as well: a file for each part."""
        self._dump = dump
        self._activity = topics.activity
        self._heads: defaultdict[str, defaultdict[int, Any]] = defaultdict(lambda: defaultdict(sha256))
        self._parts: dict[str, Part] = {}
        self._fields: Digests = {}
        self._models: dict[bytes, bytes] = {}
        self._takers: dict[str, Callable[[MemoryRecord], None]] = {
            topics.dead_letters: lambda one: self._raw("dead-letters", one),
            topics.profile_changes: lambda one: self._fact("changes", one, normal.change),
            topics.profile_anomalies: lambda one: self._fact("anomalies", one, normal.anomaly),
            topics.model_events: lambda one: self._fact("model-events", one, normal.anomaly),
            topics.models: self._model,
            topics.examples: self._example,
        }

    def __call__(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        """Take records that a stage has sent."""
        if topic == self._activity:
            self._take_activity(records)
        if taker := self._takers.get(topic):
            for record in records:
                taker(record)

    def take_end(self, end: End) -> None:
        """Take what the folds hold."""
        for payload in end.snapshots:
            self._part("snapshots").add(normal.line_of(normal.snapshot(payload)))
        for payload in end.cursors:
            self._part("cursors").add(normal.line_of(normal.cursor(payload)))
        for digest, name in sorted(end.names.items()):
            self._part("names").add(normal.line_of([digest, name]))
        for name, values in normal.columns(end.rows):
            self._fields[f"state.{name}"] = sha256(values.tobytes()).hexdigest()[:DIGITS]
        if self._dump is not None:
            for row in end.rows:
                self._part("state").add(normal.line_of(normal.fields(row)))

    def take_items(self, folds: Iterable[ItemFold]) -> None:
        """Take what the items stage would write."""
        for number, fold in enumerate(folds):
            items, neighbours, cursor = fold.checkpoint()
            for name, records in (("items", items), ("item-neighbours", neighbours), ("item-cursors", [(b"", cursor)])):
                for key, value in sorted((key, value or b"") for key, value in records):
                    self._part(name).add(key + b" " + value, number)

    def digests(self) -> Digests:
        """By part, in the order of their names."""
        whole = {name: part.digest() for name, part in self._parts.items() if name != "state"}
        heads = {f"activity.{name}": _whole(hashes) for name, hashes in self._heads.items()}
        return dict(sorted((whole | heads | self._fields).items()))

    def _take_activity(self, records: Sequence[MemoryRecord]) -> None:
        """Records of one partition: as they are, and field by field."""
        values = [record.value or b"" for record in records]
        number = records[0].partition
        for name, column in normal.columns(decode_heads(values, DIMS)):
            self._heads[name][number].update(column.tobytes())
        for record, value in zip(records, values, strict=True):
            self._heads["tail"][number].update(normal.line_of(list(decode_tail(value, DIMS))) + b"\n")
            self._raw("activity", record)

    def _part(self, name: str) -> Part:
        if name not in self._parts:
            self._parts[name] = Part(name, self._dump)
        return self._parts[name]

    def _raw(self, name: str, record: MemoryRecord) -> None:
        """Key and value as they are."""
        key, value = record.key or b"", record.value or b""
        self._part(name).add(b"%d %s %s" % (len(value), key.hex().encode(), value.hex().encode()), record.partition)

    def _fact(self, name: str, record: MemoryRecord, content: Callable[[bytes], dict[str, Any]]) -> None:
        """Id and content of a CloudEvent."""
        fact_id = dict(record.headers)["ce_id"].decode()
        self._part(name).add(normal.line_of([fact_id, content(record.value or b"{}")]), record.partition)

    def _model(self, record: MemoryRecord) -> None:
        """A version, when its last record is there; or its tombstone."""
        key, value = record.key or b"", record.value
        if value is not None:
            self._models[key] = value
        if is_manifest(key):
            content = None if value is None else normal.model(from_records(self._models, key))
            self._part("models").add(normal.line_of([key.decode(), content]), record.partition)

    def _example(self, record: MemoryRecord) -> None:
        found = decode_example(record.key, record.value)
        if found is None:
            raise ValueError(f"example {record.offset} cannot be read")
        line = [(record.key or b"").decode(), normal.fields(found.row), found.text]
        self._part("examples").add(normal.line_of(line), record.partition)


def differing(expected: Digests, found: Digests) -> list[str]:
    """The parts that differ, are missing or are new."""
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def first_difference(before: Path, after: Path) -> str:
    """The first line in which two dumps of a part differ, and its number; empty where there is none."""
    with gzip.open(before, "rb") as one, gzip.open(after, "rb") as other:
        for number, (old, new) in enumerate(zip_longest(one, other, fillvalue=b""), 1):
            if old != new:
                return f"line {number}\n- {_around(old, new)}\n+ {_around(new, old)}"
    return ""


def _around(line: bytes, other: bytes) -> str:
    """A line around its first character that another has not."""
    at = next((at for at, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), min(len(line), len(other)))
    begin = max(0, at - 120)
    return f"{'…' if begin else ''}{line[begin : at + 200].rstrip().decode(errors='replace')}"
