"""Bytes of a profile, as state record and as snapshot, after the UCI Online Retail lines went through all stages."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.shop import MODEL
from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.parts import OfflineWiring, offline
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.settings import Settings

DATA = "LIVEPROFILE_ONLINE_RETAIL"
"""Names the file: UCI Online Retail as CSV, plain or gzip."""
CACHE = MODEL.parent
TICK_S = 3600.0


def run(progress: Callable[[str], None]) -> dict[str, Any]:
    """Median, 99th percentile and largest of both, and how fast the engine went."""
    path = os.environ.get(DATA)
    if path is None:
        raise SystemExit(f"Set {DATA} to the file of UCI Online Retail (CSV or CSV.gz).")
    return asyncio.run(_run(Path(path), progress))


async def _run(path: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    settings = offline(Settings(data_dir=str(CACHE), model_dir=str(MODEL), currency="GBP"))
    async with Engine(OfflineWiring(settings), tick_s=TICK_S) as engine:
        began = time.perf_counter()
        with DataFile(path) as file:
            records = read_file(file, path, FORMATS["online-retail"], Skipped())
            await engine.run(
                of_file(records), lambda count: progress(f"{count:,} orders") if not count % 4_000 else None
            )
        seconds = time.perf_counter() - began
        (snapshots, *_), (profiles,), _ = engine.partitions[0].encode()
    applied = engine.counters.applied
    return {
        **_sizes("state", [value for key, value, _ in profiles.items if key and value and not key.startswith(b"\x00")]),
        **_sizes("snapshot", [value for _, value, _ in snapshots.items if value]),
        "profiles": len(engine.partitions[0].fold.table),
        "orders": engine.records,
        "lines": applied,
        "changes": engine.counters.changes,
        "seconds": round(seconds, 1),
        "lines_per_s": round(applied / seconds),
    }


def _sizes(name: str, values: Sequence[bytes]) -> dict[str, int]:
    """Bytes by rank."""
    ranks = np.percentile([len(value) for value in values], (50, 99, 100))
    return {f"{name}_{rank}_bytes": round(size) for rank, size in zip(("median", "p99", "largest"), ranks, strict=True)}
