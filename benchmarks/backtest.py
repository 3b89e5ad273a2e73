"""How fast a backtest goes: half a million lines of UCI Online Retail through ingest, both folds and the learner.

The file has fewer lines than that where only a part of it is at hand. So a second copy of the shop follows on the first
one, later and with other customers and orders, until there are enough. The text cache is warm: distinct titles are
embedded before the clock runs.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.shop import MODEL
from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.parts import OfflineWiring, offline
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Record, Skipped
from liveprofile.streams.settings import Settings
from liveprofile.streams.stages.ingest.warm import warm_texts

DATA = "LIVEPROFILE_ONLINE_RETAIL"
"""Names the file: UCI Online Retail as CSV, plain or gzip."""
LINES = 541_909
"""As many as the whole file has: above 500,000 activities, since the lines of very long orders are taken together."""
NAMES = ("user_id", "anonymous_id", "event_id", "order_id")
"""Fields that are another's in every copy."""
Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Seconds and activities a second; and of reading the file, and of the compiled fold alone, in the same run."""
    path = os.environ.get(DATA)
    if path is None:
        raise SystemExit(f"Set {DATA} to the file of UCI Online Retail (CSV or CSV.gz).")
    began = time.perf_counter()
    records = list(copies(Path(path), LINES))
    read_s = time.perf_counter() - began
    progress(f"{len(records):,} orders, read in {read_s:.0f} s")
    return asyncio.run(_run(records, read_s, progress))


def copies(path: Path, lines: int) -> Iterator[Record]:
    """The file's records again and again, each copy behind the one before it, until there are so many lines."""
    shift_ms, last_ms, copy, taken = 0, 0, 0, 0
    while taken < lines:
        first_ms: int | None = None
        with DataFile(path) as file:
            for record in read_file(file, path, FORMATS["online-retail"], Skipped()):
                time_ms = record.time_ms or 0
                first_ms = time_ms if first_ms is None else first_ms
                last_ms = max(last_ms, time_ms)
                taken += len(record.fields["items"])
                yield _copied(record, copy, copy * shift_ms)
                if taken >= lines:
                    return
        shift_ms, copy = last_ms - (first_ms or last_ms) + 1, copy + 1


def _copied(record: Record, copy: int, shift_ms: int) -> Record:
    """The record as it is for the first copy; later, and of somebody else, for the others."""
    if not copy:
        return record
    renamed = {name: f"{record.fields[name]}-{copy}" for name in NAMES if name in record.fields}
    later = {"ts": record.fields["ts"] + shift_ms}
    return record._replace(key=f"{record.key}-{copy}", fields=record.fields | renamed | later)


async def _run(records: list[Record], read_s: float, progress: Progress) -> dict[str, Any]:
    wiring = OfflineWiring(offline(Settings(data_dir=str(MODEL.parent), model_dir=str(MODEL), currency="GBP")))
    titles = {item["title"]: None for record in records for item in record.fields["items"]}
    new = await warm_texts(wiring.embedding(), list(titles), lambda count: None)
    progress(f"{len(titles):,} titles, {new:,} of them embedded now")
    async with Engine(wiring) as engine:
        began, busy = time.perf_counter(), time.process_time()
        await engine.run(of_file(records), lambda done: progress(f"{done:,} orders") if not done % 10_000 else None)
        seconds, busy_s = time.perf_counter() - began, time.process_time() - busy
    applied, fold_s = engine.counters.applied, engine.counters.fold_s
    return {
        "lines": LINES,
        "orders": engine.records,
        "activities": applied,
        "profiles": sum(len(one.fold.table) for one in engine.partitions),
        "changes": engine.counters.changes,
        "seconds": round(read_s + seconds, 1),
        "processor_s": round(busy_s, 1),
        "activities_per_s": round(applied / (read_s + seconds)),
        "reader_alone_s": round(read_s, 1),
        "fold_alone_s": round(fold_s, 1),
        "times_the_fold_alone": round((read_s + seconds) / fold_s, 2),
    }
