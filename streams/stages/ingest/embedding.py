"""Vectors of texts: from memory, from the disk cache, or embedded in small batches on one thread."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.streams.stages.ingest.counters import EmbeddingCounters
from liveprofile.streams.stages.ingest.lru import TwoGenerationCache

Embedded = tuple[bytes, str | None]
"""A text's unit vector (int16 little-endian, VECTOR_ONE is 1.0), and the nearest named topic, if it is near enough."""


class EmbeddingError(LiveprofileError):
    """The model or the text cache failed, or the service was stopped. A retry does not help; see the cause."""

    next_step = "Look at the cause: the model folder, the text cache or memory."


class TextEmbedder(Protocol):
    """The used part of `models.embedder.Embedder`."""

    model_id: str
    dims: int

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]: ...


class Cache(Protocol):
    """The used part of `models.text_cache.TextCache`. All methods are called on the embedding thread."""

    def get_many(self, texts: Sequence[str]) -> dict[str, bytes]: ...
    def put_many(self, items: Mapping[str, bytes]) -> None: ...
    def close(self) -> None: ...


class NamedTopics(Protocol):
    """The used part of `models.topic_names.TopicNames`."""

    def nearest(self, vectors: npt.NDArray[np.float32]) -> list[str | None]: ...


class EmbeddingService:
    """Vectors for all partitions of a worker.

    Texts in memory are answered at once. Other texts wait up to `wait_s` for a batch of at most `max_batch`. The thread
    looks in the disk cache first, then calls the model. A text that is already requested is not requested again, and
    callers wait while more than `queue_texts` texts are queued. If the model or the cache fails, all present and later
    callers get an EmbeddingError. The process has to stop then, because a wrong vector would stay in profiles for ever.
    """

    def __init__(
        self,
        embedder: TextEmbedder,
        cache: Cache,
        topics: NamedTopics,
        *,
        counters: EmbeddingCounters | None = None,
        max_batch: int = 32,
        wait_s: float = 0.002,
        queue_texts: int = 4096,
        remembered: int = 32_768,
    ) -> None:
        self.dims = embedder.dims
        self.counters = counters or EmbeddingCounters()
        self._embedder = embedder
        self._cache = cache
        self._topics = topics
        self._max_batch = max_batch
        self._wait_s = wait_s
        self._recent: TwoGenerationCache[Embedded] = TwoGenerationCache(remembered)
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._queue_texts = queue_texts
        self._room = asyncio.Event()
        self._awaited: dict[str, asyncio.Future[Embedded]] = {}
        self._failure: Exception | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the task that takes texts from the queue."""
        self._worker = asyncio.create_task(self._work(), name="embedding")

    async def stop(self) -> None:
        """Finish the present batch, write and close the cache, end the thread."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])
            self._worker = None
        self._fail(RuntimeError("the embedding service was stopped"))
        await asyncio.get_running_loop().run_in_executor(self._thread, self._cache.close)
        self._thread.shutdown()

    async def vectors(self, texts: Sequence[str]) -> list[Embedded]:
        """The vectors of normalised texts, in their order. EmbeddingError if they cannot be computed."""
        recall = self._recent.get
        found = [recall(text) for text in texts]
        missing = found.count(None)
        self.counters.texts += len(texts)
        self.counters.from_memory += len(texts) - missing
        if not missing:
            return found  # type: ignore[return-value]  # no None is in it
        answers = await self._ask([text for text, known in zip(texts, found, strict=True) if known is None])
        return [known or answers[text] for text, known in zip(texts, found, strict=True)]

    async def _ask(self, texts: list[str]) -> dict[str, Embedded]:
        asked = {text: await self._future_of(text) for text in dict.fromkeys(texts)}
        self.counters.shared += len(texts) - len(asked)
        await asyncio.wait(asked.values())  # unlike gather: a cancelled caller does not cancel shared futures
        return {text: future.result() for text, future in asked.items()}

    async def _future_of(self, text: str) -> asyncio.Future[Embedded]:
        """The future of a text's vector; a new text is queued, which may have to wait for room."""
        while self._queue.qsize() >= self._queue_texts:
            self._room.clear()
            await self._room.wait()
        if self._failure is not None:
            raise self._error()
        future = self._awaited.get(text)
        if future is None:
            future = self._awaited[text] = asyncio.get_running_loop().create_future()
            self._queue.put_nowait(text)
            self.counters.asked += 1
        else:
            self.counters.shared += 1
        return future

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._failure is None:
            batch = await self._next_batch()
            try:
                answers = await loop.run_in_executor(self._thread, self._compute, batch)
            except Exception as error:
                self._fail(error)
            else:
                self._answer(answers)

    async def _next_batch(self) -> list[str]:
        batch = [await self._queue.get()]
        if self._queue.qsize() + 1 < self._max_batch:
            await asyncio.sleep(self._wait_s)
        while len(batch) < self._max_batch and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        self._room.set()
        return batch

    def _answer(self, answers: Mapping[str, Embedded]) -> None:
        for text, embedded in answers.items():
            self._recent.put(text, embedded)
            future = self._awaited.pop(text)
            if not future.done():
                future.set_result(embedded)

    def _fail(self, error: Exception) -> None:
        """Set the error for all present and later callers; empty the queue, so that no caller waits for room."""
        self._failure = self._failure or error
        for future in self._awaited.values():
            if not future.done():
                future.set_exception(self._error())
                future.exception()  # marks it as retrieved: its caller may have been cancelled
        self._awaited.clear()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._room.set()

    def _error(self) -> EmbeddingError:
        """A new error for each caller, with the failure as its cause."""
        error = EmbeddingError(f"no vectors any more, the process has to stop: {self._failure}")
        error.__cause__ = self._failure
        return error

    def _compute(self, batch: list[str]) -> dict[str, Embedded]:
        """On the thread: vectors and topics of a batch, from the disk cache or the model."""
        started = perf_counter()
        size = 2 * self.dims
        known = {text: value for text, value in self._cache.get_many(batch).items() if len(value) >= size}
        new = self._embed([text for text in batch if text not in known])
        if new:
            self._cache.put_many(new)
        self.counters.computed(len(known) + len(new), len(known), perf_counter() - started)
        return {text: (value[:size], value[size:].decode() or None) for text, value in (known | new).items()}

    def _embed(self, texts: list[str]) -> dict[str, bytes]:
        """The cached bytes of each text: its vector, then the name of its topic."""
        if not texts:
            return {}
        rows = self._embedder.embed(texts)
        vectors = quantised(rows)
        names = self._topics.nearest(rows)
        return {
            text: vector.tobytes() + (name or "").encode()
            for text, vector, name in zip(texts, vectors, names, strict=True)
        }


def quantised(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    """Unit rows (n, dims) as int16, little-endian. ValueError if a row is not of length 1, or not a number."""
    lengths = np.linalg.norm(rows, axis=1)
    if not np.all(np.abs(lengths - 1.0) < 1e-3):
        raise ValueError(
            f"the embedder gave a vector of length {lengths[np.argmax(np.abs(np.nan_to_num(lengths) - 1.0))]}; "
            "it must be 1. Export the model again: `liveprofile export-model`."
        )
    return np.rint(rows * VECTOR_ONE).astype("<i2")
