"""The metrics of the profile stage, read from its counters and its partitions."""

import time
from collections.abc import Iterator, Mapping

from liveprofile.profiles.fold.cursor import Cursor
from liveprofile.streams.contract.refusals import Reason
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition

SOURCE = "activity"


def readings(counters: ProfileCounters, partitions: Mapping[int, Partition]) -> Iterator[Reading]:
    """All of them."""
    yield from _of_activity(counters)
    for (path, origin), count in counters.said.items():
        yield of.CHANGES.read(count, path, origin)
    for (kind, state), count in counters.steps.items():
        yield of.ANOMALIES.read(count, kind, state)
    for reason in ("demand", "idle"):
        yield of.ERASURES.read(counters.gone[reason], reason)
    oldest_ms = min(filter(None, (one.erasures.oldest_ms for one in partitions.values())), default=0)
    yield of.ERASURE_PENDING.read(max(0.0, time.time() - oldest_ms / 1000) if oldest_ms else 0)
    yield of.CHANGES_DAMPED.read(counters.suppressed)
    yield of.END_TO_END_SECONDS.read(counters.delays.folded, "folded")
    yield of.END_TO_END_SECONDS.read(counters.delays.said, "said")
    yield of.CHECKPOINT_PROFILES.read(counters.checkpoint_sizes)
    yield from _of_state(partitions)
    yield from _of_models([partition.fold.cursor for partition in partitions.values()])


def _of_activity(counters: ProfileCounters) -> Iterator[Reading]:
    found = {
        "applied": counters.applied,
        "repeated": counters.replayed + counters.resent,
        "duplicate": counters.duplicates,
        "erased": counters.erased,
        "unreadable": counters.unreadable,
    }
    for outcome, count in found.items():
        yield of.EVENTS.read(count, SOURCE, outcome)
    yield of.DEAD_LETTERS.read(counters.unreadable, SOURCE, Reason.UNREADABLE_ACTIVITY)
    yield of.ACTIVITIES.read(counters.applied, "event")
    yield of.ACTIVITIES.read(counters.controls, "control")


def _of_state(partitions: Mapping[int, Partition]) -> Iterator[Reading]:
    memory = disk = 0
    for number, partition in partitions.items():
        yield of.PROFILES.read(len(partition.fold.table), str(number))
        memory += partition.fold.table.rows.nbytes
        disk += partition.local.bytes_on_disk if partition.local is not None else 0
    yield of.STATE_BYTES.read(memory, "memory")
    if any(partition.local is not None for partition in partitions.values()):
        yield of.STATE_BYTES.read(disk, "rocksdb")


def _of_models(cursors: list[Cursor]) -> Iterator[Reading]:
    """The newest version of each model that is in force in a partition of this worker."""
    versions: dict[str, int] = {}
    for cursor in cursors:
        for what, adopted in cursor.adopted.items():
            number = adopted.label.rpartition("@")[2]
            if number.isdigit():
                versions[what] = max(versions.get(what, 0), int(number))
    for what, version in versions.items():
        yield of.MODEL_VERSION.read(version, what)
