"""Heavy batches through ingest in memory: the longest pause of the event loop, and the memory of what is kept.

A pause as long as a worker's session costs it its partitions, and the same records come again. Vectors are drawn.
"""

import asyncio
import gzip
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.streams.backtest.engine.memory_log import MemoryLog, MemoryRecord
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
from liveprofile.streams.stages.ingest.stage import IngestStage
from liveprofile.streams.transport.record import Item

BEAT_S = 0.01
MEBIBYTE = 1 << 20
NOW_MS = 1_790_000_000_000

Progress = Callable[[str], None]


class _Counting(MemoryLog):
    """Counts what is sent, and drops it."""

    def __init__(self) -> None:
        super().__init__(Topics())
        self.records = self.most_bytes = 0

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        self.records += len(items)
        self.most_bytes = max(self.most_bytes, sum(len(value or b"") for _, value, _ in items))
        return None


class _OneVector:
    """An embedder, a cache and named topics in one, none of which does anything."""

    model_id, dims = "none@1", 128

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dims), np.float32)
        rows[:, 0] = 1.0
        return rows

    def get_many(self, texts: Sequence[str]) -> dict[str, bytes]:
        return {}

    def put_many(self, items: Mapping[str, bytes]) -> None:
        pass

    def close(self) -> None:
        pass

    def nearest(self, vectors: npt.NDArray[np.float32]) -> list[str | None]:
        return [None] * len(vectors)


def batches() -> dict[str, tuple[str, list[bytes]]]:
    """Topic and values of each kind of batch."""
    cards = "4444 4444 4444 4445 " * 9
    queries = [{"user_id": f"u{n}", "query": "abcdefghij" * 100 + str(n)} for n in range(250)]
    usual = [{"user_id": f"u{n}", "query": f"red vase {n} cm"} for n in range(250)]
    orders = [
        {"user_id": "u", "items": [{"title": f"t{n}{one} {cards}", "price": 1.0} for n in range(4500)]}
        for one in range(20)
    ]
    digits = " ".join(f"{n}-{n + 1} 4111 {n}" for n in range(1000, 1060))[:480]
    dense = [{"user_id": "u", "items": [{"title": f"{n} {digits}", "price": 1.0} for n in range(1_800)]}] * 2
    empty, bare = {"user_id": "u", "items": [{}] * 200}, {"user_id": "u", "items": [{"title": "a"}] * 200}
    return {
        "usual_queries": ("searches", _written(usual)),
        "long_queries": ("searches", _written(queries)),
        "long_orders": ("purchases", _written(orders)),
        "dense_orders": ("purchases", _written(dense)),
        "empty_lines": ("purchases", _filled(empty)),
        "bare_lines": ("purchases", _filled(bare)),
    }


def _written(events: Sequence[object]) -> list[bytes]:
    return [orjson.dumps(event) for event in events]


def _filled(event: object) -> list[bytes]:
    """A mebibyte of one event."""
    one = orjson.dumps(event)
    return [one] * (MEBIBYTE // len(one))


def run(progress: Progress) -> dict[str, Any]:
    """Seconds, the longest pause, activities, bytes at once and growth of resident memory of each batch."""
    figures: dict[str, Any] = {}
    for name, (topic, values) in batches().items():
        one = asyncio.run(_measure(topic, values))
        progress(f"{name}: {one['input_mb']} MB in {one['seconds']} s, longest pause {one['longest_pause_s']} s")
        figures |= {f"{name}_{figure}": value for figure, value in one.items()}
    return figures


async def _measure(topic: str, values: list[bytes]) -> dict[str, float]:
    one = _OneVector()
    stage, outbox = _stage(topic, EmbeddingService(one, one, one)), _Counting()
    batch = [MemoryRecord(topic, 0, place, NOW_MS, None, value) for place, value in enumerate(values)]
    await stage.start(outbox)
    before_kb, pauses = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [0.0]
    beating = asyncio.create_task(_beat(pauses))
    await asyncio.sleep(0)
    began = time.perf_counter()
    await stage.handle(topic, 0, batch, lambda: None)
    seconds = time.perf_counter() - began
    await asyncio.sleep(2 * BEAT_S)
    beating.cancel()
    await stage.stop()
    whole = b"".join(values)
    return {
        "input_mb": round(len(whole) / 1e6, 2),
        "gzipped_bytes": len(gzip.compress(whole)),
        "seconds": round(seconds, 2),
        "longest_pause_s": round(max(pauses), 3),
        "activities": outbox.records,
        "mb_at_once": round(outbox.most_bytes / 1e6, 1),
        "resident_growth_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024, 1),
    }


def _stage(topic: str, embedding: EmbeddingService) -> IngestStage:
    return IngestStage(
        key=PseudonymKey(b"a key of the benchmark"),
        embedding=embedding,
        activity_topic=Topics().activity,
        clock_ms=lambda: NOW_MS,
        topics=(topic,),
    )


async def _beat(pauses: list[float]) -> None:
    """Notes for how long the loop was away, beyond the pause between two beats."""
    last = time.perf_counter()
    while True:
        await asyncio.sleep(BEAT_S)
        now = time.perf_counter()
        pauses.append(now - last - BEAT_S)
        last = now
