"""Seconds from the start of a worker's process to its readiness, and to its orderly end, with warm caches.

Topics exist and hold nothing, the fold is compiled, and the model is exported. The processor time is the worker's own
until it is ready.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.latency import end, start_worker
from benchmarks.load import processor_s
from benchmarks.shop import open_shop

ROUNDS = 7
SETS = {"all stages": (), "ingest": ("--stages", "ingest"), "profile": ("--stages", "profile")}

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Medians of several starts, by the stages of the worker."""
    figures: dict[str, Any] = {}
    with open_shop() as shop:
        end(start_worker(shop))  # files into the page cache, and the group's first members
        for name, words in SETS.items():
            ready, cores, stops = [], [], []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                worker = start_worker(shop, "worker", *words)
                ready.append(time.perf_counter() - began)
                cores.append(processor_s(worker.pid))
                began = time.perf_counter()
                end(worker)
                stops.append(time.perf_counter() - began)
            figures[name] = {
                "ready_s": round(statistics.median(ready), 2),
                "processor_s": round(statistics.median(cores), 2),
                "stop_s": round(statistics.median(stops), 2),
            }
            progress(f"{name}: ready in {figures[name]['ready_s']} s")
    return figures
