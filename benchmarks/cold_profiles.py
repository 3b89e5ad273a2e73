"""The fold with a tenth of its profiles in memory and the others in RocksDB, against all in memory."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fold import activities
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import head_dtype, source_code
from liveprofile.streams.stages.profile.local_state import LocalState, LocalStates

PROFILES, MEASURED, RECORDS = 40_000, 40_000, 10_000
BATCH, CHECKPOINT = 1_000, 10_000
"""Activities in a run, and in a checkpoint."""
TENTH = PROFILES // 10
ZIPF = 1.1
"""Exponent of how often a shopper comes, by rank."""

Progress = Callable[[str], None]


def measure(progress: Progress) -> dict[str, Any]:
    """Activities per processor second, what RocksDB does in the background, checkpoints and eviction included."""
    _, records = activities(RECORDS)
    figures: dict[str, Any] = {"cold_profiles": PROFILES, "cold_in_memory": TENTH}
    for name, keys in (("uniform", _uniform()), ("zipf", _zipf())):
        whole = _rate(keys, records, None)
        with tempfile.TemporaryDirectory() as folder:
            local = LocalStates(Path(folder), "state").open(0)
            tenth = _rate(keys, records, local)
            local.close()
        progress(f"{name}: {whole:,.0f} activities/s in memory, {tenth:,.0f} with a tenth of the profiles there")
        figures |= {f"{name}_in_memory_per_s": round(whole), f"{name}_tenth_in_memory_per_s": round(tenth)}
    return figures


def _uniform() -> list[int]:
    drawn: list[int] = np.random.default_rng(1).integers(0, PROFILES, MEASURED).tolist()
    return drawn


def _zipf() -> list[int]:
    weights = 1.0 / np.arange(1, PROFILES + 1) ** ZIPF
    drawn: list[int] = np.random.default_rng(2).choice(PROFILES, MEASURED, p=weights / weights.sum()).tolist()
    return drawn


def _rate(keys: Sequence[int], records: Sequence[bytes], local: LocalState | None) -> float:
    """Fold one activity of everybody, then measure the activities of `keys`."""
    fold = Fold(Policy(), store=local)
    for at in range(0, PROFILES, CHECKPOINT):
        _fold(fold, list(range(at, min(at + CHECKPOINT, PROFILES))), records, at, local)
    seconds = 0.0
    for at in range(0, MEASURED, CHECKPOINT):
        seconds += _fold(fold, keys[at : at + CHECKPOINT], records, PROFILES + at, local)
    return MEASURED / seconds


def _fold(fold: Fold, keys: Sequence[int], records: Sequence[bytes], first: int, local: LocalState | None) -> float:
    """Fold runs up to a checkpoint, and do with it what a worker does when it is durable; processor seconds."""
    runs = []
    for at in range(0, len(keys), BATCH):
        offsets = range(first + at, first + min(at + BATCH, len(keys)))
        runs.append(([b"%032x" % key for key in keys[at : at + BATCH]], list(_at(offsets, records)), offsets))
    began = time.process_time()
    for run in runs:
        fold.apply(*run)
    written, _ = fold.checkpoint()
    if local is not None:
        local.put_many(written)
        fold.evict(TENTH)
    return time.process_time() - began


def _at(offsets: Sequence[int], records: Sequence[bytes]) -> Iterator[bytes]:
    """Records as if they came from these places of the input."""
    place = int(head_dtype(Policy().dims).fields["source"][1])  # type: ignore[index]  # a record dtype has fields
    for offset in offsets:
        record = records[offset % len(records)]
        yield record[:place] + source_code("clicks", 0, offset).to_bytes(8, "little") + record[place + 8 :]
