"""Written fakes for the tests of ingest: records, an outbox in memory, an embedder and a cache."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.records.activity import LAYOUT
from liveprofile.streams.transport.record import Item

from .sends_all import SendsAll  # as tests.cases imports it, too

DIMS = 16


@dataclass(slots=True)
class FakeRecord:
    """A record as aiokafka gives it."""

    value: bytes | None
    offset: int = 0
    topic: str = "clicks"
    partition: int = 0
    timestamp: int = 1_750_000_000_000
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def records(values: Sequence[bytes | None], first_offset: int = 0) -> list[FakeRecord]:
    """Values as records with offsets in order."""
    return [FakeRecord(value, first_offset + place) for place, value in enumerate(values)]


def click(**fields: object) -> bytes:
    """A valid click, with some fields changed."""
    return orjson.dumps({"user_id": "u1", "ts": "2025-06-01T10:00:00Z", "title": "Red Vase", **fields})


@dataclass
class MemoryOutbox(SendsAll):
    """Keeps what is sent; `failing` topics raise."""

    counts: Mapping[str, int] = field(default_factory=lambda: {"activity": 4, "dead-letters": 2})
    sent: dict[tuple[str, int], list[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    failing: frozenset[str] = frozenset()

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> None:
        if topic in self.failing:
            raise ConnectionError(f"{topic} cannot be reached")
        self.sent[topic, partition] += items

    def partitions(self, topic: str) -> int:
        return self.counts[topic]

    def generation(self, topic: str) -> int:
        return 0

    def layout(self, topic: str) -> int:
        return LAYOUT

    def owns(self, topic: str, partition: int) -> bool:
        return True

    def values(self, topic: str) -> list[bytes | None]:
        """All values of a topic, partition by partition."""
        return [value for (name, _), items in sorted(self.sent.items()) if name == topic for _, value, _ in items]


class HashEmbedder:
    """Unit vectors drawn from a digest of the text; remembers its calls and can be told to fail."""

    model_id = "hash@1"
    dims = DIMS

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[list[str]] = []
        self.threads: set[str] = set()
        self.failure = failure
        self.gate = threading.Event()
        self.gate.set()

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.gate.wait(10)
        self.calls.append(list(texts))
        self.threads.add(threading.current_thread().name)
        if self.failure:
            raise self.failure
        rows = [np.frombuffer(blake2b(text.encode(), digest_size=2 * DIMS).digest(), "<i2") for text in texts]
        vectors = np.array(rows, np.float32)
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class DictCache:
    """A text cache in memory."""

    def __init__(self, items: Mapping[str, bytes] | None = None) -> None:
        self.items = dict(items or {})
        self.closed = False

    def get_many(self, texts: Sequence[str]) -> dict[str, bytes]:
        return {text: self.items[text] for text in texts if text in self.items}

    def put_many(self, items: Mapping[str, bytes]) -> None:
        self.items.update(items)

    def close(self) -> None:
        self.closed = True


class HalfNamedTopics:
    """Names the topic 'home/decor' for about half of all vectors, and none for the others."""

    def nearest(self, vectors: npt.NDArray[np.float32]) -> list[str | None]:
        return ["home/decor" if row[0] > 0 else None for row in vectors]
