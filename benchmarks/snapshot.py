"""Microseconds of a profile's snapshot and of a fact, until their bytes are as they go to Kafka.

A fold takes activities of the simulated shop in memory. After every few batches the snapshots of the profiles that have
changed are made, as at a checkpoint; and the facts of a batch are emitted once more, from the detections that they came
from. Right after each, `orjson.dumps` writes equal dicts that are ready: what JSON alone costs on the same machine. The
ratio of the two depends little on how busy the machine is.
"""

import importlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import orjson

from benchmarks.fold import activities
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.context import DetectionBuffers
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.transport.record import Item

ACTIVITIES, USERS, BATCH = 50_000, 2_000, 500
BATCHES = 4
"""Batches from one checkpoint to the next."""
ALONE = 200
"""Snapshots that are made one by one."""

Progress = Callable[[str], None]
module: Any = importlib.import_module("liveprofile.profiles.fold.fold")
"""Where the fold calls `emit_activities`."""


def run(progress: Progress) -> dict[str, Any]:
    """Microseconds each, and how many times as long as `orjson.dumps` of an equal dict."""
    progress(f"folding {ACTIVITIES:,} simulated activities of {USERS:,} shoppers")
    keys, values = activities(ACTIVITIES, USERS)
    compile_fold(Policy())
    events, fold = CloudEvents("bench", lambda: 1_800_000_000_000), Fold(Policy())
    snapshots, facts, dirty = [], [], set[bytes]()
    with _emissions() as emitted:
        for low in range(0, len(keys), BATCH):
            part = values[low : low + BATCH]
            result = fold.apply(keys[low : low + BATCH], part, range(low, low + len(part)))
            dirty.update(fact.record.profile_id.encode() for fact in result.changes)
            if low < ACTIVITIES // 2:
                emitted.clear()
            else:
                facts.append(_compared(partial(_facts, list(emitted), events)))
                emitted.clear()
            if (low // BATCH + 1) % BATCHES == 0:
                snapshots.append(_compared(partial(_snapshots, fold, sorted(dirty), events)))
                dirty.clear()
    alone = [_compared(partial(_snapshots, fold, [key], events)) for key in sorted(fold.table.keys)[:ALONE]]
    one = {"snapshot_alone_us": round(statistics.median(each.us for each in alone), 1)}
    return _figures("snapshot", snapshots) | one | _figures("fact", facts)


class Compared(NamedTuple):
    """Records of one batch, and processor time for each of them in microseconds."""

    records: int
    mean_bytes: float
    us: float
    orjson_us: float


@contextmanager
def _emissions() -> Iterator[list[tuple[Any, ...]]]:
    """Copies of what the fold gives to `emit_activities`, to emit the same again."""
    emitted: list[tuple[Any, ...]] = []
    emit = module.emit_activities

    def copying(buffers: DetectionBuffers, *others: Any) -> None:
        emitted.append((DetectionBuffers._make(one.copy() for one in buffers), *others[:-1]))
        emit(buffers, *others)

    module.emit_activities = copying
    try:
        yield emitted
    finally:
        module.emit_activities = emit


def _snapshots(fold: Fold, profiles: Sequence[bytes], events: CloudEvents) -> list[Item]:
    """The records of profiles, as one checkpoint makes them."""
    shown = fold.encoded_snapshots(profiles)
    return [events.snapshot(key, one.value) for key, one in zip(profiles, shown, strict=True) if one is not None]


def _facts(emissions: Sequence[tuple[Any, ...]], events: CloudEvents) -> list[Item]:
    """The records of all facts; training examples are made on the way, as in the fold."""
    items: list[Item] = []
    for emission in emissions:
        result = FoldResult()
        module.emit_activities(*emission, result)
        items += [events.changed(fact) for fact in result.changes]
        items += [events.anomaly(fact) for fact in result.anomalies]
    return items


def _compared(make: Callable[[], list[Item]]) -> Compared:
    """Make records once, and write what is in them once more with `orjson.dumps`."""
    began = time.process_time()
    items = make()
    made = time.process_time() - began
    ready = [orjson.loads(value) for _, value, _ in items if value is not None]
    began = time.process_time()
    size = sum(len(orjson.dumps(one)) for one in ready)
    plain, count = time.process_time() - began, max(len(ready), 1)
    return Compared(len(ready), size / count, 1e6 * made / count, 1e6 * plain / count)


def _figures(name: str, batches: Sequence[Compared]) -> dict[str, Any]:
    """Medians over the later half of the batches, when caches are as warm as they get."""
    later = batches[len(batches) // 2 :]
    return {
        f"{name}_us": round(statistics.median(one.us for one in later), 1),
        f"orjson_{name}_us": round(statistics.median(one.orjson_us for one in later), 2),
        f"{name}_to_orjson": round(statistics.median(one.us / one.orjson_us for one in later), 1),
        f"{name}_bytes": round(statistics.mean(one.mean_bytes for one in later)),
        f"{name}s_a_batch": round(statistics.mean(one.records for one in later)),
    }
