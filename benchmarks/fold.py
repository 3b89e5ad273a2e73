"""The fold alone, in memory: a history first, then the measured traffic of shoppers who are known, then a hot shopper.

Events come from the simulated shop through ingest's own validation and encoding. Their vectors are drawn around one
direction per topic, so that neither a model nor a broker is needed.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import VECTOR_ONE, digest64, source_code
from liveprofile.streams.runtime.collector import spare_the_collector
from liveprofile.streams.simulator.simulator import Simulator
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

SEED, USERS = 7, 2_000
HISTORY, MEASURED, HOT = 120_000, 60_000, 20_000
BATCH = 1_000
SMALL, CALLS = (1, 8, 64), 300
"""Activities of a call where there is little to do, and number of calls of each size."""
NOISE = 0.05
"""Length of what a text's vector adds to its topic's direction, per dimension."""

Records = tuple[list[bytes], list[bytes]]
Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Activities a second and what they led to, and microseconds per activity of a shopper with all the traffic."""
    known = HISTORY + MEASURED
    count = known + CALLS * sum(SMALL)
    progress(f"writing {count:,} simulated activities of {USERS:,} shoppers")
    keys, values = activities(count)
    compile_fold(Policy())
    spare_the_collector()  # as a worker does
    fold = Fold(Policy())
    first = _timed(fold, keys[:HISTORY], values[:HISTORY], 0)
    then = _timed(fold, keys[HISTORY:known], values[HISTORY:known], HISTORY)
    progress(f"{HISTORY:,} activities of newcomers, {MEASURED:,} of shoppers who are known")
    calls = _calls(fold, keys, values, known)
    progress(f"{CALLS:,} calls each with {', '.join(map(str, SMALL))} activities")
    hot = Fold(Policy())
    one = _timed(hot, [keys[0]] * HOT, values[:HOT], 0, batch=HOT)
    return {
        "engine_only_events_per_s": round(MEASURED / then["seconds"]),
        "changes_per_event": round(then["changes"] / MEASURED, 4),
        "newcomers_events_per_s": round(HISTORY / first["seconds"]),
        "newcomers_changes_per_event": round(first["changes"] / HISTORY, 4),
        "hot_key_us_per_event": round(1e6 * one["seconds"] / HOT, 1),
        "call_us": {
            str(size): {"median": round(median, 1), "fastest": round(least, 1)} for size, median, least in calls
        },
        "bytes_per_profile": fold.table.rows.itemsize,
        "batch": BATCH,
        "shoppers": len(fold.table),
    }


def _timed(fold: Fold, keys: list[bytes], values: list[bytes], start: int, batch: int = BATCH) -> dict[str, Any]:
    """Fold in batches; processor seconds, and changes."""
    changes, began = 0, time.process_time()
    for low in range(0, len(keys), batch):
        part = values[low : low + batch]
        result = fold.apply(keys[low : low + batch], part, range(start + low, start + low + len(part)))
        changes += len(result.changes)
    return {"seconds": time.process_time() - began, "changes": changes}


def _calls(fold: Fold, keys: list[bytes], values: list[bytes], start: int) -> list[tuple[int, float, float]]:
    """Size of a batch, and median and least processor microseconds of a call with so many of the next activities."""
    found = []
    for size in SMALL:
        times: list[float] = []
        for _ in range(CALLS):
            of = slice(start, start + size)
            began = time.process_time()
            fold.apply(keys[of], values[of], range(start, start + size))
            times.append(1e6 * (time.process_time() - began))
            start += size
        found.append((size, statistics.median(times), min(times)))
    return found


def activities(count: int, users: int = USERS, dims: int = 128) -> Records:
    """Keys and activity records of simulated shoppers."""
    random, encoder = np.random.default_rng(SEED), Encoder(dims)
    keys: list[bytes] = []
    values: list[bytes] = []
    for offset, (event, time_ms) in enumerate(_valid_events(users)):
        texts = [(_vector(line.category or line.text, dims, random), None) for line in event.lines]
        records = encoder.encode(event, texts, source_code("clicks", 0, offset), time_ms, 0)
        keys += [blake2b(event.shopper.encode(), digest_size=16).hexdigest().encode()] * len(records)
        values += records
        if len(values) >= count:
            break
    return keys[:count], values[:count]


def _valid_events(users: int) -> Iterator[tuple[ValidatedEvent, int]]:
    """What ingest accepts of the simulated shop, and when it happened."""
    for event in Simulator(SEED, users).events():
        accepted = validate(event.topic, event.value())
        if isinstance(accepted, ValidatedEvent):
            yield accepted, event.event_time_ms


def _vector(text: str, dims: int, random: np.random.Generator) -> bytes:
    """A unit vector near the direction that belongs to a text, as activity records hold it."""
    vector = _direction(text, dims) + random.normal(scale=NOISE, size=dims)
    vector /= np.linalg.norm(vector)
    return np.rint(vector * VECTOR_ONE).astype("<i2").tobytes()


@lru_cache(maxsize=100_000)
def _direction(text: str, dims: int) -> npt.NDArray[np.float64]:
    vector = np.random.default_rng(digest64(text)).normal(size=dims)
    unit: npt.NDArray[np.float64] = vector / np.linalg.norm(vector)
    return unit
